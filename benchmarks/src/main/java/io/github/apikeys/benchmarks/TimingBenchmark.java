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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.jpa.JpaApiKeyService;
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

	private static final int ROUNDS = 2000;

	/** Longer than changes of keys are asked for. */
	private static final Duration WARM_UP = Duration.ofSeconds(65);

	private static final Duration SHORTLY = Duration.ofSeconds(5);

	/**
	 * In each state, since keys differ by where they lie in memory, too; so few that all
	 * of them stay in the caches of a processor.
	 */
	private static final int KEYS = 64;

	private static final List<String> STATES = List.of("active", "active again", "expired", "disabled", "revoked");

	/** The group behind those: what is not even a token must be told apart. */
	private static final int CONTROL = STATES.size();

	private static final ApiKeyTokenFormat FORMAT = new ApiKeyTokenFormat("ak", List.of());

	private final JpaApiKeyService apiKeys;

	private final Random random = new Random();

	private final String[][] tokens = new String[CONTROL + 1][KEYS];

	private TimingBenchmark(JpaApiKeyService apiKeys) {
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
					"spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID(), "api-key.cache.enabled=" + cached,
					// on a busy machine the database is silent now and then
					"api-key.cache.max-staleness=15s")
			.run()) {
			TimingBenchmark benchmark = new TimingBenchmark(context.getBean(JpaApiKeyService.class));
			benchmark.createKeys();
			benchmark.warmUp();
			long[][][] nanos = benchmark.sample(ROUNDS);
			System.out.printf("%nKeys %s, %d in each state, %d samples of each key%n%n", title, KEYS, ROUNDS);
			return print(nanos);
		}
	}

	/**
	 * One of each state after the other, so that their rows are neighbours.
	 */
	private void createKeys() throws InterruptedException {
		for (int i = 0; i < KEYS; i++) {
			for (int group = 0; group < STATES.size(); group++) {
				this.tokens[group][i] = wrongSecret(createKey(STATES.get(group)).getKeyId());
			}
			this.tokens[CONTROL][i] = damage(this.tokens[0][i]);
		}
		Thread.sleep(SHORTLY.toMillis());
	}

	private ApiKey createKey(String state) {
		NewApiKey attributes = NewApiKey.named("key").scopes("orders:read");
		ApiKey key = this.apiKeys
			.create(state.equals("expired") ? attributes.expiresIn(SHORTLY) : attributes.neverExpires())
			.apiKey();
		return switch (state) {
			case "disabled" -> this.apiKeys.disable(key.getId());
			case "revoked" -> this.apiKeys.revoke(key.getId());
			default -> key;
		};
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
			sample(1);
		}
	}

	/**
	 * Presents each token once in each round, in random order.
	 * @return nanoseconds by group, key and round
	 */
	private long[][][] sample(int rounds) {
		long[][][] nanos = new long[this.tokens.length][KEYS][rounds];
		List<Integer> order = new ArrayList<>(IntStream.range(0, this.tokens.length * KEYS).boxed().toList());
		for (int round = 0; round < rounds; round++) {
			Collections.shuffle(order, this.random);
			for (int next : order) {
				String token = this.tokens[next / KEYS][next % KEYS];
				long start = System.nanoTime();
				boolean accepted = this.apiKeys.verify(token, "203.0.113.7").isPresent();
				nanos[next / KEYS][next % KEYS][round] = System.nanoTime() - start;
				if (accepted) {
					throw new IllegalStateException("A wrong secret was accepted");
				}
			}
		}
		return nanos;
	}

	private static boolean print(long[][][] nanos) {
		long limit = limit(nanos);
		List<Sample> samples = Arrays.stream(nanos).map((group) -> Sample.of(group, limit)).toList();
		System.out.println("| | mean ns | deviation of keys | t: " + String.join(" | ", STATES) + " | malformed |");
		System.out.println("|---|---|---|" + "---|".repeat(samples.size()));
		double largest = 0;
		for (int row = 0; row < samples.size(); row++) {
			Sample sample = samples.get(row);
			StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "| %s | %.1f | %.1f |",
					(row < CONTROL) ? STATES.get(row) : "malformed", sample.mean(), Math.sqrt(sample.variance())));
			for (int column = 0; column < samples.size(); column++) {
				double t = sample.t(samples.get(column));
				line.append((row == column) ? " |" : String.format(Locale.ROOT, " %.2f |", t));
				if (row < CONTROL && column < CONTROL) {
					largest = Math.max(largest, Math.abs(t));
				}
			}
			System.out.println(line);
		}
		double control = Math.abs(samples.get(0).t(samples.get(CONTROL)));
		System.out.printf(Locale.ROOT, "%nLargest |t| of two states: %.2f, of a malformed text: %.2f, limit %.1f%n",
				largest, control, THRESHOLD);
		return largest < THRESHOLD && control >= THRESHOLD;
	}

	/**
	 * The same for all groups, or it would hide differences.
	 */
	private static long limit(long[][][] nanos) {
		long[] sorted = Arrays.stream(nanos, 0, CONTROL)
			.flatMap(Arrays::stream)
			.flatMapToLong(Arrays::stream)
			.sorted()
			.toArray();
		return sorted[(int) (sorted.length * KEPT)];
	}

	/**
	 * What is known of the times of a group. The unit is the key: its samples are not
	 * independent of each other.
	 */
	private record Sample(int count, double mean, double variance) {

		static Sample of(long[][] nanosByKey, long limit) {
			double[] means = Arrays.stream(nanosByKey)
				.map((nanos) -> Arrays.stream(nanos).filter((value) -> value <= limit).average())
				.flatMapToDouble(OptionalDouble::stream)
				.toArray();
			double mean = Arrays.stream(means).average().orElseThrow();
			double squares = Arrays.stream(means).map((value) -> (value - mean) * (value - mean)).sum();
			return new Sample(means.length, mean, squares / (means.length - 1));
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
