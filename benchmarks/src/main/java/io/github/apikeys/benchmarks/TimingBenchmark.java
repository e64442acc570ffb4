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

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * Whether the time of a verification tells those who do not have the secret in which
 * state a key is. Keys of all states are presented by turns, with a right checksum and a
 * wrong secret, and Welch's t-test compares each pair of states. Exits with 1 if two can
 * be told apart, or if the test does not find a difference where there is one.
 */
public final class TimingBenchmark {

	/** From here on a difference counts as a leak, as in the assessment of hardware. */
	private static final double THRESHOLD = 4.5;

	/** What takes longer than nine tenths of all samples is what else the machine did. */
	private static final double KEPT = 0.9;

	private static final int SAMPLES = 200_000;

	/** Longer than changes of keys are asked for. */
	private static final Duration WARM_UP = Duration.ofSeconds(35);

	/** Several keys in each state: where one lies in memory is not what is measured. */
	private static final int KEYS = 64;

	private static final List<String> STATES = List.of("active", "active again", "expired", "disabled", "revoked");

	private static final String CONTROL = "malformed";

	private static final ApiKeyTokenFormat FORMAT = new ApiKeyTokenFormat("ak", List.of());

	private final ApiKeyService apiKeys;

	private final Random random = new Random();

	private final List<String> names = new ArrayList<>();

	private final List<String[]> tokens = new ArrayList<>();

	private TimingBenchmark(ApiKeyService apiKeys) {
		this.apiKeys = apiKeys;
	}

	/**
	 * Runs the benchmark.
	 * @param arguments none
	 * @throws Exception if anything fails
	 */
	public static void main(String[] arguments) throws Exception {
		boolean remembered = run("remembered", true);
		boolean read = run("read from the database each time", false);
		System.out.printf("%nJDK %s, %d processors. %s%n", System.getProperty("java.version"),
				Runtime.getRuntime().availableProcessors(), (remembered && read) ? "Passed." : "FAILED.");
		System.exit((remembered && read) ? 0 : 1);
	}

	private static boolean run(String title, boolean cached) throws Exception {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties("spring.main.banner-mode=off", "logging.level.root=warn", "spring.flyway.enabled=false",
					"spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID(), "api-key.cache.enabled=" + cached)
			.run()) {
			TimingBenchmark benchmark = new TimingBenchmark(context.getBean(ApiKeyService.class));
			benchmark.createKeys();
			benchmark.warmUp();
			long[][] nanos = benchmark.sample(SAMPLES);
			System.out.printf("%nKeys %s, %,d samples of each%n%n", title, SAMPLES);
			return benchmark.print(nanos);
		}
	}

	/**
	 * One of each state after the other, so that their rows are neighbours.
	 */
	private void createKeys() throws InterruptedException {
		Map<String, List<String>> wrong = new LinkedHashMap<>();
		STATES.forEach((state) -> wrong.put(state, new ArrayList<>()));
		Instant end = Instant.now().plusSeconds(30);
		for (int i = 0; i < KEYS; i++) {
			for (String state : STATES) {
				NewApiKey attributes = NewApiKey.named("key").scopes("orders:read");
				ApiKey key = this.apiKeys
					.create(state.equals("expired") ? attributes.expiresAt(end) : attributes.neverExpires())
					.apiKey();
				if (state.equals("disabled")) {
					this.apiKeys.disable(key.getId());
				}
				else if (state.equals("revoked")) {
					this.apiKeys.revoke(key.getId());
				}
				wrong.get(state).add(wrongSecret(key.getKeyId()));
			}
		}
		wrong.forEach((state, texts) -> add(state, texts));
		add(CONTROL, wrong.get("active").stream().map(TimingBenchmark::damage).toList());
		Thread.sleep(Math.max(0, Duration.between(Instant.now(), end).toMillis()));
	}

