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

import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

import io.github.apikeys.security.ApiKeyAuthentication;
import io.github.apikeys.security.ApiKeyAuthorizationManager;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.SourceCompiler;
import io.github.apikeys.security.StubApiKeyService;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.description.annotation.AnnotationDescription;
import net.bytebuddy.description.modifier.Ownership;
import net.bytebuddy.description.modifier.SyntheticState;
import net.bytebuddy.description.modifier.Visibility;
import net.bytebuddy.implementation.FixedValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.DefaultIntroductionAdvisor;
import org.springframework.aop.support.DelegatingIntroductionInterceptor;
import org.springframework.aot.hint.annotation.Reflective;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanDefinitionCustomizer;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Role;
import org.springframework.context.annotation.Scope;
import org.springframework.context.event.EventListener;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.context.support.ApplicationObjectSupport;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.annotation.AliasFor;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.server.MatcherSecurityWebFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.WebFilterChainProxy;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.handler.AbstractHandlerMapping;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebHandler;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What {@code @HasApiKey} stands on is guarded, or the application does not start, in
 * every kind of application and whatever becomes of the bean.
 */
@ExtendWith(OutputCaptureExtension.class)
class HasApiKeyGuardTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApiKeyMethodSecurityAutoConfiguration.class));

	@ParameterizedTest
	@ValueSource(classes = { FinalMethod.class, FinalOfInterface.class, PrivateHandler.class, StaticHandler.class,
			ProtectedFinalHandler.class, StaticEventListener.class, PrivateScheduled.class, PrivateMessageMapping.class,
			PrivateExceptionHandler.class, PrivateEntryPoint.class, PackageFinalMethod.class, PrivateOnInterface.class,
			ImplementsSupplier.class })
	void methodWhenNoProxyCanInterceptItThenNoStart(Class<?> type) {
		this.runner.withBean("guarded", type).run((context) -> assertNoStart(context, "would protect nothing"));
	}

	/**
	 * As AspectJ leaves a method behind around which an aspect is woven, for example for
	 * transactions or a cache: that aspect decides on no key.
	 */
	@Test
	void methodWhenAnAspectIsWovenAroundItThenNoStartAllTheSame() {
		this.runner.withBean("guarded", Woven.class).run((context) -> assertNoStart(context, "would protect nothing"));
	}

	@ParameterizedTest
	@ValueSource(classes = { Helpers.class, FrameworkFinals.class, FinalObjectMethods.class, Inner.Nested.class })
	void methodWhenNobodyElseCallsItThenStart(Class<?> type) {
		this.runner.withBean("guarded", type).run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(strings = { "@HasApiKey(\"admin\") %s String secret() { return \"\"; }",
			"@GetMapping(\"/secret\") %s String secret() { return \"\"; }" })
	void methodWhenInheritedFromAnotherPackageThenOnlyIfItCanBeOverridden(String declaration) throws Exception {
		for (String visibility : new String[] { "", "protected", "public" }) {
			ClassLoader classes = new SourceCompiler()
				.add("lib.Base", "public abstract class Base { " + declaration.formatted(visibility) + " }")
				.add("app.Bean", "@HasApiKey(\"admin\") public class Bean extends lib.Base { }")
				.compile();
			this.runner.withClassLoader(classes).withBean("guarded", classes.loadClass("app.Bean")).run((context) -> {
				if (visibility.isEmpty()) {
					assertNoStart(context, "package-private method lib.Base.secret would protect nothing");
				}
				else {
					assertThat(context).hasNotFailed();
				}
			});
		}
	}

	@Test
	void methodWhenInheritedFromAnotherClassLoaderThenNoStart() throws Exception {
		ClassLoader library = new SourceCompiler()
			.add("app.Base", "public abstract class Base { @HasApiKey String secret() { return \"\"; } }")
			.add("app.Bean", "public class Bean extends Base { }")
			.compile();
		Class<?> type = new ByteBuddy().subclass(library.loadClass("app.Bean"))
			.name("app.Reloaded")
			.make()
			.load(library)
			.getLoaded();
		this.runner.withClassLoader(type.getClassLoader())
			.withBean("guarded", type)
			.run((context) -> assertNoStart(context, "package-private method app.Base.secret"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.springframework.samples.petclinic.owner", "org.springframework.acme" })
	void packageWhenItBeginsLikeTheFrameworksThenInspectedAllTheSame(String name) throws Exception {
		String base = name.substring(0, name.lastIndexOf('.')) + ".model.Base";
		ClassLoader classes = new SourceCompiler()
			.add(name + ".OnMethod", "public class OnMethod { @HasApiKey public final void orders() { } }")
			.add(name + ".OnType", "@HasApiKey public class OnType { public final void orders() { } }")
			.add(base, "public class Base { public final void orders() { } }")
			.compile();
		for (String type : new String[] { ".OnMethod", ".OnType" }) {
			this.runner.withClassLoader(classes)
				.withBean("guarded", classes.loadClass(name + type))
				.run((context) -> assertNoStart(context, name + type + ".orders would protect nothing"));
		}
	}

	/**
	 * Spring passes over an annotation that it cannot read.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "public class Bean { @HasApiKey(type = Gone.class) public void orders() { } }",
			"@HasApiKey(type = Gone.class) public class Bean { public void orders() { } }",
			"public class Bean { @ForGone public void orders() { } }" })
	void annotationWhenATypeThatItNamesIsMissingThenNoStart(String bean) throws Exception {
		ClassLoader classes = new SourceCompiler()
			.add("app.Gone", "public class Gone extends io.github.apikeys.core.ApiKey { }")
			.add("app.ForGone", "import java.lang.annotation.*;"
					+ " @HasApiKey(type = Gone.class) @Retention(RetentionPolicy.RUNTIME) @interface ForGone { }")
			.add("app.Bean", bean)
			.compile("app.Gone");
		this.runner.withClassLoader(classes)
			.withBean("guarded", classes.loadClass("app.Bean"))
			.run((context) -> assertNoStart(context, "cannot be read"));
	}

	/**
	 * As Kotlin makes of a suspending method that can be overridden.
	 */
	@Test
	void methodWhenSyntheticThenNobodys() throws Exception {
		Class<?> type = new ByteBuddy().subclass(Object.class)
			.name("app.Suspending")
			.defineMethod("orders", String.class, Visibility.PUBLIC)
			.intercept(FixedValue.value("orders"))
			.annotateMethod(AnnotationDescription.Builder.ofType(HasApiKey.class).build())
			.defineMethod("orders$suspendImpl", String.class, Ownership.STATIC, SyntheticState.SYNTHETIC)
			.intercept(FixedValue.value("orders"))
			.annotateMethod(AnnotationDescription.Builder.ofType(HasApiKey.class).build())
			.make()
			.load(HasApiKey.class.getClassLoader())
			.getLoaded();
		this.runner.withClassLoader(type.getClassLoader())
			.withBean("guarded", type)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(classes = { TwiceOnMethod.class, TwiceOnType.class, WeakDefault.class, WeakDefaultBesidesType.class,
			WeakOnImplemented.class, WeakOnImplementedBySubclass.class, WeakOnSuperclass.class,
			WeakOnInheritedMethod.class, TwiceOnImplemented.class })
	void rulesWhenSeveralCountThenNoStart(Class<?> type) {
		this.runner.withBean("guarded", type)
			.run((context) -> assertNoStart(context, "There must be one @HasApiKey that counts"));
	}

	@ParameterizedTest
	@ValueSource(classes = { IllegalScope.class, IllegalAnyScope.class, IllegalScopeOnType.class })
	void scopeWhenNoKeyCanHaveItThenNoStart(Class<?> type) {
		this.runner.withBean("guarded", type).run((context) -> assertNoStart(context, "would deny every call"));
	}

	@Test
	void scopeWhenNotDeclaredThenWarningWithTheNearest(CapturedOutput output) {
		ApplicationContextRunner declared = this.runner.withUserConfiguration(Properties.class)
			.withPropertyValues("api-key.scopes.orders=All orders", "api-key.scopes.reports=Reports");
		declared.withBean(WellSpelt.class).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("not declared");
		declared.withBean(Misspelt.class).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("requires the scope 'order', which is not declared under 'api-key.scopes'")
			.contains("'orders'");
	}

	@Test
	void scopeWhenARuleForRequestsRequiresItAndItIsNotDeclaredThenWarningWithTheNearest(CapturedOutput output) {
		ApplicationContextRunner declared = this.runner.withUserConfiguration(Properties.class)
			.withPropertyValues("api-key.scopes.orders=All orders", "api-key.scopes.reports=Reports");
		for (String scope : new String[] { "orders", "oders" }) {
			assertThat(output).doesNotContain("not declared");
			declared.withBean(AuthorizationManager.class, () -> ApiKeyAuthorizationManager.hasApiKey(scope))
				.run((context) -> assertThat(context).hasNotFailed());
		}
		assertThat(output).containsOnlyOnce("requires the scope 'oders', which is not declared under 'api-key.scopes'")
			.contains("'orders'");
	}

	/**
	 * In a process there may be several, one may start while another does, and rules may
	 * be made at any time.
	 */
	@Test
	void scopeWhenARuleOfAnotherApplicationRequiresItThenNoWarning(CapturedOutput output) {
		ApplicationContextRunner declared = this.runner.withUserConfiguration(Properties.class)
			.withPropertyValues("api-key.scopes.orders=All orders");
		declared.withBean("failing", AuthorizationManager.class, () -> {
			ApiKeyAuthorizationManager.hasApiKey("failed");
			throw new IllegalStateException();
		}).run((context) -> assertThat(context).hasFailed());
		ApiKeyAuthorizationManager.hasApiKey("before");
		declared.withBean("rule", AuthorizationManager.class, () -> {
			AuthorizationManager<Object> rule = ApiKeyAuthorizationManager.hasApiKey("outer");
			this.runner.withBean(AuthorizationManager.class, () -> ApiKeyAuthorizationManager.hasApiKey("inner"))
				.run((inner) -> assertThat(inner).hasNotFailed());
			return rule;
		}).run((context) -> {
			ApiKeyAuthorizationManager.hasApiKey("later");
			assertThat(context).hasNotFailed();
		});
		declared.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("not declared").contains("requires the scope 'outer'");
	}

	@Test
	void scopeWhenManyRulesAreMadeThenStillAWarning(CapturedOutput output) {
		this.runner.withUserConfiguration(Properties.class)
			.withPropertyValues("api-key.scopes.orders=All orders")
			.withBean(AuthorizationManager.class, () -> {
				for (int i = 0; i < 1000; i++) {
					ApiKeyAuthorizationManager.hasApiKey("orders-" + i);
				}
				return ApiKeyAuthorizationManager.hasApiKey("oders");
			})
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains("requires the scope 'oders'");
	}

	@Test
	void scopeWhenNoneIsDeclaredThenNoWarning(CapturedOutput output) {
		this.runner.withUserConfiguration(Properties.class)
			.withBean(Misspelt.class)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("not declared");
	}

	@Test
	void beanWhenCreatedForAPostProcessorThenNoStart() {
		this.runner.withBean("guarded", Simple.class)
			.withUserConfiguration(EarlyPostProcessor.class)
			.run((context) -> assertNoStart(context, "would protect nothing"));
	}

	@Test
	void prototypeWhenCreatedForAPostProcessorThenNoStart() {
		this.runner
			.withInitializer(definition("guarded", Simple.class,
					(definition) -> definition.setScope(BeanDefinition.SCOPE_PROTOTYPE)))
			.withUserConfiguration(EarlyPostProcessor.class)
			.run((context) -> assertNoStart(context, "would protect nothing"));
	}

	@Test
	void beanWhenCreatedInTimeThenSpringDoesNotWarnOfIt(CapturedOutput output) {
		this.runner.withBean(Simple.class).run((context) -> assertGuarded(context.getBean(Simple.class)));
		assertThat(output).doesNotContain("not eligible for getting processed");
	}

	/**
	 * Those are created when proxies are already made.
	 */
	@Test
	void beanWhenCreatedForAnUnorderedPostProcessorThenGuarded() {
		for (String scope : new String[] { BeanDefinition.SCOPE_SINGLETON, BeanDefinition.SCOPE_PROTOTYPE }) {
			this.runner.withInitializer(definition("guarded", Simple.class, (definition) -> definition.setScope(scope)))
				.withUserConfiguration(LatePostProcessor.class)
				.run((context) -> assertGuarded(context.getBean(Simple.class)));
		}
	}

	@Test
	void singletonWhenRegisteredAsAnObjectThenNoStart() {
		this.runner.withInitializer((context) -> context.getBeanFactory().registerSingleton("guarded", new Simple()))
			.run((context) -> assertNoStart(context, "Bean 'guarded'"));
	}

	@Test
	void singletonWhenAMockThenStart() {
		this.runner
			.withInitializer(
					(context) -> context.getBeanFactory().registerSingleton("guarded", Mockito.mock(Simple.class)))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void productWhenItIsGuardedThenStart() {
		this.runner.withBean(SimpleFactory.class).run((context) -> assertGuarded(context.getBean(Simple.class)));
	}

	@Test
	void productWhenAProxyHidesTheAnnotationThenNoStart() {
		this.runner.withBean("product", HidingFactory.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThatExceptionOfType(Exception.class).isThrownBy(() -> context.getBean("product"))
				.havingRootCause()
				.isInstanceOf(ApiKeyConfigurationException.class);
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { LazyFinal.class, PrototypeFinal.class, ThreadFinal.class })
	void beanWhenCreatedLaterThenItsCreationFails(Class<?> type) {
		this.runner
			.withInitializer((context) -> context.getBeanFactory().registerScope("thread", new SimpleThreadScope()))
			.withUserConfiguration(type)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThatExceptionOfType(Exception.class).isThrownBy(() -> context.getBean(FinalMethod.class))
					.havingRootCause()
					.isInstanceOf(ApiKeyConfigurationException.class);
			});
	}

	@Test
	void beanWhenInACircleThenGuarded() {
		for (boolean lazy : new boolean[] { false, true }) {
			this.runner.withAllowCircularReferences(true)
				.withInitializer(definition("one", CircleOne.class, (definition) -> definition.setLazyInit(lazy)))
				.withBean(CircleThree.class)
				.withInitializer(definition("two", CircleTwo.class, (definition) -> definition.setLazyInit(lazy)))
				.run((context) -> {
					assertGuarded(context.getBean(CircleOne.class).two);
					assertGuarded(context.getBean(CircleTwo.class));
				});
		}
	}

	@Test
	void scopedProxyThenItsBeanIsGuarded() {
		this.runner.withInitializer((context) -> {
			BeanDefinitionRegistry registry = (BeanDefinitionRegistry) context;
			context.getBeanFactory().registerScope("thread", new SimpleThreadScope());
			RootBeanDefinition definition = new RootBeanDefinition(Simple.class);
			definition.setScope("thread");
			BeanDefinitionHolder proxy = ScopedProxyUtils
				.createScopedProxy(new BeanDefinitionHolder(definition, "simple"), registry, true);
			registry.registerBeanDefinition(proxy.getBeanName(), proxy.getBeanDefinition());
		}).run((context) -> assertGuarded((Simple) context.getBean("simple")));
	}

	@Test
	void contextBelowWhenItMakesNoProxiesThenItDoesNotStart() {
		this.runner.run((parent) -> {
			try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
				child.setParent(parent);
				child.registerBean("guarded", Simple.class);
				assertThatExceptionOfType(ApiKeyConfigurationException.class).isThrownBy(child::refresh);
			}
		});
	}

	/**
	 * Nothing there makes proxies, and nobody would ask again.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "lazy", "prototype" })
	void contextBelowWhenItMakesNoProxiesForWhatItCreatesLaterThenItDoesNotStart(String kind) {
		this.runner.run((parent) -> {
			try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
				child.setParent(parent);
				child.registerBean("guarded", Simple.class, (definition) -> {
					definition.setLazyInit(kind.equals("lazy"));
					definition.setScope(kind.equals("prototype") ? kind : BeanDefinition.SCOPE_SINGLETON);
				});
				assertThatExceptionOfType(ApiKeyConfigurationException.class).isThrownBy(child::refresh);
			}
		});
	}

	/**
	 * It was there first, and this is the first check that sees it.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "singleton", "lazy", "prototype" })
	void contextAboveWhenItMakesNoProxiesThenTheContextBelowDoesNotStart(String kind) {
		try (AnnotationConfigApplicationContext above = new AnnotationConfigApplicationContext()) {
			above.registerBean("guarded", Simple.class, (definition) -> {
				definition.setLazyInit(kind.equals("lazy"));
				definition.setScope(kind.equals("prototype") ? kind : BeanDefinition.SCOPE_SINGLETON);
			});
			above.refresh();
			this.runner.withParent(above)
				.run((context) -> assertThat(context).getFailure()
					.isInstanceOf(ApiKeyConfigurationException.class)
					.hasMessageContaining("Bean 'guarded'"));
		}
	}

	@Test
	void contextAboveThatOfTheContextAboveThenTheContextBelowDoesNotStart() {
		try (AnnotationConfigApplicationContext top = new AnnotationConfigApplicationContext();
				AnnotationConfigApplicationContext above = new AnnotationConfigApplicationContext()) {
			top.registerBean("guarded", Simple.class);
			top.refresh();
			above.setParent(top);
			above.refresh();
			this.runner.withParent(above)
				.run((context) -> assertThat(context).getFailure().isInstanceOf(ApiKeyConfigurationException.class));
		}
	}

	@Test
	void contextAboveWhenItCreatesWhatHoldsAGuardedObjectLaterThenItsCreationFailsWhileTheOneBelowIsThere() {
		try (AnnotationConfigApplicationContext above = new AnnotationConfigApplicationContext()) {
			above.registerBean("filter", WebFilter.class, () -> new GuardedHelper().filter(),
					(definition) -> definition.setScope(BeanDefinition.SCOPE_PROTOTYPE));
			above.refresh();
			this.runner.withParent(above)
				.run((context) -> assertThatException().isThrownBy(() -> above.getBean(WebFilter.class))
					.havingRootCause()
					.isInstanceOf(ApiKeyConfigurationException.class));
			assertThat(above.getBean(WebFilter.class)).isNotNull();
		}
	}

	private static List<BeanPostProcessor> postProcessors(ConfigurableApplicationContext context) {
		return List.copyOf(((DefaultListableBeanFactory) context.getBeanFactory()).getBeanPostProcessors());
	}

	@Test
	void contextAboveWhenThereAreTwoBelowThenBothSeeIt() {
		try (AnnotationConfigApplicationContext above = new AnnotationConfigApplicationContext()) {
			above.refresh();
			List<BeanPostProcessor> before = postProcessors(above);
			this.runner.withParent(above)
				.run((one) -> this.runner.withParent(above)
					.run((other) -> assertThat(postProcessors(above)).hasSize(before.size() + 2)));
			assertThat(postProcessors(above)).isEqualTo(before);
		}
	}

	@Test
	void contextAboveWhenItGuardsItselfThenStarts() {
		this.runner.withBean("guarded", Simple.class).run((above) -> {
			List<BeanPostProcessor> before = postProcessors(above);
			this.runner.withParent(above).run((context) -> {
				assertGuarded(context.getBean(Simple.class));
				assertThat(postProcessors(above)).isEqualTo(before);
			});
		});
	}

	@Test
	void contextBelowWhenItCreatesWhatHoldsAGuardedObjectLaterThenItsCreationFails() {
		this.runner.run((parent) -> {
			try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
				child.setParent(parent);
				child.register(HoldingWebFilter.class);
				child.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
				child.refresh();
				assertThatException().isThrownBy(() -> child.getBean(WebFilter.class))
					.havingRootCause()
					.isInstanceOf(ApiKeyConfigurationException.class);
			}
		});
	}

	@Test
	void contextBelowWhenItMakesProxiesThenGuardedOrNotCreated() {
		this.runner.run((parent) -> {
			try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
				child.setParent(parent);
				child.register(ProxyingConfiguration.class);
				child.registerBean("guarded", Simple.class, (definition) -> definition.setLazyInit(true));
				child.registerBean("unguarded", FinalMethod.class, (definition) -> definition.setLazyInit(true));
				child.refresh();
				assertGuarded(child.getBean(Simple.class));
				assertThatExceptionOfType(Exception.class).isThrownBy(() -> child.getBean("unguarded"))
					.havingRootCause()
					.isInstanceOf(ApiKeyConfigurationException.class);
			}
		});
	}

	@Test
	void prototypeWhenSyntheticThenNoStart() {
		this.runner.withInitializer((context) -> {
			RootBeanDefinition definition = new RootBeanDefinition(Simple.class);
			definition.setScope(BeanDefinition.SCOPE_PROTOTYPE);
			definition.setSynthetic(true);
			((BeanDefinitionRegistry) context).registerBeanDefinition("guarded", definition);
		}).run((context) -> assertNoStart(context, "nothing makes a proxy"));
	}

	/**
	 * What listeners throw, and on which thread, is the application's business.
	 */
	@Test
	void prototypeWhenSyntheticAndWhatListenersThrowIsIgnoredThenNoStart() {
		for (boolean executor : new boolean[] { false, true }) {
			this.runner.withBean("applicationEventMulticaster", SimpleApplicationEventMulticaster.class, () -> {
				SimpleApplicationEventMulticaster multicaster = new SimpleApplicationEventMulticaster();
				if (executor) {
					multicaster.setTaskExecutor((task) -> new Thread(task).start());
				}
				multicaster.setErrorHandler((ignored) -> {
				});
				return multicaster;
			}).withInitializer((context) -> {
				RootBeanDefinition definition = new RootBeanDefinition(Simple.class);
				definition.setScope(BeanDefinition.SCOPE_PROTOTYPE);
				definition.setSynthetic(true);
				((BeanDefinitionRegistry) context).registerBeanDefinition("guarded", definition);
			}).run((context) -> assertThat(context.getSourceApplicationContext().isActive()).isFalse());
		}
	}

	@AfterEach
	void signOut() {
		SecurityContextHolder.clearContext();
	}

	private static void signIn(String scope) {
		SecurityContextHolder.getContext()
			.setAuthentication(ApiKeyAuthentication.of(StubApiKeyService.principal("key", scope), Set.of()));
	}

	/**
	 * Whatever order the application gives to its cache, its aspects and the like.
	 */
	@Test
	void adviceWhenItComesFirstByItsOrderThenTheDecisionComesBeforeItAllTheSame() {
		this.runner.withUserConfiguration(CachingFirst.class).run((context) -> {
			CachedReport report = context.getBean(CachedReport.class);
			signIn("reports:read");
			assertThat(report.report()).isEqualTo("secret");
			assertThat(report.report()).isEqualTo("secret");
			signIn("other");
			assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(report::report);
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void interfaceWhenOnlyAProxyHasItThenNoStart(boolean classProxy) {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=" + classProxy)
			.withUserConfiguration(Introducing.class)
			.run((context) -> assertNoStart(context, "Introduced.orders would protect nothing"));
	}

	@Test
	void applicationWhenReactiveThenInspectedAllTheSame() {
		new ReactiveWebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ApiKeyMethodSecurityAutoConfiguration.class))
			.withBean("guarded", FinalMethod.class)
			.run((context) -> assertThat(context).getFailure().isInstanceOf(ApiKeyConfigurationException.class));
	}

	@Test
	void functionWhenReactiveAndNoBeanThenNoStart() {
		new ReactiveWebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ApiKeyMethodSecurityAutoConfiguration.class))
			.withBean("function", RouterFunction.class,
					() -> RouterFunctions.route().GET("/", new ReactiveFunction()).build())
			.run((context) -> assertThat(context).getFailure().isInstanceOf(ApiKeyConfigurationException.class));
	}

	@Test
	void functionWhenReactiveAndItHoldsWhatIsNoBeanThenNoStart() {
		new ReactiveWebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ApiKeyMethodSecurityAutoConfiguration.class))
			.withBean("function", RouterFunction.class,
					() -> RouterFunctions.route()
						.GET("/", new ReactiveFunction()::handle)
						.filter((request, next) -> next.handle(request))
						.build())
			.run((context) -> assertThat(context).getFailure().isInstanceOf(ApiKeyConfigurationException.class));
	}

	@ParameterizedTest
	@ValueSource(classes = { HoldingWebFilter.class, HoldingWebHandler.class, HoldingWebExceptionHandler.class,
			HoldingHttpHandler.class, HoldingWebChain.class, HoldingChainOfItsOwn.class, HoldingWebChains.class,
			HoldingMapping.class, HoldingMappingOfItsOwn.class })
	void partOfAReactiveServerWhenItHoldsWhatIsNoBeanThenNoStart(Class<?> configuration) {
		new ReactiveWebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ApiKeyMethodSecurityAutoConfiguration.class))
			.withUserConfiguration(configuration)
			.run((context) -> assertThat(context).getFailure().isInstanceOf(ApiKeyConfigurationException.class));
	}

	@Test
	void beanWhenBehindAnInterfaceThenGuarded() {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean(Implementation.class)
			.run((context) -> assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class)
				.isThrownBy(context.getBean(Api.class)::run));
	}

	@Test
	void recordWhenBehindAnInterfaceThenGuardedAndElseNoStart() {
		this.runner.withBean(OfRecord.class, () -> new OfRecord("x")).run((context) -> assertThat(context).hasFailed());
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean("guarded", OfRecord.class, () -> new OfRecord("x"))
			.run((context) -> assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class)
				.isThrownBy(() -> ((Callable<?>) context.getBean("guarded")).call()));
	}

	@Test
	void factoryMethodThenNoStart() {
		this.runner.withUserConfiguration(FactoryMethod.class).run((context) -> assertThat(context).hasFailed());
		this.runner.withUserConfiguration(StaticFactoryMethod.class)
			.run((context) -> assertNoStart(context, "static method"));
	}

	private static void assertNoStart(AssertableApplicationContext context, String message) {
		assertThat(context).hasFailed();
		Throwable failure = context.getStartupFailure();
		while (!(failure instanceof ApiKeyConfigurationException) && failure.getCause() != null) {
			failure = failure.getCause();
		}
		assertThat(failure).isInstanceOf(ApiKeyConfigurationException.class).hasMessageContaining(message);
		assertThat(new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure()).getAction())
			.isNotBlank();
	}

	private static <T> ApplicationContextInitializer<ConfigurableApplicationContext> definition(String name,
			Class<T> type, BeanDefinitionCustomizer customizer) {
		return (context) -> ((GenericApplicationContext) context).registerBean(name, type, customizer);
	}

	private static void assertGuarded(Simple simple) {
		assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class).isThrownBy(simple::orders);
	}

	static class GuardedHelper {

		@HasApiKey
		public Mono<Void> help() {
			return Mono.empty();
		}

		WebFilter filter() {
			return (exchange, chain) -> help();
		}

	}

	static class HoldingMapping {

		@Bean
		HandlerMapping mapping() {
			GuardedHelper helper = new GuardedHelper();
			return new AbstractHandlerMapping() {

				@Override
				protected Mono<?> getHandlerInternal(ServerWebExchange exchange) {
					return Mono.just((WebHandler) (each) -> helper.help());
				}

			};
		}

	}

	static class HoldingMappingOfItsOwn {

		@Bean
		HandlerMapping mapping() {
			GuardedHelper helper = new GuardedHelper();
			return (exchange) -> Mono.just((WebHandler) (each) -> helper.help());
		}

	}

	static class HoldingWebFilter {

		@Bean
		WebFilter filter() {
			return new GuardedHelper().filter();
		}

	}

	static class HoldingWebHandler {

		@Bean
		WebHandler handler() {
			GuardedHelper helper = new GuardedHelper();
			return (exchange) -> helper.help();
		}

	}

	static class HoldingWebExceptionHandler {

		@Bean
		WebExceptionHandler handler() {
			GuardedHelper helper = new GuardedHelper();
			return (exchange, ex) -> helper.help();
		}

	}

	static class HoldingHttpHandler {

		@Bean
		HttpHandler handler() {
			return WebHttpHandlerBuilder.webHandler((exchange) -> Mono.empty())
				.filter(new GuardedHelper().filter())
				.build();
		}

	}

	static class HoldingWebChain {

		@Bean
		SecurityWebFilterChain chain() {
			return new MatcherSecurityWebFilterChain(ServerWebExchangeMatchers.anyExchange(),
					List.of(new GuardedHelper().filter()));
		}

	}

	static class HoldingChainOfItsOwn {

		@Bean
		SecurityWebFilterChain chain() {
			List<WebFilter> filters = List.of(new GuardedHelper().filter());
			return new SecurityWebFilterChain() {

				@Override
				public Mono<Boolean> matches(ServerWebExchange exchange) {
					return Mono.just(true);
				}

				@Override
				public Flux<WebFilter> getWebFilters() {
					return Flux.fromIterable(filters);
				}

			};
		}

	}

	static class HoldingWebChains {

		@Bean
		WebFilter chains() {
			return new WebFilterChainProxy(new HoldingWebChain().chain());
		}

	}

	static class Simple {

		@HasApiKey("orders:read")
		public String orders() {
			return "orders";
		}

	}

	static class ReactiveFunction implements HandlerFunction<ServerResponse> {

		@Override
		@HasApiKey
		public Mono<ServerResponse> handle(ServerRequest request) {
			return Mono.empty();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAspectJAutoProxy(proxyTargetClass = true)
	static class ProxyingConfiguration {

	}

	interface Introduced {

		@HasApiKey
		void orders();

	}

	interface Plain {

	}

	static class PlainBean implements Plain {

	}

	static class IntroducedOrders extends DelegatingIntroductionInterceptor implements Introduced {

		@Override
		public void orders() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Introducing {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static DefaultIntroductionAdvisor introduction() {
			return new DefaultIntroductionAdvisor(new IntroducedOrders(), Introduced.class) {

				@Override
				public boolean matches(Class<?> type) {
					return type == PlainBean.class;
				}

			};
		}

		@Bean
		Plain plain() {
			return new PlainBean();
		}

	}

	static class WellSpelt {

		@HasApiKey(value = "reports", anyScope = "orders")
		public void orders() {
		}

	}

	static class Misspelt {

		@HasApiKey(value = "reports", anyScope = "order")
		public void orders() {
		}

	}

	static class FinalMethod {

		@HasApiKey
		public final void orders() {
		}

	}

	interface Api {

		@HasApiKey("admin")
		String run();

	}

	static class Implementation implements Api {

		@Override
		public String run() {
			return "run";
		}

	}

	static class FinalRun {

		public final String run() {
			return "run";
		}

	}

	static class FinalOfInterface extends FinalRun implements Api {

	}

	@HasApiKey
	static class PrivateHandler {

		@GetMapping
		private void orders() {
		}

	}

	@HasApiKey
	static class StaticHandler {

		@GetMapping
		public static void orders() {
		}

	}

	@HasApiKey
	static class ProtectedFinalHandler {

		@GetMapping
		protected final void orders() {
		}

	}

	@HasApiKey
	static class StaticEventListener {

		@EventListener
		static void on(String event) {
		}

	}

	@HasApiKey
	static class PrivateScheduled {

		@Scheduled(fixedDelay = 1)
		private void tick() {
		}

	}

	@HasApiKey
	static class PrivateMessageMapping {

		@MessageMapping("orders")
		private void orders() {
		}

	}

	@HasApiKey
	static class PrivateExceptionHandler {

		@ExceptionHandler
		private void on(IllegalStateException ex) {
		}

	}

	@Reflective
	@Retention(RetentionPolicy.RUNTIME)
	@interface EntryPoint {

	}

	@HasApiKey
	static class PrivateEntryPoint {

		@EntryPoint
		private void orders() {
		}

	}

	@HasApiKey
	static class PackageFinalMethod {

		final void orders() {
		}

	}

	interface WithPrivate {

		@HasApiKey
		private void orders() {
		}

	}

	static class PrivateOnInterface implements WithPrivate {

	}

	@HasApiKey
	static class ImplementsSupplier implements Supplier<String> {

		@Override
		public final String get() {
			return "";
		}

	}

	@HasApiKey
	static class Helpers {

		public void orders() {
			help();
			assist();
		}

		private void help() {
		}

		private static void assist() {
		}

	}

	@HasApiKey
	static class FrameworkFinals extends ApplicationObjectSupport {

		public void orders() {
		}

	}

	@HasApiKey
	static class FinalObjectMethods {

		@Override
		public final boolean equals(Object other) {
			return this == other;
		}

		@Override
		public final int hashCode() {
			return 1;
		}

		@Override
		public final String toString() {
			return "x";
		}

	}

	static class Inner {

		@HasApiKey
		static class Nested {

			public void orders() {
			}

		}

	}

	@HasApiKey
	@Repeatable(Scopes.class)
	@Retention(RetentionPolicy.RUNTIME)
	@interface RequiresScope {

		@AliasFor(annotation = HasApiKey.class, attribute = "value")
		String[] value();

	}

	@Retention(RetentionPolicy.RUNTIME)
	@interface Scopes {

		RequiresScope[] value();

	}

	static class TwiceOnMethod {

		@RequiresScope("orders:read")
		@RequiresScope("orders:write")
		public void orders() {
		}

	}

	@RequiresScope("orders:read")
	@RequiresScope("orders:write")
	static class TwiceOnType {

		public void orders() {
		}

	}

	interface Weak {

		@HasApiKey
		default String run() {
			return "weak";
		}

	}

	static class Strong {

		@HasApiKey("admin")
		public String run() {
			return "strong";
		}

	}

	static class WeakDefault extends Strong implements Weak {

	}

	@HasApiKey("admin")
	static class StrongType {

		public String run() {
			return "strong";
		}

	}

	static class WeakDefaultBesidesType extends StrongType implements Weak {

	}

	interface TwiceOnGeneric<T> {

		@HasApiKey("admin")
		String run(T value);

		@HasApiKey("orders:read")
		String run(String value);

	}

	static class TwiceOnImplemented implements TwiceOnGeneric<String> {

		@Override
		public String run(String value) {
			return value;
		}

	}

	@HasApiKey("admin")
	static class WeakOnImplemented implements Weak {

		@Override
		public String run() {
			return "strong";
		}

	}

	static class WeakOnImplementedBySubclass extends StrongType implements Weak {

		@Override
		public String run() {
			return "strong";
		}

	}

	static class WeakMethod {

		@HasApiKey
		public String run() {
			return "weak";
		}

	}

	@HasApiKey("admin")
	static class WeakOnSuperclass extends WeakMethod {

		@Override
		public String run() {
			return "strong";
		}

	}

	@HasApiKey("admin")
	static class WeakOnInheritedMethod extends WeakMethod {

	}

	static class Woven {

		@HasApiKey
		public final String orders() {
			return orders_aroundBody1$advice();
		}

		private static String orders_aroundBody0() {
			return "orders";
		}

		private static String orders_aroundBody1$advice() {
			return orders_aroundBody0();
		}

	}

	static class IllegalScope {

		@HasApiKey("Orders Read")
		public void orders() {
		}

	}

	static class IllegalAnyScope {

		@HasApiKey(anyScope = { "orders:read", "orders:*" })
		public void orders() {
		}

	}

	@HasApiKey("Orders Read")
	static class IllegalScopeOnType {

		public void orders() {
		}

	}

	record OfRecord(String value) implements Callable<String> {

		@Override
		@HasApiKey
		public String call() {
			return this.value;
		}

	}

	static class CircleOne {

		final CircleTwo two;

		CircleOne(@Lazy CircleTwo two) {
			this.two = two;
		}

	}

	static class CircleTwo extends Simple {

		@Autowired
		CircleThree three;

	}

	static class CircleThree {

		@Autowired
		CircleTwo two;

	}

	static class SimpleFactory implements FactoryBean<Simple> {

		@Override
		public Simple getObject() {
			return new Simple();
		}

		@Override
		public Class<?> getObjectType() {
			return Simple.class;
		}

	}

	static class Hidden implements Callable<String> {

		@Override
		@HasApiKey
		public String call() {
			return "secret";
		}

	}

	static class HidingFactory implements FactoryBean<Object> {

		@Override
		public Object getObject() {
			ProxyFactory factory = new ProxyFactory();
			factory.setInterfaces(Callable.class);
			factory.setTarget(new Hidden());
			return factory.getProxy();
		}

		@Override
		public Class<?> getObjectType() {
			return Callable.class;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(ApiKeyProperties.class)
	static class Properties {

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyPostProcessor {

		@Bean
		static OrderedPostProcessor early(Simple simple) {
			return new OrderedPostProcessor();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableCaching(order = Ordered.HIGHEST_PRECEDENCE)
	static class CachingFirst {

		@Bean
		CacheManager cacheManager() {
			return new ConcurrentMapCacheManager();
		}

		@Bean
		CachedReport cachedReport() {
			return new CachedReport();
		}

	}

	static class CachedReport {

		@Cacheable("report")
		@HasApiKey("reports:read")
		public String report() {
			return "secret";
		}

	}

	static class OrderedPostProcessor implements BeanPostProcessor, PriorityOrdered {

		@Override
		public int getOrder() {
			return Ordered.LOWEST_PRECEDENCE;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LatePostProcessor {

		@Bean
		static BeanPostProcessor late(Simple simple) {
			return new BeanPostProcessor() {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyFinal {

		@Bean
		@Lazy
		FinalMethod bean() {
			return new FinalMethod();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrototypeFinal {

		@Bean
		@Scope("prototype")
		FinalMethod bean() {
			return new FinalMethod();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ThreadFinal {

		@Bean
		@Scope("thread")
		FinalMethod bean() {
			return new FinalMethod();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FactoryMethod {

		@Bean
		@HasApiKey
		String bean() {
			return "";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class StaticFactoryMethod {

		@Bean
		@HasApiKey
		static String bean() {
			return "";
		}

	}

}
