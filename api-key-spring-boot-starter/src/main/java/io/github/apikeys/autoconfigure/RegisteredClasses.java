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

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

import jakarta.servlet.Registration;
import jakarta.servlet.ServletContext;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.SpringProxy;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.beans.PropertyAccessor;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.stereotype.Component;

/**
 * The classes of which a server or a framework makes objects itself, since it was given
 * no object: that there is a bean of such a class means nothing to it. Applications of
 * Jakarta REST and endpoints of Jakarta WebSocket are asked by name, since they do not
 * have to be on the class path.
 */
final class RegisteredClasses {

	private static final boolean SERVLET_PRESENT = OptionalType.SERVLET.isPresent();

	private static final @Nullable Class<?> REST_APPLICATION = OptionalType.REST_APPLICATION.find();

	private static final @Nullable Class<?> ENDPOINT_CONFIG = OptionalType.WEBSOCKET_ENDPOINT.find();

	private static final @Nullable Class<?> ENDPOINT_EXPORTER = OptionalType.WEBSOCKET_EXPORTER.find();

	private static final @Nullable Class<?> PER_CONNECTION = OptionalType.WEBSOCKET_HANDLERS.find();

	/** They have the container create what they are asked for. */
	private static final List<String> CONFIGURATORS = List.of(
			"org.springframework.web.socket.server.standard.SpringConfigurator",
			"org.springframework.web.socket.server.standard.ServerEndpointRegistration");

	private RegisteredClasses() {
	}

	/**
	 * Returns whether an object is given to a framework to be called, and may name
	 * classes besides what it holds.
	 */
	static boolean isRegistry(Object object) {
		return isInstance(REST_APPLICATION, object) || isInstance(ENDPOINT_CONFIG, object)
				|| isInstance(PER_CONNECTION, object);
	}

	private static boolean isInstance(@Nullable Class<?> type, Object object) {
		return type != null && type.isInstance(object);
	}

	/**
	 * Returns the objects that a registry gives to a framework when it is asked.
	 */
	static Collection<?> objects(Object registry) {
		return isInstance(REST_APPLICATION, registry) ? values(bean(registry), "singletons").toList() : List.of();
	}

	/**
	 * Returns the classes that an object names, and of which others than the container
	 * make objects.
	 * @param object any object that is no proxy
	 * @param beanFactory where a framework looks for beans
	 * @return the classes; empty if it names none
	 */
	static List<Class<?>> of(Object object, ListableBeanFactory beanFactory) {
		if (isInstance(REST_APPLICATION, object)) {
			return classes(bean(object), "classes").filter((type) -> !isOnlyComponent(type, beanFactory)).toList();
		}
		if (isInstance(ENDPOINT_CONFIG, object)) {
			BeanWrapper config = bean(object);
			Object configurator = config.getPropertyValue("configurator");
			return (configurator != null && makesBeans(configurator.getClass())) ? List.of()
					: classes(config, "endpointClass").toList();
		}
		if (isInstance(ENDPOINT_EXPORTER, object)) {
			return classes(new DirectFieldAccessor(object), "annotatedEndpointClasses")
				.filter(RegisteredClasses::isEndpointOfServer)
				.toList();
		}
		if (isInstance(PER_CONNECTION, object)) {
			// it has a bean factory create what it makes only if it is told of one
			PropertyAccessor provider = new DirectFieldAccessor(object);
			return (provider.getPropertyValue("beanFactory") != null) ? List.of()
					: classes(provider, "handlerType").toList();
		}
		return (SERVLET_PRESENT && object instanceof ServletContext servletContext) ? Servlets.of(servletContext)
				: List.of();
	}

	/**
	 * Jersey asks the container for components of which there is one.
	 */
	private static boolean isOnlyComponent(Class<?> type, ListableBeanFactory beanFactory) {
		return AnnotatedElementUtils.hasAnnotation(type, Component.class)
				&& BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, type).length == 1;
	}

	/**
	 * Returns whether a server makes the objects of a class that is registered as an
	 * endpoint, as it does for a bean as well.
	 */
	static boolean isEndpointOfServer(Class<?> type) {
		if (ENDPOINT_CONFIG == null) {
			return false;
		}
		MergedAnnotation<?> endpoint = MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY)
			.get("jakarta.websocket.server.ServerEndpoint");
		return endpoint.isPresent() && !makesBeans(endpoint.getClass("configurator"));
	}

	private static boolean makesBeans(Class<?> configurator) {
		for (Class<?> type = configurator; type != null; type = type.getSuperclass()) {
			if (CONFIGURATORS.contains(type.getName())) {
				return true;
			}
		}
		return false;
	}

	private static BeanWrapper bean(Object object) {
		return PropertyAccessorFactory.forBeanPropertyAccess(object);
	}

	private static Stream<Class<?>> classes(PropertyAccessor object, String property) {
		return values(object, property).filter(Class.class::isInstance).map((type) -> (Class<?>) type);
	}

	private static Stream<?> values(PropertyAccessor object, String property) {
		Object value = object.isReadableProperty(property) ? object.getPropertyValue(property) : null;
		return (value instanceof Collection<?> several) ? several.stream() : Stream.ofNullable(value);
	}

	/**
	 * The class of what was added tells whether there is a proxy in front of it.
	 */
	private static final class Servlets {

		static List<Class<?>> of(ServletContext servletContext) {
			try {
				return Stream.of(servletContext.getServletRegistrations(), servletContext.getFilterRegistrations())
					.flatMap((registrations) -> registrations.values().stream())
					.map(Registration::getClassName)
					.<Class<?>>mapMulti((name, sink) -> {
						Class<?> type = OptionalType.find(name, servletContext.getClassLoader());
						if (type != null && !SpringProxy.class.isAssignableFrom(type)) {
							sink.accept(type);
						}
					})
					.toList();
			}
			catch (UnsupportedOperationException ex) {
				// a servlet context that was passed to a programmatic listener
				return List.of();
			}
		}

	}

}
