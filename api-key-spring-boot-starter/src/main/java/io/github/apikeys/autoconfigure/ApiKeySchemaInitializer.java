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
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import io.github.apikeys.autoconfigure.ApiKeyProperties.Database.SchemaInitialization;
import io.github.apikeys.autoconfigure.ApiKeyTablesException.Problem;
import io.github.apikeys.core.migration.ApiKeyTables;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.jdbc.init.PlatformPlaceholderDatabaseDriverResolver;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.boot.sql.init.DatabaseInitializationSettings;
import org.springframework.core.log.LogMessage;
import org.springframework.jdbc.datasource.init.ScriptException;
import org.springframework.util.Assert;
import org.springframework.util.StringUtils;

/**
 * Creates the tables where the application has no Flyway, unless tables of these names
 * are there: Hibernate may have been first, or another node, or they are somebody else's.
 */
final class ApiKeySchemaInitializer extends DataSourceScriptDatabaseInitializer {

	private static final Log logger = LogFactory.getLog(ApiKeySchemaInitializer.class);

	/** A node that makes tables makes the next one in less time. */
	private static final Duration MAX_QUIET = Duration.ofSeconds(2);

	private final ApiKeyProperties.Database properties;

	private final DatabaseInitializationSettings settings;

	ApiKeySchemaInitializer(DataSource dataSource, ApiKeyProperties.Database properties) {
		this(dataSource, properties, new DatabaseInitializationSettings());
	}

	private ApiKeySchemaInitializer(DataSource dataSource, ApiKeyProperties.Database properties,
			DatabaseInitializationSettings settings) {
		super(dataSource, settings);
		this.properties = properties;
		this.settings = settings;
		settings.setMode(DatabaseInitializationMode.valueOf(properties.getInitializeSchema().name()));
		settings.setContinueOnError(properties.isContinueOnError());
	}

	@Override
	public boolean initializeDatabase() {
		if (!isWanted()) {
			return false;
		}
		DatabaseLocation location = location();
		if (!hasScripts(location)) {
			if (this.properties.getInitializeSchema() == SchemaInitialization.EMBEDDED) {
				logger.warn(LogMessage.format(
						"The tables of API keys are not created: there are no scripts for this " + "database (%s).",
						location));
				return false;
			}
			throw failure("there are no scripts for this database", location, null);
		}
		if (tablesExist(location)) {
			awaitTables();
			return false;
		}
		this.settings.setSchemaLocations(new PlatformPlaceholderDatabaseDriverResolver().resolveAll(platform(location),
				this.properties.getSchema()));
		try {
			return super.initializeDatabase();
		}
		catch (ScriptException ex) {
			if (tablesExist(location) && awaitTables()) {
				return false;
			}
			throw failure(String.valueOf(ex.getMessage()), location, ex);
		}
	}

	/**
	 * Asked first: a database for which no script would run need not be one for which
	 * there are scripts.
	 */
	private boolean isWanted() {
		SchemaInitialization mode = this.properties.getInitializeSchema();
		return mode == SchemaInitialization.ALWAYS || (mode == SchemaInitialization.EMBEDDED && isEmbeddedDatabase());
	}

	private DatabaseLocation location() {
		try (Connection connection = dataSource().getConnection()) {
			return DatabaseLocation.of(connection);
		}
		catch (SQLException ex) {
			throw failure(String.valueOf(ex.getMessage()), DatabaseLocation.UNKNOWN, ex);
		}
	}

	/**
	 * The application may have scripts of its own.
	 */
	private boolean hasScripts(DatabaseLocation location) {
		return DatabaseLocation.isSupported(platform(location))
				|| !this.properties.getSchema().equals(new ApiKeyProperties.Database().getSchema());
	}

	private String platform(DatabaseLocation location) {
		String platform = this.properties.getPlatform();
		return StringUtils.hasText(platform) ? platform : location.platform();
	}

	private boolean tablesExist(DatabaseLocation location) {
		try (Connection connection = dataSource().getConnection()) {
			return !ApiKeyTables.findNames(connection, location.platform()).isEmpty() || isFound(connection);
		}
		catch (SQLException ex) {
			throw failure(String.valueOf(ex.getMessage()), location, ex);
		}
	}

	/**
	 * Whether statements find the table of keys, wherever it is: in another schema of the
	 * search path, it would be hidden by a new one.
	 */
	private static boolean isFound(Connection connection) {
		try (Statement statement = connection.createStatement()) {
			statement.executeQuery("select 1 from api_key where 1 = 0").close();
			return true;
		}
		catch (SQLException ex) {
			return false;
		}
	}

	private static ApiKeyTablesException failure(String reason, DatabaseLocation location, @Nullable Throwable cause) {
		return new ApiKeyTablesException(Problem.NOT_MIGRATED, List.of(reason), List.of(), location, cause);
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

}
