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

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.security.web.header.HeaderWriter;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Adds the challenge for keys to the 401 with which another mechanism asks for
 * credentials. A redirect to a login stays as it is.
 */
final class ChallengeWriter implements HeaderWriter {

	private final RequestMatcher requestMatcher;

	private final String challenge;

	/**
	 * Creates a writer.
	 * @param requestMatcher where keys are read
	 * @param challenge the scheme word under which keys are accepted
	 */
	ChallengeWriter(RequestMatcher requestMatcher, String challenge) {
		this.requestMatcher = requestMatcher;
		this.challenge = challenge;
	}

	@Override
	public void writeHeaders(HttpServletRequest request, HttpServletResponse response) {
		if (isUnauthorized(response) && VerifiedRequest.of(request) == null && this.requestMatcher.matches(request)
				&& response.getHeaders(HttpHeaders.WWW_AUTHENTICATE).stream().noneMatch(this::isOurs)) {
			response.addHeader(HttpHeaders.WWW_AUTHENTICATE, this.challenge);
		}
	}

	/**
	 * A status that is sent as an error is not set yet when headers are written; its
	 * challenge is there.
	 */
	private static boolean isUnauthorized(HttpServletResponse response) {
		int status = response.getStatus();
		return status == HttpServletResponse.SC_UNAUTHORIZED
				|| (status == HttpServletResponse.SC_OK && response.containsHeader(HttpHeaders.WWW_AUTHENTICATE));
	}

	private boolean isOurs(String challenge) {
		return challenge.equals(this.challenge) || challenge.startsWith(this.challenge + " ");
	}

}
