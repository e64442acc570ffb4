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

import java.util.List;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import jakarta.persistence.EntityManager;
import org.hibernate.metamodel.mapping.SelectableMapping;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.query.NativeQuery;
import org.hibernate.type.BasicType;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines of history, many at once: a persistence context would write them one by
 * one, and only when it is flushed.
 */
final class KeyHistory {

	private static final int BATCH = 100;

	private static final List<String> ATTRIBUTES = List.of("apiKeyId", "keyId", "change", "occurredAt", "actor",
			"address", "detail");

	private final Statements statements;

	private final EntityPersister persister;

	KeyHistory(EntityManager entityManager, ApiKeyTable table) {
		this.statements = new Statements(entityManager);
		this.persister = table.persister(ApiKeyEvent.class);
	}

	/**
	 * Whether there is, or was, a key.
	 */
	boolean contains(UUID apiKeyId) {
		return !this.statements
			.createQuery("select 1 from io.github.apikeys.core.ApiKeyEvent e where e.apiKeyId = :id", Integer.class)
			.setParameter("id", apiKeyId)
			.setMaxResults(1)
			.getResultList()
			.isEmpty();
	}

	/**
	 * Whether something happened to a key.
	 */
	boolean contains(UUID apiKeyId, ApiKeyChange change) {
		return !this.statements
			.createQuery(
					"select 1 from io.github.apikeys.core.ApiKeyEvent e where e.apiKeyId = :id and e.change = :change",
					Integer.class)
			.setParameter("id", apiKeyId)
			.setParameter("change", change)
			.setMaxResults(1)
			.getResultList()
			.isEmpty();
	}

	void insert(List<ApiKeyEvent> events) {
		Chunks.of(events, BATCH).forEach(this::insertBatch);
	}

	private void insertBatch(List<ApiKeyEvent> events) {
		StringBuilder sql = new StringBuilder("insert into ")
			.append(this.persister.getIdentifierMapping().getSelectable(0).getContainingTableExpression())
			.append(" (")
			.append(String.join(", ",
					ATTRIBUTES.stream().map((name) -> column(name).getSelectionExpression()).toList()))
			.append(") values ");
		for (int i = 0; i < events.size(); i++) {
			String row = "_" + i;
			sql.append((i > 0) ? ", (" : "(")
				.append(String.join(", ", ATTRIBUTES.stream().map((name) -> ":" + name + row).toList()))
				.append(")");
		}
		NativeQuery<?> query = this.statements.createNativeQuery(sql.toString())
			.unwrap(NativeQuery.class)
			.addSynchronizedEntityClass(ApiKeyEvent.class);
		for (int i = 0; i < events.size(); i++) {
			bind(query, "_" + i, events.get(i));
		}
		query.executeUpdate();
	}

	private void bind(NativeQuery<?> query, String row, ApiKeyEvent event) {
		for (String name : ATTRIBUTES) {
			query.setParameter(name + row, this.persister.findAttributeMapping(name).getValue(event), type(name));
		}
	}

	private SelectableMapping column(String attribute) {
		return this.persister.findAttributeMapping(attribute).getSelectable(0);
	}

	@SuppressWarnings("unchecked")
	private BasicType<@Nullable Object> type(String attribute) {
		return (BasicType<@Nullable Object>) column(attribute).getJdbcMapping();
	}

}
