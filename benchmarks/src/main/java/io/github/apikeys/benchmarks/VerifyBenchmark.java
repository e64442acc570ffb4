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

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * What a verification costs: of a key that is remembered, of a text that is no token, of
 * a key that does not exist; and what the hash alone would cost.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 2, jvmArgsAppend = "-XX:+UseSerialGC")
@SuppressWarnings("NullAway.Init")
public class VerifyBenchmark {

	private ConfigurableApplicationContext context;

	private JpaApiKeyService apiKeys;

	private String token;

	private String malformed;

	private String unknown;

	private byte[] bytes;

	private byte[] hash;

	/**
	 * Runs the benchmark.
	 * @param arguments none
	 * @throws RunnerException if it fails
	 */
	public static void main(String[] arguments) throws RunnerException {
		new Runner(new OptionsBuilder().include(VerifyBenchmark.class.getName())
			.addProfiler(GCProfiler.class)
			.shouldFailOnError(true)
			.build()).run();
	}

	@Setup
	public void start() throws NoSuchAlgorithmException {
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID(), "spring.flyway.enabled=false")
			.run();
		this.apiKeys = this.context.getBean(JpaApiKeyService.class);
		this.token = this.apiKeys.create(NewApiKey.named("client").scopes("orders:read", "orders:write")).token();
		this.malformed = this.token.substring(0, this.token.length() - 1) + (this.token.endsWith("0") ? "1" : "0");
		this.unknown = new ApiKeyTokenFormat("ak", List.of()).generate(new SecureRandomApiKeyGenerator()).value();
		this.bytes = this.token.getBytes(StandardCharsets.UTF_8);
		this.hash = MessageDigest.getInstance("SHA-256").digest(this.bytes);
	}

	@TearDown
	public void stop() {
		this.context.close();
	}

	@Benchmark
	public boolean bareHash() throws NoSuchAlgorithmException {
		return MessageDigest.isEqual(MessageDigest.getInstance("SHA-256").digest(this.bytes), this.hash);
	}

	@Benchmark
	public Optional<ApiKeyPrincipal> remembered() {
		return this.apiKeys.verify(this.token, "203.0.113.7");
	}

	@Benchmark
	public Optional<ApiKeyPrincipal> malformed() {
		return this.apiKeys.verify(this.malformed, "203.0.113.7");
	}

	@Benchmark
	public Optional<ApiKeyPrincipal> unknown() {
		return this.apiKeys.verify(this.unknown, "203.0.113.7");
	}

	/**
	 * An application without anything but keys.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
