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

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.EntityManager;
import jakarta.persistence.FlushModeType;
import jakarta.persistence.Query;
import jakarta.persistence.TypedQuery;
import org.hibernate.query.NativeQuery;

/**
 * Creates the statements of changes and verifications. None of them flushes: no column of
 * ours is written by a flush, and each flush looks at everything that the caller has
 * loaded.
 */
final class Statements {

	private final EntityManager entityManager;

	Statements(EntityManager entityManager) {
		this.entityManager = entityManager;
	}

	<T> TypedQuery<T> createQuery(String jpql, Class<T> type) {
		return this.entityManager.createQuery(jpql, type).setFlushMode(FlushModeType.COMMIT);
	}

	Query createQuery(String jpql) {
		return this.entityManager.createQuery(jpql).setFlushMode(FlushModeType.COMMIT);
	}

	/**
	 * Creates a statement on the table of keys, or on one that belongs to it: what a
	 * second-level cache has of keys is evicted after it.
	 */
	NativeQuery<?> createNativeQueryOfKeys(String sql) {
		return createNativeQuery(sql).unwrap(NativeQuery.class).addSynchronizedEntityClass(ApiKey.class);
	}

	Query createNativeQuery(String sql) {
		return this.entityManager.createNativeQuery(sql).setFlushMode(FlushModeType.COMMIT);
	}

}
