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

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import io.github.apikeys.benchmarks.plain.PlainApplication;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * Measures how much longer an application with JPA, Spring Security and Flyway takes to
 * start with the starter on its class path. Its tables exist, as after the first start.
 */
public final class StartBenchmark {

	private static final int ROUNDS = 10;

	private StartBenchmark() {
	}

	/**
	 * Runs the benchmark.
	 * @param args nothing
	 * @throws Exception if anything fails
	 */
	public static void main(String[] args) throws Exception {
		String with = classPathWithout("api-key-admin", "thymeleaf");
		String without = classPathWithout("api-key-admin", "thymeleaf", "api-key-spring-boot-starter", "api-key-core");
		double[] withSeconds = new double[ROUNDS];
		double[] withoutSeconds = new double[ROUNDS];
		try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
			String url = postgres.getJdbcUrl("postgres", "postgres");
			start(with, url);
			start(without, url);
			for (int round = 0; round < ROUNDS; round++) {
				withSeconds[round] = start(with, url);
				withoutSeconds[round] = start(without, url);
			}
		}
		System.out.println("| class path | median s | range |\n|---|---|---|");
		double base = print("without the starter", withoutSeconds);
		double starter = print("with the starter", withSeconds);
		System.out.printf(Locale.ROOT, "%nratio %.3f, JDK %s, %d processors, %d starts each%n", starter / base,
				System.getProperty("java.version"), Runtime.getRuntime().availableProcessors(), ROUNDS);
	}

	private static double print(String name, double[] seconds) {
		Arrays.sort(seconds);
		double median = seconds[seconds.length / 2];
		System.out.printf(Locale.ROOT, "| %s | %.2f | %.2f to %.2f |%n", name, median, seconds[0],
				seconds[seconds.length - 1]);
		return median;
	}

	private static double start(String classPath, String url) throws Exception {
		try (JavaProcess application = JavaProcess.start(classPath, List.of(), PlainApplication.class,
				"--server.port=0", "--spring.datasource.url=" + url, "--spring.datasource.username=postgres",
				"--spring.datasource.password=postgres")) {
			return application.secondsToStart();
		}
	}

	private static String classPathWithout(String... absent) {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.filter((entry) -> Arrays.stream(absent).noneMatch(entry::contains))
			.collect(Collectors.joining(File.pathSeparator));
	}

}
