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

package io.github.apikeys.core;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.query.NativeQuery;
import org.jspecify.annotations.Nullable;

import org.springframework.orm.jpa.SharedEntityManagerCreator;

/**
 * The statements on the table of keys. Needs a transaction around it; starts none.
 */
final class ApiKeyStore {

	private static final String SELECT_FOR_VERIFICATION = """
			select k.id, k.keyId, k.name, k.owner, k.keyType, k.hash, k.notBefore, k.expiresAt, k.disabledAt,
				k.revokedAt, s
			from io.github.apikeys.core.ApiKey k left join k.scopes s
			where k.keyId = :keyId
			""";

	private final EntityManager entityManager;

	private final ApiKeyTable table;

	ApiKeyStore(EntityManagerFactory entityManagerFactory) {
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory);
		this.table = ApiKeyTable.of(entityManagerFactory);
	}

	EntityManager entityManager() {
		return this.entityManager;
	}

	/**
	 * Reads plain columns, the type among them: it neither joins the tables of subclasses
	 * nor fails on a type that this application does not know.
	 */
	@Nullable StoredApiKey findForVerification(String keyId) {
		List<Object[]> rows = this.entityManager.createQuery(SELECT_FOR_VERIFICATION, Object[].class)
			.setParameter("keyId", keyId)
			.getResultList();
		// equals, since a column's collation may think more of two ids than Java does
		if (rows.isEmpty() || !keyId.equals(rows.get(0)[1])) {
			return null;
		}
		Set<String> scopes = new HashSet<>();
		for (Object[] row : rows) {
			if (row[10] != null) {
				scopes.add((String) row[10]);
			}
		}
		Object[] key = rows.get(0);
		ApiKeyPrincipal principal = new ApiKeyPrincipal((UUID) key[0], keyId, (String) key[2], (String) key[3], scopes,
				(String) key[4]);
		return new StoredApiKey(principal, (TokenHash) key[5], (Instant) key[6], (Instant) key[7], (Instant) key[8],
				(Instant) key[9]);
	}

	@Nullable ApiKey find(UUID id) {
		return this.entityManager.find(ApiKey.class, id);
	}

	@Nullable ApiKey findByKeyId(String keyId) {
		List<ApiKey> keys = this.entityManager
			.createQuery("select k from io.github.apikeys.core.ApiKey k where k.keyId = :keyId", ApiKey.class)
			.setParameter("keyId", keyId)
			.getResultList();
		return (keys.isEmpty() || !keyId.equals(keys.get(0).getKeyId())) ? null : keys.get(0);
	}

	boolean existsKeyId(String keyId) {
		return !this.entityManager
			.createQuery("select 1 from io.github.apikeys.core.ApiKey k where k.keyId = :keyId", Integer.class)
			.setParameter("keyId", keyId)
			.getResultList()
			.isEmpty();
	}

	void insert(ApiKey apiKey) {
		this.entityManager.persist(apiKey);
		this.entityManager.flush();
	}

	/**
	 * Changes one attribute of a key that is not revoked.
	 * @return whether there was such a key
	 */
	boolean update(UUID id, String attribute, @Nullable Object value) {
		return change(id, attribute, value, "");
	}

	/**
	 * Sets one attribute of a key that is not revoked, if it has no value.
	 * @return whether there was such a key
	 */
	boolean updateIfNull(UUID id, String attribute, Object value) {
		return change(id, attribute, value, " and " + this.table.column(attribute) + " is null");
	}

	/**
	 * Clears one attribute of a key that is not revoked, if it has a value.
	 * @return whether there was such a key
	 */
	boolean clearIfPresent(UUID id, String attribute) {
		return change(id, attribute, null, " and " + this.table.column(attribute) + " is not null");
	}

	/**
	 * Whether a key is revoked now. It locks the row, because only a locking read sees
	 * what an update sees: under REPEATABLE READ a plain one may see an older state.
	 */
	boolean isRevoked(UUID id) {
		return !this.entityManager
			.createNativeQuery("select 1 from " + this.table.name() + " where " + this.table.column("id")
					+ " = :id and " + this.table.column("revokedAt") + " is not null for update")
			.unwrap(NativeQuery.class)
			.setParameter("id", id, this.table.<UUID>type("id"))
			.getResultList()
			.isEmpty();
	}

	/**
	 * Replaces the hash of a key, if it still is the one that was verified. It is no
	 * change of the key, so its version stays.
	 */
	void updateHash(UUID id, TokenHash oldHash, TokenHash newHash) {
		String hash = this.table.column("hash");
		nativeUpdate("update " + this.table.name() + " set " + hash + " = :newHash where " + this.table.column("id")
				+ " = :id and " + hash + " = :oldHash and " + this.table.column("revokedAt") + " is null")
			.setParameter("id", id, this.table.<UUID>type("id"))
			.setParameter("oldHash", oldHash.value())
			.setParameter("newHash", newHash.value())
			.executeUpdate();
	}

	/**
	 * One native statement whose row count decides: JPQL would collect the ids of a
	 * hierarchy first and count those. The column of the revocation guards every change,
	 * so that a revoked key stays as it is.
	 */
	private boolean change(UUID id, String attribute, @Nullable Object value, String condition) {
		String version = this.table.column("version");
		NativeQuery<?> query = nativeUpdate("update " + this.table.name() + " set " + this.table.column(attribute)
				+ " = :value, " + version + " = " + version + " + 1, " + this.table.column("changedAt") + " = "
				+ this.table.now() + " where " + this.table.column("id") + " = :id and "
				+ this.table.column("revokedAt") + " is null" + condition)
			.setParameter("id", id, this.table.<UUID>type("id"))
			.setParameter("value", value, this.table.<Object>type(attribute));
		if (this.table.now().equals(ApiKeyTable.NOW_PARAMETER)) {
			query.setParameter("now", Instant.now(), this.table.<Instant>type("changedAt"));
		}
		return query.executeUpdate() == 1;
	}

	private NativeQuery<?> nativeUpdate(String sql) {
		NativeQuery<?> query = this.entityManager.createNativeQuery(sql).unwrap(NativeQuery.class);
		// what is to be flushed before, and evicted from a second level cache after
		return query.addSynchronizedEntityClass(ApiKey.class);
	}

	/**
	 * The key as the database has it now.
	 */
	@Nullable ApiKey refresh(UUID id) {
		ApiKey apiKey = find(id);
		if (apiKey != null) {
			this.entityManager.refresh(apiKey);
		}
		return apiKey;
	}

}
