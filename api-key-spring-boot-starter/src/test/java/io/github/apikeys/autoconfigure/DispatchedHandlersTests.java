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

import java.util.function.Consumer;

import io.github.apikeys.security.HasApiKey;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.PriorityOrdered;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.FlashMapManager;
import org.springframework.web.servlet.HandlerAdapter;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.RequestToViewNameTranslator;
import org.springframework.web.servlet.handler.AbstractHandlerMapping;
import org.springframework.web.servlet.mvc.Controller;
import org.springframework.web.servlet.mvc.SimpleControllerHandlerAdapter;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.servlet.support.SessionFlashMapManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A handler that nobody knew at the start is inspected before it runs, however the
 * dispatcher was told to run it.
 */
class DispatchedHandlersTests {

	@Test
	void handlerWhenRegisteredLaterAndAnAdapterOfTheApplicationIsFirstThenRefused() {
		HostRunner.withoutFlyway().withUserConfiguration(FirstOfAll.class).run((context) -> {
			RequestMappingHandlerMapping mapping = context.getBean("requestMappingHandlerMapping",
					RequestMappingHandlerMapping.class);
			mapping.registerMapping(
					RequestMappingInfo.paths("/late").options(mapping.getBuilderConfiguration()).build(), new Late(),
					Late.class.getMethod("read"));
			assertRefused(context, (dispatcher) -> {
			});
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void handlerWhenItsMappingListsNoneThenRefusedByWhicheverAdapter(boolean detected) {
		HostRunner.withoutFlyway()
			.withUserConfiguration(Unlisted.class)
			.run((context) -> assertRefused(context, (dispatcher) -> dispatcher.setDetectAllHandlerAdapters(detected)));
	}

	private static void assertRefused(WebApplicationContext context, Consumer<DispatcherServlet> customizer) {
		MockMvcTester mvc = MockMvcTester.create(
				MockMvcBuilders.webAppContextSetup(context).addDispatcherServletCustomizer(customizer::accept).build());
		for (int i = 0; i < 2; i++) {
			assertThat(mvc.get().uri("/late")).failure().rootCause().isInstanceOf(ApiKeyConfigurationException.class);
		}
	}

	@ParameterizedTest
	@ValueSource(classes = { Names.class, Flashes.class, Origins.class })
	void objectWhenADispatcherCallsWhatHoldsItThenNoStart(Class<?> configuration) {
		HostRunner.withoutFlyway()
			.withUserConfiguration(configuration)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("@HasApiKey")
				.isInstanceOf(ApiKeyConfigurationException.class));
	}

	@HasApiKey("x")
	public static class Late implements Controller {

		@ResponseBody
		public String read() {
			return "read";
		}

		public String name(HttpServletRequest request) {
			return "read";
		}

		public CorsConfiguration origins(HttpServletRequest request) {
			return new CorsConfiguration();
		}

		@Override
		public ModelAndView handleRequest(HttpServletRequest request, HttpServletResponse response) throws Exception {
			response.getWriter().write("read");
			return null;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FirstOfAll {

		@Bean
		WebMvcRegistrations registrations() {
			return new WebMvcRegistrations() {

				@Override
				public RequestMappingHandlerAdapter getRequestMappingHandlerAdapter() {
					return new FirstAdapter();
				}

			};
		}

	}

	static class FirstAdapter extends RequestMappingHandlerAdapter implements PriorityOrdered {

		FirstAdapter() {
			setOrder(HIGHEST_PRECEDENCE);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Unlisted {

		@Bean
		HandlerMapping unlisted() {
			AbstractHandlerMapping mapping = new AbstractHandlerMapping() {

				@Override
				protected Object getHandlerInternal(HttpServletRequest request) {
					return new Late();
				}

			};
			mapping.setOrder(-10);
			return mapping;
		}

		@Bean
		HandlerAdapter handlerAdapter() {
			return new FirstOfSimple();
		}

	}

	static class FirstOfSimple extends SimpleControllerHandlerAdapter implements PriorityOrdered {

		@Override
		public int getOrder() {
			return HIGHEST_PRECEDENCE;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Names {

		@Bean
		RequestToViewNameTranslator viewNameTranslator() {
			return new Late()::name;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Flashes {

		@Bean
		FlashMapManager flashMapManager() {
			return new Holding();
		}

	}

	static class Holding extends SessionFlashMapManager {

		private final Late held = new Late();

	}

	@Configuration(proxyBeanMethods = false)
	static class Origins {

		@Bean
		HandlerMapping openMapping() {
			AbstractHandlerMapping mapping = new AbstractHandlerMapping() {

				@Override
				protected Object getHandlerInternal(HttpServletRequest request) {
					return null;
				}

			};
			mapping.setCorsConfigurationSource(new Late()::origins);
			return mapping;
		}

	}

}
