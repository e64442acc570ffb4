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

import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;

import io.github.apikeys.core.support.Answers;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.log.LogMessage;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.RequestPath;
import org.springframework.security.web.FilterInvocation;
import org.springframework.web.ErrorResponse;
import org.springframework.web.accept.ApiVersionStrategy;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * Warns if the application requires a version of its API in requests for the pages.
 * Spring MVC then answers them with 400, since a browser sends none.
 */
final class VersionedPagesCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(VersionedPagesCheck.class);

	private final ObjectProvider<RequestMappingHandlerMapping> mappings;

	private final String path;

	/**
	 * Creates a check.
	 * @param mappings those of the application
	 * @param path the path of the pages, as a dispatcher sees it
	 */
	VersionedPagesCheck(ObjectProvider<RequestMappingHandlerMapping> mappings, String path) {
		this.mappings = mappings;
		this.path = path;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.mappings.stream().filter(VersionedPagesCheck::hasPages).forEach(this::check);
	}

	private static boolean hasPages(RequestMappingHandlerMapping mapping) {
		return Answers
			.of(mapping, mapping.getClass().getName(), "its handlers, to see whether it has the admin pages",
					mapping::getHandlerMethods, Map.<RequestMappingInfo, HandlerMethod>of())
			.values()
			.stream()
			.anyMatch((handler) -> AdminHandlerGuard.HANDLERS.contains(handler.getBeanType()));
	}

	private void check(RequestMappingHandlerMapping mapping) {
		ApiVersionStrategy strategy = mapping.getApiVersionStrategy();
		if (strategy == null) {
			return;
		}
		try {
			strategy.resolveParseAndValidateVersion(new PageRequest(this.path));
		}
		catch (RuntimeException ex) {
			if (!isAnsweredWith400(ex)) {
				// it depends on more than is known here
				return;
			}
			logger.warn(LogMessage.format(
					"The pages below %s will answer 400: API versioning requires a version that a browser does not send "
							+ "(%s). Set spring.mvc.apiversion.required=false or spring.mvc.apiversion.default, or, for "
							+ "versions in the path, ApiVersionConfigurer.usePathSegment with a predicate that leaves "
							+ "out %s.",
					this.path, ex, this.path));
		}
	}

	private static boolean isAnsweredWith400(RuntimeException ex) {
		return ex instanceof ErrorResponse response && response.getStatusCode().isSameCodeAs(HttpStatus.BAD_REQUEST);
	}

	/**
	 * What a browser asks for, as far as it is known: what else a version may depend on
	 * has no answer.
	 */
	private static final class PageRequest extends HttpServletRequestWrapper {

		private final Map<String, Object> attributes = new HashMap<>();

		PageRequest(String path) {
			super(new FilterInvocation(path, "GET").getRequest());
			this.attributes.put(ServletRequestPathUtils.PATH_ATTRIBUTE, RequestPath.parse(path, ""));
		}

		@Override
		public String getServerName() {
			throw new UnsupportedOperationException();
		}

		@Override
		public @Nullable String getHeader(String name) {
			checkKnown(name);
			return super.getHeader(name);
		}

		@Override
		public Enumeration<String> getHeaders(String name) {
			checkKnown(name);
			return super.getHeaders(name);
		}

		private static void checkKnown(String header) {
			if (header.equalsIgnoreCase(HttpHeaders.HOST) || header.equalsIgnoreCase(HttpHeaders.COOKIE)) {
				throw new UnsupportedOperationException();
			}
		}

		@Override
		public @Nullable Object getAttribute(String name) {
			return this.attributes.get(name);
		}

		@Override
		public void setAttribute(String name, @Nullable Object value) {
			this.attributes.put(name, value);
		}

	}

}
