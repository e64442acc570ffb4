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

import java.io.IOException;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Proxy;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicMarkableReference;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.AtomicStampedReference;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.apikeys.security.ApiKeyConfigurer;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.StubApiKeyService;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.AnnotatedGenericBeanDefinition;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorViewResolver;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.MethodParameter;
import org.springframework.core.Ordered;
import org.springframework.core.OverridingClassLoader;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.convert.ConversionService;
import org.springframework.core.convert.converter.Converter;
import org.springframework.format.Formatter;
import org.springframework.format.FormatterRegistry;
import org.springframework.format.support.FormattingConversionServiceFactoryBean;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.StringHttpMessageConverter;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.util.Assert;
import org.springframework.util.LinkedCaseInsensitiveMap;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.accept.ContentNegotiationStrategy;
import org.springframework.web.bind.WebDataBinder;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.support.WebBindingInitializer;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.CallableProcessingInterceptor;
import org.springframework.web.context.support.StaticWebApplicationContext;
import org.springframework.web.filter.CompositeFilter;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.HandlerMethodReturnValueHandler;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.HandlerAdapter;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerExecutionChain;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.View;
import org.springframework.web.servlet.ViewResolver;
import org.springframework.web.servlet.config.annotation.AsyncSupportConfigurer;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.ViewResolverRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.servlet.function.support.RouterFunctionMapping;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.servlet.mvc.AbstractController;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.handler.PerConnectionWebSocketHandler;
import org.springframework.web.socket.handler.TextWebSocketHandler;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;

import static io.github.apikeys.autoconfigure.HostRunner.BASIC;
import static io.github.apikeys.autoconfigure.HostRunner.get;
import static io.github.apikeys.autoconfigure.HostRunner.mvc;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Wherever {@code @HasApiKey} stands it protects, or the application does not start; and
 * looking for it does no harm.
 */
@ExtendWith(OutputCaptureExtension.class)
class HasApiKeyUsageCheckTests {

	private final WebApplicationContextRunner runner = HostRunner.bare()
		.withUserConfiguration(Application.class)
		.withBean(StubApiKeyService.class, () -> new StubApiKeyService().accept("key"));

	@Test
	void typeWhenAnnotatedThenAllItsMethodsAreProtected() {
		this.runner.withBean(Annotated.class).run((context) -> {
			MockMvcTester mvc = mvc(context);
			for (String path : new String[] { "/public", "/protected", "/package" }) {
				assertThat(get(mvc, path, "Authorization", BASIC)).hasStatus(403);
				assertThat(get(mvc, path, "X-API-Key", "key")).hasStatus(200);
			}
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { WithFinalMethod.class, ExtendsFinalMethod.class, AnnotatedByInterface.class })
	void typeWhenAnnotatedAndAMethodIsFinalThenNoStart(Class<?> type) {
		this.runner.withBean(type).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining(".orders would protect nothing");
		});
	}

