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

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.StubApiKeyService;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.javapoet.ClassName;
import org.springframework.mock.web.MockServletContext;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Handlers that require keys where keys are read elsewhere only.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnreadHandlersCheckTests {

	private static final String WARNING = "No API key is read where handlers require one by @HasApiKey or "
			+ "@CurrentApiKey, so every call is refused: ";

	private static final String ALL = "[/jobs/any, DELETE /jobs/{id}, GET /jobs/files/**, GET /jobs/mine, "
			+ "GET /jobs/tree/{*rest}]";

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SecurityAutoConfiguration.class,
				ServletWebSecurityAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
				WebMvcAutoConfiguration.class, EndpointAutoConfiguration.class, WebEndpointAutoConfiguration.class,
				ApiKeyAutoConfiguration.class, ApiKeySecurityAutoConfiguration.class,
				ApiKeyMethodSecurityAutoConfiguration.class, ApiKeyWebMvcAutoConfiguration.class))
		.withBean(ApiKeyTokenVerifier.class, StubApiKeyService::new)
		.withBean(Jobs.class);

	@Test
	void requestWhenPreparedForANativeImageThenItsProxyIsAnnounced() {
		AnnotationConfigServletWebServerApplicationContext context = new AnnotationConfigServletWebServerApplicationContext();
		context.register(ApiKeySecurityAutoConfiguration.WebMvcConfiguration.class);
		DefaultGenerationContext generation = new DefaultGenerationContext(
				new ClassNameGenerator(ClassName.get("com.example", "Host")), new InMemoryGeneratedFiles());
		new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
		assertThat(RuntimeHintsPredicates.proxies().forInterfaces(HttpServletRequest.class))
			.accepts(generation.getRuntimeHints());
	}

	@Test
	void startWhenAnotherChainIsResponsibleThenAWarning(CapturedOutput output) {
		this.runner.withUserConfiguration(KeysForClients.class).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce(WARNING + ALL + ". Add 'http.with(ApiKeyConfigurer.apiKey(), ");
	}

	@Test
	void startWhenThePathIsNotAmongThoseOfThePropertyThenAWarning(CapturedOutput output) {
		this.runner.withPropertyValues("api-key.security.paths=/clients/**")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce(WARNING + ALL);
	}

	@Test
	void startWhenTheDispatcherHasAPathThenItCounts(CapturedOutput output) {
		this.runner.withPropertyValues("spring.mvc.servlet.path=/app", "api-key.security.paths=/clients/**")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce(WARNING + ALL.replace("/jobs/", "/app/jobs/"));
	}

	/**
	 * A value of a variable decides, and any might come.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "/jobs/{id:[a-z]+}", "/jobs/{id:[0-9]+}", "/jobs/{id:[A-Z][A-Z][A-Z]}", "/jobs/b*",
			"/jobs/*", "/jobs/**", "/{all}/17" })
	void startWhenKeysAreReadForSomeValuesOfAVariableThenNoWarning(String path, CapturedOutput output) {
		this.runner
			.withPropertyValues(
					"api-key.security.paths=/clients/**,/jobs/mine,/jobs/any,/jobs/files/**,/jobs/tree/**," + path)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(WARNING);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/jobs/files,/jobs/tree", "/jobs/files/a/b,/jobs/tree/a/b",
			"/jobs/files/{*a},/jobs/tree/*", "/*/*/a" })
	void startWhenKeysAreReadForSomePathsBelowThenNoWarning(String paths, CapturedOutput output) {
		this.runner.withPropertyValues("api-key.security.paths=/clients/**,/jobs/mine,/jobs/any,/jobs/{id}," + paths)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(WARNING);
	}

	/**
	 * A mapping without a method takes all of them.
	 */
	@Test
	void startWhenKeysAreReadForOneMethodOfAMappingThenNoWarning(CapturedOutput output) {
		this.runner.withUserConfiguration(KeysForPatch.class).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains(WARNING).doesNotContain("/jobs/any");
	}

	@Test
	void startWhenAMatcherReadsTheUriThenWithThePathOfTheContext(CapturedOutput output) {
		this.runner
			.withInitializer((context) -> ((MockServletContext) ((WebApplicationContext) context).getServletContext())
				.setContextPath("/shop"))
			.withUserConfiguration(KeysByUri.class)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce(WARNING + "[/jobs/any]");
	}

	@Test
	void startWhenItIsNotKnownWhereTheDispatcherIsThenNoWarning(CapturedOutput output) {
		new WebApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(SecurityAutoConfiguration.class, ServletWebSecurityAutoConfiguration.class,
							ApiKeyAutoConfiguration.class, ApiKeySecurityAutoConfiguration.class))
			.withUserConfiguration(OwnDispatcher.class, KeysForClients.class)
			.withBean(Jobs.class)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(WARNING);
	}

	@Test
	void startWhenKeysAreReadEverywhereThenNoWarning(CapturedOutput output) {
		this.runner.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(WARNING);
	}

	/**
	 * Whether a request has a header is not known at the start.
	 */
	@Test
	void startWhenTheChainIsChosenByMoreThanThePathThenNoWarning(CapturedOutput output) {
		this.runner.withUserConfiguration(KeysByHeader.class).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain(WARNING);
	}

	@RestController
	static class Jobs {

		@HasApiKey("jobs:read")
		@GetMapping("/clients/jobs/{id}")
		String read() {
			return "job";
		}

		@HasApiKey("jobs:write")
		@DeleteMapping("/jobs/{id}")
		String delete() {
			return "deleted";
		}

		@GetMapping("/jobs/mine")
		String mine(@CurrentApiKey ApiKeyPrincipal key) {
			return key.displayName();
		}

		@GetMapping("/jobs/open")
		String open(@CurrentApiKey @Nullable ApiKeyPrincipal key) {
			return "open";
		}

		@HasApiKey
		@GetMapping("/jobs/files/**")
		String files() {
			return "files";
		}

		@HasApiKey
		@GetMapping("/jobs/tree/{*rest}")
		String tree() {
			return "tree";
		}

		@HasApiKey
		@RequestMapping("/jobs/any")
		String any() {
			return "any";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class KeysForClients {

		@Bean
		@Order(0)
		SecurityFilterChain clients(HttpSecurity http) {
			return http.securityMatcher("/clients/**").with(apiKey(), withDefaults()).build();
		}

		@Bean
		@Order(1)
		SecurityFilterChain people(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.formLogin(withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class KeysByHeader {

		@Bean
		@Order(0)
		SecurityFilterChain clients(HttpSecurity http) {
			return http.securityMatcher((request) -> request.getHeader("X-API-Key") != null)
				.with(apiKey(), withDefaults())
				.build();
		}

		@Bean
		@Order(1)
		SecurityFilterChain people(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.formLogin(withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class KeysForPatch {

		@Bean
		SecurityFilterChain clients(HttpSecurity http) {
			return http
				.with(apiKey()
					.requestMatcher(PathPatternRequestMatcher.withDefaults().matcher(HttpMethod.PATCH, "/jobs/any")),
						withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class KeysByUri {

		@Bean
		SecurityFilterChain clients(HttpSecurity http) {
			return http
				.securityMatcher((request) -> request.getRequestURI().startsWith("/shop/clients/")
						|| request.getServletPath().equals("/jobs/mine"))
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebMvc
	static class OwnDispatcher {

	}

}
