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

import java.sql.Connection;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import jakarta.persistence.EntityManagerFactory;
import jakarta.transaction.Status;
import jakarta.transaction.SystemException;
import org.hibernate.FlushMode;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.engine.transaction.jta.platform.spi.JtaPlatform;
import org.hibernate.resource.transaction.spi.TransactionCoordinatorBuilder;
import org.hibernate.service.ServiceRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The transaction of the persistence unit in which a key is verified or changed, if there
 * is one. A caller that holds a connection and waits for another one may wait for ever,
 * if all others of the pool are held by such callers.
 * <p>
 * It is asked of the session. What Spring knows of the current transaction may be about
 * that of another manager, which began inside of this one or around it.
 */
final class CallerTransaction {

	private static final List<Integer> ACTIVE = List.of(Status.STATUS_ACTIVE, Status.STATUS_MARKED_ROLLBACK);

	private final EntityManagerFactory entityManagerFactory;

	private final boolean global;

	private final JtaPlatform jtaPlatform;

	private final Snapshots snapshots;

	private Collection<SessionImplementor> changed = Set.of();

	CallerTransaction(EntityManagerFactory entityManagerFactory, Snapshots snapshots) {
		this.snapshots = snapshots;
		this.entityManagerFactory = entityManagerFactory;
		ServiceRegistry services = entityManagerFactory.unwrap(SessionFactoryImplementor.class).getServiceRegistry();
		this.global = services.requireService(TransactionCoordinatorBuilder.class).isJta();
		this.jtaPlatform = services.requireService(JtaPlatform.class);
	}

	/**
	 * Sets in which sessions keys are changed by a transaction that has not ended.
	 */
	void setChanged(Collection<SessionImplementor> changed) {
		this.changed = changed;
	}

	Snapshots snapshots() {
		return this.snapshots;
	}

	/**
	 * Whether there is one, or may be one.
	 */
	boolean isActive() {
		SessionImplementor session = session();
		return this.global ? ACTIVE.contains(globalStatus()) : (session != null && session.isJoinedToTransaction());
	}

	/**
	 * Not everybody who begins a global transaction tells Spring.
	 */
	private int globalStatus() {
		try {
			return this.jtaPlatform.getCurrentStatus();
		}
		catch (SystemException ex) {
			return Status.STATUS_ACTIVE;
		}
	}

	/**
	 * Whether the caller may hold a connection, of this persistence unit or another.
	 */
	boolean mayHoldConnection() {
		return Detached.hasContext() || (this.global && globalStatus() != Status.STATUS_NO_TRANSACTION);
	}

	/**
	 * Whether it was committed or rolled back already, as for a listener that is told so:
	 * what is written in it then is lost.
	 */
	boolean isOver() {
		SessionImplementor session = session();
		return (session != null && isAnyActive() && !session.isJoinedToTransaction())
				|| (this.global && globalStatus() != Status.STATUS_NO_TRANSACTION && !isActive());
	}

	/**
	 * Whether it is read-only. What is written in it would be lost in part.
	 */
	boolean isReadOnly() {
		if (this.global) {
			return isAnyActive() && TransactionSynchronizationManager.isCurrentTransactionReadOnly();
		}
		SessionImplementor session = session();
		return session != null && session.isJoinedToTransaction() && isReadOnly(session);
	}

	/**
	 * A transaction manager leaves the session to those who read only with two settings,
	 * of which the caller may change one.
	 */
	private static boolean isReadOnly(SessionImplementor session) {
		boolean begunReadOnly = session.isDefaultReadOnly() && (session.getHibernateFlushMode() == FlushMode.MANUAL
				|| TransactionSynchronizationManager.isCurrentTransactionReadOnly());
		return begunReadOnly || session.doReturningWork(Connection::isReadOnly);
	}

	/**
	 * Whether a statement in it sees what is committed now: it has no snapshot, no
	 * changes of keys, and is not made for a replica.
	 */
	boolean seesWhatIsCommitted() {
		SessionImplementor session = session();
		return session != null && session.isJoinedToTransaction() && !isReadOnly()
				&& !TransactionSynchronizationManager.isCurrentTransactionReadOnly() && !this.changed.contains(session)
				&& !isRollbackOnly() && !this.snapshots.mayOutlastLevel() && session.doReturningWork(
						(connection) -> connection.getTransactionIsolation() == Connection.TRANSACTION_READ_COMMITTED);
	}

	private boolean isRollbackOnly() {
		EntityManagerHolder holder = holder();
		return holder != null && holder.isRollbackOnly();
	}

	/**
	 * Whether a rollback would make the caller lose what is loaded, or not yet written:
	 * its persistence context outlives transactions, as with open-in-view.
	 */
	boolean lendsPersistenceContext() {
		SessionImplementor session = session();
		return session != null && session.getPersistenceContextInternal().getNumberOfManagedEntities() > 0;
	}

	/**
	 * Whether the next transaction would use a connection that the caller's session
	 * already has, as with open-in-view.
	 */
	boolean lendsConnection() {
		SessionImplementor session = session();
		return session != null && !session.isJoinedToTransaction()
				&& session.getJdbcCoordinator().getLogicalConnection().isPhysicallyConnected();
	}

	/**
	 * Lets a transaction that has just begun see what is committed, and nothing else.
	 * @param fresh whether the connection came from the pool for it
	 * @param readCommitted whether the connection was set to that level
	 */
	void prepare(boolean fresh, boolean readCommitted) {
		SessionImplementor session = session();
		if (session == null || (readCommitted && !this.snapshots.mayOutlastLevel())) {
			return;
		}
		session.doWork((connection) -> {
			if (!readCommitted && connection.getTransactionIsolation() == Connection.TRANSACTION_READ_UNCOMMITTED) {
				connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
			}
			if (fresh && !this.global && !connection.getAutoCommit()
					&& (readCommitted || this.snapshots.arePossible(connection))) {
				connection.rollback();
			}
		});
	}

	private @Nullable SessionImplementor session() {
		EntityManagerHolder holder = holder();
		return (holder != null) ? holder.getEntityManager().unwrap(SessionImplementor.class) : null;
	}

	private @Nullable EntityManagerHolder holder() {
		return (TransactionSynchronizationManager
			.getResource(this.entityManagerFactory) instanceof EntityManagerHolder holder) ? holder : null;
	}

	private static boolean isAnyActive() {
		return TransactionSynchronizationManager.isActualTransactionActive();
	}

}
