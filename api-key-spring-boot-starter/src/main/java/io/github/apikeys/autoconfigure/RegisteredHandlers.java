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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.AnnotatedMethod;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The handlers that a bean knows, if it is a registry of handlers: of Spring MVC, Spring
 * WebFlux or Spring Messaging. They are asked by name, since none of them has to be on
 * the class path.
 */
final class RegisteredHandlers {

	private static final Method[] NO_METHODS = {};

	private static final List<Class<?>> OF_METHODS = present(
			"org.springframework.web.servlet.handler.AbstractHandlerMethodMapping",
			"org.springframework.web.reactive.result.method.AbstractHandlerMethodMapping",
			"org.springframework.messaging.handler.invocation.AbstractMethodMessageHandler",
			"org.springframework.messaging.handler.invocation.reactive.AbstractMethodMessageHandler");

	private static final List<Class<?>> OF_OBJECTS = present(
			"org.springframework.web.servlet.handler.AbstractUrlHandlerMapping",
			"org.springframework.web.reactive.handler.AbstractUrlHandlerMapping");

	private RegisteredHandlers() {
	}

	static List<Handler> of(Object registry) {
		List<Handler> handlers = new ArrayList<>();
		if (isOneOf(OF_METHODS, registry)) {
			for (Object value : values(registry, "getHandlerMethods")) {
				addMethods(value, handlers);
			}
		}
		if (isOneOf(OF_OBJECTS, registry)) {
			values(registry, "getHandlerMap").forEach((value) -> handlers.add(new Handler(value, NO_METHODS)));
		}
		return handlers;
	}

	private static void addMethods(@Nullable Object value, List<Handler> handlers) {
		if (value instanceof Iterable<?> several) {
			several.forEach((one) -> addMethods(one, handlers));
		}
		else if (value instanceof AnnotatedMethod method) {
			handlers.add(new Handler(invoke(method, "getBean"), method.getMethod()));
		}
	}

	private static Iterable<?> values(Object registry, String method) {
		return ((Map<?, ?>) invoke(registry, method)).values();
	}

	private static Object invoke(Object object, String name) {
		Method method = ReflectionUtils.findMethod(object.getClass(), name);
		Object result = null;
		if (method != null) {
			ReflectionUtils.makeAccessible(method);
			result = ReflectionUtils.invokeMethod(method, object);
		}
		if (result == null) {
			throw new IllegalStateException(object.getClass().getName() + " has no " + name + "()");
		}
		return result;
	}

	private static boolean isOneOf(List<Class<?>> types, Object object) {
		return types.stream().anyMatch((type) -> type.isInstance(object));
	}

	private static List<Class<?>> present(String... names) {
		List<Class<?>> present = new ArrayList<>();
		for (String name : names) {
			ClassLoader classLoader = RegisteredHandlers.class.getClassLoader();
			if (ClassUtils.isPresent(name, classLoader)) {
				present.add(ClassUtils.resolveClassName(name, classLoader));
			}
		}
		return present;
	}

	/**
	 * A handler.
	 *
	 * @param handler the object, or the name of the bean
	 * @param methods what is called on it; none if that follows from its type
	 */
	record Handler(Object handler, Method... methods) {

	}

}
