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

import javax.sql.DataSource;

import jakarta.persistence.EntityManagerFactory;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;
import org.springframework.core.log.LogMessage;

/**
 * Looks at the tables when the application starts, and says what is wrong with them.
 */
final class TablesAtStart {

	private static final Log logger = LogFactory.getLog(TablesAtStart.class);

	private final BeanFactory beanFactory;

	private final EntityManagerFactory entityManagerFactory;

	TablesAtStart(BeanFactory beanFactory, EntityManagerFactory entityManagerFactory) {
		this.beanFactory = beanFactory;
		this.entityManagerFactory = entityManagerFactory;
	}

	/**
	 * Stops the start unless the tables can be used.
	 * @throws ApiKeyTablesException if they cannot
	 */
	void check() {
		try {
			ApiKeyTableIntegrator.check(this.entityManagerFactory);
		}
		catch (ApiKeyTablesException ex) {
			throw ex.withPlaceOfMigrations(placeOfMigrations());
		}
	}

	/**
	 * Warns unless the tables can be used, where they need not be those that keys are
	 * stored in.
	 * @param reason why they need not be
	 */
	void warn(Environment environment, String reason) {
		try {
			check();
		}
		catch (ApiKeyTablesException ex) {
			FailureAnalysis analysis = new ApiKeyTablesFailureAnalyzer(this.beanFactory, environment).analyze(ex, ex);
			logger.warn(LogMessage.format("%s %s%n%n%s", reason, analysis.getDescription(), analysis.getAction()));
		}
	}

	/**
	 * Where Flyway or scripts create the tables, or would.
	 * @return the place, or {@code null} if no one data source is meant, or it does not
	 * answer
	 */
	private @Nullable DatabaseLocation placeOfMigrations() {
		DataSource dataSource = OptionalType.FLYWAY.isPresent() ? OfFlyway.dataSource(this.beanFactory) : null;
		if (dataSource == null) {
			dataSource = this.beanFactory.getBeanProvider(DataSource.class).getIfUnique();
		}
		if (dataSource == null) {
			return null;
		}
		try (Connection connection = dataSource.getConnection()) {
			return DatabaseLocation.of(connection);
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("Where migrations lead is not known", ex);
			return null;
		}
	}

	/**
	 * Flyway need not be there.
	 */
	private static final class OfFlyway {

		static @Nullable DataSource dataSource(BeanFactory beanFactory) {
			Flyway flyway = beanFactory.getBeanProvider(Flyway.class).getIfUnique();
			return (flyway != null) ? flyway.getConfiguration().getDataSource() : null;
		}

	}

}
