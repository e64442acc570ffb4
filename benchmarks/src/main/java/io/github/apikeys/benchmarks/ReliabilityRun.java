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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;

import io.github.apikeys.benchmarks.JudgedKey.Answer;
import io.github.apikeys.core.ApiKeyService;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.FileSystemUtils;

/**
 * Puts the packaged sample under full load, changes keys on another node, breaks what the
 * sample depends on, and judges each answer. It ends with 1 if anything was wrong. The
 * system properties {@code minutes} and {@code seed} say how long and with which random
 * numbers.
 */
public final class ReliabilityRun {

	private static final int POOL = 4;

	private static final int KEYS = 200;

	private static final int CLIENTS = 10;

	/**
	 * More than there are connections, so that they can occupy all.
	 */
	private static final int QUERYING_CLIENTS = POOL + 2;

	private static final int CALM_SECONDS = 20;

	/**
	 * Enough for one fault of each kind. What is compared in the end is compared with
	 * what was then.
	 */
	private static final int WARM_UP_MINUTES = 4;

	/**
	 * What the sample has in memory is written every ten seconds.
	 */
	private static final int SECONDS_UNTIL_USE_IS_WRITTEN = 25;

	private static final long PAUSE = Verdict.RECOVERY + TimeUnit.SECONDS.toNanos(2);

	private final AtomicLongArray statuses = new AtomicLongArray(600);

	private final AtomicBoolean stopped = new AtomicBoolean();

	private final long start = System.nanoTime();

	private final SampleProcess sample;

	private final JdbcTemplate jdbc;

	private final KeyChanges keys;

	private final Faults faults;

	private final SmallDisk disk;

	private ReliabilityRun(SampleProcess sample, JdbcTemplate jdbc, KeyChanges keys, Faults faults, SmallDisk disk) {
		this.sample = sample;
		this.jdbc = jdbc;
		this.keys = keys;
		this.faults = faults;
		this.disk = disk;
	}

	/**
	 * Makes the run.
	 * @param args nothing
	 * @throws Exception if it cannot be made
	 */
	public static void main(String[] args) throws Exception {
		int minutes = Integer.getInteger("minutes", 15);
		long seed = Long.getLong("seed", 42);
		Path data = Files.createTempDirectory("reliability");
		Path output = Files.createTempFile("sample", ".out");
		boolean good;
		try (SmallDisk disk = SmallDisk.mount();
				Faults faults = new Faults(data, disk, new Random(seed));
				SampleProcess sample = SampleProcess.start(output, arguments(faults, disk));
				ConfigurableApplicationContext clerk = startClerk(faults)) {
			faults.takeClock();
			SampleAdmin admin = new SampleAdmin(sample.port());
			admin.signIn();
			KeyChanges keys = new KeyChanges(clerk.getBean(ApiKeyService.class), clerk.getBean(JdbcTemplate.class),
					admin, KEYS, new Random(seed));
			System.out.printf("JDK %s, %d processors, %d minutes, seed %d%n", System.getProperty("java.version"),
					Runtime.getRuntime().availableProcessors(), minutes, seed);
			good = new ReliabilityRun(sample, clerk.getBean(JdbcTemplate.class), keys, faults, disk).run(minutes);
		}
		finally {
			FileSystemUtils.deleteRecursively(data);
			Files.delete(output);
		}
		System.exit(good ? 0 : 1);
	}

	private static List<String> arguments(Faults faults, SmallDisk disk) {
		return List.of("--spring.datasource.url=" + faults.jdbcUrl(Faults.SAMPLE),
				"--spring.datasource.username=postgres", "--spring.datasource.password=postgres",
				"--spring.datasource.hikari.maximum-pool-size=" + POOL, "--server.tomcat.max-keep-alive-requests=-1",
				"--server.tomcat.threads.min-spare=20", "--logging.file.name=" + disk.log(),
				"--logging.level.io.github.apikeys=debug", "--logging.threshold.console=off",
				// all clients and all forgeries come from the same address
				"--api-key.failed-attempts.limited=false");
	}

	private static ConfigurableApplicationContext startClerk(Faults faults) {
		return new SpringApplicationBuilder(Clerk.class).web(WebApplicationType.NONE)
			.run("--spring.datasource.url=" + faults.jdbcUrl("clerk"), "--spring.datasource.username=postgres",
					"--spring.datasource.password=postgres", "--spring.datasource.hikari.maximum-pool-size=2",
					"--spring.datasource.hikari.connection-timeout=2000", "--spring.flyway.enabled=false",
					"--spring.jpa.hibernate.ddl-auto=none", "--spring.data.jpa.repositories.enabled=false",
					"--api-key.database.flyway.enabled=false", "--api-key.token.prefix=shop",
					"--api-key.cache.enabled=false", "--spring.main.banner-mode=off", "--logging.level.root=off");
	}

