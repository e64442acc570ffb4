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

import java.util.List;
import java.util.Set;
import java.util.UUID;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.RefusalLog;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Why the pages refuse somebody, in one line for the developer.
 */
class AdminRefusalTests {

	private static final String REQUIRED = "The admin pages require a user with the authority 'ROLE_ADMIN' "
			+ "(api-key.admin.authority)";

	private final Logger logger = (Logger) LoggerFactory.getLogger(RefusalLog.NAME);

	private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

	private final AdminAccess access = new AdminAccess("ROLE_ADMIN",
			AdminRules.of("ROLE_ADMIN", new StaticListableBeanFactory()),
			SecurityContextHolder.getContextHolderStrategy());

	private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");

	@BeforeEach
	void read() {
		this.logger.setLevel(Level.DEBUG);
		this.lines.start();
		this.logger.addAppender(this.lines);
	}

	@AfterEach
	void clear() {
		this.logger.detachAppender(this.lines);
		this.logger.setLevel(null);
		SecurityContextHolder.clearContext();
	}

	@Test
	void authorityWhenMissingThenTheLineNamesItAndThoseOfTheUser() {
		as(new TestingAuthenticationToken("ann", null, "ADMIN", "ROLE_USER"));
		assertDenied();
		assertLine("the user has [ADMIN, ROLE_USER]. " + REQUIRED);
	}

	@Test
	void userWhenNobodyIsSignedInThenTheLineSaysSo() {
		as(new AnonymousAuthenticationToken("key", "nobody", AuthorityUtils.createAuthorityList("ROLE_ADMIN")));
		assertDenied();
		assertLine("nobody is signed in. " + REQUIRED);
	}

	@Test
	void authorityWhenTheApplicationRequiresMoreThenTheLineSaysWhatDoes() {
		AuthorizationManager<HttpServletRequest> more = (user, object) -> new AuthorizationDecision(false);
		AdminAccess strict = new AdminAccess("ROLE_ADMIN", List.of(more),
				SecurityContextHolder.getContextHolderStrategy());
		as(new TestingAuthenticationToken("ann", null, "ROLE_ADMIN"));
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> strict.check(this.request));
		assertLine("the user has [ROLE_ADMIN]. " + REQUIRED
				+ ", and what the application's AuthorizationManagerFactory adds");
	}

	@ParameterizedTest
	@ValueSource(strings = { "ROLE_ADMIN", "ROLE_USER" })
	void keyWhenItAuthenticatesTheRequestThenTheLineSaysSo(String authority) {
		as(new TestingAuthenticationToken(
				new ApiKeyPrincipal(UUID.randomUUID(), "keyId", "key", null, Set.of(), "api_key"), null, authority));
		assertDenied();
		assertLine("the request has an API key, and keys manage no keys. " + REQUIRED);
	}

	@Test
	void chainWhenNoneRanThenTheLineSaysSoWhereverTheRequestIsDenied() throws Exception {
		MockHttpServletResponse response = new MockHttpServletResponse();
		new AdminGuardFilter(this.access).doFilter(this.request, response, (request, ignored) -> {
			throw new AssertionError("permitted");
		});
		assertThat(response.getStatus()).isEqualTo(403);
		assertLine("no SecurityFilterChain is responsible for the request. " + REQUIRED);
		this.lines.list.clear();
		assertDenied();
		assertLine("no SecurityFilterChain is responsible for the request. " + REQUIRED);
	}

	@Test
	void formWhenItsTokenIsNotThatOfTheSessionThenTheLineSaysWhatToDo() {
		as(new TestingAuthenticationToken("ann", null, "ROLE_ADMIN"));
		for (String token : List.of("", "of-another-session")) {
			this.request.setParameter(FormToken.NAME, token);
			assertThatExceptionOfType(AccessDeniedException.class)
				.isThrownBy(() -> this.access.checkChange(this.request));
			assertLine("the 'formToken' of the form is not that of the session, or another site sent the form. Open "
					+ "the page again; several nodes must share sessions, or bind a user to a node");
			this.lines.list.clear();
			FormToken.of(this.request);
		}
	}

	@Test
	void lineWhenNobodyReadsItThenNoneAndTheRefusalIsTheSame() {
		this.logger.setLevel(Level.INFO);
		as(new TestingAuthenticationToken("ann", null, "ROLE_USER"));
		assertDenied();
		assertThat(this.lines.list).isEmpty();
	}

	private static void as(Authentication authentication) {
		SecurityContextHolder.getContext().setAuthentication(authentication);
	}

	private void assertDenied() {
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> this.access.check(this.request));
	}

	private void assertLine(String why) {
		assertThat(this.lines.list).extracting(ILoggingEvent::getFormattedMessage)
			.containsExactly("Request for an admin page denied: " + why);
	}

}
