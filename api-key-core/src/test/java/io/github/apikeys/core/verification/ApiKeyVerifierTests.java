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

package io.github.apikeys.core.verification;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import com.sun.management.ThreadMXBean;
import io.github.apikeys.core.AllowedAddresses;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.ApiKeyValidity;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.support.Moment;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Verification needs a source of keys and a sink of usage, and no database.
 */
class ApiKeyVerifierTests implements VerificationSource, UsageSink {

	private final Map<String, StoredApiKey> keys = new ConcurrentHashMap<>();

	private final List<UsageCount> counts = new ArrayList<>();

	private final ApiKeyTokenFormat format = new ApiKeyTokenFormat("ak", List.of());

	private final SlowHasher slowHasher = new SlowHasher();

	private ApiKeyHashers hashers = new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher()));

	private final ApiKeyToken token = this.format.generate(new SecureRandomApiKeyGenerator());

	private @Nullable ApiKeyStoreException failure;

	private ApiKeyVerifier verifier;

	@BeforeEach
	void start() {
		this.verifier = verifier(Moment::now);
	}

	private ApiKeyVerifier verifier(Supplier<Moment> moments) {
		return new ApiKeyVerifier(new ApiKeyTokenFormats(this.format, List.of()), this.hashers, this,
				new UsageRecorder(this, moments), moments);
	}

	@AfterEach
	void stop() {
		this.verifier.close();
	}

	/**
	 * It is the path of every request.
	 */
	@Test
	void acceptedThenNothingIsAllocated() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		VerificationStatistics statistics = this.verifier.getStatistics();
		statistics.accepted(true);
		long before = threads.getCurrentThreadAllocatedBytes();
		for (int i = 0; i < 100_000; i++) {
			statistics.accepted(true);
		}
		assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000);
		assertThat(statistics.getAccepted(true)).isEqualTo(100_001);
	}

	@Test
	void verifyThenTheKeyOfTheSource() {
		store(null);
		assertThat(this.verifier.verify(this.token.value())).get()
			.extracting(ApiKeyPrincipal::keyId)
			.isEqualTo(this.token.keyId());
		assertThat(this.verifier.verify(this.format.generate(new SecureRandomApiKeyGenerator()).value())).isEmpty();
		assertThat(this.verifier.verify("no token")).isEmpty();
		assertThat(this.verifier.verify(null)).isEmpty();
	}

	@Test
	void verifyWhenTheKeyEndedThenRefusedForItsState() {
		store(Instant.now().minusSeconds(1));
		assertThat(this.verifier.verify(this.token.value())).isEmpty();
		assertThat(this.verifier.getStatistics().getRefused(ApiKeyRefusal.REVOKED, false)).isOne();
	}

	@Test
	void verifyWhenCachedThenTheSourceIsAskedOnce() {
		this.verifier.setCache(10, Duration.ofSeconds(15));
		store(null);
		assertThat(this.verifier.verify(this.token.value())).isPresent();
		this.keys.clear();
		assertThat(this.verifier.verify(this.token.value())).isPresent();
		this.verifier.evict(this.token.keyId());
		assertThat(this.verifier.verify(this.token.value())).isEmpty();
	}

	@Test
	void verifyWhenTheKeyEndsDuringALongComparisonThenRefused() {
		AtomicReference<Moment> now = new AtomicReference<>(Moment.now());
		this.hashers = new ApiKeyHashers("slow", List.of(this.slowHasher));
		this.verifier.close();
		this.verifier = verifier(now::get);
		store(null);
		this.slowHasher.meanwhile = () -> {
			now.set(new Moment(now.get().nanos() + 3_000_000_000L, now.get().wallTime().plusSeconds(3)));
			store(Instant.now().minusSeconds(1));
		};
		assertThat(this.verifier.verify(this.token.value())).isEmpty();
		assertThat(this.verifier.getStatistics().getRefused(ApiKeyRefusal.REVOKED, false)).isOne();
		assertThat(this.slowHasher.comparisons).isOne();
	}

	@Test
	void verifyWhenTheSourceDoesNotAnswerThenCountedAndThrown() {
		this.failure = new ApiKeyStoreException("away");
		assertThatExceptionOfType(ApiKeyStoreException.class)
			.isThrownBy(() -> this.verifier.verify(this.token.value()));
		assertThat(this.verifier.getStatistics().getUnanswered()).isOne();
		assertThat(this.verifier.getStatistics().getAccepted(false)).isZero();
	}

	@Test
	void closeThenTheSinkHasTheUsage() {
		store(null);
		this.verifier.verify(this.token.value(), "203.0.113.7");
		this.verifier.verify("no token");
		this.verifier.close();
		LocalDate today = LocalDate.now(ZoneOffset.UTC);
		assertThat(this.counts).hasSize(2).allMatch((count) -> !count.getDay().isAfter(today));
		assertThat(this.counts).filteredOn((count) -> count.getApiKeyId() == null)
			.singleElement()
			.matches((count) -> count.getRequests() == 0 && count.getRefusals() == 1);
		assertThat(this.counts).filteredOn((count) -> count.getApiKeyId() != null)
			.singleElement()
			.matches((count) -> count.getRequests() == 1 && "203.0.113.7".equals(count.getLastUsedFrom()));
	}

	private void store(@Nullable Instant revokedAt) {
		PresentedToken presented = PresentedToken.of(this.token);
		TokenHash hash = new TokenHash(this.hashers.hash(presented.hashedText(), true));
		ApiKeyPrincipal principal = new ApiKeyPrincipal(UUID.randomUUID(), this.token.keyId(), "key", "owner", Set.of(),
				"api_key");
		this.keys.put(this.token.keyId(), new StoredApiKey(principal, 0, hash,
				new ApiKeyValidity(null, null, null, revokedAt), AllowedAddresses.of(null)));
	}

	@Override
	public @Nullable StoredApiKey find(String keyId) {
		if (this.failure != null) {
			throw this.failure;
		}
		return this.keys.get(keyId);
	}

	@Override
	public RecentChanges findChanged(Duration window, @Nullable Instant last) {
		return new RecentChanges(Instant.now(), List.of());
	}

	@Override
	public void replaceHash(UUID id, TokenHash oldHash, TokenHash newHash) {
		throw new UnsupportedOperationException();
	}

	@Override
	public List<UsageCount> add(List<UsageCount> counts) {
		this.counts.addAll(counts);
		return List.of();
	}

	/**
	 * Takes as long as it is told to.
	 */
	private static final class SlowHasher implements ApiKeyHasher {

		private int comparisons;

		private Runnable meanwhile = () -> {
		};

		@Override
		public String getScheme() {
			return "slow";
		}

		@Override
		public String hash(String token) {
			return Integer.toHexString(token.hashCode());
		}

		@Override
		public boolean matches(String token, String hash) {
			this.comparisons++;
			this.meanwhile.run();
			return hash(token).equals(hash);
		}

		@Override
		public boolean isSlow() {
			return true;
		}

	}

}
