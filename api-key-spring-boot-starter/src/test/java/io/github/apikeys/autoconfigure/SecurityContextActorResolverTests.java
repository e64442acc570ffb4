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

package io.github.apikeys.autoconfigure;

import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyActor;
import io.github.apikeys.core.ApiKeyPrincipal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.core.context.SecurityContextImpl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

class SecurityContextActorResolverTests {

	@Test
	void resolveWhenSomebodyIsSignedInThenNamedAsAUser() {
		ApiKeyActor actor = resolve(new TestingAuthenticationToken("alice", "secret", "ROLE_USER"));
		assertThat(actor.getName()).isEqualTo("user:alice");
		assertThat(actor.getAddress()).isEqualTo("192.0.2.1");
		assertThat(actor.toString()).doesNotContain("secret");
	}

	@Test
	void resolveWhenAKeyIsUsedThenItIsNamedAsAKey() {
		ApiKeyPrincipal key = new ApiKeyPrincipal(UUID.randomUUID(), "alice", "billing", null, Set.of(), "api_key");
		assertThat(resolve(new TestingAuthenticationToken(key, null, "FACTOR_API_KEY")).getName())
			.isEqualTo("api-key:alice");
	}

	@ParameterizedTest
	@ValueSource(strings = { "api-key:alice", "API-KEY:alice", " api-key:alice", "api-\0key:alice",
			"user:api-key:alice", "\u200Bapi-key:alice", "\u00A0api-key:alice", "ap\u00ADi-key:alice",
			"api\u2060-key:alice", "\uFEFFapi-key:alice", "\u202Fapi-key:alice", "\u0001api-key:alice",
			"api\u2011key:alice", "\uFF41pi-key\uFF1Aalice", "api-key\u034F:alice", "appli\u200Dcation", "application",
			"Application", "\u0430pi-key:alice", "api-key\uA789alice", "api-key\u02D0alice", "appIication",
			"The application" })
	void resolveWhenAUserIsCalledLikeAKeyOrTheApplicationThenNamedAsAUser(String name) {
		assertThat(resolve(new TestingAuthenticationToken(name, "secret", "ROLE_USER")).getName())
			.isEqualTo("user:" + name.replace("\0", ""));
	}

	@Test
	void resolveWhenNobodyIsSignedInThenNobody() {
		assertThat(resolve(null).getName()).isNull();
		assertThat(resolve(new AnonymousAuthenticationToken("key", "anonymousUser",
				AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS")))
			.getName()).isNull();
		assertThat(resolve(new TestingAuthenticationToken("alice", "secret")).getName()).isNull();
	}

	private static ApiKeyActor resolve(Authentication authentication) {
		SecurityContextHolderStrategy strategy = mock(SecurityContextHolderStrategy.class);
		given(strategy.getContext()).willReturn(new SecurityContextImpl(authentication));
		return new SecurityContextActorResolver(strategy, () -> "192.0.2.1").resolve();
	}

}
