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

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import org.hibernate.boot.Metadata;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.mapping.Collection;
import org.hibernate.mapping.Column;
import org.hibernate.mapping.Join;
import org.hibernate.mapping.PersistentClass;
import org.hibernate.mapping.Table;

/**
 * The tables of API keys in a persistence unit that is being built.
 */
final class MappedTables {

	private final Metadata metadata;

	private final SessionFactoryImplementor sessionFactory;

	// in the same order on every start
	private final Map<String, Table> tables = new TreeMap<>();

	MappedTables(Metadata metadata, SessionFactoryImplementor sessionFactory) {
		this.metadata = metadata;
		this.sessionFactory = sessionFactory;
		for (PersistentClass entity : metadata.getEntityBindings()) {
			if (isOurs(entity)) {
				this.tables.put(key(entity.getTable()), entity.getTable());
			}
		}
		for (Collection collection : metadata.getCollectionBindings()) {
			if (isOurs(collection.getOwner())) {
				this.tables.put(key(collection.getCollectionTable()), collection.getCollectionTable());
			}
		}
	}

	private static boolean isOurs(PersistentClass entity) {
		return entity.hasPojoRepresentation() && KeyEntities.contains(entity.getMappedClass());
	}

	boolean isEmpty() {
		return this.tables.isEmpty();
	}

	/**
	 * Whether a table is one of them, or has the name of one.
	 */
	boolean contains(Table table) {
		return this.tables.containsKey(key(table));
	}

	java.util.Collection<Table> tables() {
		return this.tables.values();
	}

	List<MappedTable> named() {
		return this.tables.values()
			.stream()
			.map((table) -> new MappedTable(name(table), table.getColumns().stream().map(this::name).toList()))
			.toList();
	}

	/**
	 * Finds what else of the application is mapped to one of them.
	 * @return tables and entities, for people to read
	 */
	List<String> shared() {
		List<String> shared = new ArrayList<>();
		for (PersistentClass entity : this.metadata.getEntityBindings()) {
			if (!isOurs(entity)) {
				addIfShared(shared, entity.getTable(), entity);
				for (Join join : entity.getJoins()) {
					addIfShared(shared, join.getTable(), entity);
				}
			}
		}
		for (Collection collection : this.metadata.getCollectionBindings()) {
			if (!isOurs(collection.getOwner())) {
				addIfShared(shared, collection.getCollectionTable(), collection.getOwner());
			}
		}
		return shared;
	}

	private void addIfShared(List<String> shared, Table table, PersistentClass entity) {
		// a collection without a table of its own lies in that of its elements
		if (contains(table)) {
			shared.add(name(table) + " (" + entity.getEntityName() + ")");
		}
	}

	/**
	 * Names without quotes are the same in upper and lower case.
	 */
	private String key(Table table) {
		String name = name(table);
		return table.isQuoted() ? name : name.toLowerCase(Locale.ROOT);
	}

	private String name(Table table) {
		return this.sessionFactory.getSqlStringGenerationContext().format(table.getQualifiedTableName());
	}

	private String name(Column column) {
		return column.getQuotedName(this.sessionFactory.getJdbcServices().getDialect());
	}

}
