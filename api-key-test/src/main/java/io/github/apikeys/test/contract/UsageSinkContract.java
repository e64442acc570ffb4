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

package io.github.apikeys.test.contract;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyUsage;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.DefaultApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.verification.ApiKeyVerifier;
import io.github.apikeys.core.verification.UsageCount;
import io.github.apikeys.core.verification.UsageSink;
import io.github.apikeys.core.verification.VerificationSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a {@link UsageSink} must do for the keys of a store. Extend it to test that of a
 * store of your own.
 *
 * @since 0.1.0
 */
public abstract class UsageSinkContract {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00Z");

	private final ApiKeyTokenFormats formats = new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of()));

	private final ApiKeyHashers hashers = new ApiKeyHashers(Sha256ApiKeyHasher.SCHEME,
			List.of(new Sha256ApiKeyHasher()));

	private DefaultApiKeyService service;

	private CreatedApiKey created;

	/**
	 * Returns the store of the keys.
	 * @return the store
	 */
	protected abstract ApiKeyRepository repository();

	/**
	 * Returns where verification finds the keys of the store.
	 * @return the source
	 */
	protected abstract VerificationSource verificationSource();

	/**
	 * Returns what keeps the usage of the keys of the store.
	 * @return the sink to test
	 */
	protected abstract UsageSink usageSink();

	/**
	 * Reads what the sink has kept.
	 * @param id the id of the key's row
	 * @param day a day in UTC
	 * @return the usage of the key on that day
	 */
	protected abstract ApiKeyUsage usage(UUID id, LocalDate day);

	@BeforeEach
	void createKey() {
		this.service = new DefaultApiKeyService(repository(), this.formats, this.hashers, (token) -> null);
		this.service.setClock(Clock.fixed(NOW, ZoneOffset.UTC));
		this.created = this.service.create(NewApiKey.named("key"));
	}

	@Test
	void addThenCountsAreThoseOfTheirDays() {
		verify(NOW, this.created.token(), this.created.token());
		verify(NOW.plusSeconds(1), this.created.token());
		verify(NOW.plusSeconds(86_400), this.created.token());
		UUID id = this.created.apiKey().getId();
		LocalDate day = LocalDate.ofInstant(NOW, ZoneOffset.UTC);
		assertThat(usage(id, day).getRequests()).isEqualTo(3);
		assertThat(usage(id, day.plusDays(1)).getRequests()).isOne();
	}

	@Test
	void addThenTheLastUseMovesForwardOnly() {
		verify(NOW.plusSeconds(2), this.created.token());
		verify(NOW.plusSeconds(1), this.created.token());
		ApiKey used = this.service.find(this.created.apiKey().getId()).orElseThrow();
		assertThat(used.getLastUsedAt()).isEqualTo(NOW.plusSeconds(2));
		assertThat(used.getLastUsedFrom()).isEqualTo("192.0.2.1");
		assertThat(used.getVersion()).isZero();
	}

	@Test
	void addWhenTheKeyIsGoneThenItStaysAway() {
		UUID id = this.created.apiKey().getId();
		ApiKeyVerifier verifier = verifier(NOW, usageSink());
		verifier.verify(this.created.token(), null);
		deleteKey();
		verifier.close();
		assertThat(this.service.find(id)).isEmpty();
	}

	@Test
	void addWaitingWhenNothingElseHoldsTheKeyThenAddsAllCounts() {
		UUID id = this.created.apiKey().getId();
		LocalDate day = LocalDate.ofInstant(NOW, ZoneOffset.UTC);
		verify(NOW, this.created.token());
		assertThat(usageSink().addWaiting(counts(NOW.plusSeconds(1)))).isEmpty();
		assertThat(usageSink().addWaiting(counts(NOW.plusSeconds(86_400)))).isEmpty();
		assertThat(usage(id, day).getRequests()).isEqualTo(2);
		assertThat(usage(id, day.plusDays(1)).getRequests()).isOne();
		ApiKey used = this.service.find(id).orElseThrow();
		assertThat(used.getLastUsedAt()).isEqualTo(NOW.plusSeconds(86_400));
	}

	@Test
	void addWaitingWhenTheKeyIsGoneThenItStaysAway() {
		UUID id = this.created.apiKey().getId();
		List<UsageCount> counts = counts(NOW);
		deleteKey();
		assertThat(usageSink().addWaiting(counts)).isEmpty();
		assertThat(this.service.find(id)).isEmpty();
	}

	/**
	 * Counts one use of the key, which no sink has.
	 */
	private List<UsageCount> counts(Instant now) {
		List<UsageCount> counts = new CopyOnWriteArrayList<>();
		Written written = new Written((added) -> {
			counts.addAll(added);
			return List.of();
		});
		try (ApiKeyVerifier verifier = verifier(now, written)) {
			verifier.verify(this.created.token(), "192.0.2.1");
		}
		written.await(1);
		assertThat(counts).hasSize(1);
		return counts;
	}

	private void deleteKey() {
		UUID id = this.created.apiKey().getId();
		repository().inChange(() -> {
			repository().delete(List.of(id));
			return id;
		});
	}

	private void verify(Instant now, String... tokens) {
		Written written = new Written(usageSink());
		try (ApiKeyVerifier verifier = verifier(now, written)) {
			for (String token : tokens) {
				verifier.verify(token, "192.0.2.1");
			}
		}
		written.await(tokens.length);
	}

	private ApiKeyVerifier verifier(Instant now, UsageSink sink) {
		ApiKeyVerifier verifier = new ApiKeyVerifier(this.formats, this.hashers, verificationSource(), sink);
		verifier.setClock(Clock.fixed(now, ZoneOffset.UTC));
		return verifier;
	}

	/**
	 * Knows how much of the usage was written, which may go on when a verifier is closed.
	 */
	private static final class Written implements UsageSink {

		private final Semaphore requests = new Semaphore(0);

		private final UsageSink sink;

		Written(UsageSink sink) {
			this.sink = sink;
		}

		@Override
		public List<UsageCount> add(List<UsageCount> counts) {
			return release(counts, this.sink.add(counts));
		}

		@Override
		public List<UsageCount> addWaiting(List<UsageCount> counts) {
			return release(counts, this.sink.addWaiting(counts));
		}

		private List<UsageCount> release(List<UsageCount> counts, List<UsageCount> left) {
			this.requests.release((int) (sum(counts) - sum(left)));
			return left;
		}

		private static long sum(List<UsageCount> counts) {
			return counts.stream().mapToLong(UsageCount::getRequests).sum();
		}

		void await(int number) {
			try {
				assertThat(this.requests.tryAcquire(number, 2, TimeUnit.MINUTES)).isTrue();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException(ex);
			}
		}

	}

}
