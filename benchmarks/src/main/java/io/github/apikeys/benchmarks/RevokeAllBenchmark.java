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
import java.util.stream.IntStream;

import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/**
 * Measures how long it takes to revoke all keys of an owner.
 */
public final class RevokeAllBenchmark {

	private static final int[] SIZES = { 123, 123, 1_500, 3_030, 10_000 };

	private RevokeAllBenchmark() {
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
							"spring.datasource.username=postgres", "spring.datasource.password=postgres")
					.run("--spring.datasource.url=" + postgres.getJdbcUrl("postgres", "postgres"))) {
			ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
			Application application = context.getBean(Application.class);
			System.out.println("| keys | revoked after ms | events |");
			System.out.println("|---|---|---|");
			for (int i = 0; i < SIZES.length; i++) {
				String owner = "owner-" + i;
				IntStream.range(0, SIZES[i])
					.forEach((key) -> apiKeys.create(NewApiKey.named("key " + key).owner(owner).scopes("orders:read")));
				int before = application.events;
				long start = System.nanoTime();
				int revoked = apiKeys.revokeAll(owner, "Contract ended");
				long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
				// the first is to warm up
				if (i > 0) {
					System.out.printf("| %d | %d | %d |%n", revoked, millis, application.events - before);
				}
			}
		}
		System.out.printf("%nJDK %s, %d processors%n", System.getProperty("java.version"),
				Runtime.getRuntime().availableProcessors());
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		private int events;

		@EventListener
		void on(ApiKeyEvent event) {
			this.events++;
		}

	}

}
