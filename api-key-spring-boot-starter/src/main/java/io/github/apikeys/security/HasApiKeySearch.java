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

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.util.ReflectionUtils;

/**
 * Finds the {@link HasApiKey} that counts for a call. It starts at the class of the bean
 * and not, as elsewhere in Spring, at the class that declares the method: an inherited
 * method must not lose the scopes that the bean's own class or interface demands.
 */
final class HasApiKeySearch {

	private HasApiKeySearch() {
	}

	/**
	 * Finds the annotation: first on the method and what it overrides or implements, then
	 * on the types.
	 * @param method the called method
	 * @param types where to look, the nearest first
	 * @throws AnnotationConfigurationException if there are several that say different
	 * things, and none is nearer than the others
	 */
	static @Nullable HasApiKey find(Method method, List<Class<?>> types) {
		for (Class<?> type : types) {
			Set<HasApiKey> found = onMethods(method, type);
			if (!found.isEmpty()) {
				return unique(method, found);
			}
		}
		for (Class<?> type : types) {
			Set<HasApiKey> found = closest(type, (candidate) -> candidate);
			if (!found.isEmpty()) {
				return unique(method, found);
			}
		}
		return null;
	}

	static boolean isOnMethod(Method method, Class<?> type) {
		return !onMethods(method, type).isEmpty();
	}

	private static Set<HasApiKey> onMethods(Method method, Class<?> type) {
		Method specific = AopUtils.getMostSpecificMethod(method, type);
		return closest(type, (candidate) -> declared(candidate, method, specific, type));
	}

	/**
	 * Finds the method of a type that is the called one, is overridden by it or
	 * implemented by it.
	 */
	private static @Nullable Method declared(Class<?> candidate, Method method, Method specific, Class<?> type) {
		Method bridge = null;
		for (Method other : ReflectionUtils.getDeclaredMethods(candidate)) {
			if (other.getName().equals(method.getName()) && other.getParameterCount() == method.getParameterCount()
					&& (other.getModifiers() & (Modifier.PRIVATE | Modifier.STATIC)) == 0
					&& (hasParametersOf(other, specific) || hasParametersOf(other, method)
							|| AopUtils.getMostSpecificMethod(other, type).equals(specific))) {
				if (!other.isBridge()) {
					return other;
				}
				bridge = other;
			}
		}
		return bridge;
	}

	private static boolean hasParametersOf(Method method, Method other) {
		return Arrays.equals(method.getParameterTypes(), other.getParameterTypes());
	}

	private static Set<HasApiKey> closest(Class<?> type, Function<Class<?>, @Nullable AnnotatedElement> elements) {
		Set<HasApiKey> found = new LinkedHashSet<>();
		collectClosest(type, elements, found, new HashSet<>());
		return found;
	}

	private static void collectClosest(@Nullable Class<?> type, Function<Class<?>, @Nullable AnnotatedElement> elements,
			Set<HasApiKey> found, Set<Class<?>> visited) {
		if (type == null || type == Object.class || !visited.add(type)) {
			return;
		}
		HasApiKey annotation = annotation(elements.apply(type));
		if (annotation != null) {
			found.add(annotation);
			return;
		}
		collectClosest(type.getSuperclass(), elements, found, visited);
		for (Class<?> implemented : type.getInterfaces()) {
			collectClosest(implemented, elements, found, visited);
		}
	}

	private static @Nullable HasApiKey annotation(@Nullable AnnotatedElement element) {
		if (element == null) {
			return null;
		}
		Set<HasApiKey> found = new LinkedHashSet<>();
		MergedAnnotations.from(element, MergedAnnotations.SearchStrategy.DIRECT)
			.stream(HasApiKey.class)
			.map(MergedAnnotation::synthesize)
			.forEach(found::add);
		return found.isEmpty() ? null : unique(element, found);
	}

	private static HasApiKey unique(AnnotatedElement element, Set<HasApiKey> found) {
		if (found.size() > 1) {
			throw new AnnotationConfigurationException(
					"There must be one @HasApiKey that counts for " + element + ", but there are " + found);
		}
		return found.iterator().next();
	}

}
