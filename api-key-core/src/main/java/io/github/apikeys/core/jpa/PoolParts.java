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

package io.github.apikeys.core.jpa;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * What a known data source consists of: other data sources, and whatever it calls for a
 * connection or a statement. Libraries take code of applications in fields, in lists, and
 * by the names of classes, so these are what is looked at, and not the features of each
 * library.
 */
final class PoolParts {

	/** From a data source to what it leaves to a setting, such as a list of listeners. */
	private static final int DEPTH = 5;

	/**
	 * So near, all that is told or answers with a text counts. Further away are names of
	 * metrics, and contexts of observations.
	 */
	private static final int NEAR = 2;

	/** What is given names and numbers, and never a connection. */
	private static final List<String> MEASURING = List.of("io.micrometer.core", "com.zaxxer.hikari.metrics");

	private static final Pattern CLASS_NAME = Pattern.compile("(?:[a-z_]\\w*\\.)+[A-Z][\\w$]*");

	private final List<DataSource> dataSources = new ArrayList<>();

	private final Set<Seen> seen = new HashSet<>();

	private final List<Object> next = new ArrayList<>();

	private int depth;

	private @Nullable String foreign;

	private PoolParts() {
	}

	static PoolParts of(Object holder) {
		PoolParts parts = new PoolParts();
		parts.next.add(holder);
		for (parts.depth = 1; parts.depth <= DEPTH; parts.depth++) {
			List<Object> holders = List.copyOf(parts.next);
			parts.next.clear();
			holders.forEach(parts::addFields);
		}
		return parts;
	}

	List<DataSource> dataSources() {
		return this.dataSources;
	}

	/**
	 * Returns what is called for a connection or a statement, and is not known.
	 * @return what it is, for people to read, or {@code null} if there is nothing
	 */
	@Nullable String foreign() {
		return this.foreign;
	}

	private void addFields(Object holder) {
		ReflectionUtils.doWithFields(holder.getClass(), (field) -> {
			Object value = field.trySetAccessible() ? field.get(holder) : null;
			if (value != null) {
				add(value, field.getType());
			}
		}, (field) -> !Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive());
	}

	private void add(Object value, Class<?> declared) {
		if (value instanceof Connection || !this.seen.add(new Seen(value))) {
			return;
		}
		if (value instanceof DataSource dataSource) {
			this.dataSources.add(dataSource);
		}
		else if (value instanceof String text) {
			addNames(text);
		}
		else if (value instanceof Class<?> type) {
			addType(type, Stream.of(type));
		}
		else if (value instanceof Map<?, ?> map) {
			addAll(map.values());
		}
		else if (value instanceof Collection<?> collection) {
			addAll(collection);
		}
		else if (value instanceof Object[] array) {
			addAll(Arrays.asList(array));
		}
		else {
			Object code = Proxy.isProxyClass(value.getClass()) ? Proxy.getInvocationHandler(value) : value;
			if (KnownCode.contains(code.getClass())) {
				this.next.add(code);
			}
			else {
				addType(code.getClass(), Stream.of(value.getClass(), declared));
			}
		}
	}

	private void addAll(Collection<?> values) {
		try {
			for (Object value : values) {
				if (value != null) {
					add(value, Object.class);
				}
			}
		}
		catch (ConcurrentModificationException | UnsupportedOperationException ex) {
			// settings do not change while a pool works, as its connections do
		}
	}

	/**
	 * A text may consist of the names of several classes, with settings of each.
	 */
	private void addNames(String text) {
		Matcher names = CLASS_NAME.matcher(text);
		while (names.find()) {
			if (ClassUtils.isPresent(names.group(), null)) {
				Class<?> type = ClassUtils.resolveClassName(names.group(), null);
				addType(type, Stream.of(type));
			}
		}
	}

	private void addType(Class<?> type, Stream<Class<?>> contracts) {
		if (this.foreign == null && !KnownCode.contains(type) && !isOfJava(type)) {
			contracts.flatMap(PoolParts::withSupertypes)
				.filter((contract) -> KnownCode.contains(contract) || isOfJdbc(contract))
				.filter((contract) -> !KnownCode.isIn(MEASURING, contract))
				.filter(this::reachesConnections)
				.findFirst()
				.ifPresent((contract) -> this.foreign = "the " + contract.getSimpleName() + " " + type.getName());
		}
	}

	private static Stream<Class<?>> withSupertypes(Class<?> type) {
		Stream<Class<?>> classes = Stream.iterate(type, Objects::nonNull, Class::getSuperclass);
		return Stream.concat(ClassUtils.getAllInterfacesForClassAsSet(type).stream(), classes);
	}

	/**
	 * Whether code of that type answers with SQL or a connection, or is given something
	 * that leads to one.
	 */
	private boolean reachesConnections(Class<?> contract) {
		return Stream.of(contract.getMethods(), contract.getDeclaredMethods())
			.flatMap(Arrays::stream)
			.filter((method) -> method.getDeclaringClass() != Object.class && !Modifier.isStatic(method.getModifiers()))
			.anyMatch((method) -> isOfJdbc(method.getReturnType())
					|| (method.getReturnType() == String.class && this.depth <= NEAR)
					|| Arrays.stream(method.getParameterTypes()).anyMatch(this::leadsToConnection));
	}

	private boolean leadsToConnection(Class<?> parameter) {
		if (this.depth <= NEAR && !parameter.isEnum() && (parameter == Object.class || KnownCode.contains(parameter))) {
			return true;
		}
		return isOfJdbc(parameter) || (KnownCode.contains(parameter) && Arrays.stream(parameter.getMethods())
			.filter((method) -> method.getParameterCount() == 0)
			.map(Method::getReturnType)
			.anyMatch((type) -> isOfJdbc(type) || type == Object.class));
	}

	private static boolean isOfJdbc(Class<?> type) {
		return type.isInterface() && List.of("java.sql", "javax.sql").contains(type.getPackageName());
	}

	private static boolean isOfJava(Class<?> type) {
		return Stream.of("java.", "javax.", "jdk.", "sun.", "com.sun.").anyMatch(type.getName()::startsWith);
	}

	/**
	 * An object that was looked at, whatever it thinks that it equals.
	 */
	private record Seen(Object object) {

		@Override
		public boolean equals(Object other) {
			return other instanceof Seen seen && seen.object == this.object;
		}

		@Override
		public int hashCode() {
			return System.identityHashCode(this.object);
		}

	}

}
