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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.Hibernate;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.query.NativeQuery;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
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

	/**
	 * The type of a key's class. Not asked of Hibernate's persister: what that returns is
	 * of another type in each version.
	 * @return the value of its discriminator
	 */
	String keyType(ApiKey apiKey) {
		Class<?> type = Hibernate.getClass(apiKey);
		DiscriminatorValue value = type.getDeclaredAnnotation(DiscriminatorValue.class);
		return (value != null) ? value.value() : this.entityManager.getMetamodel().entity(type).getName();
	}

	/**
	 * A new key of the same class, with the attributes that the class itself adds.
	 */
	ApiKey copy(ApiKey apiKey) {
		EntityPersister persister = this.table.persister(Hibernate.getClass(apiKey));
		EntityPersister base = this.table.persister(ApiKey.class);
		Object original = Hibernate.unproxy(apiKey);
		ApiKey copy = (ApiKey) BeanUtils.instantiateClass(persister.getMappedClass());
		persister.forEachAttributeMapping((attribute) -> {
			if (base.findAttributeMapping(attribute.getAttributeName()) == null) {
				attribute.setValue(copy, copyOfCollection(attribute.getValue(original)));
			}
		});
		return copy;
	}

	/**
	 * A collection belongs to one entity.
	 */
	private static @Nullable Object copyOfCollection(@Nullable Object value) {
		if (value instanceof Map<?, ?> map) {
			return (value instanceof SortedMap<?, ?> sorted) ? new TreeMap<>(sorted) : new LinkedHashMap<>(map);
		}
		if (value instanceof Set<?> set) {
			return (value instanceof SortedSet<?> sorted) ? new TreeSet<>(sorted) : new LinkedHashSet<>(set);
		}
		return (value instanceof Collection<?> collection) ? new ArrayList<>(collection) : value;
	}

	void insert(ApiKeyEvent event) {
		this.entityManager.persist(event);
	}

	void flush() {
		this.entityManager.flush();
	}

	void insert(ApiKey apiKey) {
		this.entityManager.persist(apiKey);
		this.entityManager.flush();
	}

	/**
	 * Changes attributes of a key that is not revoked.
	 * @param expectedVersion if given, only if this is still its version
	 * @return whether there was such a key
	 */
	boolean update(UUID id, Map<String, @Nullable Object> values, @Nullable Long expectedVersion) {
		return change(id, values,
				(expectedVersion != null) ? " and " + this.table.column("version") + " = :expected" : "",
				(expectedVersion != null) ? Map.of("expected", expectedVersion) : Map.of());
	}

	/**
	 * Revokes a key that is not revoked.
	 * @return whether there was such a key
	 */
	boolean revoke(UUID id, Instant now) {
		return change(id, Map.of("revokedAt", now), "", Map.of());
	}

	/**
	 * Disables a key that is neither disabled nor revoked.
	 * @return whether there was such a key
	 */
	boolean disable(UUID id, Instant now) {
		return change(id, Map.of("disabledAt", now), " and " + this.table.column("disabledAt") + " is null", Map.of());
	}

	/**
	 * Enables a key that is disabled and not revoked.
	 * @return whether there was such a key
	 */
	boolean enable(UUID id) {
		return change(id, Collections.singletonMap("disabledAt", null),
				" and " + this.table.column("disabledAt") + " is not null", Map.of());
	}

	/**
	 * Links a key to its successor, and lets it end, if it can be rotated.
	 * @return whether there was such a key
	 */
	boolean rotate(UUID id, UUID successorId, Instant now, Instant end) {
		String expiresAt = this.table.column("expiresAt");
		return change(id, Map.of("successorId", successorId, "expiresAt", end),
				" and " + this.table.column("successorId") + " is null and " + this.table.column("disabledAt")
						+ " is null and (" + expiresAt + " is null or " + expiresAt + " > :expiresAfter)",
				Map.of("expiresAfter", now));
	}

	/**
	 * Locks a key, and reads when it ends as an update would see it: under REPEATABLE
	 * READ a plain query may see an older state.
	 * @return when it ends, if it does, or empty if there is no such key
	 */
	List<@Nullable Instant> lockAndReadExpiry(UUID id) {
		List<@Nullable Instant> rows = new ArrayList<>();
		for (Object row : this.entityManager
			.createNativeQuery("select " + this.table.column("expiresAt") + " as expires_at from " + this.table.name()
					+ " where " + this.table.column("id") + " = :id for update")
			.unwrap(NativeQuery.class)
			.addScalar("expires_at", this.table.<Instant>type("expiresAt"))
			.setParameter("id", id, this.table.<UUID>type("id"))
			.getResultList()) {
			rows.add((Instant) row);
		}
		return rows;
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
	private boolean change(UUID id, Map<String, @Nullable Object> values, String condition,
			Map<String, Object> parameters) {
		String version = this.table.column("version");
		StringBuilder assignments = new StringBuilder();
		values.keySet()
			.forEach((attribute) -> assignments.append(this.table.column(attribute) + " = :" + attribute + ", "));
		String sql = "update " + this.table.name() + " set " + assignments + version + " = " + version + " + 1, "
				+ this.table.column("changedAt") + " = " + this.table.now() + " where " + this.table.column("id")
				+ " = :id and " + this.table.column("revokedAt") + " is null" + condition;
		NativeQuery<?> query = nativeUpdate(sql).setParameter("id", id, this.table.<UUID>type("id"));
		values.forEach((attribute, value) -> query.setParameter(attribute, value, this.table.<Object>type(attribute)));
		parameters.forEach((name, value) -> query.setParameter(name, value,
				this.table.<Object>type((value instanceof Instant) ? "changedAt" : "version")));
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
