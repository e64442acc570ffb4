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

import java.lang.ref.Reference;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicMarkableReference;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.AtomicStampedReference;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.apikeys.core.support.Answers;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.SpringProxy;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.BeanUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.env.PropertyResolver;
import org.springframework.util.ConcurrentReferenceHashMap;

/**
 * Finds the objects that a handler holds: what a lambda or a method reference captured,
 * and what is in the fields of a wrapper, since the class of neither tells what it calls.
 * The search ends at beans, which are inspected themselves; of a bean it sees what the
 * bean made for itself. It reads fields, and calls nothing of the application.
 */
final class HandlerParts {

	private static final Log logger = LogFactory.getLog(HandlerParts.class);

	private static final int MAX_PARTS = 10_000;

	private static final int MAX_LEVELS = 20;

	private static final int LEVELS_OF_BEAN = 2;

	private static final int LEVELS_OF_PROXY = 5;

	/**
	 * The JDK, which opens its fields to nobody, what holds loggers and servers, and what
	 * decides on requests instead of handling them.
	 */
	private static final List<String> CLOSED = List.of("java.", "javax.", "jdk.", "sun.", "com.sun.",
			"org.apache.commons.logging.", "org.slf4j.", "ch.qos.logback.", "org.apache.logging.",
			"org.apache.catalina.", "org.eclipse.jetty.", "org.springframework.security.");

	/** Whose filters run, as others of Spring Security do not. */
	private static final List<String> CHAINS = List.of("org.springframework.security.web.FilterChainProxy",
			"org.springframework.security.web.DefaultSecurityFilterChain",
			"org.springframework.security.web.server.WebFilterChainProxy",
			"org.springframework.security.web.server.MatcherSecurityWebFilterChain");

	private final Map<Class<?>, List<Field>> fields = new ConcurrentReferenceHashMap<>();

	private final Cache<Object, Boolean> beans = Caffeine.newBuilder().weakKeys().build();

	private final Cache<Object, Boolean> searched = Caffeine.newBuilder().weakKeys().build();

	/** Beans, as far as they are searched for those that hold them. */
	private final Cache<Object, Boolean> searchedBeans = Caffeine.newBuilder().weakKeys().build();

	private final Set<Class<?>> incomplete = ConcurrentHashMap.newKeySet();

	private final BiPredicate<Object, Object> decidesFor;

	/**
	 * Creates a search.
	 * @param decidesFor tells whether the proxy of a bean decides on all that an object
	 * demands
	 */
	HandlerParts(BiPredicate<Object, Object> decidesFor) {
		this.decidesFor = decidesFor;
	}

	/**
	 * Makes a bean known, and what is behind its proxies.
	 */
	void addBean(Object bean) {
		for (Object level : levels(bean)) {
			// a lambda has no proxy, and calls what it captured, whether it is a bean or
			// not
			if (!level.getClass().isHidden()) {
				this.beans.put(level, true);
			}
		}
	}

	/**
	 * A bean, and what is behind its proxies.
	 */
	private static List<Object> levels(Object bean) {
		List<Object> levels = new ArrayList<>();
		for (Object level = bean; level != null; level = AopProxyUtils.getSingletonTarget(level)) {
			levels.add(level);
		}
		return levels;
	}

	/**
	 * Has everything searched again, since it may hold more by now.
	 */
	void forgetSearched() {
		this.searched.invalidateAll();
		this.searchedBeans.invalidateAll();
	}

	/**
	 * Visits a handler and the objects that it holds, without those that were searched
	 * before and found to be in order.
	 * @param handler the handler
	 * @param visitor is told by which objects each is held, as far as that matters, and
	 * throws an exception if one is not in order
	 */
	void visit(Object handler, BiConsumer<Object, Collection<Object>> visitor) {
		if (isSearched(handler)) {
			return;
		}
		if (isBean(handler)) {
			visitor.accept(handler, List.of());
			visitWithin(handler, MAX_LEVELS, visitor).forEach((bean, holders) -> {
				visitor.accept(bean.object(), holders);
				visitWithin(bean.object(), visitor);
			});
			this.searched.put(handler, true);
			return;
		}
		Map<Part, Collection<Object>> held = collect(List.of(handler), List.of(), MAX_LEVELS);
		held.forEach((part, holders) -> visitor.accept(part.object(), holders));
		List<Object> objects = held.keySet().stream().map(Part::object).toList();
		objects.stream().filter(this::isBean).forEach((bean) -> visitWithin(bean, visitor));
		// only now is the handler in order
		objects.stream().filter((object) -> !isBean(object)).forEach((object) -> this.searched.put(object, true));
	}

