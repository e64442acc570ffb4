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
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.asm.Handle;
import org.springframework.asm.Type;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Reads in the files of a class and its inner classes what those call on an object of the
 * class: its lambdas and method references, and objects of inner classes. Which lambda an
 * object is, only its interface and the number of objects that it captured tell: all that
 * match are taken together.
 */
final class CapturedCalls {

	private static final String LAMBDA = "$$Lambda";

	private final Class<?> captured;

	private final Class<?> home;

	private final Map<String, ClassCalls> files = new HashMap<>();

	/**
	 * Creates a search.
	 * @param captured the class of the object that is called
	 * @param home the class that contains all the code that calls it
	 */
	private CapturedCalls(Class<?> captured, Class<?> home) {
		this.captured = captured;
		this.home = home;
	}

	/**
	 * Finds the methods of an object that its own code may call from another one: what a
	 * lambda refers to, and what its body, the methods of an inner class and private
	 * helpers call.
	 * @return the methods, or {@code null} if it is code of others, or nobody can tell
	 */
	static @Nullable Set<Method> find(Object holder, Object captured) {
		try {
			Class<?> type = ClassUtils.getUserClass(captured);
			Class<?> caller = holder.getClass();
			return caller.isHidden() ? new CapturedCalls(type, outermost(caller.getNestHost())).ofLambda(caller)
					: new CapturedCalls(type, outermost(type)).ofInnerClass(holder, captured);
		}
		catch (IOException | RuntimeException | LinkageError ex) {
			return null;
		}
	}

	private static Class<?> outermost(Class<?> type) {
		Class<?> enclosing = type.getEnclosingClass();
		return (enclosing != null) ? outermost(enclosing) : type;
	}

	private @Nullable Set<Method> ofLambda(Class<?> lambda) throws IOException {
		int end = lambda.getName().indexOf(LAMBDA);
		if (end < 0) {
			return null;
		}
		Set<String> interfaces = new HashSet<>();
		Arrays.stream(lambda.getInterfaces()).map(Type::getInternalName).forEach(interfaces::add);
		List<Handle> targets = file(lambda.getName().substring(0, end).replace('.', '/'), lambda).sites()
			.stream()
			.filter((site) -> interfaces.contains(site.type()) && site.captured() == lambda.getDeclaredFields().length)
			.map(ClassCalls.Site::target)
			.toList();
		if (targets.isEmpty()) {
			return null;
		}
		Set<Method> found = new LinkedHashSet<>();
		targets.forEach((target) -> addMethods(target, found));
		return follow(targets, found);
	}

	/**
	 * A class that others wrote and that has the object as well may call anything.
	 */
	private @Nullable Set<Method> ofInnerClass(Object holder, Object captured) throws IOException {
		List<Handle> called = new ArrayList<>();
		for (Class<?> level = holder.getClass(); level != null; level = level.getSuperclass()) {
			if (outermost(level) == this.home) {
				file(Type.getInternalName(level), level).calls().values().forEach(called::addAll);
			}
			else if (Arrays.stream(level.getDeclaredFields()).anyMatch((field) -> mayHave(field, holder, captured))) {
				return null;
			}
		}
		return called.isEmpty() ? null : follow(called, new LinkedHashSet<>());
	}

	private static boolean mayHave(Field field, Object holder, Object captured) {
		if (Modifier.isStatic(field.getModifiers()) || !field.getType().isInstance(captured)) {
			return false;
		}
		return !field.trySetAccessible() || ReflectionUtils.getField(field, holder) == captured;
	}

	private @Nullable Set<Method> follow(List<Handle> called, Set<Method> found) throws IOException {
		Deque<Handle> open = new ArrayDeque<>(called);
		Set<Handle> followed = new HashSet<>();
		while (!open.isEmpty()) {
			Handle call = open.remove();
			if (call.getOwner().startsWith("java/lang/reflect/") || call.getOwner().startsWith("java/lang/invoke/")) {
				return null;
			}
			List<Handle> ofHelper = isOurs(call) ? file(call.getOwner(), this.home).ofHelper(call) : null;
			if (ofHelper == null) {
				addMethods(call, found);
			}
			else if (followed.add(call)) {
				open.addAll(ofHelper);
			}
		}
		return found;
	}

	private boolean isOurs(Handle call) {
		String name = Type.getInternalName(this.home);
		return call.getOwner().equals(name) || call.getOwner().startsWith(name + "$");
	}

	private ClassCalls file(String name, Class<?> neighbour) throws IOException {
		ClassCalls file = this.files.get(name);
		if (file == null) {
			file = ClassCalls.read(name, neighbour.getClassLoader());
			this.files.put(name, file);
		}
		return file;
	}

	private void addMethods(Handle call, Set<Method> found) {
		Set<Class<?>> types = new LinkedHashSet<>(ClassUtils.getAllInterfacesForClassAsSet(this.captured));
		for (Class<?> type = this.captured; type != null && type != Object.class; type = type.getSuperclass()) {
			types.add(type);
		}
		if (types.stream().noneMatch((type) -> Type.getInternalName(type).equals(call.getOwner()))) {
			return;
		}
		for (Class<?> type : types) {
			for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
				if (method.getName().equals(call.getName()) && Type.getMethodDescriptor(method).equals(call.getDesc())
						&& !method.isSynthetic() && !ReflectionUtils.isObjectMethod(method)) {
					found.add(method);
				}
			}
		}
	}

}
