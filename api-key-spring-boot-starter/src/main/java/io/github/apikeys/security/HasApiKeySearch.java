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

package io.github.apikeys.security;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.util.ClassUtils;
import org.springframework.util.ConcurrentReferenceHashMap;
import org.springframework.util.ReflectionUtils;

/**
 * Finds the {@link HasApiKey} that counts for a call: the one answer for everybody who
 * asks. It starts at the class of the bean and not, as elsewhere in Spring, at the class
 * that declares the method: an inherited method must not lose the scopes that the bean's
 * own class or interface demands.
 */
final class HasApiKeySearch {

	private static final Map<Class<? extends Annotation>, Boolean> CARRIERS = new ConcurrentReferenceHashMap<>();

	private HasApiKeySearch() {
	}

	/**
	 * Finds the annotation that stands on the method, on what it overrides or implements,
	 * or on any of the types. One replaces another only where its type extends or
	 * implements the other's type; what is left must agree.
	 * @param method the called method
	 * @param types the classes of the object that is called, and of its proxies; the type
	 * that declares the method belongs to them
	 * @throws AnnotationConfigurationException if there are several that say different
	 * things, and none replaces the others
	 */
	static @Nullable HasApiKey find(Method method, Collection<Class<?>> types) {
		Set<Class<?>> all = new LinkedHashSet<>(types);
		all.add(method.getDeclaringClass());
		Map<Class<?>, HasApiKey> found = onMethods(method, all);
		Map<Class<?>, HasApiKey> onTypes = closest(all, (candidate, type) -> List.of(candidate));
		// a method replaces what its own type says, not what other types say
		onTypes.keySet().removeIf((ruled) -> found.keySet().stream().anyMatch(ruled::isAssignableFrom));
		found.putAll(onTypes);
		return found.isEmpty() ? null : unique(method, found.values());
	}

	static boolean isOnMethod(Method method, Collection<Class<?>> types) {
		return !onMethods(method, types).isEmpty();
	}

	/**
	 * Returns whether the annotation stands on an element itself, however it is composed
	 * or repeated there.
	 * @throws AnnotationConfigurationException if it stands there and cannot be read,
	 * since a type that it names is missing: Spring would pass over it
	 */
	static boolean isOn(AnnotatedElement element) {
		for (Annotation annotation : element.getDeclaredAnnotations()) {
			if (canCarry(annotation.annotationType())) {
				if (MergedAnnotations.from(element).isPresent(HasApiKey.class)) {
					return true;
				}
				throw new AnnotationConfigurationException("@HasApiKey on " + element
						+ " cannot be read: a type that it names is missing, or it is a container of nothing");
			}
		}
		return false;
	}

	/**
	 * Returns whether the annotation stands on a type or on a method that it declares.
	 */
	static boolean isDeclaredBy(Class<?> type) {
		return isOn(type) || Arrays.stream(ReflectionUtils.getDeclaredMethods(type))
			.anyMatch((method) -> method.getDeclaringClass() == type && isOn(method));
	}

	/**
	 * Returns whether annotations of a type can be, carry or contain the annotation. Each
	 * type is looked at once: a start asks for every method of every bean.
	 */
	static boolean canCarry(Class<? extends Annotation> type) {
		Boolean known = CARRIERS.get(type);
		if (known == null) {
			known = canCarry(type, new HashSet<>());
			CARRIERS.put(type, known);
		}
		return known;
	}

	private static boolean canCarry(Class<? extends Annotation> type, Set<Class<? extends Annotation>> seen) {
		if (type == HasApiKey.class) {
			return true;
		}
		// an annotation can carry itself
		if (!seen.add(type)) {
			return false;
		}
		for (Annotation meta : type.getDeclaredAnnotations()) {
			if (canCarry(meta.annotationType(), seen)) {
				return true;
			}
		}
		Method value = ReflectionUtils.findMethod(type, "value");
		Class<?> contained = (value != null) ? value.getReturnType().getComponentType() : null;
		return contained != null && contained.isAnnotation() && canCarry(contained.asSubclass(Annotation.class), seen);
	}

	private static Map<Class<?>, HasApiKey> onMethods(Method method, Collection<Class<?>> types) {
		return closest(types, (candidate, type) -> declared(candidate, method, running(method, type), type));
	}

