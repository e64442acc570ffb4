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

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.access.AccessDeniedHandler;
import org.springframework.security.web.access.AccessDeniedHandlerImpl;

/**
 * Answers 403 to a machine in a form that machines read. Everybody else gets what Spring
 * Security answers without this library.
 */
final class ApiKeyAccessDeniedHandler implements AccessDeniedHandler {

	private final AccessDeniedHandler others = new AccessDeniedHandlerImpl();

	private final SecurityContextHolderStrategy securityContextHolderStrategy;

	ApiKeyAccessDeniedHandler(SecurityContextHolderStrategy securityContextHolderStrategy) {
		this.securityContextHolderStrategy = securityContextHolderStrategy;
	}

	boolean isForKey(HttpServletRequest request) {
		return this.securityContextHolderStrategy.getContext().getAuthentication() instanceof ApiKeyAuthentication;
	}

	@Override
	public void handle(HttpServletRequest request, HttpServletResponse response,
			AccessDeniedException accessDeniedException) throws IOException, ServletException {
		// Spring Security calls the only registered handler without asking its matcher
		if (!isForKey(request)) {
			this.others.handle(request, response, accessDeniedException);
			return;
		}
		ProblemResponse.write(response, HttpStatus.FORBIDDEN, "The API key does not permit this request.");
	}

}
