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

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.AnnotatedMethod;
import org.springframework.core.io.Resource;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.RequestPredicate;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;

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

	private static final boolean FUNCTIONS_PRESENT = ClassUtils.isPresent(
			"org.springframework.web.servlet.function.RouterFunction", RegisteredHandlers.class.getClassLoader());

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
			values(registry, "getHandlerMap").forEach((value) -> addObject(value, handlers));
			// Spring MVC keeps the handlers of "/" and "/*" apart, that of "/*" without
			// an accessor
			for (String field : new String[] { "rootHandler", "defaultHandler", "wildcardHandler" }) {
				addObject(field(registry, field), handlers);
			}
		}
		if (FUNCTIONS_PRESENT) {
			Functions.addTo(handlers, registry);
		}
		return handlers;
	}

	private static void addObject(@Nullable Object value, List<Handler> handlers) {
		if (value != null) {
			handlers.add(new Handler(value, NO_METHODS));
		}
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
		Assert.state(method != null, () -> object.getClass().getName() + " has no " + name + "()");
		ReflectionUtils.makeAccessible(method);
		Object result = ReflectionUtils.invokeMethod(method, object);
		Assert.state(result != null, () -> object.getClass().getName() + "." + name + "() returns nothing");
		return result;
	}

	private static @Nullable Object field(Object object, String name) {
		Field field = ReflectionUtils.findField(object.getClass(), name);
		if (field == null) {
			return null;
		}
		ReflectionUtils.makeAccessible(field);
		return ReflectionUtils.getField(field, object);
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

	/**
	 * The functions to which a router function of Spring MVC leads.
	 */
	private static final class Functions implements RouterFunctions.Visitor {

		private final List<Handler> handlers;

		private Functions(List<Handler> handlers) {
			this.handlers = handlers;
		}

		static void addTo(List<Handler> handlers, Object registry) {
			if (registry instanceof RouterFunction<?> function) {
				function.accept(new Functions(handlers));
			}
		}

		@Override
		public void route(RequestPredicate predicate, HandlerFunction<?> handlerFunction) {
			addObject(handlerFunction, this.handlers);
		}

		@Override
		public void startNested(RequestPredicate predicate) {
		}

		@Override
		public void endNested(RequestPredicate predicate) {
		}

		@Override
		public void resources(Function<ServerRequest, Optional<Resource>> lookupFunction) {
		}

		@Override
		public void attributes(Map<String, Object> attributes) {
		}

		@Override
		public void unknown(RouterFunction<?> routerFunction) {
		}

	}

}
