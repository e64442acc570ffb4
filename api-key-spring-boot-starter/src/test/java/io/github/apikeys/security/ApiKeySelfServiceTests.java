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

package io.github.apikeys.security;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyOwners;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyScopes;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyUpdate;
import io.github.apikeys.core.ApiKeyVersionConflictException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.RefusalLog;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.host.HostApplication;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.data.domain.Pageable;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ApiKeySelfServiceTests {

	private static final Set<String> SCOPES = Set.of("a", "a:b", "a:b:c", "a:bc", "ab", "b:a", "api-keys:manage");

	private static final List<String> GRANTS = List.of("a", "a:b", "a:b:c", "a:bc", "ab", "b:a", "a:*", "a:b:*", "b:*",
			"*", "api-keys:manage");

	private static final AtomicInteger number = new AtomicInteger();

	private static ConfigurableApplicationContext application;

	private final JpaApiKeyService apiKeys = application.getBean(JpaApiKeyService.class);

	private final ApiKeySelfService own = new ApiKeySelfService(this.apiKeys);

	private String user;

	private String owner;

	@BeforeAll
	static void start() {
		application = new SpringApplicationBuilder(HostApplication.class).web(WebApplicationType.NONE)
			.run("--spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID(), "--spring.flyway.enabled=false");
	}

	@AfterAll
	static void stop() {
		application.close();
	}

	@BeforeEach
	void signIn() {
		// no name is the beginning of another one to which a test adds something
		this.user = "user-" + number.incrementAndGet() + "-of-one-test";
		this.owner = ApiKeyOwners.ofUser(this.user);
		signIn(this.user, "SCOPE_orders:*", "ROLE_USER");
	}

	@AfterEach
	void signOut() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void createThenTheUserIsTheOwner() {
		CreatedApiKey created = this.own
			.create(NewApiKey.named("mine").scopes("orders:read", "orders:*", "orders:items:*"));
		assertThat(created.apiKey().getOwner()).isEqualTo("user:" + this.user).isEqualTo(this.owner);
		this.own.create(NewApiKey.named("mine").userOwner(this.owner));
		assertThat(this.own.list(Pageable.unpaged())).hasSize(2)
			.allSatisfy((key) -> assertThat(key.getOwner()).isEqualTo(this.owner));
		denied(() -> this.own.create(NewApiKey.named("theirs").owner("somebody")));
		denied(() -> this.own.create(NewApiKey.named("theirs").owner(this.user)));
		denied(() -> this.own.create(NewApiKey.named("theirs").userOwner(this.owner + "0")));
		denied(() -> this.own.create(new ApiKey() {
		}, NewApiKey.named("theirs").owner("somebody")));
		assertThat(this.apiKeys.list(ApiKeyQuery.all().owner("somebody"), Pageable.unpaged())).isEmpty();
	}

	@Test
	void createThenTheDescriptionStaysAsTheCallerMadeIt() {
		NewApiKey template = NewApiKey.named("template").scopes("orders:read").metadata("team", "a");
		UUID mine = this.own.create(template).apiKey().getId();
		assertThat(template.getOwner()).isNull();
		signIn("another-" + this.user, "SCOPE_orders:*");
		assertThat(this.own.create(template).apiKey()).satisfies((key) -> {
			assertThat(key.getOwner()).isEqualTo(ApiKeyOwners.ofUser("another-" + this.user));
			assertThat(key.getScopes()).containsExactly("orders:read");
			assertThat(key.getMetadata()).containsExactly(Map.entry("team", "a"));
		});
		assertThat(this.apiKeys.find(mine)).get().extracting(ApiKey::getOwner).isEqualTo(this.owner);
	}

	@ParameterizedTest
	@ValueSource(strings = { "create", "update", "rotate", "enable" })
	void scopeWhenItIsNotTheUsersThenTheExceptionAndOneLineNameIt(String change) {
		UUID id = givenTo(this.owner, "users:read").getId();
		this.own.disable(id);
		List<String> lines = linesOf(
				() -> assertThatExceptionOfType(ScopeNotGrantableException.class).isThrownBy(() -> {
					switch (change) {
						case "create" -> this.own.create(NewApiKey.named("mine").scopes("orders:read", "users:read"));
						case "update" -> this.own.update(id, (update) -> update.rateLimits("unlimited"));
						case "rotate" -> this.own.rotate(id, Duration.ZERO);
						default -> this.own.enable(id);
					}
				}).satisfies((ex) -> assertThat(ex.getScope()).isEqualTo("users:read")));
		assertThat(lines).singleElement()
			.asString()
			.contains("'" + this.owner + "'", "'users:read'", "can grant [orders:*]");
	}

	@Test
	void ownerWhenNotTheUserThenOneLineSaysSo() {
		assertThat(linesOf(() -> denied(() -> this.own.create(NewApiKey.named("theirs").owner("secret-partner")))))
			.singleElement()
			.asString()
			.contains("'" + this.owner + "'", "another owner")
			.doesNotContain("secret-partner");
	}

	private static List<String> linesOf(Runnable action) {
		Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.NAME);
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.start();
		logger.addAppender(log);
		logger.setLevel(Level.DEBUG);
		try {
			action.run();
		}
		finally {
			logger.setLevel(null);
			logger.detachAppender(log);
		}
		return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
	}

	@Test
	void listThenKeysThatHaveNotEndedOrThoseInTheStatesThatAreAskedFor() {
		ApiKey active = this.own.create(NewApiKey.named("active")).apiKey();
		ApiKey later = this.own.create(NewApiKey.named("later").notBefore(Instant.now().plusSeconds(60))).apiKey();
		ApiKey disabled = this.own.create(NewApiKey.named("disabled")).apiKey();
		this.own.disable(disabled.getId());
		ApiKey revoked = this.own.create(NewApiKey.named("revoked")).apiKey();
		this.own.revoke(revoked.getId(), null);
		ApiKey rotated = this.own.create(NewApiKey.named("rotated")).apiKey();
		ApiKey successor = this.own.rotate(rotated.getId(), Duration.ZERO).apiKey();
		this.apiKeys.create(NewApiKey.named("theirs").userOwner(this.owner + "0"));
		assertThat(this.own.list(Pageable.unpaged())).containsExactlyInAnyOrder(active, later, disabled, successor);
		assertThat(this.own.list(EnumSet.allOf(ApiKeyState.class), Pageable.unpaged())).hasSize(6);
		assertThat(this.own.list(Set.of(ApiKeyState.REVOKED, ApiKeyState.EXPIRED), Pageable.unpaged()))
			.containsExactlyInAnyOrder(revoked, rotated);
		assertThat(this.own.list(Set.of(ApiKeyState.NOT_YET_VALID), Pageable.unpaged())).containsExactly(later)
			.allSatisfy((key) -> assertThat(key.getState()).isEqualTo(ApiKeyState.NOT_YET_VALID));
		assertThat(this.own.list(Set.of(), Pageable.unpaged())).isEmpty();
	}

	@Test
	void everyChangeThenTheKeyAsItIsNow() {
		ApiKey apiKey = this.own.create(NewApiKey.named("mine")).apiKey();
		assertThat(this.own.update(apiKey.getId(), (change) -> change.name("renamed")).getName()).isEqualTo("renamed");
		assertThat(this.own.disable(apiKey.getId()).getState(Instant.now())).isEqualTo(ApiKeyState.DISABLED);
		assertThat(this.own.enable(apiKey.getId()).getState(Instant.now())).isEqualTo(ApiKeyState.ACTIVE);
	}

	@Test
	void settersWhenTheValueIsImpossibleThenFail() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.own.setOwner(null));
		assertThatIllegalArgumentException().isThrownBy(() -> this.own.setGrantableScopes(null));
		assertThatIllegalArgumentException().isThrownBy(() -> this.own.setSecurityContextHolderStrategy(null));
		this.own.setOwner((user) -> " ");
		assertThatIllegalArgumentException().isThrownBy(() -> this.own.create(NewApiKey.named("mine")));
	}

	@Test
	void createWhenAScopeIsNotTheCreatorsThenDenied() {
		for (String scope : List.of("*", "users:read", "orders", "order:read", "orders-all:read")) {
			denied(() -> this.own.create(NewApiKey.named("mine").scopes("orders:read", scope)));
		}
		signIn(this.user, "ROLE_USER", "orders:read", "SCOPE_orders:read");
		denied(() -> this.own.create(NewApiKey.named("mine").scopes("orders:*")));
		denied(() -> this.own.create(NewApiKey.named("mine").scopes("orders:write")));
		assertThat(this.own.create(NewApiKey.named("mine").scopes("orders:read")).apiKey().getScopes())
			.containsExactly("orders:read");
		assertThat(this.own.list(Pageable.unpaged())).hasSize(1);
	}

	@Test
	void keysOfOthersDoNotExist() {
		UUID theirs = this.apiKeys.create(NewApiKey.named("theirs").owner("other-" + this.user)).apiKey().getId();
		UUID nobodys = this.apiKeys.create(NewApiKey.named("nobody's")).apiKey().getId();
		for (UUID id : List.of(theirs, nobodys, UUID.randomUUID())) {
			every(id).forEach((action) -> assertThatExceptionOfType(ApiKeyNotFoundException.class).isThrownBy(action)
				.withMessageContaining(id.toString()));
		}
		assertThat(this.apiKeys.find(theirs)).get()
			.extracting(ApiKey::getName, ApiKey::getRevokedAt, ApiKey::getDisabledAt)
			.containsExactly("theirs", null, null);
	}

	@Test
	void updateThenScopesMayBeKeptAndTakenAwayButNotAdded() {
		UUID id = this.apiKeys.create(NewApiKey.named("mine").userOwner(this.owner).scopes("users:read", "orders:read"))
			.apiKey()
			.getId();
		this.own.update(id, (change) -> change.name("renamed"));
		this.own.update(id, (change) -> change.scopes("users:read", "orders:write"));
		assertThat(this.own.find(id).getScopes()).containsExactly("orders:write", "users:read");
		denied(() -> this.own.update(id, (change) -> change.scopes("users:read", "users:write")));
		this.own.update(id, (change) -> change.scopes("orders:write"));
		denied(() -> this.own.update(id, (change) -> change.scopes("users:read")));
		assertThat(this.own.find(id).getName()).isEqualTo("renamed");
	}

	@Test
	void rotateAndEnableWhenTheKeyHasMoreThanItsOwnerThenDenied() {
		UUID id = givenTo(this.owner, "users:read").getId();
		denied(() -> this.own.rotate(id, Duration.ZERO));
		this.own.disable(id);
		denied(() -> this.own.enable(id));
		assertThat(this.own.revoke(id, "mine no more").getRevokedAt()).isNotNull();
		assertThat(this.own.delete(id).getOwner()).isEqualTo(this.owner);
		UUID usual = this.own.create(NewApiKey.named("mine").scopes("orders:read")).apiKey().getId();
		this.own.disable(usual);
		this.own.enable(usual);
		assertThat(this.own.rotate(usual, Duration.ZERO).apiKey().getOwner()).isEqualTo(this.owner);
	}

	/**
	 * Between the look at the key and the act.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "enable", "rotate", "update" })
	void changeWhenTheKeyGetsMoreAtTheSameTimeThenRefused(String change) {
		UUID id = this.own.create(NewApiKey.named("mine").scopes("orders:read")).apiKey().getId();
		ApiKeySelfService late = new ApiKeySelfService(before(change, () -> {
			this.apiKeys.update(id, (theirs) -> theirs.scopes("orders:read", "users:write").rateLimits("1/1m"));
			this.apiKeys.disable(id);
		}));
		denied(() -> {
			switch (change) {
				case "enable" -> late.enable(id);
				case "rotate" -> late.rotate(id, Duration.ZERO);
				default -> late.update(id, (update) -> update.rateLimits("9/1m"));
			}
		});
		ApiKey key = this.apiKeys.find(id).orElseThrow();
		assertThat(key.getDisabledAt()).isNotNull();
		assertThat(key.getSuccessorId()).isNull();
		assertThat(this.apiKeys.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged())).hasSize(1);
	}

	/**
	 * A service before which something else happens.
	 */
	private ApiKeyService before(String change, Runnable other) {
		return (ApiKeyService) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { ApiKeyService.class }, (proxy, method, arguments) -> {
					if (method.getName().equals(change)) {
						other.run();
					}
					try {
						return method.invoke(this.apiKeys, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
	}

	@Test
	void manageWhenNobodyIsSignedInThenRefused() {
		UUID id = this.own.create(NewApiKey.named("mine")).apiKey().getId();
		for (Authentication nobody : new Authentication[] { null,
				new AnonymousAuthenticationToken("key", this.user,
						AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS")),
				new TestingAuthenticationToken(this.user, "") }) {
			SecurityContextHolder.getContext().setAuthentication(nobody);
			every(id).forEach((action) -> assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class)
				.isThrownBy(action));
			assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class)
				.isThrownBy(() -> this.own.create(NewApiKey.named("another").userOwner(this.owner)));
		}
		assertThat(this.apiKeys.find(id)).get().extracting(ApiKey::getRevokedAt).isNull();
		assertThat(this.apiKeys.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged())).hasSize(1);
	}

	@Test
	void manageWhenAuthenticatedByAKeyThenDenied() {
		UUID id = this.own.create(NewApiKey.named("mine")).apiKey().getId();
		ApiKeyPrincipal principal = new ApiKeyPrincipal(id, this.user, "key", this.user, Set.of("*"), "api_key");
		SecurityContextHolder.getContext()
			.setAuthentication(new ApiKeyAuthentication(principal,
					List.of(new ApiKeyFactor(principal), new SimpleGrantedAuthority("SCOPE_orders:read"))));
		every(id).forEach(ApiKeySelfServiceTests::denied);
		denied(() -> this.own.create(NewApiKey.named("child").scopes("orders:read")));
		denied(() -> this.own.list(Pageable.unpaged()));
		assertThat(this.apiKeys.find(id)).get().extracting(ApiKey::getRevokedAt).isNull();
	}

	/**
	 * The owner of an organization's keys may be a text that a user has as a name.
	 */
	@Test
	void keysOfAnOwnerThatIsCalledLikeTheUserDoNotExist() {
		UUID organizations = this.apiKeys.create(NewApiKey.named("theirs").owner(this.user)).apiKey().getId();
		assertThat(this.own.list(Pageable.unpaged())).isEmpty();
		every(organizations)
			.forEach((action) -> assertThatExceptionOfType(ApiKeyNotFoundException.class).isThrownBy(action));
		UUID mine = this.own.create(NewApiKey.named("mine")).apiKey().getId();
		for (String other : List.of(this.user.toUpperCase(Locale.ROOT), this.user + " ", " " + this.user,
				this.user + "\u00a0", "user:" + this.user)) {
			signIn(other, "SCOPE_*");
			assertThat(this.own.list(Pageable.unpaged())).isEmpty();
			assertThatExceptionOfType(ApiKeyNotFoundException.class).isThrownBy(() -> this.own.find(mine));
		}
	}

	@Test
	void updateWhenTheUserHasLostAScopeThenTheKeyIsNotExtended() {
		UUID id = extendable("users:read", "orders:read");
		List<Consumer<ApiKeyUpdate>> extensions = List.of((change) -> change.expiresAt(null),
				(change) -> change.expiresAt(Instant.now().plus(Duration.ofDays(9))),
				(change) -> change.allowedAddresses(List.of()),
				(change) -> change.allowedAddresses(List.of("203.0.113.0/24")),
				(change) -> change.rateLimits("unlimited"), (change) -> change.rateLimits(null),
				(change) -> change.rateLimits("11/1m"), (change) -> change.quota(null), (change) -> change.quota(11L));
		for (Consumer<ApiKeyUpdate> extension : extensions) {
			denied(() -> this.own.update(id, extension));
			denied(() -> this.own.update(id, extension.andThen((change) -> change.name("renamed"))));
			denied(() -> this.own.update(id, extension.andThen((change) -> change.scopes("users:read"))));
		}
		ApiKey narrowed = this.own.update(id,
				(change) -> change.name("renamed")
					.description("text")
					.expiresAt(Instant.now().plus(Duration.ofHours(1)))
					.allowedAddresses(List.of("203.0.113.7"))
					.rateLimits("10/1m")
					.quota(9L));
		assertThat(narrowed.getScopes()).containsExactly("orders:read", "users:read");
		for (Consumer<ApiKeyUpdate> extension : extensions) {
			ApiKey extended = this.own.update(extendable("users:read", "orders:read"),
					extension.andThen((change) -> change.scopes("orders:read")));
			assertThat(extended.getScopes()).containsExactly("orders:read");
		}
	}

	@Test
	void updateWhenTheKeyIsExpiredAndAScopeIsLostThenItDoesNotComeBack() {
		CreatedApiKey created = createExpired(NewApiKey.named("key").userOwner(this.owner).scopes("users:read"));
		assertThat(this.apiKeys.verify(created.token())).isEmpty();
		UUID id = created.apiKey().getId();
		denied(() -> this.own.update(id, (change) -> change.expiresAt(null)));
		denied(() -> this.own.update(id,
				(change) -> change.expiresAt(null).allowedAddresses(List.of()).rateLimits("unlimited").quota(null)));
		assertThat(this.apiKeys.verify(created.token())).isEmpty();
	}

	private CreatedApiKey createExpired(NewApiKey newApiKey) {
		this.apiKeys.setClock(Clock.offset(Clock.systemUTC(), Duration.ofHours(-1)));
		try {
			return this.apiKeys.create(newApiKey.expiresIn(Duration.ofMinutes(1)));
		}
		finally {
			this.apiKeys.setClock(Clock.systemUTC());
		}
	}

	private UUID extendable(String... scopes) {
		return this.apiKeys
			.create(NewApiKey.named("key")
				.userOwner(this.owner)
				.scopes(scopes)
				.expiresIn(Duration.ofDays(1))
				.allowedAddresses("203.0.113.7", "203.0.113.8")
				.rateLimits("10/1m")
				.quota(10))
			.apiKey()
			.getId();
	}

	@Test
	void updateWhenTheApplicationExpectsAVersionThenTheGuardIsNotReplaced() {
		UUID id = givenTo(this.owner, "users:read", "orders:read").getId();
		for (long difference : List.of(-1L, 1L, 2L)) {
			assertThatExceptionOfType(ApiKeyVersionConflictException.class).isThrownBy(() -> this.own.update(id,
					(change) -> change.name("renamed").expectVersion(this.own.find(id).getVersion() + difference)));
		}
		assertThat(this.own.update(id, (change) -> change.name("renamed").expectVersion(0)).getVersion()).isOne();
		denied(() -> this.own.update(id, (change) -> {
			this.apiKeys.update(id, (theirs) -> theirs.scopes("orders:read"));
			change.scopes("users:read", "orders:read").name("again").expectVersion(2);
		}));
		assertThat(this.own.find(id).getScopes()).containsExactly("orders:read");
	}

	@Test
	void reservedScopesAreNeverGivenByAUser() {
		signIn(this.user, "SCOPE_*", "SCOPE_api-keys:manage", "SCOPE_api-keys:*");
		this.own.setGrantableScopes((authentication) -> List.of("*", "api-keys:manage", "api-keys:verify"));
		denied(() -> this.own.create(NewApiKey.named("mine").scopes("api-keys:manage")));
		denied(() -> this.own.create(NewApiKey.named("mine").scopes("api-keys:verify")));
		UUID mine = this.own.create(NewApiKey.named("mine").scopes("*")).apiKey().getId();
		denied(() -> this.own.update(mine, (change) -> change.scopes("*", "api-keys:manage")));
		UUID given = givenTo(this.owner, "api-keys:manage").getId();
		denied(() -> this.own.rotate(given, Duration.ZERO));
		denied(() -> this.own.update(given, (change) -> change.rateLimits("unlimited")));
		this.own.disable(given);
		denied(() -> this.own.enable(given));
	}

	private ApiKey givenTo(String owner, String... scopes) {
		return this.apiKeys.create(NewApiKey.named("mine").userOwner(owner).scopes(scopes)).apiKey();
	}

	/**
	 * Whatever users lose, get and do: what they do to a key that gives it anything
	 * leaves it with scopes that they have.
	 */
	@Test
	void extendThenNeverWithMoreThanTheUserHas() {
		Random random = new Random(13);
		int extended = 0;
		for (int round = 0; round < 40; round++) {
			String owner = ApiKeyOwners.ofUser(this.user + "-" + round);
			for (int i = 0; i < 3; i++) {
				UUID id = this.apiKeys
					.create(NewApiKey.named("key")
						.userOwner(owner)
						.scopes(grants(random))
						.expiresIn(Duration.ofDays(2))
						.allowedAddresses("203.0.113.7")
						.rateLimits("10/1m")
						.quota(10))
					.apiKey()
					.getId();
				if (random.nextBoolean()) {
					this.apiKeys.disable(id);
				}
			}
			for (int step = 0; step < 8; step++) {
				Set<String> held = grants(random);
				signIn(this.user + "-" + round, held.stream().map((scope) -> "SCOPE_" + scope).toArray(String[]::new));
				List<ApiKey> keys = this.own.list(Pageable.unpaged()).getContent();
				ApiKey before = keys.get(random.nextInt(keys.size()));
				try {
					ApiKey after = changeSomehow(random, before.getId());
					if (isMore(before, after)) {
						extended++;
						assertThat(after.getScopes()).allMatch((scope) -> ApiKeyScopes.covers(held, scope));
					}
					assertThat(after.getScopes())
						.allMatch((scope) -> ApiKeyScopes.covers(held, scope) || before.getScopes().contains(scope));
				}
				catch (AccessDeniedException | ApiKeyRotationException | InvalidApiKeyAttributeException ex) {
					// as it should be
				}
			}
		}
		assertThat(extended).isGreaterThan(30);
	}

	private ApiKey changeSomehow(Random random, UUID id) {
		return switch (random.nextInt(4)) {
			case 0 -> this.own.enable(id);
			case 1 -> this.own.rotate(id, Duration.ofDays(1)).apiKey();
			default -> this.own.update(id, (change) -> {
				if (random.nextInt(3) == 0) {
					change.scopes(grants(random));
				}
				switch (random.nextInt(5)) {
					case 0 -> change.expiresAt(Instant.now().plus(Duration.ofDays(1 + random.nextInt(3))));
					case 1 -> change.allowedAddresses(random.nextBoolean() ? List.of() : List.of("203.0.113.8"));
					case 2 -> change.rateLimits(random.nextBoolean() ? "20/1m" : null);
					case 3 -> change.quota(random.nextBoolean() ? null : Long.valueOf(random.nextInt(20)));
					default -> change.name("renamed");
				}
			});
		};
	}

	private static boolean isMore(ApiKey before, ApiKey after) {
		return !before.getId().equals(after.getId())
				|| (before.getDisabledAt() != null && after.getDisabledAt() == null)
				|| isLater(before.getExpiresAt(), after.getExpiresAt())
				|| (!before.getAllowedAddresses().isEmpty()
						&& !after.getAllowedAddresses().equals(before.getAllowedAddresses()))
				|| !Objects.equals(String.valueOf(before.getRateLimits()), String.valueOf(after.getRateLimits()))
				|| (before.getQuota() != null && (after.getQuota() == null || after.getQuota() > before.getQuota()));
	}

	private static boolean isLater(Instant before, Instant after) {
		return before != null && (after == null || after.isAfter(before));
	}

	/**
	 * Whatever is asked for and in which way.
	 */
	@Test
	void scopesThenNeverMoreThanTheCreatorHas() {
		Random random = new Random(7);
		int granted = 0;
		for (int round = 0; round < 300; round++) {
			Set<String> held = grants(random);
			String creator = this.user + "-" + round;
			signIn(creator, held.stream().map((scope) -> "SCOPE_" + scope).toArray(String[]::new));
			List<String> tokens = new ArrayList<>();
			for (int step = 0; step < 4; step++) {
				try {
					tokens.addAll(change(random));
				}
				catch (AccessDeniedException | ApiKeyRotationException ex) {
					// as it should be
				}
			}
			for (String token : tokens) {
				ApiKeyPrincipal key = this.apiKeys.verify(token).orElse(null);
				if (key == null) {
					// somebody switched it off, and may not switch it on again
					continue;
				}
				Set<String> authorities = AuthorityUtils
					.authorityListToSet(new ApiKeyAuthenticationProvider(() -> this.apiKeys, SCOPES)
						.authenticate(new ApiKeyAuthenticationToken(token))
						.getAuthorities());
				for (String scope : SCOPES) {
					if (key.hasScope(scope) || authorities.contains("SCOPE_" + scope)) {
						granted++;
						assertThat(held).as("%s of %s", scope, creator)
							.anyMatch((grant) -> ApiKeyScopes.covers(grant, scope));
					}
				}
			}
		}
		assertThat(granted).isGreaterThan(200);
	}

	/**
	 * Changes something, or makes a key.
	 * @return new tokens
	 */
	private List<String> change(Random random) {
		List<ApiKey> keys = this.own.list(Pageable.unpaged()).getContent();
		if (keys.isEmpty() || random.nextInt(3) == 0) {
			return List.of(this.own.create(NewApiKey.named("key").scopes(grants(random))).token());
		}
		UUID id = keys.get(random.nextInt(keys.size())).getId();
		switch (random.nextInt(3)) {
			case 0 -> {
				return List.of(this.own.rotate(id, Duration.ofDays(1)).token());
			}
			case 1 -> this.own.update(id, (change) -> change.scopes(grants(random)));
			default -> {
				this.own.disable(id);
				this.own.enable(id);
			}
		}
		return List.of();
	}

	private static Set<String> grants(Random random) {
		return random.ints(random.nextInt(4), 0, GRANTS.size()).mapToObj(GRANTS::get).collect(Collectors.toSet());
	}

	@Test
	void ownerAndScopesCanComeFromElsewhere() {
		this.own.setOwner((authentication) -> "org-of-" + authentication.getName());
		this.own.setGrantableScopes((authentication) -> Set.of("users:read"));
		assertThat(this.own.create(NewApiKey.named("mine").scopes("users:read")).apiKey().getOwner())
			.isEqualTo("org-of-" + this.user);
		denied(() -> this.own.create(NewApiKey.named("mine").scopes("orders:read")));
	}

	private Stream<ThrowingCallable> every(UUID id) {
		return Stream.of(() -> this.own.find(id), () -> this.own.update(id, (change) -> change.name("x")),
				() -> this.own.rotate(id, Duration.ZERO), () -> this.own.disable(id), () -> this.own.enable(id),
				() -> this.own.revoke(id, null), () -> this.own.delete(id));
	}

	private static void denied(ThrowingCallable action) {
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(action);
	}

	private static void signIn(String name, String... authorities) {
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken(name, "", authorities));
	}

}
