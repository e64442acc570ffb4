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

import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.github.apikeys.autoconfigure.ApiKeyAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeyMethodSecurityAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeySecurityAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeyWebMvcAutoConfiguration;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.authorization.AllRequiredFactorsAuthorizationManager;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.RequiredFactor;
import org.springframework.security.concurrent.DelegatingSecurityContextCallable;
import org.springframework.security.config.annotation.authorization.EnableMultiFactorAuthentication;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.authority.FactorGrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.authentication.logout.HeaderWriterLogoutHandler;
import org.springframework.security.web.authentication.switchuser.SwitchUserFilter;
import org.springframework.security.web.context.HttpRequestResponseHolder;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.header.writers.ClearSiteDataHeaderWriter;
import org.springframework.security.web.header.writers.ClearSiteDataHeaderWriter.Directive;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.filter.RequestContextFilter;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.security.test.web.servlet.response.SecurityMockMvcResultMatchers.authenticated;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;

/**
 * A key lives as long as its request, and decides alone who its caller is.
 */
class ApiKeyLifeTests {

	private static final String BASIC = "Basic " + Base64.getEncoder().encodeToString("user:password".getBytes());

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SecurityAutoConfiguration.class,
				ServletWebSecurityAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
				WebMvcAutoConfiguration.class, ApiKeyAutoConfiguration.class, ApiKeySecurityAutoConfiguration.class,
				ApiKeyMethodSecurityAutoConfiguration.class, ApiKeyWebMvcAutoConfiguration.class))
		.withUserConfiguration(Application.class);

	@ParameterizedTest
	@ValueSource(classes = { SavingImplicitly.class, SavingWithStrategies.class, SavingBasic.class })
	void keyWhenTheChainSavesContextsThenNoSession(Class<?> chain) {
		with(chain, (mvc) -> {
			MvcTestResult both = get(mvc, "/read", "X-API-Key", "reader", "Authorization", BASIC);
			assertThat(both).hasStatus(200);
			assertThat(both.getRequest().getSession(false)).isNull();
			MvcTestResult alone = get(mvc, "/read", "X-API-Key", "reader");
			assertThat(alone).hasStatus(200);
			assertThat(alone.getRequest().getSession(false)).isNull();
		});
	}

	/**
	 * However the application keeps what was authenticated, and whatever it copies.
	 */
	@ParameterizedTest
	@CsvSource({ "/keep/context,false", "/keep/context,true", "/keep/copy-of-context,false",
			"/keep/copy-of-context,true", "/keep/copy-of-authentication,false", "/keep/copy-of-authentication,true" })
	void keyWhenItComesFromASessionThenItCountsForNothing(String path, boolean besideUser) {
		with(AcceptingBoth.class, (mvc) -> {
			MockHttpSession session = new MockHttpSession();
			MockMvcTester.MockMvcRequestBuilder request = mvc.get()
				.uri(path)
				.session(session)
				.header("X-API-Key", "reader");
			assertThat(besideUser ? request.header("Authorization", BASIC) : request).hasStatus(200);
			assertThat(session.getAttribute(HttpSessionSecurityContextRepository.SPRING_SECURITY_CONTEXT_KEY))
				.isNotNull();
			// a user is left of a user with a key, and nobody of a key
			int status = besideUser ? 403 : 401;
			assertThat(mvc.get().uri("/read").session(session)).hasStatus(status);
			assertThat(mvc.get().uri("/factor").session(session)).hasStatus(status);
			assertThat(mvc.get().uri("/scope").session(session)).hasStatus(status);
			if (besideUser) {
				assertThat(mvc.get().uri("/authorities").session(session)).bodyText()
					.contains("ROLE_USER")
					.doesNotContain("FACTOR_API_KEY");
			}
			// a key of its own counts beside what is left of another
			assertThat(mvc.get().uri("/read").session(session).header("X-API-Key", "reader")).hasStatus(200);
		});
	}

	/**
	 * As where the filter of all chains comes before the one that says which request a
	 * thread serves.
	 */
	@Test
	void keyWhenItComesFromASessionAndNobodySaysWhichRequestIsServedThenItCountsForNothing() {
		this.runner.withUserConfiguration(WithLogin.class).run((context) -> {
			Filter chains = chains(context);
			MockHttpSession session = new MockHttpSession();
			MockHttpServletRequest withKey = request(context.getServletContext(), "GET", "/factor");
			withKey.addHeader("X-API-Key", "reader");
			MockHttpServletResponse answer = new MockHttpServletResponse();
			chains.doFilter(withKey, answer, (request, response) -> Endpoints.keep(session));
			assertThat(answer.getStatus()).isEqualTo(200);
			for (String path : new String[] { "/factor", "/scope" }) {
				MockHttpServletRequest withSession = request(context.getServletContext(), "GET", path);
				withSession.setSession(session);
				MockHttpServletResponse refusal = new MockHttpServletResponse();
				chains.doFilter(withSession, refusal, new MockFilterChain());
				assertThat(refusal.getStatus()).isEqualTo(401);
			}
		});
	}

	@Test
	void keyWhenDeniedAndNobodySaysAnyMoreWhichRequestIsServedThenForbiddenAndNoLogin() {
		this.runner.withUserConfiguration(WithLogin.class).run((context) -> {
			MockHttpServletRequest withKey = request(context.getServletContext(), "GET", "/open");
			withKey.addHeader("X-API-Key", "reader");
			MockHttpServletResponse answer = new MockHttpServletResponse();
			chains(context).doFilter(withKey, answer,
					(request, response) -> new RequestContextFilter().doFilter(request, response, (inner, outer) -> {
						throw new AccessDeniedException("as a method may throw");
					}));
			assertThat(answer.getStatus()).isEqualTo(403);
			assertThat(answer.getContentType()).isEqualTo("application/problem+json");
		});
	}

	/**
	 * A server may create threads while it serves a request, and they inherit what is
	 * inheritable.
	 */
	@Test
	void keyWhenItIsLeftOnAThreadThenItCountsForWorkThatWasHandedOnOnly() {
		this.runner.withUserConfiguration(WithLogin.class).run((context) -> {
			MockHttpServletRequest withKey = request(context.getServletContext(), "GET", "/open");
			withKey.addHeader("X-API-Key", "reader");
			AtomicReference<Authentication> left = new AtomicReference<>();
			chains(context).doFilter(withKey, new MockHttpServletResponse(),
					(request, response) -> left.set(SecurityContextHolder.getContext().getAuthentication()));
			assertThat(left.get().isAuthenticated()).isTrue();
			assertThat(ApiKeyFactor.find(left.get())).isNotNull();
			AtomicReference<ApiKeyPrincipal> found = new AtomicReference<>();
			Servlet servlet = new HttpServlet() {

				@Override
				protected void doGet(HttpServletRequest request, HttpServletResponse response) {
					found.set(ApiKeyFactor.find(left.get()));
				}

			};
			Filter lambda = (request, response, chain) -> found.set(ApiKeyFactor.find(left.get()));
			MockHttpServletRequest other = request(context.getServletContext(), "GET", "/without-chain");
			for (RequestAttributes known : new RequestAttributes[] { null, new ServletRequestAttributes(other),
					new ServletRequestAttributes(withKey) }) {
				boolean own = known instanceof ServletRequestAttributes attributes
						&& attributes.getRequest() == withKey;
				RequestContextHolder.setRequestAttributes(known);
				try {
					servlet.service(other, new MockHttpServletResponse());
					assertThat(found.getAndSet(null) != null).isEqualTo(own);
					lambda.doFilter(other, new MockHttpServletResponse(), new MockFilterChain());
					assertThat(found.getAndSet(null) != null).isEqualTo(own);
				}
				finally {
					RequestContextHolder.resetRequestAttributes();
				}
			}
		});
	}

	/**
	 * A thread of a pool cannot tell for which request it works, unless it is told.
	 */
	@ParameterizedTest
	@ValueSource(classes = { Keeping.class, KeepingInARepository.class, KeepingBehindTheChain.class })
	void keyWhenItIsKeptThenWorkOfALaterRequestHasNone(Class<?> configuration) {
		with(configuration, (mvc) -> {
			MockHttpSession session = new MockHttpSession();
			assertThat(mvc.get().uri("/keep/context").session(session).header("X-API-Key", "reader")).hasStatus(200);
			for (String path : new String[] { "/jobs/task", "/jobs/callable", "/ui/jobs/task", "/ui/jobs/callable" }) {
				assertThat(mvc.get().uri(path).session(session)).hasStatus(200).bodyText().isEqualTo("no key");
			}
			for (String path : new String[] { "/jobs/task", "/jobs/callable" }) {
				assertThat(mvc.get().uri(path).session(session).header("X-API-Key", "reader")).hasStatus(200)
					.bodyText()
					.isEqualTo("id-of-reader");
			}
		});
	}

	/**
	 * As soon as it is known for whom a thread works, it does not matter how it came to a
	 * context.
	 */
	@Test
	void keyWhenAControllerSetsOneThatItKeptThenAsynchronousWorkOfTheRequestHasNone() {
		with(Keeping.class, (mvc) -> {
			assertThat(mvc.get().uri("/keep/context").header("X-API-Key", "reader")).hasStatus(200);
			assertThat(mvc.get().uri("/jobs/callable").param("kept", "true")).hasStatus(200)
				.bodyText()
				.isEqualTo("no key");
		});
	}

	@Test
	void keyWhenWorkOfItsRequestIsHandedOnThenItCountsThoughTheRequestIsOver() {
		this.runner.withUserConfiguration(Keeping.class).run((context) -> {
			MockMvcTester mvc = mvc(context);
			Memory memory = context.getBean(Memory.class);
			assertThat(get(mvc, "/jobs/later", "X-API-Key", "reader")).hasStatus(200);
			RequestAttributes own = memory.attributes.get();
			RequestAttributes another = new ServletRequestAttributes(served());
			RequestAttributes anotherWithAKey = new ServletRequestAttributes(servedWithAKey());
			for (RequestAttributes known : new RequestAttributes[] { null, own, another, anotherWithAKey }) {
				assertThat(workOnAThreadWith(known, memory))
					.isEqualTo((known == null || known == own) ? "id-of-reader" : "no key");
			}
		});
	}

	/**
	 * As threads of a pool inherit the request during which they were created.
	 */
	@Test
	void keyWhenWorkIsHandedOnToAThreadThatKnowsARequestThatIsOverThenItCounts() {
		this.runner.withUserConfiguration(Keeping.class).run((context) -> {
			Memory memory = context.getBean(Memory.class);
			assertThat(get(mvc(context), "/jobs/later", "X-API-Key", "reader")).hasStatus(200);
			for (HttpServletRequest request : new HttpServletRequest[] { served(), servedWithAKey() }) {
				ServletRequestAttributes over = new ServletRequestAttributes(request);
				over.requestCompleted();
				assertThat(workOnAThreadWith(over, memory)).isEqualTo("id-of-reader");
			}
		});
	}

	/**
	 * A test may have a request at hand that nobody serves, and asks afterwards who the
	 * caller was.
	 */
	@Test
	void keyWhenTheThreadKnowsARequestThatNobodyServesThenItCountsAfterItsOwn() {
		with(Keeping.class, (mvc) -> {
			RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(new MockHttpServletRequest()));
			try {
				assertThat(get(mvc, "/read", "X-API-Key", "reader")).hasStatus(200)
					.matches(authenticated().withAuthorities("FACTOR_API_KEY", "SCOPE_orders:read")
						.withAuthentication((caller) -> assertThat(ApiKeyFactor.find(caller)).isNotNull()));
			}
			finally {
				RequestContextHolder.resetRequestAttributes();
			}
		});
	}

	private static MockHttpServletRequest served() {
		MockHttpServletRequest request = new MockHttpServletRequest();
		new OutlivedKeyInterceptor().preHandle(request, new MockHttpServletResponse(), "handler");
		SecurityContextHolder.clearContext();
		return request;
	}

	private static HttpServletRequest servedWithAKey() {
		MockHttpServletRequest request = new MockHttpServletRequest();
		VerifiedRequest verified = new VerifiedRequest(
				ApiKeyAuthentication.of(StubApiKeyService.principal("none"), Set.of()), null, true, false);
		verified.bindTo(request);
		return new VerifiedHttpServletRequest(request, verified);
	}

	private static String workOnAThreadWith(@Nullable RequestAttributes known, Memory memory) {
		return onAnotherThread(() -> {
			RequestContextHolder.setRequestAttributes(known);
			return memory.work.get().call();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "ERROR", "ASYNC", "FORWARD" })
	void laterDispatchThenTheKeyAndNobodyElse(String dispatch) {
		for (Class<?> chain : new Class<?>[] { SavingImplicitly.class, WithLogin.class }) {
			this.runner.withUserConfiguration(chain).run((context) -> {
				MockHttpSession session = sessionOf("owner", "ROLE_USER", "SCOPE_admin");
				MockHttpServletRequest request = request(context.getServletContext(), "GET", "/open");
				request.setSession(session);
				request.addHeader("X-API-Key", "reader");
				Filter chains = chains(context);
				assertThat(callerIn(chains, request)).isEqualTo("id-of-reader");
				request.setDispatcherType(DispatcherType.valueOf(dispatch));
				assertThat(callerIn(chains, request)).isEqualTo("id-of-reader");
				assertThat(context.getBean(StubApiKeyService.class).verifications()).isEqualTo(1);
			});
		}
	}

	@Test
	void mechanismThatTakesOverThenStillTheKey() {
		with(TakingOver.class, (mvc) -> {
			assertThat(get(mvc, "/authorities")).bodyText().isEqualTo("[ROLE_COOKIE]");
			assertThat(get(mvc, "/authorities", "X-API-Key", "reader")).bodyText()
				.isEqualTo("[FACTOR_API_KEY, SCOPE_orders:read]");
		});
	}

	@ParameterizedTest
	@CsvSource({ "/login,401", "/logout,401", "/login/ott,401", "/ott/generate,401" })
	void loginOrLogoutWithAJunkKeyThenRefusedAndNothingHappens(String path, int status) {
		with(WithLogin.class, (mvc) -> {
			MockHttpSession session = sessionOf("owner", "ROLE_USER");
			MvcTestResult answer = mvc.post()
				.uri(path)
				.session(session)
				.param("username", "user")
				.param("password", "password")
				.header("X-API-Key", "junk")
				.exchange();
			assertThat(answer).hasStatus(status);
			assertThat(session.isInvalid()).isFalse();
			MvcTestResult alone = mvc.post()
				.uri(path)
				.param("username", "user")
				.param("password", "password")
				.header("X-API-Key", "junk")
				.exchange();
			assertThat(alone).hasStatus(status);
			assertThat(alone.getRequest().getSession(false)).isNull();
		});
	}

	@Test
	void loginOrLogoutWithAKeyThenNoSessionBeginsOrEnds() {
		with(WithLogin.class, (mvc) -> {
			MvcTestResult login = mvc.post()
				.uri("/login")
				.param("username", "user")
				.param("password", "password")
				.header("X-API-Key", "reader")
				.exchange();
			assertThat(login.getRequest().getSession(false)).isNull();
			assertThat(get(mvc, "/login", "X-API-Key", "reader").getRequest().getSession(false)).isNull();
			MockHttpSession session = sessionOf("owner", "ROLE_USER");
			String id = session.getId();
			mvc.post().uri("/logout").session(session).header("X-API-Key", "reader").exchange();
			mvc.post()
				.uri("/login")
				.session(session)
				.param("username", "user")
				.param("password", "password")
				.header("X-API-Key", "reader")
				.exchange();
			assertThat(session.isInvalid()).isFalse();
			assertThat(session.getId()).isEqualTo(id);
			assertThat(mvc.get().uri("/authorities").session(session)).bodyText().isEqualTo("[ROLE_USER]");
		});
	}

	@Test
	void loginOrLogoutWithAKeyThenNoCookieIsSetOrDeleted() {
		with(WithCookies.class, (mvc) -> {
			for (String path : new String[] { "/login", "/logout", "/own-cookie" }) {
				MockMvcTester.MockMvcRequestBuilder request = mvc.post()
					.uri(path)
					.cookie(new Cookie("remember-me", "x"))
					.param("username", "user")
					.param("password", "password");
				MockHttpServletResponse answer = request.secure(true)
					.header("X-API-Key", "reader")
					.exchange()
					.getResponse();
				assertThat(answer.getHeaders("Set-Cookie")).allMatch((cookie) -> cookie.startsWith("own"))
					.hasSize(path.equals("/own-cookie") ? 2 : 0);
				assertThat(answer.getHeader("Clear-Site-Data")).isNull();
			}
			assertThat(mvc.post()
				.uri("/login")
				.with(csrf())
				.param("username", "user")
				.param("password", "password")
				.exchange()
				.getResponse()
				.getCookie("remember-me")).isNotNull();
		});
	}

	/**
	 * Switching the user comes behind the authorization.
	 */
	@Test
	void switchOfTheUserWithAKeyThenNoSession() {
		with(WithSwitch.class, (mvc) -> {
			MvcTestResult answer = mvc.post()
				.uri("/login/impersonate")
				.param("username", "user")
				.header("X-API-Key", "reader")
				.exchange();
			assertThat(answer.getRequest().getSession(false)).isNull();
			assertThat(mvc.post()
				.uri("/login/impersonate")
				.session(sessionOf("owner", "SCOPE_orders:read"))
				.with(csrf())
				.param("username", "user")).hasStatus(302);
		});
	}

	@Test
	void sessionOfTheApplicationIsItsOwn() {
		with(WithLogin.class, (mvc) -> {
			MvcTestResult answer = get(mvc, "/own-session", "X-API-Key", "reader");
			assertThat(answer).hasStatus(200);
			assertThat(answer.getRequest().getSession(false)).isNotNull();
		});
	}

	@Test
	void otherCredentialsThatNobodyReadsThenRefused() {
		with(AcceptingBoth.class, (mvc) -> {
			assertThat(get(mvc, "/open", "X-API-Key", "reader", "Authorization", "Bearer garbage")).hasStatus(401)
				.hasHeader("WWW-Authenticate", "Api-Key");
			assertThat(get(mvc, "/open", "X-API-Key", "reader", "Authorization", "Unknown x")).hasStatus(401);
			assertThat(get(mvc, "/open", "X-API-Key", "reader", "Authorization", "")).hasStatus(401);
			assertThat(get(mvc, "/open", "X-API-Key", "reader", "Authorization", BASIC)).hasStatus(200);
		});
	}

	@Test
	void otherCredentialsThatNobodyReadsThenACookieIsNoSubstitute() {
		with(AcceptingBoth.class,
				(mvc) -> assertThat(mvc.get()
					.uri("/open")
					.session(sessionOf("user", "ROLE_USER"))
					.cookie(new Cookie("remember-me", "x"))
					.header("X-API-Key", "reader")
					.header("Authorization", "Bearer garbage")).hasStatus(401));
	}

	@ParameterizedTest
	@CsvSource({ "/secured", "/scope", "/login-needed" })
	void keyWhenSecondFactorsAreRequiredThenForbiddenAndNoLogin(String path) {
		with(WithFactors.class, (mvc) -> {
			MvcTestResult answer = get(mvc, path, "X-API-Key", "reader");
			assertThat(answer).hasStatus(path.equals("/login-needed") ? 401 : 403)
				.hasContentType("application/problem+json");
			assertThat(answer.getRequest().getSession(false)).isNull();
		});
	}

	/**
	 * A key is presented with each request, and has no age.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "/factor-of-an-hour", "/factor-for-ever" })
	void keyWhenAFactorMustBeRecentThenForbiddenAndNoLogin(String path) {
		with(WithFactors.class, (mvc) -> {
			MvcTestResult answer = get(mvc, path, "X-API-Key", "reader", "Accept", "text/html");
			assertThat(answer).hasStatus(403).hasContentType("application/problem+json");
			assertThat(answer).doesNotContainHeader("Location");
			assertThat(answer.getRequest().getSession(false)).isNull();
		});
	}

	@Test
	void ruleForKeysWhenSecondFactorsAreRequiredThenItDecides() {
		with(WithFactors.class, (mvc) -> {
			assertThat(get(mvc, "/open", "X-API-Key", "reader")).hasStatus(200);
			assertThat(get(mvc, "/read", "X-API-Key", "reader")).hasStatus(200);
			assertThat(get(mvc, "/read", "X-API-Key", "none")).hasStatus(403);
			assertThat(get(mvc, "/factor", "X-API-Key", "none")).hasStatus(200);
			assertThat(get(mvc, "/secured", "Accept", "text/html")).hasStatus(302);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "X-API-Key: reader", "Authorization: Api-Key reader" })
	void headerWhenTheKeyIsVerifiedThenGoneBehindTheFilter(String header) {
		String[] parts = header.split(": ");
		with(WithLogin.class, (mvc) -> {
			assertThat(get(mvc, "/headers", parts[0], parts[1], "X-Other", "other")).bodyText()
				.contains("X-Other")
				.doesNotContainIgnoringCase(parts[0]);
			assertThat(get(mvc, "/header", parts[0], parts[1])).bodyText().isEqualTo("null null -1");
		});
	}

	/**
	 * Where it was read says which header that is, whoever asked one of our converters.
	 */
	@ParameterizedTest
	@ValueSource(classes = { OwnConverter.class, WrappedConverter.class })
	void headerWhenTheChainHasItsOwnConverterThenGoneBehindTheFilter(Class<?> chain) {
		with(chain, (mvc) -> {
			MvcTestResult answer = get(mvc, "/headers", "X-Client-Key", "reader", "X-Other", "other");
			assertThat(answer).hasStatus(200).bodyText().contains("X-Other").doesNotContainIgnoringCase("X-Client-Key");
			assertThat(answer.getResponse().getHeaders("Vary")).contains("X-Client-Key");
			assertThat(get(mvc, "/headers", "X-Client-Key", "reader", "Authorization", "Bearer junk")).hasStatus(401);
		});
	}

	@Test
	void answerThenSharedCachesKnowThatItDependsOnTheKey() {
		for (Class<?> chain : new Class<?>[] { WithLogin.class, WithoutHeaders.class, Lean.class }) {
			with(chain, (mvc) -> {
				assertThat(get(mvc, "/headers", "X-API-Key", "reader")).hasHeader("Vary", "X-API-Key");
				assertThat(get(mvc, "/headers", "X-API-Key", "reader").getResponse().getHeader("Cache-Control"))
					.containsAnyOf("private", "no-store");
				assertThat(get(mvc, "/headers", "X-API-Key", "junk")).hasHeader("Vary", "X-API-Key");
				assertThat(get(mvc, "/headers").getResponse().getHeaders("Vary")).contains("X-API-Key");
			});
		}
		with(WithLogin.class, (mvc) -> {
			assertThat(get(mvc, "/cached", "X-API-Key", "reader").getResponse().getHeaders("Cache-Control"))
				.containsExactly("max-age=60", "private");
			// for shared caches it permits what 'public' does, and it is not always meant
			// so
			assertThat(get(mvc, "/revalidated", "Authorization", "Api-Key reader").getResponse()
				.getHeaders("Cache-Control")).containsExactly("max-age=60, must-revalidate", "private");
			assertThat(get(mvc, "/cached-for-all", "Authorization", "Api-Key reader").getResponse().getHeaders("Vary"))
				.containsExactlyInAnyOrder("Authorization", "X-API-Key");
			assertThat(get(mvc, "/cached-for-all", "X-API-Key", "reader").getResponse().getHeaders("Cache-Control"))
				.containsExactly("max-age=60, public");
			assertThat(get(mvc, "/varying", "X-API-Key", "reader").getResponse().getHeaders("Vary"))
				.containsExactlyInAnyOrder("Accept", "X-API-Key");
		});
	}

	private void with(Class<?> configuration, Consumer<MockMvcTester> test) {
		this.runner.withUserConfiguration(configuration).run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(mvc(context));
		});
	}

	private static MockMvcTester mvc(AssertableWebApplicationContext context) {
		return MockMvcTester
			.create(MockMvcBuilders.webAppContextSetup((WebApplicationContext) context.getSourceApplicationContext())
				.apply(springSecurity())
				.build());
	}

	private static <T> T onAnotherThread(Callable<T> work) {
		FutureTask<T> task = new FutureTask<>(work);
		new Thread(task).start();
		try {
			return task.get();
		}
		catch (InterruptedException | ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Filter chains(WebApplicationContext context) {
		context.getServletContext().setAttribute(WebApplicationContext.ROOT_WEB_APPLICATION_CONTEXT_ATTRIBUTE, context);
		return context.getBean("springSecurityFilterChain", Filter.class);
	}

	private static String callerIn(Filter chains, MockHttpServletRequest request) throws Exception {
		String[] caller = new String[1];
		chains.doFilter(request, new MockHttpServletResponse(), new MockFilterChain() {

			@Override
			public void doFilter(jakarta.servlet.ServletRequest request, jakarta.servlet.ServletResponse response) {
				caller[0] = SecurityContextHolder.getContext().getAuthentication().getName();
			}

		});
		return caller[0];
	}

	private static MockHttpServletRequest request(ServletContext servletContext, String method, String path) {
		return new MockHttpServletRequest(servletContext, method, path);
	}

	private static MockHttpSession sessionOf(String name, String... authorities) {
		MockHttpSession session = new MockHttpSession();
		session.setAttribute(HttpSessionSecurityContextRepository.SPRING_SECURITY_CONTEXT_KEY,
				new SecurityContextImpl(UsernamePasswordAuthenticationToken.authenticated(name, null,
						AuthorityUtils.createAuthorityList(authorities))));
		return session;
	}

	private static MvcTestResult get(MockMvcTester mvc, String path, String... headers) {
		MockMvcTester.MockMvcRequestBuilder request = mvc.get().uri(path);
		for (int i = 0; i < headers.length; i += 2) {
			request.header(headers[i], headers[i + 1]);
		}
		return request.exchange();
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		StubApiKeyService apiKeyService() {
			return new StubApiKeyService().accept("none").accept("reader", "orders:read");
		}

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(
					User.withUsername("user").password("{noop}password").roles("USER").build());
		}

		@Bean
		Memory memory() {
			return new Memory();
		}

		@Bean
		Endpoints endpoints(Memory memory) {
			return new Endpoints(memory);
		}

	}

	/**
	 * What an application keeps beyond a request.
	 */
	static class Memory {

		private final AtomicReference<SecurityContext> context = new AtomicReference<>();

		private final AtomicReference<RequestAttributes> attributes = new AtomicReference<>();

		private final AtomicReference<Callable<String>> work = new AtomicReference<>();

	}

	@RestController
	static class Endpoints {

		private final Memory memory;

		Endpoints(Memory memory) {
			this.memory = memory;
		}

		@GetMapping({ "/open", "/factor", "/factor-of-an-hour", "/factor-for-ever", "/scope", "/secured" })
		String open() {
			return "open";
		}

		@HasApiKey("orders:read")
		@GetMapping("/read")
		String read() {
			return "read";
		}

		@GetMapping("/authorities")
		String authorities(Authentication user) {
			return new TreeSet<>(AuthorityUtils.authorityListToSet(user.getAuthorities())).toString();
		}

		@GetMapping("/login-needed")
		String loginNeeded() {
			throw new BadCredentialsException("as an application may throw");
		}

		@GetMapping("/keep/context")
		void keepContext(HttpServletRequest request) {
			this.memory.context.set(SecurityContextHolder.getContext());
			keep(request, SecurityContextHolder.getContext());
		}

		@GetMapping("/keep/copy-of-context")
		void keepCopyOfContext(HttpServletRequest request, HttpServletResponse response, Authentication user) {
			keep(request, new SecurityContextImpl(user));
		}

		@GetMapping("/keep/copy-of-authentication")
		void keepCopyOfAuthentication(HttpServletRequest request, HttpServletResponse response, Authentication user) {
			SecurityContext context = new SecurityContextImpl(user.toBuilder().build());
			new HttpSessionSecurityContextRepository().saveContext(context, request, response);
			keep(request, context);
		}

		static void keep(MockHttpSession session) {
			session.setAttribute(HttpSessionSecurityContextRepository.SPRING_SECURITY_CONTEXT_KEY,
					SecurityContextHolder.getContext());
		}

		private static void keep(HttpServletRequest request, SecurityContext context) {
			request.getSession()
				.setAttribute(HttpSessionSecurityContextRepository.SPRING_SECURITY_CONTEXT_KEY, context);
		}

		@GetMapping({ "/jobs/task", "/ui/jobs/task" })
		String task() {
			return onAnotherThread(new DelegatingSecurityContextCallable<>(Endpoints::keyId));
		}

		@GetMapping({ "/jobs/callable", "/ui/jobs/callable" })
		Callable<String> callable(@RequestParam(defaultValue = "false") boolean kept) {
			if (kept) {
				SecurityContextHolder.setContext(this.memory.context.get());
			}
			return Endpoints::keyId;
		}

		@GetMapping("/jobs/later")
		void later() {
			this.memory.attributes.set(RequestContextHolder.getRequestAttributes());
			this.memory.work.set(new DelegatingSecurityContextCallable<>(Endpoints::keyId));
		}

		private static String keyId() {
			ApiKeyPrincipal key = ApiKeyFactor.find(SecurityContextHolder.getContext().getAuthentication());
			return (key != null) ? key.keyId() : "no key";
		}

		@GetMapping("/own-session")
		String ownSession(HttpServletRequest request) {
			return request.getSession().getId();
		}

		@PostMapping("/own-cookie")
		void ownCookie(HttpServletResponse response) {
			response.addCookie(new Cookie("own1", "x"));
			response.addHeader("Set-Cookie", "own2=x");
		}

		@GetMapping("/headers")
		String headers(HttpServletRequest request) {
			return Collections.list(request.getHeaderNames()).toString();
		}

		@GetMapping("/header")
		String header(HttpServletRequest request) {
			return request.getHeader("x-api-key") + " " + request.getHeader("authorization") + " "
					+ request.getIntHeader("X-API-KEY");
		}

		@GetMapping("/cached")
		ResponseEntity<String> cached() {
			return ResponseEntity.ok().header("Cache-Control", "max-age=60").body("x");
		}

		@GetMapping("/revalidated")
		ResponseEntity<String> revalidated() {
			return ResponseEntity.ok()
				.cacheControl(CacheControl.maxAge(java.time.Duration.ofMinutes(1)).mustRevalidate())
				.body("x");
		}

		@GetMapping("/cached-for-all")
		ResponseEntity<String> cachedForAll() {
			return ResponseEntity.ok()
				.cacheControl(CacheControl.maxAge(java.time.Duration.ofMinutes(1)).cachePublic())
				.body("x");
		}

		@GetMapping("/varying")
		void varying(HttpServletResponse response) {
			response.setHeader("Vary", "Accept");
		}

		@PostMapping("/post")
		String post() {
			return "posted";
		}

	}

	private static ApiKeyAuthenticationConverter clientKeys(ApiKeyTokenFormats formats) {
		ApiKeyAuthenticationConverter converter = new ApiKeyAuthenticationConverter(List.of("X-Client-Key"), List.of(),
				formats);
		converter.setOtherCredentialsAccepted(true);
		return converter;
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnConverter {

		@Bean
		SecurityFilterChain chain(HttpSecurity http, ApiKeyTokenFormats formats) {
			return rules(http).with(apiKey(), (key) -> key.authenticationConverter(clientKeys(formats))).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WrappedConverter {

		@Bean
		SecurityFilterChain chain(HttpSecurity http, ApiKeyTokenFormats formats) {
			ApiKeyAuthenticationConverter converter = clientKeys(formats);
			return rules(http)
				.with(apiKey(), (key) -> key.authenticationConverter((request) -> converter.convert(request)))
				.build();
		}

	}

	private static HttpSecurity rules(HttpSecurity http) {
		return http.authorizeHttpRequests((requests) -> requests.requestMatchers("/factor")
			.hasAuthority("FACTOR_API_KEY")
			.requestMatchers("/scope")
			.hasAuthority("SCOPE_orders:read")
			.anyRequest()
			.authenticated());
	}

	@Configuration(proxyBeanMethods = false)
	static class WithLogin {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return rules(http).with(apiKey(), withDefaults())
				.formLogin(withDefaults())
				.httpBasic(withDefaults())
				.oneTimeTokenLogin((ott) -> ott.tokenGenerationSuccessHandler((request, response, token) -> {
				}))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithCookies {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return rules(http).with(apiKey(), withDefaults())
				.formLogin(withDefaults())
				.rememberMe((rememberMe) -> rememberMe.alwaysRemember(true))
				.csrf((csrf) -> csrf.csrfTokenRepository(new CookieCsrfTokenRepository()))
				.logout((logout) -> logout.deleteCookies("other")
					.addLogoutHandler(new HeaderWriterLogoutHandler(new ClearSiteDataHeaderWriter(Directive.ALL))))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithSwitch {

		@Bean
		SecurityFilterChain chain(HttpSecurity http, UserDetailsService users) {
			SwitchUserFilter filter = new SwitchUserFilter();
			filter.setUserDetailsService(users);
			filter.setTargetUrl("/open");
			filter.setSecurityContextRepository(new HttpSessionSecurityContextRepository());
			filter.afterPropertiesSet();
			return rules(http).with(apiKey(), withDefaults())
				.httpBasic(withDefaults())
				.addFilterAfter(filter, AuthorizationFilter.class)
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AcceptingBoth {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return rules(http).with(apiKey(), ApiKeyConfigurer::acceptOtherCredentials)
				.httpBasic(withDefaults())
				.rememberMe(withDefaults())
				.build();
		}

	}

	/**
	 * Sessions are shared with pages, whose chain knows nothing of keys.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Keeping {

		@Bean
		@Order(1)
		SecurityFilterChain pages(HttpSecurity http) {
			return http.securityMatcher("/ui/**").authorizeHttpRequests((all) -> all.anyRequest().permitAll()).build();
		}

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((all) -> all.anyRequest().permitAll())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class KeepingInARepository {

		@Bean
		SecurityFilterChain chain(HttpSecurity http, Memory memory) {
			SecurityContextRepository repository = new SecurityContextRepository() {

				@Override
				@SuppressWarnings("deprecation")
				public SecurityContext loadContext(HttpRequestResponseHolder exchange) {
					SecurityContext kept = memory.context.get();
					return (kept != null) ? kept : SecurityContextHolder.createEmptyContext();
				}

				@Override
				public void saveContext(SecurityContext context, HttpServletRequest request,
						HttpServletResponse response) {
				}

				@Override
				public boolean containsContext(HttpServletRequest request) {
					return true;
				}

			};
			return http.authorizeHttpRequests((all) -> all.anyRequest().permitAll())
				.securityContext((contexts) -> contexts.securityContextRepository(repository))
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class KeepingBehindTheChain {

		@Bean
		SecurityFilterChain chain(HttpSecurity http, Memory memory) {
			return http.authorizeHttpRequests((all) -> all.anyRequest().permitAll())
				.with(apiKey(), withDefaults())
				.addFilterAfter((request, response, filters) -> {
					SecurityContext kept = memory.context.get();
					if (kept != null && !(SecurityContextHolder.getContext()
						.getAuthentication() instanceof ApiKeyAuthentication)) {
						SecurityContextHolder.setContext(kept);
					}
					filters.doFilter(request, response);
				}, AuthorizationFilter.class)
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SavingImplicitly {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return rules(http).with(apiKey(), ApiKeyConfigurer::acceptOtherCredentials)
				.httpBasic(withDefaults())
				.securityContext((context) -> context.requireExplicitSave(false))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SavingWithStrategies {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return rules(http).with(apiKey(), ApiKeyConfigurer::acceptOtherCredentials)
				.httpBasic(withDefaults())
				.securityContext(
						(context) -> context.securityContextRepository(new HttpSessionSecurityContextRepository()))
				.sessionManagement((sessions) -> sessions.requireExplicitAuthenticationStrategy(false))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SavingBasic {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return rules(http).with(apiKey(), ApiKeyConfigurer::acceptOtherCredentials)
				.httpBasic((basic) -> basic.securityContextRepository(new HttpSessionSecurityContextRepository()))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TakingOver {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return rules(http).with(apiKey(), withDefaults()).addFilterBefore((request, response, chain) -> {
				SecurityContextHolder.getContext()
					.setAuthentication(UsernamePasswordAuthenticationToken.authenticated("cookie", null,
							AuthorityUtils.createAuthorityList("ROLE_COOKIE")));
				chain.doFilter(request, response);
			}, UsernamePasswordAuthenticationFilter.class).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableMultiFactorAuthentication(
			authorities = { FactorGrantedAuthority.PASSWORD_AUTHORITY, FactorGrantedAuthority.OTT_AUTHORITY })
	static class WithFactors {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http
				.authorizeHttpRequests((requests) -> requests.requestMatchers("/open", "/login-needed")
					.access(hasApiKey())
					.requestMatchers("/read")
					.permitAll()
					.requestMatchers("/factor")
					.access(factor(null))
					.requestMatchers("/factor-of-an-hour")
					.access(factor(Duration.ofHours(1)))
					.requestMatchers("/factor-for-ever")
					.access(factor(Duration.ofDays(365_000)))
					.requestMatchers("/scope")
					.hasAuthority("SCOPE_orders:read")
					.anyRequest()
					.authenticated())
				.formLogin(withDefaults())
				.oneTimeTokenLogin((ott) -> ott.tokenGenerationSuccessHandler((request, response, token) -> {
				}))
				.with(apiKey(), withDefaults())
				.build();
		}

		private static AuthorizationManager<Object> factor(@Nullable Duration validDuration) {
			RequiredFactor.Builder factor = RequiredFactor.withAuthority(ApiKeyFactor.AUTHORITY);
			return AllRequiredFactorsAuthorizationManager.builder()
				.requireFactor(((validDuration != null) ? factor.validDuration(validDuration) : factor).build())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithoutHeaders {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.headers((headers) -> headers.disable())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Lean {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.headers((headers) -> headers.defaultsDisabled())
				.csrf((csrf) -> csrf.disable())
				.requestCache((requestCache) -> requestCache.disable())
				.anonymous((anonymous) -> anonymous.disable())
				.sessionManagement((sessions) -> sessions.disable())
				.with(apiKey(), withDefaults())
				.build();
		}

	}

}
