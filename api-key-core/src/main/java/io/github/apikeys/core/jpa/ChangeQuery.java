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

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

import io.github.apikeys.core.verification.RecentChange;
import io.github.apikeys.core.verification.RecentChanges;
import jakarta.persistence.EntityManager;
import org.hibernate.query.NativeQuery;
import org.hibernate.query.SelectionQuery;
import org.jspecify.annotations.Nullable;

/**
 * Tells which keys changed, and says again that they did.
 */
final class ChangeQuery {

	/**
	 * How far the clocks of nodes may be apart that stamp changes with their own.
	 */
	static final Duration MAX_SKEW = Duration.ofMinutes(4);

	// in place of a version
	private static final long OF_OWNER = -1;

	private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

	/**
	 * It is asked again after a second; a question that waits for a lock gives its
	 * connection back.
	 */
	private static final int POLL_TIMEOUT_SECONDS = 1;

	private final Statements statements;

	private final ApiKeyTable table;

	private final NativeUpdates updates;

	ChangeQuery(Statements statements, ApiKeyTable table, NativeUpdates updates) {
		this.statements = statements;
		this.table = table;
		this.updates = updates;
	}

	/**
	 * What changed in a time before now, and before an earlier time, by the clock that
	 * stamps the changes.
	 */
	RecentChanges findChanged(Duration window, @Nullable Instant earliest) {
		return this.table.hasClock() ? findChangedByDatabaseClock(window, earliest)
				: findChangedByOwnClock(window, earliest);
	}

	private RecentChanges findChangedByDatabaseClock(Duration window, @Nullable Instant earliest) {
		List<Object[]> rows = changesSince("function('least', " + this.table.before(window) + ", :since)", """
				union all
				select '', -2L, %s
				""".formatted(ApiKeyTable.sqlTime(this.table.now())))
			.setParameter("since", (earliest != null) ? earliest.minus(window) : NEVER,
					this.table.<Instant>type("changedAt"))
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
	private RecentChanges findChangedByOwnClock(Duration window, @Nullable Instant earliest) {
		Instant now = Instant.now();
		Instant start = (earliest != null && earliest.isBefore(now)) ? earliest : now;
		List<Object[]> rows = changesSince(":since", "").setParameter("since", start.minus(window).minus(MAX_SKEW))
			.getResultList();
		return new RecentChanges(now, rows.stream().map(ChangeQuery::change).toList());
	}

	private SelectionQuery<Object[]> changesSince(String since, String more) {
		return this.statements.createQuery("""
				select k.keyId, k.version, k.changedAt from io.github.apikeys.core.ApiKey k
				where k.changedAt >= %1$s
				union all
				select o.owner, -1L, o.invalidatedAt from io.github.apikeys.core.jpa.KeyOwner o
				where o.invalidatedAt >= %1$s
				%2$s""".formatted(since, more), Object[].class).unwrap(SelectionQuery.class);
	}

	private static RecentChange change(Object[] row) {
		long version = (Long) row[1];
		return (version == OF_OWNER) ? RecentChange.ofOwner((String) row[0], (Instant) row[2])
				: RecentChange.ofKey((String) row[0], version, (Instant) row[2]);
	}

	/**
	 * Says again, and later, that keys changed.
	 */
	void stamp(EntityManager entityManager, Collection<UUID> ids) {
		change(new NativeUpdates(new Statements(entityManager), this.table), "", ids);
	}

	/**
	 * Says that keys changed, though no column of theirs did.
	 */
	void touch(Collection<UUID> ids) {
		change(this.updates, this.updates.nextVersion() + ", ", ids);
	}

	private void change(NativeUpdates updates, String assignments, Collection<UUID> ids) {
		Chunks.of(ids).forEach((chunk) -> {
			NativeQuery<?> query = updates
				.of("update " + this.table.name() + " set " + assignments + this.table.column("changedAt") + " = "
						+ this.table.now() + " where " + this.table.column("id") + " in (:ids)");
			updates.bindNow(query);
			query.setParameterList("ids", chunk, this.table.<UUID>type("id")).executeUpdate();
		});
	}

}
