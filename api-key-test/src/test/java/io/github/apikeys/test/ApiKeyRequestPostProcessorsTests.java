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
import java.util.UUID;

import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.ApiKeyAuthentication;
import io.github.apikeys.test.host.HostApplication;
import io.github.apikeys.test.host.ShopController;
import io.github.apikeys.test.host.TenantApiKey;
import io.github.apikeys.test.host.TrialApiKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.client.MockMvcWebTestClient;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.web.context.WebApplicationContext;

import static io.github.apikeys.test.ApiKeyRequestPostProcessors.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

@WebMvcTest(controllers = ShopController.class,
		properties = { "api-key.principal.metadata=plan", "api-key.scopes.[orders\\:read]=Read",
				"api-key.scopes.[orders\\:write]=Write", "api-key.scopes.[reports\\:read]=Read",
				"api-key.scopes.[invoices\\:read]=Read" })
@ContextConfiguration(classes = HostApplication.class)
class ApiKeyRequestPostProcessorsTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private InMemoryApiKeyService apiKeys;

	@Test
	void apiKeyThenTheCallerIsTheSameAsWithAKeyInAHeader() {
		CreatedApiKey created = this.apiKeys.create(new TrialApiKey("acme"),
				NewApiKey.named("billing")
					.owner("org-42")
					.scopes("orders:*", "reports:read")
					.rateLimits("unlimited")
					.metadata("plan", "gold")
					.metadata("contact", "Ann")
					.quota(9));
		ApiKeyAuthentication real = caller(this.mvc.get().uri("/me").header("X-API-Key", created.token()).exchange());
		ApiKeyAuthentication mocked = caller(this.mvc.get().uri("/me").with(apiKey(created.apiKey())).exchange());
		// only a presented key has a request to which it belongs
		assertThat(mocked).usingRecursiveComparison()
			.ignoringFieldsMatchingRegexes(".*verifiedRequest.*")
			.isEqualTo(real);
		assertThat(mocked.getPrincipal().metadata()).containsExactly(Map.entry("plan", "gold"));
		assertThat(mocked.getAuthorities()).extracting(GrantedAuthority::getAuthority)
			.containsExactly("FACTOR_API_KEY", "SCOPE_orders:*", "SCOPE_reports:read", "SCOPE_orders:read",
					"SCOPE_orders:write");
	}

	@Test
	void apiKeyThenWhatWasSaidOfIt() {
		UUID id = UUID.randomUUID();
		ApiKeyAuthentication caller = caller(this.mvc.get()
			.uri("/me")
			.with(apiKey().id(id)
				.keyId("7Hq2mVx9Lp4s")
				.displayName("billing")
				.owner("org-42")
				.scopes("orders:read")
				.metadata("plan", "gold")
				.type(TrialApiKey.class))
			.exchange());
		assertThat(caller.getName()).isEqualTo("7Hq2mVx9Lp4s");
		assertThat(caller.getPrincipal()).satisfies((key) -> {
			assertThat(key.id()).isEqualTo(id);
			assertThat(key.displayName()).isEqualTo("billing");
			assertThat(key.owner()).isEqualTo("org-42");
			assertThat(key.scopes()).containsExactly("orders:read");
			assertThat(key.type()).isEqualTo("trial");
			assertThat(key.metadata()).containsExactly(Map.entry("plan", "gold"));
			assertThat(key.isOfType(TenantApiKey.class)).isTrue();
			assertThat(key.hasQuota()).isFalse();
		});
	}

	@Test
	void apiKeyWhenNothingIsSaidThenNoScopesAndNoOwner() {
		ApiKeyAuthentication caller = caller(this.mvc.get().uri("/me").with(apiKey()).exchange());
		assertThat(caller.getAuthorities()).extracting(GrantedAuthority::getAuthority)
			.containsExactly("FACTOR_API_KEY");
		assertThat(caller.getPrincipal().owner()).isNull();
		assertThat(caller.getPrincipal().type()).isEqualTo("api_key");
	}

	@ParameterizedTest
	@CsvSource({ "/orders, orders:read, 200", "/orders, orders:*, 200", "/orders, orders:write, 403",
			"/permitted, orders:read, 200", "/permitted, orders:write, 403", "/reports, reports:read, 200",
			"/reports, orders:read, 403", "/invoices, invoices:read, 200", "/invoices, invoices:*, 200",
			"/invoices, '*', 200", "/invoices, orders:read, 403" })
	void apiKeyThenEveryRuleAsksForItsScopes(String path, String scope, int status) {
		assertThat(this.mvc.get().uri(path).with(apiKey().scopes(scope))).hasStatus(status);
	}

	@Test
	void apiKeyWhenPostedThenNoCsrfTokenIsNeededAndNoSessionMade() {
		MvcTestResult result = this.mvc.post().uri("/orders").with(apiKey().scopes("orders:write")).exchange();
		assertThat(result).hasStatus(200);
		assertThat(result.getRequest().getSession(false)).isNull();
		assertThat(this.mvc.post().uri("/orders")).hasStatus(403);
	}

	@Test
	void apiKeyWhenOneRequestHasItThenTheNextHasNot() {
		assertThat(this.mvc.get().uri("/orders").with(apiKey().scopes("orders:read"))).hasStatus(200);
		assertThat(this.mvc.get().uri("/orders")).hasStatus(302);
	}

	@Test
	void apiKeyThenTheControllerCanAskForIt() {
		assertThat(this.mvc.get()
			.uri("/orders")
			.with(apiKey().scopes("orders:read").displayName("billing").owner("org-42")))
			.hasBodyTextEqualTo("billing of org-42");
	}

	@Test
	void typeThenOnlyTypesThatAreAskedFor() {
		assertThat(this.mvc.get().uri("/of-a-tenant").with(apiKey().type(TenantApiKey.class))).hasStatus(200);
		assertThat(this.mvc.get().uri("/of-a-tenant").with(apiKey().type(TrialApiKey.class))).hasStatus(200);
		assertThat(this.mvc.get().uri("/of-a-tenant").with(apiKey())).hasStatus(403);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/tenant", "/tenant-or-nobody" })
	void typeWhenTheHandlerWantsTheEntityThenTheTestIsToldWhatIsMissing(String path) {
		assertThat(this.mvc.get().uri(path).with(apiKey().type(TrialApiKey.class))).failure()
			.rootCause()
			.isInstanceOf(IllegalStateException.class)
			.hasMessageContaining("@CurrentApiKey TenantApiKey")
			.hasMessageContaining("apiKey(created.apiKey())");
		assertThat(this.mvc.get().uri("/tenant").with(apiKey())).hasStatus(403);
		assertThat(this.mvc.get().uri("/tenant-or-nobody").with(apiKey())).hasStatus(200);
	}

	@Test
	void metadataWhenNoPrincipalCouldHaveItThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> apiKey().metadata("plan", " "));
		assertThat(this.mvc.get().uri("/me").with(apiKey().metadata("contact", "Ann"))).failure()
			.hasMessageContaining("'contact' is not listed in 'api-key.principal.metadata'");
	}

	@Test
	void apiKeyWhenOfTheServiceThenTheControllerGetsTheEntity() {
		CreatedApiKey created = this.apiKeys.create(new TenantApiKey("acme"), NewApiKey.named("key"));
		assertThat(this.mvc.get().uri("/tenant").with(apiKey(created.apiKey()))).hasBodyTextEqualTo("acme");
	}

	@Test
	void apiKeyWhenItHasAQuotaThenItIsUsedUp() {
		CreatedApiKey created = this.apiKeys.create(NewApiKey.named("trial").scopes("orders:read").quota(1));
		assertThat(this.mvc.get().uri("/orders").with(apiKey(created.apiKey()))).hasStatus(200);
		assertThat(this.mvc.get().uri("/orders").with(apiKey(created.apiKey()))).hasStatus(429);
	}

	@Test
	void scopesWhenNoKeyCouldHaveThemThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> apiKey().scopes("Orders"))
			.withMessageContaining("Orders");
	}

	@Test
	void mutateWithWhenClientIsBoundToMockMvcThenEachRequestHasTheKey(@Autowired MockMvc mockMvc) {
		WebTestClient client = MockMvcWebTestClient.bindTo(mockMvc).build();
		WebTestClient withKey = client
			.mutateWith(apiKey().scopes("orders:read", "orders:write").displayName("billing"));
		for (int i = 0; i < 2; i++) {
			withKey.get().uri("/orders").exchange().expectBody(String.class).isEqualTo("billing of null");
		}
		withKey.post().uri("/orders").exchange().expectStatus().isOk();
		withKey.get().uri("/reports").exchange().expectStatus().isForbidden();
		client.get().uri("/orders").exchange().expectStatus().isFound();
	}

	@Test
	void mutateWithWhenClientIsBoundToAServerThenRefused() {
		WebTestClient client = WebTestClient.bindToServer().build();
		assertThatIllegalStateException().isThrownBy(() -> client.mutateWith(apiKey()))
			.withMessageContaining("bound to MockMvc");
	}

	@Test
	void defaultRequestThenEachRequestOfRestTestClientHasTheKey(@Autowired WebApplicationContext context) {
		RestTestClient client = RestTestClient.bindToApplicationContext(context)
			.configureServer((server) -> server.apply(springSecurity())
				.defaultRequest(get("/").with(apiKey().scopes("orders:read"))))
			.build();
		client.get().uri("/orders").exchange().expectStatus().isOk();
		client.get().uri("/reports").exchange().expectStatus().isForbidden();
	}

	private static ApiKeyAuthentication caller(MvcTestResult result) {
		assertThat(result).hasStatus(200);
		return (ApiKeyAuthentication) result.getRequest().getAttribute("caller");
	}

}
