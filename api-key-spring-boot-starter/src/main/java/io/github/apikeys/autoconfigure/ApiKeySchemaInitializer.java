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

import java.util.List;

import javax.sql.DataSource;

import io.github.apikeys.autoconfigure.ApiKeyTablesException.Problem;

import org.springframework.boot.jdbc.init.PropertiesBasedDataSourceScriptDatabaseInitializer;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ScriptException;
import org.springframework.util.Assert;

/**
 * Creates the tables where the application has no Flyway, unless they are there:
 * Hibernate may have been first.
 */
final class ApiKeySchemaInitializer
		extends PropertiesBasedDataSourceScriptDatabaseInitializer<ApiKeyProperties.Database> {

	private final DatabaseInitializationMode mode;

	private final JdbcTemplate jdbcTemplate;

	ApiKeySchemaInitializer(DataSource dataSource, ApiKeyProperties.Database properties) {
		super(dataSource, properties);
		this.mode = properties.getInitializeSchema();
		this.jdbcTemplate = new JdbcTemplate(dataSource);
	}

	@Override
	public boolean initializeDatabase() {
		try {
			return isWanted() && !tablesExist() && super.initializeDatabase();
		}
		catch (ScriptException ex) {
			DataSource dataSource = getDataSource();
			Assert.state(dataSource != null, "no data source");
			DatabaseLocation location = DatabaseLocation.of(dataSource, "");
			throw new ApiKeyTablesException(Problem.NOT_MIGRATED, List.of(String.valueOf(ex.getMessage())), List.of(),
					location, ex);
		}
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
