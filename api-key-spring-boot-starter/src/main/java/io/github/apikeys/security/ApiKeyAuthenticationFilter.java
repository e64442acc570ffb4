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
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.InternalAuthenticationServiceException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.CredentialsContainer;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.authentication.AuthenticationConverter;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Authenticates a request that carries a key, for this request only, and before anything
 * that a key might exempt the request from. No session is created, read or changed:
 * whoever was signed in by one is set aside while the key is presented. Later dispatches
 * of the request, such as that of an error, have the same caller.
 * <p>
 * It is built by {@link ApiKeyConfigurer}; the type is public so that other filters can
 * be placed before or after it.
 *
 * @since 0.1.0
 */
public final class ApiKeyAuthenticationFilter extends OncePerRequestFilter {

	private final SecurityContextRepository securityContextRepository = new RequestAttributeSecurityContextRepository();

	private final RequestMatcher requestMatcher;

	private final AuthenticationConverter converter;

	private final AuthenticationManager authenticationManager;

	private final AuthenticationFailureHandler failureHandler;

	private SecurityContextHolderStrategy securityContextHolderStrategy = SecurityContextHolder
		.getContextHolderStrategy();

	private KeyHeaders headers = KeyHeaders.NONE;

	private boolean otherCredentialsAccepted;

	private @Nullable FailedAttemptLimiter failedAttempts;

	/**
	 * Creates a filter.
	 * @param requestMatcher where keys are read
	 * @param converter what finds the key of a request
	 * @param authenticationManager what verifies it
	 * @param failureHandler what answers if it is refused
	 */
	ApiKeyAuthenticationFilter(RequestMatcher requestMatcher, AuthenticationConverter converter,
			AuthenticationManager authenticationManager, AuthenticationFailureHandler failureHandler) {
		this.requestMatcher = requestMatcher;
		this.converter = converter;
		this.authenticationManager = authenticationManager;
		this.failureHandler = failureHandler;
	}

	void setSecurityContextHolderStrategy(SecurityContextHolderStrategy securityContextHolderStrategy) {
		this.securityContextHolderStrategy = securityContextHolderStrategy;
	}

	void setHeaders(KeyHeaders headers) {
		this.headers = headers;
	}

	void setOtherCredentialsAccepted(boolean otherCredentialsAccepted) {
		this.otherCredentialsAccepted = otherCredentialsAccepted;
	}

	void setFailedAttemptLimiter(@Nullable FailedAttemptLimiter failedAttempts) {
		this.failedAttempts = failedAttempts;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		VerifiedRequest verified = VerifiedRequest.of(request);
		if (verified == null && isFirstDispatch(request)) {
			try {
				verified = verifyOrFail(request, response);
			}
			catch (AuthenticationException ex) {
				this.securityContextHolderStrategy.clearContext();
				this.failureHandler.onAuthenticationFailure(request, response, ex);
				return;
			}
		}
		if (verified == null) {
			// before somebody takes the caller for one who is signed in
			OutlivedKey.removeFrom(this.securityContextHolderStrategy, request);
			filterChain.doFilter(request, response);
			return;
		}
		VerifiedRequest before = verified.enter();
		try {
			proceed(verified, request, response, filterChain);
		}
		finally {
			VerifiedRequest.leave(before);
		}
	}

	/**
	 * Returns whether a key is looked for in a request.
	 * @param request any request
	 * @return {@code true} if the chain reads keys on it
	 */
	public boolean reads(HttpServletRequest request) {
		return this.requestMatcher.matches(request);
	}

	private void proceed(VerifiedRequest verified, HttpServletRequest request, HttpServletResponse response,
			FilterChain filterChain) throws ServletException, IOException {
		this.headers.keysAreRead(request, response);
		verified.hide(this.headers.of(verified));
		enter(verified, request, response);
		filterChain.doFilter(new VerifiedHttpServletRequest(request, verified),
				new VerifiedHttpServletResponse(response, verified));
	}

	/**
	 * An error or asynchronous dispatch has the caller of its request, or none.
	 */
	private static boolean isFirstDispatch(HttpServletRequest request) {
		DispatcherType type = request.getDispatcherType();
		return type != DispatcherType.ERROR && type != DispatcherType.ASYNC;
	}

	/**
	 * Whatever code of the application throws here, a matcher, converter or listener: on
	 * the error page of the container another mechanism would ask for a login.
	 */
	private @Nullable VerifiedRequest verifyOrFail(HttpServletRequest request, HttpServletResponse response) {
		try {
			return verify(request, response);
		}
		catch (AuthenticationException | RequestRejectedException ex) {
			throw ex;
		}
		catch (RuntimeException | LinkageError ex) {
			throw new InternalAuthenticationServiceException("The verification of an API key failed", ex);
		}
	}

	private @Nullable VerifiedRequest verify(HttpServletRequest request, HttpServletResponse response) {
		if (!this.requestMatcher.matches(request)) {
			return null;
		}
		this.headers.keysAreRead(request, response);
		Authentication presented = read(request);
		if (presented == null) {
			return null;
		}
		ApiKeyAuthenticationToken token = (presented instanceof ApiKeyAuthenticationToken ours) ? ours : null;
		if (token != null) {
			token.setRemoteAddress(request.getRemoteAddr());
		}
		String name = (token != null) ? token.header() : null;
		boolean alone = token != null && token.isAlone();
		// one of our converters has accepted them
		boolean besideOthers = !alone && (name != null
				|| (this.otherCredentialsAccepted && request.getHeader(HttpHeaders.AUTHORIZATION) != null));
		VerifiedRequest verified = new VerifiedRequest(authenticate(presented, request), name, alone, besideOthers);
		verified.bindTo(request);
		return verified;
	}

	private @Nullable Authentication read(HttpServletRequest request) {
		try {
			return this.converter.convert(request);
		}
		catch (AuthenticationException ex) {
			if (RefusalLog.isEnabled()) {
				RefusalLog.write("API key refused before its verification: " + ex.getMessage());
			}
			throw ex;
		}
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

	/**
	 * Lets the other mechanisms see who is calling, or, until they have said who the user
	 * is, nobody.
	 */
	private void enter(VerifiedRequest verified, HttpServletRequest request, HttpServletResponse response) {
		verified.setDecided(false);
		SecurityContext context = verified.context(this.securityContextHolderStrategy);
		this.securityContextHolderStrategy.setContext(context);
		this.securityContextRepository.saveContext(context, request, response);
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
