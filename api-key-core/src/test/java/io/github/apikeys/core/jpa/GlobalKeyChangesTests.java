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

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;

import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.transaction.RollbackException;
import jakarta.transaction.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.jta.JtaTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Changes in global transactions.
 */
class GlobalKeyChangesTests {

	private final GlobalTransactions transactions = new GlobalTransactions();

	private final TransactionTemplate global = new TransactionTemplate(
			new JtaTransactionManager(this.transactions, this.transactions));

	private final TransactionTemplate other = new TransactionTemplate(
			new JdbcTransactionManager(new DriverManagerDataSource("jdbc:h2:mem:other")));

	private final List<Object> events = new ArrayList<>();

	private PersistenceUnit unit;

	private JpaApiKeyService service;

	private UUID id;

	@BeforeEach
	void createService() {
		DataSource dataSource = new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
		AbstractDatabaseTests.flyway(dataSource, AbstractDatabaseTests.shipped(new H2Database())).migrate();
		this.unit = new PersistenceUnit(dataSource, Map.of("hibernate.transaction.coordinator_class", "jta",
				"hibernate.transaction.jta.platform", this.transactions, "jakarta.persistence.transactionType", "JTA"),
				"io.github.apikeys.core");
		this.service = service();
		this.id = this.service.create(NewApiKey.named("key")).apiKey().getId();
		this.service.setApplicationEventPublisher(this.events::add);
	}

