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

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * What the logging context holds, through a real server.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.datasource.url=jdbc:h2:mem:mdc", "spring.flyway.enabled=false",
				"spring.security.user.name=user", "spring.security.user.password=password",
				"api-key.logging.include-key-id=true" })
class ApiKeyMdcFilterTests {

	private static final String BASIC = "Basic dXNlcjpwYXNzd29yZA==";

	@Autowired
	private ApiKeyService apiKeys;

	@Autowired
	private Application application;

	@LocalServerPort
	private int port;

	private String keyId;

	private String token;

	@BeforeEach
	void setUp() {
		CreatedApiKey created = this.apiKeys.create(NewApiKey.named("client").scopes("a:b"));
		this.keyId = created.apiKey().getKeyId();
		this.token = created.token();
		awaitEnd();
		this.application.during.clear();
		this.application.after.clear();
	}

	@Test
	void requestWithAKeyThenItsIdWhileItIsHandled() throws Exception {
		assertThat(get("/fine", "X-API-Key", this.token)).isEqualTo(200);
		assertThat(this.application.during).containsExactly("REQUEST " + this.keyId);
		assertThat(left()).containsExactly("REQUEST null");
	}

	@Test
	void requestWhenTheApplicationUsesTheNameThenItsValueComesBack() throws Exception {
		assertThat(get("/fine", "X-API-Key", this.token, "X-Before", "theirs")).isEqualTo(200);
		assertThat(this.application.during).containsExactly("REQUEST " + this.keyId);
		assertThat(left()).containsExactly("REQUEST theirs");
	}

	@Test
	void requestWithoutAKeyThenNothing() throws Exception {
		assertThat(get("/fine", "Authorization", BASIC)).isEqualTo(200);
		assertThat(get("/fine", "X-API-Key", "nonsense")).isEqualTo(401);
		assertThat(this.application.during).containsExactly("REQUEST null");
	}

	@Test
	void requestWhenItFailsThenItsIdAlsoForTheErrorAndNothingIsLeft() throws Exception {
		assertThat(get("/broken", "X-API-Key", this.token)).isEqualTo(500);
		assertThat(this.application.during).containsExactly("REQUEST " + this.keyId, "ERROR " + this.keyId);
		assertThat(left()).containsOnly("REQUEST null", "ERROR null");
	}

	@Test
	void requestWhenDeniedThenItsIdAlsoForTheError() throws Exception {
		assertThat(get("/denied", "X-API-Key", this.token)).isEqualTo(403);
		assertThat(left()).allMatch((one) -> one.endsWith(" null"));
	}

	@Test
	void requestWhenAsynchronousThenItsIdInEachDispatchAndNothingIsLeft() throws Exception {
		assertThat(get("/later", "X-API-Key", this.token)).isEqualTo(200);
		assertThat(this.application.during).containsExactly("REQUEST " + this.keyId, "ASYNC " + this.keyId);
		assertThat(left()).containsExactlyInAnyOrder("REQUEST null", "ASYNC null");
	}

	@Test
	void requestWithAKeyBesidesAUserThenTheIdOfTheKey() throws Exception {
		assertThat(get("/both", "X-API-Key", this.token, "Authorization", BASIC)).isEqualTo(200);
		assertThat(this.application.during).containsExactly("REQUEST " + this.keyId);
	}

	private List<String> left() {
		awaitEnd();
		return this.application.after;
	}

	/**
	 * The server answers before its outermost filter is left.
	 */
	private void awaitEnd() {
		Awaitility.await().until(() -> this.application.inside.get() == 0);
	}

	private int get(String path, String... headers) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + path))
			.headers(headers)
			.build();
		return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Endpoints.class)
	static class Application implements WebMvcConfigurer {

		private final List<String> during = new CopyOnWriteArrayList<>();

		private final List<String> after = new CopyOnWriteArrayList<>();

		private final AtomicInteger inside = new AtomicInteger();

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			http.authorizeHttpRequests(
					(requests) -> requests.requestMatchers("/denied").denyAll().anyRequest().permitAll());
			http.httpBasic(withDefaults());
			http.with(ApiKeyConfigurer.apiKey(), ApiKeyConfigurer::acceptOtherCredentials);
			return http.build();
		}

		@Bean
		FilterRegistrationBean<Filter> outermost() {
			FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>((request, response, chain) -> {
				this.inside.incrementAndGet();
				String before = ((HttpServletRequest) request).getHeader("X-Before");
				if (before != null) {
					MDC.put("apiKeyId", before);
				}
				try {
					chain.doFilter(request, response);
				}
				finally {
					this.after.add(note((HttpServletRequest) request));
					if (before != null) {
						MDC.remove("apiKeyId");
					}
					this.inside.decrementAndGet();
				}
			});
			registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
			registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR);
			registration.setAsyncSupported(true);
			return registration;
		}

		@Override
		public void addInterceptors(InterceptorRegistry registry) {
			registry.addInterceptor(new HandlerInterceptor() {

				@Override
				public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
					Application.this.during.add(note(request));
					return true;
				}

			});
		}

		private static String note(HttpServletRequest request) {
			return request.getDispatcherType() + " " + MDC.get("apiKeyId");
		}

	}

	@RestController
	static class Endpoints {

		@GetMapping({ "/fine", "/both", "/denied" })
		String fine() {
			return "fine";
		}

		@GetMapping("/broken")
		String broken() {
			throw new IllegalStateException("broken on purpose");
		}

		@GetMapping("/later")
		DeferredResult<String> later() {
			DeferredResult<String> result = new DeferredResult<>();
			new Thread(() -> result.setResult("later")).start();
			return result;
		}

	}

}
