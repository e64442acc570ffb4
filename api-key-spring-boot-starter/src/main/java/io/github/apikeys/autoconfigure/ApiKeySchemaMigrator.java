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
import java.sql.SQLException;
import java.util.List;

import io.github.apikeys.autoconfigure.ApiKeyTablesException.Problem;
import io.github.apikeys.core.migration.ApiKeyTables;
import io.github.apikeys.core.support.Causes;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.callback.BaseCallback;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.migration.JavaMigration;
import org.flywaydb.core.api.resolver.MigrationResolver;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.support.JdbcUtils;
import org.springframework.jdbc.support.MetaDataAccessException;

/**
 * Runs the library's migrations after the application's, in the same schema and with a
 * history table of its own, so that neither side's versions can get in the other's way.
 * Its {@link Flyway} is no bean: Spring Boot would take it for the application's.
 */
final class ApiKeySchemaMigrator implements InitializingBean {

	static final String HISTORY_TABLE = "api_key_schema_history";

	private static final String BEFORE_OURS = "0";

	private final Flyway applicationFlyway;

	ApiKeySchemaMigrator(Flyway applicationFlyway) {
		this.applicationFlyway = applicationFlyway;
	}

	@Override
	public void afterPropertiesSet() {
		Configuration application = this.applicationFlyway.getConfiguration();
		String platform = platform(application);
		Recognition recognition = new Recognition(platform, BEFORE_OURS);
		try {
			checkThatTheirsHaveRun(application);
			migrate(application, platform, recognition);
		}
		catch (FlywayException ex) {
			if (recognition.version == null && !recognition.overtaken) {
				throw failure(ex, application, platform);
			}
			migrateAgain(application, platform, (recognition.version != null) ? recognition.version : BEFORE_OURS);
		}
	}

	/**
	 * Flyway refuses a schema without a history in which there is something, or skips
	 * what comes first, so ours must not be there before the application's.
	 */
	private static void checkThatTheirsHaveRun(Configuration application) {
		MigrationInfoService info = Flyway.configure(application.getClassLoader())
			.configuration(application)
			// nothing of the application runs because we look
			.callbacks(new Callback[0])
			.skipDefaultCallbacks(true)
			.load()
			.info();
		if (info.applied().length == 0 && info.pending().length > 0) {
			throw new ApiKeyConfigurationException(
					"The tables of API keys cannot be created yet, because the application's own Flyway migrations "
							+ "have not run (" + info.pending().length + " pending, no history). With our tables in "
							+ "it, the schema would not be empty, and Flyway would refuse it, or skip the first of "
							+ "them.",
					"Let the application's Flyway migrate before the entity manager factory is created: leave it to "
							+ "Spring Boot, without a FlywayMigrationStrategy that does nothing, or give a bean of type "
							+ "Flyway @Bean(initMethod = \"migrate\"). Or set "
							+ "'api-key.database.flyway.enabled=false', and create the tables of API keys in your own "
							+ "way: copy the DDL from 'io/github/apikeys/core/migration' in the jar of api-key-core "
							+ "into your migrations, or, if your FlywayMigrationStrategy migrates other schemas only, "
							+ "set 'api-key.database.initialize-schema=always', which runs it in the schema of the "
							+ "data source.");
		}
	}

	private static void migrateAgain(Configuration application, String platform, String baseline) {
		try {
			migrate(application, platform, new Recognition(platform, baseline));
		}
		catch (FlywayException ex) {
			throw failure(ex, application, platform);
		}
	}

	private static void migrate(Configuration application, String platform, Recognition recognition) {
		configuration(application, platform).callbacks(recognition)
			.baselineVersion(recognition.baseline)
			.load()
			.migrate();
	}

	private static RuntimeException failure(FlywayException failure, Configuration application, String platform) {
		for (Throwable cause : Causes.of(failure)) {
			if (cause instanceof ApiKeyTablesException || cause instanceof ApiKeyConfigurationException) {
				return (RuntimeException) cause;
			}
		}
		return new ApiKeyTablesException(Problem.NOT_MIGRATED, List.of(String.valueOf(failure.getMessage()).trim()),
				List.of(), DatabaseLocation.of(application.getDataSource(), platform), failure);
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
			.callbacks(new Recognition(platform, BEFORE_OURS))
			.skipDefaultCallbacks(true)
			.table(HISTORY_TABLE)
			// the schema is not empty; everything in it is older than our first migration
			.baselineOnMigrate(true)
			.baselineVersion(BEFORE_OURS)
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
			return DatabaseLocation.platform(product);
		}
		catch (MetaDataAccessException ex) {
			throw new IllegalStateException("The database does not tell its name", ex);
		}
	}

	/**
	 * Looks at tables of our names before ours are made: most databases keep what a
	 * migration did before it failed. Flyway calls it when there is no history of ours,
	 * with the connection that it will use. If there is one by now, another node is
	 * making the tables: Flyway waits for it.
	 */
	private static final class Recognition extends BaseCallback {

		private final String platform;

		private final String baseline;

		/** What the tables were recognised as, if there is a baseline for them. */
		private @Nullable String version;

		/** Whether another node was faster. */
		private boolean overtaken;

		Recognition(String platform, String baseline) {
			this.platform = platform;
			this.baseline = baseline;
		}

		@Override
		public boolean supports(Event event, @Nullable Context context) {
			return event == Event.BEFORE_BASELINE;
		}

		@Override
		public void handle(Event event, Context context) {
			try {
				ApiKeyTables tables = ApiKeyTables.read(context.getConnection(), this.platform);
				if (!tables.getNames().isEmpty() && !this.baseline.equals(tables.getVersion())) {
					// asked after the tables: it is there before them
					this.overtaken = ApiKeyTables.exists(context.getConnection(), this.platform, HISTORY_TABLE);
					if (this.overtaken) {
						return;
					}
					this.version = tables.getVersion();
					throw stop(tables, DatabaseLocation.of(context.getConnection()));
				}
			}
			catch (SQLException ex) {
				throw new IllegalStateException("The database does not tell its tables", ex);
			}
		}

		private RuntimeException stop(ApiKeyTables tables, DatabaseLocation location) {
			if (this.version != null) {
				return new IllegalStateException("The tables are those of version " + this.version);
			}
			if (tables.areMadeByHibernate()) {
				return new ApiKeyTablesException(Problem.MADE_BY_HIBERNATE, tables.getNames(), List.of(), location);
			}
			return new ApiKeyConfigurationException(
					"The tables of API keys cannot be created, because there are tables of the same name that we did "
							+ "not create: " + tables.getNames() + " (" + location + "). Differences from ours: "
							+ tables.getDifferences().stream().limit(5).toList() + ".",
					"Rename your tables, or create those of API keys yourself, where needed under other names: set "
							+ "'api-key.database.flyway.enabled=false' and "
							+ "'api-key.database.initialize-schema=never', copy the DDL from "
							+ "'io/github/apikeys/core/migration' in the jar of api-key-core, and tell Hibernate "
							+ "other names with a PhysicalNamingStrategy. If they are ours, and were changed, "
							+ "undo that: tables that our scripts made are recognised.");
		}

	}

}
