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

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Query;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The statements on the table of owners.
 */
final class OwnerStore {

	private static final Log logger = LogFactory.getLog(OwnerStore.class);

	private static final String CREATE_OR_LOCK = """
			insert into io.github.apikeys.core.jpa.KeyOwner as o (owner, locks) values (:owner, 0)
			on conflict (owner) do update set locks = case when o.locks < 9223372036854775807L then o.locks + 1 else 0L end
			""";

	private static final String SELECT = """
			select o.owner from io.github.apikeys.core.jpa.KeyOwner o where o.owner = :owner
			""";

	private static final String INVALIDATE = """
			update io.github.apikeys.core.jpa.KeyOwner o set o.invalidatedAt = %s where o.owner = :owner
			""";

	private final EntityManager entityManager;

	private final Statements statements;

	private final TransactionOperations ownTransaction;

	private final Snapshots snapshots;

	private final String now;

	private final boolean createsApart;

	/**
	 * Creates a store.
	 * @param ownTransaction transactions that do not join the caller's
	 * @param snapshots what is known of the caller's
	 */
	OwnerStore(EntityManagerFactory entityManagerFactory, TransactionOperations ownTransaction, Snapshots snapshots) {
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory);
		this.statements = new Statements(this.entityManager);
		this.ownTransaction = ownTransaction;
		this.snapshots = snapshots;
		ApiKeyTable table = ApiKeyTable.of(entityManagerFactory);
		String now = table.now();
		this.now = now.equals(ApiKeyTable.NOW_PARAMETER) ? now : ApiKeyTable.sqlTime(now);
		// where the clock is ours, the database is H2, or one that is not known
		this.createsApart = now.equals(ApiKeyTable.NOW_PARAMETER);
	}

	/**
	 * Makes other changes of the owner's keys wait for the end of this transaction. It
	 * writes rather than reads: a transaction with an older snapshot then fails instead
	 * of counting keys as they were.
	 */
	void lock(String owner) {
		// a snapshot would not see it
		if (this.createsApart && !this.snapshots.arePossible(this.entityManager)) {
			createIfAbsent(owner);
		}
		this.statements.createQuery(CREATE_OR_LOCK).setParameter("owner", owner).executeUpdate();
	}

	/**
	 * Tells every node to forget what it remembers of the owner's keys.
	 * @return whether the row is this owner's: where the collation of the column treats
	 * as equal two owners that Java does not, they share one, and nodes are told of the
	 * other
	 */
	boolean invalidate(String owner) {
		lock(owner);
		stamp(this.entityManager, owner);
		return this.statements.createQuery(SELECT, String.class)
			.setParameter("owner", owner)
			.getResultList()
			.contains(owner);
	}

	/**
	 * Says again, and later, what {@link #invalidate} said.
	 */
	void stamp(EntityManager entityManager, String owner) {
		Query query = new Statements(entityManager).createQuery(INVALIDATE.formatted(this.now))
			.setParameter("owner", owner);
		if (this.now.equals(ApiKeyTable.NOW_PARAMETER)) {
			query.setParameter("now", Instant.now());
		}
		query.executeUpdate();
	}

	/**
	 * In a transaction of its own: there, of two who insert the same row at the same time
	 * one fails, and would take the caller's work along.
	 */
	private void createIfAbsent(String owner) {
		if (!this.statements.createQuery(SELECT, String.class).setParameter("owner", owner).getResultList().isEmpty()) {
			return;
		}
		try {
			this.ownTransaction.executeWithoutResult((status) -> {
				this.entityManager.persist(new KeyOwner(owner));
				this.entityManager.flush();
			});
		}
		catch (RuntimeException ex) {
			// somebody else was faster, there is no second connection, or the next
			// statement will tell
			logger.debug("The row of an owner is not created in a transaction of its own", ex);
		}
	}

}
