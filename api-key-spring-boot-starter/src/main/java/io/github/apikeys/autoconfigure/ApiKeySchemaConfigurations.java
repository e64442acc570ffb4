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

import io.github.apikeys.autoconfigure.ApiKeyProperties.Database.SchemaInitialization;
import org.flywaydb.core.Flyway;

import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.sql.autoconfigure.init.OnDatabaseInitializationCondition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * The two ways in which the tables come into the database, imported in the order in which
 * they are considered.
 */
final class ApiKeySchemaConfigurations {

	static final String MIGRATOR = "io.github.apikeys.apiKeySchemaMigrator";

	static final String INITIALIZER = "io.github.apikeys.apiKeySchemaInitializer";

	private ApiKeySchemaConfigurations() {
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Flyway.class)
	@ConditionalOnSingleCandidate(Flyway.class)
	@ConditionalOnBooleanProperty(name = "api-key.database.flyway.enabled", matchIfMissing = true)
	static class WithFlyway {

		@Bean(MIGRATOR)
		ApiKeySchemaMigrator apiKeySchemaMigrator(Flyway flyway) {
			return new ApiKeySchemaMigrator(flyway);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnSingleCandidate(DataSource.class)
	@ConditionalOnMissingBean(ApiKeySchemaMigrator.class)
	@Conditional(OnScripts.class)
	static class WithScripts {

		@Bean(INITIALIZER)
		ApiKeySchemaInitializer apiKeySchemaInitializer(DataSource dataSource, ApiKeyProperties properties) {
			return new ApiKeySchemaInitializer(dataSource, properties.getDatabase());
		}

	}

	/**
	 * Whether scripts may run at all.
	 */
	static final class OnScripts extends OnDatabaseInitializationCondition {

		static final String PROPERTY = "api-key.database.initialize-schema";

		OnScripts() {
			super("API key", PROPERTY);
		}

		/**
		 * Bound first: the condition reads the value in a way that names neither the
		 * property nor the values that it can have.
		 */
		@Override
		public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
			Binder.get(context.getEnvironment()).bind(PROPERTY, SchemaInitialization.class);
			return super.getMatchOutcome(context, metadata);
		}

	}

}
