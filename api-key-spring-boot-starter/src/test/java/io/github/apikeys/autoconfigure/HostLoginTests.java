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

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;

import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.UnreadPaths;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.security.ApiKeyAuthenticationFilter;
import io.github.apikeys.security.ApiKeyHttpSettings;
import io.github.apikeys.security.FailedAttemptLimiter;
import io.github.apikeys.security.HasApiKey;
import jakarta.servlet.Filter;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.security.access.PermissionEvaluator;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AuthenticationConverter;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

import static io.github.apikeys.autoconfigure.HostRunner.BASIC;
import static io.github.apikeys.autoconfigure.HostRunner.get;
import static io.github.apikeys.autoconfigure.HostRunner.key;
import static io.github.apikeys.autoconfigure.HostRunner.mvc;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Logins and rules of the application stay as they are.
 */
@ExtendWith(OutputCaptureExtension.class)
class HostLoginTests {

	@Test
	void defaultChainKeepsItsLoginStaysClosedAndTakesKeys() {
		HostRunner.application().run(HostLoginTests::assertDefaultChain);
	}

	@Test
	void defaultChainWithoutActuator() {
		HostRunner.application()
			.withClassLoader(new FilteredClassLoader(Endpoint.class.getPackageName(),
					"org.springframework.boot.actuate.endpoint"))
			.run(HostLoginTests::assertDefaultChain);
	}

	private static void assertDefaultChain(AssertableWebApplicationContext context) {
		assertThat(context).hasNotFailed();
		MockMvcTester mvc = mvc(context);
		assertThat(get(mvc, "/internal")).hasStatus(401).containsHeader("WWW-Authenticate");
		assertThat(get(mvc, "/internal", "Accept", "text/html")).hasStatus(302).hasHeader("Location", "/login");
		assertThat(get(mvc, "/internal", "Authorization", BASIC)).hasStatus(200);
		assertThat(get(mvc, "/internal", "X-API-Key", key(context))).hasStatus(200);
		assertThat(get(mvc, "/internal", "X-API-Key", "wrong")).hasStatus(401);
		assertThat(get(mvc, "/orders", "X-API-Key", key(context, "orders:read"))).hasStatus(200);
		assertThat(get(mvc, "/orders", "X-API-Key", key(context))).hasStatus(403);
		assertThat(get(mvc, "/orders", "Authorization", BASIC)).hasStatus(403);
		assertThat(mvc.post().uri("/internal").header("Authorization", BASIC)).hasStatus(403);
		assertThat(context).hasSingleBean(UserDetailsService.class).hasSingleBean(SecurityFilterChain.class);
	}

	/**
	 * It may be defined after it was decided that the application has none, as by the
	 * auto-configuration of a company.
	 */
	@Test
	void chainOfSomebodyElseWhenItIsCalledLikeADefaultOneThenItIsNone() {
		HostRunner.application()
			.run((context) -> assertThat(DefaultChainCustomizer.defaultChains(context.getBeanFactory()))
				.containsExactly("managementSecurityFilterChain"));
		HostRunner.application()
			.withUserConfiguration(OwnChainWithADefaultName.class)
			.run((context) -> assertThat(DefaultChainCustomizer.defaultChains(context.getBeanFactory())).isEmpty());
	}

	@Test
	void defaultChainReadsNoKeysOnActuatorEndpoints() {
		HostRunner.application().withPropertyValues("management.endpoints.web.exposure.include=*").run((context) -> {
			MockMvcTester mvc = mvc(context);
			assertThat(get(mvc, "/actuator/env", "X-API-Key", key(context))).hasStatus(401);
			assertThat(get(mvc, "/actuator/health", "X-API-Key", "wrong")).bodyText().contains("\"status\"");
			assertThat(get(mvc, "/internal", "X-API-Key", key(context))).hasStatus(200);
		});
	}

	@Test
	void pathsWhenSetThenKeysAreReadThereOnly() {
		HostRunner.application().withPropertyValues("api-key.security.paths=/orders/**").run((context) -> {
			MockMvcTester mvc = mvc(context);
			assertThat(get(mvc, "/orders", "X-API-Key", key(context, "orders:read"))).hasStatus(200);
			assertThat(get(mvc, "/internal", "X-API-Key", key(context))).hasStatus(401)
				.matches(HostRunner::isBasicChallenge);
		});
	}

