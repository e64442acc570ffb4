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

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

import io.github.apikeys.core.support.Causes;
import io.github.apikeys.security.ApiKeyAuthentication;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.HasApiKeyAuthorizationManager;
import io.github.apikeys.security.StubApiKeyService;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.AbstractAdvisingBeanPostProcessor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.AbstractAutoProxyCreator;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.core.PriorityOrdered;
import org.springframework.resilience.annotation.ConcurrencyLimit;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Service;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@code @HasApiKey} is decided on the thread of the caller, before any other advice
 * runs, or the bean is not created.
 */
class DecisionBeforeAdviceTests {

	private final List<String> calls = new ArrayList<>();

	private final Advisor advisor = new DefaultPointcutAdvisor(
			new AnnotationMatchingPointcut(null, HasApiKey.class, true), (MethodInterceptor) (invocation) -> {
				this.calls.add("advice");
				return invocation.proceed();
			});

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApiKeyMethodSecurityAutoConfiguration.class));

	@AfterEach
	void signOut() {
		SecurityContextHolder.clearContext();
	}

	@ParameterizedTest
	@ValueSource(strings = { BeanDefinition.SCOPE_SINGLETON, "lazy", BeanDefinition.SCOPE_PROTOTYPE })
	void callWhenRetriedThenDeniedOnceAndNotRetried(String scope) {
		this.runner.withUserConfiguration(Resilient.class).withInitializer(orders(scope)).run((context) -> {
			Orders orders = context.getBean(Orders.class);
			assertDecisionIsFirst(orders);
			signIn("other");
			assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(orders::retried);
			assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(orders::limited);
			signIn("orders");
			assertThat(orders.retried()).isEqualTo("3");
			assertThat(orders.limited()).isEqualTo("orders");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { BeanDefinition.SCOPE_SINGLETON, "lazy", BeanDefinition.SCOPE_PROTOTYPE })
	void callWhenAsynchronousThenDecidedOnTheThreadOfTheCaller(String scope) {
		this.runner.withUserConfiguration(Asynchronous.class).withInitializer(orders(scope)).run((context) -> {
			Orders orders = context.getBean(Orders.class);
			assertDecisionIsFirst(orders);
			signIn("other");
			assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(orders::asynchronous);
			signIn("orders");
			assertThat(orders.asynchronous().join()).isEqualTo("orders");
		});
	}

	/**
	 * Post-processors of each kind, in each place: the last of them all is one that is
	 * internal, or that somebody adds by hand.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "ordered", "unordered", "internal", "added" })
	void adviceWhenAPostProcessorPutsItFirstThenTheDecisionComesBeforeIt(String kind) {
		BeanPostProcessor first = switch (kind) {
			case "ordered" -> new AdvisingFirst(this.advisor);
			case "internal" -> new InternalAdvisingFirst(this.advisor);
			default -> new UnorderedAdvisingFirst(this.advisor);
		};
		for (String scope : new String[] { BeanDefinition.SCOPE_SINGLETON, "lazy", BeanDefinition.SCOPE_PROTOTYPE }) {
			ApplicationContextRunner host = kind.equals("added")
					? this.runner.withBean("zFirst", Adding.class, () -> new Adding(first))
					: this.runner.withBean("zFirst", BeanPostProcessor.class, () -> first);
			host.withInitializer(orders(scope, "zFirst")).withBean(Caller.class).run((context) -> {
				assertDecided(context.getBean(Orders.class));
				assertDecided(context.getBean(Caller.class).orders);
			});
		}
	}

	@Test
	void adviceWhenAddedWhileTheApplicationRunsThenTheDecisionComesBeforeItInWhatIsCreatedLater() {
		this.runner.withInitializer(orders(BeanDefinition.SCOPE_PROTOTYPE)).run((context) -> {
			assertDecisionIsFirst(context.getBean(Orders.class));
			context.getSourceApplicationContext(GenericApplicationContext.class)
				.getBeanFactory()
				.addBeanPostProcessor(new UnorderedAdvisingFirst(this.advisor));
			assertDecided(context.getBean(Orders.class));
		});
	}

	@Test
	void adviceWhenTheProxyIsFrozenAndTheDecisionComesFirstThenStart() {
		this.runner.withUserConfiguration(Frozen.class)
			.withInitializer(orders(BeanDefinition.SCOPE_SINGLETON))
			.withBean("advisor", Advisor.class, () -> this.advisor,
					(definition) -> definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE))
			.run((context) -> assertDecided(context.getBean(Orders.class)));
	}

	/**
	 * A proxy around the frozen one would decide too late, or again on another thread.
	 */
	@Test
	void adviceWhenTheProxyIsFrozenAndAnotherIsMadeAroundItThenNoStart() {
		this.runner.withUserConfiguration(Frozen.class, Asynchronous.class)
			.withInitializer(orders(BeanDefinition.SCOPE_SINGLETON))
			.run((context) -> assertTooLate(context, "AnnotationAsyncExecutionInterceptor"));
	}

	@Test
	void adviceWhenInFrontInAFrozenProxyThenNoStart() {
		this.runner
			.withBean("zFreezing", BeanPostProcessor.class,
					() -> new Wrapping((bean) -> freeze((Advised) bean, this.advisor)))
			.withInitializer(orders(BeanDefinition.SCOPE_SINGLETON))
			.run((context) -> assertTooLate(context, "DecisionBeforeAdviceTests"));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void proxyWhenMadeAroundTheOneThatDecidesThenNoStart(boolean ofClass) {
		Wrapping wrapping = new Wrapping((bean) -> {
			ProxyFactory factory = new ProxyFactory(bean);
			factory.setProxyTargetClass(ofClass);
			factory.addAdvisor(this.advisor);
			return factory.getProxy();
		});
		this.runner.withBean("zWrapping", BeanPostProcessor.class, () -> wrapping)
			.withInitializer(orders(BeanDefinition.SCOPE_SINGLETON))
			.run((context) -> assertTooLate(context, "DecisionBeforeAdviceTests"));
	}

	@Test
	void proxyWhenMadeAroundTheOneThatDecidesWithAdviceForOtherMethodsThenStart() {
		Wrapping wrapping = new Wrapping((bean) -> {
			ProxyFactory factory = new ProxyFactory(bean);
			factory.setProxyTargetClass(true);
			factory.addAdvisor(new DefaultPointcutAdvisor(new AnnotationMatchingPointcut(null, Deprecated.class, true),
					(MethodInterceptor) (invocation) -> invocation.proceed()));
			return factory.getProxy();
		});
		this.runner.withBean("zWrapping", BeanPostProcessor.class, () -> wrapping)
			.withInitializer(orders(BeanDefinition.SCOPE_SINGLETON))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(strings = { BeanDefinition.SCOPE_SINGLETON, "lazy", BeanDefinition.SCOPE_PROTOTYPE })
	void proxyWhenItTellsNobodyWhatItDoesThenTheBeanIsNotCreated(String scope) {
		List<UnaryOperator<Object>> wrappers = List.of(
				(bean) -> Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { OrdersApi.class },
						(proxy, method, arguments) -> invoke(bean, method, arguments)),
				(bean) -> Proxy.newProxyInstance(getClass().getClassLoader(), ClassUtils.getAllInterfaces(bean),
						(proxy, method, arguments) -> invoke(bean, method, arguments)),
				(bean) -> opaque(bean, OrdersApi.class), (bean) -> opaque(bean, ClassUtils.getAllInterfaces(bean)));
		for (UnaryOperator<Object> wrapper : wrappers) {
			this.runner.withBean("zWrapping", BeanPostProcessor.class, () -> new Wrapping(wrapper))
				.withInitializer(orders(scope))
				.run((context) -> {
					if (scope.equals(BeanDefinition.SCOPE_SINGLETON)) {
						assertTooLate(context, "comes first");
					}
					else {
						assertThatExceptionOfType(Exception.class).isThrownBy(() -> context.getBean("orders"))
							.havingRootCause()
							.isInstanceOf(ApiKeyConfigurationException.class);
					}
				});
		}
	}

	/**
	 * It is a bean of the application that calls another one.
	 */
	@Test
	void proxyWhenItIsABeanThatCallsTheGuardedOneThenStart() {
		this.runner.withInitializer(orders(BeanDefinition.SCOPE_SINGLETON))
			.withUserConfiguration(Decorating.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	/**
	 * What makes proxies never sees the class of the bean.
	 */
	@ParameterizedTest
	@ValueSource(strings = { BeanDefinition.SCOPE_SINGLETON, BeanDefinition.SCOPE_PROTOTYPE })
	void beanWhenReplacedBeforeItHasAProxyThenNotCreated(String scope) {
		for (Class<?> replacing : List.of(Replacing.class, Keeping.class)) {
			this.runner.withBean(replacing).withInitializer(orders(scope)).run((context) -> {
				if (scope.equals(BeanDefinition.SCOPE_SINGLETON)) {
					assertThat(context).hasFailed();
					assertThat(context.getStartupFailure()).hasMessageContaining("in its place");
				}
				else {
					assertThatExceptionOfType(Exception.class).isThrownBy(() -> context.getBean("orders"))
						.havingRootCause()
						.isInstanceOf(ApiKeyConfigurationException.class)
						.withMessageContaining("in its place");
				}
			});
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { BeanDefinition.SCOPE_SINGLETON, BeanDefinition.SCOPE_PROTOTYPE })
	void beanWhenItsProxyIsDecoratedThenDecidedBehindTheDecorator(String scope) {
		this.runner
			.withBean("decorating", BeanPostProcessor.class,
					() -> new Wrapping((bean) -> new Decorator((OrdersApi) bean)))
			.withInitializer(orders(scope))
			.run((context) -> {
				OrdersApi orders = context.getBean("orders", OrdersApi.class);
				assertThat(orders).isInstanceOf(Decorator.class);
				signIn("other");
				assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(orders::limited);
				signIn("orders");
				assertThat(orders.limited()).isEqualTo("orders");
			});
	}

	@Test
	void scopedProxyThenTheDecisionIsFirstAtItsBean() {
		this.runner.withUserConfiguration(Resilient.class).withInitializer((context) -> {
			context.getBeanFactory().registerScope("thread", new SimpleThreadScope());
			RootBeanDefinition definition = new RootBeanDefinition(Orders.class);
			definition.setScope("thread");
			BeanDefinitionRegistry registry = (BeanDefinitionRegistry) context;
			BeanDefinitionHolder proxy = ScopedProxyUtils
				.createScopedProxy(new BeanDefinitionHolder(definition, "orders"), registry, true);
			registry.registerBeanDefinition(proxy.getBeanName(), proxy.getBeanDefinition());
		}).run((context) -> {
			assertDecisionIsFirst(context.getBean("scopedTarget.orders"));
			signIn("orders");
			assertThat(((Orders) context.getBean("orders")).retried()).isEqualTo("3");
		});
	}

	/**
	 * The pointcut is public; advice of others with it decides nothing, and stays.
	 */
	@Test
	void adviceOfOthersWhenItHasThePointcutOfTheDecisionThenItIsNoDecision() {
		DefaultPointcutAdvisor audit = new DefaultPointcutAdvisor(HasApiKeyAuthorizationManager.pointcut(),
				this.advisor.getAdvice());
		this.runner.withBean("zAudit", BeanPostProcessor.class, () -> new UnorderedAdvisingFirst(audit))
			.withInitializer(orders(BeanDefinition.SCOPE_SINGLETON, "zAudit"))
			.run((context) -> assertDecided(context.getBean(Orders.class)));
		ProxyFactory factory = new ProxyFactory(new Orders());
		factory.setProxyTargetClass(true);
		factory.addAdvisor(audit);
		Object open = factory.getProxy();
		this.runner.withInitializer((context) -> context.getBeanFactory().registerSingleton("orders", open))
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
					.hasMessageContaining("would protect nothing");
			});
	}

	private void assertDecided(Orders orders) {
		assertDecisionIsFirst(orders);
		this.calls.clear();
		signIn("other");
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(orders::limited);
		assertThat(this.calls).isEmpty();
		signIn("orders");
		assertThat(orders.limited()).isEqualTo("orders");
		assertThat(this.calls).containsExactly("advice");
	}

	private static void assertDecisionIsFirst(Object bean) {
		Advised advised = (Advised) bean;
		assertThat(advised.getAdvisors()[0].getAdvice().getClass().getName())
			.isEqualTo("io.github.apikeys.security.HasApiKeyMethodInterceptor");
		assertThat(advised.getAdvisors()).doesNotHaveDuplicates();
		assertThat(AopUtils.isAopProxy(bean)).isTrue();
	}

	private static void assertTooLate(AssertableApplicationContext context, String advice) {
		assertThat(context).hasFailed();
		ApiKeyConfigurationException failure = Causes.find(context.getStartupFailure(),
				ApiKeyConfigurationException.class);
		assertThat(failure).isNotNull();
		assertThat(failure).hasMessageContaining("would be decided too late").hasMessageContaining(advice);
		assertThat(failure.getAction()).isNotBlank();
	}

	private static ApplicationContextInitializer<ConfigurableApplicationContext> orders(String scope,
			String... dependsOn) {
		return (context) -> ((GenericApplicationContext) context).registerBean("orders", Orders.class, (definition) -> {
			definition.setDependsOn(dependsOn);
			definition.setLazyInit(scope.equals("lazy"));
			definition.setScope(scope.equals("lazy") ? BeanDefinition.SCOPE_SINGLETON : scope);
		});
	}

	private static void signIn(String scope) {
		SecurityContextHolder.getContext()
			.setAuthentication(ApiKeyAuthentication.of(StubApiKeyService.principal("key", scope), Set.of()));
	}

	private static Object freeze(Advised proxy, Advisor advisor) {
		ProxyFactory factory = new ProxyFactory(AopProxyUtils.getSingletonTarget(proxy));
		factory.setProxyTargetClass(true);
		factory.addAdvisor(advisor);
		factory.addAdvisors(proxy.getAdvisors());
		factory.setFrozen(true);
		return factory.getProxy();
	}

	private Object opaque(Object bean, Class<?>... interfaces) {
		ProxyFactory factory = new ProxyFactory(interfaces);
		factory.setTarget(bean);
		factory.setOpaque(true);
		factory.addAdvisor(this.advisor);
		return factory.getProxy();
	}

	private static Object invoke(Object bean, Method method, Object[] arguments) throws Throwable {
		try {
			return method.invoke(bean, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

	public interface OrdersApi {

		String limited();

	}

	@Service
	static class Orders implements OrdersApi {

		private int attempts;

		@Retryable(maxRetries = 2, delay = 0)
		@HasApiKey("orders")
		public String retried() {
			this.attempts++;
			if (this.attempts < 3) {
				throw new IllegalStateException();
			}
			return String.valueOf(this.attempts);
		}

		@Override
		@ConcurrencyLimit(1)
		@HasApiKey("orders")
		public String limited() {
			return "orders";
		}

		@Async
		@HasApiKey("orders")
		public CompletableFuture<String> asynchronous() {
			return CompletableFuture.completedFuture("orders");
		}

	}

	static class Caller {

		private final Orders orders;

		Caller(Orders orders) {
			this.orders = orders;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableResilientMethods
	static class Resilient {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class Asynchronous {

		@Bean
		Executor taskExecutor() {
			return (task) -> new Thread(task).start();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Frozen {

		@Bean
		static BeanFactoryPostProcessor freezing() {
			return (beanFactory) -> beanFactory.getBeansOfType(AbstractAutoProxyCreator.class, false, false)
				.values()
				.forEach((creator) -> creator.setFrozen(true));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Decorating {

		@Bean
		OrdersApi decorated(Orders orders) {
			return (OrdersApi) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { OrdersApi.class },
					(proxy, method, arguments) -> invoke(orders, method, arguments));
		}

	}

	private record Decorator(OrdersApi orders) implements OrdersApi {

		@Override
		public String limited() {
			return this.orders.limited();
		}

	}

	private static OrdersApi proxy(Object orders) {
		return (OrdersApi) Proxy.newProxyInstance(Orders.class.getClassLoader(), new Class<?>[] { OrdersApi.class },
				(proxy, method, arguments) -> method.invoke(orders, arguments));
	}

	private static final class Replacing implements BeanPostProcessor, PriorityOrdered {

		@Override
		public int getOrder() {
			return 0;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			return (bean instanceof Orders) ? proxy(bean) : bean;
		}

	}

	private static final class Keeping implements BeanPostProcessor {

		private final Map<String, Object> kept = new HashMap<>();

		@Override
		public Object postProcessBeforeInitialization(Object bean, String beanName) {
			if (bean instanceof Orders) {
				this.kept.put(beanName, bean);
			}
			return bean;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			Object kept = this.kept.get(beanName);
			return (kept != null) ? proxy(kept) : bean;
		}

	}

	private static final class Wrapping implements BeanPostProcessor {

		private final UnaryOperator<Object> wrapper;

		Wrapping(UnaryOperator<Object> wrapper) {
			this.wrapper = wrapper;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			return (bean instanceof Orders) ? this.wrapper.apply(bean) : bean;
		}

	}

	private static class AdvisingFirst extends AbstractAdvisingBeanPostProcessor {

		AdvisingFirst(Advisor advisor) {
			this.advisor = advisor;
			setBeforeExistingAdvisors(true);
		}

	}

	private static final class InternalAdvisingFirst extends AdvisingFirst
			implements MergedBeanDefinitionPostProcessor {

		InternalAdvisingFirst(Advisor advisor) {
			super(advisor);
		}

		@Override
		public void postProcessMergedBeanDefinition(RootBeanDefinition definition, Class<?> beanType, String beanName) {
		}

	}

	private static final class UnorderedAdvisingFirst implements BeanPostProcessor {

		private final Advisor advisor;

		UnorderedAdvisingFirst(Advisor advisor) {
			this.advisor = advisor;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			if (bean instanceof Orders && bean instanceof Advised advised) {
				advised.addAdvisor(0, this.advisor);
			}
			return bean;
		}

	}

	/**
	 * Adds a post-processor when beans are created already.
	 */
	private static final class Adding implements BeanFactoryAware {

		private final BeanPostProcessor added;

		Adding(BeanPostProcessor added) {
			this.added = added;
		}

		@Override
		public void setBeanFactory(BeanFactory beanFactory) {
			((ConfigurableBeanFactory) beanFactory).addBeanPostProcessor(this.added);
		}

	}

}
