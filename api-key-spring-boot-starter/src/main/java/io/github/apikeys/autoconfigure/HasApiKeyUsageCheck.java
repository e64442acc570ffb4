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

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;

import io.github.apikeys.security.ApiKeyAuthenticationFilter;
import io.github.apikeys.security.HasApiKey;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.log.LogMessage;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Looks at start where {@link HasApiKey} stands. On a method that no proxy can intercept
 * it would protect nothing, so the start fails; and if no filter chain reads keys, nobody
 * could ever call what is annotated, so there is a warning.
 */
final class HasApiKeyUsageCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(HasApiKeyUsageCheck.class);

	private final ListableBeanFactory beanFactory;

	HasApiKeyUsageCheck(ListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		Class<?> user = null;
		for (String beanName : this.beanFactory.getBeanDefinitionNames()) {
			Class<?> type = this.beanFactory.getType(beanName, false);
			if (type != null && isInspected(type) && uses(ClassUtils.getUserClass(type))) {
				user = ClassUtils.getUserClass(type);
			}
		}
		if (user != null && !anyChainReadsKeys()) {
			logger.warn("@HasApiKey is used on " + user.getName()
					+ ", but no SecurityFilterChain reads API keys, so every call is refused. Add "
					+ "'http.with(ApiKeyConfigurer.apiKey(), Customizer.withDefaults())' to the chain that is "
					+ "responsible for it.");
		}
	}

	/**
	 * Frameworks do not use the annotation, and make up most of the beans.
	 */
	private static boolean isInspected(Class<?> type) {
		String name = type.getName();
		return !name.startsWith("org.springframework.") && !name.startsWith("java.") && !name.startsWith("jdk.");
	}

	private static boolean uses(Class<?> type) {
		boolean typeUses = AnnotatedElementUtils.hasAnnotation(type, HasApiKey.class);
		boolean uses = typeUses;
		for (Method method : methods(type)) {
			if (AnnotatedElementUtils.hasAnnotation(method, HasApiKey.class)) {
				checkProxyable(method, obstacle(method.getModifiers()));
				uses = true;
			}
			else if (typeUses && isInspected(method.getDeclaringClass())) {
				checkProxyable(method, obstacleBelowType(method.getModifiers()));
			}
		}
		return uses;
	}

	private static Method[] methods(Class<?> type) {
		try {
			return ReflectionUtils.getAllDeclaredMethods(type);
		}
		catch (IllegalStateException ex) {
			// a bean that is never created may name types that are not there
			logger.debug(LogMessage.format("Not looked at for @HasApiKey: %s", type.getName()), ex);
			return new Method[0];
		}
	}

	private static void checkProxyable(Method method, @Nullable String obstacle) {
		if (obstacle != null) {
			throw new ApiKeyConfigurationException(
					"@HasApiKey on the " + obstacle + " method " + method.getDeclaringClass().getName() + "."
							+ method.getName() + " would protect nothing: no proxy can intercept the method.",
					"Make the method neither private nor static nor final, or put the annotation elsewhere.");
		}
	}

	/**
	 * A type has helpers that nobody calls from outside. A final method that others can
	 * call is none: it would run unprotected on the proxy.
	 */
	private static @Nullable String obstacleBelowType(int modifiers) {
		boolean helper = Modifier.isPrivate(modifiers) || Modifier.isProtected(modifiers)
				|| Modifier.isStatic(modifiers);
		return (!helper && Modifier.isFinal(modifiers)) ? "final" : null;
	}

	private static @Nullable String obstacle(int modifiers) {
		if (Modifier.isPrivate(modifiers)) {
			return "private";
		}
		if (Modifier.isStatic(modifiers)) {
			return "static";
		}
		return Modifier.isFinal(modifiers) ? "final" : null;
	}

	private boolean anyChainReadsKeys() {
		return this.beanFactory.getBeansOfType(SecurityFilterChain.class)
			.values()
			.stream()
			.flatMap((chain) -> chain.getFilters().stream())
			.anyMatch(ApiKeyAuthenticationFilter.class::isInstance);
	}

}
