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
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.github.apikeys.autoconfigure.ClassCalls.FieldName;
import io.github.apikeys.autoconfigure.ClassCalls.Signature;
import org.jspecify.annotations.Nullable;

import org.springframework.asm.Handle;
import org.springframework.asm.Type;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Finds what lambdas and objects of inner classes of a class call on an object of it, in
 * the files of its classes, of those that it extends, and of what is nested in them. If
 * the object may get anywhere else, nobody can tell. Which lambda an object is, only its
 * interface and the number of objects that it captured tell: all that match are taken
 * together, without those that capture another object for sure.
 */
final class CapturedCalls {

	private static final String LAMBDA = "$$Lambda";

	private static final List<String> REFLECTION = List.of("java/lang/reflect/", "java/lang/invoke/");

	private final Object captured;

	private final Function<Object, Collection<Object>> holders;

	private final Map<String, Class<?>> types;

	private final HomeFiles files;

	/** The fields of its types in which other objects may have the object. */
	private final Set<String> kept;

	private final List<Object> followedHolders = new ArrayList<>();

	private final Set<String> followedClasses = new HashSet<>();

	private final Set<ObjectCall> followedCalls = new HashSet<>();

	private final Deque<ObjectCall> open = new ArrayDeque<>();

	private final Set<Method> found = new LinkedHashSet<>();

	private CapturedCalls(Object captured, Function<Object, Collection<Object>> holders, Set<String> kept) {
		this.captured = captured;
		this.holders = holders;
		this.kept = kept;
		Class<?> type = ClassUtils.getUserClass(captured);
		this.types = types(type);
		this.files = new HomeFiles(type.getClassLoader(), this.types.values());
	}

	/**
	 * Finds the methods of an object that others may call which hold it.
	 * @param captured the object, without its proxies
	 * @param held what holds the object
	 * @param holders finds what holds the object within another one
	 * @return the methods, or {@code null} if nobody can tell
	 */
	static @Nullable Set<Method> find(Object captured, Collection<Object> held,
			Function<Object, Collection<Object>> holders) {
		try {
			Set<String> kept = new HashSet<>();
			while (true) {
				int known = kept.size();
				Set<Method> found = new CapturedCalls(captured, holders, kept).follow(held);
				if (kept.size() == known) {
					return found;
				}
			}
		}
		catch (IOException | RuntimeException | LinkageError ex) {
			return null;
		}
	}

	private static Map<String, Class<?>> types(Class<?> captured) {
		Set<Class<?>> types = new LinkedHashSet<>(ClassUtils.getAllInterfacesForClassAsSet(captured));
		for (Class<?> type = captured; type != null && type != Object.class; type = type.getSuperclass()) {
			types.add(type);
		}
		return types.stream().collect(Collectors.toMap(Type::getInternalName, Function.identity()));
	}

	private static IllegalStateException unknown() {
		return new IllegalStateException("Nobody can tell who calls the object");
	}

	private Set<Method> follow(Collection<Object> held) throws IOException {
		for (Object holder : held) {
			followHolder(holder);
		}
		while (!this.open.isEmpty()) {
			follow(this.open.remove());
		}
		return this.found;
	}

	private void followHolder(Object holder) throws IOException {
		if (this.followedHolders.stream().anyMatch((followed) -> followed == holder)) {
			return;
		}
		this.followedHolders.add(holder);
		if (holder.getClass().isHidden()) {
			followLambda(holder.getClass());
		}
		else {
			followInnerClass(holder);
		}
	}

	private void followLambda(Class<?> lambda) throws IOException {
		int end = lambda.getName().indexOf(LAMBDA);
		if (end < 0) {
			throw unknown();
		}
		this.files.add(lambda.getNestHost());
		List<String> interfaces = Arrays.stream(lambda.getInterfaces()).map(Type::getInternalName).toList();
		String maker = lambda.getName().substring(0, end).replace('.', '/');
		boolean found = false;
		for (ClassCalls.Site site : this.files.get(maker).sites()) {
			if (interfaces.contains(site.lambda().type())
					&& site.lambda().captured().size() == lambda.getDeclaredFields().length) {
				BitSet captured = captured(maker, site);
				if (!captured.isEmpty()) {
					this.open.add(ObjectCall.ofLambda(site.lambda().target(), captured));
					found = true;
				}
			}
		}
		if (!found) {
			throw unknown();
		}
	}

	/**
	 * What makes a lambda may give it another object of the class, such as the proxy.
	 */
	private BitSet captured(String maker, ClassCalls.Site site) throws IOException {
		BitSet receiver = new BitSet();
		receiver.set(0, this.types.containsKey(maker) && !this.files.get(maker).isStatic(site.method()));
		return flow(maker, site.method(), receiver).captured(site.lambda());
	}

	private ObjectFlow flow(String type, Signature method, BitSet given) throws IOException {
		boolean injected = this.files.isInjected(type, method);
		return this.files.get(type).follow(method, injected, given, this.types.keySet(), this::mayHaveItself);
	}

