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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRevokedException;
import io.github.apikeys.core.ApiKeyRotation;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyVersionConflictException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.MadeKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.HmacSha256ApiKeyHasher;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecretShape;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import io.github.apikeys.core.type.TenantApiKey;
import jakarta.persistence.EntityManager;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What {@link JpaApiKeyService} promises, on every database.
 */
abstract class AbstractApiKeyServiceTests extends AbstractDatabaseTests {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00.123456Z");

	private static final ApiKeyHasher OLD_PEPPER = pepper("2026");

	private static final ApiKeyHasher NEW_PEPPER = pepper("2027");

	private final ApiKeyTokenFormat tokenFormat = new ApiKeyTokenFormat("acme", List.of());

	private final ApiKeyTokenFormats tokenFormats = new ApiKeyTokenFormats(this.tokenFormat, List.of(
			DelimitedTokenFormat.django(), new DelimitedTokenFormat("pair", '|', false),
			new DelimitedTokenFormat("drawn", '~', false).withSecret(SecretShape.of(32, SecretShape.ALPHANUMERIC)),
			GoldenKey.opaque()));

	private final List<ApiKeyEvent> events = new ArrayList<>();

	private final List<JpaApiKeyService> services = new ArrayList<>();

	private JpaApiKeyService service;

	@BeforeEach
	void createService() {
		this.events.clear();
		this.service = service(NOW, new Sha256ApiKeyHasher());
	}

	@AfterEach
	void closeServices() {
		this.services.forEach(JpaApiKeyService::close);
		this.services.clear();
	}

