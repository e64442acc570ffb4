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

import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.StubApiKeyService;
import jakarta.annotation.Resource;
import jakarta.servlet.Filter;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.scope.ScopedProxyFactoryBean;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import static io.github.apikeys.autoconfigure.HostRunner.BASIC;
import static io.github.apikeys.autoconfigure.HostRunner.get;
import static io.github.apikeys.autoconfigure.HostRunner.mvc;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A bean that its callers have through a proxy which looks it up, for a scope or for a
 * lazy injection, is guarded as others are.
 */
class BeansThatAreLookedUpTests {

	private final WebApplicationContextRunner runner = HostRunner.bare()
		.withUserConfiguration(Application.class)
		.withBean(StubApiKeyService.class, () -> new StubApiKeyService().accept("key"));

	/**
	 * As in the refresh scope of Spring Cloud.
	 */
	@Test
	void controllerWhenTheFactoryOfItsScopedProxyIsAdviceOfItThenGuarded() {
		this.runner.withInitializer(scoped(LockingFactory.class)).run((context) -> {
			assertThat(get(mvc(context), "/orders", "Authorization", BASIC)).hasStatus(403);
			assertThat(get(mvc(context), "/orders", "X-API-Key", "key")).hasStatus(200);
		});
	}

	@Test
	void controllerWhenItsScopedProxyHasOtherAdviceThenRefused() {
		this.runner.withInitializer(scoped(AdvisingFactory.class))
			.run((context) -> assertThat(get(mvc(context), "/orders", "X-API-Key", "key")).failure()
				.hasRootCauseInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would be decided too late"));
	}

	@ParameterizedTest
	@ValueSource(classes = { LazyParameter.class, LazyInterface.class, LazyResource.class, LazyInFilter.class,
			LazyItself.class, LazyItselfInLambda.class })
	void beanWhenInjectedLazilyThenGuarded(Class<?> configuration) {
		this.runner.withUserConfiguration(configuration).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(get(mvc(context), "/by-hand", "Authorization", BASIC)).hasStatus(403);
			assertThat(get(mvc(context), "/by-hand", "X-API-Key", "key")).hasStatus(200);
		});
	}

	private static ApplicationContextInitializer<ConfigurableApplicationContext> scoped(Class<?> factory) {
		return (context) -> {
			context.getBeanFactory().registerScope("refresh", new SimpleThreadScope());
			RootBeanDefinition definition = new RootBeanDefinition(OrderController.class);
			definition.setScope("refresh");
			BeanDefinitionRegistry registry = (BeanDefinitionRegistry) context;
			BeanDefinitionHolder holder = ScopedProxyUtils
				.createScopedProxy(new BeanDefinitionHolder(definition, "orders"), registry, true);
			RootBeanDefinition proxy = (RootBeanDefinition) holder.getBeanDefinition();
			proxy.setBeanClass(factory);
			proxy.setSynthetic(true);
			registry.registerBeanDefinition(holder.getBeanName(), proxy);
		};
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Application {

	}

	@RestController
	static class OrderController {

		@HasApiKey
		@GetMapping("/orders")
		public String orders() {
			return "orders";
		}

	}

	static class LockingFactory extends ScopedProxyFactoryBean implements MethodInterceptor {

		@Override
		public void setBeanFactory(BeanFactory beanFactory) {
			super.setBeanFactory(beanFactory);
			proxy().addAdvice(0, this);
		}

		@Override
		public Object invoke(MethodInvocation invocation) throws Exception {
			Object target = proxy().getTargetSource().getTarget();
			ReflectionUtils.makeAccessible(invocation.getMethod());
			return ReflectionUtils.invokeMethod(invocation.getMethod(), target, invocation.getArguments());
		}

		private Advised proxy() {
			Object proxy = getObject();
			Assert.state(proxy instanceof Advised, "no proxy");
			return (Advised) proxy;
		}

	}

	static class AdvisingFactory extends ScopedProxyFactoryBean {

		@Override
		public void setBeanFactory(BeanFactory beanFactory) {
			super.setBeanFactory(beanFactory);
			if (getObject() instanceof Advised proxy) {
				proxy.addAdvice((MethodInterceptor) MethodInvocation::proceed);
			}
		}

	}

	interface Listing {

		@HasApiKey
		ServerResponse list(ServerRequest request);

	}

	static class OrderHandler implements Listing {

		@Override
		public ServerResponse list(ServerRequest request) {
			return ServerResponse.ok().build();
		}

		@HasApiKey
		public void check() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyParameter {

		@Bean
		OrderHandler orders() {
			return new OrderHandler();
		}

		@Bean
		RouterFunction<ServerResponse> byHand(@Lazy OrderHandler orders) {
			return RouterFunctions.route().GET("/by-hand", orders::list).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyInterface {

		@Bean
		OrderHandler orders() {
			return new OrderHandler();
		}

		@Bean
		RouterFunction<ServerResponse> byHand(@Lazy Listing orders) {
			return RouterFunctions.route().GET("/by-hand", orders::list).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyResource {

		@Lazy
		@Resource
		private OrderHandler orders;

		@Bean
		@Lazy
		static OrderHandler orders() {
			return new OrderHandler();
		}

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", this.orders::list).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyInFilter {

		@Bean
		OrderHandler orders() {
			return new OrderHandler();
		}

		@Bean
		Filter checking(@Lazy OrderHandler orders) {
			return (request, response, chain) -> {
				orders.check();
				chain.doFilter(request, response);
			};
		}

		@Bean
		RouterFunction<ServerResponse> byHand(OrderHandler orders) {
			return RouterFunctions.route().GET("/by-hand", orders::list).build();
		}

	}

	static class LazyItself extends OrderHandler {

		private final OrderHandler self;

		LazyItself(@Lazy LazyItself self) {
			this.self = self;
		}

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", this.self::list).build();
		}

	}

	static class LazyItselfInLambda extends OrderHandler {

		@Lazy
		@Autowired
		private LazyItselfInLambda self;

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", (request) -> this.self.list(request)).build();
		}

	}

}
