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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.core.io.Resource;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.RequestPredicate;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.support.RouterFunctionMapping;
import org.springframework.web.servlet.handler.AbstractHandlerMapping;
import org.springframework.web.servlet.handler.AbstractHandlerMethodMapping;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;

/**
 * Finds the handlers of a registry of Spring MVC, as far as it tells.
 */
final class ServletHandlers implements RouterFunctions.Visitor {

	private final Consumer<@Nullable Object> sink;

	private ServletHandlers(Consumer<@Nullable Object> sink) {
		this.sink = sink;
	}

	static void find(Object registry, Consumer<@Nullable Object> sink) {
		if (registry instanceof RouterFunction<?> function) {
			find(function, sink);
		}
		if (registry instanceof AbstractHandlerMapping mapping) {
			sink.accept(mapping.getDefaultHandler());
			sink.accept(mapping.getCorsConfigurationSource());
			interceptors(mapping).forEach(sink);
		}
		else if (registry instanceof HandlerMapping) {
			// one of the application's own, which tells nothing
			sink.accept(registry);
		}
		if (registry instanceof AbstractHandlerMethodMapping<?> mapping) {
			mapping.getHandlerMethods().values().forEach(sink);
		}
		else if (registry instanceof AbstractUrlHandlerMapping mapping) {
			sink.accept(mapping.getRootHandler());
			mapping.getHandlerMap().values().forEach(sink);
		}
		else if (registry instanceof RouterFunctionMapping mapping && mapping.getRouterFunction() != null) {
			find(mapping.getRouterFunction(), sink);
		}
	}

	private static List<Object> interceptors(AbstractHandlerMapping mapping) {
		Method accessor = ReflectionUtils.findMethod(AbstractHandlerMapping.class, "getAdaptedInterceptors");
		if (accessor == null) {
			return List.of();
		}
		ReflectionUtils.makeAccessible(accessor);
		Object[] interceptors = (Object[]) ReflectionUtils.invokeMethod(accessor, mapping);
		return (interceptors != null) ? List.of(interceptors) : List.of();
	}

	/**
	 * Functions tell their routes; filters are only in their fields.
	 */
	private static void find(RouterFunction<?> function, Consumer<@Nullable Object> sink) {
		sink.accept(function);
		function.accept(new ServletHandlers(sink));
	}

	@Override
	public void route(RequestPredicate predicate, HandlerFunction<?> handlerFunction) {
		this.sink.accept(handlerFunction);
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
		this.sink.accept(routerFunction);
	}

}
