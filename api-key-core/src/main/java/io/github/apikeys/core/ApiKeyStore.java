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

import java.time.Duration;
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

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.FlushModeType;
import org.hibernate.Hibernate;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.query.NativeQuery;
import org.hibernate.query.SelectionQuery;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.orm.jpa.SharedEntityManagerCreator;

/**
 * The statements on the table of keys. Needs a transaction around it; starts none.
 */
final class ApiKeyStore {

	/**
	 * A time that is not set is read as another one, and marked: to read a time takes
	 * longer than to read none, and that would tell the state of the key.
	 */
	private static final String SELECT_FOR_VERIFICATION = """
			select k.id, k.keyId, k.name, k.owner, k.keyType, k.hash, k.allowedAddresses, k.version, k.rateLimits,
				k.quota, s,
				coalesce(k.notBefore, k.createdAt), case when k.notBefore is null then 0 else 1 end,
				coalesce(k.expiresAt, k.createdAt), case when k.expiresAt is null then 0 else 1 end,
				coalesce(k.disabledAt, k.createdAt), case when k.disabledAt is null then 0 else 1 end,
				coalesce(k.revokedAt, k.createdAt), case when k.revokedAt is null then 0 else 1 end
			from io.github.apikeys.core.ApiKey k left join k.scopes s
			where k.keyId = :keyId
			""";

	/**
	 * How far the clocks of nodes may be apart that stamp changes with their own.
	 */
	static final Duration MAX_SKEW = Duration.ofMinutes(4);

	private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

	/**
	 * It is asked again after a second; a question that waits for a lock gives its
	 * connection back.
	 */
	private static final int POLL_TIMEOUT_SECONDS = 1;

	private final EntityManager entityManager;

	private final ApiKeyTable table;

	private final ApiKeyTypes types;

