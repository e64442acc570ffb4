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

import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.github.apikeys.autoconfigure.ApiKeyAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeyMethodSecurityAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeySecurityAutoConfiguration;
import io.github.apikeys.core.ApiKeyPrincipal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.authentication.TestingAuthenticationProvider;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.CsrfConfigurer;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.HttpStatusEntryPoint;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.WebApplicationContext;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKeyWithAnyScope;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;

/**
 * Keys in chains of all kinds, alone and beside other mechanisms.
 */
class ApiKeyConfigurerTests {

	private static final String BASIC = "Basic " + Base64.getEncoder().encodeToString("user:password".getBytes());

	private static final String WRONG_BASIC = "Basic " + Base64.getEncoder().encodeToString("user:wrong".getBytes());

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SecurityAutoConfiguration.class,
				ServletWebSecurityAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
				WebMvcAutoConfiguration.class, ApiKeyAutoConfiguration.class, ApiKeySecurityAutoConfiguration.class,
				ApiKeyMethodSecurityAutoConfiguration.class))
		.withUserConfiguration(Application.class);

	@Test
	void chainWithNothingButKeys() {
		with(KeysOnly.class, (mvc) -> {
			assertThat(get(mvc, "/open", "X-API-Key", "reader")).hasStatus(200);
			assertThat(get(mvc, "/open")).hasStatus(401)
				.hasHeader("WWW-Authenticate", "Api-Key")
				.hasContentType("application/problem+json");
			assertThat(get(mvc, "/open", "Accept", "text/html")).hasStatus(401);
			assertThat(get(mvc, "/any", "X-API-Key", "writer")).hasStatus(200);
			assertThat(get(mvc, "/any", "X-API-Key", "none")).hasStatus(403);
			assertThat(get(mvc, "/read", "X-API-Key", "writer")).hasStatus(403);
		});
	}

	@Test
	void chainWithLoginKeepsItsEntryPoints() {
		with(WithLogin.class, (mvc) -> {
			assertThat(get(mvc, "/open", "Accept", "text/html")).hasStatus(302).hasHeader("Location", "/login");
			assertThat(get(mvc, "/open", "Accept", "application/json")).hasStatus(401)
				.matches(ApiKeyConfigurerTests::isBasicChallenge);
			assertThat(get(mvc, "/open", "Authorization", BASIC)).hasStatus(200);
			assertThat(get(mvc, "/open", "Authorization", WRONG_BASIC)).hasStatus(401);
			assertThat(get(mvc, "/open", "X-API-Key", "wrong", "Accept", "text/html")).hasStatus(401)
				.hasHeader("WWW-Authenticate", "Api-Key");
		});
	}

	@Test
	void forbiddenPersonGetsTheUsualAnswer() {
		with(WithLogin.class, (mvc) -> {
			assertThat(get(mvc, "/read", "Authorization", BASIC)).hasStatus(403).doesNotContainHeader("Content-Type");
			assertThat(get(mvc, "/read", "X-API-Key", "writer")).hasStatus(403)
				.hasContentType("application/problem+json");
		});
	}

	@Test
	void annotationsAddUp() {
		with(WithLogin.class, (mvc) -> {
			assertThat(get(mvc, "/read-as-partner", "X-API-Key", "reader")).hasStatus(403);
			assertThat(get(mvc, "/read-as-partner", "X-API-Key", "partner")).hasStatus(200);
			assertThat(get(mvc, "/read-as-partner", "X-API-Key", "partner-only")).hasStatus(403);
			assertThat(get(mvc, "/permission", "X-API-Key", "reader")).hasStatus(200);
			assertThat(get(mvc, "/permission", "X-API-Key", "writer")).hasStatus(403);
			assertThat(get(mvc, "/permission", "Authorization", BASIC)).hasStatus(403);
		});
	}

	@Test
	void keyOrPerson() {
		with(WithLogin.class, (mvc) -> {
			assertThat(get(mvc, "/either", "X-API-Key", "none")).hasStatus(200);
			assertThat(get(mvc, "/either", "Authorization", BASIC)).hasStatus(200);
			assertThat(get(mvc, "/either")).hasStatus(401);
			assertThat(get(mvc, "/rule/either", "X-API-Key", "none")).hasStatus(200);
			assertThat(get(mvc, "/rule/either", "Authorization", BASIC)).hasStatus(200);
		});
	}

	@Test
	void keyAndOtherCredentialsWhenNotAcceptedThenRefused() {
		with(WithLogin.class, (mvc) -> {
			assertThat(get(mvc, "/open", "X-API-Key", "reader", "Authorization", BASIC)).hasStatus(401);
			assertThat(get(mvc, "/open", "X-API-Key", "reader", "Authorization", "Bearer jwt")).hasStatus(401);
		});
	}

	@ParameterizedTest
	@CsvSource({ "Basic", "Bearer" })
	void keyAndPersonWhenAccepted(String scheme) {
		String good = scheme.equals("Basic") ? BASIC : "Bearer good";
		String bad = scheme.equals("Basic") ? WRONG_BASIC : "Bearer bad";
		with(AcceptingBoth.class, (mvc) -> {
			assertThat(get(mvc, "/both", "X-API-Key", "reader", "Authorization", good)).hasStatus(200)
				.bodyText()
				.isEqualTo("user through reader");
			assertThat(get(mvc, "/both", "X-API-Key", "reader", "Authorization", bad)).hasStatus(401);
			assertThat(get(mvc, "/both", "X-API-Key", "wrong", "Authorization", good)).hasStatus(401);
			assertThat(get(mvc, "/both", "X-API-Key", "reader")).hasStatus(403);
			assertThat(get(mvc, "/both", "Authorization", good)).hasStatus(403);
			assertThat(get(mvc, "/both", "X-API-Key", "reader", "Authorization", "Unknown x")).hasStatus(403);
			assertThat(get(mvc, "/read", "X-API-Key", "reader", "Authorization", "Unknown x")).hasStatus(200);
		});
	}

	@Test
	void rightsOfKeyAndPersonDoNotMix() {
		with(AcceptingBoth.class, (mvc) -> {
			// the token has SCOPE_orders:read, the key has not
			assertThat(get(mvc, "/read", "X-API-Key", "none", "Authorization", "Bearer good")).hasStatus(403);
			// the key has SCOPE_orders:write, the token has not
			assertThat(get(mvc, "/authorities", "X-API-Key", "writer", "Authorization", "Bearer good")).bodyText()
				.contains("FACTOR_API_KEY", "FACTOR_BEARER", "SCOPE_orders:read")
				.doesNotContain("SCOPE_orders:write");
		});
	}

	@Test
	void postWithOtherCredentialsNeedsCsrfToken() {
		with(AcceptingBoth.class, (mvc) -> {
			assertThat(mvc.post().uri("/post").header("X-API-Key", "none")).hasStatus(200);
			assertThat(mvc.post().uri("/post").header("X-API-Key", "none").header("Authorization", BASIC))
				.hasStatus(403);
		});
	}

	@Test
	void keyAsBearerBesideAResourceServer() {
		this.runner.withPropertyValues("api-key.security.schemes=Bearer")
			.withUserConfiguration(ResourceServer.class)
			.run((context) -> {
				MockMvcTester mvc = mvc(context);
				context.getBean(StubApiKeyService.class).accept("ak_x");
				assertThat(get(mvc, "/open", "Authorization", "Bearer ak_x")).hasStatus(200);
				assertThat(get(mvc, "/open", "Authorization", "Bearer ak_y")).hasStatus(401)
					.hasHeader("WWW-Authenticate", "Bearer");
				assertThat(get(mvc, "/open", "Authorization", "Bearer good")).hasStatus(200);
				assertThat(get(mvc, "/open", "Authorization", "Bearer bad")).hasStatus(401);
				assertThat(get(mvc, "/open")).hasStatus(401)
					.containsHeader("WWW-Authenticate")
					.doesNotContainHeader("Content-Type");
			});
	}

	@Test
	void everythingCanBeSet() {
		with(Customized.class, (mvc) -> {
			assertThat(get(mvc, "/open", "X-Partner-Key", "reader")).hasStatus(200);
			assertThat(get(mvc, "/open", "X-Other-Key", "reader")).hasStatus(200);
			assertThat(get(mvc, "/open", "Authorization", "Partner reader")).hasStatus(200);
			assertThat(get(mvc, "/open", "X-API-Key", "reader")).hasStatus(418);
			assertThat(get(mvc, "/open", "X-Partner-Key", "wrong")).hasStatus(418);
			assertThat(get(mvc, "/read", "X-Partner-Key", "reader")).hasStatus(418);
		});
	}

	@Test
	void customConverterReplacesTheReadingAndIsNotExemptFromCsrf() {
		with(CustomConverter.class, (mvc) -> {
			assertThat(mvc.get().uri("/open?key=reader")).hasStatus(200);
			assertThat(mvc.get().uri("/open?key=wrong")).hasStatus(401);
			assertThat(get(mvc, "/open", "X-API-Key", "reader")).hasStatus(401);
			assertThat(mvc.post().uri("/post?key=reader")).hasStatus(403);
		});
	}

	@Test
	void chainWithItsOwnAuthenticationManager() {
		with(OwnManager.class, (mvc) -> assertThat(get(mvc, "/open", "X-API-Key", "reader")).hasStatus(200));
	}

	@Test
	void chainWithoutCsrfProtectionStaysWithout() {
		with(NoCsrf.class, (mvc) -> assertThat(mvc.post().uri("/post").header("Authorization", BASIC)).hasStatus(200));
	}

	@Test
	void ownSecurityContextHolderStrategyCounts() {
		this.runner.withUserConfiguration(WithLogin.class)
			.withBean(SecurityContextHolderStrategy.class, OwnStrategy::new)
			.run((context) -> {
				MockMvcTester mvc = mvc(context);
				assertThat(get(mvc, "/read", "X-API-Key", "reader")).hasStatus(200);
				assertThat(get(mvc, "/read", "X-API-Key", "writer")).hasStatus(403)
					.hasContentType("application/problem+json");
			});
	}

	@Test
	void onlyTheChainThatSaysSoReadsKeys() {
		this.runner.withUserConfiguration(TwoChains.class).run((context) -> {
			MockMvcTester mvc = mvc(context);
			assertThat(get(mvc, "/open", "X-API-Key", "reader")).hasStatus(200);
			assertThat(get(mvc, "/rule/either", "X-API-Key", "reader")).hasStatus(403);
			assertThat(context.getBean(StubApiKeyService.class).verifications()).isEqualTo(1);
		});
	}

	private void with(Class<?> configuration, Consumer<MockMvcTester> test) {
		this.runner.withUserConfiguration(configuration).run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(mvc(context));
		});
	}

	private static MockMvcTester mvc(WebApplicationContext context) {
		return MockMvcTester.create(MockMvcBuilders.webAppContextSetup(context).apply(springSecurity()).build());
	}

	private static boolean isBasicChallenge(MvcTestResult result) {
		return result.getResponse().getHeader("WWW-Authenticate").startsWith("Basic ");
	}

	private static MvcTestResult get(MockMvcTester mvc, String path, String... headers) {
		MockMvcTester.MockMvcRequestBuilder request = mvc.get().uri(path);
		for (int i = 0; i < headers.length; i += 2) {
			request.header(headers[i], headers[i + 1]);
		}
		return request.exchange();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableMethodSecurity
	static class Application {

		@Bean
		StubApiKeyService apiKeyService() {
			return new StubApiKeyService().accept("none")
				.accept("reader", "orders:read")
				.accept("writer", "orders:write")
				.accept("partner", "orders:read", "partner")
				.accept("partner-only", "partner");
		}

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(
					User.withUsername("user").password("{noop}password").roles("USER").build());
		}

		@Bean
		JwtDecoder jwtDecoder() {
			return (token) -> {
				if (!token.equals("good")) {
					throw new BadJwtException("bad");
				}
				return new Jwt(token, Instant.now(), Instant.now().plusSeconds(60), Map.of("alg", "none"),
						Map.of("sub", "user", "scope", "orders:read"));
			};
		}

		@Bean
		Endpoints endpoints() {
			return new Endpoints();
		}

	}

	@RestController
	static class Endpoints {

		@GetMapping("/open")
		String open() {
			return "open";
		}

		@GetMapping({ "/any", "/rule/either" })
		String byRule() {
			return "by rule";
		}

		@HasApiKey("orders:read")
		@GetMapping("/read")
		String read() {
			return "read";
		}

		@HasApiKey("orders:read")
		@PreAuthorize("hasAuthority('SCOPE_partner')")
		@GetMapping("/read-as-partner")
		String readAsPartner() {
			return "read";
		}

		@PreAuthorize("hasPermission('orders', 'read')")
		@GetMapping("/permission")
		String permission() {
			return "permitted";
		}

		@PreAuthorize("hasAuthority('FACTOR_API_KEY') or hasRole('USER')")
		@GetMapping("/either")
		String either() {
			return "either";
		}

		@HasApiKey("orders:read")
		@PreAuthorize("hasAuthority('FACTOR_API_KEY') and (hasRole('USER') or hasAuthority('FACTOR_BEARER'))")
		@GetMapping("/both")
		String both(Authentication user) {
			ApiKeyPrincipal key = ApiKeyFactor.find(user);
			return user.getName() + " through " + key.displayName();
		}

		@GetMapping("/authorities")
		String authorities(Authentication user) {
			return AuthorityUtils.authorityListToSet(user.getAuthorities()).toString();
		}

		@PostMapping("/post")
		String post() {
			return "posted";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class KeysOnly {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http
				.authorizeHttpRequests((requests) -> requests.requestMatchers("/any")
					.access(hasApiKeyWithAnyScope("orders:write", "orders:admin"))
					.anyRequest()
					.access(hasApiKey()))
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithLogin {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http
				.authorizeHttpRequests((requests) -> requests.requestMatchers("/rule/either")
					.hasAnyAuthority("FACTOR_API_KEY", "ROLE_USER")
					.anyRequest()
					.authenticated())
				.with(apiKey(), withDefaults())
				.formLogin(withDefaults())
				.httpBasic(withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AcceptingBoth {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.with(apiKey(), ApiKeyConfigurer::acceptOtherCredentials)
				.httpBasic(withDefaults())
				.oauth2ResourceServer((server) -> server.jwt(withDefaults()))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ResourceServer {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.with(apiKey(), withDefaults())
				.oauth2ResourceServer((server) -> server.jwt(withDefaults()))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Customized {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.with(apiKey(),
						(key) -> key.headerNames("X-Partner-Key", "X-Other-Key")
							.schemes("Partner")
							.authenticationEntryPoint(new HttpStatusEntryPoint(HttpStatus.I_AM_A_TEAPOT))
							.requestMatcher((request) -> request.getRequestURI().equals("/open")))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CustomConverter {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.with(apiKey(),
						(key) -> key.authenticationConverter((request) -> (request.getParameter("key") != null)
								? new ApiKeyAuthenticationToken(request.getParameter("key")) : null))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnManager {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.authenticationManager(new ProviderManager(List.of(new TestingAuthenticationProvider())))
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoCsrf {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic(withDefaults())
				.csrf(CsrfConfigurer::disable)
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoChains {

		@Bean
		@Order(1)
		SecurityFilterChain others(HttpSecurity http) {
			return http.securityMatcher("/rule/**")
				.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.build();
		}

		@Bean
		SecurityFilterChain keys(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	/**
	 * A strategy that shares nothing with the static one.
	 */
	static class OwnStrategy implements SecurityContextHolderStrategy {

		private final ThreadLocal<SecurityContext> contexts = new ThreadLocal<>();

		@Override
		public void clearContext() {
			this.contexts.remove();
		}

		@Override
		public SecurityContext getContext() {
			if (this.contexts.get() == null) {
				this.contexts.set(createEmptyContext());
			}
			return this.contexts.get();
		}

		@Override
		public void setContext(SecurityContext context) {
			this.contexts.set(context);
		}

		@Override
		public SecurityContext createEmptyContext() {
			return new SecurityContextImpl();
		}

	}

}
