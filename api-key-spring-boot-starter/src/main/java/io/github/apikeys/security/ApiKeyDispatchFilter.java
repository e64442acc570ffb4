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

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.security.web.context.SecurityContextHolderFilter;
import org.springframework.security.web.context.SecurityContextRepository;
import org.springframework.util.Assert;

/**
 * Has the later dispatches of a request whose key was verified run as the caller of that
 * request, whichever filter chain serves them: a chain without keys would load the user
 * of the session. Requests without a key pass unchanged.
 * <p>
 * It belongs before Spring Security's filter, for all dispatches but the first, with an
 * {@link ApplicationTurnFilter} behind Spring Security's filter for the same dispatches.
 *
 * @since 0.1.0
 */
public final class ApiKeyDispatchFilter implements Filter {

	private final SecurityContextRepository repository = new RequestAttributeSecurityContextRepository();

	// the context that one such filter has loaded is loaded by no other
	private final SecurityContextHolderFilter contextFilter = new SecurityContextHolderFilter(this.repository);

	private final SecurityContextHolderStrategy securityContextHolderStrategy;

	/**
	 * Creates a filter.
	 * @param securityContextHolderStrategy where the chains keep the caller
	 */
	public ApiKeyDispatchFilter(SecurityContextHolderStrategy securityContextHolderStrategy) {
		Assert.notNull(securityContextHolderStrategy, "securityContextHolderStrategy cannot be null");
		this.securityContextHolderStrategy = securityContextHolderStrategy;
		this.contextFilter.setSecurityContextHolderStrategy(securityContextHolderStrategy);
	}

	@Override
	public void doFilter(ServletRequest request, ServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		VerifiedRequest verified = (request instanceof HttpServletRequest http) ? VerifiedRequest.of(http) : null;
		if (verified == null) {
			filterChain.doFilter(request, response);
			return;
		}
		@Nullable VerifiedRequest before = verified.enter();
		boolean decided = verified.isDecided();
		// of the dispatch that goes on after this one, as after an include: a strategy
		// that
		// defers nothing would only tell later what it has then
		@Nullable SecurityContext context = (before != null) ? this.securityContextHolderStrategy.getContext() : null;
		try {
			dispatch(verified, new VerifiedHttpServletRequest((HttpServletRequest) request, verified),
					new VerifiedHttpServletResponse((HttpServletResponse) response, verified), filterChain);
		}
		finally {
			verified.setDecided(decided);
			VerifiedRequest.leave(before);
			if (context != null) {
				this.securityContextHolderStrategy.setContext(context);
			}
		}
	}

	private void dispatch(VerifiedRequest verified, HttpServletRequest request, HttpServletResponse response,
			FilterChain filterChain) throws ServletException, IOException {
		verified.setDecided(false);
		this.repository.saveContext(verified.context(this.securityContextHolderStrategy), request, response);
		this.contextFilter.doFilter(request, response, filterChain);
	}

}
