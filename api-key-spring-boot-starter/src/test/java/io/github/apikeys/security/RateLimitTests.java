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

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import io.github.apikeys.autoconfigure.ApiKeyMethodSecurityAutoConfiguration;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.RateLimits;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.ratelimit.ApiKeyRateLimiter;
import io.github.apikeys.ratelimit.InMemoryRateLimiter;
import io.github.apikeys.ratelimit.RateLimiterUnavailableException;
import jakarta.persistence.DiscriminatorValue;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockServletContext;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PostAuthorize;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.stereotype.Controller;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchRuntimeException;
import static org.springframework.security.config.Customizer.withDefaults;
import static org.springframework.security.test.web.servlet.setup.SecurityMockMvcConfigurers.springSecurity;

class RateLimitTests {

	private final StubApiKeyService apiKeys = new StubApiKeyService();

	private final List<ApiKeyRefusal> refusals = new ArrayList<>();

	private final ApiKeyHttpSettings settings = new ApiKeyHttpSettings();

	private ApiKeyRateLimiter rateLimiter = new InMemoryRateLimiter();

	private AnnotationConfigWebApplicationContext context;

	private MockMvcTester mvc;

	@AfterEach
	void close() {
		this.context.close();
	}

	@Test
	void limitThenSoManyRequestsAndNoMore() {
		limited("one", "3/10d, 2/1d");
		start();
		MvcTestResult first = get("/open", "one");
		assertThat(first).hasStatusOk()
			.hasHeader("RateLimit-Policy", "\"2/1d\";q=2;w=86400, \"3/10d\";q=3;w=864000")
			.hasHeader("RateLimit", "\"2/1d\";r=1;t=43200, \"3/10d\";r=2;t=288000")
			.doesNotContainHeader("Retry-After");
		assertThat(get("/open", "one")).hasStatusOk();
		MvcTestResult third = get("/open", "one");
		assertThat(third).hasStatus(HttpStatus.TOO_MANY_REQUESTS);
		int retryAfter = Integer.parseInt(third.getResponse().getHeader("Retry-After"));
		assertThat(retryAfter).isBetween(42_000, 43_200);
		assertThat(third.getResponse().getHeader("RateLimit")).startsWith("\"2/1d\";r=0;t=");
		assertThat(third).hasContentType("application/problem+json");
		assertThat(third).bodyText().contains("Try again in " + retryAfter + " seconds.");
		assertThat(this.refusals).containsExactly(ApiKeyRefusal.RATE_LIMIT);
	}

	@Test
	void limitThenEachKeyHasItsOwnAndForbiddenRequestsCount() {
		limited("one", "2/1h");
		limited("two", "2/1h");
		start();
		assertThat(get("/orders", "one")).hasStatus(HttpStatus.FORBIDDEN);
		assertThat(get("/annotated", "one")).hasStatus(HttpStatus.FORBIDDEN);
		assertThat(get("/open", "one")).hasStatus(HttpStatus.TOO_MANY_REQUESTS);
		assertThat(get("/open", "two")).hasStatusOk();
	}

	@Test
	void limitWhenTheDefaultThenForKeysWithoutTheirOwn() {
		this.settings.setDefaultRateLimits(RateLimits.parse("1/1h"));
		this.apiKeys.accept("default");
		limited("own", "2/1h");
		limited("free", "unlimited");
		start();
		assertThat(get("/open", "default")).hasStatusOk();
		assertThat(get("/open", "default")).hasStatus(HttpStatus.TOO_MANY_REQUESTS);
		assertThat(get("/open", "own")).hasStatusOk();
		assertThat(get("/open", "own")).hasStatusOk();
		assertThat(get("/open", "own")).hasStatus(HttpStatus.TOO_MANY_REQUESTS);
		for (int i = 0; i < 3; i++) {
			assertThat(get("/open", "free")).hasStatusOk().doesNotContainHeader("RateLimit");
		}
	}

	@Test
	void limitWhenItIsReplacedThenTheNewOneCounts() {
		ApiKeyPrincipal before = limited("one", "1/1h");
		start();
		assertThat(get("/open", "one")).hasStatusOk();
		assertThat(get("/open", "one")).hasStatus(HttpStatus.TOO_MANY_REQUESTS);
		this.apiKeys.accept("one", new ApiKeyPrincipal(before.id(), before.keyId(), "one", null, Set.of(), "api_key",
				RateLimits.parse("2/1h"), false));
		assertThat(get("/open", "one")).hasStatusOk();
	}

