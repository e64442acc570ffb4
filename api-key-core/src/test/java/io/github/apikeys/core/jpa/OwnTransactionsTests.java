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

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.apikeys.core.ApiKeyStoreException;
import jakarta.persistence.EntityManager;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Transactions that have nothing to do with the caller's, and end.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class OwnTransactionsTests {

	private static final Duration MAX_DURATION = Duration.ofMillis(300);

	private final CountDownLatch aborted = new CountDownLatch(1);

	private final AtomicLong aborts = new AtomicLong();

	private PersistenceUnit unit;

	private EntityManager entityManager;

	private OwnTransactions transactions;

	@BeforeEach
	void start() {
		DataSource dataSource = new DelegatingDataSource(new H2Database().start()) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				connection.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED);
				return abortable(connection);
			}

		};
		this.unit = new PersistenceUnit(dataSource, Map.of("hibernate.hbm2ddl.auto", "create"),
				"io.github.apikeys.core");
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(this.unit.entityManagerFactory());
		this.transactions = transactions(this.unit);
	}

	private static OwnTransactions transactions(PersistenceUnit unit) {
		return new OwnTransactions(SharedEntityManagerCreator.createSharedEntityManager(unit.entityManagerFactory()),
				unit.transactionManager(),
				new CallerTransaction(unit.entityManagerFactory(), new Snapshots(unit.entityManagerFactory())),
				MAX_DURATION);
	}

	@AfterEach
	void stop() {
		this.transactions.close();
		this.unit.close();
	}

	@Test
	void executeWhenThePoolReadsUncommittedThenOnlyWhatIsCommittedIsSeen() {
		Integer isolation = this.transactions.execute((status) -> this.entityManager.unwrap(Session.class)
			.doReturningWork((connection) -> connection.getTransactionIsolation()));
		assertThat(isolation).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
	}

	@Test
	void executeWhenThePoolReadsUncommittedAndNoLevelCanBeSetThenOnlyWhatIsCommittedIsSeen() {
		try (PersistenceUnit other = new PersistenceUnit(this.unit.dataSource(),
				Map.of(PersistenceUnit.PREPARE_CONNECTION, false), "io.github.apikeys.core");
				OwnTransactions own = transactions(other)) {
			EntityManager entityManager = SharedEntityManagerCreator
				.createSharedEntityManager(other.entityManagerFactory());
			Integer isolation = own.execute((status) -> entityManager.unwrap(Session.class)
				.doReturningWork((connection) -> connection.getTransactionIsolation()));
			assertThat(isolation).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
		}
	}

	@Test
	void executeWhenAnotherCallerWithATransactionTakesLongThenDoesNotWaitForIt() throws Exception {
		whileBusy((busy) -> this.transactions.executeWithoutResult((status) -> busy.run()));
	}

	@Test
	void executeWhenCodeOfTheApplicationTakesLongThenDoesNotWaitForIt() throws Exception {
		whileBusy((busy) -> this.transactions.outside(() -> {
			busy.run();
			return true;
		}));
	}

	/**
	 * Each holds one, and needs another one for a transaction of ours or in code of the
	 * application.
	 */
	@ParameterizedTest
	@ValueSource(ints = { 2, 3 })
	void executeAndOutsideWhenAllConnectionsAreHeldByThoseWhoWaitThenOneIsRefusedAndTheOthersGoOn(int size)
			throws Exception {
		HikariConfig config = new HikariConfig();
		config.setDataSource(this.unit.dataSource());
		config.setMaximumPoolSize(size);
		config.setConnectionTimeout(Duration.ofMinutes(4).toMillis());
		ExecutorService executor = Executors.newFixedThreadPool(size);
		try (HikariDataSource pool = new HikariDataSource(config);
				PersistenceUnit other = new PersistenceUnit(new DelegatingDataSource(pool), Map.of(),
						"io.github.apikeys.core");
				OwnTransactions own = transactions(other)) {
			TransactionTemplate callers = new TransactionTemplate(other.transactionManager());
			CountDownLatch held = new CountDownLatch(size);
			AtomicLong refused = new AtomicLong();
			List<Future<?>> waiting = new ArrayList<>();
			for (int i = 0; i < size; i++) {
				Runnable needsAnother = (i == 0) ? () -> own.executeWithoutResult((status) -> {
				}) : () -> own.outside(() -> other.jdbc().queryForObject("select 1", Integer.class));
				waiting.add(executor.submit(() -> callers.executeWithoutResult((status) -> {
					held.countDown();
					await(held);
					try {
						needsAnother.run();
					}
					catch (ApiKeyStoreException ex) {
						refused.incrementAndGet();
					}
				})));
			}
			for (Future<?> each : waiting) {
				each.get(2, TimeUnit.MINUTES);
			}
			assertThat(refused).hasPositiveValue().hasValueLessThan(size);
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * Code of the application verifies a key, in a pool of any size. In one of a single
	 * connection, a caller that may hold one holds none.
	 */
	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 4 })
	void outsideWhenItLeadsToFurtherTransactionsThenDoesNotWaitForItself(int size) {
		HikariConfig config = new HikariConfig();
		config.setDataSource(this.unit.dataSource());
		config.setMaximumPoolSize(size);
		try (HikariDataSource pool = new HikariDataSource(config);
				PersistenceUnit other = new PersistenceUnit(new DelegatingDataSource(pool), Map.of(),
						"io.github.apikeys.core");
				OwnTransactions own = transactions(other)) {
			TransactionTemplate callers = new TransactionTemplate(other.transactionManager());
			callers.setPropagationBehavior(TransactionDefinition.PROPAGATION_SUPPORTS);
			callers.executeWithoutResult((status) -> {
				assertThat(verifyWithin(own)).isEqualTo(2);
				assertThat(verifyWithin(own)).isEqualTo(2);
			});
		}
	}

	private static int verifyWithin(OwnTransactions own) {
		return own.outside(
				() -> own.outside(() -> own.<Integer>execute((status) -> 1)) + own.<Integer>execute((status) -> 1));
	}

	private void whileBusy(Consumer<Runnable> other) throws Exception {
		TransactionTemplate callers = new TransactionTemplate(this.unit.transactionManager());
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(1);
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			Future<?> busy = executor.submit(() -> callers.executeWithoutResult((status) -> other.accept(() -> {
				begun.countDown();
				await(done);
			})));
			await(begun);
			callers.executeWithoutResult(
					(status) -> assertThat(this.transactions.<Integer>execute((own) -> 1)).isEqualTo(1));
			assertThat(busy).isNotDone();
			done.countDown();
			busy.get(2, TimeUnit.MINUTES);
		}
		finally {
			done.countDown();
			executor.shutdownNow();
		}
	}

	/**
	 * As with a server that is gone without a word, when the socket has no time-out.
	 */
	@Test
	void executeWhenTheServerDoesNotAnswerThenTheConnectionIsAborted() {
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> this.transactions.executeWithoutResult((status) -> {
				await(this.aborted);
				throw new IllegalStateException("The connection is closed");
			}));
		assertThat(this.transactions.<Integer>execute((status) -> 1)).isEqualTo(1);
	}

	@Test
	void executeWhenItEndsInTimeThenNothingIsAborted() throws Exception {
		long before;
		long elapsed;
		do {
			// those that a busy machine held up are aborted rightly
			awaitAborts();
			before = this.aborts.get();
			long start = System.nanoTime();
			this.transactions.executeWithoutResult((status) -> {
			});
			elapsed = System.nanoTime() - start;
		}
		while (elapsed >= MAX_DURATION.toNanos());
		awaitAborts();
		assertThat(this.aborts).hasValue(before);
	}

	/**
	 * Until each transaction so far would have been aborted, as those before were.
	 */
	private static void awaitAborts() throws InterruptedException {
		Thread.sleep(MAX_DURATION.multipliedBy(2).toMillis());
	}

	@Test
	void executeWhenTheCallerHasATransactionThenItIsAsBeforeAfterwards() {
		TransactionTemplate callers = new TransactionTemplate(this.unit.transactionManager());
		callers.setName("caller");
		callers.executeWithoutResult((status) -> {
			Object holder = TransactionSynchronizationManager.getResource(this.unit.entityManagerFactory());
			this.transactions.executeWithoutResult((own) -> {
				assertThat(TransactionSynchronizationManager.getResource(this.unit.entityManagerFactory()))
					.isNotSameAs(holder);
				own.setRollbackOnly();
			});
			this.transactions
				.outside(() -> assertThat(TransactionSynchronizationManager.isActualTransactionActive()).isFalse());
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> this.transactions.outside(() -> {
				throw new IllegalStateException();
			}));
			assertThat(TransactionSynchronizationManager.getResource(this.unit.entityManagerFactory()))
				.isSameAs(holder);
			assertThat(TransactionSynchronizationManager.getCurrentTransactionName()).isEqualTo("caller");
			assertThat(TransactionSynchronizationManager.isActualTransactionActive()).isTrue();
			assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isTrue();
			assertThat(status.isRollbackOnly()).isFalse();
		});
		assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
		assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
	}

	/**
	 * A data source may choose by it, whatever kind of object it is.
	 */
	@Test
	void executeWhenTheTenantIsBoundToTheThreadThenItStays() {
		AutoCloseable scope = () -> {
		};
		for (Object tenant : List.of("acme", scope)) {
			TransactionSynchronizationManager.bindResource("tenant", tenant);
			try {
				new TransactionTemplate(this.unit.transactionManager()).executeWithoutResult((status) -> {
					assertThat(this.transactions
						.<Object>execute((own) -> TransactionSynchronizationManager.getResource("tenant")))
						.isSameAs(tenant);
					assertThat(this.transactions
						.<Object>outside(() -> TransactionSynchronizationManager.getResource("tenant")))
						.isSameAs(tenant);
				});
				assertThat(Detached.hasContext()).isFalse();
			}
			finally {
				TransactionSynchronizationManager.unbindResource("tenant");
			}
		}
	}

	/**
	 * As older ways to use Hibernate bind it.
	 */
	@Test
	void executeWhenASessionIsBoundWithoutAHolderThenItTakesNoPart() {
		try (Session session = this.unit.entityManagerFactory().unwrap(SessionFactory.class).openSession()) {
			TransactionSynchronizationManager.bindResource(this, session);
			try {
				assertThat(Detached.hasContext()).isTrue();
				assertThat(
						this.transactions.<Object>execute((own) -> TransactionSynchronizationManager.getResource(this)))
					.isNull();
				assertThat(TransactionSynchronizationManager.getResource(this)).isSameAs(session);
			}
			finally {
				TransactionSynchronizationManager.unbindResource(this);
			}
		}
	}

	private Connection abortable(Connection connection) {
		return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
				(proxy, method, arguments) -> {
					if (method.getName().equals("abort")) {
						this.aborts.incrementAndGet();
						this.aborted.countDown();
						return null;
					}
					return method.invoke(connection, arguments);
				});
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(2, TimeUnit.MINUTES)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
