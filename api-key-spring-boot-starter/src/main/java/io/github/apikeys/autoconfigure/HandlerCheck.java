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

package io.github.apikeys.autoconfigure;

import io.github.apikeys.security.HasApiKey;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.web.servlet.HandlerAdapter;
import org.springframework.web.servlet.ModelAndView;

/**
 * Inspects each handler of Spring MVC when a request is dispatched to it, so that
 * {@link HasApiKey} protects, or nobody gets an answer, also where a handler was
 * registered after the start, or comes from a mapping that does not tell which handlers
 * it has. It adapts nothing: of all that a dispatcher has, it asks adapters alone about
 * each handler, whatever mapping that came from.
 */
final class HandlerCheck implements HandlerAdapter, PriorityOrdered {

	private final HasApiKeyUsageCheck usageCheck;

	HandlerCheck(HasApiKeyUsageCheck usageCheck) {
		this.usageCheck = usageCheck;
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public boolean supports(Object handler) {
		this.usageCheck.inspectDispatched(handler);
		return false;
	}

	@Override
	public @Nullable ModelAndView handle(HttpServletRequest request, HttpServletResponse response, Object handler) {
		throw new UnsupportedOperationException();
	}

}
