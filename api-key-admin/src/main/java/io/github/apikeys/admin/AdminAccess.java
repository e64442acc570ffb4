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

import io.github.apikeys.core.ApiKeyPrincipal;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolderStrategy;

/**
 * Decides who may see the pages and who may change something on them.
 */
final class AdminAccess {

	private final List<AuthorizationManager<HttpServletRequest>> rules;

	private final SecurityContextHolderStrategy securityContextHolderStrategy;

	/**
	 * Creates the decision.
	 * @param rules what a request must satisfy, each of them
	 */
	AdminAccess(List<AuthorizationManager<HttpServletRequest>> rules,
			SecurityContextHolderStrategy securityContextHolderStrategy) {
		this.rules = rules;
		this.securityContextHolderStrategy = securityContextHolderStrategy;
	}

	/**
	 * Returns whether a filter chain has run. Without one not even an anonymous user is
	 * known, and nothing translates an {@link AccessDeniedException}.
	 */
	boolean isBehindChain() {
		return authentication() != null;
	}

	private @Nullable Authentication authentication() {
		return this.securityContextHolderStrategy.getContext().getAuthentication();
	}

	/**
	 * Checks a request that wants to see something.
	 * @throws AccessDeniedException if the user lacks the authority, or the request is
	 * authenticated by a key
	 */
	void check(HttpServletRequest request) {
		Authentication authentication = authentication();
		if (authentication == null) {
			throw new AuthorizationDeniedException("Managing API keys requires a user",
					new AuthorizationDecision(false));
		}
		for (AuthorizationManager<HttpServletRequest> rule : this.rules) {
			AuthorizationResult result = rule.authorize(() -> authentication, request);
			if (result == null || !result.isGranted()) {
				throw new AuthorizationDeniedException("Managing API keys requires another authority",
						(result != null) ? result : new AuthorizationDecision(false));
			}
		}
		if (isByKey(authentication)) {
			throw new AccessDeniedException("An API key cannot manage API keys");
		}
	}

	private static boolean isByKey(Authentication authentication) {
		if (authentication.getPrincipal() instanceof ApiKeyPrincipal) {
			return true;
		}
		for (GrantedAuthority granted : authentication.getAuthorities()) {
			if (ApiKeyPrincipal.FACTOR_AUTHORITY.equals(granted.getAuthority())) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Checks a request that wants to change something, whatever its method and whatever
	 * the application's chain has checked.
	 * @throws AccessDeniedException as {@link #check} does, or if the request does not
	 * come from one of the forms
	 */
	void checkChange(HttpServletRequest request) {
		check(request);
		if (!FormToken.isIn(request)) {
			throw new AccessDeniedException("The request does not come from a form of the pages");
		}
	}

}
