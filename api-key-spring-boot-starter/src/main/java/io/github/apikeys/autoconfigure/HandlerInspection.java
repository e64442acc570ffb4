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

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import io.github.apikeys.core.support.Answers;
import io.github.apikeys.security.HasApiKeyInspector;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Inspects what servers and frameworks call: the handlers that a registry knows, what is
 * called by its type, what these hold, and the classes that they name.
 */
final class HandlerInspection {

	private final HasApiKeyInspector inspector;

	private final NamedInspection inspection;

	private final HandlerParts handlerParts;

	HandlerInspection(HasApiKeyInspector inspector, NamedInspection inspection, HandlerParts handlerParts) {
		this.inspector = inspector;
		this.inspection = inspection;
		this.handlerParts = handlerParts;
	}

	/**
	 * Inspects what a bean has called if it is a registry, or is called by its type.
	 * @param beanFactory where handlers are that the registry knows by name
	 */
	void inspectKnownBy(Object bean, String name, ConfigurableListableBeanFactory beanFactory) {
		RegisteredHandlers.of(bean, name).forEach((handler) -> inspect(handler, name, beanFactory));
		inspectClasses(bean, name, beanFactory);
	}

	/**
	 * Inspects what a request is dispatched to, before it runs.
	 */
	void inspectDispatched(Object handler, ConfigurableListableBeanFactory beanFactory) {
		RegisteredHandlers.Handler dispatched = RegisteredHandlers.ofDispatched(handler);
		inspectHandler(dispatched.handler(), dispatched.handler().getClass().getName(), beanFactory,
				dispatched.methods());
	}

	/**
	 * A server knows the class of such a bean, and not the bean.
	 */
	void inspectEndpoints(ConfigurableListableBeanFactory beanFactory) {
		for (String name : beanFactory.getBeanDefinitionNames()) {
			Class<?> type = beanFactory.getType(name, false);
			if (type != null && this.inspector.isUsedOn(type) && RegisteredClasses.isEndpointOfServer(type)) {
				throw madeByOthers(name, type);
			}
		}
	}

	private void inspectClasses(Object registry, String name, ConfigurableListableBeanFactory beanFactory) {
		Object target = RegisteredHandlers.target(registry);
		List<Class<?>> named = Answers.of(target, name, "the classes that it registers, to inspect them for @HasApiKey",
				() -> RegisteredClasses.of(target, beanFactory), List.of());
		for (Class<?> type : named) {
			if (this.inspector.isUsedOn(type)) {
				throw madeByOthers(name, type);
			}
		}
	}

	private static ApiKeyConfigurationException madeByOthers(String name, Class<?> type) {
		return new ApiKeyConfigurationException(
				"Bean '" + name + "': @HasApiKey would protect nothing in " + ClassUtils.getUserClass(type).getName()
						+ ", since a server or a framework is given the class and makes objects of it, "
						+ "which no proxy is in front of.",
				"Give it a bean instead of a class. A class that an application of Jakarta REST names must be "
						+ "annotated with @Component, and there must be one bean of it; a class with @ServerEndpoint "
						+ "needs the configurator SpringConfigurator, or one that extends it. Or put the annotation on a bean that is called "
						+ "there.");
	}

	private void inspect(RegisteredHandlers.Handler registered, String mapping,
			ConfigurableListableBeanFactory beanFactory) {
		Object handler = (registered.handler() instanceof String name) ? ExistingBeans.find(beanFactory, name)
				: registered.handler();
		if (handler != null && !(handler instanceof FactoryBean)) {
			inspectHandler(handler, mapping, beanFactory, registered.methods());
		}
	}

	/**
	 * A controller is a bean like others, which calls what is injected.
	 */
	private void inspectHandler(Object handler, String mapping, ConfigurableListableBeanFactory beanFactory,
			Method... methods) {
		inspectClasses(handler, mapping, beanFactory);
		if (this.inspector.isUsedBy(handler)) {
			this.inspection.inspect(handler, mapping, methods);
		}
		if (methods.length == 0 || !this.handlerParts.isBean(handler)) {
			this.handlerParts.visit(handler, (part, holders) -> inspectPart(part, holders, mapping, beanFactory));
		}
	}

	private void inspectPart(Object part, Collection<Object> holders, String mapping,
			ConfigurableListableBeanFactory beanFactory) {
		inspectClasses(part, mapping, beanFactory);
		if (this.inspector.isUsedBy(part)) {
			Set<Method> calls = calls(part, holders);
			if (calls != null) {
				this.inspection.inspectCalls(part, mapping, calls);
			}
			else {
				this.inspection.inspect(part, mapping);
			}
		}
	}

	/**
	 * A method of a bean that makes a lambda gives it the object behind the proxy.
	 * @return what lambdas alone call on a bean, or {@code null} if that is not known
	 */
	private @Nullable Set<Method> calls(Object part, Collection<Object> holders) {
		return (!holders.isEmpty() && isBehindProxies(part))
				? CapturedCalls.find(part, holders, (within) -> this.handlerParts.holders(part, within)) : null;
	}

	/**
	 * Returns whether an object is that of a bean. A bean without proxies is inspected as
	 * such.
	 */
	private boolean isBehindProxies(Object object) {
		return !(object instanceof Advised) && this.handlerParts.isBean(object);
	}

}
