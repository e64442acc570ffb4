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

import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.ApiKeySelfService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.domain.Pageable;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;

/**
 * An endpoint on which users make keys, which hands on whatever a request says.
 */
class HostSelfServiceTests {

	private static final RequestPostProcessor ALICE = user("alice").authorities(() -> "SCOPE_orders:read");

	private static final String OWNER = "user:alice";

	private static final RequestPostProcessor NOBODY = (request) -> request;

	/**
	 * Even if the chain of the application lets everybody through.
	 */
	@ParameterizedTest
	@ValueSource(classes = { DefaultChain.class, PermitsEverything.class })
	void createWhenNobodyIsSignedInThenNoOwnerInTheRequestHelps(Class<?> configuration) {
		with(configuration, (mvc, apiKeys) -> {
			assertThat(post(mvc, "/keys", NOBODY, "{'name':'key','owner':'alice'}")).hasStatus(401);
			assertThat(post(mvc, "/keys", NOBODY, "{'name':'key'}")).hasStatus(401);
			UUID id = apiKeys.create(NewApiKey.named("key").userOwner(OWNER)).apiKey().getId();
			assertThat(post(mvc, "/keys/" + id, NOBODY, "{'name':'stolen','owner':'alice'}")).hasStatus(401);
			assertThat(apiKeys.list(ApiKeyQuery.all(), Pageable.unpaged())).extracting(ApiKey::getName)
				.containsExactly("key");
		});
	}

	@Test
	void createWhenForSomebodyElseThenForbidden() {
		with((mvc, apiKeys) -> {
			assertThat(post(mvc, "/keys", ALICE, "{'name':'key','owner':'bob'}")).hasStatus(403);
			assertThat(post(mvc, "/keys", ALICE, "{'name':'key','owner':'alice'}")).hasStatus(403);
			assertThat(apiKeys.list(ApiKeyQuery.all(), Pageable.unpaged())).isEmpty();
		});
	}

	@Test
	void createWhenMoreIsSaidThanMayBeThenIgnoredOrForbidden() {
		with((mvc, apiKeys) -> {
			UUID id = UUID.randomUUID();
			assertThat(post(mvc, "/keys", ALICE,
					"{'name':'key','scopes':['orders:read'],'id':'" + id
							+ "','keyId':'AAAAAAAAAAAA','hash':'{sha256}00','revokedAt':'2026-01-01T00:00:00Z',"
							+ "'createdAt':'2020-01-01T00:00:00Z','keyType':'admin','version':7}"))
				.hasStatus(200);
			ApiKey created = apiKeys.list(ApiKeyQuery.all(), Pageable.unpaged()).getContent().get(0);
			assertThat(created.getId()).isNotEqualTo(id);
			assertThat(created.getKeyId()).isNotEqualTo("AAAAAAAAAAAA");
			assertThat(created.getKeyType()).isEqualTo("api_key");
			assertThat(created.getOwner()).isEqualTo(OWNER);
			assertThat(created.getVersion()).isZero();
			assertThat(created.getRevokedAt()).isNull();
			for (String scopes : List.of("['*']", "['orders:*']", "['orders:read','orders:write']")) {
				assertThat(post(mvc, "/keys", ALICE, "{'name':'key','scopes':" + scopes + "}")).hasStatus(403);
				assertThat(post(mvc, "/keys/" + created.getId(), ALICE, "{'name':'key','scopes':" + scopes + "}"))
					.hasStatus(403);
			}
			assertThat(apiKeys.list(ApiKeyQuery.all(), Pageable.unpaged())).singleElement()
				.extracting(ApiKey::getScopes)
				.isEqualTo(Set.of("orders:read"));
		});
	}

