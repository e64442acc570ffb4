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
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Whatever is wrong with a well-formed token, it is hashed and compared once: the work
 * says nothing about the key.
 */
class VerificationHashingTests extends AbstractDatabaseTests {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00Z");

	private final ApiKeyTokenFormat format = new ApiKeyTokenFormat("acme", List.of());

	private final CountingHasher hasher = new CountingHasher();

	private JpaApiKeyService service;

	@Override
	TestDatabase database() {
		return new H2Database();
	}

	private void start(boolean cached) {
		this.service = unit().service(new ApiKeyTokenFormats(this.format),
				new ApiKeyHashers("sha256", List.of(this.hasher)));
		this.service.setTenantsShareKeys(true);
		this.service.setClock(Clock.fixed(NOW, ZoneOffset.UTC));
		if (cached) {
			this.service.setCache(1000, Duration.ofSeconds(2));
		}
	}

	@AfterEach
	void stop() {
		this.service.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void verifyWhenUnknownOrWrongSecretOrRefusedThenHashedAndComparedOnce(boolean cached) {
		start(cached);
		CreatedApiKey active = this.service.create(NewApiKey.named("active"));
		CreatedApiKey disabled = this.service.create(NewApiKey.named("disabled"));
		CreatedApiKey revoked = this.service.create(NewApiKey.named("revoked"));
		CreatedApiKey expired = this.service.create(NewApiKey.named("expired").expiresAt(NOW.plusSeconds(1)));
		CreatedApiKey early = this.service
			.create(NewApiKey.named("early").notBefore(NOW.plusSeconds(120)).expiresAt(NOW.plusSeconds(180)));
		CreatedApiKey elsewhere = this.service.create(NewApiKey.named("elsewhere").allowedAddresses("203.0.113.7"));
		this.service.disable(disabled.apiKey().getId());
		this.service.revoke(revoked.apiKey().getId());
		this.service.setClock(Clock.fixed(NOW.plusSeconds(60), ZoneOffset.UTC));
		String unknown = unknown();
		int length = unknown.length();
		assertThat(comparisons(unknown)).containsExactly(length);
		for (CreatedApiKey key : List.of(active, disabled, revoked, expired, early, elsewhere)) {
			String name = key.apiKey().getName();
			String wrong = withOtherSecret(key.apiKey().getKeyId());
			// when it is loaded, and when it is remembered
			assertThat(comparisons(wrong)).as(name).containsExactly(length);
			assertThat(comparisons(wrong)).as(name).containsExactly(length);
			assertThat(comparisons(key.token())).as(name).containsExactly(length);
			assertThat(this.service.verify(key.token()).isPresent()).as(name).isEqualTo(key == active);
		}
		assertThat(comparisons("acme_malformed")).isEmpty();
	}

	@Test
	void verifyWhenHashesAreSlowThenOneComparisonForEachAddressWhetherOrNotThereAreSuchKeys() {
		this.hasher.slow = true;
		start(true);
		String known = withOtherSecret(this.service.create(NewApiKey.named("known")).apiKey().getKeyId());
		for (String token : List.of(known, unknown())) {
			this.hasher.meanwhile = () -> assertThatExceptionOfType(ApiKeyStoreException.class)
				.isThrownBy(() -> this.service.verify(unknown(), "203.0.113.7"));
			this.hasher.compared.clear();
			assertThat(this.service.verify(token, "203.0.113.7")).isEmpty();
			assertThat(this.hasher.compared).hasSize(1);
		}
	}

	@Test
	void verifyWhenHashesAreSlowThenOneComparisonForEachNetworkOfIpv6() {
		this.hasher.slow = true;
		start(true);
		this.hasher.meanwhile = () -> assertThatExceptionOfType(ApiKeyStoreException.class)
			.isThrownBy(() -> this.service.verify(unknown(), "2001:db8::2"));
		assertThat(this.service.verify(unknown(), "2001:db8::1")).isEmpty();
		assertThat(this.hasher.compared).hasSize(1);
	}

	private String unknown() {
		return this.format.generate(new SecureRandomApiKeyGenerator()).value();
	}

	/**
	 * The lengths of what was compared.
	 */
	private List<Integer> comparisons(String token) {
		this.hasher.compared.clear();
		this.hasher.hashed = 0;
		this.service.verify(token);
		assertThat(this.hasher.hashed).isZero();
		return List.copyOf(this.hasher.compared);
	}

	private String withOtherSecret(String keyId) {
		SecureRandomApiKeyGenerator random = new SecureRandomApiKeyGenerator();
		return this.format.generate(new ApiKeyGenerator() {

			@Override
			public String generateKeyId() {
				return keyId;
			}

			@Override
			public String generateSecret() {
				return random.generateSecret();
			}

		}).value();
	}

	/**
	 * The default hasher, which counts what it does.
	 */
	private static final class CountingHasher implements ApiKeyHasher {

		private final ApiKeyHasher sha256 = new Sha256ApiKeyHasher();

		private final List<Integer> compared = new ArrayList<>();

		private int hashed;

		private boolean slow;

		private Runnable meanwhile = () -> {
		};

		@Override
		public boolean isSlow() {
			return this.slow;
		}

		@Override
		public String getScheme() {
			return this.sha256.getScheme();
		}

		@Override
		public String hash(String token) {
			this.hashed++;
			return this.sha256.hash(token);
		}

		@Override
		public boolean matches(String token, String hash) {
			return matcher(hash).test(token);
		}

		@Override
		public Predicate<String> matcher(String hash) {
			Predicate<String> matcher = this.sha256.matcher(hash);
			return (token) -> {
				this.compared.add(token.length());
				this.meanwhile.run();
				return matcher.test(token);
			};
		}

		@Override
		public boolean resistsGuessing() {
			return this.sha256.resistsGuessing();
		}

	}

}
