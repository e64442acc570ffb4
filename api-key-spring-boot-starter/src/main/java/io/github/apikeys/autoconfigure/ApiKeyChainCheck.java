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

import java.util.Set;

import io.github.apikeys.security.ApiKeyAuthenticationFilter;
import io.github.apikeys.security.HasApiKey;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils.MethodFilter;

/**
 * Warns at start if {@link HasApiKey} stands somewhere, but no filter chain reads keys,
 * so that nobody could ever call what is annotated.
 */
final class ApiKeyChainCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(ApiKeyChainCheck.class);

	private static final MethodFilter ANNOTATED = (method) -> AnnotatedElementUtils.hasAnnotation(method,
			HasApiKey.class);

	private final ListableBeanFactory beanFactory;

	ApiKeyChainCheck(ListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (anyChainReadsKeys()) {
			return;
		}
		Class<?> user = findUser();
		if (user != null) {
			logger.warn("@HasApiKey is used on " + user.getName()
					+ ", but no SecurityFilterChain reads API keys, so every call is refused. Add "
					+ "'http.with(ApiKeyConfigurer.apiKey(), Customizer.withDefaults())' to the chain that is "
					+ "responsible for it.");
		}
	}

	private boolean anyChainReadsKeys() {
		return this.beanFactory.getBeansOfType(SecurityFilterChain.class)
			.values()
			.stream()
			.flatMap((chain) -> chain.getFilters().stream())
			.anyMatch(ApiKeyAuthenticationFilter.class::isInstance);
	}

	private @Nullable Class<?> findUser() {
		for (String beanName : this.beanFactory.getBeanDefinitionNames()) {
			Class<?> type = this.beanFactory.getType(beanName, false);
			Class<?> userType = (type != null) ? ClassUtils.getUserClass(type) : null;
			if (userType != null && isAnnotated(userType)) {
				return userType;
			}
		}
		return null;
	}

	private static boolean isAnnotated(Class<?> type) {
		if (AnnotatedElementUtils.hasAnnotation(type, HasApiKey.class)) {
			return true;
		}
		Set<?> methods = MethodIntrospector.selectMethods(type, ANNOTATED);
		return !methods.isEmpty();
	}

}
