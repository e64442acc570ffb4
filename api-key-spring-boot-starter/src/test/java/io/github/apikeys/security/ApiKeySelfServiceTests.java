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

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyScopes;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.host.HostApplication;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

	private static final Set<String> SCOPES = Set.of("a", "a:b", "a:b:c", "a:bc", "ab", "b:a");

	private static final List<String> GRANTS = List.of("a", "a:b", "a:b:c", "a:bc", "ab", "b:a", "a:*", "a:b:*", "b:*",
			"*");

	private static final AtomicInteger number = new AtomicInteger();

	private static ConfigurableApplicationContext application;

	private final ApiKeyService apiKeys = application.getBean(ApiKeyService.class);

	private final ApiKeySelfService own = new ApiKeySelfService(this.apiKeys);

	private String user;

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
		this.user = "user-" + number.incrementAndGet();
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
		assertThat(created.apiKey().getOwner()).isEqualTo(this.user);
		this.own.create(NewApiKey.named("mine").owner(this.user));
		assertThat(this.own.list(Pageable.unpaged())).hasSize(2)
			.allSatisfy((key) -> assertThat(key.getOwner()).isEqualTo(this.user));
		denied(() -> this.own.create(NewApiKey.named("theirs").owner("somebody")));
		denied(() -> this.own.create(new ApiKey() {
		}, NewApiKey.named("theirs").owner("somebody")));
		assertThat(this.apiKeys.list(ApiKeyQuery.all().owner("somebody"), Pageable.unpaged())).isEmpty();
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
		UUID id = this.apiKeys.create(NewApiKey.named("mine").owner(this.user).scopes("users:read", "orders:read"))
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
		UUID id = this.apiKeys.create(NewApiKey.named("mine").owner(this.user).scopes("users:read")).apiKey().getId();
		denied(() -> this.own.rotate(id, Duration.ZERO));
		this.own.disable(id);
		denied(() -> this.own.enable(id));
		assertThat(this.own.revoke(id, "mine no more").getRevokedAt()).isNotNull();
		UUID usual = this.own.create(NewApiKey.named("mine").scopes("orders:read")).apiKey().getId();
		this.own.disable(usual);
		this.own.enable(usual);
		assertThat(this.own.rotate(usual, Duration.ZERO).apiKey().getOwner()).isEqualTo(this.user);
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
				.isThrownBy(() -> this.own.create(NewApiKey.named("another").owner(this.user)));
		}
		assertThat(this.apiKeys.find(id)).get().extracting(ApiKey::getRevokedAt).isNull();
		assertThat(this.apiKeys.list(ApiKeyQuery.all().owner(this.user), Pageable.unpaged())).hasSize(1);
	}

	@Test
	void manageWhenAuthenticatedByAKeyThenDeniedUnlessAllowed() {
		UUID id = this.own.create(NewApiKey.named("mine")).apiKey().getId();
		ApiKeyPrincipal principal = new ApiKeyPrincipal(id, this.user, "key", this.user, Set.of("*"), "api_key");
		SecurityContextHolder.getContext()
			.setAuthentication(new ApiKeyAuthentication(principal,
					List.of(new ApiKeyFactor(principal), new SimpleGrantedAuthority("SCOPE_orders:read"))));
		every(id).forEach(ApiKeySelfServiceTests::denied);
		denied(() -> this.own.create(NewApiKey.named("child").scopes("orders:read")));
		assertThat(this.apiKeys.find(id)).get().extracting(ApiKey::getRevokedAt).isNull();
		this.own.setKeysAllowed(true);
		this.own.setOwner((authentication) -> ApiKeyFactor.find(authentication).owner());
		denied(() -> this.own.create(NewApiKey.named("mine").scopes("orders:write")));
		assertThat(this.own.create(NewApiKey.named("mine").scopes("orders:read")).apiKey().getOwner())
			.isEqualTo(this.user);
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
				() -> this.own.revoke(id, null));
	}

	private static void denied(ThrowingCallable action) {
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(action);
	}

	private static void signIn(String name, String... authorities) {
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken(name, "", authorities));
	}

}
