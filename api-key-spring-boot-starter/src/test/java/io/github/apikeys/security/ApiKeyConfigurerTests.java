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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;

import io.github.apikeys.autoconfigure.ApiKeyAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeyMethodSecurityAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeySecurityAutoConfiguration;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.RateLimits;
import io.github.apikeys.ratelimit.ApiKeyRateLimiter;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.authentication.TestingAuthenticationProvider;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.authentication.event.AuthenticationSuccessEvent;
import org.springframework.security.config.Customizer;
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
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsConfigurationSource;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKeyWithAnyScope;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;

/**
 * Keys in chains of all kinds, alone and beside other mechanisms.
 */
@ExtendWith(OutputCaptureExtension.class)
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
			assertThat(get(mvc, "/both", "X-API-Key", "reader", "Authorization", "Unknown x")).hasStatus(401);
			assertThat(get(mvc, "/read", "X-API-Key", "reader", "Authorization", "Unknown x")).hasStatus(401);
		});
	}

	/**
	 * 401 says what to present, 403 that it is not enough.
	 */
	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "KeysOnly,-,-,401,Api-Key", "KeysOnly,wrong,-,401,Api-Key", "KeysOnly,none,-,403,-",
					"KeysOnly,reader,-,200,-", "WithLogin,-,-,401,Basic", "WithLogin,wrong,-,401,Api-Key",
					"WithLogin,none,-,403,-", "WithLogin,reader,-,200,-", "WithLogin,-,Basic,403,-",
					"ResourceServer,-,-,401,Bearer", "ResourceServer,wrong,-,401,Api-Key",
					"ResourceServer,none,-,403,-", "ResourceServer,reader,-,200,-",
					"ResourceServer,-,Bearer bad,401,Bearer", "ResourceServer,-,Bearer good,403,Bearer",
					"ResourceServer,reader,Bearer good,401,Api-Key", "ResourceServer,reader,Bearer bad,401,Api-Key",
					"AcceptingBoth,reader,Bearer good,200,-", "AcceptingBoth,none,Bearer good,403,-",
					"AcceptingBoth,reader,Bearer bad,401,Bearer", "AcceptingBoth,wrong,Bearer good,401,Api-Key" })
	void answerThenWhatEachChainAsksFor(String chain, String key, String other, int status, String challenge)
			throws Exception {
		with(Class.forName(getClass().getName() + "$" + chain), (mvc) -> {
			MockMvcTester.MockMvcRequestBuilder request = mvc.get().uri("/read");
			if (key != null) {
				request.header("X-API-Key", key);
			}
			if (other != null) {
				request.header("Authorization", other.equals("Basic") ? BASIC : other);
			}
			MvcTestResult answer = request.exchange();
			assertThat(answer).hasStatus(status);
			String presented = answer.getResponse().getHeader("WWW-Authenticate");
			if (challenge != null) {
				assertThat(presented).startsWith(challenge);
			}
			else {
				assertThat(presented).satisfiesAnyOf((header) -> assertThat(header).isNull(),
						(header) -> assertThat(header)
							.containsPattern("^(Bearer|Api-Key) error=\"insufficient_scope\""));
			}
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
	void userKeepsTheTypeOfTheOtherMechanism() {
		with(AcceptingBoth.class, (mvc) -> {
			assertThat(get(mvc, "/type", "X-API-Key", "none", "Authorization", BASIC)).bodyText()
				.isEqualTo("UsernamePasswordAuthenticationToken User");
			// the principal is a Jwt in Spring Security 7.0, a JwtAuthenticatedPrincipal
			// in 7.1
			assertThat(get(mvc, "/type", "X-API-Key", "none", "Authorization", "Bearer good")).bodyText()
				.startsWith("JwtAuthenticationToken Jwt");
			assertThat(get(mvc, "/type", "X-API-Key", "none")).bodyText()
				.isEqualTo("ApiKeyAuthentication ApiKeyPrincipal");
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { WithLogin.class, AcceptingBoth.class })
	void keyIsNeverMergedWithTheUserOfTheSession(Class<?> configuration) {
		with(configuration, (mvc) -> {
			MockHttpSession session = sessionOf("owner", "ROLE_USER", "SCOPE_admin");
			assertThat(mvc.get().uri("/authorities").session(session)).bodyText()
				.contains("ROLE_USER", "SCOPE_admin")
				.doesNotContain("FACTOR_API_KEY");
			assertThat(mvc.get().uri("/authorities").session(session).header("X-API-Key", "reader")).bodyText()
				.isEqualTo("[FACTOR_API_KEY, SCOPE_orders:read]");
			assertThat(mvc.get().uri("/type").session(session).header("X-API-Key", "reader")).bodyText()
				.startsWith("ApiKeyAuthentication ");
			assertThat(mvc.get().uri("/both").session(session).header("X-API-Key", "reader")).hasStatus(403);
			assertThat(mvc.get().uri("/authorities").session(session).header("X-API-Key", "wrong")).hasStatus(401);
			assertThat(mvc.get().uri("/authorities").session(session)).bodyText().contains("ROLE_USER", "SCOPE_admin");
		});
	}

	@Test
	void userOfTheSessionIsNotMergedWithKeyAndUserOfTheHeader() {
		with(AcceptingBoth.class,
				(mvc) -> assertThat(mvc.get()
					.uri("/authorities")
					.session(sessionOf("user", "SCOPE_admin"))
					.header("X-API-Key", "reader")
					.header("Authorization", BASIC)).bodyText()
					.contains("FACTOR_API_KEY", "FACTOR_PASSWORD", "ROLE_USER")
					.doesNotContain("SCOPE_admin", "SCOPE_orders:read"));
	}

	@Test
	void repeatedAuthorizationIsRefusedWhereOtherCredentialsAreAccepted() {
		with(AcceptingBoth.class, (mvc) -> {
			assertThat(mvc.get().uri("/open").header("Authorization", "Api-Key reader", WRONG_BASIC)).hasStatus(401);
			assertThat(mvc.get().uri("/open").header("Authorization", BASIC, "Api-Key wrong")).hasStatus(401);
			assertThat(mvc.get().uri("/open").header("X-API-Key", "reader").header("Authorization", BASIC, WRONG_BASIC))
				.hasStatus(401);
		});
	}

	@Test
	void forbiddenBesideAResourceServerEachGetsItsOwnAnswer() {
		with(AcceptingBoth.class, (mvc) -> {
			assertThat(get(mvc, "/read", "X-API-Key", "none")).hasStatus(403)
				.hasContentType("application/problem+json")
				.hasHeader("WWW-Authenticate", "Api-Key error=\"insufficient_scope\", scope=\"orders:read\"");
			assertThat(get(mvc, "/read", "Authorization", "Bearer good")).hasStatus(403)
				.doesNotContainHeader("Content-Type")
				.containsHeader("WWW-Authenticate");
		});
	}

	@ParameterizedTest
	@CsvSource({ "GET,reader,200", "POST,reader,200", "GET,wrong,401", "POST,wrong,401" })
	void sessionIsNotEvenLookedFor(String method, String key, int status) {
		this.runner.withUserConfiguration(WithLogin.class).run((context) -> {
			ServletContext servletContext = context.getServletContext();
			servletContext.setAttribute(WebApplicationContext.ROOT_WEB_APPLICATION_CONTEXT_ATTRIBUTE, context);
			MockHttpServletRequest request = new MockHttpServletRequest(servletContext, method, "/open") {

				@Override
				public HttpSession getSession(boolean create) {
					throw new AssertionError("The session was touched");
				}

				@Override
				public String changeSessionId() {
					throw new AssertionError("The session was touched");
				}

			};
			request.addHeader("X-API-Key", key);
			request.setRequestedSessionId("1");
			MockHttpServletResponse response = new MockHttpServletResponse();
			MockFilterChain controller = new MockFilterChain();
			context.getBean("springSecurityFilterChain", Filter.class).doFilter(request, response, controller);
			assertThat(response.getStatus()).isEqualTo(status);
			assertThat(controller.getRequest() != null).isEqualTo(status == 200);
		});
	}

	@Test
	void storeWhenDownThen503WhateverTheEntryPointIs() {
		this.runner.withUserConfiguration(Customized.class).run((context) -> {
			context.getBean(StubApiKeyService.class)
				.failWith(new ApiKeyStoreException(new IllegalStateException("down")));
			assertThat(get(mvc(context), "/open", "X-Partner-Key", "reader")).hasStatus(503)
				.hasHeader("Retry-After", "5")
				.hasContentType("application/problem+json");
		});
	}

	@Test
	void serviceWhenItFailsInAnotherWayThen503AndNoLogin() {
		this.runner.withUserConfiguration(WithLogin.class).run((context) -> {
			for (RuntimeException failure : List.of(new IllegalStateException("broken"),
					new AccessDeniedException("a secured method, called by a policy"),
					new BadCredentialsException("thrown by a policy"))) {
				context.getBean(StubApiKeyService.class).failWith(failure);
				assertThat(get(mvc(context), "/open", "X-API-Key", "reader", "Accept", "text/html")).hasStatus(503)
					.hasContentType("application/problem+json")
					.doesNotContainHeader("Set-Cookie")
					.doesNotContainHeader("WWW-Authenticate");
			}
		});
	}

	/**
	 * Else the error page of the container would be another mechanism's login.
	 */
	@ParameterizedTest
	@ValueSource(
			classes = { BrokenConverter.class, BrokenMatcher.class, BrokenListener.class, BrokenRateLimiter.class })
	void codeOfTheApplicationWhenItFailsThen503AndNoLogin(Class<?> configuration) {
		with(configuration, (mvc) -> {
			MvcTestResult answer = get(mvc, "/open", "X-API-Key", "limited", "Accept", "text/html");
			assertThat(answer).hasStatus(503)
				.hasContentType("application/problem+json")
				.doesNotContainHeader("Set-Cookie")
				.doesNotContainHeader("WWW-Authenticate");
			assertThat(answer.getRequest().getSession(false)).isNull();
		});
	}

	@Test
	void matcherWhenItFailsBesideOtherChallengesThen503AndNoLogin() {
		this.runner.withUserConfiguration(BrokenMatcher.class)
			.withPropertyValues("api-key.security.challenge-beside-others=true")
			.run((context) -> assertThat(get(mvc(context), "/open", "X-API-Key", "limited")).hasStatus(503)
				.hasContentType("application/problem+json"));
	}

	@Test
	void serviceWhenAbsentThenAdviceInTheLog(CapturedOutput output) {
		new WebApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(SecurityAutoConfiguration.class, ServletWebSecurityAutoConfiguration.class,
							DispatcherServletAutoConfiguration.class, WebMvcAutoConfiguration.class,
							ApiKeyAutoConfiguration.class, ApiKeySecurityAutoConfiguration.class))
			.withUserConfiguration(KeysOnly.class)
			.run((context) -> assertThat(get(mvc(context), "/open", "X-API-Key", "reader")).hasStatus(503)
				.hasContentType("application/problem+json"));
		assertThat(output).contains("one bean of type " + ApiKeyTokenVerifier.class.getName(), "@MockitoBean");
	}

	@Test
	void entryPointOfTheApplicationIsForThoseWithoutAKey() {
		with(OwnEntryPoint.class, (mvc) -> {
			assertThat(get(mvc, "/open")).hasStatus(418);
			assertThat(get(mvc, "/open", "X-API-Key", "wrong")).hasStatus(401).hasHeader("WWW-Authenticate", "Api-Key");
			assertThat(get(mvc, "/read", "X-API-Key", "none")).hasStatus(410);
		});
	}

	@Test
	void preflightNeedsNoKey() {
		with(OwnEntryPoint.class, (mvc) -> {
			assertThat(mvc.options()
				.uri("/open")
				.header("Origin", "https://app.example.com")
				.header("Access-Control-Request-Method", "GET")
				.header("Access-Control-Request-Headers", "X-API-Key")).hasStatus(200)
				.hasHeader("Access-Control-Allow-Headers", "X-API-Key");
			assertThat(get(mvc, "/open", "X-API-Key", "wrong", "Origin", "https://app.example.com")).hasStatus(401)
				.hasHeader("Access-Control-Allow-Origin", "https://app.example.com");
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

	/**
	 * Else allowed addresses and the limit of failed attempts would hold for nobody.
	 */
	@Test
	void customConverterWhenItSetsNoDetailsThenTheRemoteAddressIsVerifiedAllTheSame() {
		this.runner.withUserConfiguration(CustomConverter.class).run((context) -> {
			assertThat(mvc(context).get().uri("/open?key=reader").remoteAddress("203.0.113.7")).hasStatus(200);
			assertThat(context.getBean(StubApiKeyService.class).lastRemoteAddress()).isEqualTo("203.0.113.7");
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
	void tokenVerifierWhenSetThenTheChainAsksNoOther() {
		this.runner.withUserConfiguration(OwnVerifier.class).run((context) -> {
			MockMvcTester mvc = mvc(context);
			assertThat(get(mvc, "/open", "X-API-Key", "anything")).hasStatus(200);
			assertThat(get(mvc, "/open", "X-API-Key", "refused")).hasStatus(401);
			assertThat(context.getBean(StubApiKeyService.class).verifications()).isZero();
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

	private static MockHttpSession sessionOf(String name, String... authorities) {
		MockHttpSession session = new MockHttpSession();
		session.setAttribute(HttpSessionSecurityContextRepository.SPRING_SECURITY_CONTEXT_KEY,
				new SecurityContextImpl(UsernamePasswordAuthenticationToken.authenticated(name, null,
						AuthorityUtils.createAuthorityList(authorities))));
		return session;
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
				.accept("partner-only", "partner")
				.accept("limited", new ApiKeyPrincipal(UUID.randomUUID(), "id-of-limited", "limited", "owner", Set.of(),
						"api_key", RateLimits.parse("1/1h"), false));
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
			return new TreeSet<>(AuthorityUtils.authorityListToSet(user.getAuthorities())).toString();
		}

		@GetMapping("/type")
		String type(Authentication user) {
			return user.getClass().getSimpleName() + " " + user.getPrincipal().getClass().getSimpleName();
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
	static class OwnEntryPoint {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.with(apiKey(), withDefaults())
				.cors(withDefaults())
				.exceptionHandling((exceptions) -> exceptions
					.authenticationEntryPoint(new HttpStatusEntryPoint(HttpStatus.I_AM_A_TEAPOT))
					.accessDeniedHandler((request, response, ex) -> response.setStatus(410)))
				.build();
		}

		@Bean
		CorsConfigurationSource corsConfigurationSource() {
			CorsConfiguration configuration = new CorsConfiguration();
			configuration.addAllowedOrigin("https://app.example.com");
			configuration.addAllowedHeader("X-API-Key");
			return (request) -> configuration;
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
	static class OwnVerifier {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			ApiKeyTokenVerifier verifier = (token, remoteAddress) -> "refused".equals(token) ? Optional.empty()
					: Optional.of(StubApiKeyService.principal("reader"));
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.with(apiKey(), (key) -> key.tokenVerifier(verifier))
				.build();
		}

	}

	private static SecurityFilterChain withLogin(HttpSecurity http, Customizer<ApiKeyConfigurer> keys) {
		return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
			.with(apiKey(), keys)
			.formLogin(withDefaults())
			.build();
	}

	private static RuntimeException broken() {
		return new IllegalStateException("broken");
	}

	@Configuration(proxyBeanMethods = false)
	static class BrokenConverter {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return withLogin(http, (keys) -> keys.authenticationConverter((request) -> {
				throw broken();
			}));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BrokenMatcher {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return withLogin(http, (keys) -> keys.requestMatcher((request) -> {
				throw broken();
			}));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BrokenListener {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return withLogin(http, withDefaults());
		}

		@EventListener
		void on(AuthenticationSuccessEvent event) {
			throw broken();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BrokenRateLimiter {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return withLogin(http, withDefaults());
		}

		@Bean
		ApiKeyRateLimiter rateLimiter() {
			return (key, limits) -> {
				throw broken();
			};
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
