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

import java.util.List;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import jakarta.persistence.DiscriminatorValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKeyWithAnyScope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ApiKeyAuthorizationManagerTests {

	@Test
	void hasApiKeyWhenNoScopesThenAnyKey() {
		assertThat(isGranted(hasApiKey(), key())).isTrue();
		assertThat(isGranted(hasApiKey(), key("orders:read"))).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "orders:read,false", "orders:write,false", "orders:read orders:write,true", "orders:*,true",
			"orders,false", "*,true", "users:*,false" })
	void hasApiKeyWhenSeveralScopesThenAllOfThem(String granted, boolean expected) {
		assertThat(isGranted(hasApiKey("orders:read", "orders:write"), key(granted.split(" ")))).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource({ "orders:read,true", "orders:write,true", "orders:*,true", "orders:delete,false", "users:*,false" })
	void hasApiKeyWithAnyScopeThenOneOfThem(String granted, boolean expected) {
		assertThat(isGranted(hasApiKeyWithAnyScope("orders:read", "orders:write"), key(granted))).isEqualTo(expected);
	}

	@Test
	void reservedScopeThenOnlyByItsWholeName() {
		for (String grant : List.of("*", "api-keys:*", "api-keys", "api-keys:manage:*", "api-keys:manage")) {
			boolean expected = grant.equals("api-keys:manage");
			assertThat(isGranted(hasApiKey("api-keys:manage"), key(grant))).isEqualTo(expected);
			assertThat(isGranted(hasApiKeyWithAnyScope("api-keys:manage"), key(grant))).isEqualTo(expected);
			assertThat(new ApiKeyPermissionEvaluator().hasPermission(key(grant), "api-keys", "manage"))
				.isEqualTo(expected);
			assertThat(AuthorityUtils
				.authorityListToSet(ApiKeyAuthentication
					.of(StubApiKeyService.principal("key", grant), Set.of("api-keys:manage", "orders:read"))
					.getAuthorities())
				.contains("SCOPE_api-keys:manage")).isEqualTo(expected);
		}
	}

	@Test
	void hasApiKeyWhenTypeThenOnlyKeysOfIt() {
		assertThat(isGranted(hasApiKey(PartnerKey.class), key("partner", "orders:read"))).isTrue();
		assertThat(isGranted(hasApiKey(PartnerKey.class, "orders:read"), key("partner", "orders:read"))).isTrue();
		assertThat(isGranted(hasApiKey(PartnerKey.class, "orders:write"), key("partner", "orders:read"))).isFalse();
		assertThat(isGranted(hasApiKey(PartnerKey.class), key("api_key", "*"))).isFalse();
		assertThat(isGranted(hasApiKey(PartnerKey.class), key("Partner", "*"))).isFalse();
		assertThat(isGranted(hasApiKey(ApiKey.class), key("partner", "*"))).isTrue();
	}

	@Test
	void hasApiKeyWhenTypeHasNoNameThenAdvice() {
		assertThatIllegalArgumentException().isThrownBy(() -> hasApiKey(NamelessKey.class))
			.withMessageContaining("@DiscriminatorValue");
	}

	@Test
	void authorizeWhenNoKeyThenDeniedWhateverTheAuthorities() {
		Authentication user = new TestingAuthenticationToken("user", "", "FACTOR_API_KEY", "SCOPE_orders:read",
				"SCOPE_*");
		assertThat(isGranted(hasApiKey(), user)).isFalse();
		assertThat(isGranted(hasApiKey("orders:read"), user)).isFalse();
		assertThat(isGranted(hasApiKeyWithAnyScope("orders:read"), user)).isFalse();
		assertThat(isGranted(hasApiKey(), null)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "*", "orders:*", "Orders", "orders read", "", ":read", "SCOPE_orders:read" })
	void createWhenNotAScopeThenAdvice(String scope) {
		assertThatIllegalArgumentException().isThrownBy(() -> hasApiKey("orders:read", scope))
			.withMessageStartingWith("'" + scope + "' cannot be required of an API key")
			.withMessageContaining("'orders:read'");
		assertThatIllegalArgumentException().isThrownBy(() -> hasApiKeyWithAnyScope(scope))
			.withMessageStartingWith("'" + scope + "' cannot be required of an API key");
	}

	@Test
	void createWhenAnyOfNothingThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> hasApiKeyWithAnyScope())
			.withMessage("scopes cannot be empty");
	}

	@Test
	void toStringSaysWhatIsRequired() {
		assertThat(hasApiKey("orders:read"))
			.hasToString("ApiKeyAuthorizationManager [type=ApiKey, allScopes=[orders:read], anyScope=[]]");
	}

	private static boolean isGranted(AuthorizationManager<Object> manager, Authentication authentication) {
		return manager.authorize(() -> authentication, "anything").isGranted();
	}

	private static Authentication key(String... scopes) {
		return authentication(StubApiKeyService.principal("key", scopes));
	}

	private static Authentication key(String type, String scope) {
		return authentication(new ApiKeyPrincipal(UUID.randomUUID(), "id", "key", null, Set.of(scope), type));
	}

	private static Authentication authentication(ApiKeyPrincipal principal) {
		return new ApiKeyAuthentication(principal, List.of(new ApiKeyFactor(principal)));
	}

	@DiscriminatorValue("partner")
	static class PartnerKey extends ApiKey {

	}

	static class NamelessKey extends PartnerKey {

	}

}
