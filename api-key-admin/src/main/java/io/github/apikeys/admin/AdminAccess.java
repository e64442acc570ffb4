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

import java.net.URI;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.authorization.AuthorityAuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;

/**
 * Decides who may see the pages and who may change something on them.
 */
final class AdminAccess {

	private static final String API_KEY_FACTOR = "FACTOR_API_KEY";

	private final AuthorityAuthorizationManager<Object> authority;

	AdminAccess(String authority, @Nullable RoleHierarchy roleHierarchy) {
		this.authority = AuthorityAuthorizationManager.hasAuthority(authority);
		if (roleHierarchy != null) {
			this.authority.setRoleHierarchy(roleHierarchy);
		}
	}

	/**
	 * Checks a request.
	 * @throws AccessDeniedException if the user lacks the authority, the request is
	 * authenticated by a key, or it would change something and comes from another site
	 */
	void check(@Nullable Authentication authentication, HttpServletRequest request) {
		AuthorizationResult result = this.authority.authorize(() -> authentication, request);
		if (authentication == null || result == null || !result.isGranted()) {
			throw new AccessDeniedException("Managing API keys requires another authority");
		}
		for (GrantedAuthority granted : authentication.getAuthorities()) {
			if (API_KEY_FACTOR.equals(granted.getAuthority())) {
				throw new AccessDeniedException("An API key cannot manage API keys");
			}
		}
		if (!isSafe(request.getMethod()) && isForeign(request)) {
			throw new AccessDeniedException("The request comes from another site");
		}
	}

	private static boolean isSafe(String method) {
		return method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS");
	}

	/**
	 * Besides the CSRF token, which an application may have switched off: a browser says
	 * where a request comes from.
	 * @see <a href="https://www.w3.org/TR/fetch-metadata/">Fetch Metadata Request
	 * Headers</a>
	 */
	private static boolean isForeign(HttpServletRequest request) {
		String site = request.getHeader("Sec-Fetch-Site");
		if (site != null) {
			return !site.equals("same-origin") && !site.equals("none");
		}
		String origin = request.getHeader(HttpHeaders.ORIGIN);
		if (origin != null) {
			return !isOwn(origin, request);
		}
		return request.getAttribute("_csrf") == null;
	}

	private static boolean isOwn(String origin, HttpServletRequest request) {
		try {
			String authority = URI.create(origin).getAuthority();
			return authority != null && (authority.equalsIgnoreCase(request.getHeader(HttpHeaders.HOST))
					|| authority.equalsIgnoreCase(request.getServerName() + ":" + request.getServerPort())
					|| authority.equalsIgnoreCase(request.getServerName()));
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

}
