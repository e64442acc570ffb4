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

import java.time.Duration;
import java.util.List;
import java.util.Set;

import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import io.github.apikeys.core.verification.VerificationStatistics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class VerificationStatisticsTests extends AbstractDatabaseTests {

	private static final boolean FROM_MEMORY = true;

	private static final boolean LOOKED_UP = false;

	private final ApiKeyTokenFormat format = new ApiKeyTokenFormat("acme", List.of());

	private volatile boolean away;

	private JpaApiKeyService apiKeys;

	private VerificationStatistics statistics;

	@Override
	TestDatabase database() {
		return new H2Database();
	}

	@BeforeEach
	void start() {
		this.away = false;
		this.apiKeys = unit().service(new Transactions(), new ApiKeyTokenFormats(this.format),
				new ApiKeyHashers("sha256", Set.of(new Sha256ApiKeyHasher())));
		this.apiKeys.setTenantsShareKeys(true);
		this.statistics = this.apiKeys.getVerificationStatistics();
	}

	@AfterEach
	void stop() {
		this.away = false;
		this.apiKeys.close();
	}

	@Test
	void getAcceptedThenTheFirstWasLookedUpAndTheOthersRemembered() {
		this.apiKeys.setCache(10, Duration.ofSeconds(15));
		String token = this.apiKeys.create(NewApiKey.named("key")).token();
		for (int i = 0; i < 5; i++) {
			this.apiKeys.verify(token);
		}
		assertThat(this.statistics.getAccepted(LOOKED_UP)).isOne();
		assertThat(this.statistics.getAccepted(FROM_MEMORY)).isEqualTo(4);
		assertThat(this.statistics.getRememberedKeys()).isOne();
		assertThat(refusals()).isZero();
	}

	@Test
	void getAcceptedWhenKeysAreNotRememberedThenEachWasLookedUp() {
		String token = this.apiKeys.create(NewApiKey.named("key")).token();
		this.apiKeys.verify(token);
		this.apiKeys.verify(token);
		assertThat(this.statistics.getAccepted(LOOKED_UP)).isEqualTo(2);
		assertThat(this.statistics.getAccepted(FROM_MEMORY)).isZero();
		assertThat(this.statistics.getRememberedKeys()).isZero();
		assertThat(this.statistics.getStaleness()).isZero();
		assertThat(this.statistics.isStale()).isFalse();
	}

	@Test
	void getRefusedThenByReasonAndByMemory() {
		this.apiKeys.setCache(10, Duration.ofSeconds(15));
		CreatedApiKey created = this.apiKeys.create(NewApiKey.named("key"));
		this.apiKeys.verify("nonsense");
		this.apiKeys.verify(null);
		this.apiKeys.verify(this.format.generate(new SecureRandomApiKeyGenerator()).value());
		String wrong = this.format.generate(new FixedGenerator(created.token().substring(5, 17), "0".repeat(32)))
			.value();
		this.apiKeys.verify(wrong);
		this.apiKeys.verify(wrong);
		this.apiKeys.revoke(created.apiKey().getId());
		this.apiKeys.verify(created.token());
		assertThat(this.statistics.getRefused(ApiKeyRefusal.MALFORMED, LOOKED_UP)).isEqualTo(2);
		assertThat(this.statistics.getRefused(ApiKeyRefusal.UNKNOWN, LOOKED_UP)).isOne();
		assertThat(this.statistics.getRefused(ApiKeyRefusal.WRONG_SECRET, LOOKED_UP)).isOne();
		assertThat(this.statistics.getRefused(ApiKeyRefusal.WRONG_SECRET, FROM_MEMORY)).isOne();
		assertThat(this.statistics.getRefused(ApiKeyRefusal.REVOKED, LOOKED_UP)).isOne();
		assertThat(refusals()).isEqualTo(6);
		assertThat(this.statistics.getAccepted(LOOKED_UP) + this.statistics.getAccepted(FROM_MEMORY)).isZero();
		assertThat(this.statistics.getUnanswered()).isZero();
	}

	@Test
	void getUnansweredWhenTheDatabaseIsAwayThenNeitherAcceptedNorRefused() {
		String token = this.apiKeys.create(NewApiKey.named("key")).token();
		this.away = true;
		assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> this.apiKeys.verify(token));
		assertThat(this.statistics.getUnanswered()).isOne();
		assertThat(refusals()).isZero();
		assertThat(this.statistics.getAccepted(LOOKED_UP)).isZero();
	}

	private long refusals() {
		long sum = 0;
		for (ApiKeyRefusal reason : ApiKeyRefusal.values()) {
			sum += this.statistics.getRefused(reason, FROM_MEMORY) + this.statistics.getRefused(reason, LOOKED_UP);
		}
		return sum;
	}

	/**
	 * Those of the database, as long as it is there.
	 */
	private final class Transactions implements PlatformTransactionManager {

		@Override
		public TransactionStatus getTransaction(TransactionDefinition definition) {
			if (VerificationStatisticsTests.this.away) {
				throw new CannotCreateTransactionException("away");
			}
			return unit().transactionManager().getTransaction(definition);
		}

		@Override
		public void commit(TransactionStatus status) {
			unit().transactionManager().commit(status);
		}

		@Override
		public void rollback(TransactionStatus status) {
			unit().transactionManager().rollback(status);
		}

	}

}
