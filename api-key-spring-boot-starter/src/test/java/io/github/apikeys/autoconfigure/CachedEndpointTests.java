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

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.HasApiKey;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.util.AopTestUtils;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.autoconfigure.HostRunner.get;
import static io.github.apikeys.autoconfigure.HostRunner.key;
import static io.github.apikeys.autoconfigure.HostRunner.mvc;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Spring Boot keeps the answers of an endpoint for each caller, in front of the bean that
 * decides.
 */
class CachedEndpointTests {

	@ParameterizedTest
	@ValueSource(classes = { Lean.class, Usual.class })
	void answerThenKeptForTheKeyAndItsScopesAlone(Class<?> chain) {
		HostRunner.withoutFlyway()
			.withUserConfiguration(chain)
			.withBean(Stock.class)
			.withPropertyValues("management.endpoints.web.exposure.include=stock",
					"management.endpoints.web.base-path=/machines", "api-key.security.paths=/machines/**",
					"management.endpoint.stock.cache.time-to-live=1h")
			.run((context) -> {
				MockMvcTester mvc = mvc(context);
				ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
				CreatedApiKey reader = apiKeys.create(NewApiKey.named("reader").scopes("stock:read"));
				for (int i = 0; i < 3; i++) {
					assertThat(get(mvc, "/machines/stock", "X-API-Key", reader.token())).hasStatus(200);
				}
				assertThat(AopTestUtils.<Stock>getTargetObject(context.getBean(Stock.class)).calls).isOne();
				assertThat(get(mvc, "/machines/stock", "X-API-Key", key(context))).hasStatus(403);
				assertThat(get(mvc, "/machines/stock")).hasStatus(401);
				apiKeys.update(reader.apiKey().getId(), (change) -> change.scopes("stock:write"));
				assertThat(get(mvc, "/machines/stock", "X-API-Key", reader.token())).hasStatus(403);
			});
	}

	@ParameterizedTest
	@ValueSource(classes = { Lean.class, Usual.class })
	void requestThenNamesTheKeyAsItsUser(Class<?> chain) {
		HostRunner.withoutFlyway().withUserConfiguration(chain).withBean(Caller.class).run((context) -> {
			CreatedApiKey created = context.getBean(ApiKeyService.class).create(NewApiKey.named("client"));
			String keyId = created.apiKey().getKeyId();
			assertThat(get(mvc(context), "/caller", "X-API-Key", created.token())).hasStatus(200)
				.bodyText()
				.isEqualTo(keyId + " " + keyId);
		});
	}

	@RestController
	static class Caller {

		@GetMapping("/caller")
		String caller(HttpServletRequest request) {
			return request.getUserPrincipal().getName() + " " + request.getRemoteUser();
		}

	}

	@Endpoint(id = "stock")
	static class Stock {

		private int calls;

		@HasApiKey("stock:read")
		@ReadOperation
		public String read() {
			this.calls++;
			return "3 teapots";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Lean {

		@Bean
		SecurityFilterChain machines(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.with(apiKey(), withDefaults())
				.servletApi((servletApi) -> servletApi.disable())
				.anonymous((anonymous) -> anonymous.disable())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Usual {

		@Bean
		SecurityFilterChain machines(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

}
