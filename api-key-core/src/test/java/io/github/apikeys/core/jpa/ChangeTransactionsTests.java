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
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import jakarta.persistence.OptimisticLockException;
import jakarta.persistence.RollbackException;
import org.hibernate.exception.LockAcquisitionException;
import org.hibernate.exception.SnapshotIsolationException;
import org.hibernate.exception.TransactionSerializationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.orm.jpa.JpaSystemException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Which changes are made again.
 */
class ChangeTransactionsTests extends AbstractDatabaseTests {

	private final AtomicInteger attempts = new AtomicInteger();

	@Override
	TestDatabase database() {
		return new H2Database();
	}

	@BeforeEach
	void reset() {
		this.attempts.set(0);
	}

	static Stream<RuntimeException> givenUp() {
		SQLException refused = new SQLException("refused", "40001");
		return Stream.of(new CannotAcquireLockException("deadlock"), new OptimisticLockingFailureException("snapshot"),
				new LockAcquisitionException("deadlock", refused, "update"), new OptimisticLockException("snapshot"),
				new JpaSystemException(new SnapshotIsolationException("snapshot", new SQLException(), "update")),
				new RollbackException(new TransactionSerializationException("serialization", new SQLException())),
				new UnexpectedRollbackException("global", refused),
				new TransactionSystemException("global", new RuntimeException(refused)));
	}

	@ParameterizedTest
	@MethodSource("givenUp")
	void changeWhenTheDatabaseGaveItUpThenMadeAgainWhateverSaysSo(RuntimeException failure) {
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> change(failure)).isSameAs(failure);
		assertThat(this.attempts).hasValue(5);
	}

	static Stream<RuntimeException> failed() {
		return Stream.of(new DataIntegrityViolationException("duplicate"), new IllegalStateException(),
				new DataAccessResourceFailureException("broken"),
				new TransactionSystemException("unknown", new SQLException("unknown", "40003")));
	}

	@ParameterizedTest
	@MethodSource("failed")
	void changeWhenItFailedForAnotherReasonThenNotMadeAgain(RuntimeException failure) {
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> change(failure)).isSameAs(failure);
		assertThat(this.attempts).hasValue(1);
	}

	@Test
	void changeWhenAnotherCallbackFailsAfterTheCommitThenNotMadeAgain() {
		assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(() -> transactions().change(() -> {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCommit() {
					throw new CannotAcquireLockException("of something else");
				}

			});
			return this.attempts.incrementAndGet();
		}));
		assertThat(this.attempts).hasValue(1);
	}

	/**
	 * As Spring translates it, the outcome that nobody knows looks like a conflict.
	 */
	@Test
	void changeWhenTheOutcomeOfTheCommitIsUnknownThenNotMadeAgain() {
		FailingCommits dataSource = new FailingCommits(unit().dataSource());
		try (PersistenceUnit failing = new PersistenceUnit(dataSource, Map.of(), "io.github.apikeys.core")) {
			dataSource.failAfterNext(Thread.currentThread().getName(), new SQLException("unknown", "40003"));
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> transactions(failing).change(this.attempts::incrementAndGet))
				.withStackTraceContaining("unknown");
			assertThat(this.attempts).hasValue(1);
		}
	}

	@Test
	void changeWhenTheCommitIsRefusedThenMadeAgain() {
		FailingCommits dataSource = new FailingCommits(unit().dataSource());
		try (PersistenceUnit failing = new PersistenceUnit(dataSource, Map.of(), "io.github.apikeys.core")) {
			dataSource.failNext(Thread.currentThread().getName(), new SQLException("refused", "40001"));
			assertThat(transactions(failing).change(this.attempts::incrementAndGet)).isEqualTo(2);
		}
	}

	private void change(RuntimeException failure) {
		transactions().change(() -> {
			this.attempts.incrementAndGet();
			throw failure;
		});
	}

	private ChangeTransactions transactions() {
		return transactions(unit());
	}

	private static ChangeTransactions transactions(PersistenceUnit unit) {
		return new ChangeTransactions(unit.transactionManager(),
				new CallerTransaction(unit.entityManagerFactory(), new Snapshots(unit.entityManagerFactory())));
	}

}
