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

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.Ended;
import io.github.apikeys.core.LockedKey;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Timeout;
import org.hibernate.query.NativeQuery;
import org.jspecify.annotations.Nullable;

/**
 * Locks rows of keys, several in the order of their ids, so that no two transactions wait
 * for each other. The database says which order that is: each compares ids in its own
 * way. The only condition of a statement that locks is the id: a row that is found by
 * another index is locked out of order, and even if it does not fulfil the condition.
 * What an older snapshot hides is found by its owner.
 */
final class KeyLocks {

	static final Timeout MAX_WAIT = Timeout.seconds(2);

	private final EntityManager entityManager;

	private final Statements statements;

	private final ApiKeyTable table;

	private final Snapshots snapshots;

	KeyLocks(EntityManager entityManager, ApiKeyTable table, Snapshots snapshots) {
		this.entityManager = entityManager;
		this.statements = new Statements(entityManager);
		this.snapshots = snapshots;
		this.table = table;
	}

	/**
	 * Locks keys.
	 * @param ids at most {@link Chunks#MAX_SIZE}, in any order
	 */
	void lock(Collection<UUID> ids) {
		lock(List.copyOf(ids), Condition.NONE, this.table.lockClause());
	}

	/**
	 * Locks those of some keys that nothing else holds, and does not wait for the others
	 * if the database can do that.
	 * @param ids at most {@link Chunks#MAX_SIZE}, in any order
	 * @return the ids of the locked keys
	 */
	Set<UUID> lockFree(Collection<UUID> ids) {
		return select(ids, this.table.lockFreeClause(), null);
	}

	/**
	 * Locks those of some keys that exist, and fails if that takes longer than a moment.
	 * @param ids at most {@link Chunks#MAX_SIZE}, in any order
	 * @return the ids of the locked keys
	 */
	Set<UUID> lockSoon(Collection<UUID> ids) {
		// H2 would not forget a time-out of a statement
		return select(ids, this.table.lockClause(MAX_WAIT), this.table.hasClock() ? MAX_WAIT : null);
	}

	/**
	 * Finds which of some keys exist.
	 * @param ids at most {@link Chunks#MAX_SIZE}, in any order
	 * @return their ids
	 */
	Set<UUID> findExisting(Collection<UUID> ids) {
		return select(ids, "", null);
	}

	private Set<UUID> select(Collection<UUID> ids, String lockClause, @Nullable Timeout timeout) {
		if (ids.isEmpty()) {
			return Set.of();
		}
		NativeQuery<?> query = query(Condition.NONE,
				"select " + column("id") + " as id from " + this.table.name() + " where " + column("id")
						+ " in (:ids) order by " + column("id") + lockClause)
			.setParameterList("ids", ids, this.table.<UUID>type("id"));
		if (timeout != null) {
			query.setTimeout(timeout);
		}
		return new HashSet<>(ids(query));
	}

	/**
	 * Locks the keys of an owner.
	 */
	List<LockedKey> lockAll(String owner) {
		return keys(lockOfOwner(owner, Condition.NONE, List.of()));
	}

	/**
	 * Locks those keys of an owner that are not revoked.
	 */
	List<LockedKey> lockUnrevoked(String owner) {
		return keys(lockOfOwner(owner, new Condition(this.table.isNull("revokedAt"), Map.of()), List.of()));
	}

	/**
	 * Reads which keys of an owner are neither revoked nor expired. It locks them,
	 * because only a locking read sees what an update sees.
	 * @param others the ids of keys to be locked with them
	 * @return the ids of the rows of those of the owner, with those of their successors
	 */
	Map<UUID, @Nullable UUID> lockLive(String owner, Instant now, Collection<UUID> others) {
		Condition live = new Condition(this.table.isNull("revokedAt") + " and (" + column("expiresAt") + " is null or "
				+ column("expiresAt") + " > :now)", Map.of("now", now));
		Map<UUID, @Nullable UUID> keys = new LinkedHashMap<>();
		lockOfOwner(owner, live, others).forEach((row) -> keys.put(row.key().id(), row.successorId()));
		return keys;
	}

	/**
	 * Locks those of some keys that still are what was looked for, and of whose last
	 * change all nodes have been told. What somebody else has locked is left for later,
	 * if the database can do that.
	 */
	List<LockedKey> lockEnded(Ended ended, Collection<UUID> ids) {
		Map<String, Object> parameters = new LinkedHashMap<>(this.table.toldToAll());
		parameters.put("time", ended.time());
		String expired = ended.deleted() ? "" : " or " + column("expiresAt") + " < :time";
		Condition condition = new Condition(
				"(" + column("revokedAt") + " < :time" + expired + ") and " + this.table.isToldToAll(), parameters);
		String owner = ended.owner();
		return keys(lock(List.copyOf(ids), condition, this.table.lockToDeleteClause()).stream()
			.filter((row) -> owner == null || owner.equals(row.owner()))
			.toList());
	}

