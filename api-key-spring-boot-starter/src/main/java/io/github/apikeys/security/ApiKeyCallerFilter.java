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
import io.github.apikeys.core.support.Causes;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authorization.AuthorityAuthorizationDecision;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.authorization.FactorAuthorizationDecision;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Says who calls, once all mechanisms of the chain had their turn: the key, whatever else
 * they found, or, where other credentials are accepted, the user to whom they belong,
 * with {@code FACTOR_API_KEY} besides. From here on, a denial does not send a machine to
 * a login.
 */
final class ApiKeyCallerFilter extends OncePerRequestFilter {

	private final SecurityContextHolderStrategy securityContextHolderStrategy;

	private final SecurityContextRepository securityContextRepository = new RequestAttributeSecurityContextRepository();

	private final AuthenticationTrustResolver trustResolver = new AuthenticationTrustResolverImpl();

	private final AuthenticationEntryPoint entryPoint;

	ApiKeyCallerFilter(SecurityContextHolderStrategy securityContextHolderStrategy,
			AuthenticationEntryPoint entryPoint) {
		this.securityContextHolderStrategy = securityContextHolderStrategy;
		this.entryPoint = entryPoint;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		VerifiedRequest verified = VerifiedRequest.of(request);
		if (verified == null) {
			OutlivedKey.removeFrom(this.securityContextHolderStrategy, request);
			filterChain.doFilter(request, response);
			return;
		}
		try {
			decide(verified, request, response);
			filterChain.doFilter(request, response);
		}
		catch (ServletException | RuntimeException ex) {
			// what handles a denial is another mechanism again
			verified.setDecided(false);
			AuthenticationException failure = Causes.find(ex, AuthenticationException.class);
			if (failure != null && !response.isCommitted()) {
				if (RefusalLog.isEnabled()) {
					RefusalLog.write("API key '" + verified.key().getName()
							+ "' refused because of what came beside it: " + failure.getMessage());
				}
				this.entryPoint.commence(request, response, failure);
				return;
			}
			AuthorizationDeniedException denied = withoutLogin(ex);
			if (denied != null) {
				throw denied;
			}
			throw ex;
		}
	}

	private void decide(VerifiedRequest verified, HttpServletRequest request, HttpServletResponse response) {
		Authentication current = this.securityContextHolderStrategy.getContext().getAuthentication();
		Authentication caller = verified.caller();
		if (caller == null) {
			caller = withFactor(current, verified.key());
			verified.setCaller(caller);
		}
		if (caller != current) {
			SecurityContext context = new RequestSecurityContext(caller);
			this.securityContextHolderStrategy.setContext(context);
			this.securityContextRepository.saveContext(context, request, response);
		}
	}

	/**
	 * A user whom only a remember-me cookie authenticates did not present the
	 * credentials.
	 */
	private Authentication withFactor(@Nullable Authentication user, Authentication key) {
		if (user == null || !this.trustResolver.isFullyAuthenticated(user)) {
			throw new BadCredentialsException("No mechanism of the chain understands the other credentials");
		}
		return user.toBuilder().authorities((authorities) -> {
			for (GrantedAuthority authority : key.getAuthorities()) {
				if (authority instanceof ApiKeyFactor) {
					authorities.add(authority);
				}
			}
		}).build();
	}

	/**
	 * A denial that says which authorities are missing starts a login for them, with a
	 * redirect and a session. Logging in is nothing that a machine could do.
	 */
	private static @Nullable AuthorizationDeniedException withoutLogin(Exception ex) {
		AuthorizationDeniedException denied = Causes.find(ex, AuthorizationDeniedException.class);
		AuthorizationResult result = (denied != null) ? denied.getAuthorizationResult() : null;
		if (denied == null || !(result instanceof AuthorityAuthorizationDecision
				|| result instanceof FactorAuthorizationDecision)) {
			return null;
		}
		AuthorizationDeniedException plain = new AuthorizationDeniedException(String.valueOf(denied.getMessage()),
				new AuthorizationDecision(false));
		plain.initCause(ex);
		return plain;
	}

	@Override
	protected boolean shouldNotFilterAsyncDispatch() {
		return false;
	}

	@Override
	protected boolean shouldNotFilterErrorDispatch() {
		return false;
	}

}
