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

import java.util.List;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;

import org.springframework.http.HttpHeaders;

/**
 * The answer to a request whose key was verified, as everything behind the filter writes
 * it: until the application has its turn, no cookie is set or deleted.
 */
final class VerifiedHttpServletResponse extends HttpServletResponseWrapper {

	private static final List<String> COOKIE_HEADERS = List.of(HttpHeaders.SET_COOKIE, "Clear-Site-Data");

	private final VerifiedRequest verified;

	VerifiedHttpServletResponse(HttpServletResponse response, VerifiedRequest verified) {
		super(response);
		this.verified = verified;
	}

	@Override
	public void addCookie(Cookie cookie) {
		if (this.verified.isDecided()) {
			super.addCookie(cookie);
		}
	}

	@Override
	public void setHeader(String name, String value) {
		if (isWritten(name)) {
			super.setHeader(name, value);
		}
	}

	@Override
	public void addHeader(String name, String value) {
		if (isWritten(name)) {
			super.addHeader(name, value);
		}
	}

	private boolean isWritten(String name) {
		return this.verified.isDecided() || COOKIE_HEADERS.stream().noneMatch(name::equalsIgnoreCase);
	}

}
