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

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

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
			System.out
				.println("| keys | revoked after ms | events | keys of others changed meanwhile | the slowest ms |");
			System.out.println("|---|---|---|---|---|");
			for (int i = 0; i < SIZES.length; i++) {
				String owner = "owner-" + i;
				IntStream.range(0, SIZES[i])
					.forEach((key) -> apiKeys.create(NewApiKey.named("key " + key).owner(owner).scopes("orders:read")));
				int before = application.events.get();
				Others others = new Others(apiKeys, "other-" + i);
				Thread thread = new Thread(others, "others");
				thread.start();
				others.changed.await();
				long start = System.nanoTime();
				int revoked = apiKeys.revokeAll(owner, "Contract ended");
				long end = System.nanoTime();
				others.stopped = true;
				thread.join();
				// the first is to warm up
				if (i > 0) {
					System.out.printf("| %d | %d | %d | %d | %d |%n", revoked, (end - start) / 1_000_000,
							application.events.get() - before - 2 * others.times.size(),
							others.during(start, end).count(), others.during(start, end).max().orElse(0) / 1_000_000);
				}
			}
		}
		System.out.printf("%nJDK %s, %d processors%n", System.getProperty("java.version"),
				Runtime.getRuntime().availableProcessors());
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		private final AtomicInteger events = new AtomicInteger();

		@EventListener
		void on(ApiKeyEvent event) {
			this.events.incrementAndGet();
		}

	}

	/**
	 * Somebody who creates and revokes keys of another owner, one after the other.
	 */
	private static final class Others implements Runnable {

		private final ApiKeyService apiKeys;

		private final String owner;

		private final Map<Long, Long> times = new ConcurrentHashMap<>();

		private final CountDownLatch changed = new CountDownLatch(1);

		private volatile boolean stopped;

		Others(ApiKeyService apiKeys, String owner) {
			this.apiKeys = apiKeys;
			this.owner = owner;
		}

		@Override
		public void run() {
			while (!this.stopped) {
				long start = System.nanoTime();
				this.apiKeys.revoke(this.apiKeys.create(NewApiKey.named("key").owner(this.owner)).apiKey().getId());
				this.times.put(start, System.nanoTime());
				this.changed.countDown();
			}
		}

		/**
		 * How long took what was done, at least in part, in a time.
		 */
		LongStream during(long start, long end) {
			return this.times.entrySet()
				.stream()
				.filter((time) -> time.getValue() >= start && time.getKey() <= end)
				.mapToLong((time) -> time.getValue() - time.getKey());
		}

	}

}