	@Test
	void unreadPathsWhenPublishedThenNoKeysAreReadThere() {
		HostRunner.application()
			.withBean(UnreadPaths.class, () -> new UnreadPaths(List.of("/internal/**")))
			.run((context) -> assertThat(get(mvc(context), "/internal", "X-API-Key", key(context))).hasStatus(401)
				.matches(HostRunner::isBasicChallenge));
	}

	/**
	 * They would know nothing of limits, and of paths on which no key is read.
	 */
	@Test
	void settingsWhenTheApplicationHasItsOwnThenNoStart() {
		HostRunner.application()
			.withBean(ApiKeyHttpSettings.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("several beans of type ApiKeyHttpSettings"));
	}

	@Test
	void limitersWhenThereAreTwoThenNoStart() {
		HostRunner.application()
			.withBean("one", FailedAttemptLimiter.class, 1, Duration.ofHours(1), (BooleanSupplier) () -> true)
			.withBean("other", FailedAttemptLimiter.class, 1, Duration.ofHours(1), (BooleanSupplier) () -> true)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(NoUniqueBeanDefinitionException.class));
	}

	@Test
	void namesWhenSetThenTheyCount() {
		HostRunner.application()
			.withPropertyValues("api-key.security.header-names=X-Shop-Key", "api-key.security.schemes=Shop",
					"api-key.token.prefix=shop")
			.run((context) -> {
				MockMvcTester mvc = mvc(context);
				String key = key(context);
				assertThat(key).startsWith("shop_");
				assertThat(get(mvc, "/internal", "X-Shop-Key", key)).hasStatus(200);
				assertThat(get(mvc, "/internal", "Authorization", "shop " + key)).hasStatus(200);
				assertThat(get(mvc, "/internal", "X-API-Key", key)).hasStatus(401);
				assertThat(get(mvc, "/internal", "X-Shop-Key", "x")).hasHeader("WWW-Authenticate", "Shop");
			});
	}

	@Test
	void defaultChainWhenSwitchedOffThenReadsNoKeys() {
		HostRunner.application()
			.withPropertyValues("api-key.security.default-chain=false")
			.run((context) -> assertThat(get(mvc(context), "/internal", "X-API-Key", key(context))).hasStatus(401)
				.matches(HostRunner::isBasicChallenge));
	}

	@Test
	void wildcardsExpandToDeclaredScopes() {
		HostRunner.application()
			.withInitializer((context) -> TestPropertyValues.of(Map.of("api-key.scopes.[orders:read]", "Read orders"))
				.applyTo(context))
			.withUserConfiguration(ScopeRule.class)
			.run((context) -> {
				assertThat(get(mvc(context), "/internal", "X-API-Key", key(context, "orders:*"))).hasStatus(200);
				assertThat(get(mvc(context), "/internal", "X-API-Key", key(context))).hasStatus(403);
			});
	}

	@Test
	void ownUsersAndPasswordEncoderGoOnWorking() {
		HostRunner.application().withUserConfiguration(OwnUsers.class).run((context) -> {
			MockMvcTester mvc = mvc(context);
			assertThat(get(mvc, "/internal", "Authorization", BASIC)).hasStatus(200);
			assertThat(get(mvc, "/internal", "X-API-Key", key(context))).hasStatus(200);
			assertThat(context).hasSingleBean(PasswordEncoder.class).hasSingleBean(UserDetailsService.class);
		});
	}

	@Test
	void ownChainWithoutKeysIsLeftAlone(CapturedOutput output) {
		HostRunner.application().withUserConfiguration(OwnChain.class).run((context) -> {
			MockMvcTester mvc = mvc(context);
			assertThat(get(mvc, "/internal")).hasStatus(200);
			assertThat(get(mvc, "/internal", "X-API-Key", "wrong")).hasStatus(200);
			assertThat(get(mvc, "/orders", "X-API-Key", key(context, "orders:read"))).hasStatus(403);
			assertThat(context.getBean(SecurityFilterChain.class).getFilters())
				.noneMatch(ApiKeyAuthenticationFilter.class::isInstance);
		});
		assertThat(output).contains("@HasApiKey is used on io.github.apikeys.host.HostApplication$Endpoints")
			.contains("http.with(ApiKeyConfigurer.apiKey(), Customizer.withDefaults())");
	}

	@Test
	void ownChainIsLeftAloneEvenUnderTheNameOfADefaultChain() {
		HostRunner.application()
			.withUserConfiguration(OwnChainWithADefaultName.class)
			.run((context) -> assertThat(context.getBean(SecurityFilterChain.class).getFilters())
				.noneMatch(ApiKeyAuthenticationFilter.class::isInstance));
	}

	@Test
	void annotationThatCannotBeEnforcedThenNoStart() {
		for (Class<?> bean : List.of(OnPrivateMethod.class, OnStaticMethod.class, OnFinalMethod.class)) {
			HostRunner.application().withBean(bean).run((context) -> {
				assertThat(context).hasFailed();
				assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
					.hasMessageContaining(bean.getName() + ".orders would protect nothing");
			});
		}
	}

	@Test
	void ownChainWithKeysTakesThemWithoutWarning(CapturedOutput output) {
		HostRunner.application().withUserConfiguration(OwnChainWithKeys.class).run((context) -> {
			MockMvcTester mvc = mvc(context);
			assertThat(get(mvc, "/orders", "X-API-Key", key(context, "orders:read"))).hasStatus(200);
			assertThat(get(mvc, "/internal")).hasStatus(401).hasHeader("WWW-Authenticate", "Api-Key");
		});
		assertThat(output).doesNotContain("@HasApiKey is used");
	}

	/**
	 * Else a client that waits for JSON would get a page on which to log in.
	 */
	@ParameterizedTest
	@ValueSource(classes = { BrokenPolicy.class, BrokenHasher.class })
	void policyOrHasherWhenItThrowsThen503AndNoLogin(Class<?> broken) {
		HostRunner.withoutFlyway()
			.withBean(broken)
			.withPropertyValues("api-key.hash.scheme=" + ((broken == BrokenHasher.class) ? "broken" : "sha256"))
			.run((context) -> {
				MvcTestResult answer = get(mvc(context), "/orders", "X-API-Key", key(context, "orders:read"), "Accept",
						"text/html");
				assertThat(answer).hasStatus(503)
					.hasContentType("application/problem+json")
					.doesNotContainHeader("Location")
					.doesNotContainHeader("Set-Cookie")
					.doesNotContainHeader("WWW-Authenticate");
				assertThat(answer.getResponse().getContentAsString()).doesNotContain("of the application");
			});
	}

	static class BrokenPolicy implements ApiKeyPolicy {

		@Override
		public boolean permits(ApiKeyPrincipal apiKey) {
			throw new IllegalStateException("of the application");
		}

	}

	static class BrokenHasher implements ApiKeyHasher {

		@Override
		public String getScheme() {
			return "broken";
		}

		@Override
		public String hash(String token) {
			return "hash";
		}

		@Override
		public boolean matches(String token, String hash) {
			throw new IllegalStateException("of the application");
		}

	}

	@Test
	void noBeanIsOfATypeThatTheApplicationOwns() {
		HostRunner.application().run((context) -> {
			List<Class<?>> types = List.of(SecurityFilterChain.class, Filter.class, AuthenticationProvider.class,
					AuthenticationManager.class, AuthenticationConverter.class, UserDetailsService.class,
					PasswordEncoder.class, PermissionEvaluator.class, Flyway.class, TaskScheduler.class,
					ScheduledExecutorService.class, Executor.class, MessageSource.class);
			String[] ours = Arrays.stream(context.getBeanDefinitionNames())
				.filter((name) -> String
					.valueOf(context.getBeanFactory().getMergedBeanDefinition(name).getResourceDescription())
					.contains("io/github/apikeys/autoconfigure"))
				.toArray(String[]::new);
			assertThat(ours).hasSizeGreaterThan(5);
			for (Class<?> type : types) {
				assertThat(context.getBeanNamesForType(type)).as(type.getName()).doesNotContain(ours);
			}
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnUsers {

		@Bean
		UserDetailsService users(PasswordEncoder encoder) {
			return new InMemoryUserDetailsManager(
					User.withUsername("user").password(encoder.encode("password")).roles("USER").build());
		}

		@Bean
		PasswordEncoder encoder() {
			return new BCryptPasswordEncoder(4);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnChain {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnChainWithADefaultName {

		@Bean
		SecurityFilterChain defaultSecurityFilterChain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnChainWithKeys {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ScopeRule {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().hasAuthority("SCOPE_orders:read"))
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	static class OnPrivateMethod {

		@HasApiKey
		private void orders() {
		}

	}

	static class OnStaticMethod {

		@HasApiKey
		static void orders() {
		}

	}

	static class OnFinalMethod {

		@HasApiKey
		final void orders() {
		}

	}

}