	@Test
	void limitWhenNobodyCanCountThenServiceUnavailable() {
		limited("one", "1/1h");
		this.apiKeys.accept("free");
		this.rateLimiter = null;
		start();
		assertThat(get("/open", "one")).hasStatus(HttpStatus.SERVICE_UNAVAILABLE).hasHeader("Retry-After", "5");
		assertThat(get("/open", "free")).hasStatusOk();
	}

	@Test
	void limitWhenTheCounterDoesNotAnswerThenServiceUnavailable() {
		limited("one", "1/1h");
		this.rateLimiter = (apiKey, limits) -> {
			throw new RateLimiterUnavailableException("down", new IllegalStateException());
		};
		start();
		assertThat(get("/open", "one")).hasStatus(HttpStatus.SERVICE_UNAVAILABLE);
	}

	@Test
	void quotaThenOnlyAuthorizedRequestsCount() {
		ApiKeyPrincipal key = this.apiKeys.acceptWithQuota("one", 2);
		start();
		assertThat(get("/orders", "one")).hasStatus(HttpStatus.FORBIDDEN);
		assertThat(get("/annotated", "one")).hasStatus(HttpStatus.FORBIDDEN);
		assertThat(get("/handled", "one")).hasStatus(HttpStatus.FORBIDDEN);
		assertThat(this.apiKeys.quotaLeft(key)).isEqualTo(2);
		assertThat(get("/open", "one")).hasStatusOk();
		assertThat(get("/open", "one")).hasStatusOk();
		assertThat(get("/open", "one")).hasStatus(HttpStatus.TOO_MANY_REQUESTS)
			.doesNotContainHeader("Retry-After")
			.bodyText()
			.contains("The quota of this API key is used up.");
		assertThat(this.refusals).containsExactly(ApiKeyRefusal.QUOTA);
		assertThat(get("/open", null)).hasStatusOk();
	}

