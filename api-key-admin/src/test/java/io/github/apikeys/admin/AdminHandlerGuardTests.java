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

import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.IssuanceTerms;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.method.HandlerMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What a request must have to pass the door to the handlers.
 */
class AdminHandlerGuardTests {

	private final AdminHandlerGuard guard = new AdminHandlerGuard(
			new AdminAccess("ROLE_ADMIN", AdminRules.of("ROLE_ADMIN", new StaticListableBeanFactory()),
					SecurityContextHolder.getContextHolderStrategy()));

	private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");

	private final MockHttpServletResponse response = new MockHttpServletResponse();

	@AfterEach
	void clearContext() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void enterWhenNobodyIsThereThenDenied() {
		assertDenied();
	}

	@Test
	void enterWhenAuthorityIsMissingThenDenied() {
		as("ROLE_USER");
		assertDenied();
	}

	@Test
	void enterWhenAnonymousHasTheAuthorityThenDenied() {
		as(new AnonymousAuthenticationToken("key", "anonymous", AuthorityUtils.createAuthorityList("ROLE_ADMIN")));
		assertDenied();
	}

	@Test
	void enterWhenAKeyWasPresentedBesidesThenDenied() {
		as("ROLE_ADMIN", ApiKeyPrincipal.FACTOR_AUTHORITY);
		assertDenied();
	}

	@Test
	void enterWhenThePrincipalIsAKeyThenDenied() {
		as(new TestingAuthenticationToken(
				new ApiKeyPrincipal(UUID.randomUUID(), "keyId", "key", null, Set.of(), "api_key"), null, "ROLE_ADMIN"));
		assertDenied();
	}

	@Test
	void enterWhenAuthorityIsThereThenAdmittedAndKeptPrivate() {
		as("ROLE_ADMIN");
		this.guard.enter(this.request, this.response);
		assertThat(this.response.getHeader("Cache-Control")).isEqualTo("no-store");
		assertThat(this.response.getHeader("Content-Security-Policy")).contains("frame-ancestors 'none'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "HEAD", "POST", "TRACE" })
	void enterToChangeThenTheTokenOfTheSessionWhateverTheMethod(String method) {
		as("ROLE_ADMIN");
		String token = FormToken.of(this.request);
		this.request.setMethod(method);
		for (String wrong : List.of("", token.substring(1), token + "x", FormToken.of(new MockHttpServletRequest()))) {
			this.request.setParameter(FormToken.NAME, wrong);
			assertDeniedToChange();
		}
		this.request.setParameter(FormToken.NAME, token);
		assertThatCode(() -> this.guard.enterToChange(this.request, this.response)).doesNotThrowAnyException();
	}

	@Test
	void enterToChangeWhenThereIsNoSessionThenDeniedAndNoneBegins() {
		as("ROLE_ADMIN");
		assertDeniedToChange();
		this.request.setParameter(FormToken.NAME, "");
		assertDeniedToChange();
		assertThat(this.request.getSession(false)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "cross-site", "same-site", "", "SAME-ORIGIN" })
	void enterToChangeWhenTheBrowserNamesAnotherSiteThenDeniedDespiteTheToken(String site) {
		as("ROLE_ADMIN");
		this.request.setParameter(FormToken.NAME, FormToken.of(this.request));
		this.request.addHeader("Sec-Fetch-Site", site);
		assertDeniedToChange();
	}

	@Test
	void enterToChangeWhenAuthorityIsMissingThenDeniedDespiteTheToken() {
		as("ROLE_USER");
		this.request.setParameter(FormToken.NAME, FormToken.of(this.request));
		assertDeniedToChange();
	}

	@Test
	void preHandleThenAsksForOurHandlersOnly() throws Exception {
		assertThat(this.guard.preHandle(this.request, this.response, new Object())).isTrue();
		assertThat(this.guard.preHandle(this.request, this.response,
				new HandlerMethod(new StringBuilder(), StringBuilder.class.getMethod("reverse"))))
			.isTrue();
		assertThat(this.response.getHeaderNames()).isEmpty();
		as("ROLE_USER");
		assertThatExceptionOfType(AccessDeniedException.class)
			.isThrownBy(() -> this.guard.preHandle(this.request, this.response, handler()));
		as("ROLE_ADMIN");
		assertThat(this.guard.preHandle(this.request, this.response, handler())).isTrue();
	}

	@Test
	void preHandleWhenNoChainRanThenForbiddenWithoutAnException() throws Exception {
		assertThat(this.guard.preHandle(this.request, this.response, handler())).isFalse();
		assertThat(this.response.getStatus()).isEqualTo(403);
	}

	private static HandlerMethod handler() {
		Method method = ReflectionUtils.findMethod(KeyController.class, "notByGet", HttpServletRequest.class,
				HttpServletResponse.class);
		IssuanceTerms terms = new IssuanceTerms(Map.of(), null, false, null);
		KeyController controller = new KeyController(new AdminKeys(null, null), new AdminOffers(null, terms, null),
				null, null, null);
		return new HandlerMethod(controller, method);
	}

	private static void as(String... authorities) {
		as(new TestingAuthenticationToken("user", null, authorities));
	}

	private static void as(Authentication authentication) {
		SecurityContextHolder.getContext().setAuthentication(authentication);
	}

	private void assertDenied() {
		assertThatExceptionOfType(AccessDeniedException.class)
			.isThrownBy(() -> this.guard.enter(this.request, this.response));
		assertDeniedToChange();
	}

	private void assertDeniedToChange() {
		assertThatExceptionOfType(AccessDeniedException.class)
			.isThrownBy(() -> this.guard.enterToChange(this.request, this.response));
	}

}
