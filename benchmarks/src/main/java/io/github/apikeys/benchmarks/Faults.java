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

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * Breaks one after the other what the sample depends on, at random times, and mends it
 * again.
 */
final class Faults implements AutoCloseable {

	static final String SAMPLE = "sample";

	private final Path data;

	private final SmallDisk disk;

	private final Random random;

	private final List<Fault> made = new CopyOnWriteArrayList<>();

	private EmbeddedPostgres postgres;

	Faults(Path data, SmallDisk disk, Random random) throws Exception {
		this.data = data;
		this.disk = disk;
		this.random = random;
		this.postgres = startPostgres(0);
	}

	private EmbeddedPostgres startPostgres(int port) throws Exception {
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setDataDirectory(this.data)
			.setCleanDataDirectory(false)
			.setServerConfig("max_connections", "40")
			// otherwise a crash undoes what was committed just before
			.setServerConfig("synchronous_commit", "on")
			.setPGStartupWait(Duration.ofMinutes(2));
		return ((port > 0) ? builder.setPort(port) : builder).start();
	}

	/**
	 * Returns the address of the database, which stays the same.
	 * @param name how its user is called in the list of connections
	 */
	String jdbcUrl(String name) {
		return "jdbc:postgresql://localhost:" + this.postgres.getPort() + "/postgres?user=postgres&ApplicationName="
				+ name + "&options=-c%20search_path=public,pg_catalog";
	}