	/**
	 * A class that others wrote and that has the object as well may call anything, and so
	 * may one that reads it from a field.
	 */
	private void followInnerClass(Object holder) throws IOException {
		if (!this.files.has(Type.getInternalName(holder.getClass()))) {
			throw unknown();
		}
		for (Class<?> level = holder.getClass(); level != null; level = level.getSuperclass()) {
			String name = Type.getInternalName(level);
			for (Field field : level.getDeclaredFields()) {
				if (mayHave(field, holder)) {
					keep(new FieldName(name, field.getName()));
				}
			}
			followClass(name);
		}
	}

	/**
	 * All who read the field must be followed.
	 */
	private void keep(FieldName field) throws IOException {
		if (!this.files.isClosed(field)) {
			throw unknown();
		}
		if (this.types.containsKey(field.owner())) {
			this.kept.add(field.name());
		}
	}

	private boolean mayHave(Field field, Object holder) {
		if (Modifier.isStatic(field.getModifiers()) || !field.getType().isInstance(this.captured)) {
			return false;
		}
		return !field.trySetAccessible() || ReflectionUtils.getField(field, holder) == this.captured;
	}

	/**
	 * Others may call any method of an object that has the captured one, whatever both
	 * have in common.
	 */
	private void followClass(String name) throws IOException {
		String level = name;
		while (this.files.has(level) && this.followedClasses.add(level)) {
			for (Signature method : this.files.get(level).methods()) {
				followCode(level, method, new BitSet());
			}
			level = this.files.get(level).superclass();
		}
	}

	private void follow(ObjectCall call) throws IOException {
		String owner = call.target().getOwner();
		if (REFLECTION.stream().anyMatch(owner::startsWith)) {
			throw unknown();
		}
		if (!this.followedCalls.add(call)) {
			return;
		}
		if (call.isConstructor() && call.hasObjectAsArgument()) {
			followClass(owner);
		}
		Collection<String> levels = this.types.containsKey(owner) ? this.types.keySet() : levels(owner);
		Signature method = Signature.of(call.target());
		if (this.types.containsKey(owner) && call.hasObjectAsReceiver()) {
			addMethods(call.target());
		}
		boolean followed = false;
		boolean overridable = call.isVirtual();
		for (String level : call.isConstructor() ? Set.of(owner) : levels) {
			ClassCalls file = this.files.has(level) ? this.files.get(level) : null;
			if (file != null && file.hasCode(method)) {
				followCode(level, method, call.given());
				followed = true;
				overridable &= !file.isFinal(method);
			}
		}
		if (call.hasObjectAsArgument() && (!followed || overridable)) {
			throw unknown();
		}
	}

	private Collection<String> levels(String type) throws IOException {
		Set<String> levels = new LinkedHashSet<>();
		for (String level = type; this.files.has(level); level = this.files.get(level).superclass()) {
			levels.add(level);
		}
		return levels;
	}

	private void followCode(String type, Signature method, BitSet given) throws IOException {
		ClassCalls file = this.files.get(type);
		if (!file.hasCode(method)) {
			return;
		}
		ObjectFlow flow = flow(type, method, given);
		if (flow.escapes()) {
			throw unknown();
		}
		for (FieldName field : flow.stores()) {
			if (!method.name().equals(ObjectCall.CONSTRUCTOR) || !field.owner().equals(type)) {
				throw unknown();
			}
			keep(field);
		}
		this.open.addAll(flow.calls());
		for (String field : flow.fields()) {
			followField(field);
		}
	}

	/**
	 * What an object keeps of its own lambdas and inner classes is called for it.
	 */
	private void followField(String name) throws IOException {
		for (Field field : fields(name)) {
			if (!field.trySetAccessible()) {
				throw unknown();
			}
			Object value = ReflectionUtils.getField(field, this.captured);
			if (value != null) {
				for (Object holder : this.holders.apply(value)) {
					followHolder(holder);
				}
			}
		}
	}

	/**
	 * A field without a value may get any.
	 */
	private boolean mayHaveItself(String name) {
		return this.kept.contains(name) || fields(name).stream().anyMatch((field) -> {
			Object value = field.trySetAccessible() ? ReflectionUtils.getField(field, this.captured) : null;
			return value == null || value == this.captured;
		});
	}

	private List<Field> fields(String name) {
		return this.types.values()
			.stream()
			.flatMap((type) -> Arrays.stream(type.getDeclaredFields()))
			.filter((field) -> field.getName().equals(name) && !Modifier.isStatic(field.getModifiers())
					&& !field.getType().isPrimitive())
			.toList();
	}

	private void addMethods(Handle call) {
		for (Class<?> type : this.types.values()) {
			for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
				if (method.getName().equals(call.getName()) && Type.getMethodDescriptor(method).equals(call.getDesc())
						&& !method.isSynthetic() && !ReflectionUtils.isObjectMethod(method)) {
					this.found.add(method);
				}
			}
		}
	}

}
