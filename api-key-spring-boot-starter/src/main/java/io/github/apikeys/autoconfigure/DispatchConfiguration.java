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

import java.util.EnumSet;

import io.github.apikeys.security.ApiKeyDispatchFilter;
import io.github.apikeys.security.ApplicationTurnFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;

/**
 * Filters around Spring Security's, which have the later dispatches of a request with a
 * key run as its caller in every chain.
 */
@Configuration(proxyBeanMethods = false)
class DispatchConfiguration {

	@Bean("io.github.apikeys.apiKeyDispatchFilter")
	FilterRegistrationBean<ApiKeyDispatchFilter> apiKeyDispatchFilter(
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy,
			ObjectProvider<SecurityFilterProperties> security) {
		return laterDispatches("io.github.apikeys.apiKeyDispatchFilter",
				new ApiKeyDispatchFilter(
						securityContextHolderStrategy.getIfUnique(SecurityContextHolder::getContextHolderStrategy)),
				Math.max(Integer.MIN_VALUE, order(security) - 1));
	}

	@Bean("io.github.apikeys.apiKeyApplicationTurnFilter")
	FilterRegistrationBean<ApplicationTurnFilter> apiKeyApplicationTurnFilter(
			ObjectProvider<SecurityFilterProperties> security) {
		return laterDispatches("io.github.apikeys.apiKeyApplicationTurnFilter", new ApplicationTurnFilter(),
				Math.min(Integer.MAX_VALUE, order(security) + 1));
	}

	private static long order(ObjectProvider<SecurityFilterProperties> security) {
		SecurityFilterProperties properties = security.getIfUnique();
		return (properties != null) ? properties.getOrder() : SecurityFilterProperties.DEFAULT_FILTER_ORDER;
	}

	private static <T extends Filter> FilterRegistrationBean<T> laterDispatches(String name, T filter, long order) {
		FilterRegistrationBean<T> registration = new FilterRegistrationBean<>(filter);
		registration.setName(name);
		registration.setDispatcherTypes(EnumSet.complementOf(EnumSet.of(DispatcherType.REQUEST)));
		registration.setOrder((int) order);
		return registration;
	}

}