	private static List<LockedKey> keys(List<Row> rows) {
		return rows.stream().map(Row::key).toList();
	}

	/**
	 * The owner is locked, so no key is added meanwhile. What a snapshot that is older
	 * does not show is found by a statement that locks it, after all others.
	 */
	private List<Row> lockOfOwner(String owner, Condition condition, Collection<UUID> others) {
		Condition ofOwner = condition.and(column("owner") + " = :owner", "owner", owner);
		List<Row> rows = lock(find(ofOwner, others), ofOwner, this.table.lockClause());
		if (this.snapshots.arePossible(this.entityManager)) {
			rows = lock(findAndLock(ofOwner), ofOwner, this.table.lockClause());
		}
		// the collation of the column may treat as equal two owners that Java does not
		return rows.stream().filter((row) -> owner.equals(row.owner())).toList();
	}

	private List<UUID> find(Condition condition, Collection<UUID> others) {
		String select = "select " + column("id") + " as id from " + this.table.name() + " where ";
		if (others.isEmpty()) {
			return ids(query(condition, select + condition.sql() + " order by " + column("id")));
		}
		return ids(
				query(condition, select + condition.sql() + " union " + select + column("id") + " in (:ids) order by 1")
					.setParameterList("ids", others, this.table.<UUID>type("id")));
	}

	private List<UUID> findAndLock(Condition condition) {
		return ids(query(condition, "select " + column("id") + " as id from " + this.table.name() + " where "
				+ condition.sql() + " order by " + column("id") + this.table.lockClause()));
	}

	private List<UUID> ids(NativeQuery<?> query) {
		return query.addScalar("id", this.table.<UUID>type("id"))
			.getResultList()
			.stream()
			.map(UUID.class::cast)
			.toList();
	}

	/**
	 * Locks keys.
	 * @param ordered their ids, as the database orders them unless there are few
	 * @return the rows of those that fulfil the condition
	 */
	private List<Row> lock(List<UUID> ordered, Condition condition, String lockClause) {
		List<Row> rows = new ArrayList<>();
		for (List<UUID> ids : Chunks.of(ordered)) {
			query(condition,
					"select " + column("id") + " as id, " + column("keyId") + " as key_id, " + column("owner")
							+ " as owner, " + column("successorId") + " as successor_id, case when " + condition.sql()
							+ " then 1 else 0 end as fulfilled from " + this.table.name() + " where " + column("id")
							+ " in (:ids) order by " + column("id") + lockClause)
				.setParameterList("ids", ids, this.table.<UUID>type("id"))
				.addScalar("id", this.table.<UUID>type("id"))
				.addScalar("key_id", this.table.<String>type("keyId"))
				.addScalar("owner", this.table.<String>type("owner"))
				.addScalar("successor_id", this.table.<UUID>type("successorId"))
				.addScalar("fulfilled", Integer.class)
				.getResultList()
				.stream()
				.map(Object[].class::cast)
				.filter((row) -> row[4].equals(1))
				.forEach((row) -> rows
					.add(new Row(new LockedKey((UUID) row[0], (String) row[1]), (String) row[2], (UUID) row[3])));
		}
		return rows;
	}

	private String column(String attribute) {
		return this.table.column(attribute);
	}

	private NativeQuery<?> query(Condition condition, String sql) {
		NativeQuery<?> query = this.statements.createNativeQueryOfKeys(sql);
		condition.parameters()
			.forEach((name, value) -> query.setParameter(name, value,
					this.table.<Object>type((value instanceof Instant) ? "expiresAt" : "owner")));
		return query;
	}

	/**
	 * A locked row.
	 */
	private record Row(LockedKey key, @Nullable String owner, @Nullable UUID successorId) {

	}

	/**
	 * A condition on a row.
	 */
	private record Condition(String sql, Map<String, Object> parameters) {

		static final Condition NONE = new Condition("1 = 1", Map.of());

		Condition and(String more, String name, Object value) {
			Map<String, Object> all = new LinkedHashMap<>(this.parameters);
			all.put(name, value);
			return new Condition(more + " and " + this.sql, all);
		}

	}

}
