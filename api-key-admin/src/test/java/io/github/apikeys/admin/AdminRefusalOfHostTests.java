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

package io.github.apikeys.admin;

import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import jakarta.servlet.http.HttpServletResponse;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.access.AccessDeniedHandlerImpl;
import org.springframework.security.web.authentication.Http403ForbiddenEntryPoint;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.web.servlet.LocaleResolver;
import org.springframework.web.servlet.i18n.FixedLocaleResolver;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the application refuses for reasons of its own stays its own answer.
 */
class AdminRefusalOfHostTests {

	private static final String PAGES = HostApplication.PAGES;

	private static final String[] BROWSER = { "Accept", "text/html,application/xhtml+xml,*/*;q=0.8" };

	private static HostApplication host;

	@BeforeAll
	static void start() {
		host = HostApplication.start(Strict.class);
	}

	@AfterAll
	static void stop() {
		host.close();
	}

	@AfterEach
	void clear() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void refusalWhenTheChainDemandsMoreThenItsOwnAnswer() {
		host.signIn("admin");
		Map<String, Object> form = new LinkedHashMap<>(host.formTokens(PAGES + "/new"));
		form.put("name", "key");
		assertThatHostAnswers(host.post(PAGES + "/new", form, BROWSER));
	}

	@Test
	void refusalWhenNobodySignedInYetThenTheEntryPointAnswers() {
		assertThatHostAnswers(host.as(null).get(PAGES, BROWSER));
	}

	@Test
	void refusalWhenAHandlerOfTheApplicationSendsItThenItsOwnAnswer() {
		assertThatHostAnswers(host.signIn("user").get(PAGES, "Accept", "text/html", "X-Handler", "of the application"));
	}

	@Test
	void formWhenNobodyIsKnownYetThenOnlyWhatIsCertainIsSaidInTheLanguageOfTheApplication() {
		HttpResponse<String> response = host.as("admin").post(PAGES + "/new", Map.of("name", "key"), BROWSER);
		assertThat(response.statusCode()).isEqualTo(403);
		assertThat(Jsoup.parse(response.body()).select("h1").text()).isEqualTo("Sie wurden vielleicht abgemeldet");
	}

	@Test
	void refusalWhenItCannotBeExplainedThenAsTheApplicationAnswers() throws Exception {
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("ann", null, List.of()));
		AdminAccess broken = new AdminAccess("ROLE_ADMIN", List.of((user, request) -> {
			throw new IllegalStateException("no answer");
		}), SecurityContextHolder.getContextHolderStrategy());
		MockHttpServletRequest request = new MockHttpServletRequest("POST", PAGES + "/new");
		request.addHeader("Accept", "text/html");
		MockHttpServletResponse response = new MockHttpServletResponse();
		new AdminRefusalFilter(broken, host.bean(AdminPages.class)).doFilter(request, response,
				(given, answer) -> ((HttpServletResponse) answer).sendError(403, "Forbidden"));
		assertThat(response.getStatus()).isEqualTo(403);
		assertThat(response.getErrorMessage()).isEqualTo("Forbidden");
		assertThat(response.getHeader("Content-Security-Policy")).isNull();
	}

	private static void assertThatHostAnswers(HttpResponse<String> response) {
		assertThat(response.statusCode()).isEqualTo(403);
		assertThat(response.body()).contains("Whitelabel Error Page");
		assertThat(response.headers().firstValue("Content-Security-Policy")).isEmpty();
	}

	@Configuration(proxyBeanMethods = false)
	static class Strict {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			AccessDeniedHandler usual = new AccessDeniedHandlerImpl();
			return http
				.authorizeHttpRequests((requests) -> requests.requestMatchers("/error", "/login")
					.permitAll()
					.requestMatchers(HttpMethod.POST, PAGES + "/**")
					.hasRole("OWNER")
					.anyRequest()
					.authenticated())
				.formLogin(Customizer.withDefaults())
				.httpBasic(Customizer.withDefaults())
				.exceptionHandling((handling) -> handling
					.defaultAuthenticationEntryPointFor(new Http403ForbiddenEntryPoint(),
							PathPatternRequestMatcher.withDefaults().matcher(PAGES + "/**"))
					.accessDeniedHandler((request, response, denied) -> {
						if (request.getHeader("X-Handler") != null) {
							response.sendError(403, "Ask Ann for the role");
						}
						else {
							usual.handle(request, response, denied);
						}
					}))
				.build();
		}

		@Bean
		LocaleResolver localeResolver() {
			return new FixedLocaleResolver(Locale.GERMAN);
		}

	}

}
