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

import java.util.EnumSet;
import java.util.Set;

import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.StubApiKeyService;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.websocket.server.ServerEndpointConfig;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Application;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.stereotype.Component;
import org.springframework.web.socket.server.standard.ServerEndpointExporter;
import org.springframework.web.socket.server.standard.ServerEndpointRegistration;
import org.springframework.web.socket.server.standard.SpringConfigurator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where others than the container make the objects of a class, {@code @HasApiKey} on it
 * does not let the application start.
 */
class RegisteredClassesTests {

	private final WebApplicationContextRunner runner = HostRunner.bare()
		.withUserConfiguration(Host.class)
		.withBean(StubApiKeyService.class);

	@ParameterizedTest
	@ValueSource(classes = { NamesAClass.class, NamesABeanThatIsNoComponent.class, NamesOneOfTwoBeans.class,
			NamesAnInheritedAnnotation.class, GivesAnObject.class, BehindAProxy.class, InServlet.class,
			InServletThatIsABean.class })
	void applicationWhenOthersMakeTheObjectsThenNoStart(Class<?> host) {
		assertNoStart(this.runner.withUserConfiguration(host));
	}

	@ParameterizedTest
	@ValueSource(classes = { NamesAComponent.class, NamesNothingGuarded.class })
	void applicationWhenTheContainerMakesTheObjectsThenStarts(Class<?> host) {
		this.runner.withUserConfiguration(host).run((context) -> assertThat(context).hasNotFailed());
	}

