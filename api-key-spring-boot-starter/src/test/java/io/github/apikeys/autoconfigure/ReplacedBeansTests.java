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

import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import io.github.apikeys.core.support.Causes;
import io.github.apikeys.security.ApiKeyAuthentication;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.StubApiKeyService;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.BeanUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.SmartInstantiationAwareBeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.PriorityOrdered;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.context.SecurityContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What post-processors put in the place of a guarded bean leads to a proxy that decides,
 * or the bean is not created.
 */
class ReplacedBeansTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApiKeyMethodSecurityAutoConfiguration.class));

	@AfterEach
	void signOut() {
		SecurityContextHolder.clearContext();
	}

	@ParameterizedTest
	@EnumSource
	void beanWhenNothingDecidesBehindItsReplacementThenNotCreated(Replacement replacement) {
		for (String scope : new String[] { BeanDefinition.SCOPE_SINGLETON, BeanDefinition.SCOPE_PROTOTYPE }) {
			this.runner.withBean(ReplacingFirst.class, () -> new ReplacingFirst(replacement.make))
				.withBean("orders", Orders.class, Orders::new, (definition) -> definition.setScope(scope))
				.run(ReplacedBeansTests::assertNotCreated);
		}
	}

	@Test
	void beanWhenAPostProcessorMakesAnotherObjectInsteadThenNotCreated() {
		this.runner.withBean(Instead.class).withBean("orders", Orders.class).run(ReplacedBeansTests::assertNotCreated);
	}

	@Test
	void beanWhenOthersAreGivenAnotherObjectEarlyThenNotCreated() {
		this.runner.withBean(Early.class)
			.withAllowCircularReferences(true)
			.withUserConfiguration(Circle.class)
			.run(ReplacedBeansTests::assertNotCreated);
	}

	@Test
	void productOfAFactoryWhenReplacedThenNotCreated() {
		this.runner.withBean(ReplacingFirst.class, () -> new ReplacingFirst(Decorator::new))
			.withBean("orders", OrdersFactory.class)
			.run(ReplacedBeansTests::assertNotCreated);
	}

	/**
	 * Nobody else sees it before it is created.
	 */
	@Test
	void productOfAFactoryWhenAPostProcessorNeedsItThenDecided() {
		this.runner.withUserConfiguration(EarlyProduct.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertDecided(context.getBean("orders", OrdersApi.class));
		});
	}

	@Test
	void productOfAFactoryWhenAPostProcessorNeedsItAndItIsReplacedThenNotCreated() {
		this.runner.withBean(ReplacingFirst.class, () -> new ReplacingFirst(Decorator::new))
			.withUserConfiguration(EarlyProduct.class)
			.run(ReplacedBeansTests::assertNotCreated);
	}

	/**
	 * Whatever was there before the auto-configuration.
	 */
	@ParameterizedTest
	@ValueSource(classes = { Instead.class, BeforeInitialization.class })
	void beanWhenAPostProcessorOfAnInitializerReplacesItThenNotCreated(Class<? extends BeanPostProcessor> type) {
		BeanPostProcessor replacing = BeanUtils.instantiateClass(type);
		this.runner.withInitializer((context) -> context.getBeanFactory().addBeanPostProcessor(replacing))
			.withBean("orders", Orders.class)
			.run(ReplacedBeansTests::assertNotCreated);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void beanWhenItsProxyIsDecoratedThenDecidedBehindTheDecorator(boolean ofClass) {
		this.runner.withBean(Replacing.class, () -> new Replacing(Decorator::new))
			.withPropertyValues("spring.aop.proxy-target-class=" + ofClass)
			.withBean("orders", Orders.class)
			.run((context) -> {
				OrdersApi orders = context.getBean("orders", OrdersApi.class);
				assertThat(orders).isInstanceOf(Decorator.class);
				assertDecided(orders);
			});
	}

	/**
	 * Nothing is known of a bean from another one that had its name.
	 */
	@Test
	void beanWhenAnotherOneOfItsNameWasGuardedThenCreated() {
		this.runner.withUserConfiguration(Changing.class).run((context) -> {
			Changing changing = context.getBean(Changing.class);
			for (int i = 0; i < 2; i++) {
				changing.next = Orders::new;
				assertDecided(context.getBean("orders", OrdersApi.class));
				changing.next = OpenOrders::new;
				assertThat(context.getBean("orders", OrdersApi.class).list()).isEqualTo("open");
			}
		});
	}

	@Test
	void beanWhenAnotherOneOfItsNameFailedThenCreated() {
		this.runner.withUserConfiguration(Changing.class).run((context) -> {
			Changing changing = context.getBean(Changing.class);
			changing.next = BrokenOrders::new;
			assertThatExceptionOfType(Exception.class).isThrownBy(() -> context.getBean("orders"));
			changing.next = OpenOrders::new;
			assertThat(context.getBean("orders", OrdersApi.class).list()).isEqualTo("open");
		});
	}

	@Test
	void beanWhenOneOfItsNameAboveIsGuardedThenItsContextStarts() {
		this.runner.withBean("orders", Orders.class).run((context) -> {
			try (AnnotationConfigApplicationContext below = new AnnotationConfigApplicationContext()) {
				below.setParent(context);
				below.registerBean("orders", OpenOrders.class);
				assertThatCode(below::refresh).doesNotThrowAnyException();
				assertThat(below.getBean("orders", OrdersApi.class).list()).isEqualTo("open");
			}
		});
	}

	@Test
	void beanWhenItIsAProxyItselfThenDecided() {
		this.runner.withUserConfiguration(MadeAsProxy.class)
			.run((context) -> assertDecided(context.getBean("orders", OrdersApi.class)));
	}

	private static void assertDecided(OrdersApi orders) {
		signIn("other");
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(orders::list);
		signIn("orders");
		assertThat(orders.list()).isEqualTo("orders");
	}

	private static void signIn(String scope) {
		SecurityContextHolder.getContext()
			.setAuthentication(ApiKeyAuthentication.of(StubApiKeyService.principal("key", scope), Set.of()));
	}

	private static void assertNotCreated(AssertableApplicationContext context) {
		Throwable failure = context.getStartupFailure();
		if (failure == null) {
			AtomicReference<Throwable> thrown = new AtomicReference<>();
			assertThatExceptionOfType(Exception.class).isThrownBy(() -> context.getBean("orders"))
				.satisfies(thrown::set);
			failure = thrown.get();
		}
		ApiKeyConfigurationException cause = Causes.find(failure, ApiKeyConfigurationException.class);
		assertThat(cause).isNotNull();
		assertThat(cause).hasMessageContaining("would protect nothing");
	}

	private static GuardedApi timed(Object target) {
		return (GuardedApi) factory(target).getProxy();
	}

	private static ProxyFactory factory(Object target) {
		ProxyFactory factory = new ProxyFactory(target);
		factory.addAdvice((MethodInterceptor) (invocation) -> invocation.proceed());
		return factory;
	}

	public interface OrdersApi {

		String list();

	}

	@HasApiKey("orders")
	public interface GuardedApi extends OrdersApi {

	}

	static class Orders implements GuardedApi {

		@Override
		public String list() {
			return "orders";
		}

	}

	static class OpenOrders implements OrdersApi {

		@Override
		public String list() {
			return "open";
		}

	}

	static class BrokenOrders extends Orders implements InitializingBean {

		@Override
		public void afterPropertiesSet() {
			throw new IllegalStateException();
		}

	}

	record Decorator(Object orders) implements OrdersApi {

		@Override
		public String list() {
			return ((OrdersApi) this.orders).list();
		}

	}

	enum Replacement {

		BARE(Decorator::new),

		WITH_OTHER_ADVICE((bean) -> new Decorator(timed(bean))),

		OF_ITS_CLASS_WITH_OTHER_ADVICE((bean) -> {
			ProxyFactory factory = factory(bean);
			factory.setProxyTargetClass(true);
			return new Decorator(factory.getProxy());
		}),

		WITHOUT_ADVICE((bean) -> new Decorator(new ProxyFactory(bean).getProxy())),

		IN_A_FACTORY_OF_PROXIES((bean) -> new Decorator(factory(bean))),

		OF_THE_JDK((bean) -> Proxy.newProxyInstance(OrdersApi.class.getClassLoader(),
				new Class<?>[] { OrdersApi.class }, (proxy, method, arguments) -> method.invoke(bean, arguments)));

		private final UnaryOperator<Object> make;

		Replacement(UnaryOperator<Object> make) {
			this.make = make;
		}

	}

	private static class Replacing implements BeanPostProcessor {

		private final UnaryOperator<Object> replacement;

		Replacing(UnaryOperator<Object> replacement) {
			this.replacement = replacement;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			return (bean instanceof OrdersApi) ? this.replacement.apply(bean) : bean;
		}

	}

	private static final class ReplacingFirst extends Replacing implements PriorityOrdered {

		ReplacingFirst(UnaryOperator<Object> replacement) {
			super(replacement);
		}

		@Override
		public int getOrder() {
			return HIGHEST_PRECEDENCE;
		}

	}

	private static final class Instead implements SmartInstantiationAwareBeanPostProcessor {

		@Override
		public @Nullable Object postProcessBeforeInstantiation(Class<?> beanClass, String beanName) {
			return (beanClass == Orders.class) ? new Decorator(new Orders()) : null;
		}

	}

	private static final class BeforeInitialization implements BeanPostProcessor {

		@Override
		public Object postProcessBeforeInitialization(Object bean, String beanName) {
			return (bean instanceof Orders) ? new Decorator(bean) : bean;
		}

	}

	private static final class Early implements SmartInstantiationAwareBeanPostProcessor {

		@Override
		public Object getEarlyBeanReference(Object bean, String beanName) {
			Object target = AopProxyUtils.getSingletonTarget(bean);
			return (target instanceof OrdersApi) ? new Decorator(target) : bean;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Circle {

		@Bean
		CircularOrders orders() {
			return new CircularOrders();
		}

		@Bean
		Caller caller(OrdersApi orders) {
			return new Caller(orders);
		}

	}

	static class CircularOrders extends Orders {

		@Autowired
		@Nullable Caller caller;

	}

	record Caller(OrdersApi orders) {

	}

	static class OrdersFactory implements FactoryBean<Object> {

		@Override
		public Object getObject() {
			return new Orders();
		}

		@Override
		public Class<?> getObjectType() {
			return OrdersApi.class;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyProduct {

		@Bean
		static OrdersFactory orders() {
			return new OrdersFactory();
		}

		@Bean
		static BeanPostProcessor needsOrders(OrdersApi orders) {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessBeforeInitialization(Object bean, String beanName) {
					return (orders != null) ? bean : orders;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Changing {

		private Supplier<OrdersApi> next = OpenOrders::new;

		@Bean
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		OrdersApi orders() {
			return this.next.get();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MadeAsProxy {

		@Bean
		GuardedApi orders() {
			return timed(new Orders());
		}

	}

}
