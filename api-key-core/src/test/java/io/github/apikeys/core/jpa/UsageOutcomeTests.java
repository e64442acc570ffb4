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
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether usage is written again when its transaction failed: never if it may have been
 * committed, and always if it was not.
 */
class UsageOutcomeTests extends AbstractDatabaseTests {

	private static final String USAGE = "api-key-usage";

	private FailingCommits dataSource;

	private PersistenceUnit failing;

	private JpaTransactionManager transactionManager;

	private JpaApiKeyService service;

	@Override
	TestDatabase database() {
		return new H2Database();
	}

	@BeforeAll
	void startUnit() {
		this.dataSource = new FailingCommits(unit().dataSource());
		this.failing = new PersistenceUnit(this.dataSource, Map.of(), "io.github.apikeys.core");
	}

	@AfterAll
	void stopUnit() {
		this.failing.close();
	}

	@AfterEach
	void stop() {
		this.service.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "40001", "40000", "40P01" })
	void addWhenTheDatabaseRolledBackThenWrittenAgain(String state) {
		CreatedApiKey created = start();
		this.dataSource.failNext(USAGE, new SQLException("refused", state));
		assertThat(this.service.verify(created.token())).isPresent();
		Awaitility.await().untilAsserted(() -> assertThat(requests(created)).isOne());
		assertThat(dropped()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "08006", "08007", "40003", "57P01", "HY000" })
	void addWhenTheAnswerDoesNotTellThenNotWrittenAgain(String state) {
		CreatedApiKey created = start();
		this.dataSource.failAfterNext(USAGE, new SQLException("unknown", state));
		assertThat(this.service.verify(created.token())).isPresent();
		Awaitility.await().until(() -> dropped() == 1);
		anotherIsWritten(created);
		assertThat(requests(created)).isEqualTo(2);
	}

	@Test
	void addWhenAListenerRefusesTheCommitThenWrittenAgain() {
		CreatedApiKey created = start();
		onNext(new TransactionSynchronization() {

			@Override
			public void beforeCommit(boolean readOnly) {
				throw new IllegalStateException("as the test wants it");
			}

		});
		assertThat(this.service.verify(created.token())).isPresent();
		Awaitility.await().untilAsserted(() -> assertThat(requests(created)).isOne());
		assertThat(dropped()).isZero();
	}

	/**
	 * It may fail because of a transaction of its own that was given up.
	 */
	@Test
	void addWhenAListenerFailsAfterTheCommitThenNeitherWrittenAgainNorDropped() {
		CreatedApiKey created = start();
		onNext(new TransactionSynchronization() {

			@Override
			public void afterCommit() {
				throw new IllegalStateException(new SQLException("of something else", "40001"));
			}

		});
		assertThat(this.service.verify(created.token())).isPresent();
		Awaitility.await().untilAsserted(() -> assertThat(requests(created)).isOne());
		anotherIsWritten(created);
		assertThat(requests(created)).isEqualTo(2);
		assertThat(dropped()).isZero();
	}

	/**
	 * Without synchronization nobody says whether the commit succeeded before a listener
	 * of the transaction manager failed.
	 */
	@Test
	void addWhenTheCommitCannotBeObservedThenNotWrittenAgain() {
		CreatedApiKey created = start();
		this.transactionManager.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
		this.dataSource.failAfterNext(USAGE, new SQLException("of something else", "40001"));
		assertThat(this.service.verify(created.token())).isPresent();
		Awaitility.await().until(() -> dropped() == 1);
		anotherIsWritten(created);
		assertThat(requests(created)).isEqualTo(2);
	}

	private CreatedApiKey start() {
		this.transactionManager = new JpaTransactionManager(this.failing.entityManagerFactory());
		this.service = this.failing.service(this.transactionManager,
				new ApiKeyTokenFormats(new ApiKeyTokenFormat("acme", List.of())),
				new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
		this.service.setTenantsShareKeys(true);
		this.service.setUsageInterval(Duration.ofMillis(40));
		return this.service.create(NewApiKey.named("key"));
	}

	private void onNext(TransactionSynchronization synchronization) {
		this.transactionManager.addListener(new TransactionExecutionListener() {

			private boolean done;

			@Override
			public void afterBegin(TransactionExecution transaction, Throwable failure) {
				if (!this.done && Thread.currentThread().getName().equals(USAGE)) {
					this.done = true;
					TransactionSynchronizationManager.registerSynchronization(synchronization);
				}
			}

		});
	}

	private void anotherIsWritten(CreatedApiKey created) {
		long before = requests(created);
		assertThat(this.service.verify(created.token())).isPresent();
		Awaitility.await().until(() -> requests(created) > before);
	}

	private long dropped() {
		return this.service.getVerificationStatistics().getDroppedUses();
	}

	private long requests(CreatedApiKey created) {
		LocalDate today = LocalDate.ofInstant(Instant.now(), ZoneOffset.UTC);
		return new JpaApiKeyReports(unit().entityManagerFactory(), unit().transactionManager())
			.usage(created.apiKey().getId(), today.minusDays(1), today)
			.stream()
			.mapToLong((day) -> day.getRequests())
			.sum();
	}

}
