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

package io.github.apikeys.guide;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.function.Consumer;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.user;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;

/**
 * What docs/guide/protect-endpoints.md says about the paths beside a chain for keys.
 * Paths without a handler, so that 404 means that the caller came so far.
 */
class ChainsGuideTests {

	private static final RequestPostProcessor ADMIN = user("admin").roles("ADMIN");

	@Test
	void otherPathsWhenNoChainCoversThemThenOpenAndTheAdminPagesAreNot() {
		with((context) -> {
			assertThat(status(context, "/api/nothing")).isEqualTo(401);
			assertThat(status(context, "/nothing")).isEqualTo(404);
			assertThat(status(context, "/login")).isEqualTo(404);
			assertThat(status(context, "/admin/api-keys")).isEqualTo(403);
		}, Api.class);
	}

	@Test
	void otherPathsWhenTheLastChainCoversThemThenALoginAlsoForTheAdminPages() {
		with((context) -> {
			MockMvcTester mvc = mvc(context);
			String token = context.getBean(ApiKeyService.class).create(NewApiKey.named("client")).token();
			assertThat(mvc.get().uri("/api/nothing").header("X-API-Key", token)).hasStatus(404);
			assertThat(mvc.get().uri("/nothing").header("X-API-Key", token)).hasStatus(302);
			assertThat(mvc.get().uri("/login")).hasStatus(200);
			assertThat(mvc.get().uri("/admin/api-keys")).hasStatus(302);
			assertThat(mvc.get().uri("/admin/api-keys").with(ADMIN)).hasStatus(200);
		}, Api.class, People.class);
	}

	/**
	 * From the server, which has the filters outside of the chains, too.
	 */
	private static int status(ConfigurableApplicationContext context, String path) {
		URI uri = URI
			.create("http://localhost:" + context.getEnvironment().getRequiredProperty("local.server.port") + path);
		return HttpClient.newHttpClient()
			.sendAsync(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
			.join()
			.statusCode();
	}

	private static MockMvcTester mvc(ConfigurableApplicationContext context) {
		return MockMvcTester.create(
				MockMvcBuilders.webAppContextSetup((WebApplicationContext) context).apply(springSecurity()).build());
	}

	private static void with(Consumer<ConfigurableApplicationContext> test, Class<?>... configuration) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(configuration).run(
				"--server.address=localhost", "--server.port=0", "--spring.datasource.url=jdbc:h2:mem:chains",
				"--spring.flyway.enabled=false")) {
			test.accept(context);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Api {

		@Order(1)
		@Bean
		SecurityFilterChain api(HttpSecurity http) {
			return http.securityMatcher("/api/**")
				.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class People {

		@Bean
		SecurityFilterChain people(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.formLogin(withDefaults())
				.build();
		}

	}

}
