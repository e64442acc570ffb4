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
import org.slf4j.MDC;

import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets every line of the log that a request causes on its thread name the key it came
 * with.
 */
final class ApiKeyMdcFilter extends OncePerRequestFilter {

	private static final String KEY_ID = "apiKeyId";

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		ApiKeyPrincipal apiKey = apiKey(request);
		if (apiKey == null) {
			filterChain.doFilter(request, response);
			return;
		}
		String before = MDC.get(KEY_ID);
		MDC.put(KEY_ID, apiKey.keyId());
		try {
			filterChain.doFilter(request, response);
		}
		finally {
			// the thread goes on with the requests of others, or of an outer filter
			if (before != null) {
				MDC.put(KEY_ID, before);
			}
			else {
				MDC.remove(KEY_ID);
			}
		}
	}

	private static @Nullable ApiKeyPrincipal apiKey(HttpServletRequest request) {
		VerifiedRequest verified = VerifiedRequest.of(request);
		return (verified != null) ? ApiKeyFactor.find(verified.key()) : null;
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
