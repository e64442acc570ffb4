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

package io.github.apikeys.core.jpa;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.EntityManager;
import org.hibernate.metamodel.mapping.CollectionPart;
import org.hibernate.metamodel.mapping.PluralAttributeMapping;
import org.hibernate.metamodel.mapping.SelectableMapping;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.query.NativeQuery;
import org.hibernate.type.BasicType;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one of the collections of {@link ApiKey}, written by statements of their
 * own: what a persistence context holds may be outdated, and must not bring anything
 * back.
 */
final class KeyCollectionTable {

	private final Statements statements;

	private final BasicType<UUID> idType;

	private final String lockClause;

	private final String name;

	private final SelectableMapping key;

	private final @Nullable SelectableMapping index;

	private final SelectableMapping element;

	KeyCollectionTable(EntityManager entityManager, ApiKeyTable table, String attribute) {
		EntityPersister persister = table.persister(ApiKey.class);
		PluralAttributeMapping mapping = (PluralAttributeMapping) persister.findAttributeMapping(attribute);
		CollectionPart indexPart = mapping.getIndexDescriptor();
		this.statements = new Statements(entityManager);
		this.idType = table.type("id");
		this.lockClause = table.lockClause();
		this.name = mapping.getSeparateCollectionTable();
		this.key = mapping.getKeyDescriptor().getKeyPart().getSelectable(0);
		this.index = (indexPart != null) ? indexPart.getSelectable(0) : null;
		this.element = mapping.getElementDescriptor().getSelectable(0);
	}

	/**
	 * Locks the rows of a key, and reads them as a delete would see them.
	 * @return each element, with its name in a collection that has names
	 */
	List<Object[]> lockAndRead(UUID id) {
		return read(id, this.lockClause);
	}

	/**
	 * Reads the rows of a key.
	 * @return as in {@link #lockAndRead}
	 */
	List<Object[]> read(UUID id) {
		return read(id, "");
	}

	private List<Object[]> read(UUID id, String lock) {
		SelectableMapping named = (this.index != null) ? this.index : this.element;
		List<Object[]> rows = new ArrayList<>();
		for (Object row : this.statements
			.createNativeQueryOfKeys("select " + this.element.getSelectionExpression() + " as element, "
					+ named.getSelectionExpression() + " as element_name from " + this.name + " where "
					+ this.key.getSelectionExpression() + " = :id" + lock)
			.addScalar("element", (BasicType<?>) this.element.getJdbcMapping())
			.addScalar("element_name", (BasicType<?>) named.getJdbcMapping())
			.setParameter("id", id, this.idType)
			.getResultList()) {
			rows.add((Object[]) row);
		}
		return rows;
	}

	/**
	 * Deletes the rows of some keys.
	 */
	void delete(Collection<UUID> ids) {
		update("delete from " + this.name + " where " + this.key.getSelectionExpression() + " in (:ids)")
			.setParameterList("ids", ids, this.idType)
			.executeUpdate();
	}

	/**
	 * Inserts one row.
	 * @param index the name of the element, for a collection that has names
	 */
	void insert(UUID id, @Nullable String index, String element) {
		SelectableMapping mapping = this.index;
		String columns = this.key.getSelectionExpression() + ", " + this.element.getSelectionExpression();
		NativeQuery<?> query = update("insert into " + this.name + " (" + columns
				+ ((mapping != null) ? ", " + mapping.getSelectionExpression() : "") + ") values (:id, :element"
				+ ((mapping != null) ? ", :index" : "") + ")")
			.setParameter("id", id, this.idType)
			.setParameter("element", element);
		if (mapping != null) {
			query.setParameter("index", index);
		}
		query.executeUpdate();
	}

	private NativeQuery<?> update(String sql) {
		return this.statements.createNativeQueryOfKeys(sql);
	}

}
