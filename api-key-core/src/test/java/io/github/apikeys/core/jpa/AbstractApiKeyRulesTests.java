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

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyImport;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.ApiKeyRevokedException;
import io.github.apikeys.core.ApiKeyRotation;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.HmacSha256ApiKeyHasher;
import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.OpaqueTokenFormat;
import io.github.apikeys.core.token.SecretShape;
import io.github.apikeys.core.type.TenantApiKey;
import jakarta.persistence.EntityManager;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.QueryTimeoutException;
import org.springframework.data.domain.Pageable;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What an application may decide about its keys, and whence they may come, on every
 * database.
 */
abstract class AbstractApiKeyRulesTests extends AbstractDatabaseTests {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00.123456Z");

	private static final String DJANGO_KEY = "kQ3xYz9A.abcdefghijklmnopqrstuvwxyz012345";

	private static final String DJANGO_HASH = "pbkdf2_sha256$1000$saltSALT123$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4=";

	private static final String OPAQUE_KEY = "sk_Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9Zz9";

	private static final String OPAQUE_SHA256 = "aa9ed57a25085a7eb81bc9ea6aaab2f271179951ddbfe35d6c1605d4dbe49fe4";

	private final ApiKeyTokenFormats tokenFormats = new ApiKeyTokenFormats(
			new ApiKeyTokenFormat("acme", List.of(), Map.of("tenant", "acme_tenant")),
			List.of(DelimitedTokenFormat.django(), new DelimitedTokenFormat("pair", '|', false),
					new DelimitedTokenFormat("drawn", '~', false)
						.withSecret(SecretShape.of(32, SecretShape.ALPHANUMERIC)),
					GoldenKey.opaque()));

	private final List<Object> events = Collections.synchronizedList(new ArrayList<>());

	private final List<JpaApiKeyService> services = new ArrayList<>();

	private JpaApiKeyService service;

	private String owner;

	@BeforeEach
	void createService() {
		this.events.clear();
		this.service = serviceAt(NOW);
		this.owner = "owner-" + UUID.randomUUID();
	}

	@AfterEach
	void closeServices() {
		this.services.forEach(JpaApiKeyService::close);
		this.services.clear();
	}

	@Test
	void allowedAddressesThenOnlyTheseMayUseTheKey() {
		CreatedApiKey created = this.service
			.create(NewApiKey.named("key").allowedAddresses("203.0.113.0/24", "2001:db8::/32"));
		assertThat(this.service.verify(created.token(), "203.0.113.9")).isPresent();
		assertThat(this.service.verify(created.token(), "2001:db8::1")).isPresent();
		assertThat(this.service.verify(created.token(), "203.0.114.9")).isEmpty();
		assertThat(this.service.verify(created.token())).isEmpty();
		assertThat(refusals()).containsExactly(ApiKeyRefusal.ADDRESS, ApiKeyRefusal.ADDRESS);
		ApiKey changed = this.service.update(created.apiKey().getId(),
				(change) -> change.allowedAddresses(List.of("203.0.114.9")));
		assertThat(changed.getAllowedAddresses()).containsExactly("203.0.114.9");
		assertThat(this.service.verify(created.token(), "203.0.114.9")).isPresent();
		CreatedApiKey successor = this.service.rotate(created.apiKey().getId(), Duration.ofDays(1));
		assertThat(this.service.verify(successor.token(), "203.0.113.9")).isEmpty();
		this.service.update(created.apiKey().getId(), (change) -> change.allowedAddresses(List.of()));
		assertThat(this.service.verify(created.token())).isPresent();
	}