	/**
	 * What was worked on counts, whatever the answer is.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "/own-status", "/own-exception", "/own-denial", "/nested", "/after", "/elsewhere",
			"/own-exception-handled", "/nested-handled" })
	void quotaWhenTheHandlerRanThenTheRequestCounts(String path) {
		ApiKeyPrincipal key = this.apiKeys.acceptWithQuota("one", 3);
		start();
		for (int i = 0; i < 3; i++) {
			assertThat(get(path, "one")).hasStatus(HttpStatus.FORBIDDEN);
		}
		assertThat(this.apiKeys.quotaLeft(key)).isZero();
		assertThat(get(path, "one")).hasStatus(HttpStatus.TOO_MANY_REQUESTS);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/annotated", "/pre-authorized", "/current", "/handled", "/pre-authorized-handled" })
	void quotaWhenTheHandlerIsDeniedThenTheRequestIsGivenBack(String path) {
		ApiKeyPrincipal key = this.apiKeys.acceptWithQuota("one", 3);
		start();
		assertThat(get(path, "one")).hasStatus(HttpStatus.FORBIDDEN);
		assertThat(this.apiKeys.quotaLeft(key)).isEqualTo(3);
	}

	/**
	 * Whoever forwards may have worked, and only whoever is called next is denied.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "/forwards", "/forwards-itself", "/includes-itself" })
	void quotaWhenAHandlerForwardsToWhatIsDeniedThenTheRequestCounts(String path) {
		ApiKeyPrincipal key = this.apiKeys.acceptWithQuota("one", 3);
		start();
		assertThat(get(path, "one")).hasStatus(HttpStatus.FORBIDDEN);
		assertThat(this.apiKeys.quotaLeft(key)).isEqualTo(2);
	}

	@Test
	void quotaWhenTheDatabaseDoesNotAnswerThenServiceUnavailable() {
		this.apiKeys.acceptWithQuota("one", 2);
		start();
		assertThat(get("/open", "one")).hasStatusOk();
		for (RuntimeException failure : List.of(new ApiKeyStoreException(new IllegalStateException()),
				new IllegalStateException("broken"))) {
			this.apiKeys.failQuotasWith(failure);
			assertThat(get("/open", "one")).hasStatus(HttpStatus.SERVICE_UNAVAILABLE).hasHeader("Retry-After", "5");
		}
	}

	@Test
	void limitOrQuotaWhenTheParametersCannotBeReadThenBadRequest() {
		limited("limited", "1/1h");
		this.apiKeys.acceptWithQuota("quota", 2);
		HttpServletRequest malformed = new MockHttpServletRequest() {

			@Override
			public String getParameter(String name) {
				throw new IllegalStateException("malformed");
			}

		};
		this.rateLimiter = (apiKey, limits) -> {
			throw new IllegalArgumentException(malformed.getParameter("tenant"));
		};
		RuntimeException failure = catchRuntimeException(() -> malformed.getParameter("tenant"));
		this.apiKeys.failQuotasWith(new IllegalArgumentException(failure));
		start();
		for (String token : List.of("limited", "quota")) {
			assertThat(get("/open", token)).hasStatus(HttpStatus.BAD_REQUEST)
				.hasContentType("application/problem+json");
		}
	}

	private ApiKeyPrincipal limited(String token, String limits) {
		ApiKeyPrincipal principal = new ApiKeyPrincipal(UUID.randomUUID(), "id-of-" + token, token, null, Set.of(),
				"api_key", RateLimits.parse(limits), false);
		this.apiKeys.accept(token, principal);
		return principal;
	}

	private void start() {
		this.context = new AnnotationConfigWebApplicationContext();
		this.context.setServletContext(new MockServletContext());
		this.context.register(Application.class);
		this.context.addBeanFactoryPostProcessor((beanFactory) -> {
			beanFactory.registerSingleton("apiKeys", this.apiKeys);
			beanFactory.registerSingleton("settings", this.settings);
			beanFactory.registerSingleton("listener",
					(ApplicationListener<ApiKeyRefusedEvent>) (event) -> this.refusals.add(event.getReason()));
			if (this.rateLimiter != null) {
				beanFactory.registerSingleton("rateLimiter", this.rateLimiter);
			}
		});
		this.context.refresh();
		AtomicReference<DispatcherServlet> servlet = new AtomicReference<>();
		MockMvc mockMvc = MockMvcBuilders.webAppContextSetup(this.context)
			.addFilters(RateLimitTests::rewritten)
			.addFilters((request, response, chain) -> chain
				.doFilter(new ForwardedRequest((HttpServletRequest) request, servlet.get()), response))
			.apply(springSecurity())
			.addFilters(RateLimitTests::forward)
			.build();
		servlet.set(mockMvc.getDispatcherServlet());
		this.mvc = MockMvcTester.create(mockMvc);
	}

	/**
	 * As what rewrites addresses in front of Spring Security.
	 */
	private static void rewritten(ServletRequest request, ServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		RequestDispatcher rewritten = new RequestDispatcher() {

			@Override
			public void forward(ServletRequest request, ServletResponse response) throws ServletException, IOException {
				chain.doFilter(request, response);
			}

			@Override
			public void include(ServletRequest request, ServletResponse response) {
			}

		};
		rewritten.forward(request, response);
	}

	/**
	 * Only called like the method of a dispatcher.
	 */
	private static void forward(ServletRequest request, ServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		chain.doFilter(request, response);
	}

	private MvcTestResult get(String path, String token) {
		MockMvcTester.MockMvcRequestBuilder request = this.mvc.get().uri(path);
		if (token != null) {
			request.header("X-API-Key", token);
		}
		return request.exchange();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebMvc
	@EnableWebSecurity
	@EnableMethodSecurity
	@Import(ApiKeyMethodSecurityAutoConfiguration.class)
	static class Application implements WebMvcConfigurer {

		@Override
		public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
			resolvers.add(new CurrentApiKeyArgumentResolver(() -> {
				throw new AssertionError("No key is looked up");
			}));
		}

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http
				.authorizeHttpRequests((requests) -> requests.requestMatchers("/orders")
					.access(hasApiKey("orders:read"))
					.anyRequest()
					.permitAll())
				.with(apiKey(), withDefaults())
				.build();
		}

