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
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.metamodel.mapping.SelectableMapping;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.type.BasicType;

/**
 * Deletes rows of keys from all tables that the application maps, without loading an
 * entity: one that cannot be loaded would keep its key, and that of others, for ever.
 */
final class KeyRemoval {

	private final Statements statements;

	private final BasicType<UUID> idType;

	// in an order that violates no foreign key
	private final List<String> deletions = new ArrayList<>();

	KeyRemoval(EntityManager entityManager, EntityManagerFactory entityManagerFactory, ApiKeyTable table) {
		this.statements = new Statements(entityManager);
		this.idType = table.type("id");
		entityManagerFactory.unwrap(SessionFactoryImplementor.class)
			.getMappingMetamodel()
			.forEachCollectionDescriptor((collection) -> {
				if (isOfKeys(collection)) {
					add(collection.getAttributeMapping().getSeparateCollectionTable(),
							collection.getAttributeMapping().getKeyDescriptor().getKeyPart().getSelectable(0));
				}
			});
		table.persister(ApiKey.class)
			.visitConstraintOrderedTables(
					(name, columns) -> columns.get().accept((index, column) -> add(name, column)));
	}

	/**
	 * Whether the rows of a collection belong to keys, and to nobody else.
	 */
	private static boolean isOfKeys(CollectionPersister collection) {
		return ApiKey.class.isAssignableFrom(collection.getOwnerEntityPersister().getMappedClass())
				&& !collection.isOneToMany() && !collection.isInverse();
	}

	private void add(String table, SelectableMapping column) {
		this.deletions.add("delete from " + table + " where " + column.getSelectionExpression() + " in (:ids)");
	}

	/**
	 * Deletes keys with all that belongs to them but their history.
	 */
	void delete(Collection<UUID> ids) {
		this.statements.createQuery("delete from io.github.apikeys.core.jpa.DailyUsage u where u.apiKeyId in :ids")
			.setParameter("ids", ids)
			.executeUpdate();
		for (String deletion : this.deletions) {
			this.statements.createNativeQueryOfKeys(deletion).setParameterList("ids", ids, this.idType).executeUpdate();
		}
	}

}
