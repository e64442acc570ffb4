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

import java.util.Collection;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Thrown at start when the tables of API keys cannot be used, or are in danger.
 */
final class ApiKeyTablesException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final Problem problem;

	private final List<String> tables;

	private final List<String> renamed;

	private final transient DatabaseLocation location;

	private final transient @Nullable DatabaseLocation placeOfMigrations;

	ApiKeyTablesException(Problem problem, Collection<String> tables, List<String> renamed, DatabaseLocation location) {
		this(problem, tables, renamed, location, null);
	}

	ApiKeyTablesException(Problem problem, Collection<String> tables, List<String> renamed, DatabaseLocation location,
			@Nullable Throwable cause) {
		super(problem.description.formatted(String.join(", ", tables), location), cause);
		this.problem = problem;
		this.tables = List.copyOf(tables);
		this.renamed = renamed;
		this.location = location;
		this.placeOfMigrations = null;
	}

	private ApiKeyTablesException(ApiKeyTablesException failure, @Nullable DatabaseLocation placeOfMigrations) {
		super(failure.getMessage(), failure);
		this.problem = failure.problem;
		this.tables = failure.tables;
		this.renamed = failure.renamed;
		this.location = failure.location;
		this.placeOfMigrations = placeOfMigrations;
	}

	/**
	 * Returns this failure with the place where Flyway or scripts create the tables.
	 */
	ApiKeyTablesException withPlaceOfMigrations(@Nullable DatabaseLocation placeOfMigrations) {
		return (placeOfMigrations != null) ? new ApiKeyTablesException(this, placeOfMigrations) : this;
	}

	Problem getProblem() {
		return this.problem;
	}

	List<String> getTables() {
		return this.tables;
	}

	/**
	 * Returns the tables that Hibernate knows by another name than our scripts.
	 */
	List<String> getRenamed() {
		return this.renamed;
	}

	DatabaseLocation getLocation() {
		return this.location;
	}

	/**
	 * Returns where Flyway or scripts create the tables, or would, if that is known.
	 */
	@Nullable DatabaseLocation getPlaceOfMigrations() {
		return this.placeOfMigrations;
	}

	/**
	 * What is wrong with the tables.
	 */
	enum Problem {

		/** No such tables. */
		MISSING("Tables of API keys are missing: %s (%s)."),

		/** Tables that the scripts of an earlier version made. */
		OUTDATED("Tables of API keys are of an earlier version: %s (%s)."),

		/** Tables that Hibernate made from the entities. */
		MADE_BY_HIBERNATE("Tables of API keys were made by Hibernate and not by our scripts: %s (%s)."),

		/** Tables that cannot be created or migrated. */
		NOT_MIGRATED("Tables of API keys cannot be created: %s (%s)."),

		/** Tables that lack columns. */
		INCOMPLETE("Tables of API keys are not as this version needs them: %s (%s)."),

		/** Tables without the right to read them. */
		UNREADABLE("Tables of API keys may not be read: %s (%s)."),

		/** Tables that Hibernate is about to create, alter or drop. */
		CHANGED_BY_HIBERNATE("Hibernate would create, change or drop tables of API keys: %s (%s)."),

		/** Tables that an entity of the application has, too. */
		SHARED("Entities of the application have the tables of API keys for theirs: %s (%s).");

		private final String description;

		Problem(String description) {
			this.description = description;
		}

	}

}
