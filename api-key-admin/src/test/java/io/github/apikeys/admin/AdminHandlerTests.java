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

package io.github.apikeys.admin;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.method.support.InvocableHandlerMethod;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerAdapter;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.config.annotation.PathMatchConfigurer;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.servlet.handler.AbstractHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPatternParser;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * However a request is addressed and whatever leads it to a handler of the pages: the
 * handler decides. The application permits everything, reads keys everywhere and checks
 * no CSRF token.
 */
class AdminHandlerTests {

	private static final String PAGES = HostApplication.PAGES;

	private static HostApplication host;

	@BeforeAll
	static void start() {
		host = HostApplication.start(Host.class);
	}

	@AfterAll
	static void stop() {
		host.close();
	}

	@BeforeEach
	void removeKeys() {
		for (String table : List.of("api_key_scope", "api_key_metadata", "api_key")) {
			host.bean(JdbcTemplate.class).update("delete from " + table);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { PAGES, "/ADMIN/api-keys", "/Admin/Api-Keys", "/Admin/Api-Keys/export.csv",
			"/ADMIN/API-KEYS/new", "/ADMIN/API-KEYS/{id}", "/Admin/api-keys/{id}/edit", "/view-controller",
			"/elsewhere/list", "/elsewhere/export", "/bare/list", "/function/list", "/adapted/list", "/second" + PAGES,
			"/second/Admin/Api-Keys/{id}" })
	void pageThenForTheAuthorityOnlyAndNeverForAKey(String path) {
		CreatedApiKey key = host.apiKeys().create(NewApiKey.named("guarded").scopes("*"));
		String page = path.replace("{id}", key.apiKey().getId().toString());
		assertRefused(host.as(null).get(page), 401);
		assertRefused(host.as(null).get(page, "Accept", "text/html"), 302);
		assertRefused(host.as("user").get(page), 403);
		assertRefused(host.as(null).get(page, "X-API-Key", key.token()), 403);
		assertRefused(host.as("admin").get(page, "X-API-Key", key.token()), 403);
		HttpResponse<String> response = host.as("admin").get(page);
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.body()).containsAnyOf("guarded", "New key");
		assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
	}

	private static void assertRefused(HttpResponse<String> response, int status) {
		assertThat(response.statusCode()).isEqualTo(status);
		assertThat(response.body()).doesNotContain("guarded", "New key", "formToken");
	}

	@ParameterizedTest
	@ValueSource(strings = { PAGES + "/{id}/disable", "/ADMIN/api-keys/{id}/disable",
			"/second/Admin/Api-Keys/{id}/disable", "/elsewhere/{id}/disable", "/adapted/{id}/disable" })
	void changeThenForTheAuthorityFromOurFormsOnlyAndNeverForAKey(String path) {
		CreatedApiKey key = host.apiKeys().create(NewApiKey.named("guarded").scopes("*"));
		UUID id = key.apiKey().getId();
		String change = path.replace("{id}", id.toString());
		assertThat(host.as(null).post(change, Map.of()).statusCode()).isEqualTo(401);
		assertThat(host.as("user").post(change, Map.of()).statusCode()).isEqualTo(403);
		assertThat(host.as(null).post(change, Map.of(), "X-API-Key", key.token()).statusCode()).isEqualTo(403);
		assertThat(host.as("admin").post(change, Map.of()).statusCode()).isEqualTo(403);
		assertThat(host.post(change, Map.of(), "Origin", host.origin(), "Sec-Fetch-Site", "same-origin").statusCode())
			.isEqualTo(403);
		assertThat(host.keys().get(0).getVersion()).isZero();
		Map<String, Object> form = host.formTokens(PAGES + "/" + id);
		assertThat(host.post(change, form, "Sec-Fetch-Site", "same-site").statusCode()).isEqualTo(403);
		assertThat(host.post(change, form, "X-API-Key", key.token()).statusCode()).isEqualTo(403);
		assertThat(host.keys().get(0).getVersion()).isZero();
		assertThat(host.post(change, form).statusCode()).isEqualTo(303);
		assertThat(host.keys().get(0).getDisabledAt()).isNotNull();
	}