	ApiKeyStore(EntityManagerFactory entityManagerFactory) {
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory);
		this.table = ApiKeyTable.of(entityManagerFactory);
		this.types = ApiKeyTypes.of(entityManagerFactory);
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
			// nothing of the caller's is written for it
			.setFlushMode(FlushModeType.COMMIT)
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
				(String) key[4], this.types.lineage((String) key[4]), rateLimits((String) key[8]), key[9] != null);
		return new StoredApiKey(principal, (Long) key[7], (TokenHash) key[5], time(key, 11), time(key, 13),
				time(key, 15), time(key, 17), AllowedAddresses.of((String) key[6]));
	}

	private static @Nullable Instant time(Object[] row, int column) {
		return row[column + 1].equals(1) ? (Instant) row[column] : null;
	}

	private static @Nullable RateLimits rateLimits(@Nullable String text) {
		return (text != null) ? RateLimits.parse(text) : null;
	}

	/**
	 * Takes one request from a quota, if there is one left. It is no change of the key,
	 * so its version stays.
	 * @return whether there was; a key without a quota has always one left
	 */
	boolean consumeQuota(UUID id) {
		String used = column("quotaUsed");
		return nativeUpdate("update " + this.table.name() + " set " + used + " = " + used + " + 1 where " + column("id")
				+ " = :id and " + column("successorId") + " is null and (" + column("quota") + " is null or " + used
				+ " < " + column("quota") + ")")
			.setParameter("id", id, this.table.<UUID>type("id"))
			.executeUpdate() == 1;
	}

	void refundQuota(UUID id) {
		String used = column("quotaUsed");
		nativeUpdate("update " + this.table.name() + " set " + used + " = " + used + " - 1 where " + column("id")
				+ " = :id and " + used + " > 0")
			.setParameter("id", id, this.table.<UUID>type("id"))
			.executeUpdate();
	}

	/**
	 * Which key replaced another.
	 * @return the id of its row, or {@code null} if none did
	 */
	@Nullable UUID findSuccessor(UUID id) {
		List<UUID> successors = this.entityManager.createQuery("""
				select k.successorId from io.github.apikeys.core.ApiKey k
				where k.id = :id and k.successorId is not null
				""", UUID.class).setParameter("id", id).getResultList();
		return successors.isEmpty() ? null : successors.get(0);
	}

	/**
	 * What changed in a time before now, and before the last time that it was asked, by
	 * the clock that stamps the changes. That clock may have been set since.
	 * @param last what it said then
	 */
	RecentChanges findChanged(Duration window, @Nullable Instant last) {
		return this.table.hasClock() ? findChangedByDatabaseClock(window, last) : findChangedByOwnClock(window, last);
	}

	private RecentChanges findChangedByDatabaseClock(Duration window, @Nullable Instant last) {
		List<Object[]> rows = changesSince("least(" + this.table.before(window) + ", :since)", """
				union all
				select '', -2L, cast(sql('%s') as Instant)
				""".formatted(this.table.now())).setParameter("since", (last != null) ? last.minus(window) : NEVER)
			.setTimeout(POLL_TIMEOUT_SECONDS)
			.getResultList();
		Instant now = NEVER;
		List<RecentChange> changes = new ArrayList<>();
		for (Object[] row : rows) {
			if (row[0].equals("") && row[1].equals(-2L)) {
				now = (Instant) row[2];
			}
			else {
				changes.add(change(row));
			}
		}
		return new RecentChanges(now, changes);
	}

	/**
	 * The clocks of other nodes are not quite the same.
	 */
	private RecentChanges findChangedByOwnClock(Duration window, @Nullable Instant last) {
		Instant now = Instant.now();
		Instant start = (last != null && last.isBefore(now)) ? last : now;
		List<Object[]> rows = changesSince(":since", "").setParameter("since", start.minus(window).minus(MAX_SKEW))
			.getResultList();
		return new RecentChanges(now, rows.stream().map(ApiKeyStore::change).toList());
	}

	private SelectionQuery<Object[]> changesSince(String since, String more) {
		return this.entityManager.createQuery("""
				select k.keyId, k.version, k.changedAt from io.github.apikeys.core.ApiKey k where k.changedAt >= %1$s
				union all
				select o.owner, -1L, o.invalidatedAt from io.github.apikeys.core.KeyOwner o
				where o.invalidatedAt >= %1$s
				%2$s""".formatted(since, more), Object[].class).unwrap(SelectionQuery.class);
	}

	private static RecentChange change(Object[] row) {
		return new RecentChange((String) row[0], (Long) row[1], (Instant) row[2]);
	}

	/**
	 * Says again, and later, that a key changed.
	 */
	void stamp(UUID id) {
		NativeQuery<?> query = nativeUpdate("update " + this.table.name() + " set " + column("changedAt") + " = "
				+ this.table.now() + " where " + column("id") + " = :id")
			.setParameter("id", id, this.table.<UUID>type("id"));
		bindNow(query);
		query.executeUpdate();
	}

	private void bindNow(NativeQuery<?> query) {
		if (this.table.now().equals(ApiKeyTable.NOW_PARAMETER)) {
			query.setParameter("now", Instant.now(), this.table.<Instant>type("changedAt"));
		}
	}

	@Nullable ApiKey find(UUID id) {
		return find(ApiKey.class, id);
	}

	<T extends ApiKey> @Nullable T find(Class<T> type, UUID id) {
		return this.entityManager.find(type, id);
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
	 * Changes attributes of a key that is not revoked, and does not let a key that was
	 * replaced end later.
	 * @param expectedVersion if given, only if this is still its version
	 * @return whether there was such a key
	 */
	boolean update(UUID id, Map<String, @Nullable Object> values, @Nullable Long expectedVersion) {
		StringBuilder condition = new StringBuilder();
		Map<String, Object> parameters = new LinkedHashMap<>();
		if (expectedVersion != null) {
			condition.append(" and " + column("version") + " = :expected");
			parameters.put("expected", expectedVersion);
		}
		if (values.containsKey("expiresAt")) {
			condition.append(" and (" + column("successorId") + " is null");
			if (values.get("expiresAt") instanceof Instant end) {
				condition.append(" or " + column("expiresAt") + " > :end");
				parameters.put("end", end);
			}
			condition.append(")");
		}
		return change(id, values, condition.toString(), parameters);
	}

	/**
	 * Lets a key end that is neither revoked nor expired.
	 * @return whether there was such a key
	 */
	boolean end(UUID id, Instant now) {
		return change(id, Map.of("expiresAt", now),
				" and (" + column("expiresAt") + " is null or " + column("expiresAt") + " > :expiresAfter)",
				Map.of("expiresAfter", now));
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
	 * Locks those keys of an owner that are not revoked.
	 * @return the ids of their rows
	 */
	List<UUID> lockUnrevoked(String owner) {
		return lockAndReadIds(column("owner") + " = :owner and " + column("revokedAt") + " is null",
				Map.of("owner", owner), Integer.MAX_VALUE);
	}

	/**
	 * Reads which keys of an owner are neither revoked nor expired. It locks them,
	 * because only a locking read sees what an update sees.
	 * @return the ids of their rows, with those of their successors
	 */
	Map<UUID, @Nullable UUID> lockAndReadLive(String owner, Instant now) {
		Map<UUID, @Nullable UUID> live = new LinkedHashMap<>();
		for (Object row : this.entityManager
			.createNativeQuery("select " + column("id") + " as id, " + column("successorId") + " as successor_id from "
					+ this.table.name() + " where " + column("owner") + " = :owner and " + column("revokedAt")
					+ " is null and (" + column("expiresAt") + " is null or " + column("expiresAt")
					+ " > :now) order by " + column("id") + " for update")
			.unwrap(NativeQuery.class)
			.addSynchronizedEntityClass(ApiKey.class)
			.addScalar("id", this.table.<UUID>type("id"))
			.addScalar("successor_id", this.table.<UUID>type("successorId"))
			.setParameter("owner", owner, this.table.<String>type("owner"))
			.setParameter("now", now, this.table.<Instant>type("expiresAt"))
			.getResultList()) {
			Object[] columns = (Object[]) row;
			live.put((UUID) columns[0], (UUID) columns[1]);
		}
		return live;
	}

	/**
	 * Locks some keys that were revoked or expired before a time.
	 * @return the ids of their rows
	 */
	List<UUID> lockEndedBefore(Instant time, int max) {
		return lockAndReadIds("(" + column("revokedAt") + " < :time or " + column("expiresAt") + " < :time)",
				Map.of("time", time), max);
	}

	private List<UUID> lockAndReadIds(String condition, Map<String, Object> parameters, int max) {
		NativeQuery<?> query = this.entityManager
			.createNativeQuery("select " + column("id") + " as id from " + this.table.name() + " where " + condition
					+ " order by " + column("id") + ((max < Integer.MAX_VALUE) ? " limit " + max : "") + " for update")
			.unwrap(NativeQuery.class)
			.addSynchronizedEntityClass(ApiKey.class)
			.addScalar("id", this.table.<UUID>type("id"));
		parameters.forEach((name, value) -> query.setParameter(name, value,
				this.table.<Object>type((value instanceof Instant) ? "expiresAt" : "owner")));
		return query.getResultList().stream().map(UUID.class::cast).toList();
	}

	private String column(String attribute) {
		return this.table.column(attribute);
	}

	/**
	 * Deletes keys with all that belongs to them but their history.
	 */
	void delete(List<ApiKey> keys) {
		List<UUID> ids = keys.stream().map(ApiKey::getId).toList();
		keys.forEach(this.entityManager::remove);
		this.entityManager.createQuery("delete from io.github.apikeys.core.DailyUsage u where u.apiKeyId in :ids")
			.setParameter("ids", ids)
			.executeUpdate();
		this.entityManager.flush();
	}

	/**
	 * Links a key to its successor, and lets it end, if it can be rotated.
	 * @return whether there was such a key
	 */
	boolean rotate(UUID id, UUID successorId, Instant now, Instant end) {
		String expiresAt = this.table.column("expiresAt");
		Map<String, @Nullable Object> columns = new LinkedHashMap<>();
		columns.put("successorId", successorId);
		columns.put("expiresAt", end);
		return change(id, columns,
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
		bindNow(query);
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
