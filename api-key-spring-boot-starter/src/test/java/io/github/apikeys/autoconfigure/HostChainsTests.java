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

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.host.HostApplication;
import io.github.apikeys.security.ApiKeyAuthenticationFilter;
import jakarta.servlet.Filter;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DeferredImportSelector;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.Order;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.cors.CorsConfiguration;

import static io.github.apikeys.autoconfigure.HostRunner.BASIC;
import static io.github.apikeys.autoconfigure.HostRunner.get;
import static io.github.apikeys.autoconfigure.HostRunner.key;
import static io.github.apikeys.autoconfigure.HostRunner.mvc;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Keys and the chains that Spring Boot makes.
 */
class HostChainsTests {

	/**
	 * A name that is wrong is not noticed otherwise, and names differ between versions.
	 */
	@Test
	void chainsOfSpringBootComeAfterUs() {
		List<String> chains = ImportCandidates.load(AutoConfiguration.class, null)
			.getCandidates()
			.stream()
			.filter((name) -> name.startsWith("org.springframework.boot.security.") && !name.contains("eactive"))
			.filter((name) -> name.matches(
					".*\\.(\\w*WebSecurity|OAuth2ResourceServer|OAuth2AuthorizationServer|Saml2\\w+)AutoConfiguration"))
			.toList();
		assertThat(chains).hasSizeGreaterThanOrEqualTo(3);
		AutoConfiguration ours = AnnotationUtils.getAnnotation(ApiKeySecurityAutoConfiguration.class,
				AutoConfiguration.class);
		assertThat(ours.beforeName()).containsAll(chains);
	}

	@Test
	void chainOfSomebodyElsesAutoConfigurationIsLeftAlone() {
		HostRunner.withoutFlyway().withUserConfiguration(WithSpecialChain.class).run((context) -> {
			assertThat(filters(context, "specialSecurityFilterChain"))
				.noneMatch(ApiKeyAuthenticationFilter.class::isInstance);
			assertThat(filters(context, "managementSecurityFilterChain"))
				.anyMatch(ApiKeyAuthenticationFilter.class::isInstance);
		});
	}

	private static List<Filter> filters(ApplicationContext context, String chain) {
		return context.getBean(chain, SecurityFilterChain.class).getFilters();
	}

	@Configuration(proxyBeanMethods = false)
	@Import(AfterAutoConfigurations.class)
	static class WithSpecialChain {

	}

	static class AfterAutoConfigurations implements DeferredImportSelector {

		@Override
		public String[] selectImports(AnnotationMetadata importingClassMetadata) {
			return new String[] { SpecialChain.class.getName() };
		}

	}

	/**
	 * As that of an authorization server, which must not take a machine for a person.
	 */
	@Configuration(proxyBeanMethods = false)
	static class SpecialChain {

		@Bean
		@Order(0)
		SecurityFilterChain specialSecurityFilterChain(HttpSecurity http) {
			return http.securityMatcher("/special/**")
				.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.build();
		}

	}