		@Bean
		ApiKeyTokenFormats tokenFormats() {
			return new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of()));
		}

		@Bean
		Guarded guarded() {
			return new Guarded();
		}

		@Bean
		Endpoints endpoints(Guarded guarded) {
			return new Endpoints(guarded);
		}

		@Bean
		Forwarding forwarding() {
			return new Forwarding();
		}

		@Bean
		OwnHandling ownHandling(Guarded guarded) {
			return new OwnHandling(guarded);
		}

	}

	/**
	 * A request that is dispatched again as in a container.
	 */
	private static final class ForwardedRequest extends HttpServletRequestWrapper {

		private final DispatcherServlet servlet;

		private String path;

		ForwardedRequest(HttpServletRequest request, DispatcherServlet servlet) {
			super(request);
			this.servlet = servlet;
			this.path = request.getRequestURI();
		}

		@Override
		public String getRequestURI() {
			return this.path;
		}

		@Override
		public RequestDispatcher getRequestDispatcher(String path) {
			return new RequestDispatcher() {

				@Override
				public void forward(ServletRequest request, ServletResponse response)
						throws ServletException, IOException {
					ForwardedRequest.this.path = path;
					ForwardedRequest.this.servlet.service(request, response);
				}

				@Override
				public void include(ServletRequest request, ServletResponse response)
						throws ServletException, IOException {
					forward(request, response);
				}

			};
		}

	}

	@Controller
	static class Forwarding {

		@GetMapping("/forwards")
		String forwards() {
			return "forward:/annotated";
		}

		@GetMapping("/forwards-itself")
		void forwardsItself(HttpServletRequest request, HttpServletResponse response)
				throws ServletException, IOException {
			request.getRequestDispatcher("/annotated").forward(request, response);
		}

		@GetMapping("/includes-itself")
		void includesItself(HttpServletRequest request, HttpServletResponse response)
				throws ServletException, IOException {
			request.getRequestDispatcher("/annotated").include(request, response);
		}

	}

	@RestController
	static class Endpoints {

		private final Guarded guarded;

		Endpoints(Guarded guarded) {
			this.guarded = guarded;
		}

		@GetMapping({ "/open", "/orders" })
		String open() {
			return "open";
		}

		@HasApiKey("orders:read")
		@GetMapping("/annotated")
		String annotated() {
			return "open";
		}

		@PreAuthorize("hasAuthority('SCOPE_orders:read')")
		@GetMapping("/pre-authorized")
		String preAuthorized() {
			return "open";
		}

		@GetMapping("/current")
		String current(@CurrentApiKey OtherKey apiKey) {
			return "open";
		}

		@PostAuthorize("hasAuthority('SCOPE_orders:read')")
		@GetMapping("/after")
		String after() {
			return "worked";
		}

		@GetMapping("/own-status")
		ResponseEntity<String> ownStatus() {
			return ResponseEntity.status(HttpStatus.FORBIDDEN).body("worked");
		}

		@GetMapping("/own-exception")
		String ownException() {
			throw new AccessDeniedException("worked");
		}

		@GetMapping("/own-denial")
		String ownDenial() {
			throw new AuthorizationDeniedException("worked");
		}

		@GetMapping("/nested")
		String nested() {
			return this.guarded.read();
		}

		@GetMapping("/elsewhere")
		String elsewhere() {
			return CompletableFuture.<String>supplyAsync(() -> {
				throw new AccessDeniedException("worked");
			}).join();
		}

	}

	@RestController
	static class OwnHandling {

		private final Guarded guarded;

		OwnHandling(Guarded guarded) {
			this.guarded = guarded;
		}

		@HasApiKey("orders:read")
		@GetMapping("/handled")
		String handled() {
			return "open";
		}

		@PreAuthorize("hasAuthority('SCOPE_orders:read')")
		@GetMapping("/pre-authorized-handled")
		String preAuthorized() {
			return "open";
		}

		@GetMapping("/own-exception-handled")
		String ownException() {
			throw new AccessDeniedException("worked");
		}

		@GetMapping("/nested-handled")
		String nested() {
			return this.guarded.read();
		}

		@ExceptionHandler
		@ResponseStatus(HttpStatus.FORBIDDEN)
		void on(AccessDeniedException ex) {
		}

	}

	@DiscriminatorValue("other")
	static class OtherKey extends ApiKey {

	}

	static class Guarded {

		@HasApiKey("orders:read")
		String read() {
			return "read";
		}

	}

}