	/**
	 * Gives the database a clock that can be set: functions of the schema of the
	 * application come before the database's own.
	 */
	void takeClock() throws SQLException {
		execute("create table database_clock (seconds double precision not null)");
		execute("insert into database_clock values (0)");
		execute("""
				create function public.clock_timestamp() returns timestamp with time zone language sql volatile as
				'select pg_catalog.clock_timestamp() + make_interval(secs => (select seconds from public.database_clock))'
				""");
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = DriverManager.getConnection(jdbcUrl("faults"));
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	List<Fault> made() {
		return this.made;
	}

	/**
	 * Makes faults until the time is over.
	 * @param end when no further fault begins
	 * @param pause how long it is quiet after each, in nanoseconds
	 */
	void make(SampleProcess sample, long end, long pause) throws Exception {
		List<Kind> kinds = new ArrayList<>();
		while (true) {
			TimeUnit.NANOSECONDS.sleep(pause + TimeUnit.MILLISECONDS.toNanos(this.random.nextInt(5000)));
			if (System.nanoTime() > end || !sample.isAlive()) {
				return;
			}
			if (kinds.isEmpty()) {
				kinds.addAll(Arrays.asList(Kind.values()));
				Collections.shuffle(kinds, this.random);
			}
			Kind kind = kinds.remove(0);
			if (kind == Kind.FULL_DISK && !this.disk.canBeFull()) {
				continue;
			}
			long begin = System.nanoTime();
			// it is part of the list from its beginning on
			this.made.add(new Fault(kind, begin, Long.MAX_VALUE));
			make(kind, sample, 3000 + this.random.nextInt(5000));
			this.made.set(this.made.size() - 1, new Fault(kind, begin, System.nanoTime()));
		}
	}

	private void make(Kind kind, SampleProcess sample, int millis) throws Exception {
		switch (kind) {
			case RESTART -> {
				this.postgres.close();
				restart(millis);
			}
			case CRASH -> {
				String postmaster = Files.readAllLines(this.data.resolve("postmaster.pid")).get(0).trim();
				SampleProcess.run("kill", "-QUIT", postmaster);
				while (ProcessHandle.of(Long.parseLong(postmaster)).isPresent()) {
					Thread.sleep(10);
				}
				this.postgres.close();
				restart(millis);
			}
			case LOCKED_KEYS -> lock("lock table api_key in access exclusive mode", millis);
			case LOCKED_OWNERS -> lock("lock table api_key_owner in access exclusive mode", millis);
			case LOCKED_ROWS -> lockRows(millis);
			case EXHAUSTED_POOL -> lock("lock table purchase_order in access exclusive mode", millis);
			case FAILING_POLL -> sample.failPolls(millis);
			case SET_CLOCK -> setClock(millis);
			case NO_CONNECTIONS -> takeAllConnections(millis);
			case HANGING_CONNECTIONS -> suspendConnections(millis);
			case FULL_DISK -> {
				this.disk.fill();
				Thread.sleep(millis);
				this.disk.clear();
			}
			case SUSPENDED -> {
				sample.suspend();
				try {
					Thread.sleep(millis);
				}
				finally {
					sample.resume();
				}
			}
		}
	}

	private void restart(int millis) throws Exception {
		int port = this.postgres.getPort();
		Thread.sleep(millis);
		this.postgres = startPostgres(port);
	}

	/**
	 * Forward or back, and to the right time again.
	 */
	private void setClock(int millis) throws Exception {
		int seconds = (20 + this.random.nextInt(600)) * (this.random.nextBoolean() ? 1 : -1);
		execute("update database_clock set seconds = " + seconds);
		try {
			Thread.sleep(millis);
		}
		finally {
			execute("update database_clock set seconds = 0");
		}
	}

	/**
	 * Whoever locks many rows may meet others who do, and be the one that gives way.
	 */
	private void lockRows(int millis) throws Exception {
		while (true) {
			try {
				lock("select id from api_key where revoked_at is null order by id for update", millis);
				return;
			}
			catch (SQLException ex) {
				if (!"40P01".equals(ex.getSQLState())) {
					throw ex;
				}
			}
		}
	}

	private void lock(String sql, int millis) throws Exception {
		try (Connection connection = DriverManager.getConnection(jdbcUrl("locker"));
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute(sql);
			Thread.sleep(millis);
			connection.rollback();
		}
	}

	private void takeAllConnections(int millis) throws Exception {
		List<Connection> taken = new ArrayList<>();
		try (Connection terminator = DriverManager.getConnection(jdbcUrl("terminator"));
				Statement statement = terminator.createStatement()) {
			long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
			while (System.nanoTime() < end) {
				try {
					taken.add(DriverManager.getConnection(jdbcUrl("taker")));
				}
				catch (SQLException ex) {
					// all are taken, so that those of the sample cannot be replaced
					statement.execute("select pg_terminate_backend(pid) from pg_stat_activity "
							+ "where application_name = '" + SAMPLE + "'");
				}
			}
		}
		finally {
			for (Connection connection : taken) {
				connection.close();
			}
		}
	}

	/**
	 * One or more of the sample's connections neither answer nor end.
	 */
	private void suspendConnections(int millis) throws Exception {
		List<String> processes = processesOfSample();
		Collections.shuffle(processes, this.random);
		List<String> suspended = processes.subList(0, Math.min(processes.size(), 1 + this.random.nextInt(4)));
		try {
			for (String process : suspended) {
				SampleProcess.run("kill", "-STOP", process);
			}
			Thread.sleep(millis);
		}
		finally {
			for (String process : suspended) {
				SampleProcess.run("kill", "-CONT", process);
			}
		}
	}

	private List<String> processesOfSample() throws SQLException {
		List<String> processes = new ArrayList<>();
		try (Connection connection = DriverManager.getConnection(jdbcUrl("faults"));
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(
						"select pid from pg_stat_activity where application_name = '" + SAMPLE + "' order by pid")) {
			while (rows.next()) {
				processes.add(rows.getString(1));
			}
		}
		return processes;
	}

	@Override
	public void close() throws Exception {
		this.postgres.close();
	}

	/**
	 * What can be broken.
	 */
	enum Kind {

		/**
		 * The database is shut down and started again.
		 */
		RESTART("database restarted", true),

		/**
		 * The database's processes end at once, and it recovers when it is started again.
		 */
		CRASH("database crashed", true),

		/**
		 * Nobody can read or write the table of keys.
		 */
		LOCKED_KEYS("table of keys locked", true),

		/**
		 * The poll for changes is not answered; look-ups are.
		 */
		LOCKED_OWNERS("poll for changes not answered", false),

		/**
		 * Whoever changes a key waits, and commits late.
		 */
		LOCKED_ROWS("rows of keys locked", false),

		/**
		 * The poll for changes ends with an error of the machine.
		 */
		FAILING_POLL("poll for changes ended with an `Error`", false),

		/**
		 * The clock that stamps changes jumps, and jumps back.
		 */
		SET_CLOCK("clock of the database set", false),

		/**
		 * Requests of the application occupy each connection of its pool.
		 */
		EXHAUSTED_POOL("connection pool exhausted", true),

		/**
		 * The database ends all connections of the sample and accepts no others.
		 */
		NO_CONNECTIONS("no connections left in the database", true),

		/**
		 * Connections of the sample neither answer nor end.
		 */
		HANGING_CONNECTIONS("connections hang", true),

		/**
		 * There is no room for the log.
		 */
		FULL_DISK("disk of the log full", false),

		/**
		 * The process stands still, as on a machine that is suspended.
		 */
		SUSPENDED("process suspended", true);

		private final String description;

		private final boolean unavailable;

		Kind(String description, boolean unavailable) {
			this.description = description;
			this.unavailable = unavailable;
		}

		String description() {
			return this.description;
		}

		/**
		 * Whether 503 is a right answer meanwhile.
		 */
		boolean makesUnavailable() {
			return this.unavailable;
		}

	}

	/**
	 * What was broken when, in nanoseconds.
	 */
	record Fault(Kind kind, long begin, long end) {

	}

}
