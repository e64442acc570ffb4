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

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Has handlers inspected when a request is dispatched to them, whichever adapter the
 * dispatcher asks: mappings of Spring MVC find it themselves.
 */
final class HandlerCheckInterceptor implements HandlerInterceptor {

	private final HasApiKeyUsageCheck usageCheck;

	HandlerCheckInterceptor(HasApiKeyUsageCheck usageCheck) {
		this.usageCheck = usageCheck;
	}

	@Override
	public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
		this.usageCheck.inspectDispatched(handler);
		return true;
	}

}
