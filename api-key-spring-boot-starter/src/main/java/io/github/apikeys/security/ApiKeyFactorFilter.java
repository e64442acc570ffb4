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

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Brings a key and other credentials of the same request together. Whoever sends a key
 * and, say, HTTP Basic credentials is the Basic user, and has {@code FACTOR_API_KEY}
 * besides. The scopes of the key do not become authorities of the user.
 */
final class ApiKeyFactorFilter extends OncePerRequestFilter {

	private static final String DEFERRED = ApiKeyFactorFilter.class.getName() + ".DEFERRED";

	private final SecurityContextHolderStrategy securityContextHolderStrategy;

	private final SecurityContextRepository securityContextRepository = new RequestAttributeSecurityContextRepository();

	private final RequestMatcher carriesOtherCredentials;

	ApiKeyFactorFilter(SecurityContextHolderStrategy securityContextHolderStrategy,
			RequestMatcher carriesOtherCredentials) {
		this.securityContextHolderStrategy = securityContextHolderStrategy;
		this.carriesOtherCredentials = carriesOtherCredentials;
	}

	/**
	 * Keeps a verified key until the mechanisms for the other credentials have had their
	 * turn.
	 * @return whether there are other credentials
	 */
	boolean defer(HttpServletRequest request, Authentication authentication) {
		if (!this.carriesOtherCredentials.matches(request)) {
			return false;
		}
		request.setAttribute(DEFERRED, authentication);
		return true;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		if (request.getAttribute(DEFERRED) instanceof Authentication deferred) {
			request.removeAttribute(DEFERRED);
			SecurityContext context = this.securityContextHolderStrategy.createEmptyContext();
			Authentication user = this.securityContextHolderStrategy.getContext().getAuthentication();
			context.setAuthentication((user != null) ? withFactor(user, deferred) : deferred);
			this.securityContextHolderStrategy.setContext(context);
			this.securityContextRepository.saveContext(context, request, response);
		}
		filterChain.doFilter(request, response);
	}

	private static Authentication withFactor(Authentication user, Authentication deferred) {
		return user.toBuilder().authorities((authorities) -> {
			for (GrantedAuthority authority : deferred.getAuthorities()) {
				if (authority instanceof ApiKeyFactor) {
					authorities.add(authority);
				}
			}
		}).build();
	}

}