	@Test
	void rateLimitsThenThePrincipalAndTheSuccessorHaveThem() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key").rateLimits("1000/1d, 10/s"));
		assertThat(created.apiKey().getRateLimits()).hasToString("10/1s, 1000/1d");
		assertThat(this.service.verify(created.token()).orElseThrow().rateLimits()).hasToString("10/1s, 1000/1d");
		CreatedApiKey successor = this.service.rotate(created.apiKey().getId(), Duration.ofDays(1));
		assertThat(successor.apiKey().getRateLimits()).hasToString("10/1s, 1000/1d");
		this.service.update(successor.apiKey().getId(), (change) -> change.rateLimits(null));
		assertThat(this.service.verify(successor.token()).orElseThrow().rateLimits()).isNull();
		refused("rateLimits", "100/1m", () -> NewApiKey.named("key").rateLimits("many"));
	}

	@Test
	void quotaThenExactlySoManyRequestsOfManyAtOnce() throws Exception {
		UUID id = this.service.create(NewApiKey.named("key").quota(10)).apiKey().getId();
		List<String> outcomes = atOnce(100, () -> String.valueOf(this.service.consumeQuota(id)));
		assertThat(outcomes).filteredOn("true"::equals).hasSize(10);
		assertThat(outcomes).filteredOn("false"::equals).hasSize(90);
		JpaApiKeyService restarted = serviceAt(NOW.plusSeconds(60));
		assertThat(restarted.consumeQuota(id)).isFalse();
		assertThat(restarted.find(id).orElseThrow().getQuotaUsed()).isEqualTo(10);
	}

	@Test
	void quotaThenCountingIsNoChangeOfTheKey() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key").quota(2));
		UUID id = created.apiKey().getId();
		assertThat(this.service.verify(created.token()).orElseThrow().hasQuota()).isTrue();
		assertThat(this.service.consumeQuota(id)).isTrue();
		ApiKey used = this.service.find(id).orElseThrow();
		assertThat(used.getVersion()).isZero();
		assertThat(used.getQuotaUsed()).isOne();
		this.service.refundQuota(id);
		this.service.refundQuota(id);
		assertThat(this.service.find(id).orElseThrow().getQuotaUsed()).isZero();
	}

	@Test
	void quotaWhenItIsRaisedThenMoreAndWhenItIsRemovedThenNoEnd() {
		UUID id = this.service.create(NewApiKey.named("key").quota(1)).apiKey().getId();
		assertThat(this.service.consumeQuota(id)).isTrue();
		assertThat(this.service.consumeQuota(id)).isFalse();
		assertThat(this.service.update(id, (change) -> change.quota(2L)).getQuota()).isEqualTo(2);
		assertThat(this.service.consumeQuota(id)).isTrue();
		assertThat(this.service.consumeQuota(id)).isFalse();
		assertThat(this.service.update(id, (change) -> change.quota(null)).getQuota()).isNull();
		assertThat(this.service.consumeQuota(id)).isTrue();
		assertThat(this.service.consumeQuota(UUID.randomUUID())).isFalse();
		refused("quota", "negative", () -> NewApiKey.named("key").quota(-1));
	}

	@Test
	void quotaWhenTheKeyIsRotatedThenBothDrawOnTheSame() {
		UUID first = this.service.create(NewApiKey.named("key").quota(4)).apiKey().getId();
		this.service.consumeQuota(first);
		UUID second = this.service.rotate(first, Duration.ofDays(1)).apiKey().getId();
		UUID third = this.service.rotate(second, Duration.ofDays(1)).apiKey().getId();
		assertThat(this.service.consumeQuota(first)).isTrue();
		assertThat(this.service.consumeQuota(third)).isTrue();
		assertThat(this.service.consumeQuota(second)).isTrue();
		assertThat(this.service.consumeQuota(first)).isFalse();
		assertThat(this.service.find(third).orElseThrow().getQuotaUsed()).isEqualTo(4);
		this.service.refundQuota(first);
		assertThat(this.service.consumeQuota(third)).isTrue();
	}

	/**
	 * What limits one of a line limits all that can be used.
	 */
	@Test
	void limitsWhenOneOfALineGetsThemThenTheOtherHasThem() {
		for (boolean ofSuccessor : new boolean[] { true, false }) {
			CreatedApiKey old = this.service.create(NewApiKey.named("key").owner(this.owner));
			CreatedApiKey successor = this.service.rotate(old.apiKey().getId(), Duration.ofDays(1));
			CreatedApiKey changed = ofSuccessor ? successor : old;
			CreatedApiKey other = ofSuccessor ? old : successor;
			this.service.update(changed.apiKey().getId(), (update) -> update.quota(2L).rateLimits("5/1s"));
			ApiKeyPrincipal principal = this.service.verify(other.token()).orElseThrow();
			assertThat(principal.hasQuota()).isTrue();
			assertThat(principal.rateLimits())
				.isEqualTo(this.service.verify(changed.token()).orElseThrow().rateLimits());
			assertThat(this.service.consumeQuota(old.apiKey().getId())).isTrue();
			assertThat(this.service.consumeQuota(successor.apiKey().getId())).isTrue();
			assertThat(this.service.consumeQuota(old.apiKey().getId())).isFalse();
			this.service.update(changed.apiKey().getId(), (update) -> update.quota(9L));
			assertThat(this.service.find(other.apiKey().getId()).orElseThrow().getQuota()).as("no more").isEqualTo(2);
			this.service.update(old.apiKey().getId(), (update) -> update.expiresAt(NOW.plusSeconds(1)));
			JpaApiKeyService later = serviceAt(NOW.plusSeconds(1));
			later.update(successor.apiKey().getId(), (update) -> update.quota(1L));
			assertThat(later.find(old.apiKey().getId()).orElseThrow().getQuota()).as("expired").isGreaterThan(1);
		}
	}

	@Test
	void policyThenEachMustPermit() {
		List<String> inactive = new ArrayList<>();
		this.service.setPolicies(
				List.of((key) -> !inactive.contains(key.owner()), (key) -> !"closed".equals(key.displayName())));
		String token = this.service.create(NewApiKey.named("key").owner(this.owner)).token();
		String closed = this.service.create(NewApiKey.named("closed").owner(this.owner)).token();
		assertThat(this.service.verify(token)).isPresent();
		assertThat(this.service.verify(closed)).isEmpty();
		inactive.add(this.owner);
		this.service.invalidateOwner(this.owner);
		assertThat(this.service.verify(token)).isEmpty();
		inactive.clear();
		this.service.invalidateOwner(this.owner);
		assertThat(this.service.verify(token)).isPresent();
		assertThat(refusals()).containsExactly(ApiKeyRefusal.POLICY, ApiKeyRefusal.POLICY);
	}

	@Test
	void policyThenIsAskedOnlyAboutUsableKeys() {
		List<String> asked = new ArrayList<>();
		this.service.setPolicies(List.of((key) -> asked.add(key.keyId())));
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		String token = created.token();
		this.service.verify(null);
		this.service.verify("acme_x");
		this.service.verify(swapSecret(token));
		this.service.disable(created.apiKey().getId());
		this.service.verify(token);
		assertThat(asked).isEmpty();
		assertThat(refusals()).containsExactly(ApiKeyRefusal.MALFORMED, ApiKeyRefusal.MALFORMED,
				ApiKeyRefusal.MALFORMED, ApiKeyRefusal.DISABLED);
		this.service.enable(created.apiKey().getId());
		assertThat(this.service.verify(token)).isPresent();
		assertThat(asked).containsExactly(created.apiKey().getKeyId());
	}

	@Test
	void policyWhenItsDatabaseFailsThenNobodyCanTell() {
		this.service.setPolicies(List.of((key) -> {
			throw new QueryTimeoutException("late");
		}));
		String token = this.service.create(NewApiKey.named("key")).token();
		assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> this.service.verify(token));
	}

	@Test
	void lifetimeWhenThereIsADefaultThenItCountsUnlessSomethingElseIsSaid() {
		this.service.setLifetime(Duration.ofDays(90), null, false);
		assertThat(this.service.create(NewApiKey.named("key")).apiKey().getExpiresAt())
			.isEqualTo(NOW.plus(Duration.ofDays(90)));
		assertThat(this.service.create(NewApiKey.named("key").neverExpires()).apiKey().getExpiresAt()).isNull();
		assertThat(this.service.create(NewApiKey.named("key").expiresIn(Duration.ofDays(900))).apiKey().getExpiresAt())
			.isEqualTo(NOW.plus(Duration.ofDays(900)));
	}

	@Test
	void lifetimeWhenThereIsALongestThenNoKeyLivesLonger() {
		this.service.setLifetime(null, Duration.ofDays(365), false);
		refused("expiresAt", "must have an expiry", () -> this.service.create(NewApiKey.named("key")));
		refused("expiresAt", "must have an expiry", () -> this.service.create(NewApiKey.named("key").neverExpires()));
		refused("expiresAt", "within 365 days",
				() -> this.service.create(NewApiKey.named("key").expiresIn(Duration.ofDays(365).plusMillis(1))));
		UUID id = this.service.create(NewApiKey.named("key").expiresIn(Duration.ofDays(365))).apiKey().getId();
		JpaApiKeyService later = serviceAt(NOW.plus(Duration.ofDays(10)));
		later.setLifetime(null, Duration.ofDays(365), false);
		refused("expiresAt", "within 365 days",
				() -> later.update(id, (change) -> change.expiresAt(NOW.plus(Duration.ofDays(366)))));
		refused("expiresAt", "must have an expiry", () -> later.update(id, (change) -> change.expiresAt(null)));
		later.update(id, (change) -> change.expiresAt(NOW.plus(Duration.ofDays(364))));
		assertThat(later.rotate(id, Duration.ZERO).apiKey().getExpiresAt()).isEqualTo(NOW.plus(Duration.ofDays(364)));
	}

	@Test
	void lifetimeWhenAnEndIsRequiredThenAnyWillDo() {
		this.service.setLifetime(null, null, true);
		refused("expiresAt", "must have an expiry, because of 'api-key.expiry.required'",
				() -> this.service.create(NewApiKey.named("key")));
		this.service.create(NewApiKey.named("key").expiresIn(Duration.ofDays(36500)));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.service.setLifetime(Duration.ofDays(2), Duration.ofDays(1), false));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.setLifetime(Duration.ZERO, null, false));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.service.setLifetime(null, Duration.ofDays(-1), false));
	}

	@Test
	void maxKeysThenAKeyCountsWithItsSuccessorsAndNotAfterTheirEnd() {
		this.service.setMaxKeysPerOwner(2);
		UUID first = create().apiKey().getId();
		UUID second = create().apiKey().getId();
		refused("owner", "has 2 API keys already, and may have 2, because of 'api-key.owner.max-keys'", this::create);
		this.service.create(NewApiKey.named("key").owner(this.owner + "'s neighbour"));
		this.service.create(NewApiKey.named("nobody's"));
		this.service.disable(first);
		refused("owner", "has 2", this::create);
		UUID successor = this.service.rotate(second, Duration.ofDays(7)).apiKey().getId();
		refused("owner", "has 2", this::create);
		this.service.revoke(first);
		create();
		refused("owner", "has 2", this::create);
		this.service.revoke(successor);
		refused("owner", "has 2", this::create);
		this.service.revoke(second);
		this.service.importKey(ImportedApiKey.ofToken("m" + UUID.randomUUID() + ".abcdefghijklmnopqrstuvwxyz012345"),
				NewApiKey.named("key").owner(this.owner));
		refused("owner", "has 2",
				() -> this.service.importKey(ImportedApiKey.ofToken("n.abcdefghijklmnopqrstuvwxyz012345"),
						NewApiKey.named("key").owner(this.owner)));
	}

	@Test
	void rotateAgainThenTheOldestEndsAtOnce() {
		CreatedApiKey first = create();
		CreatedApiKey second = this.service.rotate(first.apiKey().getId(), Duration.ofDays(7));
		assertThat(this.service.verify(first.token())).isPresent();
		CreatedApiKey third = this.service.rotate(second.apiKey().getId(), Duration.ofDays(7));
		assertThat(this.service.verify(first.token())).isEmpty();
		assertThat(this.service.verify(second.token())).isPresent();
		assertThat(this.service.verify(third.token())).isPresent();
		assertThat(this.service.find(first.apiKey().getId()).orElseThrow().getExpiresAt()).isEqualTo(NOW);
		assertThat(details(first.apiKey().getId())).startsWith("expiresAt");
		CreatedApiKey fourth = this.service.rotate(third.apiKey().getId(), Duration.ZERO);
		for (CreatedApiKey replaced : List.of(first, second, third)) {
			assertThat(this.service.verify(replaced.token())).isEmpty();
		}
		assertThat(this.service.verify(fourth.token())).isPresent();
	}

	@Test
	void rotateAgainWhenTheOldestIsDisabledThenEnablingDoesNotBringItBack() {
		CreatedApiKey first = create();
		UUID second = this.service.rotate(first.apiKey().getId(), Duration.ofDays(7)).apiKey().getId();
		this.service.disable(first.apiKey().getId());
		this.service.rotate(second, Duration.ofDays(7));
		this.service.enable(first.apiKey().getId());
		assertThat(this.service.verify(first.token())).isEmpty();
	}

	@Test
	void rotateWhenTheGraceIsLongerThanTheLongestThenRefused() {
		this.service.setMaxGrace(Duration.ofDays(7));
		UUID id = create().apiKey().getId();
		refused("grace", "at most 7 days, because of 'api-key.rotation.max-grace'",
				() -> this.service.rotate(id, Duration.ofDays(7).plusNanos(1)));
		UUID successor = this.service.rotate(id, Duration.ofDays(7)).apiKey().getId();
		this.service.setMaxGrace(Duration.ZERO);
		refused("grace", "at most 0 days", () -> this.service.rotate(successor, Duration.ofSeconds(1)));
		this.service.rotate(successor, Duration.ZERO);
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.setMaxGrace(Duration.ofSeconds(-1)));
	}

	@Test
	void rotateWhenTheNewKeyHasAnExpiryOfItsOwnThenItMustBePermittedForAKeyThatIsCreatedNow() {
		UUID id = this.service.create(NewApiKey.named("key").expiresAt(NOW.plus(Duration.ofDays(6)))).apiKey().getId();
		this.service.setLifetime(null, Duration.ofDays(90), false);
		ApiKeyRotation rotation = ApiKeyRotation.withGrace(Duration.ofDays(7));
		refused("expiresAt", "within 90 days",
				() -> this.service.rotate(id, rotation.expiresAt(NOW.plus(Duration.ofDays(90)).plusMillis(1))));
		refused("expiresAt", "in the future", () -> this.service.rotate(id, rotation.expiresAt(NOW)));
		refused("expiresAt", "must have an expiry", () -> this.service.rotate(id, rotation.neverExpires()));
		assertThat(this.service.find(id).orElseThrow().getSuccessorId()).isNull();
		ApiKey successor = this.service.rotate(id, rotation.expiresAt(NOW.plus(Duration.ofDays(90)))).apiKey();
		assertThat(successor.getExpiresAt()).isEqualTo(NOW.plus(Duration.ofDays(90)));
		assertThat(this.service.find(id).orElseThrow().getExpiresAt()).isEqualTo(NOW.plus(Duration.ofDays(6)));
		this.service.setLifetime(null, null, false);
		assertThat(this.service.rotate(successor.getId(), rotation.neverExpires()).apiKey().getExpiresAt()).isNull();
	}

	@Test
	void updateWhenReplacedThenTheEndCanOnlyComeEarlier() {
		UUID id = create().apiKey().getId();
		this.service.rotate(id, Duration.ofDays(7));
		refused("expiresAt", "replaced", () -> this.service.update(id, (change) -> change.expiresAt(null)));
		refused("expiresAt", "replaced",
				() -> this.service.update(id, (change) -> change.expiresAt(NOW.plus(Duration.ofDays(8)))));
		Instant earlier = NOW.plus(Duration.ofDays(6));
		assertThat(this.service.update(id, (change) -> change.expiresAt(earlier)).getExpiresAt()).isEqualTo(earlier);
		refused("expiresAt", "replaced",
				() -> this.service.update(id, (change) -> change.expiresAt(NOW.plus(Duration.ofDays(7)))));
	}

	/**
	 * Whoever comes first: what was replaced ends with its grace.
	 */
	@Test
	void updateWhenReplacedAtTheSameTimeThenTheEndCanOnlyComeEarlier() throws Exception {
		for (int round = 0; round < 10; round++) {
			UUID id = create().apiKey().getId();
			AtomicBoolean first = new AtomicBoolean();
			atOnce(2, () -> {
				if (first.compareAndSet(false, true)) {
					return this.service.rotate(id, Duration.ofDays(1)).token();
				}
				return this.service.update(id, (change) -> change.expiresAt(NOW.plus(Duration.ofDays(900)))).getName();
			});
			ApiKey apiKey = this.service.find(id).orElseThrow();
			if (apiKey.getSuccessorId() != null) {
				assertThat(apiKey.getExpiresAt()).isEqualTo(NOW.plus(Duration.ofDays(1)));
			}
		}
	}

	@Test
	void maxKeysWhenAKeyIsRotatedOftenThenTwoLive() {
		this.service.setMaxKeysPerOwner(1);
		CreatedApiKey current = create();
		for (int i = 0; i < 9; i++) {
			current = this.service.rotate(current.apiKey().getId(), Duration.ofDays(1));
		}
		assertThat(live(NOW)).hasSize(2);
		refused("owner", "has 1", this::create);
	}

	@Test
	void maxKeysWhenTheSuccessorHasEndedThenAKeyInGraceCounts() {
		this.service.setMaxKeysPerOwner(1);
		UUID id = create().apiKey().getId();
		UUID successor = this.service.rotate(id, Duration.ofDays(30)).apiKey().getId();
		this.service.revoke(successor);
		refused("owner", "has 1", this::create);
		this.service.revoke(id);
		create();
	}

	@Test
	void maxKeysWhenASuccessorComesBackThenItsLineCountsOnce() {
		this.service.setMaxKeysPerOwner(1);
		UUID id = create().apiKey().getId();
		UUID successor = this.service.rotate(id, Duration.ofDays(30)).apiKey().getId();
		this.service.update(successor, (change) -> change.expiresAt(NOW.plus(Duration.ofDays(1))));
		JpaApiKeyService later = serviceAt(NOW.plus(Duration.ofDays(2)));
		later.setMaxKeysPerOwner(1);
		refused("owner", "has 1", () -> later.create(NewApiKey.named("key").owner(this.owner)));
		later.update(successor, (change) -> change.expiresAt(null));
		refused("owner", "has 1", () -> later.create(NewApiKey.named("key").owner(this.owner)));
	}

	/**
	 * Whatever is done in whatever order.
	 */
	@Test
	void maxKeysThenNeverMoreLinesThanThatAndNeverMoreThanTwoKeysOfALine() {
		Random random = new Random(11);
		int rotations = 0;
		for (int round = 0; round < 8; round++) {
			this.owner = "owner-" + UUID.randomUUID();
			Instant now = NOW;
			for (int step = 0; step < 40; step++) {
				now = now.plus(Duration.ofHours(random.nextInt(12)));
				this.service.setClock(Clock.fixed(now, ZoneOffset.UTC));
				this.service.setMaxKeysPerOwner(2);
				try {
					rotations += change(random, now);
				}
				catch (InvalidApiKeyAttributeException | ApiKeyRotationException | ApiKeyRevokedException ex) {
					// as it should be
				}
				Map<UUID, Long> lines = live(now).stream()
					.collect(Collectors.groupingBy(this::firstOfLine, Collectors.counting()));
				assertThat(lines).hasSizeLessThanOrEqualTo(2);
				assertThat(lines.values()).allMatch((keys) -> keys <= 2);
			}
		}
		assertThat(rotations).isGreaterThan(10);
	}

	private int change(Random random, Instant now) {
		List<ApiKey> keys = keys();
		if (keys.isEmpty() || random.nextInt(4) == 0) {
			this.service.create(NewApiKey.named("key").owner(this.owner).expiresIn(Duration.ofDays(3)));
			return 0;
		}
		UUID id = keys.get(random.nextInt(keys.size())).getId();
		switch (random.nextInt(6)) {
			case 0 -> this.service.disable(id);
			case 1 -> this.service.enable(id);
			case 2 -> this.service.update(id,
					(change) -> change.expiresAt(random.nextBoolean() ? null : now.plus(Duration.ofHours(30))));
			case 3 -> {
				if (random.nextInt(4) == 0) {
					this.service.revoke(id);
				}
			}
			default -> {
				this.service.rotate(id, Duration.ofDays(random.nextInt(4)));
				return 1;
			}
		}
		return 0;
	}

	private List<ApiKey> keys() {
		return this.service.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged()).getContent();
	}

	private List<ApiKey> live(Instant now) {
		return keys().stream()
			.filter((key) -> key.getRevokedAt() == null
					&& (key.getExpiresAt() == null || key.getExpiresAt().isAfter(now)))
			.toList();
	}

	private UUID firstOfLine(ApiKey apiKey) {
		UUID predecessor = apiKey.getPredecessorId();
		return (predecessor != null) ? firstOfLine(this.service.find(predecessor).orElseThrow()) : apiKey.getId();
	}

	@Test
	void maxKeysWhenAnExpiredKeyWouldComeBackThenItCounts() {
		this.service.setMaxKeysPerOwner(1);
		UUID id = this.service.create(NewApiKey.named("key").owner(this.owner).expiresIn(Duration.ofDays(1)))
			.apiKey()
			.getId();
		JpaApiKeyService later = serviceAt(NOW.plus(Duration.ofDays(2)));
		later.setMaxKeysPerOwner(1);
		UUID other = later.create(NewApiKey.named("key").owner(this.owner)).apiKey().getId();
		refused("owner", "has 1", () -> later.update(id, (change) -> change.expiresAt(null)));
		later.revoke(other);
		later.update(id, (change) -> change.expiresAt(null));
		refused("owner", "has 1", () -> later.create(NewApiKey.named("key").owner(this.owner)));
	}

	@Test
	void maxKeysWhenAKeyEndsWhileItsUpdateWaitsForTheOwnerThenItHasLostItsPlace() {
		this.service.setMaxKeysPerOwner(2);
		UUID id = this.service.create(NewApiKey.named("ends").owner(this.owner).expiresIn(Duration.ofSeconds(10)))
			.apiKey()
			.getId();
		this.service.create(NewApiKey.named("second").owner(this.owner));
		JpaApiKeyService later = serviceAt(NOW.plusSeconds(20));
		later.setMaxKeysPerOwner(2);
		later.create(NewApiKey.named("took the place").owner(this.owner));
		Iterator<Instant> times = Stream.iterate(NOW.plusSeconds(5), (time) -> time.plusSeconds(30)).iterator();
		InstantSource source = times::next;
		this.service.setClock(source.withZone(ZoneOffset.UTC));
		refused("owner", "has 2",
				() -> this.service.update(id, (change) -> change.expiresAt(NOW.plus(Duration.ofDays(30)))));
	}

	@Test
	void maxKeysWhenManyCreateAtOnceThenNeverMore() throws Exception {
		this.service.setMaxKeysPerOwner(5);
		List<String> outcomes = atOnce(12, () -> create().apiKey().getKeyId());
		assertThat(outcomes.stream().filter("InvalidApiKeyAttributeException"::equals)).as("refused of %s", outcomes)
			.hasSize(7);
		assertThat(count("select count(*) from api_key where owner = '" + this.owner + "'")).isEqualTo(5);
	}

	@Test
	void revokeAllThenEveryKeyOfTheOwnerAndNoOther() {
		String one = create().token();
		CreatedApiKey two = create();
		String successor = this.service.rotate(two.apiKey().getId(), Duration.ofDays(1)).token();
		String other = this.service.create(NewApiKey.named("key").owner(this.owner + "2")).token();
		assertThat(this.service.revokeAll(this.owner, "left")).isEqualTo(3);
		for (String token : List.of(one, two.token(), successor)) {
			assertThat(this.service.verify(token)).isEmpty();
		}
		assertThat(this.service.verify(other)).isPresent();
		assertThat(this.service.revokeAll(this.owner, "again")).isZero();
		assertThat(details(two.apiKey().getId())).contains("left").doesNotContain("again");
	}

	/**
	 * Whoever comes first: a rotation at the same time leaves no key behind.
	 */
	@Test
	void revokeAllWhenKeysAreRotatedAtTheSameTimeThenNoneIsLeft() throws Exception {
		for (int round = 0; round < 10; round++) {
			String roundOwner = this.owner + round;
			UUID id = this.service.create(NewApiKey.named("key").owner(roundOwner)).apiKey().getId();
			CyclicBarrier start = new CyclicBarrier(2);
			List<Callable<Object>> both = List.of(() -> {
				start.await(2, TimeUnit.MINUTES);
				return this.service.revokeAll(roundOwner, null);
			}, () -> {
				start.await(2, TimeUnit.MINUTES);
				return this.service.rotate(id, Duration.ofDays(1));
			});
			ExecutorService executor = Executors.newFixedThreadPool(2);
			List<Future<Object>> outcomes = executor.invokeAll(both);
			executor.shutdown();
			assertThat(outcomes.get(0).get()).isIn(1, 2);
			assertThat(count("select count(*) from api_key where revoked_at is null and owner = '" + roundOwner + "'"))
				.isZero();
		}
	}

	@Test
	void revokeTokenThenWhoeverHoldsItCanEndIt() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key").allowedAddresses("203.0.113.7"));
		assertThat(this.service.revokeToken(null, "found")).isEmpty();
		assertThat(this.service.revokeToken("acme_", "found")).isEmpty();
		assertThat(this.service.revokeToken(forge(created), "found")).isEmpty();
		assertThat(this.service.find(created.apiKey().getId()).orElseThrow().getRevokedAt()).isNull();
		this.service.disable(created.apiKey().getId());
		ApiKey revoked = this.service.revokeToken(created.token(), "found in a repository").orElseThrow();
		assertThat(revoked.getRevokedAt()).isEqualTo(NOW);
		assertThat(details(created.apiKey().getId())).contains("found in a repository");
		assertThat(this.service.revokeToken(created.token(), "again")).contains(revoked);
	}

	@Test
	void purgeThenOnlyWhatEndedLongAgoIsDeletedAndItsHistoryStays() {
		JpaApiKeyService past = serviceAt(NOW.minus(Duration.ofDays(400)));
		CreatedApiKey endless = past.create(NewApiKey.named("key").owner(this.owner));
		CreatedApiKey disabled = past.create(NewApiKey.named("key"));
		past.disable(disabled.apiKey().getId());
		CreatedApiKey expired = past
			.create(NewApiKey.named("key").scopes("a:b").metadata("a", "b").expiresIn(Duration.ofDays(30)));
		CreatedApiKey revoked = past.create(NewApiKey.named("key"));
		past.revoke(revoked.apiKey().getId());
		TenantApiKey tenant = new TenantApiKey();
		tenant.setTenant("gone");
		past.create(tenant, NewApiKey.named("key").expiresIn(Duration.ofDays(30)));
		CreatedApiKey recent = past.create(NewApiKey.named("key").expiresIn(Duration.ofDays(390)));
		CreatedApiKey inGrace = this.service.create(NewApiKey.named("key"));
		this.service.rotate(inGrace.apiKey().getId(), Duration.ofDays(30));
		past.verify(expired.token());
		past.close();
		// which does not wait for long
		Awaitility.await()
			.until(() -> this.service.find(expired.apiKey().getId()).orElseThrow().getLastUsedAt() != null);
		unit().jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00'");
		int purged = this.service.purge(Duration.ofDays(365));
		assertThat(purged).isGreaterThanOrEqualTo(3);
		for (CreatedApiKey gone : List.of(expired, revoked)) {
			assertThat(this.service.find(gone.apiKey().getId())).isEmpty();
			assertThat(this.service.verify(gone.token())).isEmpty();
		}
		assertThat(this.service.find(tenant.getId())).isEmpty();
		for (CreatedApiKey kept : List.of(endless, disabled, recent, inGrace)) {
			assertThat(this.service.find(kept.apiKey().getId())).isPresent();
		}
		JpaApiKeyReports reports = new JpaApiKeyReports(unit().entityManagerFactory(), unit().transactionManager());
		assertThat(reports.history(expired.apiKey().getId())).extracting(ApiKeyEvent::getChange)
			.containsExactlyInAnyOrder(ApiKeyChange.CREATED, ApiKeyChange.PURGED);
		LocalDate day = LocalDate.ofInstant(NOW.minus(Duration.ofDays(400)), ZoneOffset.UTC);
		assertThat(reports.usage(expired.apiKey().getId(), day, day))
			.allSatisfy((usage) -> assertThat(usage.getRequests()).isZero());
		assertThat(this.service.purge(Duration.ofDays(365))).isZero();
		assertThat(this.events)
			.filteredOn((event) -> event instanceof ApiKeyEvent change && change.getChange() == ApiKeyChange.PURGED)
			.hasSize(purged);
	}

	@Test
	void purgeWhenMoreThanOneBatchThenAll() {
		JpaApiKeyService past = serviceAt(NOW.minus(Duration.ofDays(40)));
		for (int i = 0; i < 101; i++) {
			past.create(NewApiKey.named("key").owner(this.owner).expiresIn(Duration.ofDays(1)));
		}
		unit().jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00'");
		assertThat(this.service.purge(Duration.ofDays(30))).isGreaterThanOrEqualTo(101);
		assertThat(count("select count(*) from api_key where owner = '" + this.owner + "'")).isZero();
	}

	@Test
	void createWhenTheTypeHasAPrefixThenItsTokensBeginWithIt() {
		TenantApiKey tenant = new TenantApiKey();
		CreatedApiKey created = this.service.create(tenant, NewApiKey.named("key"));
		assertThat(created.token()).startsWith("acme_tenant_");
		assertThat(create().token()).startsWith("acme_").doesNotStartWith("acme_tenant_");
		ApiKeyPrincipal verified = this.service.verify(created.token()).orElseThrow();
		assertThat(verified.type()).isEqualTo("tenant");
		assertThat(verified.isOfType(TenantApiKey.class)).isTrue();
		assertThat(verified.isOfType(ApiKey.class)).isTrue();
		assertThat(this.service.verify(create().token()).orElseThrow().isOfType(TenantApiKey.class)).isFalse();
		assertThat(this.service.find(TenantApiKey.class, created.apiKey().getId())).isPresent();
		assertThat(this.service.find(TenantApiKey.class, create().apiKey().getId())).isEmpty();
	}

	@Test
	void findWhenOfATypeThenOneSelect() {
		TenantApiKey tenant = new TenantApiKey();
		UUID id = this.service.create(tenant, NewApiKey.named("key").scopes("a:b", "c:d").metadata("a", "b"))
			.apiKey()
			.getId();
		assertThat(unit().statementsOf(() -> this.service.find(TenantApiKey.class, id))).hasSize(1);
	}

	@Test
	void importWhenDjangoThenItsClientsGoOnAndTheHashIsReplaced() {
		NewApiKey like = NewApiKey.named("partner").owner(this.owner).scopes("orders:read");
		ApiKey imported = this.service.importKey(ImportedApiKey.ofDjango("kQ3xYz9A", DJANGO_HASH), like);
		try {
			assertThat(imported.getKeyId()).isEqualTo("django:kQ3xYz9A");
			assertThat(storedHash(imported)).startsWith("{django}pbkdf2_sha256$");
			assertThat(this.service.verify("kQ3xYz9A.abcdefghijklmnopqrstuvwxyz012346")).isEmpty();
			assertThat(this.service.verify("kQ3xYz9a.abcdefghijklmnopqrstuvwxyz012345")).isEmpty();
			ApiKeyPrincipal principal = this.service.verify(DJANGO_KEY).orElseThrow();
			assertThat(principal.keyId()).isEqualTo("django:kQ3xYz9A");
			assertThat(principal.scopes()).containsExactly("orders:read");
			Awaitility.await().until(() -> storedHash(imported).matches("\\{sha256}[0-9a-f]{64}"));
			assertThat(this.service.verify(DJANGO_KEY)).isPresent();
			assertThat(this.service.verify("kQ3xYz9A.abcdefghijklmnopqrstuvwxyz012346")).isEmpty();
			assertThat(this.service.importIfAbsent(ImportedApiKey.ofDjango("kQ3xYz9A", DJANGO_HASH), like)
				.getDifferences()).isEmpty();
			refused("keyId", "already",
					() -> this.service.importKey(ImportedApiKey.ofDjango("kQ3xYz9A", DJANGO_HASH), like));
			assertThat(this.service.rotate(imported.getId(), Duration.ZERO).token()).startsWith("acme_");
			assertThat(this.service.verify(DJANGO_KEY)).isEmpty();
		}
		finally {
			delete(imported);
		}
	}

	@Test
	void importWhenBareHashThenHexAndBase64AreTheSame() {
		String id = GoldenKey.opaque().idOf(OPAQUE_SHA256);
		for (ImportedHash hash : List.of(ImportedHash.sha256(OPAQUE_SHA256),
				ImportedHash.sha256(OPAQUE_SHA256.toUpperCase()),
				ImportedHash.sha256("qp7VeiUIWn64G8nqaqqy8nEXmVHdv+NdbBYF1Nvkn+Q="),
				ImportedHash.sha256("qp7VeiUIWn64G8nqaqqy8nEXmVHdv-NdbBYF1Nvkn-Q"))) {
			ApiKey imported = this.service.importKey(ImportedApiKey.ofHash("opaque", id, hash), NewApiKey.named("key"));
			assertThat(storedHash(imported)).isEqualTo("{sha256}" + OPAQUE_SHA256);
			assertThat(imported.getKeyId()).isEqualTo("opaque:" + id);
			assertThat(OPAQUE_SHA256).doesNotContain(id);
			assertThat(this.service.verify(OPAQUE_KEY)).isPresent();
			assertThat(this.service.verify(OPAQUE_KEY + "x")).isEmpty();
			delete(imported);
		}
	}

	@Test
	void changeWhenItsTimeIsNullThenTheMessageNamesIt() {
		refused("grace", "grace must not be null", () -> this.service.rotate(UUID.randomUUID(), (Duration) null));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.purge(null))
			.withMessage("retention cannot be null");
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.purge(this.owner, null))
			.withMessage("retention cannot be null");
	}

	@Test
	void importWhenTheIdIsNotThatOfTheTokenThenTheIdIsNamed() {
		ImportedHash hash = ImportedHash.sha256(OPAQUE_SHA256);
		String other = GoldenKey.opaque().idOf("0".repeat(64));
		refused("keyId", "a token with another hash",
				() -> this.service.importKey(ImportedApiKey.ofHash("opaque", other, hash), NewApiKey.named("key")));
		refused("keyId", "pass what OpaqueTokenFormat.idOf returns",
				() -> this.service.importKey(ImportedApiKey.ofHash("opaque", "17", hash), NewApiKey.named("key")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "bcrypt", "argon2", "pbkdf2", "sha512" })
	void importWhenOnlyTheSecretWasHashedThenItsFormatKnows(String scheme) {
		String secret = "abcdefghijklmnopqrstuvwxyz012345";
		ImportedHash hash = switch (scheme) {
			case "bcrypt" -> ImportedHash.encoded("{bcrypt}" + new BCryptPasswordEncoder(4).encode(secret));
			case "argon2" -> ImportedHash.encoded("{argon2@SpringSecurity_v5_8}"
					+ Argon2PasswordEncoder.defaultsForSpringSecurity_v5_8().encode(secret));
			case "pbkdf2" -> ImportedHash.encoded("{pbkdf2@SpringSecurity_v5_8}"
					+ Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8().encode(secret));
			default -> ImportedHash.sha512(
					"dc97d1755d27842d25d4755849776e4704aa7f469fe861538c26eddb0aaaa09a6caa7ab1e998a05d0571f2c34377afc123aef33f0f7ee3647a1cbf1ef542d9a0");
		};
		ApiKey imported = this.service.importKey(ImportedApiKey.ofHash("drawn", scheme, hash), NewApiKey.named("key"));
		try {
			assertThat(this.service.verify(scheme + "~" + secret)).isPresent();
			assertThat(this.service.verify(scheme + "~" + secret + "x")).isEmpty();
			assertThat(this.service.verify(secret)).isEmpty();
			Awaitility.await().until(() -> storedHash(imported).startsWith("{sha256}"));
			assertThat(this.service.verify(scheme + "~" + secret)).isPresent();
		}
		finally {
			delete(imported);
		}
	}

	/**
	 * A fast hash protects only what nobody can guess. A long secret may be a sentence.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "hunter2hunter2hunter2", "correcthorsebatterystaplemoon" })
	void importWhenTheSecretMayBeAPersonsChoiceThenItNeverGetsAFastHash(String secret) {
		ApiKey imported = this.service.importKey(ImportedApiKey.ofToken("chosen|" + secret), NewApiKey.named("key"));
		ApiKey fast = this.service.importKey(
				ImportedApiKey.ofHash("pair", "fast", ImportedHash.sha256(new Sha256ApiKeyHasher().hash(secret))),
				NewApiKey.named("key"));
		try {
			assertThat(storedHash(imported)).startsWith("{encoded}{bcrypt}");
			assertThat(this.service.verify("chosen|" + secret)).isPresent();
			assertThat(this.service.verify("chosen|" + secret + "x")).isEmpty();
			assertThat(this.service.verify("fast|" + secret)).isPresent();
			Awaitility.await().until(() -> storedHash(fast).startsWith("{encoded}{bcrypt}"));
			ApiKeyHasher pepper = new HmacSha256ApiKeyHasher("2027", new byte[32]);
			JpaApiKeyService peppered = service(NOW, new ApiKeyHashers(pepper.getScheme(), List.of(pepper)));
			assertThat(peppered.verify("fast|" + secret)).isPresent();
			Awaitility.await().until(() -> storedHash(fast).startsWith("{hmac-sha256:2027}"));
			assertThat(peppered.verify("fast|" + secret)).isPresent();
		}
		finally {
			delete(imported);
			delete(fast);
		}
	}

	@Test
	void importWhenPlaintextThenOfAnyRegisteredFormatAndType() {
		TenantApiKey tenant = new TenantApiKey();
		ApiKey imported = this.service.importKey(tenant, ImportedApiKey.ofToken(OPAQUE_KEY), NewApiKey.named("key"));
		CreatedApiKey elsewhere = this.service.create(NewApiKey.named("key"));
		delete(elsewhere.apiKey());
		ApiKey own = this.service.importKey(ImportedApiKey.ofToken(elsewhere.token()), NewApiKey.named("key"));
		try {
			assertThat(this.service.verify(OPAQUE_KEY).orElseThrow().isOfType(TenantApiKey.class)).isTrue();
			assertThat(this.service.verify(elsewhere.token()).orElseThrow().id()).isEqualTo(own.getId());
			assertThat(own.getPrefix()).isEqualTo("acme");
			refused("token", "[django, pair, drawn, opaque]",
					() -> this.service.importKey(ImportedApiKey.ofToken("what.is.this"), NewApiKey.named("key")));
			refused("format", "'other' is not registered",
					() -> this.service.importKey(
							ImportedApiKey.ofHash("other", "id", ImportedHash.sha256(OPAQUE_SHA256)),
							NewApiKey.named("key")));
			refused("hash", "no hasher", () -> this.service
				.importKey(ImportedApiKey.ofHash("pair", "id", ImportedHash.of("md5", "00")), NewApiKey.named("key")));
		}
		finally {
			delete(imported);
			delete(own);
		}
	}

	@Test
	void importWhenItEndedThereThenItHasNoRuleToKeepAndNeedsNoRoom() {
		create();
		this.service.setMaxKeysPerOwner(1);
		this.service.setLifetime(Duration.ofDays(30), Duration.ofDays(365), true);
		this.service.setDeclaredScopes(List.of("orders:read"));
		Instant ended = NOW.minus(Duration.ofDays(700));
		List<ApiKey> imported = new ArrayList<>();
		try {
			imported.add(this.service.importKey(pair("revoked").withRevocation(ended, null),
					NewApiKey.named("key").owner(this.owner).scopes("former:scope")));
			imported.add(this.service.importKey(pair("expired").withCreation(ended.minus(Duration.ofDays(5000))),
					NewApiKey.named("key").owner(this.owner).expiresAt(ended)));
			assertThat(imported.get(0).getExpiresAt()).isNull();
			refused("owner", "may have 1",
					() -> this.service.importKey(pair("live"), NewApiKey.named("key").owner(this.owner)));
			refused("scopes", "former:scope", () -> this.service.importKey(pair("expired2"),
					NewApiKey.named("key").scopes("former:scope").expiresAt(ended)));
			// an end that was not said is hardly meant to be past
			refused("expiresAt", "is over",
					() -> this.service.importKey(pair("live").withCreation(ended), NewApiKey.named("key")));
			refused("expiresAt", "within 365 days after its creation, because of 'api-key.expiry.max'",
					() -> this.service.importKey(pair("live").withCreation(ended),
							NewApiKey.named("key").expiresAt(NOW.plus(Duration.ofDays(1)))));
		}
		finally {
			imported.forEach(this::delete);
		}
	}

	@Test
	void importWhenSeveralNodesDoItAtOnceThenOnce() throws Exception {
		List<Callable<ApiKeyImport>> imports = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			JpaApiKeyService node = service(NOW, new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
			imports.add(() -> node.importIfAbsent(pair("node"), NewApiKey.named("key")));
		}
		ExecutorService executor = Executors.newFixedThreadPool(imports.size());
		List<ApiKeyImport> outcomes = new ArrayList<>();
		try {
			for (Future<ApiKeyImport> outcome : executor.invokeAll(imports)) {
				outcomes.add(outcome.get());
			}
			assertThat(outcomes).filteredOn(ApiKeyImport::isCreated).hasSize(1);
			assertThat(outcomes).allSatisfy((outcome) -> {
				assertThat(outcome.getApiKey()).isEqualTo(outcomes.get(0).getApiKey());
				assertThat(outcome.getDifferences()).isEmpty();
			});
		}
		finally {
			executor.shutdownNow();
			outcomes.stream().filter(ApiKeyImport::isCreated).forEach((outcome) -> delete(outcome.getApiKey()));
		}
	}

	private static ImportedApiKey pair(String id) {
		return ImportedApiKey.ofHash("pair", id, ImportedHash.sha256(OPAQUE_SHA256));
	}

	/**
	 * Otherwise each key would be there twice, and revoking one would not end the other.
	 */
	@Test
	void importAgainWhenIdsAreMadeWithAnotherSecretThenTheKeyIsToldAndNotDoubled() {
		OpaqueTokenFormat former = opaque('a');
		OpaqueTokenFormat latter = opaque('b');
		JpaApiKeyService before = service(NOW, former);
		JpaApiKeyService after = service(NOW, latter);
		NewApiKey like = NewApiKey.named("key").owner(this.owner);
		ImportedApiKey ofToken = ImportedApiKey.ofToken(OPAQUE_KEY);
		ImportedApiKey ofHash = ofHash(latter);
		ApiKey first = before.importKey(ofToken, like);
		try {
			for (ImportedApiKey again : List.of(ofToken, ofHash)) {
				ApiKeyImport outcome = after.importIfAbsent(again, like);
				assertThat(outcome.isCreated()).isFalse();
				assertThat(outcome.getApiKey()).isEqualTo(first);
				assertThat(outcome.getDifferences()).containsExactly("keyId");
				refused("keyId", "'" + first.getKeyId() + "' of this token already: its key id was made with another"
						+ " secret", () -> after.importKey(again, like));
			}
			assertThat(before.importIfAbsent(ofHash(former), like).getDifferences()).isEmpty();
			delete(first);
			ApiKey second = after.importKey(ofHash, like);
			assertThat(second.getId()).isNotEqualTo(first.getId());
			assertThat(before.importIfAbsent(ofToken, like).getApiKey()).isEqualTo(second);
			assertThat(after.verify(OPAQUE_KEY)).isPresent();
		}
		finally {
			unit().jdbc().update("delete from api_key where owner = ?", this.owner);
		}
	}

	private static OpaqueTokenFormat opaque(char idSecret) {
		return new OpaqueTokenFormat("opaque", "sk_", SecretShape.of(OPAQUE_KEY.length() - 3, SecretShape.ALPHANUMERIC),
				String.valueOf(idSecret).repeat(32).getBytes(StandardCharsets.UTF_8));
	}

	private static ImportedApiKey ofHash(OpaqueTokenFormat format) {
		return ImportedApiKey.ofHash("opaque", format.idOf(OPAQUE_SHA256), ImportedHash.sha256(OPAQUE_SHA256));
	}

	private JpaApiKeyService service(Instant now, OpaqueTokenFormat format) {
		return service(now, new ApiKeyTokenFormats(new ApiKeyTokenFormat("acme", List.of()), List.of(format)),
				new ApiKeyHashers("sha256", Set.of(new Sha256ApiKeyHasher())));
	}

	@Test
	void importWhenTheIdIsNotOneOfTheFormatThenRefusedWithoutShowingIt() {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> this.service.importKey(
					ImportedApiKey.ofHash("opaque", OPAQUE_KEY, ImportedHash.sha256(OPAQUE_SHA256)),
					NewApiKey.named("key")))
			.withMessageContaining("the id is not one of the token format 'opaque'")
			.withMessageNotContaining(OPAQUE_KEY);
		assertThat(ImportedApiKey.ofHash("opaque", OPAQUE_KEY, ImportedHash.sha256(OPAQUE_SHA256)).toString()
				+ ImportedApiKey.ofToken(OPAQUE_KEY))
			.doesNotContain(OPAQUE_KEY, OPAQUE_SHA256);
	}

	/**
	 * What stands before a dot may be half of somebody's secret.
	 */
	@Test
	void verifyWhenAForeignTokenIsUnknownThenItsIdIsPublishedNowhere() {
		String token = create().token();
		for (String text : List.of("U2VjcmV0IG9mIGFub3RoZXIgc3lzdGVt|abc", token + ".json", "\"" + token + ".\"",
				token + "|" + token)) {
			assertThat(this.service.verify(text)).isEmpty();
		}
		ApiKey imported = this.service.importKey(ImportedApiKey.ofToken("known|hunter2"), NewApiKey.named("key"));
		try {
			assertThat(this.service.verify("known|hunter3")).isEmpty();
		}
		finally {
			delete(imported);
		}
		assertThat(refusals()).containsExactly(ApiKeyRefusal.UNKNOWN, ApiKeyRefusal.MALFORMED, ApiKeyRefusal.MALFORMED,
				ApiKeyRefusal.MALFORMED, ApiKeyRefusal.WRONG_SECRET);
		assertThat(this.events).filteredOn(ApiKeyRefusedEvent.class::isInstance)
			.extracting((event) -> ((ApiKeyRefusedEvent) event).getKeyId())
			.containsExactly(null, null, null, null, "pair:known");
	}

	/**
	 * Two nodes on the way from one pepper to the next: each step is deployed while nodes
	 * of the step before it are running, and may be taken back.
	 */
	@Test
	void pepperWhenItIsAddedInTwoStepsThenNoNodeRefusesAKey() {
		ApiKeyHasher sha256 = new Sha256ApiKeyHasher();
		ApiKeyHasher pepper = new HmacSha256ApiKeyHasher("2027", new byte[32]);
		ApiKeyHashers without = new ApiKeyHashers(sha256.getScheme(), List.of(sha256));
		ApiKeyHashers knowing = new ApiKeyHashers(sha256.getScheme(), List.of(sha256, pepper));
		ApiKeyHashers preferring = new ApiKeyHashers(pepper.getScheme(), List.of(sha256, pepper));
		for (List<ApiKeyHashers> step : List.of(List.of(without, knowing), List.of(knowing, preferring),
				List.of(preferring, knowing), List.of(knowing, without))) {
			JpaApiKeyService before = service(NOW, step.get(0));
			JpaApiKeyService after = service(NOW, step.get(1));
			List<CreatedApiKey> created = List.of(before.create(NewApiKey.named("key")),
					after.create(NewApiKey.named("key")));
			for (CreatedApiKey key : created) {
				for (JpaApiKeyService node : List.of(after, before, after, before)) {
					assertThat(node.verify(key.token())).isPresent();
				}
			}
			before.close();
			after.close();
			for (CreatedApiKey key : created) {
				assertThat(service(NOW, step.get(0)).verify(key.token())).isPresent();
				assertThat(service(NOW, step.get(1)).verify(key.token())).isPresent();
			}
		}
	}

	@Test
	void pepperWhenItIsRetiredAsDocumentedThenNoRowNamesIt() throws Exception {
		ApiKeyHasher sha256 = new Sha256ApiKeyHasher();
		ApiKeyHasher pepper = new HmacSha256ApiKeyHasher("leaving", new byte[32]);
		Matcher statement = Pattern.compile("```sql\n(select count[^`]+)\n```")
			.matcher(Files.readString(Path.of("../docs/guide/hardening.md")));
		assertThat(statement.find()).isTrue();
		String count = statement.group(1).replace("hmac-sha256:2026", pepper.getScheme());
		JpaApiKeyService preferring = service(NOW, new ApiKeyHashers(pepper.getScheme(), List.of(sha256, pepper)));
		CreatedApiKey generated = preferring.create(NewApiKey.named("key"));
		ApiKey chosen = preferring.importKey(ImportedApiKey.ofToken("chosen|summer2024"), NewApiKey.named("key"));
		try {
			assertThat(count(count)).isEqualTo(2);
			JpaApiKeyService leaving = service(NOW, new ApiKeyHashers(sha256.getScheme(), List.of(sha256, pepper)));
			assertThat(leaving.verify(generated.token())).isPresent();
			assertThat(leaving.verify("chosen|summer2024")).isPresent();
			Awaitility.await().until(() -> count(count) == 0);
			assertThat(storedHash(chosen)).startsWith("{encoded}{bcrypt}");
			JpaApiKeyService without = service(NOW, new ApiKeyHashers(sha256.getScheme(), List.of(sha256)));
			assertThat(without.verify(generated.token())).isPresent();
			assertThat(without.verify("chosen|summer2024")).isPresent();
		}
		finally {
			delete(chosen);
		}
	}

	/**
	 * What was read before somebody revoked the key must not bring it back.
	 */
	@Test
	void revokedMeanwhileThenNothingStaleBringsItBack() {
		CreatedApiKey created = create();
		UUID id = created.apiKey().getId();
		ApiKeyStore store = new ApiKeyStore(unit().entityManagerFactory());
		EntityManager entityManager = SharedEntityManagerCreator
			.createSharedEntityManager(unit().entityManagerFactory());
		TransactionTemplate other = new TransactionTemplate(unit().transactionManager());
		other.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		String hash = storedHash(created.apiKey());
		transaction().executeWithoutResult((status) -> {
			ApiKey stale = entityManager.find(ApiKey.class, id);
			other.executeWithoutResult((inner) -> this.service.revoke(id, "meanwhile"));
			assertThat(stale.getRevokedAt()).isNull();
			entityManager.merge(stale);
			entityManager.flush();
		});
		transaction().executeWithoutResult((status) -> {
			ApiKey stale = entityManager.find(ApiKey.class, id);
			store.updateHash(id, new TokenHash(hash), new TokenHash("{sha256}other"));
			new UsageStore(unit().entityManagerFactory(), transaction()).moveLastUse(id, NOW, "203.0.113.7");
			assertThat(stale.getId()).isEqualTo(id);
		});
		for (Runnable change : List.<Runnable>of(() -> this.service.update(id, (update) -> update.name("other")),
				() -> this.service.update(id, (update) -> update.expiresAt(NOW.plusSeconds(60))),
				() -> this.service.rotate(id, Duration.ofDays(1)), () -> this.service.enable(id),
				() -> this.service.disable(id))) {
			assertThatExceptionOfType(ApiKeyRevokedException.class).isThrownBy(change::run);
		}
		assertThat(storedHash(created.apiKey())).isEqualTo(hash);
		ApiKey found = this.service.find(id).orElseThrow();
		assertThat(found.getRevokedAt()).isEqualTo(NOW);
		assertThat(found.getName()).isEqualTo("key");
		assertThat(this.service.verify(created.token())).isEmpty();
		assertThat(count("select count(*) from api_key where owner = '" + this.owner + "'")).isOne();
	}

	@ParameterizedTest
	@ValueSource(strings = { "rename", "expiry", "rotate", "enable" })
	void revokedMeanwhileThenTheSameTransactionCannotChangeIt(String change) {
		UUID id = create().apiKey().getId();
		TransactionTemplate other = new TransactionTemplate(unit().transactionManager());
		other.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		assertThatExceptionOfType(ApiKeyRevokedException.class)
			.isThrownBy(() -> transaction().executeWithoutResult((status) -> {
				assertThat(this.service.find(id).orElseThrow().getRevokedAt()).isNull();
				other.executeWithoutResult((inner) -> this.service.revoke(id));
				switch (change) {
					case "rename" -> this.service.update(id, (update) -> update.name("other"));
					case "expiry" -> this.service.update(id, (update) -> update.expiresAt(NOW.plusSeconds(60)));
					case "rotate" -> this.service.rotate(id, Duration.ofDays(1));
					default -> this.service.enable(id);
				}
			}));
		assertThat(this.service.find(id).orElseThrow().getRevokedAt()).isEqualTo(NOW);
		assertThat(count("select count(*) from api_key where owner = '" + this.owner + "'")).isOne();
	}

	@Test
	void refusedThenAnEventWithoutTheSecret() {
		CreatedApiKey created = create();
		this.service.verify(forge(created), "203.0.113.7");
		assertThat(this.events).filteredOn(ApiKeyRefusedEvent.class::isInstance).singleElement().satisfies((event) -> {
			ApiKeyRefusedEvent refused = (ApiKeyRefusedEvent) event;
			assertThat(refused.getReason()).isEqualTo(ApiKeyRefusal.WRONG_SECRET);
			assertThat(refused.getKeyId()).isEqualTo(created.apiKey().getKeyId());
			assertThat(refused.getRemoteAddress()).isEqualTo("203.0.113.7");
			assertThat(refused.getTime()).isEqualTo(NOW);
		});
		assertThat(this.events.toString()).doesNotContain(created.token().substring(18));
	}

	@Test
	void refusedWhenAListenerFailsThenTheCallerIsStillRefused() {
		this.service.setApplicationEventPublisher((event) -> {
			throw new IllegalStateException("listener");
		});
		assertThat(this.service.verify("nonsense")).isEmpty();
	}

	private CreatedApiKey create() {
		return this.service.create(NewApiKey.named("key").owner(this.owner));
	}

	/**
	 * A well-formed token with the id of a key and another secret.
	 */
	private String forge(CreatedApiKey created) {
		String other = create().token().substring(18, 50);
		String keyId = created.apiKey().getKeyId();
		return new ApiKeyTokenFormat("acme", List.of()).generate(new FixedGenerator(keyId, other)).value();
	}

	/**
	 * A token whose checksum does not fit.
	 */
	private static String swapSecret(String token) {
		return token.substring(0, 30) + ((token.charAt(30) == 'a') ? 'b' : 'a') + token.substring(31);
	}

	private List<ApiKeyRefusal> refusals() {
		return this.events.stream()
			.filter(ApiKeyRefusedEvent.class::isInstance)
			.map((event) -> ((ApiKeyRefusedEvent) event).getReason())
			.toList();
	}

	private List<String> details(UUID id) {
		return new JpaApiKeyReports(unit().entityManagerFactory(), unit().transactionManager()).history(id)
			.stream()
			.map((event) -> String.valueOf(event.getDetail()))
			.toList();
	}

	private String storedHash(ApiKey apiKey) {
		return unit().jdbc()
			.queryForObject("select hash from api_key where key_id = ?", String.class, apiKey.getKeyId());
	}

	private int count(String sql) {
		return unit().jdbc().queryForObject(sql, Integer.class);
	}

	private void delete(ApiKey apiKey) {
		unit().jdbc()
			.update("delete from tenant_api_key where id in (select id from api_key where key_id = ?)",
					apiKey.getKeyId());
		unit().jdbc().update("delete from api_key where key_id = ?", apiKey.getKeyId());
	}

	private static void refused(String attribute, String message, Runnable action) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class).isThrownBy(action::run)
			.withMessageContaining(message)
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo(attribute));
	}

	private static List<String> atOnce(int times, Callable<String> action) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(times);
		try {
			CyclicBarrier start = new CyclicBarrier(times);
			List<Future<String>> futures = new ArrayList<>();
			for (int i = 0; i < times; i++) {
				futures.add(executor.submit(() -> {
					start.await(2, TimeUnit.MINUTES);
					try {
						return action.call();
					}
					catch (RuntimeException ex) {
						return ex.getClass().getSimpleName();
					}
				}));
			}
			List<String> outcomes = new ArrayList<>();
			for (Future<String> future : futures) {
				outcomes.add(future.get(2, TimeUnit.MINUTES));
			}
			return outcomes;
		}
		finally {
			executor.shutdownNow();
		}
	}

	private JpaApiKeyService serviceAt(Instant now) {
		return service(now, new ApiKeyHashers("sha256", Set.of(new Sha256ApiKeyHasher())));
	}

	private JpaApiKeyService service(Instant now, ApiKeyHashers hashers) {
		return service(now, this.tokenFormats, hashers);
	}

	private JpaApiKeyService service(Instant now, ApiKeyTokenFormats formats, ApiKeyHashers hashers) {
		JpaApiKeyService service = unit().service(formats, hashers);
		service.setTenantsShareKeys(true);
		service.setClock(Clock.fixed(now, ZoneOffset.UTC));
		service.setApplicationEventPublisher(this.events::add);
		this.services.add(service);
		return service;
	}

}