	private static Method running(Method method, Class<?> type) {
		return AopUtils.getMostSpecificMethod(method, ClassUtils.getUserClass(type));
	}

	/**
	 * Finds the methods of a type that are the called one, are overridden by it or
	 * implemented by it: a generic type may declare several.
	 */
	private static List<Method> declared(Class<?> candidate, Method method, Method running, Class<?> type) {
		if (!candidate.isInterface() && !candidate.isAssignableFrom(running.getDeclaringClass())) {
			return List.of();
		}
		List<Method> declared = Arrays.stream(ReflectionUtils.getDeclaredMethods(candidate))
			.filter((other) -> other.getDeclaringClass() == candidate
					&& (other.equals(running) || (other.getName().equals(method.getName())
							&& other.getParameterCount() == method.getParameterCount()
							&& isOverridable(other, running.getDeclaringClass())
							&& (hasParametersOf(other, running) || hasParametersOf(other, method)
									|| running(other, type).equals(running)))))
			.toList();
		List<Method> written = declared.stream().filter((other) -> !other.isBridge()).toList();
		return written.isEmpty() ? declared : written;
	}

	/**
	 * Returns whether the rules of the language let a class override a method, as far as
	 * its visibility is concerned.
	 */
	static boolean isOverridable(Method method, Class<?> type) {
		int modifiers = method.getModifiers();
		if (Modifier.isPrivate(modifiers) || Modifier.isStatic(modifiers)) {
			return false;
		}
		Class<?> declaring = method.getDeclaringClass();
		return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers)
				|| (declaring.getPackageName().equals(type.getPackageName())
						&& declaring.getClassLoader() == type.getClassLoader());
	}

	private static boolean hasParametersOf(Method method, Method other) {
		return Arrays.equals(method.getParameterTypes(), other.getParameterTypes());
	}

	/**
	 * Collects the annotations of types and of all above them, without those that another
	 * one below replaces.
	 * @param elements returns what may be annotated, for a type and the one of the given
	 * types that it is above
	 */
	private static Map<Class<?>, HasApiKey> closest(Collection<Class<?>> types,
			BiFunction<Class<?>, Class<?>, List<? extends AnnotatedElement>> elements) {
		Map<Class<?>, Set<AnnotatedElement>> annotated = new LinkedHashMap<>();
		for (Class<?> type : types) {
			for (Class<?> candidate : hierarchy(type)) {
				elements.apply(candidate, type)
					.stream()
					.filter(HasApiKeySearch::isOn)
					.forEach((element) -> annotated.computeIfAbsent(candidate, (key) -> new LinkedHashSet<>())
						.add(element));
			}
		}
		Map<Class<?>, HasApiKey> found = new LinkedHashMap<>();
		annotated.forEach((candidate, on) -> found.put(candidate,
				unique((on.size() > 1) ? candidate : on.iterator().next(),
						on.stream()
							.flatMap((element) -> MergedAnnotations.from(element).stream(HasApiKey.class))
							.map(MergedAnnotation::synthesize)
							.toList())));
		List<Class<?>> all = List.copyOf(found.keySet());
		found.keySet().removeIf((one) -> all.stream().anyMatch((other) -> other != one && one.isAssignableFrom(other)));
		return found;
	}

	/**
	 * Returns a type and all that it extends or implements, but not {@code Object}.
	 */
	static Set<Class<?>> hierarchy(Class<?> type) {
		Set<Class<?>> hierarchy = new LinkedHashSet<>();
		addHierarchy(type, hierarchy);
		return hierarchy;
	}

	private static void addHierarchy(@Nullable Class<?> type, Set<Class<?>> hierarchy) {
		if (type == null || type == Object.class || !hierarchy.add(type)) {
			return;
		}
		addHierarchy(type.getSuperclass(), hierarchy);
		for (Class<?> implemented : type.getInterfaces()) {
			addHierarchy(implemented, hierarchy);
		}
	}

	private static HasApiKey unique(AnnotatedElement element, Collection<HasApiKey> found) {
		Set<HasApiKey> different = new LinkedHashSet<>(found);
		if (different.size() > 1) {
			throw new AnnotationConfigurationException(
					"There must be one @HasApiKey that counts for " + element + ", but there are " + different);
		}
		return different.iterator().next();
	}

}