	@Test
	void createWhenWithAKeyThenForbiddenWhateverItsScopes() {
		with((mvc, apiKeys) -> {
			CreatedApiKey full = apiKeys.create(NewApiKey.named("full").userOwner(OWNER).scopes("*"));
			RequestPostProcessor key = (request) -> {
				request.addHeader("X-API-Key", full.token());
				return request;
			};
			assertThat(post(mvc, "/keys", key, "{'name':'child','scopes':['orders:read']}")).hasStatus(403);
			assertThat(post(mvc, "/keys/" + full.apiKey().getId(), key, "{'name':'renamed'}")).hasStatus(403);
			assertThat(apiKeys.list(ApiKeyQuery.all(), Pageable.unpaged())).extracting(ApiKey::getName)
				.containsExactly("full");
		});
	}

	/**
	 * What an endpoint returns by mistake does not give the secret or the hash away.
	 */
	@Test
	void keyWhenWrittenAsJsonThenNeitherPlaintextNorHash() {
		HostRunner.application().withBean(Keys.class).run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			CreatedApiKey created = context.getBean(ApiKeyService.class)
				.create(NewApiKey.named("key").userOwner(OWNER));
			context.getBean(Keys.class).created = created;
			String hash = context.getBean(JdbcTemplate.class).queryForObject("select hash from api_key", String.class);
			String entity = post(mvc, "/keys/" + created.apiKey().getId(), ALICE, "{'name':'renamed'}").getResponse()
				.getContentAsString();
			String both = mvc.post()
				.uri("/created")
				.with(csrf())
				.with(ALICE)
				.exchange()
				.getResponse()
				.getContentAsString();
			assertThat(entity).contains("\"keyId\":\"" + created.apiKey().getKeyId() + "\"", "\"state\":\"ACTIVE\"");
			assertThat(both).startsWith("{");
			assertThat(entity + both).doesNotContain(created.token(), created.token().substring(16))
				.doesNotContain(hash.substring("{sha256}".length()))
				.doesNotContain("\"hash\"");
		});
	}

	private static void with(BiConsumer<MockMvcTester, ApiKeyService> test) {
		with(DefaultChain.class, test);
	}

	private static void with(Class<?> configuration, BiConsumer<MockMvcTester, ApiKeyService> test) {
		HostRunner.application()
			.withBean(Keys.class)
			.withUserConfiguration(configuration)
			.run((context) -> test.accept(HostRunner.mvc(context), context.getBean(ApiKeyService.class)));
	}

	private static MvcTestResult post(MockMvcTester mvc, String path, RequestPostProcessor who, String json) {
		return mvc.post()
			.uri(path)
			.with(csrf())
			.with(who)
			.contentType(MediaType.APPLICATION_JSON)
			.content(json.replace('\'', '"'))
			.exchange();
	}

	@Configuration(proxyBeanMethods = false)
	static class DefaultChain {

	}

	@Configuration(proxyBeanMethods = false)
	static class PermitsEverything {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.httpBasic(withDefaults())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@RestController
	static class Keys {

		private final ApiKeySelfService own;

		private CreatedApiKey created;

		Keys(ApiKeyService apiKeys) {
			this.own = new ApiKeySelfService(apiKeys);
		}

		@PostMapping("/keys")
		String create(@RequestBody Input input) {
			return this.own.create(input.toNewApiKey()).token();
		}

		@PostMapping("/keys/{id}")
		ApiKey update(@PathVariable UUID id, @RequestBody Input input) {
			return this.own.update(id, (change) -> {
				change.name(input.name());
				if (input.scopes() != null) {
					change.scopes(input.scopes());
				}
			});
		}

		@PostMapping("/created")
		CreatedApiKey created() {
			return this.created;
		}

	}

	record Input(String name, String owner, Set<String> scopes) {

		NewApiKey toNewApiKey() {
			NewApiKey newApiKey = NewApiKey.named(this.name);
			if (this.owner != null) {
				newApiKey.owner(this.owner);
			}
			return (this.scopes != null) ? newApiKey.scopes(this.scopes) : newApiKey;
		}

	}

}
