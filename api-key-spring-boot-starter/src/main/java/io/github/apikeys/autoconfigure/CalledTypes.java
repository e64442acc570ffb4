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

import java.util.EventListener;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.web.servlet.ServletListenerRegistrationBean;

/**
 * The types of which servers and frameworks call beans, for each request or message: the
 * class of such a bean need not show which objects it calls in turn. None of the types
 * has to be on the class path.
 */
final class CalledTypes {

	private static final List<String> NAMES = List.of(
			// the servlet container
			"jakarta.servlet.Filter", "jakarta.servlet.Servlet",
			"org.springframework.boot.web.servlet.ServletContextInitializer",
			// Spring MVC
			"org.springframework.boot.webmvc.autoconfigure.error.ErrorViewResolver",
			"org.springframework.web.servlet.HandlerAdapter",
			"org.springframework.web.servlet.HandlerExceptionResolver",
			"org.springframework.web.servlet.HandlerInterceptor", "org.springframework.web.servlet.ViewResolver",
			"org.springframework.web.servlet.View", "org.springframework.web.servlet.LocaleResolver",
			"org.springframework.web.servlet.RequestToViewNameTranslator",
			"org.springframework.web.servlet.FlashMapManager", "org.springframework.web.multipart.MultipartResolver",
			"org.springframework.web.context.request.WebRequestInterceptor",
			"org.springframework.web.method.support.HandlerMethodArgumentResolver",
			"org.springframework.web.method.support.HandlerMethodReturnValueHandler",
			"org.springframework.web.bind.support.WebBindingInitializer",
			"org.springframework.web.accept.ContentNegotiationStrategy",
			"org.springframework.web.accept.ApiVersionStrategy",
			"org.springframework.http.converter.HttpMessageConverter",
			// conversion
			"org.springframework.core.convert.ConversionService",
			"org.springframework.core.convert.converter.Converter",
			"org.springframework.core.convert.converter.GenericConverter",
			"org.springframework.core.convert.converter.ConverterFactory", "org.springframework.format.Printer",
			"org.springframework.format.Parser",
			// Spring WebFlux
			"org.springframework.web.server.WebFilter", "org.springframework.web.server.WebHandler",
			"org.springframework.web.server.WebExceptionHandler",
			"org.springframework.http.server.reactive.HttpHandler",
			"org.springframework.security.web.server.SecurityWebFilterChain",
			"org.springframework.web.reactive.HandlerAdapter", "org.springframework.web.reactive.HandlerResultHandler",
			"org.springframework.web.reactive.result.view.ViewResolver",
			"org.springframework.web.reactive.accept.RequestedContentTypeResolver",
			// Spring Messaging
			"org.springframework.messaging.MessageHandler", "org.springframework.messaging.MessageChannel",
			"org.springframework.messaging.support.ChannelInterceptor",
			// Spring for GraphQL
			"org.springframework.graphql.execution.RuntimeWiringConfigurer",
			"org.springframework.graphql.server.WebGraphQlInterceptor",
			"org.springframework.graphql.execution.BatchLoaderRegistry",
			// Jakarta REST and WebSocket
			"jakarta.ws.rs.core.Application", "jakarta.websocket.server.ServerEndpointConfig");

	private static final List<Class<?>> TYPES = NAMES.stream()
		.map(OptionalType::find)
		.filter(Objects::nonNull)
		.<Class<?>>map((type) -> type)
		.toList();

	private static final boolean LISTENERS_PRESENT = OptionalType.SERVLET.isPresent()
			&& OptionalType.SERVLET_LISTENER_REGISTRATION.isPresent();

	private CalledTypes() {
	}

	static boolean contains(Object bean) {
		return TYPES.stream().anyMatch((type) -> type.isInstance(bean))
				|| (LISTENERS_PRESENT && bean instanceof EventListener listener && ServletListeners.contains(listener));
	}

	/**
	 * A native image finds no other types by their names than those that were announced.
	 */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			NAMES.forEach((name) -> hints.reflection().registerTypeIfPresent(classLoader, name));
		}

	}

	private static final class ServletListeners {

		static boolean contains(EventListener listener) {
			return ServletListenerRegistrationBean.isSupportedType(listener);
		}

	}

}
