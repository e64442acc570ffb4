/*
 * Copyright 2026 the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.github.apikeys.benchmarks;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What the parts of a verification cost by themselves, each done the way it is done
 * there.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseSerialGC")
public class VerificationPartsBenchmark {

	private final ApiKeyTokenFormats formats = new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of()));

	private final String token = this.formats.issued().generate(new SecureRandomApiKeyGenerator()).value();

	private final Cache<String, String> memory = Caffeine.newBuilder().maximumSize(10_000).build();

	private final ConcurrentMap<Day, LongAdder> counters = new ConcurrentHashMap<>();

	private final UUID id = UUID.randomUUID();

	public VerificationPartsBenchmark() {
		this.memory.put(keyId(), "key");
		this.counters.put(new Day(this.id, 20_000), new LongAdder());
	}

	/**
	 * Runs the benchmark.
	 * @param arguments none
	 * @throws RunnerException if it fails
	 */
	public static void main(String[] arguments) throws RunnerException {
		new Runner(new OptionsBuilder().include(VerificationPartsBenchmark.class.getName())
			.shouldFailOnError(true)
			.build()).run();
	}

	private String keyId() {
		return this.token.substring(3, 15);
	}

	@Benchmark
	public void clocks(Blackhole blackhole) {
		blackhole.consume(System.nanoTime());
		blackhole.consume(Instant.now());
	}

	@Benchmark
	public @Nullable PresentedToken form() {
		return this.formats.parse(this.token);
	}

	@Benchmark
	public @Nullable String memory() {
		return this.memory.getIfPresent(keyId());
	}

	@Benchmark
	public void use() {
		LongAdder counter = this.counters.get(new Day(this.id, 20_000));
		if (counter != null) {
			counter.increment();
		}
	}

	/**
	 * A key and a day.
	 */
	private record Day(UUID id, long epochDay) {

	}

}
