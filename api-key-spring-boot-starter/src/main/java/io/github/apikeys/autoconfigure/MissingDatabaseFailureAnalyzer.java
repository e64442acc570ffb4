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

import io.github.apikeys.core.support.Causes;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;

/**
 * Says why an application that has no database of its own needs one.
 */
final class MissingDatabaseFailureAnalyzer implements FailureAnalyzer, Ordered {

	/** Not visible to others. */
	private static final String FAILURE = "org.springframework.boot.jdbc.autoconfigure."
			+ "DataSourceProperties$DataSourceBeanCreationException";

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public @Nullable FailureAnalysis analyze(Throwable failure) {
		for (Throwable cause : Causes.of(failure)) {
			if (cause.getClass().getName().equals(FAILURE)) {
				return new FailureAnalysis(
						"Failed to configure a DataSource: " + cause.getMessage()
								+ ". API keys are stored in a relational database with JPA, also where the application"
								+ " has no other use for one (such as with MongoDB or R2DBC).",
						"Set 'spring.datasource.url' and add the JDBC driver of the database, or add an embedded"
								+ " database such as H2 to try API keys out. If a profile sets the URL, activate it."
								+ " In an application without a relational database, exclude spring-boot-starter-data-jpa"
								+ " from api-key-spring-boot-starter, and publish an ApiKeyTokenVerifier; or"
								+ " remove the dependency.",
						cause);
			}
		}
		return null;
	}

}
