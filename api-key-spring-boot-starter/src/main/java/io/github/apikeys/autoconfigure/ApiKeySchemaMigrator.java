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
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.jdbc.DatabaseDriver;
import org.springframework.jdbc.support.JdbcUtils;
import org.springframework.jdbc.support.MetaDataAccessException;

/**
 * Runs the library's migrations after the application's, in the same schema and with a
 * history table of its own, so that neither side's versions can get in the other's way.
 * Its {@link Flyway} is no bean: Spring Boot would take it for the application's.
 */
final class ApiKeySchemaMigrator implements InitializingBean {

	private static final String HISTORY_TABLE = "api_key_schema_history";

	private static final List<String> TABLES = List.of("api_key", "api_key_scope", "api_key_metadata", "api_key_owner",
			"api_key_event", "api_key_usage", "api_key_usage_total");

	private final Flyway applicationFlyway;

	ApiKeySchemaMigrator(Flyway applicationFlyway) {
		this.applicationFlyway = applicationFlyway;
	}

	@Override
	public void afterPropertiesSet() {
		Configuration application = this.applicationFlyway.getConfiguration();
		Database database = describe(application);
		checkTables(database);
		migrate(application, database.platform());
	}

	/**
	 * Looked at first: most databases keep what a migration did before it failed.
	 */
	private static void checkTables(Database database) {
		Set<String> foreign = new TreeSet<>(database.tables());
		foreign.retainAll(TABLES);
		if (!foreign.isEmpty() && !database.tables().contains(HISTORY_TABLE)) {
			throw new ApiKeyConfigurationException(
					"The tables of API keys cannot be created, because there are tables of the same name that we did "
							+ "not create: " + foreign + ".",
					"Rename your tables, or create those of API keys yourself, where needed under other names: set "
							+ "'api-key.database.flyway.enabled=false' and 'api-key.database.initialize-schema=never', "
							+ "copy the DDL from 'io/github/apikeys/core/migration' in the jar of api-key-core, and "
							+ "tell Hibernate other names with a PhysicalNamingStrategy.");
		}
	}

	private static void migrate(Configuration application, String platform) {
		Flyway.configure(application.getClassLoader())
			.dataSource(application.getDataSource())
			.schemas(application.getSchemas())
			.defaultSchema(application.getDefaultSchema())
			.tablespace(application.getTablespace())
			.connectRetries(application.getConnectRetries())
			.lockRetryCount(application.getLockRetryCount())
			.locations("classpath:" + ApiKeySchemaAutoConfiguration.MIGRATIONS + platform)
			.failOnMissingLocations(true)
			.table(HISTORY_TABLE)
			// the schema is not empty; everything in it is older than our first migration
			.baselineOnMigrate(true)
			.baselineVersion("0")
			.load()
			.migrate();
	}

	private static Database describe(Configuration application) {
		try {
			return JdbcUtils.extractDatabaseMetaData(application.getDataSource(), (metaData) -> {
				String product = JdbcUtils.commonDatabaseName(metaData.getDatabaseProductName());
				return new Database(DatabaseDriver.fromProductName(product).getId(), tables(metaData, application));
			});
		}
		catch (MetaDataAccessException ex) {
			throw new IllegalStateException("The database does not tell its name and its tables", ex);
		}
	}

	/**
	 * What JDBC calls a schema is a catalog in MySQL and MariaDB.
	 */
	private static Set<String> tables(DatabaseMetaData metaData, Configuration application) throws SQLException {
		Connection connection = metaData.getConnection();
		String schema = configuredSchema(application);
		return metaData.supportsSchemasInTableDefinitions()
				? tables(metaData, connection.getCatalog(), (schema != null) ? schema : connection.getSchema())
				: tables(metaData, (schema != null) ? schema : connection.getCatalog(), null);
	}

	private static Set<String> tables(DatabaseMetaData metaData, @Nullable String catalog, @Nullable String schema)
			throws SQLException {
		String escape = metaData.getSearchStringEscape();
		String schemaPattern = (schema != null) ? schema.replace("_", escape + "_") : null;
		Set<String> tables = new TreeSet<>();
		for (String pattern : List.of("api_key%", "API_KEY%")) {
			try (ResultSet found = metaData.getTables(catalog, schemaPattern, pattern, null)) {
				while (found.next()) {
					tables.add(found.getString("TABLE_NAME").toLowerCase(Locale.ROOT));
				}
			}
		}
		return tables;
	}

	private static @Nullable String configuredSchema(Configuration application) {
		if (application.getDefaultSchema() != null) {
			return application.getDefaultSchema();
		}
		return (application.getSchemas().length > 0) ? application.getSchemas()[0] : null;
	}

	/**
	 * What is to be known of a database.
	 *
	 * @param platform what Spring Boot calls its kind
	 * @param tables the names of what begins like our tables, in lower case
	 */
	private record Database(String platform, Set<String> tables) {

	}

}
