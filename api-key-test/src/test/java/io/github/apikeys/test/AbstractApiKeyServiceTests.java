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

package io.github.apikeys.test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyImport;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyOwners;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.ApiKeyRevokedException;
import io.github.apikeys.core.ApiKeyRotation;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.ApiKeyVersionConflictException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.ForeignTokenFormat;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import io.github.apikeys.test.host.TenantApiKey;
import io.github.apikeys.test.host.TrialApiKey;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What an {@link ApiKeyService} promises, wherever it keeps its keys.
 */
abstract class AbstractApiKeyServiceTests<S extends ApiKeyService & ApiKeyTokenVerifier & ApiKeyQuotas> {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00.123456Z");

	private static final String SECRET = "abcdefghijklmnopqrstuvwxyz012345";

	private final ApiKeyTokenFormats tokenFormats = new ApiKeyTokenFormats(
			new ApiKeyTokenFormat("acme", List.of(), Map.of("tenant", "acme_tenant")),
			List.of(new DelimitedTokenFormat("pair", '|', false)));

	private final MovableClock clock = new MovableClock();

	private final List<Object> events = new ArrayList<>();

	private final String owner = "owner-" + UUID.randomUUID();

	private S service;

	abstract S create(ApiKeyTokenFormats tokenFormats, Clock clock, ApplicationEventPublisher eventPublisher);

	abstract void setDeclaredScopes(List<String> declaredScopes);

	abstract void setPrincipalMetadata(List<String> names);

	/**
	 * Lets it be long ago that keys changed, by the clock that tells other nodes of it.
	 */
	void letOthersBeTold() {
	}

	@BeforeEach
	void createService() {
		this.service = create(this.tokenFormats, this.clock, this.events::add);
	}

