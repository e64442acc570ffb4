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

import io.github.apikeys.core.ApiKeyPrincipal;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.CredentialsContainer;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.authentication.AuthenticationConverter;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Authenticates a request that carries a key, for this request only. No session is
 * created, read or changed: whoever was signed in by one is set aside while the key is
 * presented.
 * <p>
 * It is built by {@link ApiKeyConfigurer}; the type is public so that other filters can
 * be placed before or after it.
 *
 * @since 0.1.0
 */
public final class ApiKeyAuthenticationFilter extends OncePerRequestFilter {

	private final SecurityContextHolderStrategy securityContextHolderStrategy;

	// The error dispatch and asynchronous dispatches find the authentication here.
	private final SecurityContextRepository securityContextRepository = new RequestAttributeSecurityContextRepository();

	private final RequestMatcher requestMatcher;

	private final AuthenticationConverter converter;

	private final AuthenticationManager authenticationManager;

	private final AuthenticationFailureHandler failureHandler;

	private final @Nullable ApiKeyFactorFilter factorFilter;

	private final RateLimitEnforcer rateLimits;

	private final @Nullable FailedAttemptLimiter failedAttempts;

	ApiKeyAuthenticationFilter(SecurityContextHolderStrategy securityContextHolderStrategy,
			RequestMatcher requestMatcher, AuthenticationConverter converter,
			AuthenticationManager authenticationManager, AuthenticationFailureHandler failureHandler,
			@Nullable ApiKeyFactorFilter factorFilter, RateLimitEnforcer rateLimits,
			@Nullable FailedAttemptLimiter failedAttempts) {
		this.securityContextHolderStrategy = securityContextHolderStrategy;
		this.requestMatcher = requestMatcher;
		this.converter = converter;
		this.authenticationManager = authenticationManager;
		this.failureHandler = failureHandler;
		this.factorFilter = factorFilter;
		this.rateLimits = rateLimits;
		this.failedAttempts = failedAttempts;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		Authentication presented;
		Authentication authentication;
		try {
			presented = this.requestMatcher.matches(request) ? this.converter.convert(request) : null;
			authentication = (presented != null) ? authenticate(presented, request) : null;
		}
		catch (AuthenticationException ex) {
			this.securityContextHolderStrategy.clearContext();
			this.failureHandler.onAuthenticationFailure(request, response, ex);
			return;
		}
		ApiKeyPrincipal apiKey = ApiKeyFactor.find(authentication);
		if (apiKey != null && !this.rateLimits.permits(apiKey, request, response)) {
			return;
		}
		if (authentication != null) {
			SecurityContext context = this.securityContextHolderStrategy.createEmptyContext();
			if (this.factorFilter == null || !this.factorFilter.defer(request, authentication)) {
				context.setAuthentication(authentication);
			}
			this.securityContextHolderStrategy.setContext(context);
			this.securityContextRepository.saveContext(context, request, response);
		}
		boolean bearer = presented instanceof ApiKeyAuthenticationToken token && token.isBearer();
		filterChain.doFilter(bearer ? new ConsumedAuthorizationRequest(request) : request, response);
	}

	private Authentication authenticate(Authentication presented, HttpServletRequest request) {
		try {
			if (this.failedAttempts != null) {
				this.failedAttempts.check(request);
			}
			return this.authenticationManager.authenticate(presented);
		}
		finally {
			if (presented instanceof CredentialsContainer credentials) {
				credentials.eraseCredentials();
			}
		}
	}

}
