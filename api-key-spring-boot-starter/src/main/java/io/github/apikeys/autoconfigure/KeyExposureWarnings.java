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

import java.util.List;
import java.util.Locale;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.context.AbstractSecurityWebApplicationInitializer;
import org.springframework.security.web.debug.DebugFilter;

/**
 * Warns of what the application has switched on that keeps or shows keys, and that the
 * library cannot prevent: on paths where no key is read, a header is left as it is.
 */
final class KeyExposureWarnings implements SmartInitializingSingleton {

	private static final String RECORDED = "management.httpexchanges.recording.include";

	private static final Log logger = LogFactory.getLog(KeyExposureWarnings.class);

	private final ApplicationContext context;

	private final List<String> headerNames;

	KeyExposureWarnings(ApplicationContext context, List<String> headerNames) {
		this.context = context;
		this.headerNames = headerNames;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (this.context.containsBean(AbstractSecurityWebApplicationInitializer.DEFAULT_FILTER_NAME) && this.context
			.getBean(AbstractSecurityWebApplicationInitializer.DEFAULT_FILTER_NAME) instanceof DebugFilter) {
			logger.warn("@EnableWebSecurity(debug = true) prints the headers of each request, API keys included.");
		}
		if (areExchangesRecorded()) {
			logger.warn("HTTP exchanges are recorded with the headers of requests. On paths where no API key is read, "
					+ "that includes " + this.headerNames + ". Leave 'request-headers' out of '" + RECORDED + "'.");
		}
		if (this.context.getBeanProvider(SecurityContextHolderStrategy.class)
			.getIfUnique(SecurityContextHolder::getContextHolderStrategy)
			.getClass()
			.getSimpleName()
			.startsWith("InheritableThreadLocal")) {
			logger.warn("Security contexts are inherited by threads: a thread that a pool creates while it serves a "
					+ "request with an API key keeps that key. Hand contexts on with "
					+ "DelegatingSecurityContextExecutor instead.");
		}
	}

	private boolean areExchangesRecorded() {
		Class<?> repository = OptionalType.HTTP_EXCHANGES.find();
		if (repository == null || this.context.getBeanNamesForType(repository, true, false).length == 0) {
			return false;
		}
		// by default, they are
		return Binder.get(this.context.getEnvironment())
			.bind(RECORDED, Bindable.listOf(String.class))
			.map((included) -> included.stream()
				.map((each) -> each.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "").strip())
				.anyMatch("requestheaders"::equals))
			.orElse(true);
	}

}