	@Test
	@SuppressWarnings("DataFlowIssue")
	void settersWhenTheValueIsImpossibleThenFail() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.setGenerator(null));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.setClock(null));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.setActorResolver(null));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.setApplicationEventPublisher(null));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.setUsageInterval(Duration.ZERO));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.setDeclaredScopes(List.of("orders:*")))
			.withMessageContaining("orders:*");
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.purge(Duration.ofSeconds(-1)));
	}

	@Test
	void createdKeyThenRecognisableWithoutItsSecret() {
		CreatedApiKey created = this.service.create(NewApiKey.named("billing"));
		ApiKey apiKey = this.service.find(created.apiKey().getId()).orElseThrow();
		assertThat(created.token()).endsWith(apiKey.getLastCharacters());
		assertThat(apiKey.getLastCharacters()).hasSize(4);
		assertThat(apiKey).hasToString("ApiKey [keyId=" + apiKey.getKeyId() + ", name=billing]")
			.hasSameHashCodeAs(apiKey.getId());
	}

	@Test
	void createThenEverythingIsStored() {
		CreatedApiKey created = this.service.create(NewApiKey.named("billing-service")
			.owner("org-42")
			.description("Sends invoices.\nAt night.")
			.scopes("orders:write", "orders:read")
			.metadata("team", "finance")
			.notBefore(NOW.minusSeconds(60))
			.expiresIn(Duration.ofDays(90)));
		ApiKey found = this.service.find(created.apiKey().getId()).orElseThrow();
		for (ApiKey key : List.of(created.apiKey(), found)) {
			assertThat(key.getKeyId()).isEqualTo(created.token().substring(5, 17));
			assertThat(key.getPrefix()).isEqualTo("acme");
			assertThat(created.token()).endsWith(key.getLastCharacters());
			assertThat(key.getKeyType()).isEqualTo("api_key");
			assertThat(key.getName()).isEqualTo("billing-service");
			assertThat(key.getOwner()).isEqualTo("org-42");
			assertThat(key.getDescription()).isEqualTo("Sends invoices.\nAt night.");
			assertThat(key.getScopes()).containsExactly("orders:read", "orders:write");
			assertThat(key.getMetadata()).isEqualTo(Map.of("team", "finance"));
			assertThat(key.getCreatedAt()).isEqualTo(NOW);
			assertThat(key.getNotBefore()).isEqualTo(NOW.minusSeconds(60));
			assertThat(key.getExpiresAt()).isEqualTo(NOW.plus(Duration.ofDays(90)));
			assertThat(key.getDisabledAt()).isNull();
			assertThat(key.getRevokedAt()).isNull();
		}
		assertThat(this.service.findByKeyId(found.getKeyId())).contains(found);
		assertThat(this.service.findByKeyId(swapCase(found.getKeyId()))).isEmpty();
	}

	@Test
	void createThenOnlyTheHashIsStored() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key").metadata("a", "b").scopes("c"));
		assertThat(storedHash(created)).matches("\\{sha256}[0-9a-f]{64}");
		String secret = created.token().substring(18, 50);
		for (String table : List.of("api_key", "api_key_scope", "api_key_metadata")) {
			assertThat(unit().jdbc().queryForList("select * from " + table).toString()).doesNotContain(secret);
		}
	}

	@Test
	void createWhenEverythingIsAsLongAsAllowedThenStored() {
		CreatedApiKey created = this.service.create(NewApiKey.named("\ud83d\udd11".repeat(50))
			.owner("\u00e4".repeat(255))
			.description("\u20ac".repeat(1000))
			.scopes("s".repeat(100))
			.metadata("m".repeat(100), "\u00df".repeat(1000))
			.expiresAt(Instant.parse("9999-12-31T23:59:59.999999Z")));
		ApiKey found = this.service.find(created.apiKey().getId()).orElseThrow();
		assertThat(found.getName()).isEqualTo("\ud83d\udd11".repeat(50));
		assertThat(found.getOwner()).isEqualTo("\u00e4".repeat(255));
		assertThat(found.getDescription()).isEqualTo("\u20ac".repeat(1000));
		assertThat(found.getScopes()).containsExactly("s".repeat(100));
		assertThat(found.getMetadata()).isEqualTo(Map.of("m".repeat(100), "\u00df".repeat(1000)));
		assertThat(found.getExpiresAt()).isEqualTo("9999-12-31T23:59:59.999999Z");
	}

	/**
	 * In Berlin there is no half past two on that day.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "Europe/Berlin", "Asia/Kolkata", "America/New_York" })
	void timesWhenNodesHaveDifferentTimeZonesThenTheSame(String zone) {
		Instant begin = Instant.parse("2027-03-28T02:30:00.654321Z");
		CreatedApiKey created = inTimeZone(zone,
				() -> this.service.create(NewApiKey.named("key").notBefore(begin).expiresAt(begin.plusSeconds(60))));
		UUID id = created.apiKey().getId();
		inTimeZone("Pacific/Auckland", () -> {
			ApiKey found = this.service.find(id).orElseThrow();
			assertThat(found.getCreatedAt()).isEqualTo(NOW);
			assertThat(found.getNotBefore()).isEqualTo(begin);
			assertThat(found.getExpiresAt()).isEqualTo(begin.plusSeconds(60));
			assertThat(serviceAt(begin.minusNanos(1000)).verify(created.token())).isEmpty();
			assertThat(serviceAt(begin).verify(created.token())).isPresent();
			assertThat(serviceAt(begin.plusSeconds(60).minusNanos(1000)).verify(created.token())).isPresent();
			assertThat(serviceAt(begin.plusSeconds(60)).verify(created.token())).isEmpty();
			return this.service.update(id, (change) -> change.expiresAt(begin.plusSeconds(3600)));
		});
		ApiKey changed = inTimeZone(zone, () -> this.service.find(id).orElseThrow());
		assertThat(changed.getExpiresAt()).isEqualTo(begin.plusSeconds(3600));
		assertThat(changed).extracting("changedAt", InstanceOfAssertFactories.INSTANT)
			.isBetween(Instant.now().minusSeconds(300), Instant.now().plusSeconds(300));
	}

	@Test
	void createWhenItWouldEndInThePastThenRefused() {
		assertRefused("expiresAt", () -> this.service.create(NewApiKey.named("key").expiresAt(NOW)));
		assertRefused("expiresAt",
				() -> this.service.create(NewApiKey.named("key").notBefore(NOW.plusSeconds(9)).expiresIn(seconds(9))));
	}

	@Test
	void createWhenScopeIsNotDeclaredThenRefused() {
		this.service.setDeclaredScopes(List.of("orders:read", "orders:write"));
		assertRefused("scopes", () -> this.service.create(NewApiKey.named("key").scopes("users:read")));
		assertRefused("scopes", () -> this.service.create(NewApiKey.named("key").scopes("users:*")));
		assertThat(this.service.create(NewApiKey.named("key").scopes("orders:read", "orders:*", "*"))).isNotNull();
	}

	@Test
	void createWhenKeyIdExistsThenAnotherOne() {
		String taken = this.service.create(NewApiKey.named("first")).apiKey().getKeyId();
		this.service.setGenerator(keyIds(taken, taken, "Abcdefghijk" + digit()));
		CreatedApiKey created = transaction().execute((status) -> this.service.create(NewApiKey.named("second")));
		assertThat(created.apiKey().getKeyId()).startsWith("Abcdefghijk");
		assertThat(this.service.verify(created.token())).isPresent();
	}

	@Test
	void createWhenEveryKeyIdExistsThenGivesUp() {
		String taken = this.service.create(NewApiKey.named("first")).apiKey().getKeyId();
		this.service.setGenerator(keyIds(taken, taken, taken, taken, taken));
		assertThatIllegalStateException().isThrownBy(() -> this.service.create(NewApiKey.named("second")));
	}

	@Test
	void createWhenTheCallerRollsBackThenNoKeyAndNoEvent() {
		CreatedApiKey created = transaction().execute((status) -> {
			status.setRollbackOnly();
			return this.service.create(NewApiKey.named("key"));
		});
		assertThat(this.service.find(created.apiKey().getId())).isEmpty();
		assertThat(this.service.verify(created.token())).isEmpty();
		assertThat(this.events).isEmpty();
	}

	@Test
	void createWhenTheCallerCommitsThenTheEventFollowsTheCommit() {
		CreatedApiKey created = transaction().execute((status) -> {
			CreatedApiKey key = this.service.create(NewApiKey.named("key"));
			assertThat(this.events).isEmpty();
			return key;
		});
		assertThat(changes(created)).containsExactly(ApiKeyChange.CREATED);
	}

	@Test
	void createWhenTheEventComesThenOthersSeeTheKey() {
		List<Boolean> seen = new ArrayList<>();
		this.service.setApplicationEventPublisher((event) -> inOtherTransaction(
				() -> seen.add(this.service.findByKeyId(((ApiKeyEvent) event).getKeyId()).isPresent())));
		this.service.create(NewApiKey.named("key"));
		assertThat(seen).containsExactly(true);
	}

	@Test
	void createWhenAListenerFailsThenTheTokenIsNotLost() {
		this.service.setApplicationEventPublisher((event) -> {
			throw new IllegalStateException("Thrown by a listener");
		});
		assertThat(this.service.verify(this.service.create(NewApiKey.named("key")).token())).isPresent();
	}

	@Test
	void verifyWhenUsableThenItsPrincipal() {
		CreatedApiKey created = this.service
			.create(NewApiKey.named("billing").owner("org-42").scopes("orders:read", "orders:write"));
		ApiKeyPrincipal principal = this.service.verify(created.token()).orElseThrow();
		assertThat(principal.id()).isEqualTo(created.apiKey().getId());
		assertThat(principal.keyId()).isEqualTo(created.apiKey().getKeyId());
		assertThat(principal.displayName()).isEqualTo("billing");
		assertThat(principal.owner()).isEqualTo("org-42");
		assertThat(principal.scopes()).containsExactly("orders:read", "orders:write");
		assertThat(principal.type()).isEqualTo("api_key");
	}

	@ParameterizedTest
	@EnumSource(names = "ACTIVE", mode = EnumSource.Mode.EXCLUDE)
	void verifyWhenNotActiveThenEmptyAfterOneSelect(ApiKeyState state) {
		CreatedApiKey created = createInState(state);
		Map<String, Object> before = row(created);
		List<String> statements = unit().statementsOf(() -> assertThat(this.service.verify(created.token())).isEmpty());
		assertThat(statements).singleElement().asString().startsWithIgnoringCase("select");
		assertThat(row(created)).usingRecursiveComparison().isEqualTo(before);
	}

	@Test
	void verifyWhenSecretIsWrongThenEmpty() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		String forged = this.tokenFormat.generate(keyIds(created.apiKey().getKeyId())).value();
		assertThat(forged).startsWith("acme_" + created.apiKey().getKeyId()).isNotEqualTo(created.token());
		assertThat(unit().statementsOf(() -> assertThat(this.service.verify(forged)).isEmpty())).hasSize(1);
	}

	/**
	 * Otherwise the time of the answer would tell what there is to guess.
	 */
	@ParameterizedTest
	@EnumSource
	void verifyWhenSecretIsWrongThenTheSameIsHashedAsForAnUnknownKey(ApiKeyState state) {
		CountingHasher hasher = new CountingHasher();
		JpaApiKeyService counting = service(NOW, hasher, new Sha256ApiKeyHasher());
		CreatedApiKey created = createInState(state);
		unit().jdbc()
			.update("update api_key set hash = ? where key_id = ?", "{counting}" + hasher.hash(created.token()),
					created.apiKey().getKeyId());
		hasher.calls.clear();
		assertThat(counting.verify(this.tokenFormat.generate(new SecureRandomApiKeyGenerator()).value())).isEmpty();
		List<String> forUnknown = List.copyOf(hasher.calls);
		hasher.calls.clear();
		assertThat(counting.verify(this.tokenFormat.generate(keyIds(created.apiKey().getKeyId())).value())).isEmpty();
		assertThat(hasher.calls).isEqualTo(forUnknown).containsExactly("matches 56 characters");
	}

	/**
	 * Keys as the first version issued and stored them. They have to work for ever.
	 */
	@ParameterizedTest
	@CsvSource({ "{sha256}483e3f3513a83d560fef0aa04d9d1caec65cd16e177a76982ca8b8220311d294",
			"{hmac-sha256:2026}fe9af89192af6ef9fccf54e0c48fe94a2c1fbe4c7d849cdec07b17a9ecb7c717" })
	void verifyWhenGoldenKeyThenItsPrincipal(String hash) {
		String token = "acme_live_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV4JmQsV";
		ApiKeyTokenFormats formats = new ApiKeyTokenFormats(new ApiKeyTokenFormat("acme", List.of("acme_live")));
		JpaApiKeyService service = unit().service(formats,
				new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher(), OLD_PEPPER)));
		service.setTenantsShareKeys(true);
		this.services.add(service);
		ApiKey golden = MadeKey.of(NewApiKey.named("golden"), null, formats.parse(token), new TokenHash(hash), NOW);
		transaction().executeWithoutResult((status) -> entityManager().persist(golden));
		try {
			assertThat(service.verify(token)).get().extracting(ApiKeyPrincipal::displayName).isEqualTo("golden");
			assertThat(service.verify(token.replace("4JmQsV", "4JmQsW"))).isEmpty();
		}
		finally {
			unit().jdbc().update("delete from api_key where key_id = '7Hq2mVx9Lp4s'");
		}
	}

	@Test
	void verifyWhenPrefixIsAnotherAcceptedOneThenEmpty() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		String secret = created.token().substring(18, 50);
		ApiKeyTokenFormat both = new ApiKeyTokenFormat("acme", List.of("other"));
		String forged = new ApiKeyTokenFormat("other", List.of())
			.generate(generator(secret, created.apiKey().getKeyId()))
			.value();
		assertThat(both.parse(forged)).isNotNull();
		JpaApiKeyService service = unit().service(new ApiKeyTokenFormats(both),
				new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
		service.setTenantsShareKeys(true);
		service.setClock(Clock.fixed(NOW, ZoneOffset.UTC));
		this.services.add(service);
		assertThat(service.verify(created.token())).isPresent();
		assertThat(service.verify(forged)).isEmpty();
	}

	@Test
	void keyIdsThatDifferInCaseAreTwoKeys() {
		this.service.setGenerator(keyIds("CaseSensitiv", "cASEsENSITIV"));
		String one = this.service.create(NewApiKey.named("one")).token();
		String forged = this.tokenFormat.generate(generator(one.substring(18, 50), "cASEsENSITIV")).value();
		assertThat(this.service.verify(forged)).isEmpty();
		String two = this.service.create(NewApiKey.named("two")).token();
		assertThat(this.service.verify(one)).get().extracting(ApiKeyPrincipal::displayName).isEqualTo("one");
		assertThat(this.service.verify(two)).get().extracting(ApiKeyPrincipal::displayName).isEqualTo("two");
		assertThat(this.service.verify(forged)).isEmpty();
		assertThat(this.service.findByKeyId("casesensitiv")).isEmpty();
		assertThat(this.service.findByKeyId("CaseSensitiv ")).isEmpty();
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(
			strings = { "", " ", "acme_x", "' OR '1'='1", "acme_AAAAAAAAAAAA_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBCCCCCC" })
	void verifyWhenMalformedThenNothingIsAsked(String text) {
		assertThat(unit().statementsOf(() -> assertThat(this.service.verify(text)).isEmpty())).isEmpty();
	}

	@Test
	void verifyThenOneSelect() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key").scopes("a", "b").metadata("c", "d"));
		String unknown = this.tokenFormat.generate(new SecureRandomApiKeyGenerator()).value();
		for (String token : List.of(created.token(), unknown)) {
			List<String> statements = unit().statementsOf(() -> this.service.verify(token));
			assertThat(statements).singleElement()
				.satisfies((sql) -> assertThat(sql).startsWithIgnoringCase("select")
					.doesNotContainIgnoringCase("tenant_api_key"));
		}
	}

	@Test
	void verifyWithinATransactionThenWhatIsCommittedNowCounts() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		TransactionTemplate snapshot = new TransactionTemplate(unit().transactionManager());
		snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
		snapshot.executeWithoutResult((status) -> {
			CreatedApiKey uncommitted = this.service.create(NewApiKey.named("uncommitted"));
			assertThat(this.service.verify(uncommitted.token())).isEmpty();
			assertThat(this.service.verify(created.token())).isPresent();
			inOtherTransaction(() -> this.service.revoke(created.apiKey().getId()));
			assertThat(this.service.verify(created.token())).isEmpty();
		});
	}

	@Test
	void verifyWhenOwnTypeThenOneSelectWithoutItsTable() {
		CreatedApiKey created = insertTenantKey();
		List<String> statements = unit().statementsOf(() -> assertThat(this.service.verify(created.token()))
			.hasValueSatisfying((principal) -> assertThat(principal.type()).isEqualTo("tenant")));
		assertThat(statements).singleElement()
			.satisfies((sql) -> assertThat(sql).doesNotContainIgnoringCase("tenant_api_key"));
		assertThat(this.service.find(created.apiKey().getId())).get().isInstanceOf(TenantApiKey.class);
	}

	@Test
	void verifyWhenTypeIsUnknownHereThenVerified() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		unit().jdbc()
			.update("update api_key set key_type = 'of-another-node' where key_id = ?", created.apiKey().getKeyId());
		assertThat(this.service.verify(created.token())).get()
			.satisfies((principal) -> assertThat(principal.type()).isEqualTo("of-another-node"));
		unit().jdbc().update("delete from api_key where key_type = 'of-another-node'");
	}

	@Test
	void renameThenAnotherName() {
		CreatedApiKey created = this.service.create(NewApiKey.named("old").owner("org-42"));
		ApiKey renamed = this.service.update(created.apiKey().getId(), (change) -> change.name(" new "));
		assertThat(renamed.getName()).isEqualTo("new");
		assertThat(renamed.getOwner()).isEqualTo("org-42");
		assertThat(this.service.verify(created.token())).get()
			.satisfies((principal) -> assertThat(principal.displayName()).isEqualTo("new"));
		assertThat(changes(created)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.UPDATED);
	}

	@Test
	void renameWhenNameIsIllegalThenNothingIsWritten() {
		CreatedApiKey created = this.service.create(NewApiKey.named("old"));
		assertThat(unit().statementsOf(() -> assertRefused("name",
				() -> this.service.update(created.apiKey().getId(), (change) -> change.name(" ")))))
			.isEmpty();
		assertThat(changes(created)).containsExactly(ApiKeyChange.CREATED);
	}

	/**
	 * What the caller did to an entity of its own in the same transaction, and did not
	 * flush yet, is kept.
	 */
	@ParameterizedTest
	@EnumSource(names = { "CREATED", "IMPORTED", "PURGED", "UNKNOWN" }, mode = EnumSource.Mode.EXCLUDE)
	void changeWhenTheCallerChangedItsOwnColumnsThenBothAreStored(ApiKeyChange change) {
		CreatedApiKey created = insertTenantKey();
		UUID id = created.apiKey().getId();
		if (change == ApiKeyChange.ENABLED) {
			this.service.disable(id);
		}
		this.events.clear();
		transaction().executeWithoutResult((status) -> {
			entityManager().find(TenantApiKey.class, id).setTenant("changed");
			apply(change, id);
		});
		assertThat(this.service.find(id)).get().extracting("tenant").isEqualTo("changed");
		assertThat(changes(created)).containsExactlyElementsOf(
				(change == ApiKeyChange.DELETED) ? List.of(ApiKeyChange.REVOKED, change) : List.of(change));
	}

	@ParameterizedTest
	@EnumSource(names = { "CREATED", "IMPORTED", "PURGED", "UNKNOWN" }, mode = EnumSource.Mode.EXCLUDE)
	void changeWhenTheCallerRollsBackThenNeitherChangeNorEvent(ApiKeyChange change) {
		CreatedApiKey created = createInState(
				(change == ApiKeyChange.ENABLED) ? ApiKeyState.DISABLED : ApiKeyState.NOT_YET_VALID);
		Map<String, Object> before = row(created);
		this.events.clear();
		transaction().executeWithoutResult((status) -> {
			apply(change, created.apiKey().getId());
			status.setRollbackOnly();
		});
		assertThat(row(created)).usingRecursiveComparison().isEqualTo(before);
		assertThat(this.events).isEmpty();
	}

	@Test
	void changeThenTheEventSaysWhatAndWhen() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		this.events.clear();
		this.service.update(created.apiKey().getId(), (change) -> change.name("other"));
		assertThat(this.events).singleElement().satisfies((event) -> {
			assertThat(event.getApiKeyId()).isEqualTo(created.apiKey().getId());
			assertThat(event.getKeyId()).isEqualTo(created.apiKey().getKeyId());
			assertThat(event.getChange()).isEqualTo(ApiKeyChange.UPDATED);
			assertThat(event.getOccurredAt()).isEqualTo(NOW);
			assertThat(event)
				.hasToString("ApiKeyEvent [keyId=" + created.apiKey().getKeyId() + ", change=UPDATED, actor=null]");
		});
	}

	@Test
	void changeExpiryThenItEndsThen() {
		CreatedApiKey created = createInState(ApiKeyState.EXPIRED);
		assertThat(this.service.update(created.apiKey().getId(), (change) -> change.expiresAt(NOW.plusSeconds(1)))
			.getExpiresAt()).isEqualTo(NOW.plusSeconds(1));
		assertThat(this.service.verify(created.token())).isPresent();
		assertThat(this.service.update(created.apiKey().getId(), (change) -> change.expiresAt(null)).getExpiresAt())
			.isNull();
		assertThat(changes(created)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.UPDATED, ApiKeyChange.UPDATED);
	}

	@Test
	void changeExpiryWhenNoDatabaseCouldStoreItThenRefused() {
		UUID id = this.service.create(NewApiKey.named("key")).apiKey().getId();
		assertRefused("expiresAt", () -> this.service.update(id, (change) -> change.expiresAt(Instant.MAX)));
		Instant last = Instant.parse("9999-12-31T23:59:59.999999Z");
		assertThat(this.service.update(id, (change) -> change.expiresAt(last)).getExpiresAt()).isEqualTo(last);
	}

	@Test
	void changeExpiryWhenPastOrBeforeItBeginsThenNothingIsWritten() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key").notBefore(NOW.plusSeconds(10)));
		UUID id = created.apiKey().getId();
		Map<String, Object> before = row(created);
		assertRefused("expiresAt", () -> this.service.update(id, (change) -> change.expiresAt(NOW)));
		assertRefused("expiresAt", () -> this.service.update(id, (change) -> change.expiresAt(NOW.plusSeconds(10))));
		assertThat(row(created)).usingRecursiveComparison().isEqualTo(before);
	}

	@Test
	void disableAndEnableThenOffAndOn() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		UUID id = created.apiKey().getId();
		assertThat(this.service.disable(id).getDisabledAt()).isEqualTo(NOW);
		assertThat(this.service.verify(created.token())).isEmpty();
		Map<String, Object> disabled = row(created);
		assertThat(serviceAt(NOW.plusSeconds(5)).disable(id).getDisabledAt()).isEqualTo(NOW);
		assertThat(row(created)).usingRecursiveComparison().isEqualTo(disabled);
		assertThat(this.service.enable(id).getDisabledAt()).isNull();
		Map<String, Object> enabled = row(created);
		assertThat(this.service.enable(id).getDisabledAt()).isNull();
		assertThat(row(created)).usingRecursiveComparison().isEqualTo(enabled);
		assertThat(this.service.verify(created.token())).isPresent();
		assertThat(changes(created)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.DISABLED, ApiKeyChange.ENABLED);
	}

	@Test
	void revokeThenForEver() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		UUID id = created.apiKey().getId();
		assertThat(this.service.revoke(id).getRevokedAt()).isEqualTo(NOW);
		assertThat(this.service.verify(created.token())).isEmpty();
		Map<String, Object> revoked = row(created);
		assertThat(serviceAt(NOW.plusSeconds(5)).revoke(id).getRevokedAt()).isEqualTo(NOW);
		for (Consumer<UUID> change : this.<Consumer<UUID>>list(this.service::enable, this.service::disable,
				(key) -> this.service.update(key, (update) -> update.name("other")),
				(key) -> this.service.update(key, (update) -> update.expiresAt(null)))) {
			assertThatExceptionOfType(ApiKeyRevokedException.class).isThrownBy(() -> change.accept(id));
		}
		assertThat(row(created)).usingRecursiveComparison().isEqualTo(revoked);
		assertThat(this.service.find(id)).get().extracting(ApiKey::getRevokedAt).isEqualTo(NOW);
		assertThat(changes(created)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.REVOKED);
	}

	@Test
	void changeWhenThereIsNoSuchKeyThenNotFound() {
		for (Consumer<UUID> change : this.<Consumer<UUID>>list(this.service::enable, this.service::disable,
				this.service::revoke, (key) -> this.service.update(key, (update) -> update.name("other")),
				(key) -> this.service.update(key, (update) -> update.expiresAt(null)))) {
			assertThatExceptionOfType(ApiKeyNotFoundException.class).isThrownBy(() -> change.accept(UUID.randomUUID()));
		}
		assertThat(this.service.find(UUID.randomUUID())).isEmpty();
		assertThat(this.service.findByKeyId("unknown")).isEmpty();
	}

	@Test
	void changeThenVersionAndTheDatabasesClock() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		this.service.update(created.apiKey().getId(), (change) -> change.name("other"));
		Map<String, Object> row = row(created);
		assertThat(((Number) row.get("version")).longValue()).isEqualTo(1);
		// the application's clock says 2027
		ApiKey reread = this.service.find(created.apiKey().getId()).orElseThrow();
		assertThat(reread).extracting("changedAt", InstanceOfAssertFactories.INSTANT)
			.isBetween(Instant.now().minusSeconds(300), Instant.now().plusSeconds(300));
	}

	/**
	 * Otherwise a poll for what changed lately would miss the end of a long transaction.
	 */
	@Test
	void changeInALongTransactionThenTheTimeOfTheStatement() {
		UUID first = this.service.create(NewApiKey.named("first")).apiKey().getId();
		UUID second = this.service.create(NewApiKey.named("second")).apiKey().getId();
		transaction().executeWithoutResult((status) -> {
			this.service.disable(first);
			Awaitility.await().pollDelay(Duration.ofMillis(60)).until(() -> true);
			this.service.disable(second);
		});
		assertThat(changedAt(second)).isAfter(changedAt(first).plusMillis(50));
	}

	@Test
	void staleEntityThatIsWrittenBackStaysRevoked() {
		CreatedApiKey created = insertTenantKey();
		UUID id = created.apiKey().getId();
		EntityManager entityManager = entityManager();
		TenantApiKey detached = transaction().execute((status) -> {
			TenantApiKey stale = entityManager.find(TenantApiKey.class, id);
			inOtherTransaction(() -> this.service.revoke(id));
			stale.setTenant("changed");
			return stale;
		});
		assertThat(this.service.find(id)).get().extracting(ApiKey::getRevokedAt).isEqualTo(NOW);
		assertThat(detached.getRevokedAt()).isNull();
		transaction().executeWithoutResult((status) -> {
			detached.setTenant("changed again");
			entityManager.merge(detached);
		});
		ApiKey found = this.service.find(id).orElseThrow();
		assertThat(found.getRevokedAt()).isEqualTo(NOW);
		assertThat(((TenantApiKey) found).getTenant()).isEqualTo("changed again");
		assertThat(this.service.verify(created.token())).isEmpty();
	}

	@Test
	void managedEntityThatIsTamperedWithWritesNothing() {
		CreatedApiKey created = createInState(ApiKeyState.REVOKED);
		Map<String, Object> before = row(created);
		List<String> statements = unit().statementsOf(() -> transaction().executeWithoutResult((status) -> {
			ApiKey managed = entityManager().find(ApiKey.class, created.apiKey().getId());
			ReflectionTestUtils.setField(managed, "revokedAt", null);
			ReflectionTestUtils.setField(managed, "expiresAt", NOW.plusSeconds(1));
			ReflectionTestUtils.setField(managed, "name", "tampered");
			ReflectionTestUtils.setField(managed, "hash", new TokenHash("{sha256}tampered"));
			entityManager().flush();
		}));
		assertThat(statements).allSatisfy((sql) -> assertThat(sql).startsWithIgnoringCase("select"));
		assertThat(row(created)).usingRecursiveComparison().isEqualTo(before);
	}

	@Test
	void referenceEqualsTheKey() {
		ApiKey apiKey = this.service.create(NewApiKey.named("key")).apiKey();
		transaction().executeWithoutResult((status) -> {
			ApiKey reference = entityManager().getReference(ApiKey.class, apiKey.getId());
			assertThat(reference.getClass()).isNotEqualTo(ApiKey.class);
			assertThat(reference).isEqualTo(apiKey).hasSameHashCodeAs(apiKey);
			assertThat(apiKey).isEqualTo(reference);
		});
	}

	@Test
	void applicationMayHaveAnApiKeyOfItsOwn() {
		unit().jdbc().update("insert into application_api_key (id) values (7)");
		assertThat(entityManager().createQuery("select k.id from ApiKey k", Long.class).getResultList())
			.containsExactly(7L);
	}

	@Test
	void changeInATransactionThatReadTheKeyBeforeARevocationThenRefused() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		UUID id = created.apiKey().getId();
		assertThatExceptionOfType(ApiKeyRevokedException.class)
			.isThrownBy(() -> transaction().executeWithoutResult((status) -> {
				assertThat(this.service.find(id)).get().extracting(ApiKey::getRevokedAt).isNull();
				inOtherTransaction(() -> this.service.revoke(id));
				this.service.update(id, (change) -> change.name("other"));
			}));
		assertThat(this.service.find(id)).get().extracting(ApiKey::getName).isEqualTo("key");
	}

	@Test
	void revokeByTwoAtOnceThenOneOfThemDoesIt() throws Exception {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		ExecutorService executor = Executors.newFixedThreadPool(4);
		try {
			List<Future<ApiKey>> revocations = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				revocations.add(executor.submit(() -> this.service.revoke(created.apiKey().getId())));
			}
			for (Future<ApiKey> revocation : revocations) {
				assertThat(revocation.get().getRevokedAt()).isEqualTo(NOW);
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(changes(created)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.REVOKED);
	}

	@Test
	void verifyWhenHashIsOutdatedThenReplacedAfterwards() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		Map<String, Object> before = row(created);
		JpaApiKeyService peppered = service(NOW, NEW_PEPPER, OLD_PEPPER, new Sha256ApiKeyHasher());
		assertThat(peppered.verify(created.token())).isPresent();
		Awaitility.await().untilAsserted(() -> assertThat(storedHash(created)).startsWith("{hmac-sha256:2027}"));
		Map<String, Object> after = row(created);
		before.remove("hash");
		after.remove("hash");
		assertThat(after).usingRecursiveComparison().isEqualTo(before);
		assertThat(peppered.verify(created.token())).isPresent();
	}

	@Test
	void verifyWhenPepperIsReplacedThenOldAndNewWork() {
		CreatedApiKey old = service(NOW, OLD_PEPPER).create(NewApiKey.named("old"));
		JpaApiKeyService both = service(NOW, NEW_PEPPER, OLD_PEPPER);
		CreatedApiKey fresh = both.create(NewApiKey.named("new"));
		assertThat(both.verify(old.token())).isPresent();
		assertThat(both.verify(fresh.token())).isPresent();
		Awaitility.await().untilAsserted(() -> assertThat(storedHash(old)).startsWith("{hmac-sha256:2027}"));
		JpaApiKeyService without = service(NOW, new Sha256ApiKeyHasher());
		assertThat(without.verify(old.token())).isEmpty();
	}

	@Test
	void verifyWhenSecretIsWrongThenHashIsNotReplaced() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		String hash = storedHash(created);
		JpaApiKeyService peppered = service(NOW, NEW_PEPPER, new Sha256ApiKeyHasher());
		assertThat(peppered.verify(this.tokenFormat.generate(keyIds(created.apiKey().getKeyId())).value())).isEmpty();
		peppered.close();
		assertThat(storedHash(created)).isEqualTo(hash);
	}

	@Test
	void verifyWhenNotActiveThenHashIsNotReplaced() {
		CreatedApiKey created = createInState(ApiKeyState.DISABLED);
		String hash = storedHash(created);
		JpaApiKeyService peppered = service(NOW, NEW_PEPPER, new Sha256ApiKeyHasher());
		assertThat(peppered.verify(created.token())).isEmpty();
		peppered.close();
		assertThat(storedHash(created)).isEqualTo(hash);
	}

	@Test
	void verifyWhenServiceIsClosedThenStillAnswers() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		JpaApiKeyService peppered = service(NOW, NEW_PEPPER, new Sha256ApiKeyHasher());
		peppered.close();
		assertThat(peppered.verify(created.token())).isPresent();
		assertThat(storedHash(created)).startsWith("{sha256}");
	}

	@Test
	void upgradeWhenRevokedOrRehashedMeanwhileThenNothingIsWritten() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		String hash = storedHash(created);
		ApiKeyStore store = new ApiKeyStore(unit().entityManagerFactory());
		transaction().executeWithoutResult((status) -> store.updateHash(created.apiKey().getId(),
				new TokenHash("{sha256}other"), new TokenHash("{sha256}wrong")));
		assertThat(storedHash(created)).isEqualTo(hash);
		this.service.revoke(created.apiKey().getId());
		transaction().executeWithoutResult((status) -> store.updateHash(created.apiKey().getId(), new TokenHash(hash),
				new TokenHash("{sha256}wrong")));
		assertThat(storedHash(created)).isEqualTo(hash);
		assertThat(this.service.find(created.apiKey().getId())).get().extracting(ApiKey::getRevokedAt).isEqualTo(NOW);
	}

	@Test
	void listThenPagesInOrder() {
		String owner = owner();
		for (int i = 0; i < 5; i++) {
			service(NOW.plusSeconds(i), new Sha256ApiKeyHasher()).create(NewApiKey.named("key " + i).owner(owner));
		}
		ApiKeyQuery query = ApiKeyQuery.all().owner(owner);
		assertThat(this.service.list(query, PageRequest.of(0, 2))).extracting(ApiKey::getName)
			.containsExactly("key 4", "key 3");
		assertThat(this.service.list(query, PageRequest.of(2, 2))).extracting(ApiKey::getName).containsExactly("key 0");
		assertThat(this.service.list(query, PageRequest.of(0, 2)).getTotalElements()).isEqualTo(5);
		for (Sort.Direction direction : Sort.Direction.values()) {
			assertThat(this.service.list(query, Pageable.unpaged(Sort.by(direction, "name"))))
				.extracting(ApiKey::getName)
				.isSortedAccordingTo(direction.isAscending() ? Comparator.naturalOrder() : Comparator.reverseOrder())
				.hasSize(5);
		}
	}

	@Test
	void listThenScopesOfAllKeysComeTogether() {
		String owner = owner();
		for (int i = 0; i < 20; i++) {
			this.service.create(NewApiKey.named("key").owner(owner).scopes("a", "b").metadata("c", "d"));
		}
		List<String> statements = unit()
			.statementsOf(() -> assertThat(this.service.list(ApiKeyQuery.all().owner(owner), PageRequest.of(0, 50)))
				.allSatisfy((key) -> assertThat(key.getScopes()).containsExactly("a", "b")));
		assertThat(statements).hasSizeLessThanOrEqualTo(4);
	}

	@Test
	void listByStateThenTheKeysThatSaySoThemselves() {
		String owner = owner();
		transaction().executeWithoutResult((status) -> insertKeysOfAllTimes(owner));
		List<ApiKey> all = this.service.list(ApiKeyQuery.all().owner(owner), Pageable.unpaged()).getContent();
		assertThat(all).extracting((key) -> key.getState(NOW)).contains(ApiKeyState.values());
		for (ApiKeyState state : ApiKeyState.values()) {
			assertThat(this.service.list(ApiKeyQuery.all().owner(owner).state(state), Pageable.unpaged()))
				.as("%s", state)
				.containsExactlyInAnyOrderElementsOf(all.stream().filter((key) -> key.getState(NOW) == state).toList());
		}
	}

	@Test
	void listByNameAndScope() {
		String owner = owner();
		this.service.create(NewApiKey.named("Billing").owner(owner).scopes("orders:read", "orders:write"));
		this.service.create(NewApiKey.named("100% _sure_!").owner(owner).scopes("orders:*"));
		assertThat(names(ApiKeyQuery.all().owner(owner).nameStartsWith("bILL"))).containsExactly("Billing");
		assertThat(names(ApiKeyQuery.all().owner(owner).nameStartsWith("100% _SURE_!"))).hasSize(1);
		assertThat(names(ApiKeyQuery.all().owner(owner).nameStartsWith("%"))).isEmpty();
		assertThat(names(ApiKeyQuery.all().owner(owner).nameStartsWith("_"))).isEmpty();
		assertThat(names(ApiKeyQuery.all().owner(owner).scope("orders:read"))).containsExactly("Billing");
		assertThat(names(ApiKeyQuery.all().owner(owner.toUpperCase()))).isEmpty();
	}

	@Test
	void listByNameWhenItHasQuotesAndBackslashesThenFound() {
		String owner = owner();
		this.service.create(NewApiKey.named("a\\b'c\"d").owner(owner));
		this.service.create(NewApiKey.named("ab'c").owner(owner));
		assertThat(names(ApiKeyQuery.all().owner(owner).nameStartsWith("A\\"))).containsExactly("a\\b'c\"d");
		assertThat(names(ApiKeyQuery.all().owner(owner).nameStartsWith("a\\b'c\"d"))).hasSize(1);
		assertThat(names(ApiKeyQuery.all().owner(owner).nameStartsWith("\\"))).isEmpty();
		assertThat(unit().statementsOf(() -> names(ApiKeyQuery.all().owner(owner).nameStartsWith("ab'c"))))
			.allSatisfy((sql) -> assertThat(sql).doesNotContain("b'", owner));
	}

	/**
	 * Lower case of these differs between Java and the databases.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "\u0130zmir", "\u039f\u0394\u039f\u03a3", "\u00c4rger" })
	void listByNameWhenItIsTypedAsItIsThenFound(String name) {
		String owner = owner();
		this.service.create(NewApiKey.named(name).owner(owner));
		assertThat(names(ApiKeyQuery.all().owner(owner).nameStartsWith(name))).containsExactly(name);
	}

	@Test
	void listByOwnerThenExactlyThatOwner() {
		String owner = "owner_1%\\!" + UUID.randomUUID() + "x";
		this.service.create(NewApiKey.named("his").owner(owner));
		this.service.create(NewApiKey.named("other").owner(owner + " "));
		this.service.create(NewApiKey.named("other").owner(owner.replace('_', '-')));
		this.service.create(NewApiKey.named("other").owner(owner.replace('x', 'X')));
		assertThat(names(ApiKeyQuery.all().owner(owner))).containsExactly("his");
	}

	@ParameterizedTest
	@ValueSource(strings = { "name", "keyId", "owner", "createdAt", "expiresAt" })
	void listWhenSortedThenInThatOrder(String property) {
		String name = "sorted by " + property + " ";
		String suffix = UUID.randomUUID().toString().substring(0, 11);
		for (int i : new int[] { 2, 1, 3 }) {
			JpaApiKeyService service = serviceAt(NOW.plusSeconds(i));
			service.setGenerator(keyIds(i + suffix.replace('-', '0')));
			service.create(NewApiKey.named(name + i).owner("owner-" + i).expiresIn(seconds(i)));
		}
		for (Sort.Direction direction : Sort.Direction.values()) {
			List<String> sorted = this.service
				.list(ApiKeyQuery.all().nameStartsWith(name), PageRequest.of(0, 3, Sort.by(direction, property)))
				.map(ApiKey::getName)
				.toList();
			assertThat(sorted)
				.isSortedAccordingTo(direction.isAscending() ? Comparator.naturalOrder() : Comparator.reverseOrder())
				.hasSize(3);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "hash", "keyType", "unknown", "scopes" })
	void listWhenSortedBySomethingElseThenRefused(String property) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.service.list(ApiKeyQuery.all(), PageRequest.of(0, 1, Sort.by(property))))
			.withMessageContaining(property);
	}

	@Test
	void updateThenEverythingThatWasNamedIsOther() {
		CreatedApiKey created = this.service.create(NewApiKey.named("Old")
			.owner("org-42")
			.description("old")
			.scopes("a", "b")
			.metadata("kept", "1")
			.metadata("gone", "2"));
		UUID id = created.apiKey().getId();
		ApiKey updated = this.service.update(id,
				(update) -> update.name("N\u00c4W")
					.description("new")
					.expiresAt(NOW.plusSeconds(60))
					.scopes("b", "c")
					.metadata(Map.of("kept", "1", "added", "3")));
		ApiKey found = this.service.find(id).orElseThrow();
		for (ApiKey key : List.of(updated, found)) {
			assertThat(key.getName()).isEqualTo("N\u00c4W");
			assertThat(key.getOwner()).isEqualTo("org-42");
			assertThat(key.getDescription()).isEqualTo("new");
			assertThat(key.getExpiresAt()).isEqualTo(NOW.plusSeconds(60));
			assertThat(key.getScopes()).containsExactly("b", "c");
			assertThat(key.getMetadata()).isEqualTo(Map.of("kept", "1", "added", "3"));
			assertThat(key.getVersion()).isEqualTo(1);
		}
		assertThat(names(ApiKeyQuery.all().nameStartsWith("n\u00e4"))).contains("N\u00c4W");
		assertThat(this.service.verify(created.token()).orElseThrow().scopes()).containsExactly("b", "c");
		assertThat(this.events).last()
			.satisfies((event) -> assertThat(event.getDetail())
				.isEqualTo("name, description, expiresAt, scopes, metadata"));
		ApiKey emptied = this.service.update(id,
				(update) -> update.description(null).expiresAt(null).scopes().metadata(Map.of()));
		assertThat(emptied.getDescription()).isNull();
		assertThat(emptied.getExpiresAt()).isNull();
		assertThat(emptied.getScopes()).isEmpty();
		assertThat(emptied.getMetadata()).isEmpty();
		assertThat(this.service.find(id).orElseThrow().getScopes()).isEmpty();
	}

	@Test
	void updateWhenAllIsSoAlreadyThenNothingHappens() {
		CreatedApiKey created = this.service
			.create(NewApiKey.named("key").description("text").scopes("a").metadata("b", "c"));
		Map<String, Object> before = row(created);
		this.service.update(created.apiKey().getId(),
				(update) -> update.name("key")
					.description("text")
					.expiresAt(null)
					.scopes("a")
					.metadata(Map.of("b", "c")));
		assertThat(row(created)).usingRecursiveComparison().isEqualTo(before);
		assertThat(changes(created)).containsExactly(ApiKeyChange.CREATED);
	}

	@Test
	void updateWhenItWasChangedSinceItWasReadThenRefused() {
		UUID id = this.service.create(NewApiKey.named("key")).apiKey().getId();
		long version = this.service.find(id).orElseThrow().getVersion();
		this.service.update(id, (update) -> update.scopes("first").expectVersion(version));
		assertThatExceptionOfType(ApiKeyVersionConflictException.class)
			.isThrownBy(() -> this.service.update(id, (update) -> update.scopes("second").expectVersion(version)));
		assertThat(this.service.find(id).orElseThrow().getScopes()).containsExactly("first");
		this.service.update(id, (update) -> update.scopes("second").expectVersion(version + 1));
		assertThat(this.service.find(id).orElseThrow().getScopes()).containsExactly("second");
	}

	@Test
	void changeWhenItsCheckObjectsThenNothingChanges() {
		UUID id = this.service.create(NewApiKey.named("key").scopes("orders:read").metadata("a", "b")).apiKey().getId();
		ApiKey disabled = this.service.disable(id);
		List<ApiKey> checked = new ArrayList<>();
		Consumer<ApiKey> objection = (key) -> {
			checked.add(key);
			throw new UnsupportedOperationException();
		};
		List<ThrowingCallable> changes = List.of(() -> this.service.enable(id, objection),
				() -> this.service.rotate(id, ApiKeyRotation.withGrace(Duration.ZERO).check(objection)),
				() -> this.service.update(id, (update) -> update.name("renamed").check(objection)));
		for (ThrowingCallable change : changes) {
			assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(change);
		}
		assertThat(checked).hasSize(3).allSatisfy((key) -> {
			assertThat(key.getVersion()).isEqualTo(disabled.getVersion());
			assertThat(key.getScopes()).containsExactly("orders:read");
			assertThat(key.getMetadata()).containsExactly(Map.entry("a", "b"));
		});
		ApiKey unchanged = this.service.find(id).orElseThrow();
		assertThat(unchanged.getVersion()).isEqualTo(disabled.getVersion());
		assertThat(unchanged.getDisabledAt()).isNotNull();
		assertThat(unchanged.getName()).isEqualTo("key");
		Consumer<ApiKey> consent = checked::add;
		assertThat(this.service.update(id, (update) -> update.name("renamed").check(consent)).getName())
			.isEqualTo("renamed");
		assertThat(this.service.enable(id, consent).getDisabledAt()).isNull();
		UUID successor = this.service.rotate(id, ApiKeyRotation.withGrace(Duration.ZERO).check(consent))
			.apiKey()
			.getId();
		assertThat(checked).hasSize(6);
		this.service.revoke(successor);
		assertThatExceptionOfType(ApiKeyRevokedException.class)
			.isThrownBy(() -> this.service.enable(successor, consent));
		assertThatExceptionOfType(ApiKeyRevokedException.class)
			.isThrownBy(() -> this.service.rotate(successor, ApiKeyRotation.withGrace(Duration.ZERO).check(consent)));
		assertThat(checked).hasSize(6);
	}

	@Test
	void updateWhenRevokedThenRefusedWhateverTheVersion() {
		UUID id = createInState(ApiKeyState.REVOKED).apiKey().getId();
		assertThatExceptionOfType(ApiKeyRevokedException.class)
			.isThrownBy(() -> this.service.update(id, (update) -> update.scopes("a").expectVersion(0)));
		assertThat(this.service.find(id).orElseThrow().getScopes()).isEmpty();
	}

	@Test
	void updateWhenScopeIsNoLongerDeclaredThenItMayBeKeptButNotGiven() {
		UUID kept = this.service.create(NewApiKey.named("key").scopes("old:scope")).apiKey().getId();
		UUID other = this.service.create(NewApiKey.named("key")).apiKey().getId();
		this.service.setDeclaredScopes(List.of("orders:read"));
		this.service.update(kept, (update) -> update.scopes("old:scope", "orders:read"));
		assertRefused("scopes", () -> this.service.update(other, (update) -> update.scopes("old:scope")));
	}

	@Test
	void updateByManyAtOnceThenOneWinsForEachVersion() throws Exception {
		UUID id = this.service.create(NewApiKey.named("key")).apiKey().getId();
		List<String> outcomes = concurrently(6, (number) -> {
			this.service.update(id, (update) -> update.scopes("scope-" + number).expectVersion(0));
			return "scope-" + number;
		});
		String winner = outcomes.stream().filter((outcome) -> outcome.startsWith("scope-")).findFirst().orElseThrow();
		assertThat(outcomes).filteredOn("ApiKeyVersionConflictException"::equals).hasSize(5);
		assertThat(this.service.find(id).orElseThrow().getScopes()).containsExactly(winner);
	}

	@Test
	void rotateThenAllSuccessorsAreOfTheLineOfTheFirst() {
		CreatedApiKey first = this.service.create(NewApiKey.named("key"));
		UUID line = first.apiKey().getId();
		CreatedApiKey last = first;
		for (int i = 0; i < 3; i++) {
			last = this.service.rotate(last.apiKey().getId(), seconds(60));
			assertThat(last.apiKey().getLineId()).isEqualTo(line);
			assertThat(this.service.find(last.apiKey().getId()).orElseThrow().getLineId()).isEqualTo(line);
			assertThat(this.service.verify(last.token()).orElseThrow().lineId()).isEqualTo(line);
		}
		assertThat(this.service.find(line).orElseThrow().getLineId()).isEqualTo(line);
		CreatedApiKey other = this.service.create(NewApiKey.named("key"));
		assertThat(this.service.verify(other.token()).orElseThrow().lineId()).isEqualTo(other.apiKey().getId());
	}

	@Test
	void rotateThenTheNewKeyIsLikeTheOldOneAndBothWorkForAWhile() {
		CreatedApiKey old = this.service.create(NewApiKey.named("key")
			.owner("org-42")
			.description("text")
			.scopes("a", "b")
			.metadata("c", "d")
			.notBefore(NOW.minusSeconds(5))
			.expiresAt(NOW.plusSeconds(1000)));
		UUID id = old.apiKey().getId();
		CreatedApiKey rotated = this.service.rotate(id, seconds(60));
		ApiKey successor = this.service.find(rotated.apiKey().getId()).orElseThrow();
		ApiKey predecessor = this.service.find(id).orElseThrow();
		assertThat(successor).isNotEqualTo(predecessor);
		assertThat(rotated.token()).isNotEqualTo(old.token());
		assertThat(successor.getKeyId()).isNotEqualTo(predecessor.getKeyId());
		assertThat(successor.getName()).isEqualTo("key");
		assertThat(successor.getOwner()).isEqualTo("org-42");
		assertThat(successor.getDescription()).isEqualTo("text");
		assertThat(successor.getScopes()).containsExactly("a", "b");
		assertThat(successor.getMetadata()).isEqualTo(Map.of("c", "d"));
		assertThat(successor.getNotBefore()).isEqualTo(NOW.minusSeconds(5));
		assertThat(successor.getExpiresAt()).isEqualTo(NOW.plusSeconds(1000));
		assertThat(successor.getPredecessorId()).isEqualTo(id);
		assertThat(predecessor.getSuccessorId()).isEqualTo(successor.getId());
		assertThat(predecessor.getExpiresAt()).isEqualTo(NOW.plusSeconds(60));
		JpaApiKeyService inGrace = serviceAt(NOW.plusSeconds(60).minusNanos(1000));
		assertThat(inGrace.verify(old.token())).isPresent();
		assertThat(inGrace.verify(rotated.token())).isPresent();
		JpaApiKeyService afterGrace = serviceAt(NOW.plusSeconds(60));
		assertThat(afterGrace.verify(old.token())).isEmpty();
		assertThat(afterGrace.verify(rotated.token())).isPresent();
		assertThat(changes(old)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.ROTATED);
		assertThat(changes(rotated)).containsExactly(ApiKeyChange.CREATED);
	}

	@Test
	void rotateWhenTheOldKeyEndsBeforeTheGraceThenItEndsThen() {
		CreatedApiKey old = this.service.create(NewApiKey.named("key").expiresAt(NOW.plusSeconds(10)));
		CreatedApiKey rotated = this.service.rotate(old.apiKey().getId(), seconds(60));
		assertThat(this.service.find(old.apiKey().getId()).orElseThrow().getExpiresAt()).isEqualTo(NOW.plusSeconds(10));
		assertThat(rotated.apiKey().getExpiresAt()).isEqualTo(NOW.plusSeconds(10));
	}

	@Test
	void rotateWithoutGraceThenTheOldKeyEndsAtOnce() {
		CreatedApiKey old = this.service.create(NewApiKey.named("key"));
		CreatedApiKey rotated = this.service.rotate(old.apiKey().getId(), Duration.ZERO);
		assertThat(this.service.verify(old.token())).isEmpty();
		assertThat(this.service.verify(rotated.token())).isPresent();
		assertThat(rotated.apiKey().getExpiresAt()).isNull();
	}

	@Test
	void rotateWhenGraceIsNegativeOrEndlessThenRefused() {
		UUID id = this.service.create(NewApiKey.named("key")).apiKey().getId();
		assertRefused("grace", () -> this.service.rotate(id, seconds(-1)));
		assertRefused("grace", () -> this.service.rotate(id, Duration.ofSeconds(Long.MAX_VALUE)));
		assertThat(this.service.find(id).orElseThrow().getSuccessorId()).isNull();
	}

	@ParameterizedTest
	@EnumSource(names = { "EXPIRED", "DISABLED", "REVOKED" })
	void rotateWhenItCannotBeUsedThenRefused(ApiKeyState state) {
		CreatedApiKey created = createInState(state, (key) -> key.owner("no-rotation"));
		Map<String, Object> before = row(created);
		long keys = this.service.list(ApiKeyQuery.all(), Pageable.unpaged()).getTotalElements();
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> this.service.rotate(created.apiKey().getId(), seconds(60)))
			.isInstanceOfAny(ApiKeyRotationException.class, ApiKeyRevokedException.class);
		assertThat(row(created)).usingRecursiveComparison().isEqualTo(before);
		assertThat(this.service.list(ApiKeyQuery.all(), Pageable.unpaged()).getTotalElements()).isEqualTo(keys);
	}

	@Test
	void rotateByManyAtOnceThenExactlyOneWins() throws Exception {
		UUID id = this.service.create(NewApiKey.named("key").owner("race")).apiKey().getId();
		List<String> outcomes = concurrently(6,
				(number) -> this.service.rotate(id, seconds(60)).apiKey().getId().toString());
		assertThat(outcomes).filteredOn("ApiKeyRotationException"::equals).hasSize(5);
		assertThat(outcomes).contains(this.service.find(id).orElseThrow().getSuccessorId().toString());
		assertThat(names(ApiKeyQuery.all().owner("race"))).hasSize(2);
	}

	@Test
	void rotateWhenOwnTypeThenWhatItAddsIsInherited() {
		TenantApiKey tenantKey = new TenantApiKey();
		tenantKey.setTenant("acme");
		CreatedApiKey old = this.service.create(tenantKey, NewApiKey.named("tenant's"));
		assertThat(old.apiKey().getKeyType()).isEqualTo("tenant");
		CreatedApiKey rotated = this.service.rotate(old.apiKey().getId(), seconds(60));
		assertThat(this.service.find(rotated.apiKey().getId())).get()
			.isInstanceOfSatisfying(TenantApiKey.class, (key) -> {
				assertThat(key.getTenant()).isEqualTo("acme");
				assertThat(key.getKeyType()).isEqualTo("tenant");
			});
		assertThat(this.service.verify(rotated.token()).orElseThrow().type()).isEqualTo("tenant");
	}

	@Test
	void createWhenEntityIsNotNewThenRefused() {
		ApiKey existing = this.service.create(NewApiKey.named("key")).apiKey();
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.create(existing, NewApiKey.named("other")));
	}

	/**
	 * Calls something many times at the same time.
	 * @return what it returned, or the name of what it threw
	 */
	private List<String> concurrently(int times, Function<Integer, String> action) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(times);
		try {
			List<Future<String>> futures = new ArrayList<>();
			for (int i = 0; i < times; i++) {
				int number = i;
				futures.add(executor.submit(() -> {
					try {
						return action.apply(number);
					}
					catch (RuntimeException ex) {
						return ex.getClass().getSimpleName();
					}
				}));
			}
			List<String> outcomes = new ArrayList<>();
			for (Future<String> future : futures) {
				outcomes.add(future.get());
			}
			return outcomes;
		}
		finally {
			executor.shutdownNow();
		}
	}

	private JpaApiKeyService service(Instant now, ApiKeyHasher preferred, ApiKeyHasher... others) {
		List<ApiKeyHasher> hashers = new ArrayList<>(List.of(others));
		hashers.add(preferred);
		JpaApiKeyService service = unit().service(this.tokenFormats, new ApiKeyHashers(preferred.getScheme(), hashers));
		service.setTenantsShareKeys(true);
		service.setClock(Clock.fixed(now, ZoneOffset.UTC));
		service.setApplicationEventPublisher((event) -> {
			if (event instanceof ApiKeyEvent change) {
				synchronized (this.events) {
					this.events.add(change);
				}
			}
		});
		this.services.add(service);
		return service;
	}

	private JpaApiKeyService serviceAt(Instant now) {
		return service(now, new Sha256ApiKeyHasher());
	}

	private void apply(ApiKeyChange change, UUID id) {
		switch (change) {
			case UPDATED -> this.service.update(id, (update) -> update.name("other").scopes("other"));
			case ROTATED -> this.service.rotate(id, Duration.ZERO);
			case DISABLED -> this.service.disable(id);
			case ENABLED -> this.service.enable(id);
			case REVOKED -> this.service.revoke(id);
			case DELETED -> this.service.delete(id);
			default -> throw new IllegalArgumentException(change.name());
		}
	}

	/**
	 * Every combination of past, present, future and never.
	 */
	private void insertKeysOfAllTimes(String owner) {
		List<Instant> times = Arrays.asList(null, NOW.minusSeconds(1), NOW, NOW.plusSeconds(1));
		List<Instant> switches = Arrays.asList(null, NOW);
		for (Instant notBefore : times) {
			for (Instant expiresAt : times) {
				for (Instant disabledAt : switches) {
					for (Instant revokedAt : switches) {
						ApiKey apiKey = MadeKey.of(NewApiKey.named("key"), owner,
								PresentedToken.of(this.tokenFormat.generate(new SecureRandomApiKeyGenerator())),
								new TokenHash("{none}"), NOW);
						ReflectionTestUtils.setField(apiKey, "notBefore", notBefore);
						ReflectionTestUtils.setField(apiKey, "expiresAt", expiresAt);
						ReflectionTestUtils.setField(apiKey, "disabledAt", disabledAt);
						ReflectionTestUtils.setField(apiKey, "revokedAt", revokedAt);
						entityManager().persist(apiKey);
					}
				}
			}
		}
	}

	private CreatedApiKey createInState(ApiKeyState state) {
		return createInState(state, (key) -> key);
	}

	private CreatedApiKey createInState(ApiKeyState state, Function<NewApiKey, NewApiKey> more) {
		NewApiKey newApiKey = more.apply(NewApiKey.named("key"));
		return switch (state) {
			case ACTIVE -> this.service.create(newApiKey);
			case NOT_YET_VALID -> this.service.create(newApiKey.notBefore(NOW.plusSeconds(1)));
			case EXPIRED ->
				service(NOW.minusSeconds(60), new Sha256ApiKeyHasher()).create(newApiKey.expiresIn(seconds(60)));
			case DISABLED -> changed(this.service.create(newApiKey), this.service::disable);
			case REVOKED -> changed(this.service.create(newApiKey), this.service::revoke);
		};
	}

	private static CreatedApiKey changed(CreatedApiKey created, Consumer<UUID> change) {
		change.accept(created.apiKey().getId());
		return created;
	}

	/**
	 * A key of the application's own type.
	 */
	private CreatedApiKey insertTenantKey() {
		var token = this.tokenFormat.generate(new SecureRandomApiKeyGenerator());
		TenantApiKey apiKey = MadeKey.initialize(new TenantApiKey(), NewApiKey.named("tenant's"), null,
				PresentedToken.of(token), new TokenHash("{sha256}" + new Sha256ApiKeyHasher().hash(token.value())),
				NOW);
		apiKey.setTenant("acme");
		transaction().executeWithoutResult((status) -> entityManager().persist(apiKey));
		return new CreatedApiKey(apiKey, token);
	}

	private EntityManager entityManager() {
		return SharedEntityManagerCreator.createSharedEntityManager(unit().entityManagerFactory());
	}

	private void inOtherTransaction(Runnable action) {
		TransactionTemplate other = new TransactionTemplate(unit().transactionManager());
		other.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		other.executeWithoutResult((status) -> action.run());
	}

	private void assertRefused(String attribute, Runnable action) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class).isThrownBy(action::run)
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo(attribute));
	}

	private List<ApiKeyChange> changes(CreatedApiKey created) {
		synchronized (this.events) {
			return this.events.stream()
				.filter((event) -> event.getApiKeyId().equals(created.apiKey().getId()))
				.map(ApiKeyEvent::getChange)
				.toList();
		}
	}

	private List<String> names(ApiKeyQuery query) {
		return this.service.list(query, Pageable.unpaged()).map(ApiKey::getName).toList();
	}

	private Instant changedAt(UUID id) {
		return (Instant) ReflectionTestUtils.getField(this.service.find(id).orElseThrow(), "changedAt");
	}

	private static <T> T inTimeZone(String zone, Supplier<T> action) {
		TimeZone before = TimeZone.getDefault();
		TimeZone.setDefault(TimeZone.getTimeZone(zone));
		try {
			return action.get();
		}
		finally {
			TimeZone.setDefault(before);
		}
	}

	private Map<String, Object> row(CreatedApiKey created) {
		return unit().jdbc().queryForMap("select * from api_key where key_id = ?", created.apiKey().getKeyId());
	}

	private String storedHash(CreatedApiKey created) {
		return (String) row(created).get("hash");
	}

	@SafeVarargs
	private <T> List<T> list(T... elements) {
		return Arrays.asList(elements);
	}

	private static ApiKeyGenerator keyIds(String... keyIds) {
		return generator(null, keyIds);
	}

	/**
	 * A generator whose secret is random if none is given.
	 */
	private static ApiKeyGenerator generator(String secret, String... keyIds) {
		Deque<String> next = new ArrayDeque<>(List.of(keyIds));
		return new ApiKeyGenerator() {

			@Override
			public String generateKeyId() {
				return next.pop();
			}

			@Override
			public String generateSecret() {
				return (secret != null) ? secret : new SecureRandomApiKeyGenerator().generateSecret();
			}

		};
	}

	private static String swapCase(String text) {
		StringBuilder swapped = new StringBuilder();
		text.chars()
			.forEach((c) -> swapped
				.append((char) (Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c))));
		return swapped.toString();
	}

	private static ApiKeyHasher pepper(String id) {
		return new HmacSha256ApiKeyHasher(id, ("pepper of " + id + " ").repeat(4).getBytes(StandardCharsets.UTF_8));
	}

	private static Duration seconds(int seconds) {
		return Duration.ofSeconds(seconds);
	}

	private static String owner() {
		return "owner-" + UUID.randomUUID();
	}

	private static int digit() {
		return (int) (Math.random() * 10);
	}

	private static final class CountingHasher implements ApiKeyHasher {

		private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

		private final ApiKeyHasher sha256 = new Sha256ApiKeyHasher();

		@Override
		public String getScheme() {
			return "counting";
		}

		@Override
		public String hash(String token) {
			this.calls.add("hash " + token.length() + " characters");
			return this.sha256.hash(token);
		}

		@Override
		public boolean matches(String token, String hash) {
			this.calls.add("matches " + token.length() + " characters");
			return this.sha256.matches(token, hash);
		}

	}

}
