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

import java.sql.Connection;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.Session;

import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transaction in which a key is verified, if there is one. Whoever holds a connection
 * and waits for another one may wait for ever, when all others of the pool are held by
 * those who do the same.
 */
final class CallerTransaction {

	private static final TransactionSynchronization CHANGED = new TransactionSynchronization() {
	};

	private final EntityManagerFactory entityManagerFactory;

	CallerTransaction(EntityManagerFactory entityManagerFactory) {
		this.entityManagerFactory = entityManagerFactory;
	}

	/**
	 * Notes that a key is changed in this transaction.
	 */
	static void markChanged() {
		TransactionSynchronizationManager.registerSynchronization(CHANGED);
	}

	/**
	 * Whether it was committed or rolled back already, as for a listener that is told so:
	 * what is written in it then is lost.
	 */
	boolean isOver() {
		return TransactionSynchronizationManager.isActualTransactionActive()
				&& TransactionSynchronizationManager
					.getResource(this.entityManagerFactory) instanceof EntityManagerHolder holder
				&& !holder.getEntityManager().isJoinedToTransaction();
	}

	/**
	 * Whether a statement in it sees what is committed now: it has no snapshot, no
	 * changes of keys, and is not made for a replica.
	 */
	boolean seesWhatIsCommitted() {
		if (!TransactionSynchronizationManager.isActualTransactionActive()
				|| TransactionSynchronizationManager.isCurrentTransactionReadOnly()
				|| TransactionSynchronizationManager.getSynchronizations().contains(CHANGED)
				|| !(TransactionSynchronizationManager
					.getResource(this.entityManagerFactory) instanceof EntityManagerHolder holder)
				|| holder.isRollbackOnly()) {
			return false;
		}
		EntityManager entityManager = holder.getEntityManager();
		return entityManager.isJoinedToTransaction() && entityManager.unwrap(Session.class)
			.doReturningWork(
					(connection) -> connection.getTransactionIsolation() == Connection.TRANSACTION_READ_COMMITTED);
	}

}