	/**
	 * Handlers may be new for each request, and the beans that they hold are not.
	 */
	private void visitWithin(Object bean, BiConsumer<Object, Collection<Object>> visitor) {
		if (this.searchedBeans.getIfPresent(bean) == null) {
			visitWithin(bean, LEVELS_OF_BEAN, visitor);
			this.searchedBeans.put(bean, true);
		}
	}

	/**
	 * Visits what a bean made for itself, but not what its own proxy decides on: a
	 * decorator is guarded itself. Another bean may have given itself to this one, which
	 * then calls it from within. What refers to the bean itself, as an object of an inner
	 * class does, is code of the bean.
	 * @return the other beans that it holds
	 */
	private Map<Part, Collection<Object>> visitWithin(Object bean, int levels,
			BiConsumer<Object, Collection<Object>> visitor) {
		Map<Part, Collection<Object>> beans = new LinkedHashMap<>();
		List<Part> itself = levels(bean).stream().map(Part::new).toList();
		collect(parts(bean), List.of(bean), levels).forEach((part, holders) -> {
			if (itself.contains(part)) {
				return;
			}
			if (isBean(part.object())) {
				beans.put(part, holders);
			}
			else if (!this.decidesFor.test(bean, part.object())) {
				visitor.accept(part.object(), holders);
			}
		});
		return beans;
	}

	/**
	 * Returns what a proxy of others, or another wrapper, holds, up to the next beans.
	 */
	Collection<Object> within(Object wrapper) {
		// what a proxy says of its target need not be true
		Collection<Object> parts = Proxy.isProxyClass(wrapper.getClass()) ? List.of(Proxy.getInvocationHandler(wrapper))
				: parts(wrapper);
		return collect(parts, List.of(wrapper), LEVELS_OF_PROXY).keySet()
			.stream()
			.map(Part::object)
			.filter((part) -> !isBean(part))
			.toList();
	}

	/**
	 * Returns what holds an object within another one, up to the next beans.
	 */
	Collection<Object> holders(Object held, Object within) {
		return canHold(within) ? collect(List.of(within), List.of(), MAX_LEVELS).getOrDefault(new Part(held), List.of())
				: List.of();
	}

	/**
	 * Returns whether an object is a bean, or is behind the proxies of one.
	 */
	boolean isBean(Object object) {
		return this.beans.getIfPresent(object) != null;
	}

	private boolean isSearched(Object object) {
		return this.searched.getIfPresent(object) != null;
	}

	/**
	 * Collects objects, each with those that hold it.
	 */
	private Map<Part, Collection<Object>> collect(Collection<Object> from, Collection<Object> holders, int levels) {
		Map<Part, Collection<Object>> collected = new LinkedHashMap<>();
		from.forEach((part) -> collected.put(new Part(part), new ArrayList<>(holders)));
		Collection<Object> level = collected.keySet().stream().map(Part::object).toList();
		for (int i = 1; i < levels && !level.isEmpty(); i++) {
			Collection<Object> next = new ArrayList<>();
			for (Object holder : level) {
				if (!isBean(holder) && !isSearched(holder)) {
					for (Object part : parts(holder)) {
						Collection<Object> known = collected.get(new Part(part));
						if (known != null) {
							known.add(holder);
						}
						else if (collected.size() < MAX_PARTS) {
							collected.put(new Part(part), new ArrayList<>(List.of(holder)));
							next.add(part);
						}
						else {
							warn(holder.getClass(), "the search found more than " + MAX_PARTS + " objects");
						}
					}
				}
			}
			level = next;
		}
		if (levels == MAX_LEVELS) {
			level.stream()
				.filter((holder) -> !isBean(holder) && !isSearched(holder))
				.filter((holder) -> parts(holder).stream().anyMatch((part) -> !collected.containsKey(new Part(part))))
				.forEach((holder) -> warn(holder.getClass(), "it is " + MAX_LEVELS + " objects away from the handler"));
		}
		return collected;
	}

	private Collection<Object> parts(Object object) {
		Object target = AopProxyUtils.getSingletonTarget(object);
		if (target != null) {
			// what makes a proxy is none, and does not hide its target
			return (object instanceof SpringProxy) ? parts(target) : List.of(target);
		}
		List<Object> parts = new ArrayList<>();
		Consumer<@Nullable Object> sink = (part) -> {
			if (part != null && canHold(part)) {
				parts.add(part);
			}
		};
		if (Proxy.isProxyClass(object.getClass())) {
			sink.accept(Proxy.getInvocationHandler(object));
		}
		else {
			if (isContainer(object)) {
				addElements(object, sink);
			}
			fields(object.getClass()).forEach((field) -> sink.accept(value(field, object)));
			Answers
				.of(object, object.getClass().getName(),
						"the objects that it registers, to inspect them for @HasApiKey",
						() -> RegisteredClasses.objects(object), List.of())
				.forEach(sink);
		}
		return parts;
	}

