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

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;

/**
 * Answers 401, the same way for every reason: who presents a key that is refused learns
 * nothing about why.
 *
 * @since 0.1.0
 */
public final class ApiKeyAuthenticationEntryPoint implements AuthenticationEntryPoint {

	private final String challenge;

	/**
	 * Creates an entry point.
	 * @param challenge the value of {@code WWW-Authenticate}: the scheme word under which
	 * keys are accepted
	 */
	public ApiKeyAuthenticationEntryPoint(String challenge) {
		this.challenge = challenge;
	}

	@Override
	public void commence(HttpServletRequest request, HttpServletResponse response,
			AuthenticationException authException) throws IOException {
		response.setHeader(HttpHeaders.WWW_AUTHENTICATE, this.challenge);
		ProblemResponse.write(response, Problem.UNAUTHORIZED);
	}

}