	/**
	 * The handler is mapped to GET there, for which nothing else asks for a token.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "/elsewhere/{id}/disable", "/adapted/{id}/disable" })
	void changeByGetThenOnlyFromOurFormsToo(String path) {
		UUID id = host.apiKeys().create(NewApiKey.named("guarded")).apiKey().getId();
		String change = path.replace("{id}", id.toString());
		assertThat(host.as("admin").get(change).statusCode()).isEqualTo(403);
		assertThat(host.get(change, "Sec-Fetch-Site", "none").statusCode()).isEqualTo(403);
		assertThat(host.keys().get(0).getVersion()).isZero();
	}

	@Test
	void assetsUnderAnotherSpellingThenNothingThatIsNotPublic() {
		HttpResponse<String> script = host.as(null).get("/ADMIN/api-keys/assets/admin.js");
		assertThat(script.body()).doesNotContain("guarded");
		for (String path : List.of("/ADMIN/api-keys/assets/../templates/list.html",
				"/ADMIN/api-keys/assets/%2e%2e/templates/list.html", "/ADMIN/api-keys/assets/..%2ftemplates/list.html",
				"/ADMIN/api-keys/assets/AdminAccess.class")) {
			assertThat(host.get(path).statusCode()).as(path).isNotEqualTo(200);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Host implements WebMvcConfigurer {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.formLogin(withDefaults())
				.httpBasic(withDefaults())
				.csrf((csrf) -> csrf.ignoringRequestMatchers("/**"))
				.with(apiKey(), (key) -> key.requestMatcher((request) -> true).acceptOtherCredentials())
				.build();
		}

		@Override
		public void configurePathMatch(PathMatchConfigurer configurer) {
			PathPatternParser parser = new PathPatternParser();
			parser.setCaseSensitive(false);
			configurer.setPatternParser(parser);
		}

		@Override
		public void addViewControllers(ViewControllerRegistry registry) {
			registry.addViewController("/view-controller").setViewName("forward:/Admin/Api-Keys");
		}

		@Bean
		InitializingBean elsewhere(
				@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping handlerMapping) {
			return () -> {
				RequestMappingInfo.BuilderConfiguration options = handlerMapping.getBuilderConfiguration();
				handlerMapping.registerMapping(RequestMappingInfo.paths("/elsewhere/list").options(options).build(),
						"io.github.apikeys.apiKeyListController", method(KeyListController.class, "list"));
				handlerMapping.registerMapping(RequestMappingInfo.paths("/elsewhere/export").options(options).build(),
						"io.github.apikeys.apiKeyListController", method(KeyListController.class, "export"));
				handlerMapping.registerMapping(
						RequestMappingInfo.paths("/elsewhere/{id}/disable").options(options).build(),
						"io.github.apikeys.apiKeyKeyController", method(KeyController.class, "disable"));
			};
		}

		/**
		 * Applies no interceptors.
		 */
		@Bean
		HandlerMapping bare(KeyListController controller) {
			return new AbstractHandlerMapping() {

				{
					setOrder(Ordered.HIGHEST_PRECEDENCE);
				}

				@Override
				protected @Nullable Object getHandlerInternal(HttpServletRequest request) {
					return request.getRequestURI().equals("/bare/list")
							? new HandlerMethod(controller, method(KeyListController.class, "list")) : null;
				}

				@Override
				protected void detectMappedInterceptors(List<HandlerInterceptor> mappedInterceptors) {
				}

			};
		}

		@Bean
		RouterFunction<ServerResponse> function(KeyListController controller) {
			return RouterFunctions.route()
				.GET("/function/list",
						(request) -> ServerResponse.ok()
							.build((servletRequest,
									response) -> (ModelAndView) call(
											new HandlerMethod(controller, method(KeyListController.class, "list")),
											servletRequest, response)))
				.build();
		}

		/**
		 * A handler mapping and an adapter that only the application knows.
		 */
		@Bean
		HandlerMapping adapted(KeyListController list, KeyController key) {
			return new AbstractHandlerMapping() {

				{
					setOrder(Ordered.HIGHEST_PRECEDENCE);
				}

				@Override
				protected @Nullable Object getHandlerInternal(HttpServletRequest request) {
					String path = request.getRequestURI();
					if (path.equals("/adapted/list")) {
						return new Adapted(new HandlerMethod(list, method(KeyListController.class, "list")));
					}
					return path.startsWith("/adapted/")
							? new Adapted(new HandlerMethod(key, method(KeyController.class, "disable"))) : null;
				}

			};
		}

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		HandlerAdapter adapter() {
			return new HandlerAdapter() {

				@Override
				public boolean supports(Object handler) {
					return handler instanceof Adapted;
				}

				@Override
				public ModelAndView handle(HttpServletRequest request, HttpServletResponse response, Object handler) {
					return (ModelAndView) call(((Adapted) handler).method(), request, response);
				}

			};
		}

		@Bean
		ServletRegistrationBean<DispatcherServlet> second(ApplicationContext applicationContext) {
			AnnotationConfigWebApplicationContext child = new AnnotationConfigWebApplicationContext();
			child.setParent(applicationContext);
			child.register(Second.class);
			ServletRegistrationBean<DispatcherServlet> registration = new ServletRegistrationBean<>(
					new DispatcherServlet(child), "/second/*");
			registration.setName("second");
			return registration;
		}

		private static Method method(Class<?> type, String name) {
			return Arrays.stream(ReflectionUtils.getDeclaredMethods(type))
				.filter((method) -> method.getName().equals(name) && !Modifier.isPrivate(method.getModifiers()))
				.findFirst()
				.orElseThrow();
		}

		/**
		 * Calls a handler past everything of Spring MVC.
		 */
		private static @Nullable Object call(HandlerMethod handler, HttpServletRequest request,
				HttpServletResponse response) {
			InvocableHandlerMethod method = new InvocableHandlerMethod(handler);
			Object[] arguments = Arrays.stream(handler.getMethod().getParameterTypes())
				.map((type) -> argument(type, request, response))
				.toArray();
			try {
				return method.invokeForRequest(new ServletWebRequest(request, response), null, arguments);
			}
			catch (RuntimeException ex) {
				throw ex;
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}

		private static Object argument(Class<?> type, HttpServletRequest request, HttpServletResponse response) {
			if (type == UUID.class) {
				return UUID.fromString(request.getRequestURI().split("/")[2]);
			}
			if (type == Locale.class) {
				return Locale.ENGLISH;
			}
			if (type == Map.class) {
				return Map.of();
			}
			return (type == HttpServletRequest.class) ? request : response;
		}

	}

	record Adapted(HandlerMethod method) {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebMvc
	static class Second implements WebMvcConfigurer {

		@Override
		public void configurePathMatch(PathMatchConfigurer configurer) {
			PathPatternParser parser = new PathPatternParser();
			parser.setCaseSensitive(false);
			configurer.setPatternParser(parser);
		}

		@Bean
		InitializingBean handlersOfTheParent(
				@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping handlerMapping) {
			return () -> {
				handlerMapping.setDetectHandlerMethodsInAncestorContexts(true);
				handlerMapping.afterPropertiesSet();
			};
		}

	}

}