	private JpaApiKeyService service() {
		JpaApiKeyService service = this.unit.service(this.global.getTransactionManager(),
				new ApiKeyTokenFormats(new ApiKeyTokenFormat("acme", List.of())),
				new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
		service.setMaxAgeOfChanges(Duration.ZERO);
		return service;
	}

	@AfterEach
	void close() {
		this.service.close();
		this.unit.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void changeWhenAnotherManagerBeganATransactionInsideThenDecidedByTheGlobalOne(boolean commit) {
		this.global.executeWithoutResult((status) -> {
			this.other.executeWithoutResult((other) -> {
				this.service.disable(this.id);
				if (commit) {
					other.setRollbackOnly();
				}
			});
			assertThat(this.events).isEmpty();
			if (!commit) {
				status.setRollbackOnly();
			}
		});
		assertThat(this.events).hasSize(commit ? 1 : 0);
	}

	@Test
	void changeWhenTheTransactionWasBegunBySomebodyElseThenTheEndOfThatDecides() throws Exception {
		this.transactions.begin();
		this.service.disable(this.id);
		assertThat(this.events).isEmpty();
		this.transactions.commit();
		assertThat(this.events).hasSize(1);
		this.transactions.begin();
		this.service.enable(this.id);
		this.transactions.rollback();
		assertThat(this.events).hasSize(1);
	}

	@Test
	void changeWhenTheTransactionWasBegunBySomebodyElseThenItsTimeIsWrittenAgainBeforeTheCommit() throws Exception {
		this.service.create(NewApiKey.named("key").owner("owner"));
		this.transactions.begin();
		this.service.disable(this.id);
		this.service.invalidateOwner("owner");
		List<String> statements = this.unit.statementsOf(this::commit);
		assertThat(statements).hasSize(2).allSatisfy((statement) -> assertThat(statement).startsWith("update "));
		assertThat(statements.get(0)).startsWith("update api_key set changed_at");
		assertThat(statements.get(1)).contains("invalidated_at=");
	}

	@Test
	void changeWhenTheTransactionWasBegunBySomebodyElseAndIsRolledBackThenNoTimeIsWritten() throws Exception {
		this.transactions.begin();
		this.service.disable(this.id);
		assertThat(this.unit.statementsOf(this.transactions::rollback)).isEmpty();
		this.transactions.begin();
		this.service.disable(this.id);
		this.transactions.setRollbackOnly();
		assertThat(this.unit
			.statementsOf(() -> assertThatExceptionOfType(IllegalStateException.class).isThrownBy(this::commit)))
			.isEmpty();
		assertThat(this.events).isEmpty();
	}

	@Test
	void changeWhenItsTimeCannotBeWrittenBeforeTheCommitThenNotCommitted() throws Exception {
		this.transactions.begin();
		this.service.disable(this.id);
		this.unit.failStatements("update api_key set changed_at");
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(this::commit)
			.withStackTraceContaining("as the test wants it");
		assertThat(this.events).isEmpty();
	}

	/**
	 * The transaction that has ended is still that of the thread.
	 */
	@Test
	void changeByAListenerWhenTheTransactionWasBegunBySomebodyElseThenInANewOne() throws Exception {
		this.service.setApplicationEventPublisher((event) -> {
			this.events.add(event);
			if (this.events.size() == 1) {
				assertThat(this.transactions.getStatus()).isEqualTo(Status.STATUS_COMMITTED);
				this.service.enable(this.id);
			}
		});
		this.transactions.begin();
		this.service.disable(this.id);
		this.transactions.commit();
		assertThat(this.events).hasSize(2);
		assertThat(this.transactions.getStatus()).isEqualTo(Status.STATUS_NO_TRANSACTION);
	}

	@Test
	void verifyWhenTheTransactionWasBegunBySomebodyElseThenAPolicyIsAskedOutsideOfIt() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		List<Integer> contexts = new ArrayList<>();
		this.service.setPolicies(List.of((key) -> contexts.add(this.transactions.getStatus())));
		this.transactions.begin();
		assertThat(this.service.verify(created.token())).isPresent();
		this.transactions.rollback();
		assertThat(contexts).containsExactly(Status.STATUS_NO_TRANSACTION);
	}

	@Test
	void callerWhenTheTransactionWasBegunBySomebodyElseThenMayHoldAConnection() {
		CallerTransaction caller = new CallerTransaction(this.unit.entityManagerFactory(),
				new Snapshots(this.unit.entityManagerFactory()));
		assertThat(caller.mayHoldConnection()).isFalse();
		this.transactions.begin();
		assertThat(caller.mayHoldConnection()).isTrue();
		this.transactions.rollback();
		assertThat(caller.mayHoldConnection()).isFalse();
	}

	/**
	 * Each call has a session of its own if Spring does not know the transaction. A row
	 * that is gone could not tell other nodes anything.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void purgeWhenTheTransactionThatEndedTheKeyGoesOnForLongThenItTellsOthers(boolean sameService) {
		JpaApiKeyService other = service();
		this.service.setClock(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-10)));
		this.transactions.begin();
		this.service.revoke(this.id);
		this.unit.jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00'");
		this.service.setClock(Clock.systemUTC());
		(sameService ? this.service : other).purge(Duration.ZERO);
		commit();
		assertThat(this.unit.jdbc()
			.queryForObject("select count(*) from api_key where changed_at > '2026-01-02 00:00:00'", Integer.class))
			.isEqualTo(1);
		other.close();
	}

	private void commit() {
		try {
			this.transactions.commit();
		}
		catch (RollbackException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void changeWhenTheTransactionGoesOnThenItsTimeIsWrittenAgainBeforeTheCommit() {
		List<String> statements = this.unit.statementsOf(() -> this.global.executeWithoutResult((status) -> {
			this.service.disable(this.id);
			this.unit.clearStatements();
		}));
		assertThat(statements).singleElement().asString().startsWith("update api_key set changed_at");
	}

	@Test
	void changeWhenTheTransactionIsRolledBackThenNoTimeIsWrittenBefore() {
		List<String> statements = this.unit.statementsOf(() -> {
			assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> this.global.executeWithoutResult((status) -> {
					this.service.disable(this.id);
					this.transactions.setRollbackOnly();
					this.unit.clearStatements();
				}));
		});
		assertThat(statements).isEmpty();
		assertThat(this.events).isEmpty();
	}

}
