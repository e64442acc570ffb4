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

import java.util.Set;
import java.util.concurrent.Callable;

import jakarta.servlet.ServletException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

/**
 * The interceptor on threads whose context no filter of Spring Security clears.
 */
class OutlivedKeyInterceptorTests {

	private static final SecurityContext OF_THE_APPLICATION = new SecurityContextImpl(
			new TestingAuthenticationToken("user", "password"));

	private final OutlivedKeyInterceptor interceptor = new OutlivedKeyInterceptor();

	private final MockMvc mvc = MockMvcBuilders.standaloneSetup(new Endpoints())
		.addInterceptors(this.interceptor)
		.build();

	@BeforeEach
	@AfterEach
	void clear() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void contextWhenAThreadServedManyRequestsThenItIsTheOneBeforeThem() throws Exception {
		SecurityContextHolder.setContext(OF_THE_APPLICATION);
		for (int i = 0; i < 20_000; i++) {
			MockHttpServletRequest request = new MockHttpServletRequest();
			MockHttpServletResponse response = new MockHttpServletResponse();
			this.interceptor.preHandle(request, response, this);
			this.interceptor.afterCompletion(request, response, this, null);
		}
		assertThat(SecurityContextHolder.getContext()).isSameAs(OF_THE_APPLICATION);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/plain", "/callable", "/failing" })
	void contextWhenARequestIsOverThenNothingOfTheRequestIsLeft(String path) throws Exception {
		SecurityContextHolder.setContext(OF_THE_APPLICATION);
		Class<?> held = SecurityContextHolder.getDeferredContext().getClass();
		try {
			this.mvc.perform(get(path));
		}
		catch (ServletException ex) {
			assertThat(path).isEqualTo("/failing");
		}
		assertThat(SecurityContextHolder.getDeferredContext().getClass()).isEqualTo(held);
	}

	@Test
	void contextWhenSpringSecurityClearsItThenARequestDoesNotLoadIt() {
		SecurityContextHolder.setDeferredContext(() -> {
			throw new IllegalStateException("nobody needs the context");
		});
		MockHttpServletRequest request = new MockHttpServletRequest();
		MockHttpServletResponse response = new MockHttpServletResponse();
		request.setAttribute(FilterChainProxy.class.getName() + ".APPLIED", Boolean.TRUE);
		this.interceptor.preHandle(request, response, this);
		assertThatNoException().isThrownBy(() -> this.interceptor.afterCompletion(request, response, this, null));
	}

	@Test
	void contextWhenAHandlerSetsItThenItStays() throws Exception {
		this.mvc.perform(get("/login"));
		assertThat(SecurityContextHolder.getContext()).isSameAs(OF_THE_APPLICATION);
	}

	@Test
	void contextWhenItHeldAKeyThatARequestWasDeniedThenTheKeyDoesNotComeBack() throws Exception {
		Authentication key = ApiKeyAuthentication.of(StubApiKeyService.principal("reader"), Set.of());
		new VerifiedRequest(key, null, true, false).bindTo(new MockHttpServletRequest());
		SecurityContextHolder.setContext(new SecurityContextImpl(key));
		this.mvc.perform(get("/asking"));
		assertThat(SecurityContextHolder.getContext().getAuthentication()).isNull();
	}

	@RestController
	static class Endpoints {

		@GetMapping("/plain")
		String plain() {
			return "plain";
		}

		@GetMapping("/callable")
		Callable<String> callable() {
			return () -> "callable";
		}

		@GetMapping("/failing")
		String failing() {
			throw new IllegalStateException("as a handler may throw");
		}

		@GetMapping("/login")
		void login() {
			SecurityContextHolder.setContext(OF_THE_APPLICATION);
		}

		@GetMapping("/asking")
		String asking() {
			return String.valueOf(SecurityContextHolder.getContext().getAuthentication());
		}

	}

}