	private static boolean canHold(Object object) {
		return !(object instanceof BeanFactory || object instanceof PropertyResolver)
				&& (!isClosed(object.getClass()) || isContainer(object));
	}

	/**
	 * The JDK puts proxies of public interfaces in packages of its own.
	 */
	private static boolean isClosed(Class<?> type) {
		return type.isArray() || !Proxy.isProxyClass(type) && !CHAINS.contains(type.getName())
				&& CLOSED.stream().anyMatch(type.getName()::startsWith);
	}

	/**
	 * Whether elements are where nobody can read fields: the class, or one that it
	 * extends, is of the JDK.
	 */
	private static boolean isContainer(Object object) {
		if (object instanceof Object[]) {
			return true;
		}
		boolean holds = object instanceof Collection || object instanceof Map || object instanceof Map.Entry
				|| object instanceof Optional || object instanceof AtomicReference
				|| object instanceof AtomicReferenceArray || object instanceof AtomicMarkableReference
				|| object instanceof AtomicStampedReference || object instanceof Reference
				|| object instanceof CompletableFuture;
		Class<?> type = object.getClass();
		while (holds && !type.getName().startsWith("java.")) {
			type = type.getSuperclass();
		}
		return holds && type != Object.class;
	}

	private void addElements(Object container, Consumer<@Nullable Object> sink) {
		try {
			if (container instanceof Object[] array) {
				addAll(Arrays.asList(array), container, sink);
			}
			else if (container instanceof Map<?, ?> map) {
				addAll(map.keySet(), container, sink);
				addAll(map.values(), container, sink);
			}
			else if (container instanceof Collection<?> collection) {
				addAll(collection, container, sink);
			}
			else if (container instanceof AtomicReferenceArray<?> array) {
				addAll(IntStream.range(0, array.length()).mapToObj(array::get).toList(), container, sink);
			}
			else {
				addElement(container, sink);
			}
		}
		catch (RuntimeException ex) {
			// changed by somebody else at the moment, or loaded from a database
			warn(container.getClass(), ex.toString());
		}
	}

	private static void addElement(Object container, Consumer<@Nullable Object> sink) {
		if (container instanceof Map.Entry<?, ?> entry) {
			sink.accept(entry.getKey());
			sink.accept(entry.getValue());
		}
		else if (container instanceof Optional<?> optional) {
			optional.ifPresent(sink);
		}
		else if (container instanceof AtomicReference<?> reference) {
			sink.accept(reference.get());
		}
		else if (container instanceof AtomicMarkableReference<?> reference) {
			sink.accept(reference.getReference());
		}
		else if (container instanceof AtomicStampedReference<?> reference) {
			sink.accept(reference.getReference());
		}
		else if (container instanceof Reference<?> reference) {
			sink.accept(reference.get());
		}
		else if (container instanceof CompletableFuture<?> future && future.isDone()
				&& !future.isCompletedExceptionally()) {
			sink.accept(future.getNow(null));
		}
	}

	private void addAll(Collection<?> elements, Object container, Consumer<@Nullable Object> sink) {
		int found = 0;
		for (Object element : elements) {
			if (++found > MAX_PARTS) {
				warn(container.getClass(), "there are more than " + MAX_PARTS);
				return;
			}
			sink.accept(element);
		}
	}

	/**
	 * Says once for each class that the search had to give up.
	 */
	private void warn(Class<?> holder, String reason) {
		if (this.incomplete.add(holder)) {
			logger.warn("Not all that an object of " + holder + " holds was searched for @HasApiKey, since " + reason
					+ ". Make beans of the objects with the annotation.");
		}
	}

	private List<Field> fields(Class<?> type) {
		return this.fields.computeIfAbsent(type, this::findFields);
	}

	private List<Field> findFields(Class<?> type) {
		List<Field> fields = new ArrayList<>();
		for (Class<?> level = type; level != null && !isClosed(level); level = level.getSuperclass()) {
			try {
				for (Field field : level.getDeclaredFields()) {
					if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
						addField(field, type, fields);
					}
				}
			}
			catch (LinkageError ex) {
				// the type of a field is missing
			}
		}
		return List.copyOf(fields);
	}

	private void addField(Field field, Class<?> type, List<Field> fields) {
		if (field.trySetAccessible()) {
			fields.add(field);
		}
		else if (!BeanUtils.isSimpleValueType(field.getType())) {
			warn(type, "its module does not open " + field.getDeclaringClass().getPackageName());
		}
	}

	private static @Nullable Object value(Field field, Object object) {
		try {
			return field.get(object);
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * An object that is held, and no other that is equal to it.
	 */
	private record Part(Object object) {

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Part part && part.object == this.object;
		}

		@Override
		public int hashCode() {
			return System.identityHashCode(this.object);
		}

	}

}
