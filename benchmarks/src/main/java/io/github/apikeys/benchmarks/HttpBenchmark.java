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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jspecify.annotations.Nullable;

/**
 * Compares what an endpoint can do behind different mechanisms. Each application is a
 * process of its own; the rounds are interleaved, after each target was warmed up for
 * more than a minute.
 */
public final class HttpBenchmark {

	private static final Pattern HEADER = Pattern.compile("HEADER <(.*)>");

	static final int WARM_UP_SECONDS = 65;

	private static final int ROUNDS = 6;

	private static final int ROUND_SECONDS = 10;

	private HttpBenchmark() {
	}

	/**
	 * Runs the benchmark.
	 * @param args nothing
	 * @throws Exception if anything fails
	 */
	public static void main(String[] args) throws Exception {
		Map<String, String> targets = new LinkedHashMap<>();
		targets.put("no Spring Security", "none /hello");
		targets.put("open endpoint in the chain of the next", "keys /open");
		targets.put("API key, rule in the chain", "keys /hello");
		targets.put("API key, @HasApiKey", "keys /annotated");
		targets.put("API key, lean chain", "lean /hello");
		targets.put("JWT, RS256", "jwt /hello");
		targets.put("query by SHA-256 in a filter by hand, no Spring Security", "query /hello");
		targets.put("HTTP Basic, bcrypt", "basic /hello");
		run(targets, WARM_UP_SECONDS, List.of());
	}

	static void run(Map<String, String> targets, int warmUpSeconds, List<String> jvmOptions, String... arguments)
			throws Exception {
		Map<String, JavaProcess> applications = new LinkedHashMap<>();
		List<Target> loaded = new ArrayList<>();
		EmbeddedPostgres postgres = EmbeddedPostgres.start();
		try {
			for (Map.Entry<String, String> target : targets.entrySet()) {
				String[] parts = target.getValue().split(" ");
				JavaProcess application = applications.get(parts[0]);
				if (application == null) {
					application = start(parts[0], postgres.getJdbcUrl("postgres", "postgres"), jvmOptions, arguments);
					applications.put(parts[0], application);
				}
				boolean open = parts[0].equals("none") || parts[1].equals("/open");
				loaded.add(new Target(target.getKey(), "http://localhost:" + application.port() + parts[1],
						open ? null : application.find(HEADER), new ArrayList<>()));
			}
			for (Target target : loaded) {
				Wrk.load(target.url(), target.header(), warmUpSeconds);
			}
			for (int round = 0; round < ROUNDS; round++) {
				for (Target target : loaded) {
					target.results().add(Wrk.load(target.url(), target.header(), ROUND_SECONDS));
				}
			}
		}
		finally {
			for (JavaProcess application : applications.values()) {
				application.close();
			}
			postgres.close();
		}
		System.out
			.println("| endpoint | requests/s | range | 99 % ms | ratio to the first | ratio to the open endpoint |\n"
					+ "|---|---|---|---|---|---|");
		Target open = loaded.stream().filter((target) -> target.url().endsWith("/open")).findFirst().orElseThrow();
		loaded.forEach((target) -> target.print(loaded.get(0), open));
		System.out.printf("%nJDK %s, %d processors, medians of %d rounds of %d s%n", System.getProperty("java.version"),
				Runtime.getRuntime().availableProcessors(), ROUNDS, ROUND_SECONDS);
	}

	private static JavaProcess start(String name, String jdbcUrl, List<String> jvmOptions, String... arguments)
			throws Exception {
		List<String> all = new ArrayList<>(
				List.of(name, "--server.port=0", "--server.address=localhost", "--spring.main.banner-mode=off",
						"--spring.jpa.open-in-view=false", "--spring.datasource.url=" + jdbcUrl,
						"--spring.datasource.username=postgres", "--spring.datasource.password=postgres"));
		all.addAll(Arrays.asList(arguments));
		List<String> allJvmOptions = new ArrayList<>(List.of("-Xms512m", "-Xmx512m"));
		allJvmOptions.addAll(jvmOptions);
		return JavaProcess.start(System.getProperty("java.class.path"), allJvmOptions, HttpApplications.class,
				all.toArray(String[]::new));
	}

	/**
	 * An endpoint and what was measured there.
	 */
	private record Target(String name, String url, @Nullable String header, List<Wrk.Result> results) {

		double rate() {
			return median(this.results.stream().mapToDouble(Wrk.Result::rate).toArray());
		}

		/**
		 * The median of the ratios of each round: what disturbs the machine disturbs
		 * both.
		 */
		double ratio(Target other) {
			double[] ratios = new double[this.results.size()];
			for (int round = 0; round < ratios.length; round++) {
				ratios[round] = this.results.get(round).rate() / other.results.get(round).rate();
			}
			return median(ratios);
		}

		private static double median(double[] values) {
			Arrays.sort(values);
			return (values[values.length / 2] + values[(values.length - 1) / 2]) / 2;
		}

		void print(Target first, Target open) {
			double[] rates = this.results.stream().mapToDouble(Wrk.Result::rate).sorted().toArray();
			double[] p99 = this.results.stream().mapToDouble(Wrk.Result::p99).sorted().toArray();
			System.out.printf(Locale.ROOT, "| %s | %.0f | %.0f to %.0f | %.1f | %.3f | %.3f |%n", this.name, rate(),
					rates[0], rates[rates.length - 1], p99[p99.length / 2], ratio(first), ratio(open));
		}

	}

}