	private void add(String name, List<String> texts) {
		this.names.add(name);
		this.tokens.add(texts.toArray(String[]::new));
	}

	private static String wrongSecret(String keyId) {
		SecureRandomApiKeyGenerator generator = new SecureRandomApiKeyGenerator();
		return FORMAT.generate(new ApiKeyGenerator() {

			@Override
			public String generateKeyId() {
				return keyId;
			}

			@Override
			public String generateSecret() {
				return generator.generateSecret();
			}

		}).value();
	}

	private static String damage(String token) {
		return token.substring(0, token.length() - 1) + (token.endsWith("0") ? "1" : "0");
	}

	private void warmUp() {
		long start = System.nanoTime();
		while (System.nanoTime() - start < WARM_UP.toNanos()) {
			sample(1000);
		}
	}

	/**
	 * Presents a token of each group in each round, in random order.
	 */
	private long[][] sample(int rounds) {
		long[][] nanos = new long[this.tokens.size()][rounds];
		List<Integer> order = new ArrayList<>();
		for (int group = 0; group < nanos.length; group++) {
			order.add(group);
		}
		for (int round = 0; round < rounds; round++) {
			Collections.shuffle(order, this.random);
			for (int group : order) {
				String token = this.tokens.get(group)[this.random.nextInt(KEYS)];
				long start = System.nanoTime();
				boolean accepted = this.apiKeys.verify(token, "203.0.113.7").isPresent();
				nanos[group][round] = System.nanoTime() - start;
				if (accepted) {
					throw new IllegalStateException("A wrong secret was accepted");
				}
			}
		}
		return nanos;
	}

	private boolean print(long[][] nanos) {
		long[] sorted = Arrays.stream(nanos, 0, STATES.size()).flatMapToLong(Arrays::stream).sorted().toArray();
		long limit = sorted[(int) (sorted.length * KEPT)];
		List<Sample> samples = new ArrayList<>();
		System.out.println("| | samples kept | mean ns | deviation | " + String.join(" | ", this.names) + " |");
		System.out.println("|---|---|---|---|" + "---|".repeat(this.names.size()));
		for (long[] values : nanos) {
			samples.add(Sample.of(Arrays.stream(values).filter((value) -> value <= limit)));
		}
		double largest = 0;
		for (int row = 0; row < samples.size(); row++) {
			Sample sample = samples.get(row);
			StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "| %s | %d | %.1f | %.1f |",
					this.names.get(row), sample.count(), sample.mean(), Math.sqrt(sample.variance())));
			for (int column = 0; column < samples.size(); column++) {
				double t = sample.t(samples.get(column));
				line.append((row == column) ? " |" : String.format(Locale.ROOT, " %.2f |", t));
				if (row < STATES.size() && column < STATES.size()) {
					largest = Math.max(largest, Math.abs(t));
				}
			}
			System.out.println(line);
		}
		double control = Math.abs(samples.get(0).t(samples.get(this.names.indexOf(CONTROL))));
		System.out.printf(Locale.ROOT, "%nLargest |t| of two states: %.2f, of a malformed text: %.2f, limit %.1f%n",
				largest, control, THRESHOLD);
		return largest < THRESHOLD && control >= THRESHOLD;
	}

	/**
	 * What is known of the times of a group.
	 */
	private record Sample(long count, double mean, double variance) {

		static Sample of(LongStream values) {
			long[] kept = values.toArray();
			double mean = Arrays.stream(kept).average().orElseThrow();
			double squares = Arrays.stream(kept).mapToDouble((value) -> (value - mean) * (value - mean)).sum();
			return new Sample(kept.length, mean, squares / (kept.length - 1));
		}

		/**
		 * Welch's t: the difference of the means by its standard error.
		 */
		double t(Sample other) {
			return (this.mean - other.mean) / Math.sqrt(this.variance / this.count + other.variance / other.count);
		}

	}

	/**
	 * An application without anything but keys.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
