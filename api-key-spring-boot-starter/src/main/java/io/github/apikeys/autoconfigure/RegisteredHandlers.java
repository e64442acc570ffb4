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
import java.util.function.Consumer;

import io.github.apikeys.core.support.Answers;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletListenerRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.messaging.handler.invocation.AbstractMethodMessageHandler;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.method.HandlerMethod;

/**
 * The handlers that a bean knows, if it is a registry of handlers: of Spring MVC, Spring
 * WebFlux, Spring Messaging or GraphQL, a filter chain, or a registration for the servlet
 * container. A bean that a server or a framework calls by its type, such as a filter, is
 * one itself. None of them has to be on the class path.
 */
final class RegisteredHandlers {

	private static final Method[] NO_METHODS = {};

	private static final boolean SERVLET_PRESENT = OptionalType.SERVLET.isPresent();

	private static final boolean CHAINS_PRESENT = SERVLET_PRESENT && OptionalType.SECURITY_FILTER_CHAIN.isPresent();

	private static final boolean MVC_PRESENT = SERVLET_PRESENT && OptionalType.MVC_MAPPING.isPresent();

	private static final boolean HANDLER_METHODS_PRESENT = OptionalType.HANDLER_METHOD.isPresent();

	private static final boolean WEBFLUX_PRESENT = HANDLER_METHODS_PRESENT && OptionalType.REACTIVE_MAPPING.isPresent();

	private static final boolean MESSAGING_PRESENT = OptionalType.MESSAGE_HANDLER.isPresent();

	private static final boolean GRAPHQL_PRESENT = OptionalType.GRAPHQL_SCHEMA.isPresent();

	private RegisteredHandlers() {
	}

	/**
	 * Returns the handlers of a registry.
	 * @param bean any bean
	 * @param name the name of the bean
	 * @return its handlers; empty if it is no registry, and not all if it throws
	 */
	static List<Handler> of(Object bean, String name) {
		List<Handler> handlers = new ArrayList<>();
		return Answers.of(bean, name, "its handlers, to inspect them for @HasApiKey and @CurrentApiKey",
				() -> find(bean, handlers), handlers);
	}

	private static List<Handler> find(Object bean, List<Handler> handlers) {
		Object registry = target(bean);
		Consumer<@Nullable Object> sink = (handler) -> {
			if (handler != null) {
				handlers.add(ofDispatched(handler));
			}
		};
		if (CalledTypes.contains(registry)) {
			sink.accept(bean);
		}
		if (SERVLET_PRESENT) {
			Registrations.find(registry, sink);
		}
		if (CHAINS_PRESENT) {
			Chains.find(registry, sink);
		}
		if (MVC_PRESENT) {
			ServletHandlers.find(registry, sink);
		}
		if (WEBFLUX_PRESENT) {
			ReactiveHandlers.find(registry, sink);
		}
		if (MESSAGING_PRESENT) {
			MessageHandlers.find(registry, handlers);
		}
		if (GRAPHQL_PRESENT) {
			GraphQlHandlers.find(registry, sink);
		}
		return handlers;
	}

	/**
	 * Returns what is known of a handler to which a request is dispatched.
	 */
	static Handler ofDispatched(Object handler) {
		return (HANDLER_METHODS_PRESENT && handler instanceof HandlerMethod method)
				? new Handler(method.getBean(), method.getMethod()) : new Handler(handler, NO_METHODS);
	}

	/**
	 * The proxy of a class has none of the fields that final accessors read.
	 */
	static Object target(Object bean) {
		Object target = AopProxyUtils.getSingletonTarget(bean);
		return (target != null) ? target(target) : bean;
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
	 * What a bean registers with the servlet container.
	 */
	private static final class Registrations {

		static void find(Object registry, Consumer<@Nullable Object> sink) {
			if (registry instanceof ServletRegistrationBean<?> registration) {
				sink.accept(registration.getServlet());
			}
			else if (registry instanceof FilterRegistrationBean<?> registration) {
				sink.accept(registration.getFilter());
			}
			else if (registry instanceof ServletListenerRegistrationBean<?> registration) {
				sink.accept(registration.getListener());
			}
		}

	}

	private static final class Chains {

		static void find(Object registry, Consumer<@Nullable Object> sink) {
			Object filter = (registry instanceof FilterRegistrationBean<?> registration) ? registration.getFilter()
					: registry;
			if (filter instanceof SecurityFilterChain chain) {
				chain.getFilters().forEach(sink);
			}
			else if (filter instanceof FilterChainProxy proxy) {
				proxy.getFilterChains().forEach((chain) -> find(chain, sink));
			}
		}

	}

	private static final class MessageHandlers {

		static void find(Object registry, List<Handler> handlers) {
			if (registry instanceof AbstractMethodMessageHandler<?> messages) {
				messages.getHandlerMethods()
					.values()
					.forEach((method) -> handlers.add(new Handler(method.getBean(), method.getMethod())));
			}
			else if (registry instanceof org.springframework.messaging.handler.invocation.reactive.AbstractMethodMessageHandler<?> messages) {
				messages.getHandlerMethods()
					.values()
					.forEach((method) -> handlers.add(new Handler(method.getBean(), method.getMethod())));
			}
		}

	}

}
