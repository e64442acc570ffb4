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
import jakarta.servlet.http.HttpServletResponseWrapper;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.security.web.util.OnCommittedResponseWrapper;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Adds the challenge for keys to the 401 with which another mechanism asks for
 * credentials. Any other answer, such as a redirect to a login, stays as it is.
 */
final class ChallengeFilter extends OncePerRequestFilter {

	private final RequestMatcher requestMatcher;

	private final String challenge;

	/**
	 * Creates a filter.
	 * @param requestMatcher where keys are read
	 * @param challenge the scheme word under which keys are accepted
	 */
	ChallengeFilter(RequestMatcher requestMatcher, String challenge) {
		this.requestMatcher = requestMatcher;
		this.challenge = challenge;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		ChallengedResponse challenged = new ChallengedResponse(request, response);
		filterChain.doFilter(request, new ErrorResponse(challenged));
		if (!request.isAsyncStarted()) {
			challenged.end();
		}
	}

	/**
	 * A status that is sent as an error is not that of the response yet when its headers
	 * are written.
	 */
	private static final class ErrorResponse extends HttpServletResponseWrapper {

		private final ChallengedResponse response;

		ErrorResponse(ChallengedResponse response) {
			super(response);
			this.response = response;
		}

		@Override
		public void sendError(int status) throws IOException {
			this.response.error = status;
			super.sendError(status);
		}

		@Override
		public void sendError(int status, String message) throws IOException {
			this.response.error = status;
			super.sendError(status, message);
		}

	}

	private final class ChallengedResponse extends OnCommittedResponseWrapper {

		private final HttpServletRequest request;

		private @Nullable Integer error;

		ChallengedResponse(HttpServletRequest request, HttpServletResponse response) {
			super(response);
			this.request = request;
		}

		void end() {
			if (!isDisableOnResponseCommitted()) {
				onResponseCommitted();
			}
		}

		@Override
		protected void onResponseCommitted() {
			disableOnResponseCommitted();
			int status = (this.error != null) ? this.error : getStatus();
			if (status == SC_UNAUTHORIZED && VerifiedRequest.of(this.request) == null
					&& getHeaders(HttpHeaders.WWW_AUTHENTICATE).stream().noneMatch(this::isOurs) && areKeysRead()) {
				addHeader(HttpHeaders.WWW_AUTHENTICATE, ChallengeFilter.this.challenge);
			}
		}

		/**
		 * Code of the application, which must not fail the answer of somebody else.
		 */
		private boolean areKeysRead() {
			try {
				return ChallengeFilter.this.requestMatcher.matches(this.request);
			}
			catch (RuntimeException | LinkageError ex) {
				return false;
			}
		}

		private boolean isOurs(String challenge) {
			return challenge.equals(ChallengeFilter.this.challenge)
					|| challenge.startsWith(ChallengeFilter.this.challenge + " ");
		}

	}

}
