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

import javax.sql.DataSource;

import jakarta.persistence.EntityManagerFactory;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration of the tables, where JPA may store keys in them: with Flyway if the
 * application uses it, else with scripts, by default in embedded databases only.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { ApiKeyAutoConfiguration.class, DataSourceAutoConfiguration.class },
		afterName = "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration")
@ConditionalOnClass({ EntityManagerFactory.class, DataSource.class, DatabaseInitializationDependencyConfigurer.class })
@Import({ DatabaseInitializationDependencyConfigurer.class, ApiKeySchemaConfigurations.WithFlyway.class,
		ApiKeySchemaConfigurations.WithScripts.class })
public final class ApiKeySchemaAutoConfiguration {

	/**
	 * Where the migrations lie, one folder for each database.
	 */
	static final String MIGRATIONS = "io/github/apikeys/core/migration/";

}
