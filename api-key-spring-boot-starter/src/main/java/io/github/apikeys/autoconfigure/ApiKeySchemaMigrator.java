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

import java.util.Locale;

import javax.sql.DataSource;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.Configuration;

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

	private final Flyway applicationFlyway;

	ApiKeySchemaMigrator(Flyway applicationFlyway) {
		this.applicationFlyway = applicationFlyway;
	}

	@Override
	public void afterPropertiesSet() {
		try {
			ownFlyway().migrate();
		}
		catch (FlywayException ex) {
			String message = String.valueOf(ex.getMessage()).toLowerCase(Locale.ROOT);
			if (message.contains("api_key") && message.contains("already exists")) {
				throw new ApiKeyConfigurationException(
						"The tables of API keys cannot be created, because there is a table of the same name that "
								+ "is not ours: " + ex.getMessage(),
						"Rename your table, or create the tables of API keys under other names yourself: set "
								+ "'api-key.database.flyway.enabled=false' and 'api-key.database.initialize-schema=never', "
								+ "copy the DDL from 'io/github/apikeys/core/migration' in the jar of api-key-core, and "
								+ "tell Hibernate the names with a PhysicalNamingStrategy.");
			}
			throw ex;
		}
	}

	private Flyway ownFlyway() {
		Configuration application = this.applicationFlyway.getConfiguration();
		return Flyway.configure(application.getClassLoader())
			.dataSource(application.getDataSource())
			.schemas(application.getSchemas())
			.defaultSchema(application.getDefaultSchema())
			.tablespace(application.getTablespace())
			.connectRetries(application.getConnectRetries())
			.lockRetryCount(application.getLockRetryCount())
			.locations("classpath:" + ApiKeySchemaAutoConfiguration.MIGRATIONS + platform(application.getDataSource()))
			.failOnMissingLocations(true)
			.table(HISTORY_TABLE)
			// the schema is not empty; everything in it is older than our first migration
			.baselineOnMigrate(true)
			.baselineVersion("0")
			.load();
	}

	private static String platform(DataSource dataSource) {
		try {
			String product = JdbcUtils.commonDatabaseName(
					JdbcUtils.extractDatabaseMetaData(dataSource, (metaData) -> metaData.getDatabaseProductName()));
			return DatabaseDriver.fromProductName(product).getId();
		}
		catch (MetaDataAccessException ex) {
			throw new IllegalStateException("The database does not tell its name", ex);
		}
	}

}
