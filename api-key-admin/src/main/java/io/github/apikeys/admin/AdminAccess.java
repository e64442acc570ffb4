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

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.RefusalLog;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolderStrategy;

/**
 * Decides who may see the pages and who may change something on them, and tells the
 * developer why somebody may not.
 */
final class AdminAccess {

	private static final AuthenticationTrustResolver TRUST = new AuthenticationTrustResolverImpl();

	private final String authority;

	private final List<AuthorizationManager<HttpServletRequest>> rules;

	private final SecurityContextHolderStrategy securityContextHolderStrategy;

	/**
	 * Creates the decision.
	 * @param authority the authority that the rules require
	 * @param rules what a request must satisfy, each of them
	 */
	AdminAccess(String authority, List<AuthorizationManager<HttpServletRequest>> rules,
			SecurityContextHolderStrategy securityContextHolderStrategy) {
		this.authority = authority;
		this.rules = rules;
		this.securityContextHolderStrategy = securityContextHolderStrategy;
	}

	/**
	 * Answers a request with 403 if no filter chain has run: not even an anonymous user
	 * is known then, and nothing translates an {@link AccessDeniedException}.
	 * @return whether the request was answered
	 */
	boolean refuseWithoutChain(HttpServletResponse response) throws IOException {
		if (authentication() != null) {
			return false;
		}
		explainWithoutChain();
		response.sendError(HttpServletResponse.SC_FORBIDDEN);
		return true;
	}

	private @Nullable Authentication authentication() {
		return this.securityContextHolderStrategy.getContext().getAuthentication();
	}

	/**
	 * Says why a request was refused, in a word for the page that explains it. Asked
	 * where the chain refuses, while the user is still known.
	 * @return the word, or {@code null} if the reason is not certain
	 */
	@Nullable String whyRefused(HttpServletRequest request) {
		Authentication authentication = authentication();
		boolean oldForm = HttpMethod.POST.matches(request.getMethod()) && !FormToken.isIn(request);
		if (authentication == null || !TRUST.isAuthenticated(authentication)) {
			return oldForm ? "signed-out" : null;
		}
		if (isByKey(authentication)) {
			return null;
		}
		if (!isPermitted(authentication, request)) {
			return "role-missing";
		}
		return oldForm ? "form-too-old" : null;
	}

	private boolean isPermitted(Authentication authentication, HttpServletRequest request) {
		return this.rules.stream().allMatch((rule) -> {
			AuthorizationResult result = rule.authorize(() -> authentication, request);
			return result != null && result.isGranted();
		});
	}

	/**
	 * Checks a request that wants to see something.
	 * @throws AccessDeniedException if the user lacks the authority, or the request is
	 * authenticated by a key
	 */
	void check(HttpServletRequest request) {
		Authentication authentication = authentication();
		if (authentication == null) {
			explainWithoutChain();
			throw new AuthorizationDeniedException("Managing API keys requires a user",
					new AuthorizationDecision(false));
		}
		if (isByKey(authentication)) {
			explain(() -> "the request has an API key, and keys manage no keys. " + requirement());
			throw new AccessDeniedException("An API key cannot manage API keys");
		}
		for (AuthorizationManager<HttpServletRequest> rule : this.rules) {
			AuthorizationResult result = rule.authorize(() -> authentication, request);
			if (result == null || !result.isGranted()) {
				explain(() -> describe(authentication));
				throw new AuthorizationDeniedException("Managing API keys requires another authority",
						(result != null) ? result : new AuthorizationDecision(false));
			}
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
			explain(() -> "the '" + FormToken.NAME + "' of the form is not that of the session, or another site sent "
					+ "the form. Open the page again; several nodes must share sessions, or bind a user to a node");
			throw new AccessDeniedException("The request does not come from a form of the pages");
		}
	}

	private void explainWithoutChain() {
		explain(() -> "no SecurityFilterChain is responsible for the request. " + requirement());
	}

	private String describe(Authentication user) {
		if (!TRUST.isAuthenticated(user)) {
			return "nobody is signed in. " + requirement();
		}
		TreeSet<String> authorities = user.getAuthorities()
			.stream()
			.map(GrantedAuthority::getAuthority)
			.filter(Objects::nonNull)
			.collect(Collectors.toCollection(TreeSet::new));
		return "the user has " + authorities + ". " + requirement() + (authorities.contains(this.authority)
				? ", and what the application's AuthorizationManagerFactory adds" : "");
	}

	private String requirement() {
		return "The admin pages require a user with the authority '" + this.authority + "' (api-key.admin.authority)";
	}

	private static void explain(Supplier<String> why) {
		if (RefusalLog.isEnabled()) {
			RefusalLog.write("Request for an admin page denied: " + why.get());
		}
	}

}
