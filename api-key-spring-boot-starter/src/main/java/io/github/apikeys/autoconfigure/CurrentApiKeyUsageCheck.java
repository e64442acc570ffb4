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

import java.lang.annotation.Annotation;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.CurrentApiKeyArgumentResolver;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodParameter;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.core.log.LogMessage;
import org.springframework.stereotype.Controller;
import org.springframework.util.ClassUtils;

/**
 * Makes sure that {@link CurrentApiKey} stands only where a verified key fills it, or
 * stops the start. What fills a parameter instead may be the request. Beans are looked at
 * by their classes when all singletons are there, and what is made later when it is
 * created.
 */
final class CurrentApiKeyUsageCheck implements BeanPostProcessor, SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(CurrentApiKeyUsageCheck.class);

	private static final List<String> FILLED = List.of("org.springframework.web.bind.annotation.RequestMapping",
			"org.springframework.web.bind.annotation.ExceptionHandler",
			"org.springframework.web.bind.annotation.ModelAttribute",
			"org.springframework.web.bind.annotation.InitBinder",
			"org.springframework.graphql.data.method.annotation.SchemaMapping",
			"org.springframework.graphql.data.method.annotation.GraphQlExceptionHandler");

	private static final List<String> OF_OTHERS = List.of("java.", "javax.", "jakarta.", "kotlin.",
			"org.springframework.");

	private static final String MVC_REGISTRY = "org.springframework.web.servlet.handler.AbstractHandlerMethodMapping";

	private final ConfigurableListableBeanFactory beanFactory;

	private final Set<Class<?>> checked = ConcurrentHashMap.newKeySet();

	private final Set<Method> registered = new HashSet<>();

	private volatile boolean started;

	CurrentApiKeyUsageCheck(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		Set<Class<?>> types = new LinkedHashSet<>();
		for (String name : this.beanFactory.getSingletonNames()) {
			Object singleton = this.beanFactory.getSingleton(name);
			if (singleton != null) {
				types.add(AopProxyUtils.ultimateTargetClass(singleton));
				RegisteredHandlers.of(singleton, name).forEach((handler) -> {
					if (isOfMvc(singleton)) {
						this.registered.addAll(List.of(handler.methods()));
					}
					if (!(handler.handler() instanceof String)) {
						types.add(AopProxyUtils.ultimateTargetClass(handler.handler()));
					}
				});
			}
		}
		for (String name : this.beanFactory.getBeanDefinitionNames()) {
			Class<?> type = this.beanFactory.containsSingleton(name) ? null : type(name);
			if (type != null) {
				types.add(type);
			}
		}
		types.forEach(this::check);
		this.started = true;
	}

	private static boolean isOfMvc(Object registry) {
		for (Class<?> type = registry.getClass(); type != null; type = type.getSuperclass()) {
			if (type.getName().equals(MVC_REGISTRY)) {
				return true;
			}
		}
		return false;
	}

	private @Nullable Class<?> type(String name) {
		if (this.beanFactory.getBeanDefinition(name).isAbstract()) {
			return null;
		}
		Class<?> type = AutoProxyUtils.determineTargetClass(this.beanFactory, name);
		return (type != null) ? type : this.beanFactory.getType(name, false);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (this.started) {
			check(AopProxyUtils.ultimateTargetClass(bean));
		}
		return bean;
	}

	private void check(Class<?> beanType) {
		Class<?> type = ClassUtils.getUserClass(beanType);
		if (isOfOthers(type) || !this.checked.add(type)) {
			return;
		}
		try {
			boolean controller = AnnotatedElementUtils.hasAnnotation(type, Controller.class);
			for (Class<?> declaring : hierarchy(type)) {
				for (Method method : declaring.getDeclaredMethods()) {
					if (!method.isBridge() && method.getParameterCount() > 0) {
						check(method, type, controller);
					}
				}
			}
		}
		catch (LinkageError ex) {
			// a class that names types that are not there
			logger.debug(LogMessage.format("Not inspected for @CurrentApiKey: %s", type), ex);
		}
	}

	private static Set<Class<?>> hierarchy(Class<?> type) {
		Set<Class<?>> hierarchy = new LinkedHashSet<>(ClassUtils.getAllInterfacesForClassAsSet(type));
		for (Class<?> current = type; current != null; current = current.getSuperclass()) {
			hierarchy.add(current);
		}
		hierarchy.removeIf(CurrentApiKeyUsageCheck::isOfOthers);
		return hierarchy;
	}

	private static boolean isOfOthers(Class<?> type) {
		return type.isPrimitive() || type.isArray() || OF_OTHERS.stream().anyMatch(type.getName()::startsWith);
	}

	private void check(Method method, Class<?> type, boolean controller) {
		Parameter[] parameters = method.getParameters();
		for (int i = 0; i < parameters.length; i++) {
			if (parameters[i].isAnnotationPresent(CurrentApiKey.class)) {
				Method specific = ClassUtils.getMostSpecificMethod(method, type);
				checkType(new MethodParameter(method, i).withContainingClass(type), specific);
				checkAlone(parameters[i], specific.getParameters()[i], specific);
				checkHandler(specific, type);
			}
			else if (controller && !isOfOthers(parameters[i].getType())) {
				checkNotBound(parameters[i].getType());
			}
		}
	}

	private void checkType(MethodParameter parameter, Method handler) {
		try {
			CurrentApiKeyArgumentResolver.check(parameter);
		}
		catch (IllegalArgumentException ex) {
			throw failure(ex.getMessage() + ".", "Change the type of the parameter. Use @RequestParam or "
					+ "@RequestHeader for values of the request, and ApiKeyPrincipal for those of the key.");
		}
		Class<?> type = parameter.nestedIfOptional().getNestedParameterType();
		if (ApiKey.class.isAssignableFrom(type)) {
			this.beanFactory.getBeanProvider(KeyTypeCheck.class)
				.ifAvailable((check) -> check.loaded(type.asSubclass(ApiKey.class), handler));
		}
	}

	private static void checkAlone(Parameter parameter, Parameter specific, Method method) {
		Stream.concat(Arrays.stream(parameter.getAnnotations()), Arrays.stream(specific.getAnnotations()))
			.map(Annotation::annotationType)
			.filter((other) -> other.getName().startsWith("org.springframework.")
					&& !other.getName().startsWith("org.springframework.lang."))
			.findFirst()
			.ifPresent((other) -> {
				throw failure("A parameter of " + method + " has the annotations @CurrentApiKey and @"
						+ other.getSimpleName() + ", which would fill it with another value.", "Remove one of them.");
			});
	}

	/**
	 * Only the application itself calls a method without any annotation.
	 */
	private void checkHandler(Method method, Class<?> type) {
		MergedAnnotations annotations = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY);
		boolean filled = this.registered.contains(method) || FILLED.stream().anyMatch(annotations::isPresent);
		if ((filled && isReactive()) || (!filled && annotations.iterator().hasNext())) {
			throw failure(
					"@CurrentApiKey on a parameter of " + method + " of " + type.getName()
							+ " is never filled: it works on methods that handle requests of Spring MVC or fields of "
							+ "Spring for GraphQL, @BatchMapping excepted.",
					"Remove it, and ask ApiKeyFactor.find(SecurityContextHolder.getContext().getAuthentication()), or "
							+ "verify the token that came with the message with ApiKeyTokenVerifier.");
		}
	}

	private boolean isReactive() {
		Class<?> adapter = OptionalType.REACTIVE_ADAPTER.find();
		return adapter != null && this.beanFactory.getBeanNamesForType(adapter, false, false).length > 0;
	}

	/**
	 * Objects that are made of a request are made by their constructors.
	 */
	private static void checkNotBound(Class<?> bound) {
		for (Executable constructor : bound.getDeclaredConstructors()) {
			for (Parameter parameter : constructor.getParameters()) {
				if (parameter.isAnnotationPresent(CurrentApiKey.class)) {
					throw failure(
							"@CurrentApiKey on a parameter of " + constructor
									+ " would be filled from the request, since a handler takes such an object.",
							"Remove it there, and add a parameter '@CurrentApiKey ApiKeyPrincipal key' to the handler.");
				}
			}
		}
	}

	private static ApiKeyConfigurationException failure(String description, String action) {
		return new ApiKeyConfigurationException(description, action);
	}

}
