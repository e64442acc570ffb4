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

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import io.github.apikeys.core.support.Causes;
import io.github.apikeys.core.support.Moment;
import jakarta.persistence.LockTimeoutException;
import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.PessimisticLockException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.hibernate.exception.SnapshotIsolationException;
import org.hibernate.exception.TransactionSerializationException;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;

/**
 * The transactions in which keys are read and changed: the caller's, or new ones.
 */
final class ChangeTransactions {

	private static final Log logger = LogFactory.getLog(ChangeTransactions.class);

	private static final List<Class<? extends RuntimeException>> GIVEN_UP = List.of(ConcurrencyFailureException.class,
			PessimisticLockException.class, LockTimeoutException.class, OptimisticLockException.class,
			org.hibernate.PessimisticLockException.class, SnapshotIsolationException.class,
			TransactionSerializationException.class);

	private static final String SERIALIZATION_FAILURE = "40001";

	private static final int MAX_ATTEMPTS = 5;

	private static final Duration MAX_REPEATING = Duration.ofSeconds(5);

	private final TransactionTemplate transaction;

	private final TransactionOperations newTransaction;

	private final CallerTransaction callerTransaction;

	ChangeTransactions(PlatformTransactionManager transactionManager, CallerTransaction callerTransaction) {
		this.transaction = new TransactionTemplate(transactionManager);
		this.newTransaction = new ReadCommitted(transactionManager, callerTransaction);
		this.callerTransaction = callerTransaction;
	}

	/**
	 * Whether the caller's transaction is joined.
	 */
	boolean isInCallers() {
		return this.callerTransaction.isActive();
	}

	/**
	 * Whether a failure would take nothing from the caller: neither a transaction nor
	 * entities.
	 */
	boolean mayFail() {
		return !isInCallers() && !this.callerTransaction.lendsPersistenceContext();
	}

	<T> T read(Supplier<T> action) {
		return result(this.transaction.execute((status) -> action.get()));
	}

	/**
	 * A read-only transaction would write a part, and lose the rest, as the database and
	 * the persistence provider like it. A transaction that is over would lose it all, so
	 * listeners that are told of a commit change keys in a new one.
	 */
	<T> T change(Supplier<T> action) {
		boolean isOver = this.callerTransaction.isOver();
		if (!isOver && this.callerTransaction.isReadOnly()) {
			throw new IllegalTransactionStateException("API keys cannot be changed in a read-only transaction");
		}
		boolean joins = !isOver && this.callerTransaction.isActive();
		if (joins) {
			return in(this.transaction, action);
		}
		int attempts = this.callerTransaction.lendsPersistenceContext() ? 1 : MAX_ATTEMPTS;
		return repeat(attempts, action);
	}

	/**
	 * Makes a change again that the database gave up, so that somebody else could go on,
	 * unless it waited for long. It is not made again where each rollback takes the
	 * caller's entities away, or the caller would not hear of that.
	 */
	private <T> T repeat(int attempts, Supplier<T> change) {
		Moment start = Moment.now();
		for (int attempt = 1; true; attempt++) {
			TransactionOutcome outcome = new TransactionOutcome();
			try {
				return in(this.newTransaction, () -> {
					T result = change.get();
					outcome.readyToCommit();
					return result;
				});
			}
			catch (RuntimeException ex) {
				if (attempt == attempts || !outcome.isRolledBack(ex) || !isGivenUp(ex)
						|| Moment.now().isLongAfter(start, MAX_REPEATING)) {
					throw ex;
				}
				logger.debug("A change of an API key is made again", ex);
			}
		}
	}

	/**
	 * Whether the database gave a transaction up for the sake of another one: because of
	 * a lock, or since its snapshot is too old. Each transaction manager has its own way
	 * to say so.
	 */
	private static boolean isGivenUp(Throwable failure) {
		return Causes.of(failure)
			.stream()
			.anyMatch((cause) -> GIVEN_UP.stream().anyMatch((type) -> type.isInstance(cause))
					|| (cause instanceof SQLException ex && SERIALIZATION_FAILURE.equals(ex.getSQLState())));
	}

	/**
	 * Whether or not a failure ends the caller's transaction is a setting of the
	 * transaction manager, and the caller may catch it: half a change must not be
	 * committed even then.
	 */
	private static <T> T in(TransactionOperations transaction, Supplier<T> action) {
		return result(transaction.execute((status) -> {
			try {
				return action.get();
			}
			catch (RuntimeException | Error ex) {
				status.setRollbackOnly();
				throw ex;
			}
		}));
	}

	private static <T> T result(@Nullable T result) {
		Assert.state(result != null, "A transaction must have a result");
		return result;
	}

}
