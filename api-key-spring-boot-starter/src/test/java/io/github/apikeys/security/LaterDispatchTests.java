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
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

import io.github.apikeys.autoconfigure.ApiKeyAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeyMethodSecurityAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeySecurityAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeyWebMvcAutoConfiguration;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.context.NullSecurityContextRepository;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * A later dispatch of a request with a key has the caller of the request, also in a chain
 * that knows nothing of keys.
 */
class LaterDispatchTests {

	private final WebApplicationContextRunner server = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class,
				SecurityAutoConfiguration.class, SecurityFilterAutoConfiguration.class,
				ServletWebSecurityAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
				WebMvcAutoConfiguration.class, ErrorMvcAutoConfiguration.class, ApiKeyAutoConfiguration.class,
				ApiKeySecurityAutoConfiguration.class, ApiKeyMethodSecurityAutoConfiguration.class,
				ApiKeyWebMvcAutoConfiguration.class))
		.withPropertyValues("server.port=0", "server.address=127.0.0.1")
		.withUserConfiguration(Application.class);

	private WebApplicationContextRunner runner(Class<?> api) {
		return this.server.withUserConfiguration(api);
	}

	@ParameterizedTest
	@ValueSource(classes = { Pages.class, PagesThatSaveImplicitly.class, PagesWithSessionsOnly.class,
			PagesWithoutSessions.class })
	void dispatchToAChainWithoutKeysThenStillTheKeyAndNobodyElse(Class<?> pages) {
		runner(Api.class).withUserConfiguration(pages).run((context) -> {
			Client client = new Client(port(context.getSourceApplicationContext()));
			client.post("/ui/login?username=user&password=password");
			for (String dispatch : new String[] { "error", "async", "forward", "include", "async-then-forward" }) {
				assertThat(client.get("/api/" + dispatch, "reader").body()).as(dispatch)
					.isEqualTo("id-of-reader [FACTOR_API_KEY, SCOPE_orders:read] null");
			}
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "error", "async", "forward", "include", "async-then-forward" })
	void dispatchWhenTheApplicationHasItsTurnThenItsSessionIsThatOfTheUser(String dispatch) {
		runner(Api.class).withUserConfiguration(Pages.class).run((context) -> {
			Client client = new Client(port(context.getSourceApplicationContext()));
			client.post("/ui/login?username=user&password=password");
			String session = client.get("/ui/session", null).body();
			assertThat(session).isNotEqualTo("none");
			assertThat(client.get("/api/" + dispatch + "?to=session", "reader").body()).isEqualTo(session);
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { Api.class, ApiThatSavesImplicitly.class, ApiThatDefersNothing.class })
	void dispatchWhenItReturnsThenTheRequestHasItsCallerAndTheSessionItsUser(Class<?> api) {
		runner(api).withUserConfiguration(Pages.class).run((context) -> {
			Client client = new Client(port(context.getSourceApplicationContext()));
			client.post("/ui/login?username=user&password=password");
			client.get("/api/include-and-go-on", "reader");
			assertThat(context.getBean(Endpoints.class).callerAfterInclude).isEqualTo("id-of-reader");
			assertThat(client.get("/ui/caller", null).body()).startsWith("user [");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "error", "async", "forward", "include", "async-then-forward" })
	void dispatchWithoutAKeyThenTheUserAsBefore(String dispatch) {
		runner(Api.class).withUserConfiguration(Pages.class).run((context) -> {
			Client client = new Client(port(context.getSourceApplicationContext()));
			client.post("/ui/login?username=user&password=password");
			assertThat(client.get("/ui/" + dispatch, null).body()).startsWith("user [").endsWith("] null");
			assertThat(client.get("/ui/" + dispatch, "reader").body()).startsWith("user [").endsWith("] reader");
		});
	}

	private static int port(Object context) {
		return ((ServletWebServerApplicationContext) context).getWebServer().getPort();
	}

	/**
	 * A client that keeps its cookies.
	 */
	private static final class Client {

		private final HttpClient http = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

		private final int port;

		Client(int port) {
			this.port = port;
		}

		HttpResponse<String> get(String path, String key) {
			HttpRequest.Builder request = request(path).GET();
			if (key != null) {
				request.header("X-API-Key", key);
			}
			return send(request);
		}

		void post(String path) {
			assertThat(send(request(path).POST(HttpRequest.BodyPublishers.noBody())).statusCode()).isEqualTo(200);
		}

		private HttpRequest.Builder request(String path) {
			return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + this.port + path));
		}

		private HttpResponse<String> send(HttpRequest.Builder request) {
			try {
				return this.http.send(request.build(), BodyHandlers.ofString());
			}
			catch (IOException | InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		StubApiKeyService apiKeyService() {
			return new StubApiKeyService().accept("reader", "orders:read");
		}

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(
					User.withUsername("user").password("{noop}password").roles("USER").build());
		}

		@Bean
		Endpoints endpoints(ObjectProvider<SecurityContextHolderStrategy> strategy) {
			return new Endpoints(strategy.getIfAvailable(SecurityContextHolder::getContextHolderStrategy));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Api {

		@Bean
		@Order(1)
		SecurityFilterChain api(HttpSecurity http) {
			return LaterDispatchTests.api(http).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ApiThatSavesImplicitly {

		@Bean
		@Order(1)
		SecurityFilterChain api(HttpSecurity http) {
			return LaterDispatchTests.api(http)
				.securityContext((context) -> context.requireExplicitSave(false))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ApiThatDefersNothing {

		@Bean
		SecurityContextHolderStrategy securityContextHolderStrategy() {
			return new ContextOfThread();
		}

		@Bean
		@Order(1)
		SecurityFilterChain api(HttpSecurity http) {
			return LaterDispatchTests.api(http).build();
		}

	}

	/**
	 * Has the methods that it must have, and no others.
	 */
	private static final class ContextOfThread implements SecurityContextHolderStrategy {

		private final ThreadLocal<SecurityContext> context = ThreadLocal.withInitial(this::createEmptyContext);

		@Override
		public void clearContext() {
			this.context.remove();
		}

		@Override
		public SecurityContext getContext() {
			return this.context.get();
		}

		@Override
		public void setContext(SecurityContext context) {
			this.context.set(context);
		}

		@Override
		public SecurityContext createEmptyContext() {
			return new SecurityContextImpl();
		}

	}

	private static HttpSecurity api(HttpSecurity http) {
		return http.securityMatcher("/api/**")
			.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
			.with(apiKey(), withDefaults());
	}

	private static HttpSecurity pages(HttpSecurity http) {
		AuthenticationSuccessHandler done = (request, response, user) -> {
		};
		return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
			.csrf((csrf) -> csrf.disable())
			.formLogin((login) -> login.loginProcessingUrl("/ui/login").successHandler(done));
	}

	@Configuration(proxyBeanMethods = false)
	static class Pages {

		@Bean
		SecurityFilterChain pages(HttpSecurity http) {
			return LaterDispatchTests.pages(http).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PagesThatSaveImplicitly {

		@Bean
		SecurityFilterChain pages(HttpSecurity http) {
			return LaterDispatchTests.pages(http)
				.securityContext((context) -> context.requireExplicitSave(false))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PagesWithSessionsOnly {

		@Bean
		SecurityFilterChain pages(HttpSecurity http) {
			return LaterDispatchTests.pages(http)
				.securityContext(
						(context) -> context.securityContextRepository(new HttpSessionSecurityContextRepository()))
				.sessionManagement((sessions) -> sessions.requireExplicitAuthenticationStrategy(false))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PagesWithoutSessions {

		@Bean
		SecurityFilterChain pages(HttpSecurity http) {
			return LaterDispatchTests.pages(http)
				.securityContext((context) -> context.securityContextRepository(new NullSecurityContextRepository()))
				.build();
		}

	}

	@RestController
	static class Endpoints implements ErrorController {

		private final SecurityContextHolderStrategy strategy;

		private volatile String callerAfterInclude = "";

		Endpoints(SecurityContextHolderStrategy strategy) {
			this.strategy = strategy;
		}

		@GetMapping({ "/api/error", "/ui/error" })
		void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
			response.sendError(404);
		}

		@GetMapping({ "/api/async", "/ui/async" })
		void async(HttpServletRequest request) {
			request.startAsync().dispatch(target(request));
		}

		@GetMapping({ "/api/forward", "/ui/forward" })
		void forward(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
			request.getRequestDispatcher(target(request)).forward(request, response);
		}

		@GetMapping({ "/api/include", "/ui/include" })
		void include(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
			request.getRequestDispatcher(target(request)).include(request, response);
		}

		@GetMapping("/api/include-and-go-on")
		void includeAndGoOn(HttpServletRequest request, HttpServletResponse response)
				throws ServletException, IOException {
			request.getRequestDispatcher("/ui/caller").include(request, response);
			Authentication caller = this.strategy.getContext().getAuthentication();
			this.callerAfterInclude = (caller != null) ? caller.getName() : "nobody";
		}

		@GetMapping({ "/api/async-then-forward", "/ui/async-then-forward" })
		void asyncThenForward(HttpServletRequest request) {
			request.startAsync().dispatch("/ui/forward");
		}

		private static String target(HttpServletRequest request) {
			return "session".equals(request.getParameter("to")) ? "/ui/session" : "/ui/caller";
		}

		@RequestMapping("/error")
		String errorPage(HttpServletRequest request, Authentication user) {
			return "session".equals(request.getParameter("to")) ? session(request) : caller(request, user);
		}

		@GetMapping("/ui/caller")
		String caller(HttpServletRequest request, Authentication user) {
			return ((user != null) ? user.getName() + " " + user.getAuthorities() : "nobody") + " "
					+ request.getHeader("X-API-Key");
		}

		@GetMapping("/ui/session")
		String session(HttpServletRequest request) {
			HttpSession session = request.getSession(false);
			return (session != null) ? session.getId() : "none";
		}

	}

}
