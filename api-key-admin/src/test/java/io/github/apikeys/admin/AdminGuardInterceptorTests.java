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

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The handlers are guarded even if the filter was passed by.
 */
class AdminGuardInterceptorTests {

	private final AdminGuardInterceptor interceptor = new AdminGuardInterceptor(new AdminAccess("ROLE_ADMIN", null));

	@AfterEach
	void clearContext() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void preHandleWhenNobodyIsThereThenDenied() {
		assertDenied("GET");
	}

	@Test
	void preHandleWhenAuthorityIsMissingThenDenied() {
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("user", null, "ROLE_USER"));
		assertDenied("GET");
	}

	@Test
	void preHandleWhenAuthorityIsThereThenPassed() {
		SecurityContextHolder.getContext()
			.setAuthentication(new TestingAuthenticationToken("admin", null, "ROLE_ADMIN"));
		assertThat(handle("GET")).isTrue();
		assertDenied("POST");
	}

	private void assertDenied(String method) {
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> handle(method));
	}

	private boolean handle(String method) {
		return this.interceptor.preHandle(new MockHttpServletRequest(method, "/"), new MockHttpServletResponse(),
				new Object());
	}

}
