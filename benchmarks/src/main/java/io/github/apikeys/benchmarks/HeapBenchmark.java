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

import java.util.List;
import java.util.Locale;

import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Measures what the memory of keys takes of the heap when more keys are presented than it
 * has room for.
 */
public final class HeapBenchmark {

	private static final int KEYS = 200_000;

	private static final int ROOM = 10_000;

	private HeapBenchmark() {
	}

	/**
	 * Runs the benchmark.
	 * @param args nothing
	 * @throws Exception if anything fails
	 */
	public static void main(String[] args) throws Exception {
		try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
				ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
					.web(WebApplicationType.NONE)
					.properties("spring.main.banner-mode=off", "logging.level.root=warn",
							"api-key.cache.max-entries=" + ROOM, "spring.datasource.username=postgres",
							"spring.datasource.password=postgres")
					.run("--spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"))) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			SampleKeys.insert(jdbc, 1, KEYS, KEYS);
			jdbc.execute("vacuum analyze");
			List<String> tokens = SampleKeys.tokens(jdbc, KEYS);
			// what every query needs once
			tokens.subList(0, 100).forEach(apiKeys::verify);
			System.out.println("| keys presented | heap after a collection, MiB |\n|---|---|");
			int presented = 100;
			for (int total : new int[] { 100, ROOM, 50_000, 100_000, KEYS }) {
				tokens.subList(presented, total).forEach(apiKeys::verify);
				presented = total;
				System.out.printf(Locale.ROOT, "| %d | %.1f |%n", total, usedHeap() / 1048576.0);
			}
		}
		System.out.printf("%nJDK %s, room for %d keys%n", System.getProperty("java.version"), ROOM);
	}

	/**
	 * Long enough for what was counted of the use of keys to be written, too.
	 */
	private static long usedHeap() throws InterruptedException {
		Thread.sleep(25_000);
		System.gc();
		Thread.sleep(1000);
		System.gc();
		Runtime runtime = Runtime.getRuntime();
		return runtime.totalMemory() - runtime.freeMemory();
	}

	/**
	 * An application without anything but keys.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