	@Test
	void chainOfTheResourceServerTakesKeysBesidesTokens() {
		HostRunner.withoutFlyway()
			.withPropertyValues("spring.security.oauth2.resourceserver.jwt.jwk-set-uri=http://localhost:1/none")
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(SecurityFilterChain.class);
				MockMvcTester mvc = mvc(context);
				assertThat(get(mvc, "/internal", "X-API-Key", key(context))).hasStatus(200);
				assertThat(get(mvc, "/internal", "Authorization", "Api-Key " + key(context))).hasStatus(200);
				assertThat(get(mvc, "/internal", "Authorization", "Bearer x")).hasStatus(401)
					.headers()
					.extracting((headers) -> headers.getFirst("WWW-Authenticate"))
					.asString()
					.startsWith("Bearer");
				assertThat(get(mvc, "/internal")).hasStatus(401);
			});
	}

	/**
	 * A browser sends no key with the question whether it may send one.
	 */
	@Test
	void preflightOfAChainWithCorsThenAnsweredWithoutAKey() {
		HostRunner.withoutFlyway().withUserConfiguration(WithCors.class).run((context) -> {
			MockMvcTester mvc = mvc(context);
			assertThat(mvc.options()
				.uri("/internal")
				.header("Origin", "https://shop.example")
				.header("Access-Control-Request-Method", "GET")
				.header("Access-Control-Request-Headers", "X-API-Key")).hasStatus(200)
				.doesNotContainHeader("WWW-Authenticate")
				.hasHeader("Access-Control-Allow-Headers", "X-API-Key");
			assertThat(get(mvc, "/internal", "Origin", "https://shop.example")).hasStatus(401);
			assertThat(get(mvc, "/internal", "Origin", "https://shop.example", "X-API-Key", "wrong")).hasStatus(401)
				.hasHeader("Access-Control-Allow-Origin", "https://shop.example");
			assertThat(get(mvc, "/internal", "Origin", "https://shop.example", "X-API-Key", key(context)))
				.hasStatus(200)
				.hasHeader("Access-Control-Allow-Origin", "https://shop.example");
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class WithCors {

		@Bean
		SecurityFilterChain keysOfBrowsers(HttpSecurity http) {
			CorsConfiguration shop = new CorsConfiguration();
			shop.addAllowedOrigin("https://shop.example");
			shop.addAllowedMethod("GET");
			shop.addAllowedHeader("X-API-Key");
			return http.cors((cors) -> cors.configurationSource((request) -> shop))
				.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	/**
	 * As the guide warns: Spring Boot leaves users to such an application, with or
	 * without keys.
	 */
	@Test
	void usersOfThePropertiesDoNotExistBesidesADecoderOfTokens() {
		HostRunner.withoutFlyway().withBean(JwtDecoder.class, () -> (token) -> {
			throw new BadJwtException(token);
		}).run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(UserDetailsService.class));
	}

	@Test
	void endpointsAtTheRootAreStillEndpoints() {
		HostRunner.withoutFlyway()
			.withPropertyValues("management.endpoints.web.exposure.include=*", "management.endpoints.web.base-path=/")
			.run((context) -> {
				MockMvcTester mvc = mvc(context);
				assertThat(get(mvc, "/env", "X-API-Key", key(context))).hasStatus(401);
				assertThat(get(mvc, "/env", "Authorization", BASIC)).hasStatus(200);
				assertThat(get(mvc, "/internal", "X-API-Key", key(context))).hasStatus(200);
			});
	}

	@Test
	void endpointsOnAPortOfTheirOwnAreStillEndpoints() throws Exception {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(HostApplication.class).run(
				"--server.port=0", "--management.server.port=0", "--management.endpoints.web.exposure.include=*",
				"--management.health.redis.enabled=false", "--spring.datasource.url=" + HostRunner.database(),
				"--spring.flyway.enabled=false", "--spring.security.user.name=user",
				"--spring.security.user.password=password")) {
			String token = context.getBean(ApiKeyService.class).create(NewApiKey.named("client")).token();
			String management = context.getEnvironment().getProperty("local.management.port");
			String application = context.getEnvironment().getProperty("local.server.port");
			assertThat(status(management, "/actuator/env", "X-API-Key", token)).isEqualTo(401);
			assertThat(status(management, "/actuator/health", "X-API-Key", "wrong")).isEqualTo(200);
			assertThat(status(management, "/actuator/env", "Authorization", BASIC)).isEqualTo(200);
			assertThat(status(application, "/internal", "X-API-Key", token)).isEqualTo(200);
		}
	}

	private static int status(String port, String path, String header, String value) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
			.header(header, value)
			.build();
		HttpResponse<Void> response = HttpClient.newHttpClient().send(request, BodyHandlers.discarding());
		return response.statusCode();
	}

}