	/**
	 * However it was given to a mapping: calls would not come through a bean.
	 */
	@ParameterizedTest
	@ValueSource(classes = { ByMethod.class, ByMethodOfPrivateHelper.class, ByUrl.class, AsRoot.class, AsDefault.class,
			AsDefaultOfAnyMapping.class, ByFunction.class, ByOwnFunctionMapping.class, ByServletRegistration.class,
			ByFilterRegistration.class, ByFilterChain.class, ByProxyOfChains.class, AfterTheStart.class })
	void handlerWhenRegisteredByHandThenNoStart(Class<?> registration) {
		this.runner.withUserConfiguration(registration).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would protect nothing");
		});
	}

	/**
	 * The class of a lambda or of a wrapper does not tell what it calls.
	 */
	@ParameterizedTest
	@ValueSource(classes = { ByReference.class, ByLambda.class, ByLambdaOfBean.class, ByReferenceToItself.class,
			BehindFilter.class, AsFilterFunction.class, InFunctionBehindFilter.class, InWrapper.class,
			ByMethodOfWrapper.class, InInvocationHandler.class, BehindProxyOfSpring.class, BehindProxyOfTheJdk.class,
			InErrorViewResolver.class, InInterceptorOfOwnMapping.class, ByInnerClassOfItself.class,
			ByInnerClassThatAnotherHolds.class, InCompositeFilter.class, InDecorator.class,
			InDecoratorThatDemandsLess.class, InDecoratorWithAnotherDoor.class, InDecoratorThatReplacesTheDemand.class,
			InDecoratorAndBesideIt.class, AsClassForEachConnection.class, ByReferenceThatIsABean.class,
			ByLambdaToItself.class, ByHelperOfItself.class, ByFilterOfItself.class, InFilter.class, InServlet.class,
			InServletListener.class, InInitializer.class, InInterceptor.class,
			AsBindingInitializerAfterTheStart.class })
	void handlerWhenHeldByWhatIsRegisteredThenNoStart(Class<?> registration) {
		this.runner.withUserConfiguration(registration).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would protect nothing");
		});
	}

	/**
	 * What a check asks is code of the application.
	 */
	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "BrokenMapping|its handlers, to inspect them",
					"BrokenMappingOfMethods|its handlers, to inspect them",
					"BrokenMappingOfMethods|its handlers, to see whether a chain reads their keys. Have it answer",
					"BrokenRest|the classes that it registers, to inspect them",
					"BrokenChain|its handlers, to inspect them", "BrokenChain|its filters. Have it answer" })
	void registryWhenItThrowsThenStartsAndAWarningSaysOnceWhatItWasAskedFor(String name, String question,
			CapturedOutput output) throws Exception {
		Class<?> registration = Class.forName(getClass().getName() + "$" + name);
		this.runner.withUserConfiguration(registration).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce(" of class " + registration.getName()
					+ "$Broken threw an exception when it was asked for " + question);
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { LateMapping.class, LateRest.class })
	void registryWhenItThrowsAtFirstThenIsAskedAgain(Class<?> registration) {
		this.runner.withUserConfiguration(registration).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would protect nothing");
		});
	}

	/**
	 * Where elements are is the business of the container, and of the classes that it
	 * extends.
	 */
	@ParameterizedTest
	@EnumSource
	void handlerWhenInAContainerThenNoStart(Container container) {
		Object held = container.hold.apply(new OrderHandler());
		this.runner.withBean(RouterFunction.class, () -> RouterFunctions.route().GET("/by-hand", (request) -> {
			held.hashCode();
			return ServerResponse.ok().build();
		}).build()).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would protect nothing");
		});
	}

	@Test
	void handlerWhenThereIsMoreThanCanBeSearchedThenAWarning(CapturedOutput output) {
		List<Object> many = new ArrayList<>(Collections.nCopies(10_001, "order"));
		List<Object> broken = new ArrayList<>() {

			@Override
			public Iterator<Object> iterator() {
				throw new IllegalStateException("not loaded");
			}

		};
		for (List<Object> held : List.of(many, broken)) {
			this.runner.withBean(RouterFunction.class, () -> RouterFunctions.route().GET("/by-hand", (request) -> {
				held.size();
				return ServerResponse.ok().build();
			}).build()).run((context) -> assertThat(context).hasNotFailed());
		}
		assertThat(output).contains("was searched for @HasApiKey, since there are more than 10000")
			.contains("was searched for @HasApiKey, since java.lang.IllegalStateException: not loaded");
	}

	/**
	 * A framework that is given an object calls it past any proxy.
	 */
	@ParameterizedTest
	@EnumSource
	void objectWhenGivenToSpringMvcAndNoBeanThenNoStart(Given given) {
		this.runner.withBean(WebMvcConfigurer.class, () -> given).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would protect nothing");
		});
	}

	/**
	 * Most of it is created by the first request then.
	 */
	@ParameterizedTest
	@EnumSource
	void objectWhenGivenToSpringMvcThatIsLazyThenItsCreationFails(Given given) {
		this.runner.withInitializer(HasApiKeyUsageCheckTests::beLazy)
			.withBean(WebMvcConfigurer.class, () -> given)
			.run((context) -> assertThatException().isThrownBy(() -> get(mvc(context), "/"))
				.havingRootCause()
				.isInstanceOf(ApiKeyConfigurationException.class)
				.withMessageContaining("would protect nothing"));
	}

	@ParameterizedTest
	@ValueSource(classes = { ByReference.class, InFilter.class, ByProxyOfChains.class, ByUrl.class })
	void handlerWhenItsRegistryIsLazyThenItsCreationFails(Class<?> registration) {
		this.runner.withInitializer(HasApiKeyUsageCheckTests::beLazy)
			.withUserConfiguration(registration)
			.run((context) -> assertThatException().isThrownBy(() -> context.getBeansOfType(Object.class))
				.havingRootCause()
				.isInstanceOf(ApiKeyConfigurationException.class)
				.withMessageContaining("would protect nothing"));
	}

	@ParameterizedTest
	@ValueSource(classes = { HoldsBeans.class, GivesBeans.class })
	void beansWhenLazyThenGuarded(Class<?> configuration) {
		this.runner.withInitializer(HasApiKeyUsageCheckTests::beLazy)
			.withBean(Annotated.class)
			.withBean(AnnotatedConverter.class)
			.withUserConfiguration(configuration)
			.run((context) -> {
				assertThat(get(mvc(context), "/public", "Authorization", BASIC)).hasStatus(403);
				assertThat(get(mvc(context), "/public", "X-API-Key", "key")).hasStatus(200);
			});
	}

	private static void beLazy(ConfigurableApplicationContext context) {
		context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
	}

	/**
	 * What a factory makes is beside its factory, not among the singletons.
	 */
	@ParameterizedTest
	@ValueSource(classes = { ByFactoryOfFilter.class, ByFactoryOfConversion.class })
	void handlerWhenAFactoryMadeWhatHoldsItThenNoStart(Class<?> registration) {
		this.runner.withUserConfiguration(registration).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would protect nothing");
		});
	}

	@Test
	void objectWhenGivenToSpringMvcAndABeanThenStarts() {
		this.runner.withBean(AnnotatedConverter.class).withUserConfiguration(GivesBeans.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThatExceptionOfType(ConversionFailedException.class)
				.isThrownBy(() -> context.getBean("mvcConversionService", ConversionService.class)
					.convert("2", OptionalInt.class))
				.withCauseInstanceOf(AuthenticationCredentialsNotFoundException.class);
		});
	}

	/**
	 * A bean is guarded by its proxy; what belongs to it calls it from within.
	 */
	@ParameterizedTest
	@ValueSource(classes = { FilterWithInner.class, ServletWithInner.class, ListenerWithInner.class,
			InterceptorWithInner.class })
	void beanWhenWhatItMadeForItselfRefersToItThenStarts(Class<?> type) {
		this.runner.withBean(type).withUserConfiguration(GivesInterceptors.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class)
				.isThrownBy(() -> ((WithOrders) context.getBean(type)).orders());
		});
	}

	/**
	 * Nothing of the application runs in it.
	 */
	@Test
	void handlerWhenAMockIsHeldThenStarts() {
		this.runner
			.withInitializer(
					(context) -> context.getBeanFactory().registerSingleton("orders", Mockito.mock(OrderHandler.class)))
			.withUserConfiguration(ByReferenceToABean.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void handlerWhenABeanIsHeldThenGuarded() {
		this.runner.withUserConfiguration(HoldsBeans.class).run((context) -> {
			for (String path : new String[] { "/reference", "/lambda", "/leaked", "/lazy" }) {
				assertThat(get(mvc(context), path, "Authorization", BASIC)).hasStatus(403);
				assertThat(get(mvc(context), path, "X-API-Key", "key")).hasStatus(200);
			}
		});
	}

	/**
	 * Calls come through the proxy of the decorator, and that demands the same.
	 */
	@Test
	void handlerWhenItHoldsADecoratorThatIsGuardedThenStarts() {
		this.runner.withUserConfiguration(HoldsDecorators.class).run((context) -> {
			for (String path : new String[] { "/lambda", "/wrapped", "/by-name" }) {
				assertThat(get(mvc(context), path, "Authorization", BASIC)).hasStatus(403);
				assertThat(get(mvc(context), path, "X-API-Key", "key")).hasStatus(200);
			}
		});
	}

	/**
	 * A method of the bean can give lambdas only the object behind the proxy.
	 */
	@Test
	void lambdaWhenItCallsWhatIsOpenInABeanThenStarts() {
		this.runner.withUserConfiguration(ByLambdasOfItself.class).run((context) -> {
			for (String path : new String[] { "/reference", "/lambda", "/inner" }) {
				assertThat(get(mvc(context), path)).hasStatus(200);
			}
			assertThat(context.getBean(ByLambdasOfItself.class).count()).isPositive();
			assertThat(get(mvc(context), "/guarded")).hasStatus(401);
			assertThat(get(mvc(context), "/guarded", "X-API-Key", "key")).hasStatus(200);
		});
	}

	@Test
	void handlerWhenRegisteredByHandAsABeanThenGuarded() {
		this.runner.withBean("annotated", Annotated.class).withUserConfiguration(ByBean.class).run((context) -> {
			assertThat(get(mvc(context), "/by-hand", "Authorization", BASIC)).hasStatus(403);
			assertThat(get(mvc(context), "/by-hand", "X-API-Key", "key")).hasStatus(200);
		});
	}

	/**
	 * Spring MVC calls other methods of the object as well, such as one that makes an
	 * attribute of the model.
	 */
	@ParameterizedTest
	@ValueSource(classes = { RegistersWhatIsOpen.class, RegistersWhatIsGuarded.class })
	void methodWhenABeanRegistersItOfTheObjectBehindItsProxyThenNoStart(Class<?> type) {
		this.runner.withUserConfiguration(type).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would protect nothing");
		});
	}

	/**
	 * Whatever knows it, and whenever.
	 */
	@ParameterizedTest
	@ValueSource(classes = { None.class, AsWildcard.class, ByOwnMapping.class, ByOwnFunction.class,
			ByOwnMappingInWrapper.class, ByOwnFunctionBehindFilter.class })
	void handlerWhenTheStartDoesNotSeeItThenRefusedWhenDispatched(Class<?> registration, CapturedOutput output) {
		this.runner.withUserConfiguration(registration).run((context) -> {
			assertThat(context).hasNotFailed();
			if (registration == None.class) {
				new ByMethod()
					.register(context.getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class));
			}
			for (int i = 0; i < 2; i++) {
				assertThat(get(mvc(context), "/by-hand", "X-API-Key", "key")).failure()
					.hasRootCauseInstanceOf(ApiKeyConfigurationException.class)
					.hasMessageContaining("would protect nothing");
			}
			assertThat(output).contains("A request is refused");
		});
	}

	@Test
	void handlerWhenRegisteredAfterTheStartAsABeanThenGuarded() {
		this.runner.withBean("annotated", Annotated.class).run((context) -> {
			new ByBean().register(context.getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class));
			assertThat(get(mvc(context), "/by-hand", "Authorization", BASIC)).hasStatus(403);
			assertThat(get(mvc(context), "/by-hand", "X-API-Key", "key")).hasStatus(200);
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { AnnotatedDoGet.class, AnnotatedHandleRequestInternal.class })
	void methodWhenItsSuperclassCallsItThenNoStart(Class<?> type) {
		this.runner.withBean(type).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("called by its superclass");
		});
	}

	@Test
	void handlerWhenVersionedThenGuarded() {
		this.runner.withBean(Versioned.class)
			.withPropertyValues("spring.mvc.apiversion.use.header=API-Version")
			.run((context) -> {
				MockMvcTester mvc = mvc(context);
				for (String version : new String[] { "1", "2" }) {
					assertThat(mvc.get().uri("/versioned").header("API-Version", version)).hasStatus(401);
					assertThat(mvc.get().uri("/versioned").header("API-Version", version).header("X-API-Key", "key"))
						.hasStatus(version.equals("1") ? 200 : 403);
				}
			});
	}

	@Test
	void servletWhenItsClassIsAnnotatedThenGuarded() {
		this.runner.withBean(AnnotatedServlet.class)
			.run((context) -> assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class)
				.isThrownBy(() -> context.getBean(AnnotatedServlet.class)
					.service(new MockHttpServletRequest("GET", "/"), new MockHttpServletResponse())));
	}

	@Test
	void mappingWhenBehindAClassProxyThenItsHandlersAreFound() {
		AnnotatedRequestHandler handler = new AnnotatedRequestHandler();
		SimpleUrlHandlerMapping mapping = new SimpleUrlHandlerMapping(Map.of("/by-hand", handler));
		mapping.setApplicationContext(new StaticWebApplicationContext());
		ProxyFactory factory = new ProxyFactory(mapping);
		factory.setProxyTargetClass(true);
		assertThat(RegisteredHandlers.of(factory.getProxy(), "mapping")).extracting(RegisteredHandlers.Handler::handler)
			.containsExactly(handler);
	}

	@Test
	void typeWhenAnnotatedThenPrivateHelpersAreNobodysBusiness() {
		this.runner.withBean(WithHelpers.class).run((context) -> {
			assertThat(get(mvc(context), "/helped", "Authorization", BASIC)).hasStatus(403);
			assertThat(get(mvc(context), "/helped", "X-API-Key", "key")).hasStatus(200).bodyText().isEqualTo("helped");
		});
	}

	@Test
	void chainWhenItReadsNoKeysThenWarningOnlyIfTheAnnotationIsUsed(CapturedOutput output) {
		WebApplicationContextRunner withoutKeys = this.runner.withUserConfiguration(ChainWithoutKeys.class);
		withoutKeys.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("@HasApiKey is used");
		withoutKeys.withBean(Annotated.class).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("@HasApiKey is used on " + Annotated.class.getName());
	}

	/**
	 * As Spring does, for example where it looks for event listeners.
	 */
	@Test
	void typeWhenItNamesAbsentTypesAndIsNeverCreatedThenIsSkipped() throws Exception {
		Class<?> type = new AbsentTypeClassLoader().loadClass(NamesAbsentType.class.getName());
		this.runner.withInitializer((context) -> {
			AnnotatedGenericBeanDefinition definition = new AnnotatedGenericBeanDefinition(type);
			definition.setLazyInit(true);
			((BeanDefinitionRegistry) context).registerBeanDefinition("namesAbsentType", definition);
		}).run((context) -> assertThat(context).hasNotFailed());
	}

	/**
	 * Where a class cannot be read, its file says whether there is anything to guard.
	 */
	@ParameterizedTest
	@CsvSource({ "AnnotatedNamesAbsentType,true", "InheritsNamesAbsentType,true", "AnnotatedAndNamesAbsentType,true",
			"OtherNamesAbsentType,false" })
	void handlerWhenItNamesAbsentTypesAndIsGuardedThenNoStart(String name, boolean guarded) throws Exception {
		HttpRequestHandler handler = absent(name);
		this.runner
			.withBean(SimpleUrlHandlerMapping.class, () -> new SimpleUrlHandlerMapping(Map.of("/x", handler), -1))
			.run((context) -> {
				if (!guarded) {
					assertThat(context).hasNotFailed();
					assertThat(get(mvc(context), "/x", "X-API-Key", "key")).hasStatus(200);
					return;
				}
				assertThat(context).hasFailed();
				assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
					.hasMessageContaining(name + " would protect nothing")
					.hasMessageContaining(AbsentType.class.getName());
			});
		this.runner.run((context) -> {
			context.getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
				.setDefaultHandler(handler);
			if (guarded) {
				assertThat(get(mvc(context), "/x", "X-API-Key", "key")).failure()
					.hasRootCauseInstanceOf(ApiKeyConfigurationException.class);
			}
			else {
				assertThat(get(mvc(context), "/x", "X-API-Key", "key")).hasStatus(200);
			}
		});
	}

	/**
	 * A lambda has no file, and no annotation of its own.
	 */
	@ParameterizedTest
	@CsvSource({ "LambdaOfAbsentType,false", "LambdaOfAnnotatedAndAbsentType,true" })
	void handlerWhenALambdaWhoseInterfaceNamesAbsentTypesThenByWhatItImplements(String name, boolean guarded)
			throws Exception {
		HttpRequestHandler handler = ((Supplier<HttpRequestHandler>) create(name)).get();
		this.runner
			.withBean(SimpleUrlHandlerMapping.class, () -> new SimpleUrlHandlerMapping(Map.of("/x", handler), -1))
			.run((context) -> {
				if (guarded) {
					assertThat(context).hasFailed();
				}
				else {
					assertThat(context).hasNotFailed();
					assertThat(get(mvc(context), "/x", "X-API-Key", "key")).hasStatus(200);
				}
			});
	}

	/**
	 * Its dispatcher has adapters of its own.
	 */
	@Test
	void handlerOfAManagementServerWhenTheStartDoesNotSeeItThenRefusedWhenDispatched() {
		AtomicReference<ApplicationContext> management = new AtomicReference<>();
		new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
			.withUserConfiguration(Application.class)
			.withBean(StubApiKeyService.class)
			.withPropertyValues("server.port=0", "management.server.port=0", "server.address=127.0.0.1")
			.withInitializer((context) -> context.addApplicationListener((ApplicationEvent event) -> {
				if (event instanceof ContextRefreshedEvent refreshed && refreshed.getApplicationContext() != context) {
					management.set(refreshed.getApplicationContext());
				}
			}))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				HandlerAdapter adapter = management.get().getBean("handlerAdapter", HandlerAdapter.class);
				assertThat(adapter.supports((HttpRequestHandler) (request, response) -> {
				})).isTrue();
				AnnotatedRequestHandler handler = new AnnotatedRequestHandler();
				assertThatExceptionOfType(ApiKeyConfigurationException.class)
					.isThrownBy(() -> adapter.supports(handler));
			});
	}

	private static HttpRequestHandler absent(String name) throws Exception {
		return (HttpRequestHandler) create(name);
	}

	private static Object create(String name) throws Exception {
		Constructor<?> constructor = new AbsentTypeClassLoader()
			.loadClass(HasApiKeyUsageCheckTests.class.getName() + "$" + name)
			.getDeclaredConstructor();
		constructor.setAccessible(true);
		return constructor.newInstance();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class ChainWithoutKeys {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByMethod {

		@Autowired
		void register(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping)
				throws NoSuchMethodException {
			mapping.registerMapping(RequestMappingInfo.paths("/by-hand").build(), new Annotated(),
					Annotated.class.getDeclaredMethod("inPublic"));
		}

	}

	@RestController
	static class RegistersItself {

		private final String method;

		RegistersItself(String method) {
			this.method = method;
		}

		@Autowired
		void register(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping)
				throws NoSuchMethodException {
			mapping.registerMapping(RequestMappingInfo.paths("/by-hand").build(), this,
					RegistersItself.class.getDeclaredMethod(this.method));
		}

		@HasApiKey
		@GetMapping("/guarded")
		public String guarded() {
			return "guarded";
		}

		public String open() {
			return "open";
		}

	}

	static class RegistersWhatIsOpen extends RegistersItself {

		RegistersWhatIsOpen() {
			super("open");
		}

	}

	static class RegistersWhatIsGuarded extends RegistersItself {

		RegistersWhatIsGuarded() {
			super("guarded");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByMethodOfPrivateHelper {

		@Bean
		WithHelpers withHelpers() {
			return new WithHelpers();
		}

		@Autowired
		void register(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping)
				throws NoSuchMethodException {
			mapping.registerMapping(RequestMappingInfo.paths("/by-hand").build(), "withHelpers",
					WithHelpers.class.getDeclaredMethod("help"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByBean {

		@Autowired
		void register(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping)
				throws NoSuchMethodException {
			mapping.registerMapping(RequestMappingInfo.paths("/by-hand").build(), "annotated",
					Annotated.class.getDeclaredMethod("inPublic"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByUrl {

		@Bean
		SimpleUrlHandlerMapping byHand() {
			return new SimpleUrlHandlerMapping(Map.of("/by-hand", new AnnotatedRequestHandler()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AsRoot {

		@Bean
		SimpleUrlHandlerMapping byHand() {
			return new SimpleUrlHandlerMapping(Map.of("/", new AnnotatedRequestHandler()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AsDefault {

		@Bean
		SimpleUrlHandlerMapping byHand() {
			SimpleUrlHandlerMapping mapping = new SimpleUrlHandlerMapping();
			mapping.setDefaultHandler(new AnnotatedRequestHandler());
			return mapping;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AsDefaultOfAnyMapping {

		@Autowired
		void register(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping) {
			mapping.setDefaultHandler(new AnnotatedRequestHandler());
		}

	}

	static class None {

	}

	@Configuration(proxyBeanMethods = false)
	static class AsWildcard {

		@Bean
		SimpleUrlHandlerMapping byHand() {
			return new SimpleUrlHandlerMapping(Map.of("/*", new AnnotatedRequestHandler()), -1);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByOwnMapping {

		@Bean
		OwnMapping byHand() {
			return new OwnMapping();
		}

	}

	static class OwnMapping implements HandlerMapping, Ordered {

		@Override
		public int getOrder() {
			return -1;
		}

		@Override
		public HandlerExecutionChain getHandler(HttpServletRequest request) {
			return request.getRequestURI().equals("/by-hand") ? new HandlerExecutionChain(handler()) : null;
		}

		HttpRequestHandler handler() {
			return new AnnotatedRequestHandler();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByOwnFunction {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return (request) -> Optional.of(new AnnotatedHandlerFunction());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByOwnFunctionMapping {

		@Bean
		RouterFunctionMapping byHand() {
			return new RouterFunctionMapping(
					RouterFunctions.route().GET("/by-hand", new AnnotatedHandlerFunction()).build());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByServletRegistration {

		@Bean
		ServletRegistrationBean<AnnotatedServlet> byHand() {
			return new ServletRegistrationBean<>(new AnnotatedServlet(), "/by-hand");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByFilterRegistration {

		@Bean
		FilterRegistrationBean<AnnotatedFilter> byHand() {
			return new FilterRegistrationBean<>(new AnnotatedFilter());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByFilterChain {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.addFilterAfter(new AnnotatedFilter(), AuthorizationFilter.class)
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByProxyOfChains {

		@Bean
		FilterRegistrationBean<FilterChainProxy> byHand() {
			return new FilterRegistrationBean<>(new FilterChainProxy(
					new DefaultSecurityFilterChain(AnyRequestMatcher.INSTANCE, new AnnotatedFilter())));
		}

	}

	@HasApiKey
	static class AnnotatedServlet extends HttpServlet {

		@Override
		protected void doGet(HttpServletRequest request, HttpServletResponse response) {
		}

	}

	static class AnnotatedDoGet extends HttpServlet {

		@Override
		@HasApiKey
		protected void doGet(HttpServletRequest request, HttpServletResponse response) {
		}

	}

	static class AnnotatedHandleRequestInternal extends AbstractController {

		@Override
		@HasApiKey
		public ModelAndView handleRequestInternal(HttpServletRequest request, HttpServletResponse response) {
			return new ModelAndView();
		}

	}

	static class AnnotatedFilter implements Filter {

		@Override
		@HasApiKey
		public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByFunction {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route()
				.path("/by", (builder) -> builder.GET("/hand", new AnnotatedHandlerFunction()))
				.build();
		}

	}

	static class OrderHandler {

		@HasApiKey
		public ServerResponse list(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	enum Holder {

		SINGLE;

		final OrderHandler handler = new OrderHandler();

	}

	enum Container {

		MAP_WITH_INITIALIZER((handler) -> new HashMap<>() {
			{
				put("orders", handler);
			}
		}),

		CONSTANT((handler) -> Holder.SINGLE),

		SUBCLASS_OF_LIST(Handlers::new),

		CASE_INSENSITIVE_MAP((handler) -> {
			Map<String, Object> map = new LinkedCaseInsensitiveMap<>();
			map.put("orders", handler);
			return map;
		}),

		ENTRY((handler) -> List.of(Map.entry("orders", handler))),

		SIMPLE_ENTRY((handler) -> new AbstractMap.SimpleEntry<>("orders", handler)),

		KEY((handler) -> Map.of(handler, "orders")),

		SYNCHRONIZED((handler) -> Collections.synchronizedCollection(List.of(handler))),

		CONCURRENT_MAP((handler) -> new ConcurrentHashMap<>(Map.of("orders", handler))),

		QUEUE((handler) -> new ConcurrentLinkedQueue<>(List.of(handler))),

		ARRAY((handler) -> new Object[][] { { handler } }),

		ATOMIC_ARRAY((handler) -> new AtomicReferenceArray<>(new Object[] { handler })),

		ATOMIC((handler) -> new AtomicReference<>(handler)),

		MARKABLE((handler) -> new AtomicMarkableReference<>(handler, true)),

		STAMPED((handler) -> new AtomicStampedReference<>(handler, 1)),

		OPTIONAL(Optional::of),

		WEAK((handler) -> List.of(new WeakReference<>(handler), new Handlers(handler))),

		SOFT(SoftReference::new),

		FUTURE(CompletableFuture::completedFuture);

		private final Function<Object, Object> hold;

		Container(Function<Object, Object> hold) {
			this.hold = hold;
		}

	}

	static class Handlers extends ArrayList<Object> {

		Handlers(Object handler) {
			add(handler);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByReference {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", new OrderHandler()::list).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByLambda {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			Optional<List<OrderHandler>> orders = Optional.of(List.of(new OrderHandler()));
			return RouterFunctions.route()
				.GET("/by-hand", (request) -> orders.orElseThrow().get(0).list(request))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByLambdaOfBean {

		private final OrderHandler orders = new OrderHandler();

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", (request) -> this.orders.list(request)).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByReferenceToABean {

		@Bean
		RouterFunction<ServerResponse> byHand(OrderHandler orders) {
			return RouterFunctions.route().GET("/by-hand", orders::list).build();
		}

	}

	static class ByReferenceToItself extends OrderHandler {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", this::list).build();
		}

	}

	static class ByLambdaToItself extends OrderHandler {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", (request) -> this.list(request)).build();
		}

	}

	static class ByHelperOfItself extends OrderHandler {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", this::help).build();
		}

		private ServerResponse help(ServerRequest request) {
			return Optional.of(request).map((each) -> list(each)).orElseThrow();
		}

	}

	static class ByInnerClassOfItself extends OrderHandler {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", new HandlerFunction<>() {

				@Override
				public ServerResponse handle(ServerRequest request) {
					return help(request);
				}

			}).build();
		}

		private ServerResponse help(ServerRequest request) {
			return list(request);
		}

	}

	/**
	 * A class of others calls what it is given.
	 */
	static class ByInnerClassThatAnotherHolds extends OrderHandler {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route().GET("/by-hand", new Listing(this) {

			}).build();
		}

	}

	static class Listing implements HandlerFunction<ServerResponse> {

		private final OrderHandler orders;

		Listing(OrderHandler orders) {
			this.orders = orders;
		}

		@Override
		public ServerResponse handle(ServerRequest request) {
			return this.orders.list(request);
		}

	}

	static class ByFilterOfItself extends OrderHandler {

		@Bean
		SecurityFilterChain byHand() {
			Filter filter = (request, response, chain) -> list(null);
			return new DefaultSecurityFilterChain(AnyRequestMatcher.INSTANCE, filter);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InFilter {

		@Bean
		Filter byHand() {
			OrderHandler orders = new OrderHandler();
			return (request, response, chain) -> orders.list(null);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InServlet {

		@Bean
		Servlet byHand() {
			return new HttpServlet() {

				private final OrderHandler orders = new OrderHandler();

				@Override
				protected void doGet(HttpServletRequest request, HttpServletResponse response) {
					this.orders.list(null);
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InServletListener {

		@Bean
		ServletRequestListener byHand() {
			return new ServletRequestListener() {

				private final OrderHandler orders = new OrderHandler();

				@Override
				public void requestInitialized(ServletRequestEvent event) {
					this.orders.list(null);
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InInitializer {

		@Bean
		ServletContextInitializer byHand() {
			AnnotatedServlet servlet = new AnnotatedServlet();
			return (servletContext) -> servletContext.addServlet("by-hand", servlet);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InInterceptor implements WebMvcConfigurer {

		@Override
		public void addInterceptors(InterceptorRegistry registry) {
			OrderHandler orders = new OrderHandler();
			registry.addInterceptor(new HandlerInterceptor() {

				@Override
				public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
					return orders.list(null) != null;
				}

			}).addPathPatterns("/**");
		}

	}

	/**
	 * Everything that Spring MVC can be given.
	 */
	@HasApiKey
	static class AnnotatedObject implements HandlerMethodArgumentResolver, HandlerMethodReturnValueHandler,
			Converter<String, OptionalInt>, Formatter<OptionalLong>, HandlerExceptionResolver, HandlerInterceptor,
			ViewResolver, ContentNegotiationStrategy, CallableProcessingInterceptor, WebBindingInitializer, Validator {

		@Override
		public boolean supportsParameter(MethodParameter parameter) {
			return false;
		}

		@Override
		public @Nullable Object resolveArgument(MethodParameter parameter, @Nullable ModelAndViewContainer container,
				NativeWebRequest request, @Nullable WebDataBinderFactory binderFactory) {
			return null;
		}

		@Override
		public boolean supportsReturnType(MethodParameter returnType) {
			return false;
		}

		@Override
		public void handleReturnValue(@Nullable Object returnValue, MethodParameter returnType,
				ModelAndViewContainer container, NativeWebRequest request) {
		}

		@Override
		public OptionalInt convert(String source) {
			return OptionalInt.of(Integer.parseInt(source));
		}

		@Override
		public String print(OptionalLong object, Locale locale) {
			return object.toString();
		}

		@Override
		public OptionalLong parse(String text, Locale locale) {
			return OptionalLong.of(Long.parseLong(text));
		}

		@Override
		public @Nullable ModelAndView resolveException(HttpServletRequest request, HttpServletResponse response,
				@Nullable Object handler, Exception ex) {
			return null;
		}

		@Override
		public @Nullable View resolveViewName(String viewName, Locale locale) {
			return null;
		}

		@Override
		public List<MediaType> resolveMediaTypes(NativeWebRequest request) {
			return MEDIA_TYPE_ALL_LIST;
		}

		@Override
		public void initBinder(WebDataBinder binder) {
		}

		@Override
		public boolean supports(Class<?> type) {
			return false;
		}

		@Override
		public void validate(Object target, Errors errors) {
		}

	}

	@HasApiKey
	static class AnnotatedMessageConverter extends StringHttpMessageConverter {

	}

	enum Given implements WebMvcConfigurer {

		ARGUMENT_RESOLVER {

			@Override
			public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
				resolvers.add(new AnnotatedObject());
			}

		},

		RETURN_VALUE_HANDLER {

			@Override
			public void addReturnValueHandlers(List<HandlerMethodReturnValueHandler> handlers) {
				handlers.add(new AnnotatedObject());
			}

		},

		CONVERTER {

			@Override
			public void addFormatters(FormatterRegistry registry) {
				registry.addConverter(new AnnotatedObject());
			}

		},

		REFERENCE_AS_CONVERTER {

			@Override
			public void addFormatters(FormatterRegistry registry) {
				registry.addConverter(String.class, OptionalInt.class, new AnnotatedObject()::convert);
			}

		},

		FORMATTER {

			@Override
			public void addFormatters(FormatterRegistry registry) {
				registry.addFormatterForFieldType(OptionalLong.class, new AnnotatedObject());
			}

		},

		EXCEPTION_RESOLVER {

			@Override
			public void extendHandlerExceptionResolvers(List<HandlerExceptionResolver> resolvers) {
				resolvers.add(new AnnotatedObject());
			}

		},

		INTERCEPTOR {

			@Override
			public void addInterceptors(InterceptorRegistry registry) {
				registry.addInterceptor(new AnnotatedObject()).addPathPatterns("/never");
			}

		},

		VIEW_RESOLVER {

			@Override
			public void configureViewResolvers(ViewResolverRegistry registry) {
				registry.viewResolver(new AnnotatedObject());
			}

		},

		MESSAGE_CONVERTER {

			@Override
			public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
				builder.addCustomConverter(new AnnotatedMessageConverter());
			}

		},

		CONTENT_NEGOTIATION {

			@Override
			public void configureContentNegotiation(ContentNegotiationConfigurer configurer) {
				configurer.strategies(List.of(new AnnotatedObject()));
			}

		},

		ASYNCHRONOUS_INTERCEPTOR {

			@Override
			public void configureAsyncSupport(AsyncSupportConfigurer configurer) {
				configurer.registerCallableInterceptors(new AnnotatedObject());
			}

		}

	}

	static class AnnotatedConverter implements Converter<String, OptionalInt> {

		@Override
		@HasApiKey
		public OptionalInt convert(String source) {
			return OptionalInt.of(Integer.parseInt(source));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByFactoryOfFilter {

		@Bean
		static FactoryBean<Filter> byHand() {
			OrderHandler orders = new OrderHandler();
			return new FactoryBean<>() {

				@Override
				public Filter getObject() {
					return (request, response, chain) -> orders.list(null);
				}

				@Override
				public Class<?> getObjectType() {
					return Filter.class;
				}

			};
		}

		@Bean
		Object user(Filter byHand) {
			return List.of(byHand);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByFactoryOfConversion {

		@Bean
		static FormattingConversionServiceFactoryBean byHand() {
			FormattingConversionServiceFactoryBean factory = new FormattingConversionServiceFactoryBean();
			factory.setConverters(Set.of(new AnnotatedConverter()));
			return factory;
		}

		@Bean
		Object user(@Qualifier("byHand") ConversionService byHand) {
			return List.of(byHand);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class GivesBeans implements WebMvcConfigurer {

		private final AnnotatedConverter converter;

		GivesBeans(AnnotatedConverter converter) {
			this.converter = converter;
		}

		@Override
		public void addFormatters(FormatterRegistry registry) {
			registry.addConverter(String.class, OptionalInt.class, this.converter);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AsBindingInitializerAfterTheStart {

		@EventListener(ContextRefreshedEvent.class)
		@Order(Ordered.HIGHEST_PRECEDENCE)
		void give(ContextRefreshedEvent event) {
			event.getApplicationContext()
				.getBean("requestMappingHandlerAdapter", RequestMappingHandlerAdapter.class)
				.setWebBindingInitializer(new AnnotatedObject());
		}

	}

	interface WithOrders {

		void orders();

	}

	static class FilterWithInner implements Filter, WithOrders {

		private final List<Runnable> inner = List.of(new Runnable() {

			private final Runnable again = () -> FilterWithInner.this.inner.forEach(Runnable::run);

			@Override
			public void run() {
				FilterWithInner.this.orders();
				this.again.run();
			}

		});

		@Override
		@HasApiKey
		public void orders() {
		}

		@Override
		public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
				throws IOException, ServletException {
			chain.doFilter(request, response);
		}

	}

	static class ServletWithInner extends HttpServlet implements WithOrders {

		private final transient Inner inner = new Inner();

		@Override
		@HasApiKey
		public void orders() {
			this.inner.outer().orders();
		}

		private final class Inner {

			ServletWithInner outer() {
				return ServletWithInner.this;
			}

		}

	}

	static class ListenerWithInner implements ServletRequestListener, WithOrders {

		private final Runnable reference = this::orders;

		@Override
		@HasApiKey
		public void orders() {
			this.reference.run();
		}

	}

	static class InterceptorWithInner implements HandlerInterceptor, WithOrders {

		private final InterceptorWithInner self = this;

		@Override
		@HasApiKey
		public void orders() {
			this.self.orders();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class GivesInterceptors implements WebMvcConfigurer {

		private final ObjectProvider<HandlerInterceptor> interceptors;

		GivesInterceptors(ObjectProvider<HandlerInterceptor> interceptors) {
			this.interceptors = interceptors;
		}

		@Override
		public void addInterceptors(InterceptorRegistry registry) {
			this.interceptors.forEach(registry::addInterceptor);
		}

	}

	@RestController
	static class ByLambdasOfItself {

		private final AtomicInteger count = new AtomicInteger();

		@HasApiKey
		@GetMapping("/guarded")
		public String guarded() {
			return "guarded";
		}

		public int count() {
			return this.count.incrementAndGet();
		}

		public ServerResponse ping(ServerRequest request) {
			return ServerResponse.ok().build();
		}

		private AuthorizationResult office(Object authentication, Object context) {
			return new AuthorizationDecision(true);
		}

		@Bean
		RouterFunction<ServerResponse> routes() {
			return RouterFunctions.route()
				.GET("/reference", this::ping)
				.GET("/lambda", (request) -> this.ping(request))
				.GET("/inner", new HandlerFunction<>() {

					@Override
					public ServerResponse handle(ServerRequest request) {
						return (ByLambdasOfItself.this.count.incrementAndGet() > 0) ? pong(request) : null;
					}

				})
				.build();
		}

		private ServerResponse pong(ServerRequest request) {
			return Optional.of(request).map(this::ping).orElseThrow();
		}

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.with(ApiKeyConfigurer.apiKey(), Customizer.withDefaults())
				.authorizeHttpRequests((requests) -> requests.anyRequest().access(this::office))
				.addFilterBefore((request, response, chain) -> {
					this.count();
					chain.doFilter(request, response);
				}, AuthorizationFilter.class)
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BehindFilter {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			return RouterFunctions.route()
				.GET("/by-hand", new OrderHandler()::list)
				.filter((request, next) -> next.handle(request))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AsFilterFunction {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			OrderHandler orders = new OrderHandler();
			return RouterFunctions.route()
				.GET("/by-hand", (request) -> ServerResponse.notFound().build())
				.filter((request, next) -> orders.list(request))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InFunctionBehindFilter {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			OrderHandler orders = new OrderHandler();
			RouterFunction<ServerResponse> any = (request) -> Optional.of(orders::list);
			return any.filter((request, next) -> next.handle(request));
		}

	}

	static class Wrapper implements HttpRequestHandler {

		private final HttpRequestHandler handler;

		Wrapper(HttpRequestHandler handler) {
			this.handler = handler;
		}

		@Override
		public void handleRequest(HttpServletRequest request, HttpServletResponse response)
				throws ServletException, IOException {
			this.handler.handleRequest(request, response);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InWrapper {

		@Bean
		SimpleUrlHandlerMapping byHand() {
			return new SimpleUrlHandlerMapping(
					Map.of("/by-hand", new Wrapper(new Wrapper(new AnnotatedRequestHandler()))));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByMethodOfWrapper {

		@Autowired
		void register(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping)
				throws NoSuchMethodException {
			mapping.registerMapping(RequestMappingInfo.paths("/by-hand").build(),
					new Wrapper(new AnnotatedRequestHandler()), Wrapper.class.getDeclaredMethod("handleRequest",
							HttpServletRequest.class, HttpServletResponse.class));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InInvocationHandler {

		@Bean
		SimpleUrlHandlerMapping byHand() {
			HttpRequestHandler handler = new AnnotatedRequestHandler();
			return new SimpleUrlHandlerMapping(Map.of("/by-hand",
					Proxy.newProxyInstance(HttpRequestHandler.class.getClassLoader(),
							new Class<?>[] { HttpRequestHandler.class },
							(proxy, method, arguments) -> method.invoke(handler, arguments))));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InErrorViewResolver {

		@Bean
		ErrorViewResolver byHand() {
			OrderHandler orders = new OrderHandler();
			return (request, status, model) -> (orders.list(null) != null) ? null : new ModelAndView();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InInterceptorOfOwnMapping {

		@Bean
		HandlerMapping byHand() {
			AnnotatedObject interceptor = new AnnotatedObject();
			return (request) -> new HandlerExecutionChain((HttpRequestHandler) (current, response) -> {
			}, interceptor);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BrokenMapping {

		@Bean
		Broken byHand() {
			return new Broken();
		}

		static class Broken extends SimpleUrlHandlerMapping {

			@Override
			public Object getDefaultHandler() {
				throw new IllegalStateException("not yet");
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BrokenMappingOfMethods {

		@Bean
		Broken byHand() {
			return new Broken();
		}

		static class Broken extends RequestMappingHandlerMapping {

			private boolean initialized;

			@Override
			public void afterPropertiesSet() {
				super.afterPropertiesSet();
				this.initialized = true;
			}

			@Override
			public Map<RequestMappingInfo, HandlerMethod> getHandlerMethods() {
				if (this.initialized) {
					throw new IllegalStateException("not yet");
				}
				return super.getHandlerMethods();
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BrokenRest {

		@Bean
		Broken byHand() {
			return new Broken();
		}

		static class Broken extends jakarta.ws.rs.core.Application {

			@Override
			public Set<Class<?>> getClasses() {
				throw new IllegalStateException("not yet");
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BrokenChain {

		@Bean
		Broken byHand() {
			return new Broken();
		}

		@Bean
		Annotated annotated() {
			return new Annotated();
		}

		static class Broken implements SecurityFilterChain, SmartInitializingSingleton {

			private boolean initialized;

			@Override
			public void afterSingletonsInstantiated() {
				this.initialized = true;
			}

			@Override
			public boolean matches(HttpServletRequest request) {
				return true;
			}

			@Override
			public List<Filter> getFilters() {
				if (this.initialized) {
					throw new IllegalStateException("not yet");
				}
				return List.of();
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LateMapping {

		@Bean
		SimpleUrlHandlerMapping byHand() {
			return new SimpleUrlHandlerMapping() {

				private final AtomicBoolean asked = new AtomicBoolean();

				@Override
				public Object getDefaultHandler() {
					Assert.state(this.asked.getAndSet(true), "not yet");
					return new AnnotatedRequestHandler();
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LateRest {

		@Bean
		jakarta.ws.rs.core.Application byHand() {
			return new jakarta.ws.rs.core.Application() {

				private final AtomicBoolean asked = new AtomicBoolean();

				@Override
				public Set<Class<?>> getClasses() {
					Assert.state(this.asked.getAndSet(true), "not yet");
					return Set.of(OrderHandler.class);
				}

			};
		}

	}

	public interface OrderApi {

		ServerResponse list(ServerRequest request);

	}

	static class OrderService implements OrderApi {

		@Override
		@HasApiKey
		public ServerResponse list(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BehindProxyOfSpring {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			OrderApi orders = (OrderApi) new ProxyFactory(new OrderService()).getProxy();
			return RouterFunctions.route().GET("/by-hand", (request) -> orders.list(request)).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BehindProxyOfTheJdk {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			OrderService target = new OrderService();
			OrderApi orders = (OrderApi) Proxy.newProxyInstance(OrderApi.class.getClassLoader(),
					new Class<?>[] { OrderApi.class }, (proxy, method, arguments) -> method.invoke(target, arguments));
			return RouterFunctions.route().GET("/by-hand", (request) -> orders.list(request)).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InCompositeFilter {

		@Bean
		FilterRegistrationBean<CompositeFilter> byHand() {
			CompositeFilter filters = new CompositeFilter();
			filters.setFilters(List.of(new AnnotatedFilter()));
			return new FilterRegistrationBean<>(filters);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByOwnMappingInWrapper {

		@Bean
		OwnMapping byHand() {
			return new OwnMapping() {

				@Override
				HttpRequestHandler handler() {
					return new Wrapper(super.handler());
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByOwnFunctionBehindFilter {

		@Bean
		RouterFunction<ServerResponse> byHand() {
			RouterFunction<ServerResponse> any = (request) -> Optional.of(new OrderHandler()::list);
			return any.filter((request, next) -> next.handle(request));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class HoldsBeans {

		@Bean
		LeakingHandler orders(Listeners listeners) {
			return new LeakingHandler(listeners);
		}

		@Bean
		Listeners listeners() {
			return new Listeners();
		}

		@Bean
		RouterFunction<ServerResponse> byHand(LeakingHandler orders, Listeners listeners, @Lazy LeakingHandler lazy) {
			return RouterFunctions.route()
				.GET("/reference", orders::list)
				.GET("/lambda", (request) -> orders.list(request))
				.GET("/leaked", (request) -> listeners.handlers.isEmpty() ? null : orders.list(request))
				.GET("/lazy", lazy::list)
				.build();
		}

	}

	@HasApiKey
	interface GuardedHandler extends HttpRequestHandler {

	}

	static class GuardedDecorator extends Wrapper implements GuardedHandler {

		GuardedDecorator(HttpRequestHandler handler) {
			super(handler);
		}

	}

	static class Decorated implements GuardedHandler {

		@Override
		public void handleRequest(HttpServletRequest request, HttpServletResponse response) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class HoldsDecorators {

		@Bean("/by-name")
		GuardedHandler decorator() {
			return new GuardedDecorator(new GuardedDecorator(new Decorated()));
		}

		@Bean
		RouterFunction<ServerResponse> lambda(GuardedHandler decorator) {
			return RouterFunctions.route().GET("/lambda", (request) -> {
				decorator.handleRequest(request.servletRequest(), new MockHttpServletResponse());
				return ServerResponse.ok().build();
			}).build();
		}

		@Bean
		SimpleUrlHandlerMapping wrapped(GuardedHandler decorator) {
			return new SimpleUrlHandlerMapping(Map.of("/wrapped", new Wrapper(decorator)), 1);
		}

	}

	/**
	 * The decorator demands nothing.
	 */
	@Configuration(proxyBeanMethods = false)
	static class InDecorator {

		@Bean
		SimpleUrlHandlerMapping byHand(Wrapper wrapper) {
			return new SimpleUrlHandlerMapping(Map.of("/by-hand", wrapper));
		}

		@Bean
		Wrapper wrapper() {
			return new Wrapper(new Decorated());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InDecoratorThatDemandsLess {

		@Bean("/by-hand")
		GuardedHandler decorator() {
			return new GuardedDecorator(new AnnotatedRequestHandler());
		}

	}

	interface Demanding {

		@HasApiKey("admin")
		String list();

	}

	static class Demanded implements Demanding {

		@Override
		public String list() {
			return "orders";
		}

	}

	/**
	 * A method that demands nothing calls the same object.
	 */
	@Configuration(proxyBeanMethods = false)
	static class InDecoratorWithAnotherDoor {

		@Bean("/by-hand")
		HttpRequestHandler decorator() {
			return new Opening();
		}

	}

	static class Opening implements HttpRequestHandler, Demanding {

		private final Demanding orders = new Demanded();

		@Override
		public void handleRequest(HttpServletRequest request, HttpServletResponse response) throws IOException {
			response.getWriter().write(this.orders.list());
		}

		@Override
		public String list() {
			return this.orders.list();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InDecoratorThatReplacesTheDemand {

		@Bean("/by-hand")
		HttpRequestHandler decorator() {
			return new Replacing();
		}

	}

	@HasApiKey("orders:read")
	static class Replacing implements HttpRequestHandler, Demanding {

		private final Demanding orders = new Demanded();

		@Override
		public void handleRequest(HttpServletRequest request, HttpServletResponse response) throws IOException {
			response.getWriter().write(list());
		}

		@Override
		@HasApiKey("orders:read")
		public String list() {
			return this.orders.list();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AsClassForEachConnection {

		@Bean
		SimpleUrlHandlerMapping byHand() {
			return new SimpleUrlHandlerMapping(
					Map.of("/by-hand", new WebSocketHttpRequestHandler(new PerConnectionWebSocketHandler(Socket.class),
							(request, response, handler, attributes) -> true)));
		}

	}

	static class Socket extends TextWebSocketHandler {

		@Override
		@HasApiKey
		public void handleMessage(WebSocketSession session, WebSocketMessage<?> message) {
		}

	}

	/**
	 * The same object is held by what is no decorator.
	 */
	@Configuration(proxyBeanMethods = false)
	static class InDecoratorAndBesideIt {

		private final HttpRequestHandler decorated = new Wrapper(new Decorated());

		@Bean("/by-name")
		GuardedHandler decorator() {
			return new GuardedDecorator(this.decorated);
		}

		@Bean
		SimpleUrlHandlerMapping byHand() {
			return new SimpleUrlHandlerMapping(Map.of("/by-hand", new Wrapper(this.decorated)), 10);
		}

	}

	static class ByReferenceThatIsABean extends OrderHandler {

		@Bean
		HandlerFunction<ServerResponse> handler() {
			return this::list;
		}

		@Bean
		RouterFunction<ServerResponse> byHand(HandlerFunction<ServerResponse> handler) {
			return RouterFunctions.route().GET("/by-hand", (request) -> handler.handle(request)).build();
		}

	}

	static class Listeners {

		private final List<OrderHandler> handlers = new ArrayList<>();

	}

	/**
	 * Adds itself, and not its proxy, to another bean.
	 */
	static class LeakingHandler extends OrderHandler {

		LeakingHandler(Listeners listeners) {
			listeners.handlers.add(this);
		}

	}

	@HasApiKey
	static class AnnotatedHandlerFunction implements HandlerFunction<ServerResponse> {

		@Override
		public ServerResponse handle(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AfterTheStart {

		@EventListener(ContextRefreshedEvent.class)
		@Order(Ordered.HIGHEST_PRECEDENCE)
		void register(ContextRefreshedEvent event) throws NoSuchMethodException {
			new ByMethod().register(event.getApplicationContext()
				.getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class));
		}

	}

	public static class AnnotatedRequestHandler implements HttpRequestHandler {

		@Override
		@HasApiKey
		public void handleRequest(HttpServletRequest request, HttpServletResponse response) {
		}

	}

	@RestController
	@HasApiKey
	static class Annotated {

		@GetMapping("/public")
		public String inPublic() {
			return "public";
		}

		@GetMapping("/protected")
		protected String inFamily() {
			return "protected";
		}

		@GetMapping("/package")
		String inPackage() {
			return "package";
		}

	}

	@RestController
	static class Versioned {

		@HasApiKey
		@GetMapping(path = "/versioned", version = "1")
		String first() {
			return "first";
		}

		@HasApiKey("orders:write")
		@GetMapping(path = "/versioned", version = "2")
		String second() {
			return "second";
		}

	}

	@RestController
	@HasApiKey
	static class WithFinalMethod {

		@GetMapping("/orders")
		public final String orders() {
			return "orders";
		}

	}

	static class Orders {

		@GetMapping("/orders")
		public final String orders() {
			return "orders";
		}

	}

	@RestController
	@HasApiKey
	static class ExtendsFinalMethod extends Orders {

	}

	@HasApiKey
	interface OrdersApi {

		@GetMapping("/orders")
		String orders();

	}

	@RestController
	static class AnnotatedByInterface implements OrdersApi {

		@Override
		public final String orders() {
			return "orders";
		}

	}

	@RestController
	@HasApiKey
	static class WithHelpers {

		@GetMapping("/helped")
		String helped() {
			return help() + suffix();
		}

		private String help() {
			return "hel";
		}

		private static String suffix() {
			return "ped";
		}

	}

	static class AbsentType {

	}

	static class NamesAbsentType {

		void use(AbsentType absent) {
		}

	}

	static class AnnotatedNamesAbsentType extends AnnotatedRequestHandler {

		@Override
		@HasApiKey
		public void handleRequest(HttpServletRequest request, HttpServletResponse response) {
		}

		void use(AbsentType absent) {
		}

	}

	static class InheritsNamesAbsentType extends AnnotatedRequestHandler {

		void use(AbsentType absent) {
		}

	}

	@HasApiKey
	static class AnnotatedAndNamesAbsentType extends OtherNamesAbsentType {

		void use(AbsentType absent) {
		}

	}

	static class OtherNamesAbsentType implements HttpRequestHandler {

		@Override
		@Deprecated
		public void handleRequest(HttpServletRequest request, HttpServletResponse response) {
		}

		void use(AbsentType absent) {
		}

	}

	interface HandlerOfAbsentType extends HttpRequestHandler {

		default void use(AbsentType absent) {
		}

	}

	@HasApiKey
	interface AnnotatedHandlerOfAbsentType extends HandlerOfAbsentType {

	}

	static class LambdaOfAbsentType implements Supplier<HttpRequestHandler> {

		@Override
		public HttpRequestHandler get() {
			HandlerOfAbsentType handler = (request, response) -> {
			};
			return handler;
		}

	}

	static class LambdaOfAnnotatedAndAbsentType implements Supplier<HttpRequestHandler> {

		@Override
		public HttpRequestHandler get() {
			AnnotatedHandlerOfAbsentType handler = (request, response) -> {
			};
			return handler;
		}

	}

	/**
	 * A class path without {@link AbsentType}.
	 */
	static class AbsentTypeClassLoader extends OverridingClassLoader {

		AbsentTypeClassLoader() {
			super(HasApiKeyUsageCheckTests.class.getClassLoader());
		}

		@Override
		protected boolean isEligibleForOverriding(String className) {
			return className.endsWith("AbsentType");
		}

		@Override
		protected Class<?> loadClassForOverriding(String name) throws ClassNotFoundException {
			if (name.equals(AbsentType.class.getName())) {
				throw new ClassNotFoundException(name);
			}
			return super.loadClassForOverriding(name);
		}

	}

}
