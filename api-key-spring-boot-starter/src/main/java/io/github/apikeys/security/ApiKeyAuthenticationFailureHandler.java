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

import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.RefusalLog;
import io.github.apikeys.core.support.Causes;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;

/**
 * Tells a key that is refused from a key that could not be verified, from one that was
 * not even looked at, and from a request that cannot be read: 401, 503, 429 or 400.
 */
final class ApiKeyAuthenticationFailureHandler implements AuthenticationFailureHandler {

	private static final Log logger = LogFactory.getLog(ApiKeyAuthenticationFailureHandler.class);

	private final AuthenticationEntryPoint entryPoint;

	ApiKeyAuthenticationFailureHandler(AuthenticationEntryPoint entryPoint) {
		this.entryPoint = entryPoint;
	}

	@Override
	public void onAuthenticationFailure(HttpServletRequest request, HttpServletResponse response,
			AuthenticationException exception) throws IOException, ServletException {
		if (exception instanceof AuthenticationServiceException) {
			if (!MalformedRequest.isAnswered(exception, response)) {
				log(exception);
				ProblemResponse.writeUnavailable(response, Problem.UNAVAILABLE.detail());
			}
			return;
		}
		if (exception instanceof TooManyFailedAttemptsException tooMany) {
			if (RefusalLog.isEnabled()) {
				RefusalLog.write("API keys from " + request.getRemoteAddr() + " are refused for "
						+ tooMany.retryAfter().toSeconds() + " seconds: too many were unknown or had a wrong secret");
			}
			response.setHeader(HttpHeaders.RETRY_AFTER, String.valueOf(tooMany.retryAfter().toSeconds() + 1));
			ProblemResponse.write(response, Problem.FAILED_ATTEMPTS);
			return;
		}
		this.entryPoint.commence(request, response, exception);
	}

	/**
	 * A database that does not answer is known to its operator; anything else is a fault
	 * of code, such as a policy of the application, and is looked for.
	 */
	private static void log(AuthenticationException exception) {
		if (Causes.find(exception, ApiKeyStoreException.class) != null) {
			logger.error("An API key could not be verified: " + exception.getMessage());
			logger.debug("An API key could not be verified", exception);
		}
		else {
			logger.error("An API key could not be verified", exception);
		}
	}

}
