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

import java.io.IOException;
import java.util.List;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * The door to every handler of the pages. A handler passes it first, so that no mapping,
 * adapter or dispatcher leads around it; as an interceptor it is passed before the
 * arguments of a handler are read, wherever the handler is mapped.
 */
final class AdminHandlerGuard implements HandlerInterceptor {

	private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; "
			+ "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

	static final List<Class<?>> HANDLERS = List.of(BulkController.class, KeyListController.class,
			NewKeyController.class, KeyController.class);

	private final AdminAccess access;

	AdminHandlerGuard(AdminAccess access) {
		this.access = access;
	}

	@Override
	public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
			throws IOException {
		if (!isOurs(handler)) {
			return true;
		}
		if (this.access.refuseWithoutChain(response)) {
			return false;
		}
		enter(request, response);
		return true;
	}

	private static boolean isOurs(Object handler) {
		return handler instanceof HandlerMethod method && HANDLERS.contains(method.getBeanType());
	}

	/**
	 * Admits a request that wants to see something, and has browsers keep the answer to
	 * themselves.
	 */
	void enter(HttpServletRequest request, HttpServletResponse response) {
		this.access.check(request);
		keepPrivate(response);
	}

	/**
	 * Has browsers keep a page to themselves, and run nothing that is not ours.
	 */
	static void keepPrivate(HttpServletResponse response) {
		response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
		response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
		response.setHeader("Referrer-Policy", "same-origin");
		response.setHeader("X-Content-Type-Options", "nosniff");
	}

	/**
	 * Admits a request that wants to change something.
	 */
	void enterToChange(HttpServletRequest request, HttpServletResponse response) {
		this.access.checkChange(request);
		enter(request, response);
	}

}
