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
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.github.apikeys.core.support.BackgroundThreads;
import io.github.apikeys.core.support.Moment;
import io.github.apikeys.core.verification.VerificationSource;
import jakarta.persistence.EntityManager;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.hibernate.Session;
import org.hibernate.dialect.Dialect;
import org.hibernate.dialect.H2Dialect;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.jta.JtaTransactionManager;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Transactions that are short and have nothing to do with the caller's: they see what is
 * committed now, neither the caller's changes nor an older snapshot. The connection of
 * one that does not end is aborted, so that a server that is gone without a word occupies
 * neither a thread nor a place in the pool for ever.
 */
final class OwnTransactions implements TransactionOperations, AutoCloseable {

	static final Duration MAX_DURATION = VerificationSource.MAX_DURATION;

	private static final Log logger = LogFactory.getLog(OwnTransactions.class);

	private final EntityManager entityManager;

	private final TransactionOperations newTransaction;

	private final TransactionTemplate noTransaction;

	private final CallerTransaction callerTransaction;

	private final Duration maxDuration;

	private final SecondConnections secondConnections;

	// who begins such a transaction need not tell Spring
	private final boolean global;

	private final BackgroundThreads threads = new BackgroundThreads("api-key-connections", 1);

	private final Set<Running> running = ConcurrentHashMap.newKeySet();

	OwnTransactions(EntityManager entityManager, PlatformTransactionManager transactionManager,
			CallerTransaction callerTransaction) {
		this(entityManager, transactionManager, callerTransaction, MAX_DURATION);
	}

	OwnTransactions(EntityManager entityManager, PlatformTransactionManager transactionManager,
			CallerTransaction callerTransaction, Duration maxDuration) {
		this.entityManager = entityManager;
		this.secondConnections = SecondConnections.of(entityManager.getEntityManagerFactory());
		this.callerTransaction = callerTransaction;
		this.maxDuration = maxDuration;
		this.global = transactionManager instanceof JtaTransactionManager;
		this.newTransaction = newTransaction(transactionManager);
		this.noTransaction = new TransactionTemplate(transactionManager);
		this.noTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_NOT_SUPPORTED);
	}

	/**
	 * The server cancels its statements before their connections are aborted: PostgreSQL
	 * does not notice that a client is gone that waits for a lock.
	 */
	private ReadCommitted newTransaction(PlatformTransactionManager transactionManager) {
		ReadCommitted transaction = new ReadCommitted(transactionManager, this.callerTransaction);
		Dialect dialect = this.entityManager.getEntityManagerFactory()
			.unwrap(SessionFactoryImplementor.class)
			.getJdbcServices()
			.getDialect();
		// H2 would keep it for all later statements of the connection, and has one for
		// locks
		if (!this.global && !(dialect instanceof H2Dialect)) {
			transaction.setTimeout(this.maxDuration.multipliedBy(2).dividedBy(3));
		}
		return transaction;
	}

	/**
	 * One caller at a time that may hold a connection waits for another one.
	 */
	@Override
	public <T extends @Nullable Object> T execute(TransactionCallback<T> action) {
		if (!this.callerTransaction.mayHoldConnection()) {
			return executeNew(action);
		}
		try (SecondConnections.Permit permit = this.secondConnections.forTransaction()) {
			return executeNew((status) -> {
				permit.close();
				return action.doInTransaction(status);
			});
		}
	}

	private <T extends @Nullable Object> T executeNew(TransactionCallback<T> action) {
		if (!this.threads.isRepeating()) {
			this.threads.repeat(this.maxDuration.dividedBy(6), this::abortOverdue);
		}
		Running own = new Running(Moment.now());
		this.running.add(own);
		try {
			return Detached.run(() -> this.newTransaction.execute((status) -> {
				this.entityManager.unwrap(Session.class).doWork((connection) -> own.connection = connection);
				return action.doInTransaction(status);
			}));
		}
		finally {
			this.running.remove(own);
		}
	}

	/**
	 * Runs an action of the application without any transaction or persistence context.
	 * How long it takes is not known, so it keeps nobody from a transaction.
	 */
	<T extends @Nullable Object> T outside(Supplier<T> action) {
		if (!this.global && !Detached.hasContext()) {
			return action.get();
		}
		// a transaction manager may keep its transactions where only it finds them
		Supplier<T> detached = () -> Detached.run(() -> this.noTransaction.execute((status) -> action.get()));
		if (!this.callerTransaction.mayHoldConnection()) {
			return detached.get();
		}
		try (SecondConnections.Permit permit = this.secondConnections.forApplicationCode()) {
			return detached.get();
		}
	}

	private void abortOverdue() {
		Moment now = Moment.now();
		for (Running overdue : this.running) {
			Connection connection = overdue.connection;
			if (connection != null && now.isLongAfter(overdue.start, this.maxDuration)
					&& this.threads.tryExecute(() -> abort(connection))) {
				this.running.remove(overdue);
			}
		}
	}

	private void abort(Connection connection) {
		logger.warn("A connection is aborted that did not answer for " + this.maxDuration.toSeconds() + " seconds");
		try {
			connection.abort(Runnable::run);
		}
		catch (Exception ex) {
			logger.warn("It could not be aborted", ex);
		}
	}

	@Override
	public void close() {
		this.threads.close(Duration.ZERO);
	}

	/**
	 * A transaction that has not ended.
	 */
	private static final class Running {

		private final Moment start;

		private volatile @Nullable Connection connection;

		Running(Moment start) {
			this.start = start;
		}

	}

}
