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

import java.util.function.Predicate;

import org.hibernate.boot.model.relational.Namespace;
import org.hibernate.boot.model.relational.Sequence;
import org.hibernate.mapping.Table;
import org.hibernate.tool.schema.spi.SchemaFilter;
import org.hibernate.tool.schema.spi.SchemaFilterProvider;

/**
 * Keeps the tables of API keys from Hibernate's schema tool, which may look at them, but
 * not create, alter, truncate or drop them.
 */
final class KeptTables implements SchemaFilterProvider, SchemaFilter {

	private final Predicate<Table> tables;

	private boolean released;

	KeptTables(Predicate<Table> tables) {
		this.tables = tables;
	}

	/**
	 * Leaves the tables to the schema tool after all.
	 */
	void release() {
		this.released = true;
	}

	@Override
	public SchemaFilter getCreateFilter() {
		return this;
	}

	@Override
	public SchemaFilter getDropFilter() {
		return this;
	}

	@Override
	public SchemaFilter getTruncatorFilter() {
		return this;
	}

	@Override
	public SchemaFilter getMigrateFilter() {
		return this;
	}

	@Override
	public SchemaFilter getValidateFilter() {
		return SchemaFilter.ALL;
	}

	@Override
	public boolean includeNamespace(Namespace namespace) {
		return true;
	}

	@Override
	public boolean includeTable(Table table) {
		return this.released || !this.tables.test(table);
	}

	@Override
	public boolean includeSequence(Sequence sequence) {
		return true;
	}

}
