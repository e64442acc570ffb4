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

import java.time.Clock;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The statements on the table of owners.
 */
final class OwnerStore {

	private final EntityManager entityManager;

	private final TransactionOperations ownTransaction;

	private final String now;

	/**
	 * Creates a store.
	 * @param ownTransaction transactions that do not join the caller's
	 */
	OwnerStore(EntityManagerFactory entityManagerFactory, TransactionOperations ownTransaction) {
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory);
		this.ownTransaction = ownTransaction;
		String now = ApiKeyTable.of(entityManagerFactory).now();
		this.now = now.equals(ApiKeyTable.NOW_PARAMETER) ? now : "cast(sql('" + now + "') as Instant)";
	}

	/**
	 * Makes other changes of the owner's keys wait for the end of this transaction. It
	 * writes rather than reads: a transaction with an older snapshot then fails instead
	 * of counting keys as they were.
	 */
	void lock(String owner) {
		createIfAbsent(owner);
		update("update io.github.apikeys.core.KeyOwner o set o.locks = o.locks + 1 where o.owner = :owner", owner);
	}

	/**
	 * Tells every node to forget what it remembers of the owner's keys.
	 */
	void invalidate(String owner) {
		createIfAbsent(owner);
		update("update io.github.apikeys.core.KeyOwner o set o.invalidatedAt = " + this.now + " where o.owner = :owner",
				owner);
	}

	private void update(String statement, String owner) {
		var query = this.entityManager.createQuery(statement).setParameter("owner", owner);
		if (statement.contains(ApiKeyTable.NOW_PARAMETER)) {
			query.setParameter("now", Clock.systemUTC().instant());
		}
		if (query.executeUpdate() == 0) {
			throw new CannotAcquireLockException(
					"The transaction is older than the first key of owner '" + owner + "'; try again in a new one");
		}
	}

	/**
	 * In a transaction of its own: of two who insert the same row one fails, and would
	 * take the caller's work along.
	 */
	private void createIfAbsent(String owner) {
		if (this.entityManager.find(KeyOwner.class, owner) != null) {
			return;
		}
		try {
			this.ownTransaction.executeWithoutResult((status) -> {
				this.entityManager.persist(new KeyOwner(owner));
				this.entityManager.flush();
			});
		}
		catch (DataIntegrityViolationException | PersistenceException ex) {
			// somebody else was faster, or the update will tell
		}
	}

}