	private boolean run(int minutes) throws Exception {
		List<Thread> clients = new ArrayList<>();
		for (int i = 0; i < CLIENTS + QUERYING_CLIENTS; i++) {
			String path = (i < CLIENTS) ? "/api/hello" : "/api/orders";
			clients.add(start("client-" + i, () -> load(path)));
		}
		TimeUnit.SECONDS.sleep(CALM_SECONDS);
		System.out.println(Figures.HEADING);
		Thread changes = start("changes", this.keys);
		breakThings(WARM_UP_MINUTES);
		Figures before = figures();
		Thread observer = start("observer", this::observe);
		breakThings(Math.max(1, minutes - WARM_UP_MINUTES));
		observer.interrupt();
		observer.join();
		Figures after = figures();
		this.keys.stop();
		changes.join();
		this.stopped.set(true);
		for (Thread client : clients) {
			client.join();
		}
		this.disk.clear();
		Verdict verdict = new Verdict(this.keys.all(), this.faults.made());
		verdict.judge();
		verdict.compare(before, after, POOL);
		TimeUnit.SECONDS.sleep(SECONDS_UNTIL_USE_IS_WRITTEN);
		verdict.compareUse(use(), totalUse());
		verdict.print(this.keys.made(), this.disk);
		return verdict.isGood();
	}

	private void breakThings(int minutes) throws Exception {
		long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
		this.faults.make(this.sample, end - PAUSE, PAUSE);
		TimeUnit.NANOSECONDS.sleep(Math.max(PAUSE, end - System.nanoTime()));
	}

	private static Thread start(String name, Runnable task) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	private void load(String path) {
		HttpConnection connection = new HttpConnection(this.sample.port());
		while (!this.stopped.get()) {
			JudgedKey key = this.keys.pick(ThreadLocalRandom.current());
			long begin = System.nanoTime();
			int status;
			try {
				status = connection.get(path, key.token());
			}
			catch (IOException ex) {
				status = 0;
				connection.close();
			}
			key.answered(new Answer(begin, System.nanoTime(), status, path.equals("/api/orders")));
			this.statuses.incrementAndGet(status);
		}
		connection.close();
	}

	private void observe() {
		try {
			while (true) {
				TimeUnit.MINUTES.sleep(1);
				figures();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Figures figures() {
		try {
			int connections = -1;
			try {
				Integer count = this.jdbc.queryForObject(
						"select count(*) from pg_stat_activity where application_name = '" + Faults.SAMPLE + "'",
						Integer.class);
				connections = (count != null) ? count : -1;
			}
			catch (DataAccessException ex) {
				// the database is away
			}
			List<String> threads = this.sample.threads();
			Figures figures = new Figures(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - this.start),
					this.statuses.get(200), this.statuses.get(401), this.statuses.get(503), this.sample.liveBytes(),
					threads, this.sample.openFiles(), connections);
			System.out.println(figures.toRow());
			return figures;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Returns how often each key was used, as the sample counted.
	 */
	private Map<UUID, Long> use() {
		Map<UUID, Long> use = new HashMap<>();
		this.jdbc.query("select api_key_id, sum(requests) from api_key_usage group by api_key_id", (row) -> {
			use.put(row.getObject(1, UUID.class), row.getLong(2));
		});
		return use;
	}

	/**
	 * Returns how often all keys were used, those included whose rows were deleted.
	 */
	private long totalUse() {
		return Objects
			.requireNonNull(this.jdbc.queryForObject("select sum(requests) from api_key_usage_total", Long.class));
	}

	/**
	 * What is seen of the sample at one moment.
	 */
	record Figures(long seconds, long accepted, long refused, long unavailable, long liveBytes, List<String> threads,
			long openFiles, int connections) {

		static final String HEADING = "| seconds | 200 | 401 | 503 | live MB | threads | open files | connections |\n"
				+ "|---|---|---|---|---|---|---|---|";

		String toRow() {
			return String.format(Locale.ROOT, "| %d | %d | %d | %d | %.1f | %d | %d | %s |", this.seconds,
					this.accepted, this.refused, this.unavailable, this.liveBytes / 1e6, this.threads.size(),
					this.openFiles, (this.connections < 0) ? "" : this.connections);
		}

	}

	/**
	 * Another node, without a web server.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EntityScan("io.github.apikeys.core")
	static class Clerk {

	}

}
