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

import io.github.apikeys.core.RefusalLog;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.access.AccessDeniedHandlerImpl;

/**
 * Answers 403 to a machine in a form that machines read. Everybody else gets what Spring
 * Security answers without this library.
 */
final class ApiKeyAccessDeniedHandler implements AccessDeniedHandler {

	private final AccessDeniedHandler others = new AccessDeniedHandlerImpl();

	private final SecurityContextHolderStrategy securityContextHolderStrategy;

	private final @Nullable String scheme;

	/**
	 * Creates a handler.
	 * @param scheme the scheme word of the challenge that names required scopes, or
	 * {@code null} if clients are not told which scopes are required
	 */
	ApiKeyAccessDeniedHandler(SecurityContextHolderStrategy securityContextHolderStrategy, @Nullable String scheme) {
		this.securityContextHolderStrategy = securityContextHolderStrategy;
		this.scheme = scheme;
	}

	boolean isForKey(HttpServletRequest request) {
		return this.securityContextHolderStrategy.getContext().getAuthentication() instanceof ApiKeyAuthentication;
	}

	@Override
	public void handle(HttpServletRequest request, HttpServletResponse response,
			AccessDeniedException accessDeniedException) throws IOException, ServletException {
		// Spring Security calls the only registered handler without asking its matcher
		if (!(this.securityContextHolderStrategy.getContext()
			.getAuthentication() instanceof ApiKeyAuthentication authentication)) {
			this.others.handle(request, response, accessDeniedException);
			return;
		}
		ApiKeyDenial denial = denial(accessDeniedException);
		if (denial == null && RefusalLog.isEnabled()) {
			RefusalLog.write("API key '" + authentication.getPrincipal().keyId()
					+ "' denied: a rule other than @HasApiKey and hasApiKey(..) does not permit it ("
					+ accessDeniedException.getClass().getSimpleName() + "), it has "
					+ authentication.getPrincipal().scopes());
		}
		ScopeRequirement missing = (denial != null) ? denial.missing() : null;
		if (missing == null || this.scheme == null) {
			ProblemResponse.write(response, Problem.FORBIDDEN);
			return;
		}
		if (!response.isCommitted()) {
			missing.challenges(this.scheme)
				.forEach((challenge) -> response.addHeader(HttpHeaders.WWW_AUTHENTICATE, challenge));
		}
		ProblemResponse.write(response, Problem.INSUFFICIENT_SCOPE, Problem.INSUFFICIENT_SCOPE.detail(),
				missing.members());
	}

	private static @Nullable ApiKeyDenial denial(AccessDeniedException ex) {
		return (ex instanceof AuthorizationDeniedException denied
				&& denied.getAuthorizationResult() instanceof ApiKeyDenial denial) ? denial : null;
	}

}