	/**
	 * The check of a context above hears of it, and does not know its beans.
	 */
	@Test
	void applicationWhenInAContextBelowThenItsBeansCount() {
		this.runner.run((context) -> {
			try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
				child.setParent(context);
				child.register(Proxying.class, NamesAComponent.class);
				child.refresh();
				assertThat(child.isActive()).isTrue();
			}
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { EndpointBean.class, EndpointBeanOfAnotherScope.class, LazyEndpointBean.class,
			EndpointClass.class, ConfigOfAnEndpoint.class, EndpointObject.class })
	void endpointWhenTheServerMakesTheObjectsThenNoStart(Class<?> host) {
		assertNoStart(this.runner.withUserConfiguration(host));
	}

	@ParameterizedTest
	@ValueSource(classes = { EndpointOfSpring.class, EndpointClassOfSpring.class, RegistrationOfAClass.class })
	void endpointWhenTheContainerMakesTheObjectsThenStarts(Class<?> host) {
		this.runner.withUserConfiguration(host).run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(classes = { AddsServlets.class, AddsServletObjects.class, AddsFilters.class })
	void servletWhenAddedToTheServletContextThenNoStart(Class<?> host) {
		assertNoStart(new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
			.withUserConfiguration(Host.class, host)
			.withBean(StubApiKeyService.class)
			.withPropertyValues("server.port=0", "server.address=127.0.0.1"));
	}

	@ParameterizedTest
	@ValueSource(classes = AddsBeans.class)
	void servletWhenItIsABeanThenStarts(Class<?> host) {
		new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
			.withUserConfiguration(Host.class, host)
			.withBean(StubApiKeyService.class)
			.withPropertyValues("server.port=0", "server.address=127.0.0.1")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	private static void assertNoStart(WebApplicationContextRunner runner) {
		runner.run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would protect nothing");
		});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAspectJAutoProxy(proxyTargetClass = true)
	static class Proxying {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Host {

	}

	@Path("/orders")
	@HasApiKey("admin")
	static class OrderResource {

		public String list() {
			return "orders";
		}

	}

	@Path("/orders")
	static class InheritingResource extends OrderResource {

	}

	@Path("/open")
	static class OpenResource {

	}

	@Component
	@Path("/orders")
	@HasApiKey("admin")
	static class OrderComponent {

	}

	static class Rest extends Application {

		private final Set<Class<?>> classes;

		Rest(Class<?>... classes) {
			this.classes = Set.of(classes);
		}

		@Override
		public Set<Class<?>> getClasses() {
			return this.classes;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NamesAClass {

		@Bean
		Application rest() {
			return new Rest(OpenResource.class, OrderResource.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NamesABeanThatIsNoComponent {

		@Bean
		Application rest() {
			return new Rest(OrderResource.class);
		}

		@Bean
		OrderResource orders() {
			return new OrderResource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NamesOneOfTwoBeans {

		@Bean
		Application rest() {
			return new Rest(OrderComponent.class);
		}

		@Bean
		OrderComponent orders() {
			return new OrderComponent();
		}

		@Bean
		OrderComponent others() {
			return new OrderComponent();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NamesAnInheritedAnnotation {

		@Bean
		Application rest() {
			return new Rest(InheritingResource.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class GivesAnObject {

		@Bean
		Application rest() {
			return new Application() {

				@Override
				public Set<Object> getSingletons() {
					return Set.of(new OrderResource());
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BehindAProxy {

		@Bean
		Object rest() {
			return new ProxyFactory(new Rest(OrderResource.class)).getProxy();
		}

	}

	static class RestServlet extends HttpServlet {

		@SuppressWarnings("unused")
		private final Application application = new Rest(OrderResource.class);

	}

	@HasApiKey("admin")
	static class GuardedRestServlet extends RestServlet {

	}

	@Configuration(proxyBeanMethods = false)
	static class InServlet {

		@Bean
		ServletRegistrationBean<RestServlet> rest() {
			return new ServletRegistrationBean<>(new RestServlet(), "/rest/*");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InServletThatIsABean {

		@Bean
		GuardedRestServlet rest() {
			return new GuardedRestServlet();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NamesAComponent {

		@Bean
		Application rest() {
			return new Rest(OrderComponent.class);
		}

		@Bean
		OrderComponent orders() {
			return new OrderComponent();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NamesNothingGuarded {

		@Bean
		Application rest() {
			return new Rest(OpenResource.class);
		}

	}

	@ServerEndpoint("/orders")
	@HasApiKey("admin")
	static class OrderEndpoint {

	}

	@ServerEndpoint(value = "/orders", configurator = SpringConfigurator.class)
	@HasApiKey("admin")
	static class OrderEndpointOfSpring {

	}

	@HasApiKey("admin")
	static class OrderEndpointObject extends Endpoint {

		@Override
		public void onOpen(Session session, EndpointConfig config) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EndpointBean {

		@Bean
		OrderEndpoint orders() {
			return new OrderEndpoint();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EndpointBeanOfAnotherScope {

		@Bean
		@Scope("prototype")
		OrderEndpoint orders() {
			return new OrderEndpoint();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyEndpointBean {

		@Bean
		@Lazy
		OrderEndpoint orders() {
			return new OrderEndpoint();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EndpointClass {

		@Bean
		ServerEndpointExporter endpoints() {
			return exporter(OrderEndpoint.class);
		}

	}

	/**
	 * There is no server that it could tell.
	 */
	private static ServerEndpointExporter exporter(Class<?> endpoint) {
		ServerEndpointExporter exporter = new ServerEndpointExporter() {

			@Override
			public void afterPropertiesSet() {
			}

			@Override
			public void afterSingletonsInstantiated() {
			}

		};
		exporter.setAnnotatedEndpointClasses(endpoint);
		return exporter;
	}

	@Configuration(proxyBeanMethods = false)
	static class ConfigOfAnEndpoint {

		@Bean
		ServerEndpointConfig orders() {
			return ServerEndpointConfig.Builder.create(OrderEndpointObject.class, "/orders").build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EndpointObject {

		@Bean
		ServerEndpointRegistration orders() {
			return new ServerEndpointRegistration("/orders", new OrderEndpointObject());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EndpointOfSpring {

		@Bean
		OrderEndpointOfSpring orders() {
			return new OrderEndpointOfSpring();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EndpointClassOfSpring {

		@Bean
		ServerEndpointExporter endpoints() {
			return exporter(OrderEndpointOfSpring.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RegistrationOfAClass {

		@Bean
		ServerEndpointRegistration orders() {
			return new ServerEndpointRegistration("/orders", OrderEndpointObject.class);
		}

	}

	@HasApiKey("admin")
	public static class OrderServlet extends HttpServlet {

	}

	@HasApiKey("admin")
	public static class OrderFilter implements Filter {

		@Override
		public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AddsServlets {

		@Bean
		ServletContextInitializer orders() {
			return (servletContext) -> servletContext.addServlet("orders", OrderServlet.class).addMapping("/orders");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AddsServletObjects {

		@Bean
		ServletContextInitializer orders() {
			return (servletContext) -> servletContext.addServlet("orders", new OrderServlet()).addMapping("/orders");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AddsFilters {

		@Bean
		ServletContextInitializer orders() {
			return (servletContext) -> servletContext.addFilter("orders", OrderFilter.class)
				.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), false, "/*");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AddsBeans {

		@Bean
		OrderServlet orderServlet() {
			return new OrderServlet();
		}

		@Bean
		ServletContextInitializer orders(OrderServlet orderServlet) {
			return (servletContext) -> servletContext.addServlet("orders", orderServlet).addMapping("/orders");
		}

	}

}
