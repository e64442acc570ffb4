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
import java.sql.SQLException;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.hibernate.JDBCException;
import org.hibernate.Session;
import org.hibernate.dialect.MySQLDialect;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.resource.transaction.spi.TransactionCoordinatorBuilder;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.CannotCreateTransactionException;

/**
 * Tells whether a transaction may show an older state than what is committed.
 * <p>
 * On MySQL and MariaDB, the level of a connection is not that of a transaction that was
 * open before it was set. If connections come from their pool with auto-commit off, any
 * earlier query of the session, or of the former borrower, may have opened one.
 */
final class Snapshots {

	private static final Log logger = LogFactory.getLog(Snapshots.class);

	private final EntityManagerFactory entityManagerFactory;

	private final boolean levelComesLate;

	// null until a connection was seen
	private volatile @Nullable Boolean autoCommit;

	Snapshots(EntityManagerFactory entityManagerFactory) {
		this.entityManagerFactory = entityManagerFactory;
		SessionFactoryImplementor factory = entityManagerFactory.unwrap(SessionFactoryImplementor.class);
		// a global transaction cannot begin within another one
		this.levelComesLate = factory.getJdbcServices().getDialect() instanceof MySQLDialect
				&& !factory.getServiceRegistry().requireService(TransactionCoordinatorBuilder.class).isJta();
	}

	/**
	 * Whether the current transaction may have a snapshot that is older than what it
	 * would lock.
	 */
	boolean arePossible(EntityManager entityManager) {
		return entityManager.unwrap(Session.class).doReturningWork(this::arePossible);
	}

	boolean arePossible(Connection connection) throws SQLException {
		return connection.getTransactionIsolation() > Connection.TRANSACTION_READ_COMMITTED || mayOutlastLevel();
	}

	/**
	 * Whether there may be one although the connection has a level without.
	 */
	boolean mayOutlastLevel() {
		return this.levelComesLate && !Boolean.TRUE.equals(this.autoCommit);
	}

	/**
	 * Finds out how connections come from their pool. It must not be called by a caller
	 * that holds a connection.
	 * @throws CannotCreateTransactionException if there is no connection: a transaction
	 * would wait for one as long again
	 */
	void learn() {
		if (!this.levelComesLate || this.autoCommit != null) {
			return;
		}
		try (EntityManager entityManager = this.entityManagerFactory.createEntityManager()) {
			this.autoCommit = entityManager.unwrap(Session.class).doReturningWork(Connection::getAutoCommit);
		}
		catch (JDBCException ex) {
			throw new CannotCreateTransactionException("There is no connection for a transaction", ex);
		}
		catch (RuntimeException ex) {
			logger.debug("No connection tells yet whether transactions may have a snapshot", ex);
		}
	}

}
