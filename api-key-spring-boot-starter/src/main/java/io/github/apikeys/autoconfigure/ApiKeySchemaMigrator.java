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

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resolver.MigrationResolver;
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
		configuration(application, platform(application)).load().migrate();
	}

	/**
	 * How the application's Flyway reaches its database holds for us, too: its
	 * connections, their SQL, schemas, retries, locks and transactions. What it migrates
	 * does not: where migrations lie, how they are called and read, and which of them
	 * run.
	 */
	static FluentConfiguration configuration(Configuration application, String platform) {
		return Flyway.configure(application.getClassLoader())
			.configuration(application)
			.locations("classpath:" + ApiKeySchemaAutoConfiguration.MIGRATIONS + platform)
			.callbackLocations(new String[0])
			.failOnMissingLocations(true)
			.encoding(StandardCharsets.UTF_8)
			.detectEncoding(false)
			.sqlMigrationPrefix("V")
			.repeatableSqlMigrationPrefix("R")
			.sqlMigrationSeparator("__")
			.sqlMigrationSuffixes(".sql")
			.placeholderReplacement(false)
			.resourceProvider(null)
			.javaMigrationClassProvider(null)
			.javaMigrations(new JavaMigration[0])
			.resolvers(new MigrationResolver[0])
			.skipDefaultResolvers(false)
			.callbacks(new TableCheck())
			.skipDefaultCallbacks(true)
			.table(HISTORY_TABLE)
			// the schema is not empty; everything in it is older than our first migration
			.baselineOnMigrate(true)
			.baselineVersion("0")
			.baselineDescription("before the tables of API keys")
			.target(MigrationVersion.LATEST)
			.outOfOrder(false)
			.mixed(false)
			.skipExecutingMigrations(false)
			.validateOnMigrate(true)
			.validateMigrationNaming(false)
			.ignoreMigrationPatterns("*:future");
	}

	private static String platform(Configuration application) {
		try {
			String product = JdbcUtils.extractDatabaseMetaData(application.getDataSource(),
					DatabaseMetaData::getDatabaseProductName);
			return DatabaseDriver.fromProductName(JdbcUtils.commonDatabaseName(product)).getId();
		}
		catch (MetaDataAccessException ex) {
			throw new IllegalStateException("The database does not tell its name", ex);
		}
	}

	/**
	 * Looks for tables of others before ours are made: most databases keep what a
	 * migration did before it failed. Flyway calls it when there is no history of ours,
	 * with the connection that it will use.
	 */
	private static final class TableCheck extends BaseCallback {

		@Override
		public boolean supports(Event event, @Nullable Context context) {
			return event == Event.BEFORE_BASELINE;
		}

		@Override
		public void handle(Event event, Context context) {
			Set<String> foreign = new TreeSet<>(tables(context.getConnection()));
			foreign.retainAll(TABLES);
			if (!foreign.isEmpty()) {
				throw new ApiKeyConfigurationException(
						"The tables of API keys cannot be created, because there are tables of the same name that we "
								+ "did not create: " + foreign + ".",
						"Rename your tables, or create those of API keys yourself, where needed under other names: set "
								+ "'api-key.database.flyway.enabled=false' and "
								+ "'api-key.database.initialize-schema=never', copy the DDL from "
								+ "'io/github/apikeys/core/migration' in the jar of api-key-core, and tell Hibernate "
								+ "other names with a PhysicalNamingStrategy.");
			}
		}

		/**
		 * What JDBC calls a schema is a catalog in MySQL and MariaDB.
		 */
		private static Set<String> tables(Connection connection) {
			try {
				DatabaseMetaData metaData = connection.getMetaData();
				String schema = metaData.supportsSchemasInTableDefinitions() ? connection.getSchema() : null;
				return tables(metaData, connection.getCatalog(), schema);
			}
			catch (SQLException ex) {
				throw new IllegalStateException("The database does not tell its tables", ex);
			}
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

	}

}
