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

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.core.io.Resource;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.support.RouterFunctionMapping;
import org.springframework.web.reactive.handler.AbstractUrlHandlerMapping;
import org.springframework.web.reactive.result.method.AbstractHandlerMethodMapping;

/**
 * Finds the handlers of a registry of Spring WebFlux, as far as it tells.
 */
final class ReactiveHandlers implements RouterFunctions.Visitor {

	private final Consumer<@Nullable Object> sink;

	private ReactiveHandlers(Consumer<@Nullable Object> sink) {
		this.sink = sink;
	}

	static void find(Object registry, Consumer<@Nullable Object> sink) {
		if (registry instanceof RouterFunction<?> function) {
			find(function, sink);
		}
		else if (registry instanceof AbstractHandlerMethodMapping<?> mapping) {
			mapping.getHandlerMethods().values().forEach(sink);
		}
		else if (registry instanceof AbstractUrlHandlerMapping mapping) {
			mapping.getHandlerMap().values().forEach(sink);
		}
		else if (registry instanceof RouterFunctionMapping mapping && mapping.getRouterFunction() != null) {
			find(mapping.getRouterFunction(), sink);
		}
		else if (registry instanceof HandlerMapping) {
			// one of the application's own, which tells nothing
			sink.accept(registry);
		}
	}

	/**
	 * Functions tell their routes; filters are only in their fields.
	 */
	private static void find(RouterFunction<?> function, Consumer<@Nullable Object> sink) {
		sink.accept(function);
		function.accept(new ReactiveHandlers(sink));
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
	public void resources(Function<ServerRequest, Mono<Resource>> lookupFunction) {
	}

	@Override
	public void attributes(Map<String, Object> attributes) {
	}

	@Override
	public void unknown(RouterFunction<?> routerFunction) {
		this.sink.accept(routerFunction);
	}

}
