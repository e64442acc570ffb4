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

package io.github.apikeys.admin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.UUID;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

import org.springframework.web.util.WebUtils;

/**
 * A random value that every form of the pages sends along and that only the session of
 * the user knows. The application's own CSRF protection may be switched off, exempt the
 * path, or use another method; this does not depend on it.
 */
final class FormToken {

	/**
	 * The name of the parameter, and of the attribute in the model of each page.
	 */
	static final String NAME = "formToken";

	private static final String ATTRIBUTE = FormToken.class.getName();

	private FormToken() {
	}

	/**
	 * Returns the token of the session, which begins here if there is none.
	 */
	static String of(HttpServletRequest request) {
		HttpSession session = request.getSession();
		synchronized (WebUtils.getSessionMutex(session)) {
			if (session.getAttribute(ATTRIBUTE) instanceof String token) {
				return token;
			}
			String token = UUID.randomUUID().toString();
			session.setAttribute(ATTRIBUTE, token);
			return token;
		}
	}

	/**
	 * Returns whether a request carries the token of its session. One that a browser
	 * sends for another site does not count in any case: a sibling domain can plant a
	 * session of its own.
	 */
	static boolean isIn(HttpServletRequest request) {
		HttpSession session = request.getSession(false);
		return session != null && session.getAttribute(ATTRIBUTE) instanceof String expected
				&& isEqual(expected, request.getParameter(NAME)) && !isFromAnotherSite(request);
	}

	private static boolean isEqual(String expected, @Nullable String given) {
		return given != null && MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8),
				given.getBytes(StandardCharsets.UTF_8));
	}

	private static boolean isFromAnotherSite(HttpServletRequest request) {
		String site = request.getHeader("Sec-Fetch-Site");
		return site != null && !site.equals("same-origin") && !site.equals("none");
	}

}