	@Test
	void principalMetadataThenOnlyWhatIsListed() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key").metadata("plan", "gold").metadata("a", "b"));
		assertThat(this.service.verify(created.token()).orElseThrow().metadata()).isEmpty();
		setPrincipalMetadata(List.of("plan", "region"));
		assertThat(this.service.verify(created.token()).orElseThrow().metadata())
			.containsExactly(Map.entry("plan", "gold"));
	}

	@Test
	void importWhenOnlyTheHashOfATokenIsKnownThenTheTokenOpensIt() {
		ApiKeyToken token = this.tokenFormats.issued().generate(new SecureRandomApiKeyGenerator());
		String hash = "acme_" + token.keyId() + "_" + token.lastCharacters() + "{sha256}"
				+ new Sha256ApiKeyHasher().hash(token.value());
		ApiKey imported = this.service.importKey(ImportedApiKey.ofHashedToken(hash), NewApiKey.named("key"));
		assertThat(imported.getPrefix()).isEqualTo("acme");
		assertThat(imported.getKeyId()).isEqualTo(token.keyId());
		assertThat(imported.getLastCharacters()).isEqualTo(token.lastCharacters());
		assertThat(this.service.verify(token.value())).isPresent();
		for (String again : List.of(hash, hash.substring(0, hash.length() - 1) + "g", hash.replace("acme_", "ak_"))) {
			assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
				.isThrownBy(() -> this.service.importKey(ImportedApiKey.ofHashedToken(again), NewApiKey.named("key")));
		}
	}

	@Test
	void createThenEverythingIsKept() {
		CreatedApiKey created = this.service.create(NewApiKey.named("billing-service")
			.owner(this.owner)
			.description("Sends invoices.")
			.scopes("orders:write", "orders:read")
			.metadata("team", "finance")
			.notBefore(NOW.minusSeconds(60))
			.expiresIn(Duration.ofDays(90))
			.allowedAddresses("203.0.113.0/24")
			.rateLimits("10/1s")
			.quota(1000));
		ApiKey found = this.service.find(created.apiKey().getId()).orElseThrow();
		for (ApiKey key : List.of(created.apiKey(), found)) {
			assertThat(created.token()).startsWith("acme_" + key.getKeyId() + "_").endsWith(key.getLastCharacters());
			assertThat(key.getPrefix()).isEqualTo("acme");
			assertThat(key.getKeyType()).isEqualTo("api_key");
			assertThat(key.getName()).isEqualTo("billing-service");
			assertThat(key.getOwner()).isEqualTo(this.owner);
			assertThat(key.getDescription()).isEqualTo("Sends invoices.");
			assertThat(key.getScopes()).containsExactly("orders:read", "orders:write");
			assertThat(key.getMetadata()).isEqualTo(Map.of("team", "finance"));
			assertThat(key.getCreatedAt()).isEqualTo(NOW);
			assertThat(key.getNotBefore()).isEqualTo(NOW.minusSeconds(60));
			assertThat(key.getExpiresAt()).isEqualTo(NOW.plus(Duration.ofDays(90)));
			assertThat(key.getAllowedAddresses()).containsExactly("203.0.113.0/24");
			assertThat(key.getRateLimits()).hasToString("10/1s");
			assertThat(key.getQuota()).isEqualTo(1000);
			assertThat(key.getQuotaUsed()).isZero();
			assertThat(key.getVersion()).isZero();
			assertThat(key.getState(NOW)).isEqualTo(ApiKeyState.ACTIVE);
		}
		assertThat(this.service.findByKeyId(found.getKeyId())).contains(found);
		assertThat(changes(found.getId())).containsExactly(ApiKeyChange.CREATED);
	}

	@Test
	void createAndImportWhenTheTypeSaysTheOwnerThenRevokeAllMissesNone() {
		ApiKey created = this.service.create(new TenantApiKey("acme", this.owner), NewApiKey.named("created")).apiKey();
		ApiKey agreed = this.service
			.create(new TenantApiKey("acme", this.owner), NewApiKey.named("agreed").owner(this.owner))
			.apiKey();
		ApiKey imported = this.service.importKey(new TenantApiKey("acme", this.owner),
				ImportedApiKey.ofHash("pair", UUID.randomUUID().toString(), ImportedHash.sha256("ab".repeat(32))),
				NewApiKey.named("imported"));
		ApiKey successor = this.service.rotate(created.getId(), Duration.ofDays(1)).apiKey();
		List<ApiKey> all = List.of(created, agreed, imported, successor);
		assertThat(all).allSatisfy((key) -> assertThat(key.getOwner()).isEqualTo(this.owner));
		assertThat(this.service.revokeAll(this.owner, null)).isEqualTo(4);
		assertThat(all)
			.allSatisfy((key) -> assertThat(this.service.find(key.getId()).orElseThrow().getRevokedAt()).isNotNull());
	}

	@Test
	void createAndImportWhenTheTypeSaysAnotherOwnerThenRefused() {
		NewApiKey newApiKey = NewApiKey.named("key").owner("somebody else");
		assertRefused("owner", () -> this.service.create(new TenantApiKey("acme", this.owner), newApiKey));
		assertRefused("owner", () -> this.service.importKey(new TenantApiKey("acme", this.owner),
				ImportedApiKey.ofHash("pair", UUID.randomUUID().toString(), ImportedHash.sha256("ab".repeat(32))),
				newApiKey));
		assertThat(newApiKey.getOwner()).isEqualTo("somebody else");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "user:alice", "User:alice", "a\nb" })
	void createWhenTheTypeSaysAnOwnerThatNobodyMaySayThenRefused(String owner) {
		assertRefused("owner", () -> this.service.create(new TenantApiKey("acme", owner), NewApiKey.named("key")));
	}

	@Test
	void createWhenTheTypeSaysTheUserThatIsGivenThenItIsTheUsers() {
		String user = ApiKeyOwners.ofUser(this.owner);
		ApiKey apiKey = this.service.create(new TenantApiKey("acme", user), NewApiKey.named("key").userOwner(user))
			.apiKey();
		assertThat(apiKey.getOwner()).isEqualTo(user);
	}

	@Test
	void createWhenItWouldEndTooEarlyOrTooLateThenRefused() {
		assertRefused("expiresAt", () -> this.service.create(NewApiKey.named("key").expiresAt(NOW)));
		assertRefused("expiresAt", () -> this.service
			.create(NewApiKey.named("key").notBefore(NOW.plusSeconds(9)).expiresIn(Duration.ofSeconds(9))));
		assertRefused("expiresAt",
				() -> this.service.create(NewApiKey.named("key").expiresIn(Duration.ofSeconds(Long.MAX_VALUE))));
	}

	@Test
	void createWhenScopeIsNotDeclaredThenRefused() {
		setDeclaredScopes(List.of("orders:read"));
		assertRefused("scopes", () -> this.service.create(NewApiKey.named("key").scopes("users:read")));
		assertThat(this.service.create(NewApiKey.named("key").scopes("orders:read", "orders:*", "*"))).isNotNull();
	}

	@Test
	void createWhenOwnTypeThenWithWhatItAdds() {
		TrialApiKey entity = new TrialApiKey("acme");
		CreatedApiKey created = this.service.create(entity, NewApiKey.named("key").owner(this.owner));
		assertThat(created.apiKey()).isSameAs(entity);
		UUID id = entity.getId();
		assertThat(this.service.find(TrialApiKey.class, id)).get()
			.extracting(TenantApiKey::getTenant)
			.isEqualTo("acme");
		assertThat(this.service.find(TenantApiKey.class, id)).isPresent();
		ApiKeyPrincipal verified = this.service.verify(created.token()).orElseThrow();
		assertThat(verified.type()).isEqualTo("trial");
		assertThat(verified.isOfType(TenantApiKey.class)).isTrue();
		CreatedApiKey other = this.service.create(new TenantApiKey("acme"), NewApiKey.named("key"));
		assertThat(other.token()).startsWith("acme_tenant_");
		assertThat(this.service.find(TrialApiKey.class, other.apiKey().getId())).isEmpty();
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.create(entity, NewApiKey.named("again")));
	}

	@Test
	void verifyWhenUsableThenItsPrincipal() {
		CreatedApiKey created = this.service
			.create(NewApiKey.named("billing").owner(this.owner).scopes("orders:read").rateLimits("10/1s").quota(5));
		ApiKeyPrincipal principal = this.service.verify(created.token()).orElseThrow();
		assertThat(principal.id()).isEqualTo(created.apiKey().getId());
		assertThat(principal.keyId()).isEqualTo(created.apiKey().getKeyId());
		assertThat(principal.displayName()).isEqualTo("billing");
		assertThat(principal.owner()).isEqualTo(this.owner);
		assertThat(principal.scopes()).containsExactly("orders:read");
		assertThat(principal.type()).isEqualTo("api_key");
		assertThat(principal.rateLimits()).hasToString("10/1s");
		assertThat(principal.hasQuota()).isTrue();
		assertThat(refusals()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(ApiKeyState.class)
	void verifyThenOnlyActiveKeysAndTheEventSaysWhy(ApiKeyState state) {
		CreatedApiKey created = createInState(state);
		assertThat(this.service.find(created.apiKey().getId()).orElseThrow().getState(this.clock.instant()))
			.isEqualTo(state);
		assertThat(this.service.verify(created.token()).isPresent()).isEqualTo(state == ApiKeyState.ACTIVE);
		assertThat(refusals()).extracting(ApiKeyRefusal::name)
			.isEqualTo((state == ApiKeyState.ACTIVE) ? List.of() : List.of(state.name()));
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "", "acme_x", "other" })
	void verifyWhenMalformedThenEmpty(String text) {
		assertThat(this.service.verify(text)).isEmpty();
		assertThat(refusals()).containsExactly(ApiKeyRefusal.MALFORMED);
	}

	@Test
	void verifyWhenUnknownOrWrongThenEmpty() {
		String other = new InMemoryApiKeyService(this.tokenFormats).create(NewApiKey.named("elsewhere")).token();
		assertThat(this.service.verify(other)).isEmpty();
		this.service.importKey(ImportedApiKey.ofToken(this.owner.substring(6) + "|" + SECRET), NewApiKey.named("key"));
		assertThat(this.service.verify(this.owner.substring(6) + "|" + SECRET)).isPresent();
		assertThat(this.service.verify(this.owner.substring(6) + "|" + SECRET + "x")).isEmpty();
		assertThat(refusals()).containsExactly(ApiKeyRefusal.UNKNOWN, ApiKeyRefusal.WRONG_SECRET);
	}

	@Test
	void verifyWhenAddressIsNotAllowedThenEmpty() {
		CreatedApiKey created = this.service
			.create(NewApiKey.named("key").allowedAddresses("203.0.113.0/24", "2001:db8::/32"));
		assertThat(this.service.verify(created.token(), "203.0.113.9")).isPresent();
		assertThat(this.service.verify(created.token(), "2001:db8::1")).isPresent();
		assertThat(this.service.verify(created.token(), "203.0.114.9")).isEmpty();
		assertThat(this.service.verify(created.token())).isEmpty();
		assertThat(this.service.verify(created.token(), "no address")).isEmpty();
		assertThat(refusals()).hasSize(3).containsOnly(ApiKeyRefusal.ADDRESS);
	}

	@Test
	void updateThenEverythingThatWasNamedIsOther() {
		CreatedApiKey created = this.service.create(NewApiKey.named("old").owner(this.owner).scopes("a", "b"));
		UUID id = created.apiKey().getId();
		ApiKey updated = this.service.update(id,
				(update) -> update.name("new")
					.description("text")
					.expiresAt(NOW.plusSeconds(60))
					.scopes("b", "c")
					.metadata(Map.of("team", "finance"))
					.allowedAddresses(List.of("203.0.113.7"))
					.rateLimits("1/1s")
					.quota(7L));
		for (ApiKey key : List.of(updated, this.service.find(id).orElseThrow())) {
			assertThat(key.getName()).isEqualTo("new");
			assertThat(key.getOwner()).isEqualTo(this.owner);
			assertThat(key.getDescription()).isEqualTo("text");
			assertThat(key.getExpiresAt()).isEqualTo(NOW.plusSeconds(60));
			assertThat(key.getScopes()).containsExactly("b", "c");
			assertThat(key.getMetadata()).isEqualTo(Map.of("team", "finance"));
			assertThat(key.getAllowedAddresses()).containsExactly("203.0.113.7");
			assertThat(key.getRateLimits()).hasToString("1/1s");
			assertThat(key.getQuota()).isEqualTo(7);
			assertThat(key.getVersion()).isOne();
		}
		assertThat(created.apiKey().getName()).isEqualTo("old");
		assertThat(this.service.verify(created.token(), "203.0.113.7").orElseThrow().scopes()).containsExactly("b",
				"c");
		assertThat(this.events).filteredOn(ApiKeyEvent.class::isInstance)
			.last()
			.extracting((event) -> ((ApiKeyEvent) event).getDetail())
			.isEqualTo("name, description, expiresAt, allowedAddresses, rateLimits, quota, scopes, metadata");
		ApiKey emptied = this.service.update(id,
				(update) -> update.description(null).expiresAt(null).scopes().quota(null).rateLimits(null));
		assertThat(emptied.getDescription()).isNull();
		assertThat(emptied.getExpiresAt()).isNull();
		assertThat(emptied.getScopes()).isEmpty();
		assertThat(emptied.getQuota()).isNull();
		assertThat(emptied.getRateLimits()).isNull();
	}

	@Test
	void updateWhenAllIsSoAlreadyThenNothingHappens() {
		UUID id = this.service.create(NewApiKey.named("key").scopes("a").metadata("b", "c")).apiKey().getId();
		this.service.update(id, (update) -> update.name("key").scopes("a").metadata(Map.of("b", "c")));
		assertThat(this.service.find(id).orElseThrow().getVersion()).isZero();
		assertThat(changes(id)).containsExactly(ApiKeyChange.CREATED);
	}

	@Test
	void updateWhenItWasChangedSinceItWasReadThenRefused() {
		UUID id = this.service.create(NewApiKey.named("key")).apiKey().getId();
		this.service.update(id, (update) -> update.scopes("first").expectVersion(0));
		assertThatExceptionOfType(ApiKeyVersionConflictException.class)
			.isThrownBy(() -> this.service.update(id, (update) -> update.scopes("second").expectVersion(0)));
		assertThat(this.service.find(id).orElseThrow().getScopes()).containsExactly("first");
		this.service.update(id, (update) -> update.scopes("second").expectVersion(1));
	}

	@Test
	void updateWhenAnAttributeIsNotPossibleThenNothingIsChanged() {
		UUID id = this.service.create(NewApiKey.named("key").notBefore(NOW.plusSeconds(9)).scopes("old:scope"))
			.apiKey()
			.getId();
		setDeclaredScopes(List.of("orders:read"));
		assertRefused("expiresAt", () -> this.service.update(id, (change) -> change.name("x").expiresAt(NOW)));
		assertRefused("expiresAt",
				() -> this.service.update(id, (change) -> change.name("x").expiresAt(NOW.plusSeconds(9))));
		assertRefused("scopes", () -> this.service.update(id, (change) -> change.name("x").scopes("users:read")));
		assertRefused("name", () -> this.service.update(id, (change) -> change.name(" ")));
		this.service.update(id, (change) -> change.scopes("old:scope", "orders:read"));
		assertThat(this.service.find(id).orElseThrow().getName()).isEqualTo("key");
	}

	@Test
	void updateWhenExpiredThenItComesBack() {
		CreatedApiKey created = createInState(ApiKeyState.EXPIRED);
		this.service.update(created.apiKey().getId(), (change) -> change.expiresAt(null));
		assertThat(this.service.verify(created.token())).isPresent();
	}

	@Test
	void disableAndEnableThenOffAndOn() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		UUID id = created.apiKey().getId();
		assertThat(this.service.disable(id).getDisabledAt()).isEqualTo(NOW);
		this.clock.move(Duration.ofSeconds(5));
		assertThat(this.service.disable(id).getDisabledAt()).isEqualTo(NOW);
		assertThat(this.service.verify(created.token())).isEmpty();
		assertThat(this.service.enable(id).getDisabledAt()).isNull();
		assertThat(this.service.enable(id).getVersion()).isEqualTo(2);
		assertThat(this.service.verify(created.token())).isPresent();
		assertThat(changes(id)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.DISABLED, ApiKeyChange.ENABLED);
	}

	@Test
	void revokeThenForEver() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		UUID id = created.apiKey().getId();
		assertThat(this.service.revoke(id, "leaked").getRevokedAt()).isEqualTo(NOW);
		this.clock.move(Duration.ofSeconds(5));
		ApiKey again = this.service.revoke(id, "again");
		assertThat(again.getRevokedAt()).isEqualTo(NOW);
		assertThat(again.getVersion()).isOne();
		assertThat(this.service.verify(created.token())).isEmpty();
		for (Consumer<UUID> change : this.changes()) {
			assertThatExceptionOfType(ApiKeyRevokedException.class).isThrownBy(() -> change.accept(id))
				.satisfies((ex) -> assertThat(ex.getId()).isEqualTo(id));
		}
		assertThat(this.service.find(id).orElseThrow().getName()).isEqualTo("key");
		assertThat(changes(id)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.REVOKED);
		assertThat(this.events).last().isInstanceOf(ApiKeyRefusedEvent.class);
	}

	@Test
	void changeWhenThereIsNoSuchKeyThenNotFound() {
		for (Consumer<UUID> change : this.changes()) {
			UUID id = UUID.randomUUID();
			assertThatExceptionOfType(ApiKeyNotFoundException.class).isThrownBy(() -> change.accept(id))
				.satisfies((ex) -> assertThat(ex.getId()).isEqualTo(id));
		}
		assertThatExceptionOfType(ApiKeyNotFoundException.class)
			.isThrownBy(() -> this.service.revoke(UUID.randomUUID()));
		assertThat(this.service.find(UUID.randomUUID())).isEmpty();
		assertThat(this.service.findByKeyId("unknown")).isEmpty();
	}

	private List<Consumer<UUID>> changes() {
		return List.of(this.service::enable, this.service::disable, (id) -> this.service.rotate(id, Duration.ZERO),
				(id) -> this.service.update(id, (update) -> update.name("other")),
				(id) -> this.service.update(id, (update) -> update.name("key")));
	}

	@Test
	void changeThenTheEventSaysWhatAndWhen() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key"));
		this.events.clear();
		this.service.revoke(created.apiKey().getId(), "r".repeat(1001));
		assertThat(this.events).singleElement().isInstanceOfSatisfying(ApiKeyEvent.class, (event) -> {
			assertThat(event.getApiKeyId()).isEqualTo(created.apiKey().getId());
			assertThat(event.getKeyId()).isEqualTo(created.apiKey().getKeyId());
			assertThat(event.getChange()).isEqualTo(ApiKeyChange.REVOKED);
			assertThat(event.getOccurredAt()).isEqualTo(NOW);
			assertThat(event.getDetail()).isEqualTo("r".repeat(1000));
			assertThat(event.getActor()).isNull();
		});
	}

	@Test
	void changeWhenAListenerFailsThenItIsMadeAllTheSame() {
		S service = create(this.tokenFormats, this.clock, (event) -> {
			throw new IllegalStateException("Thrown by a listener");
		});
		CreatedApiKey created = service.create(NewApiKey.named("key"));
		assertThat(service.verify(created.token())).isPresent();
		assertThat(service.revoke(created.apiKey().getId()).getRevokedAt()).isEqualTo(NOW);
		assertThat(service.verify(created.token())).isEmpty();
	}

	@Test
	void rotateThenAllSuccessorsAreOfTheLineOfTheFirst() {
		CreatedApiKey first = this.service.create(NewApiKey.named("key"));
		UUID line = first.apiKey().getId();
		CreatedApiKey last = first;
		for (int i = 0; i < 3; i++) {
			last = this.service.rotate(last.apiKey().getId(), Duration.ofSeconds(60));
			assertThat(last.apiKey().getLineId()).isEqualTo(line);
			assertThat(this.service.verify(last.token()).orElseThrow().lineId()).isEqualTo(line);
		}
		assertThat(this.service.verify(this.service.create(NewApiKey.named("key")).token()).orElseThrow())
			.satisfies((other) -> assertThat(other.lineId()).isEqualTo(other.id()));
	}

	@Test
	void rotateThenTheNewKeyIsLikeTheOldOneAndBothWorkForAWhile() {
		CreatedApiKey old = this.service.create(new TenantApiKey("acme"),
				NewApiKey.named("key")
					.owner(this.owner)
					.description("text")
					.scopes("a", "b")
					.metadata("c", "d")
					.notBefore(NOW.minusSeconds(5))
					.expiresAt(NOW.plusSeconds(1000)));
		UUID id = old.apiKey().getId();
		this.service.verify(old.token(), "203.0.113.7");
		this.clock.move(Duration.ofSeconds(10));
		CreatedApiKey rotated = this.service.rotate(id, Duration.ofSeconds(60));
		ApiKey predecessor = this.service.find(id).orElseThrow();
		TenantApiKey successor = this.service.find(TenantApiKey.class, rotated.apiKey().getId()).orElseThrow();
		assertThat(successor).isNotEqualTo(predecessor);
		assertThat(successor.getKeyId()).isNotEqualTo(predecessor.getKeyId());
		assertThat(successor.getTenant()).isEqualTo("acme");
		assertThat(successor.getName()).isEqualTo("key");
		assertThat(successor.getOwner()).isEqualTo(this.owner);
		assertThat(successor.getDescription()).isEqualTo("text");
		assertThat(successor.getScopes()).containsExactly("a", "b");
		assertThat(successor.getMetadata()).isEqualTo(Map.of("c", "d"));
		assertThat(successor.getCreatedAt()).isEqualTo(NOW.plusSeconds(10));
		assertThat(successor.getNotBefore()).isEqualTo(NOW.minusSeconds(5));
		assertThat(successor.getExpiresAt()).isEqualTo(NOW.plusSeconds(1000));
		assertThat(successor.getPredecessorId()).isEqualTo(id);
		assertThat(successor.getSuccessorId()).isNull();
		assertThat(successor.getLastUsedAt()).isNull();
		assertThat(successor.getVersion()).isZero();
		assertThat(predecessor.getSuccessorId()).isEqualTo(successor.getId());
		assertThat(predecessor.getExpiresAt()).isEqualTo(NOW.plusSeconds(70));
		assertThat(predecessor.getVersion()).isOne();
		assertThat(this.service.verify(old.token())).isPresent();
		assertThat(this.service.verify(rotated.token())).isPresent();
		this.clock.move(Duration.ofSeconds(60));
		assertThat(this.service.verify(old.token())).isEmpty();
		assertThat(this.service.verify(rotated.token())).isPresent();
		assertThat(changes(id)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.ROTATED);
		assertThat(changes(successor.getId())).containsExactly(ApiKeyChange.CREATED);
	}

	@Test
	void rotateWhenTheOldKeyEndsBeforeTheGraceThenItEndsThen() {
		CreatedApiKey old = this.service.create(NewApiKey.named("key").expiresAt(NOW.plusSeconds(10)));
		this.service.rotate(old.apiKey().getId(), Duration.ofSeconds(60));
		assertThat(this.service.find(old.apiKey().getId()).orElseThrow().getExpiresAt()).isEqualTo(NOW.plusSeconds(10));
	}

	@Test
	void rotateWhenTheNewKeyHasAnExpiryOfItsOwnThenTheOldOneEndsAsBefore() {
		CreatedApiKey old = this.service.create(NewApiKey.named("key").expiresAt(NOW.plusSeconds(10)));
		ApiKeyRotation rotation = ApiKeyRotation.withGrace(Duration.ofSeconds(60)).expiresAt(NOW.plusSeconds(1000));
		UUID successor = this.service.rotate(old.apiKey().getId(), rotation).apiKey().getId();
		assertThat(this.service.find(successor).orElseThrow().getExpiresAt()).isEqualTo(NOW.plusSeconds(1000));
		assertThat(this.service.find(old.apiKey().getId()).orElseThrow().getExpiresAt()).isEqualTo(NOW.plusSeconds(10));
		UUID endless = this.service.rotate(successor, rotation.neverExpires()).apiKey().getId();
		assertThat(this.service.find(endless).orElseThrow().getExpiresAt()).isNull();
	}

	@ParameterizedTest
	@EnumSource(names = { "EXPIRED", "DISABLED" })
	void rotateWhenItCannotBeUsedThenRefused(ApiKeyState state) {
		UUID id = createInState(state).apiKey().getId();
		assertThatExceptionOfType(ApiKeyRotationException.class)
			.isThrownBy(() -> this.service.rotate(id, Duration.ZERO))
			.withMessageContaining(state.name().toLowerCase(Locale.ROOT))
			.satisfies((ex) -> assertThat(ex.getReason().name()).isEqualTo(state.name()))
			.satisfies((ex) -> assertThat(ex.getId()).isEqualTo(id));
	}

	@Test
	void rotateWhenRotatedBeforeOrGraceIsNotPossibleThenRefused() {
		UUID id = this.service.create(NewApiKey.named("key")).apiKey().getId();
		assertRefused("grace", () -> this.service.rotate(id, Duration.ofSeconds(-1)));
		assertRefused("grace", () -> this.service.rotate(id, Duration.ofSeconds(Long.MAX_VALUE)));
		this.service.rotate(id, Duration.ofDays(1));
		assertThatExceptionOfType(ApiKeyRotationException.class)
			.isThrownBy(() -> this.service.rotate(id, Duration.ofDays(1)))
			.withMessageContaining("rotate its successor")
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(ApiKeyRotationException.Reason.ROTATED));
	}

	@Test
	void rotateAgainThenTheOldestEndsAtOnce() {
		CreatedApiKey first = this.service.create(NewApiKey.named("key"));
		CreatedApiKey second = this.service.rotate(first.apiKey().getId(), Duration.ofDays(7));
		this.clock.move(Duration.ofSeconds(10));
		CreatedApiKey third = this.service.rotate(second.apiKey().getId(), Duration.ofDays(7));
		assertThat(this.service.verify(first.token())).isEmpty();
		assertThat(this.service.verify(second.token())).isPresent();
		assertThat(this.service.verify(third.token())).isPresent();
		assertThat(changes(first.apiKey().getId())).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.ROTATED,
				ApiKeyChange.UPDATED);
		this.service.rotate(third.apiKey().getId(), Duration.ZERO);
		assertThat(changes(first.apiKey().getId())).hasSize(3);
	}

	@Test
	void updateWhenReplacedThenTheEndCanOnlyComeEarlier() {
		UUID id = this.service.create(NewApiKey.named("key")).apiKey().getId();
		this.service.rotate(id, Duration.ofDays(7));
		assertRefused("expiresAt", () -> this.service.update(id, (change) -> change.expiresAt(null)));
		assertRefused("expiresAt",
				() -> this.service.update(id, (change) -> change.expiresAt(NOW.plus(Duration.ofDays(8)))));
		Instant earlier = NOW.plus(Duration.ofDays(6));
		assertThat(this.service.update(id, (change) -> change.expiresAt(earlier)).getExpiresAt()).isEqualTo(earlier);
	}

	@Test
	void quotaThenExactlySoManyRequestsOfManyAtOnce() throws Exception {
		UUID id = this.service.create(NewApiKey.named("key").quota(20)).apiKey().getId();
		List<Callable<Boolean>> requests = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			requests.add(() -> this.service.consumeQuota(id));
		}
		ExecutorService executor = Executors.newFixedThreadPool(4);
		try {
			int passed = 0;
			for (Future<Boolean> request : executor.invokeAll(requests)) {
				passed += request.get() ? 1 : 0;
			}
			assertThat(passed).isEqualTo(20);
		}
		finally {
			executor.shutdownNow();
		}
		ApiKey used = this.service.find(id).orElseThrow();
		assertThat(used.getQuotaUsed()).isEqualTo(20);
		assertThat(used.getVersion()).isZero();
		this.service.refundQuota(id);
		assertThat(this.service.consumeQuota(id)).isTrue();
		assertThat(this.service.consumeQuota(id)).isFalse();
		this.service.update(id, (change) -> change.quota(null));
		assertThat(this.service.consumeQuota(id)).isTrue();
		assertThat(this.service.consumeQuota(UUID.randomUUID())).isFalse();
		this.service.refundQuota(UUID.randomUUID());
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

	@Test
	void listThenPagesInOrder() {
		for (int i = 0; i < 5; i++) {
			this.service.create(NewApiKey.named("key " + i).owner(this.owner));
			this.clock.move(Duration.ofSeconds(1));
		}
		ApiKeyQuery query = ApiKeyQuery.all().owner(this.owner);
		Page<ApiKey> page = this.service.list(query, PageRequest.of(0, 2));
		assertThat(page).extracting(ApiKey::getName).containsExactly("key 4", "key 3");
		assertThat(page.getTotalElements()).isEqualTo(5);
		assertThat(this.service.list(query, PageRequest.of(2, 2))).extracting(ApiKey::getName).containsExactly("key 0");
		assertThat(this.service.list(query, PageRequest.of(3, 2))).isEmpty();
		assertThat(this.service.list(query, PageRequest.of(0, 2, Sort.by("name")))).extracting(ApiKey::getName)
			.containsExactly("key 0", "key 1");
		assertThat(this.service.list(query, Pageable.unpaged(Sort.by(Sort.Direction.DESC, "name")))).hasSize(5)
			.extracting(ApiKey::getName)
			.startsWith("key 4", "key 3");
	}

	@ParameterizedTest
	@ValueSource(strings = { "name", "keyId", "owner", "createdAt", "expiresAt" })
	void listWhenSortedThenInThatOrder(String property) {
		for (int i : new int[] { 2, 1, 3 }) {
			this.clock.moveTo(NOW.plusSeconds(i));
			this.service
				.create(NewApiKey.named("n" + i).owner(this.owner).description("d").expiresAt(NOW.plusSeconds(10 + i)));
		}
		ApiKeyQuery query = ApiKeyQuery.all().owner(this.owner);
		List<UUID> up = this.service.list(query, Pageable.unpaged(Sort.by(property, "createdAt")))
			.map(ApiKey::getId)
			.toList();
		List<ApiKey> down = this.service
			.list(query, Pageable.unpaged(Sort.by(Sort.Direction.DESC, property, "createdAt")))
			.getContent();
		assertThat(down).extracting(ApiKey::getId).containsExactly(up.get(2), up.get(1), up.get(0));
		if (!property.equals("keyId")) {
			assertThat(down).extracting(ApiKey::getName).containsExactly("n3", "n2", "n1");
		}
		else {
			assertThat(down.get(0).getKeyId()).isGreaterThan(down.get(1).getKeyId());
		}
	}

	@Test
	void listWhenSortedBySomethingElseThenRefused() {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> this.service.list(ApiKeyQuery.all(), PageRequest.of(0, 1, Sort.by("hash"))))
			.withMessage("API keys cannot be sorted by 'hash', only by name, keyId, owner, createdAt, expiresAt")
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo("sort"));
	}

	@Test
	void listWhenThePageIsFarBehindTheLastThenEmpty() {
		this.service.create(NewApiKey.named("key").owner(this.owner));
		Page<ApiKey> page = this.service.list(query(), PageRequest.of(Integer.MAX_VALUE - 1, 100));
		assertThat(page.getContent()).isEmpty();
		assertThat(page.getTotalElements()).isOne();
	}

	@Test
	void listByTypeThenOnlyKeysOfTheClassWithWhatItAdds() {
		this.service.create(NewApiKey.named("plain").owner(this.owner));
		for (TenantApiKey key : List.of(new TenantApiKey("acme"), new TenantApiKey("other"),
				new TrialApiKey("third"))) {
			this.clock.move(Duration.ofSeconds(1));
			this.service.create(key, NewApiKey.named("of a tenant").owner(this.owner));
		}
		Page<TenantApiKey> page = this.service.list(TenantApiKey.class, query(), PageRequest.of(0, 2));
		assertThat(page).extracting(TenantApiKey::getTenant).containsExactly("third", "other");
		assertThat(page.getTotalElements()).isEqualTo(3);
		assertThat(this.service.list(TrialApiKey.class, query(), Pageable.unpaged()))
			.extracting(TenantApiKey::getTenant)
			.containsExactly("third");
		assertThat(this.service.list(TrialApiKey.class, query().type("tenant"), Pageable.unpaged())).isEmpty();
		assertThat(this.service.list(ApiKey.class, query(), Pageable.unpaged()))
			.containsExactlyElementsOf(this.service.list(query(), Pageable.unpaged()))
			.hasSize(4);
	}

	@Test
	void findByKeyIdWhenOfAnotherTypeThenEmpty() {
		ApiKey key = this.service.create(new TenantApiKey("acme"), NewApiKey.named("key").owner(this.owner)).apiKey();
		assertThat(this.service.findByKeyId(TenantApiKey.class, key.getKeyId()).orElseThrow().getTenant())
			.isEqualTo("acme");
		assertThat(this.service.findByKeyId(ApiKey.class, key.getKeyId())).contains(key);
		assertThat(this.service.findByKeyId(TrialApiKey.class, key.getKeyId())).isEmpty();
		assertThat(this.service.findByKeyId(TenantApiKey.class, "unknown")).isEmpty();
	}

	@Test
	void listThenOnlyWhatTheQueryKeeps() {
		this.service.create(NewApiKey.named("Billing").owner(this.owner).scopes("orders:read", "orders:*"));
		this.service.create(new TenantApiKey("acme"), NewApiKey.named("100% sure").owner(this.owner));
		this.service.create(NewApiKey.named("Billing").owner(this.owner + "2"));
		assertThat(names(query())).containsExactlyInAnyOrder("Billing", "100% sure");
		assertThat(names(query().nameStartsWith("bILL"))).containsExactly("Billing");
		assertThat(names(query().nameStartsWith("%"))).isEmpty();
		assertThat(names(query().scope("orders:read"))).containsExactly("Billing");
		assertThat(names(query().scope("orders"))).isEmpty();
		assertThat(names(query().type("tenant"))).containsExactly("100% sure");
		assertThat(names(query().nameStartsWith("bill").type("tenant"))).isEmpty();
	}

	@Test
	void listByStateThenTheKeysThatSaySoThemselves() {
		for (ApiKeyState state : ApiKeyState.values()) {
			createInState(state);
		}
		for (ApiKeyState state : ApiKeyState.values()) {
			assertThat(this.service.list(query().state(state), Pageable.unpaged())).singleElement()
				.satisfies((key) -> assertThat(key.getState(this.clock.instant())).isEqualTo(state));
		}
	}

	@Test
	void listByTimesThenTheFirstInstantIsInAndTheLastIsNot() {
		this.service.create(NewApiKey.named("one").owner(this.owner).expiresAt(NOW.plusSeconds(100)));
		this.clock.move(Duration.ofSeconds(10));
		UUID two = this.service.create(NewApiKey.named("two").owner(this.owner)).apiKey().getId();
		assertThat(names(query().createdBetween(NOW, NOW.plusSeconds(10)))).containsExactly("one");
		assertThat(names(query().createdBetween(NOW.plusSeconds(10), null))).containsExactly("two");
		assertThat(names(query().createdBetween(null, null))).hasSize(2);
		assertThat(names(query().expiringWithin(Duration.ofSeconds(90)))).containsExactly("one");
		assertThat(names(query().expiringWithin(Duration.ofSeconds(89)))).isEmpty();
		this.service.update(two, (change) -> change.expiresAt(NOW.plusSeconds(50)));
		this.service.revoke(two);
		assertThat(names(query().expiringWithin(Duration.ofSeconds(90)))).containsExactly("one");
		this.clock.move(Duration.ofSeconds(90));
		assertThat(names(query().expiringWithin(Duration.ofSeconds(90)))).isEmpty();
	}

	@Test
	void listByUseWhenNeverUsedThenThoseThatExistForLonger() {
		this.service.create(NewApiKey.named("one").owner(this.owner));
		this.clock.move(Duration.ofSeconds(10));
		this.service.create(NewApiKey.named("two").owner(this.owner));
		assertThat(names(query().neverUsed())).hasSize(2);
		assertThat(names(query().unusedFor(Duration.ofSeconds(9)))).containsExactly("one");
		assertThat(names(query().unusedFor(Duration.ofSeconds(10)))).isEmpty();
	}

	@Test
	void searchThenNameKeyIdAndOwner() {
		ApiKey key = this.service.create(NewApiKey.named("Searched").owner(this.owner)).apiKey();
		this.service.create(NewApiKey.named("other").owner(this.owner));
		assertThat(names(query().search("sEARCH", List.of()))).containsExactly("Searched");
		assertThat(names(query().search(key.getKeyId().substring(0, 10).toUpperCase(), List.of())))
			.containsExactly("Searched");
		assertThat(names(query().search(this.owner.substring(0, 20), List.of()))).hasSize(2);
		assertThat(names(query().search("nothing", List.of()))).isEmpty();
	}

	@Test
	void revokeAllThenEveryKeyOfTheOwnerAndNoOther() {
		String one = this.service.create(NewApiKey.named("key").owner(this.owner)).token();
		CreatedApiKey two = this.service.create(NewApiKey.named("key").owner(this.owner));
		String successor = this.service.rotate(two.apiKey().getId(), Duration.ofDays(1)).token();
		String other = this.service.create(NewApiKey.named("key").owner(this.owner + "2")).token();
		assertThat(this.service.revokeAll(this.owner, "left")).isEqualTo(3);
		for (String token : List.of(one, two.token(), successor)) {
			assertThat(this.service.verify(token)).isEmpty();
		}
		assertThat(this.service.verify(other)).isPresent();
		assertThat(this.service.revokeAll(this.owner, "again")).isZero();
	}

	@Test
	void revokeTokenThenWhoeverHoldsItCanEndIt() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key").allowedAddresses("203.0.113.7"));
		this.service.disable(created.apiKey().getId());
		assertThat(this.service.revokeToken(null, "found")).isEmpty();
		assertThat(this.service.revokeToken("acme_", "found")).isEmpty();
		assertThat(this.service.revokeToken(created.token(), "found").orElseThrow().getRevokedAt()).isEqualTo(NOW);
		assertThat(this.service.revokeToken(created.token(), "again")).contains(created.apiKey());
		assertThat(this.service.verify(created.token(), "203.0.113.7")).isEmpty();
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
	void updateWhenAllIsSoAlreadyThenTheExpectedVersionCounts() {
		UUID id = this.service.create(NewApiKey.named("key").scopes("a:b")).apiKey().getId();
		assertThatExceptionOfType(ApiKeyVersionConflictException.class)
			.isThrownBy(() -> this.service.update(id, (update) -> update.scopes("a:b").expectVersion(7)));
	}

	@Test
	void updateWhenOneOfALineGetsLimitsThenTheOtherHasThem() {
		CreatedApiKey old = this.service.create(NewApiKey.named("key"));
		UUID successor = this.service.rotate(old.apiKey().getId(), Duration.ofDays(1)).apiKey().getId();
		this.service.update(successor, (update) -> update.quota(1L).rateLimits("5/1s"));
		assertThat(this.service.verify(old.token(), "203.0.113.7")).get()
			.satisfies((principal) -> assertThat(principal.hasQuota()).isTrue())
			.satisfies((principal) -> assertThat(principal.rateLimits()).isNotNull());
		assertThat(this.service.consumeQuota(old.apiKey().getId())).isTrue();
		assertThat(this.service.consumeQuota(successor)).isFalse();
		this.service.update(successor, (update) -> update.quota(9L));
		assertThat(this.service.find(old.apiKey().getId())).get().extracting(ApiKey::getQuota).isEqualTo(1L);
	}

	@Test
	void purgeThenOnlyWhatEndedLongAgoIsGone() {
		UUID expired = this.service.create(NewApiKey.named("key").expiresIn(Duration.ofDays(30))).apiKey().getId();
		CreatedApiKey revoked = this.service.create(NewApiKey.named("key"));
		this.service.revoke(revoked.apiKey().getId());
		UUID disabled = this.service.create(NewApiKey.named("key")).apiKey().getId();
		this.service.disable(disabled);
		this.clock.move(Duration.ofDays(100));
		UUID recent = this.service.create(NewApiKey.named("key")).apiKey().getId();
		this.service.revoke(recent);
		this.clock.move(Duration.ofDays(1));
		letOthersBeTold();
		assertThat(this.service.purge(Duration.ofDays(50))).isGreaterThanOrEqualTo(2);
		assertThat(this.service.find(expired)).isEmpty();
		assertThat(this.service.find(revoked.apiKey().getId())).isEmpty();
		assertThat(this.service.verify(revoked.token())).isEmpty();
		assertThat(this.service.find(disabled)).isPresent();
		assertThat(this.service.find(recent)).isPresent();
		assertThat(changes(expired)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.PURGED);
		assertThat(this.service.purge(Duration.ofDays(50))).isZero();
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.purge(Duration.ofDays(-1)));
	}

	@Test
	void deleteThenRevokedAtOnceAndItsRowGoesAMinuteLater() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key").owner(this.owner));
		UUID id = created.apiKey().getId();
		assertThat(this.service.delete(id).getRevokedAt()).isEqualTo(NOW);
		assertThat(this.service.verify(created.token())).isEmpty();
		this.clock.move(Duration.ofSeconds(91));
		assertThat(this.service.delete(id).getRevokedAt()).isEqualTo(NOW);
		letOthersBeTold();
		this.service.purge(Duration.ZERO);
		assertThat(this.service.find(id)).isPresent();
		this.clock.move(Duration.ofSeconds(1));
		this.service.purge(Duration.ofDays(3650));
		assertThat(this.service.find(id)).isEmpty();
		assertThat(changes(id)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.REVOKED, ApiKeyChange.DELETED,
				ApiKeyChange.PURGED);
		assertThatExceptionOfType(ApiKeyNotFoundException.class).isThrownBy(() -> this.service.delete(id));
	}

	@Test
	void deleteWhenRevokedLongAgoThenTheNextPurgeTakesItAndNoOther() {
		UUID id = createInState(ApiKeyState.REVOKED).apiKey().getId();
		UUID kept = createInState(ApiKeyState.REVOKED).apiKey().getId();
		this.clock.move(Duration.ofDays(1));
		assertThat(this.service.delete(id).getRevokedAt()).isEqualTo(NOW);
		assertThat(changes(id)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.REVOKED, ApiKeyChange.DELETED);
		letOthersBeTold();
		this.service.purge(Duration.ofSeconds(Long.MAX_VALUE));
		assertThat(this.service.find(id)).isEmpty();
		assertThat(this.service.find(kept)).isPresent();
	}

	/**
	 * It names its successor, and counts its requests there.
	 */
	@Test
	void purgeWhenAKeyThatWasReplacedHasNotEndedThenItsSuccessorStays() {
		UUID id = this.service.create(NewApiKey.named("key").owner(this.owner).quota(1)).apiKey().getId();
		UUID successor = this.service.rotate(id, Duration.ofDays(30)).apiKey().getId();
		this.service.delete(successor);
		this.clock.move(Duration.ofDays(20));
		letOthersBeTold();
		assertThat(this.service.purge(this.owner, Duration.ZERO)).isZero();
		assertThat(this.service.consumeQuota(id)).isTrue();
		assertThat(this.service.consumeQuota(id)).isFalse();
		this.clock.move(Duration.ofDays(11));
		letOthersBeTold();
		assertThat(this.service.purge(this.owner, Duration.ZERO)).isEqualTo(2);
	}

	@Test
	void purgeOfAnOwnerThenNobodyElsesKeysGo() {
		UUID revoked = createInState(ApiKeyState.REVOKED).apiKey().getId();
		UUID deleted = createInState(ApiKeyState.ACTIVE).apiKey().getId();
		UUID active = createInState(ApiKeyState.ACTIVE).apiKey().getId();
		List<UUID> others = new ArrayList<>();
		for (String other : List.of(this.owner.toUpperCase(Locale.ROOT), this.owner + "2")) {
			ApiKey key = this.service.create(NewApiKey.named("key").owner(other)).apiKey();
			others.add(this.service.delete(key.getId()).getId());
		}
		this.service.delete(deleted);
		this.clock.move(Duration.ofDays(1));
		letOthersBeTold();
		assertThat(this.service.purge(this.owner, Duration.ofDays(2))).isOne();
		assertThat(this.service.find(deleted)).isEmpty();
		assertThat(this.service.purge(this.owner, Duration.ZERO)).isOne();
		assertThat(this.service.find(revoked)).isEmpty();
		assertThat(this.service.find(active)).isPresent();
		assertThat(others).allSatisfy((id) -> assertThat(this.service.find(id)).isPresent());
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.purge(null, Duration.ZERO));
	}

	@Test
	void importThenItsClientsGoOn() {
		String id = this.owner.substring(6);
		ImportedHash hash = ImportedHash
			.sha512("dc97d1755d27842d25d4755849776e4704aa7f469fe861538c26eddb0aaaa09a6caa7ab1e998a05d0571f2c34377afc1"
					+ "23aef33f0f7ee3647a1cbf1ef542d9a0");
		ImportedApiKey imported = ImportedApiKey.ofHash("pair", id, hash);
		ApiKey key = this.service.importKey(imported, NewApiKey.named("partner").owner(this.owner).scopes("a"));
		assertThat(key.getKeyId()).isEqualTo("pair:" + id);
		assertThat(key.getPrefix()).isEqualTo("pair");
		assertThat(key.getLastCharacters()).isEmpty();
		assertThat(this.service.verify(id + "|" + SECRET).orElseThrow().scopes()).containsExactly("a");
		assertThat(changes(key.getId())).containsExactly(ApiKeyChange.IMPORTED);
		NewApiKey other = NewApiKey.named("key");
		assertRefused("keyId", () -> this.service.importKey(imported, other));
		assertRefused("token", () -> this.service.importKey(ImportedApiKey.ofToken("what.is.this"), other));
		assertRefused("format", () -> this.service.importKey(ImportedApiKey.ofHash("other", "id", hash), other));
		assertRefused("hash",
				() -> this.service.importKey(ImportedApiKey.ofHash("pair", "id", ImportedHash.of("md5", "00")), other));
		assertThat(this.service.rotate(key.getId(), Duration.ZERO).token()).startsWith("acme_");
		this.service.invalidateOwner(this.owner);
		assertThat(this.service.verify(id + "|" + SECRET)).isEmpty();
	}

	@Test
	void importWhenItEndedThereThenAsItIsAndNeverUsable() {
		Instant created = NOW.minus(Duration.ofDays(700));
		Instant ended = NOW.minus(Duration.ofDays(300));
		ApiKey revoked = this.service.importKey(
				imported("r").withCreation(created).withRevocation(ended, "Contract ended"),
				NewApiKey.named("revoked").owner(this.owner));
		ApiKey expired = this.service.importKey(imported("e").withCreation(created),
				NewApiKey.named("expired").owner(this.owner).expiresAt(ended));
		assertThat(this.service.find(revoked.getId()).orElseThrow()).satisfies((key) -> {
			assertThat(key.getCreatedAt()).isEqualTo(created);
			assertThat(key.getRevokedAt()).isEqualTo(ended);
			assertThat(key.getState(NOW)).isEqualTo(ApiKeyState.REVOKED);
		});
		assertThat(this.service.find(expired.getId()).orElseThrow()).satisfies((key) -> {
			assertThat(key.getCreatedAt()).isEqualTo(created);
			assertThat(key.getExpiresAt()).isEqualTo(ended);
			assertThat(key.getState(NOW)).isEqualTo(ApiKeyState.EXPIRED);
		});
		assertThat(this.service.verify(id("r") + "|" + SECRET)).isEmpty();
		assertThat(this.service.verify(id("e") + "|" + SECRET)).isEmpty();
		assertThat(refusals()).containsExactly(ApiKeyRefusal.REVOKED, ApiKeyRefusal.EXPIRED);
		assertThat(this.events).filteredOn(ApiKeyEvent.class::isInstance)
			.extracting((event) -> ((ApiKeyEvent) event).getDetail())
			.containsExactly("Contract ended", null);
		assertThatExceptionOfType(ApiKeyRevokedException.class)
			.isThrownBy(() -> this.service.update(revoked.getId(), (update) -> update.name("other")));
	}

	@Test
	void importWhenItsTimesAreNotPossibleThenRefused() {
		NewApiKey key = NewApiKey.named("key");
		assertRefused("createdAt", () -> this.service.importKey(imported("a").withCreation(NOW.plusMillis(1)), key));
		assertRefused("revokedAt",
				() -> this.service.importKey(imported("a").withRevocation(NOW.plusMillis(1), null), key));
		assertRefused("expiresAt",
				() -> this.service.importKey(imported("a").withCreation(NOW.minus(Duration.ofDays(91))),
						NewApiKey.named("key").expiresIn(Duration.ofDays(90))));
		assertThat(this.service
			.importKey(imported("a").withCreation(NOW.minus(Duration.ofDays(60))),
					NewApiKey.named("key").expiresIn(Duration.ofDays(90)))
			.getExpiresAt()).isEqualTo(NOW.plus(Duration.ofDays(30)));
	}

	@Test
	void importAgainThenNothingHappensAndTheDifferencesAreTold() {
		NewApiKey like = NewApiKey.named("key").owner(this.owner).scopes("a").expiresIn(Duration.ofDays(90));
		ApiKeyImport first = this.service.importIfAbsent(imported("a"), like);
		assertThat(first.isCreated()).isTrue();
		assertThat(first.getDifferences()).isEmpty();
		this.clock.move(Duration.ofDays(1));
		ApiKeyImport second = this.service.importIfAbsent(imported("a"), like);
		assertThat(second.isCreated()).isFalse();
		assertThat(second.getApiKey()).isEqualTo(first.getApiKey());
		assertThat(second.getDifferences()).isEmpty();
		assertThat(this.service.importIfAbsent(ImportedApiKey.ofToken(id("a") + "|" + SECRET), like).getDifferences())
			.isEmpty();
		ApiKeyImport other = this.service.importIfAbsent(new TenantApiKey("acme"),
				ImportedApiKey.ofToken(id("a") + "|another-secret")
					.withCreation(NOW.minusSeconds(1))
					.withRevocation(NOW, null),
				NewApiKey.named("other")
					.description("d")
					.scopes("b")
					.metadata("a", "b")
					.neverExpires()
					.notBefore(NOW)
					.allowedAddresses("203.0.113.7")
					.rateLimits("10/1s")
					.quota(10));
		assertThat(other.isCreated()).isFalse();
		assertThat(other.getDifferences()).containsExactly("allowedAddresses", "createdAt", "description", "expiresAt",
				"hash", "keyType", "metadata", "name", "notBefore", "owner", "quota", "rateLimits", "revokedAt",
				"scopes");
		assertThat(this.service
			.importIfAbsent(ImportedApiKey.ofHash("pair", id("a"), ImportedHash.sha512("0".repeat(128))), like)
			.getDifferences()).containsExactly("hash");
		ApiKey found = this.service.find(first.getApiKey().getId()).orElseThrow();
		assertThat(found.getVersion()).isZero();
		assertThat(found.getName()).isEqualTo("key");
		assertThat(changes(found.getId())).containsExactly(ApiKeyChange.IMPORTED);
		this.service.revoke(found.getId());
		assertThat(this.service.importIfAbsent(imported("a"), like).getDifferences()).containsExactly("revokedAt");
	}

	@Test
	void importAgainWhenTheFormatGivesAnotherIdThenTheKeyIsToldAndNotDoubled() {
		AtomicReference<String> id = new AtomicReference<>("former");
		ForeignTokenFormat format = new ForeignTokenFormat() {

			@Override
			public String getName() {
				return "keyed";
			}

			@Override
			public PresentedToken parse(String text) {
				return PresentedToken.of(id(id.get()), text, true);
			}

		};
		S service = create(new ApiKeyTokenFormats(this.tokenFormats.issued(), List.of(format)), this.clock,
				this.events::add);
		ImportedApiKey token = ImportedApiKey.ofToken(id(SECRET));
		ApiKey first = service.importKey(token, NewApiKey.named("key"));
		id.set("latter");
		ApiKeyImport again = service.importIfAbsent(token, NewApiKey.named("key"));
		assertThat(again.isCreated()).isFalse();
		assertThat(again.getApiKey()).isEqualTo(first);
		assertThat(again.getDifferences()).containsExactly("keyId");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a|b", "acme_x" })
	void importWhenNoTokenCouldFindTheKeyThenRefusedWithAdvice(String id) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> this.service.importKey(
					ImportedApiKey.ofHash("pair", id, ImportedHash.sha256("0".repeat(64))), NewApiKey.named("key")))
			.withMessageContaining("what stands before the delimiter")
			.withMessageNotContaining(id);
	}

	@Test
	void importWhenTheFormatIsNotRegisteredThenAdvice() {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> this.service.importKey(ImportedApiKey.ofDjango("abc", "sha512$$" + "0".repeat(128)),
					NewApiKey.named("key")))
			.withMessageContaining("'django' is not registered")
			.withMessageContaining("ForeignTokenFormat")
			.withMessageContaining("DelimitedTokenFormat.django()");
	}

	private ImportedApiKey imported(String id) {
		return ImportedApiKey.ofHash("pair", id(id), ImportedHash
			.sha512("dc97d1755d27842d25d4755849776e4704aa7f469fe861538c26eddb0aaaa09a6caa7ab1e998a05d0571f2c34377afc1"
					+ "23aef33f0f7ee3647a1cbf1ef542d9a0"));
	}

	private String id(String id) {
		return id + this.owner.substring(6);
	}

	private ApiKeyQuery query() {
		return ApiKeyQuery.all().owner(this.owner);
	}

	private List<String> names(ApiKeyQuery query) {
		return this.service.list(query, Pageable.unpaged()).map(ApiKey::getName).toList();
	}

	private CreatedApiKey createInState(ApiKeyState state) {
		NewApiKey newApiKey = NewApiKey.named("key").owner(this.owner);
		return switch (state) {
			case ACTIVE -> this.service.create(newApiKey);
			case NOT_YET_VALID -> this.service.create(newApiKey.notBefore(NOW.plusSeconds(600)));
			case EXPIRED -> {
				CreatedApiKey created = this.service.create(newApiKey.expiresIn(Duration.ofSeconds(60)));
				this.clock.move(Duration.ofSeconds(60));
				yield created;
			}
			case DISABLED -> changed(this.service.create(newApiKey), this.service::disable);
			case REVOKED -> changed(this.service.create(newApiKey), this.service::revoke);
		};
	}

	private static CreatedApiKey changed(CreatedApiKey created, Consumer<UUID> change) {
		change.accept(created.apiKey().getId());
		return created;
	}

	private List<ApiKeyChange> changes(UUID id) {
		return this.events.stream()
			.filter(ApiKeyEvent.class::isInstance)
			.map(ApiKeyEvent.class::cast)
			.filter((event) -> event.getApiKeyId().equals(id))
			.map(ApiKeyEvent::getChange)
			.toList();
	}

	private List<ApiKeyRefusal> refusals() {
		return this.events.stream()
			.filter(ApiKeyRefusedEvent.class::isInstance)
			.map((event) -> ((ApiKeyRefusedEvent) event).getReason())
			.toList();
	}

	private static void assertRefused(String attribute, Runnable action) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class).isThrownBy(action::run)
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo(attribute));
	}

	/**
	 * A clock that stands still until somebody moves it.
	 */
	private static final class MovableClock extends Clock {

		private Instant now = NOW;

		void move(Duration time) {
			this.now = this.now.plus(time);
		}

		void moveTo(Instant now) {
			this.now = now;
		}

		@Override
		public Instant instant() {
			return this.now;
		}

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

	}

}
