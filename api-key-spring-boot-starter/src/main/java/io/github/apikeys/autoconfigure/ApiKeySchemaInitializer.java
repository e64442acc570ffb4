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

package io.github.apikeys.autoconfigure;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import io.github.apikeys.autoconfigure.ApiKeyTablesException.Problem;
import io.github.apikeys.core.migration.ApiKeyTables;

import org.springframework.boot.jdbc.init.PropertiesBasedDataSourceScriptDatabaseInitializer;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ScriptException;
import org.springframework.util.Assert;

/**
 * Creates the tables where the application has no Flyway, unless they are there:
 * Hibernate may have been first, or another node.
 */
final class ApiKeySchemaInitializer
		extends PropertiesBasedDataSourceScriptDatabaseInitializer<ApiKeyProperties.Database> {

	/** A node that makes tables makes the next one in less time. */
	private static final Duration MAX_QUIET = Duration.ofSeconds(2);

	private final DatabaseInitializationMode mode;

	private final JdbcTemplate jdbcTemplate;

	ApiKeySchemaInitializer(DataSource dataSource, ApiKeyProperties.Database properties) {
		super(dataSource, properties);
		this.mode = properties.getInitializeSchema();
		this.jdbcTemplate = new JdbcTemplate(dataSource);
	}

	@Override
	public boolean initializeDatabase() {
		if (!isWanted()) {
			return false;
		}
		if (tablesExist()) {
			awaitTables();
			return false;
		}
		try {
			return super.initializeDatabase();
		}
		catch (ScriptException ex) {
			if (tablesExist() && awaitTables()) {
				return false;
			}
			throw new ApiKeyTablesException(Problem.NOT_MIGRATED, List.of(String.valueOf(ex.getMessage())), List.of(),
					DatabaseLocation.of(dataSource(), ""), ex);
		}
	}

	/**
	 * Waits as long as another node is making the tables.
	 * @return whether they are complete
	 */
	private boolean awaitTables() {
		List<String> lacking = lacking();
		long end = System.nanoTime() + MAX_QUIET.toNanos();
		while (!lacking.isEmpty() && System.nanoTime() < end) {
			LockSupport.parkNanos(MAX_QUIET.toNanos() / 20);
			List<String> before = lacking;
			lacking = lacking();
			if (!lacking.equals(before)) {
				end = System.nanoTime() + MAX_QUIET.toNanos();
			}
		}
		return lacking.isEmpty();
	}

	/**
	 * What else the application did to its tables does not matter.
	 */
	private List<String> lacking() {
		try (Connection connection = dataSource().getConnection()) {
			DatabaseLocation location = DatabaseLocation.of(connection);
			return location.isSupported() ? ApiKeyTables.read(connection, location.platform())
				.getDifferences()
				.stream()
				.filter((difference) -> difference.startsWith("lacks"))
				.toList() : List.of();
		}
		catch (SQLException ex) {
			return List.of(String.valueOf(ex.getMessage()));
		}
	}

	private DataSource dataSource() {
		DataSource dataSource = getDataSource();
		Assert.state(dataSource != null, "no data source");
		return dataSource;
	}

	/**
	 * Asked first: a database for which no script would run need not be one for which
	 * there are scripts.
	 */
	private boolean isWanted() {
		return this.mode != DatabaseInitializationMode.EMBEDDED || isEmbeddedDatabase();
	}

	private boolean tablesExist() {
		try {
			this.jdbcTemplate.execute("select id from api_key where 1 = 0");
			return true;
		}
		catch (DataAccessException ex) {
			return false;
		}
	}

}
