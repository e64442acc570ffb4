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
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.TokenHash;
import org.hibernate.query.NativeQuery;
import org.jspecify.annotations.Nullable;

/**
 * The changes of keys, each one statement whose row count decides.
 */
final class GuardedUpdates {

	private final ApiKeyTable table;

	private final NativeUpdates updates;

	GuardedUpdates(ApiKeyTable table, NativeUpdates updates) {
		this.table = table;
		this.updates = updates;
	}

	/**
	 * Changes attributes of a key that is not revoked, and does not let a key that was
	 * replaced end later.
	 * @return whether there was such a key
	 */
	boolean update(UUID id, Map<String, @Nullable Object> attributes) {
		Map<String, @Nullable Object> values = new LinkedHashMap<>(attributes);
		if (attributes.get("name") instanceof String name) {
			values.put("searchName", ApiKeyQuery.searchable(name));
		}
		StringBuilder condition = new StringBuilder();
		Map<String, Instant> parameters = new LinkedHashMap<>();
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
		return change(id, Map.of("disabledAt", now), " and " + isNull("disabledAt"), Map.of());
	}

	/**
	 * Enables a key that is disabled and not revoked.
	 * @return whether there was such a key
	 */
	boolean enable(UUID id) {
		return change(id, Collections.singletonMap("disabledAt", null), " and not (" + isNull("disabledAt") + ")",
				Map.of());
	}

	/**
	 * Revokes keys that are locked and not revoked. They get no new time: the caller
	 * tells all nodes of their owner, which is one row to be asked for instead of many.
	 */
	void revokeAll(Collection<UUID> ids, Instant now) {
		Chunks.of(ids)
			.forEach((chunk) -> this.updates
				.of("update " + this.table.name() + " set " + column("revokedAt") + " = :now, "
						+ this.updates.nextVersion() + " where " + column("id") + " in (:ids) and "
						+ isNull("revokedAt"))
				.setParameter("now", now, this.table.<Instant>type("revokedAt"))
				.setParameterList("ids", chunk, this.table.<UUID>type("id"))
				.executeUpdate());
	}

	/**
	 * Links a key to its successor, and lets it end, if it can be rotated.
	 * @return whether there was such a key
	 */
	boolean rotate(UUID id, UUID successorId, Instant now, Instant end) {
		String expiresAt = column("expiresAt");
		Map<String, @Nullable Object> columns = new LinkedHashMap<>();
		columns.put("successorId", successorId);
		columns.put("expiresAt", end);
		return change(id, columns, " and " + isNull("successorId") + " and " + isNull("disabledAt") + " and ("
				+ expiresAt + " is null or " + expiresAt + " > :expiresAfter)", Map.of("expiresAfter", now));
	}

	/**
	 * Replaces the hash of a key, if it still is the one that was verified. It is no
	 * change of the key, so its version stays.
	 */
	void updateHash(UUID id, TokenHash oldHash, TokenHash newHash) {
		String hash = column("hash");
		this.updates
			.of("update " + this.table.name() + " set " + hash + " = :newHash where " + column("id") + " = :id and "
					+ hash + " = :oldHash and " + isNull("revokedAt"))
			.setParameter("id", id, this.table.<UUID>type("id"))
			.setParameter("oldHash", oldHash, this.table.<TokenHash>type("hash"))
			.setParameter("newHash", newHash, this.table.<TokenHash>type("hash"))
			.executeUpdate();
	}

	/**
	 * Takes one request from a quota, if there is one left. It is no change of the key,
	 * so its version stays.
	 * @return whether there was; a key without a quota has always one left
	 */
	boolean consumeQuota(UUID id) {
		String used = column("quotaUsed");
		return this.updates
			.of("update " + this.table.name() + " set " + used + " = " + used + " + 1 where " + column("id")
					+ " = :id and " + isNull("successorId") + " and (" + column("quota") + " is null or " + used + " < "
					+ column("quota") + ")")
			.setParameter("id", id, this.table.<UUID>type("id"))
			.executeUpdate() == 1;
	}

	/**
	 * Gives a request back, if one was taken. A key that was replaced has handed its
	 * count over.
	 * @return whether it was given back
	 */
	boolean refundQuota(UUID id) {
		String used = column("quotaUsed");
		return this.updates
			.of("update " + this.table.name() + " set " + used + " = " + used + " - 1 where " + column("id")
					+ " = :id and " + isNull("successorId") + " and " + used + " > 0")
			.setParameter("id", id, this.table.<UUID>type("id"))
			.executeUpdate() == 1;
	}

	/**
	 * One native statement whose row count decides: JPQL would collect the ids of a
	 * hierarchy first and count those. The column of the revocation guards every change,
	 * so that a revoked key stays as it is.
	 */
	private boolean change(UUID id, Map<String, @Nullable Object> values, String condition,
			Map<String, Instant> parameters) {
		StringBuilder assignments = new StringBuilder();
		values.keySet().forEach((attribute) -> assignments.append(column(attribute) + " = :" + attribute + ", "));
		String sql = "update " + this.table.name() + " set " + assignments + this.updates.nextVersion() + ", "
				+ column("changedAt") + " = " + this.table.now() + " where " + column("id") + " = :id and "
				+ isNull("revokedAt") + condition;
		NativeQuery<?> query = this.updates.of(sql).setParameter("id", id, this.table.<UUID>type("id"));
		values.forEach((attribute, value) -> query.setParameter(attribute, value, this.table.<Object>type(attribute)));
		parameters.forEach((name, value) -> query.setParameter(name, value, this.table.<Object>type("changedAt")));
		this.updates.bindNow(query);
		return query.executeUpdate() == 1;
	}

	private String column(String attribute) {
		return this.table.column(attribute);
	}

	private String isNull(String attribute) {
		return this.table.isNull(attribute);
	}

}
