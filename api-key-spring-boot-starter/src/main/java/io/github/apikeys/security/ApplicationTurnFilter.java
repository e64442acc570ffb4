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

/**
 * Says that the mechanisms of the chain had their turn, those behind the authorization
 * included, such as switching the user, and that the application has its own. It stands
 * at the end of each chain with keys, and, for {@link ApiKeyDispatchFilter}, behind
 * Spring Security's filter.
 *
 * @since 0.1.0
 */
public final class ApplicationTurnFilter implements Filter {

	/**
	 * Creates a filter.
	 */
	public ApplicationTurnFilter() {
	}

	@Override
	public void doFilter(ServletRequest request, ServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		VerifiedRequest verified = (request instanceof HttpServletRequest http) ? VerifiedRequest.of(http) : null;
		if (verified != null) {
			verified.setDecided(true);
		}
		filterChain.doFilter(request, response);
	}

}
