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

import java.util.Map;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.ApiKeyAuthentication;
import io.github.apikeys.security.ApiKeyFactor;
import io.github.apikeys.test.host.HostApplication;
import io.github.apikeys.test.host.ShopController;
import io.github.apikeys.test.host.TenantApiKey;
import io.github.apikeys.test.host.TrialApiKey;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@WebMvcTest(controllers = ShopController.class,
		properties = { "api-key.scopes.[orders\\:read]=Read", "api-key.principal.metadata=plan" })
@ContextConfiguration(classes = HostApplication.class)
class WithMockApiKeyTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private ShopController shop;

	@Test
	@WithMockApiKey(scopes = "orders:*", owner = "org-42", displayName = "billing", type = TrialApiKey.class,
			metadata = "plan=gold=24")
	void withMockApiKeyThenWhatItSays() {
		ApiKeyAuthentication caller = (ApiKeyAuthentication) authentication();
		assertThat(caller.getAuthorities()).extracting(GrantedAuthority::getAuthority)
			.containsExactly("FACTOR_API_KEY", "SCOPE_orders:*", "SCOPE_orders:read");
		ApiKeyPrincipal key = ApiKeyFactor.find(caller);
		assertThat(key.displayName()).isEqualTo("billing");
		assertThat(key.metadata()).containsExactly(Map.entry("plan", "gold=24"));
		assertThat(key.owner()).isEqualTo("org-42");
		assertThat(key.scopes()).containsExactly("orders:*");
		assertThat(key.isOfType(TenantApiKey.class)).isTrue();
	}

	@Test
	@WithMockApiKey
	void withMockApiKeyWhenNothingIsSaidThenNoScopesAndNoOwner() {
		ApiKeyPrincipal key = ApiKeyFactor.find(authentication());
		assertThat(key.scopes()).isEmpty();
		assertThat(key.owner()).isNull();
		assertThat(key.type()).isEqualTo("api_key");
	}

	@Test
	@WithMockApiKey(scopes = "orders:write")
	void withMockApiKeyThenAnnotatedMethodsCanBeCalledDirectly() {
		assertThat(this.shop.order()).isEqualTo("ordered");
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(this.shop::permitted);
	}

	@Test
	@WithMockApiKey(type = TenantApiKey.class)
	void withMockApiKeyWhenTheHandlerWantsTheEntityThenTheTestIsToldWhatIsMissing() {
		assertThat(this.mvc.get().uri("/tenant")).failure()
			.rootCause()
			.hasMessageContaining("apiKey(created.apiKey())");
	}

	@Test
	void withoutItThenNobody() {
		assertThat(authentication()).isNull();
		assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class).isThrownBy(this.shop::order);
	}

	@Test
	@WithMockApiKey(scopes = "orders:read")
	void withMockApiKeyThenRequestsHaveItToo(@Autowired MockMvc mockMvc) {
		assertThat(this.mvc.get().uri("/orders")).hasStatus(200);
		assertThat(this.mvc.get().uri("/reports")).hasStatus(403);
		RestTestClient.bindTo(mockMvc).build().get().uri("/orders").exchange().expectStatus().isOk();
	}

	private static Authentication authentication() {
		return SecurityContextHolder.getContext().getAuthentication();
	}

}
