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
import java.io.InputStream;
import java.lang.reflect.Method;
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

import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.Handle;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.Type;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Reads in the file of a class what its lambdas and method references call. Which of them
 * an object is, only its interface and the number of objects that it captured tell: all
 * that match are taken together.
 */
final class CapturedCalls extends ClassVisitor {

	private static final String LAMBDA = "$$Lambda";

	private final Map<String, List<Handle>> calls = new HashMap<>();

	private final Set<String> helpers = new HashSet<>();

	private final List<Site> sites = new ArrayList<>();

	private CapturedCalls() {
		super(Opcodes.ASM9);
	}

	/**
	 * Finds the methods of an object that a lambda may call: what it refers to, and what
	 * its body and private helpers call.
	 * @return the methods, or {@code null} if it is no lambda, or nobody can tell
	 */
	static @Nullable Set<Method> find(Object lambda, Object captured) {
		Class<?> type = lambda.getClass();
		int end = type.getName().indexOf(LAMBDA);
		if (!type.isHidden() || end < 0 || type.getClassLoader() == null) {
			return null;
		}
		String host = type.getName().substring(0, end).replace('.', '/');
		try (InputStream file = type.getClassLoader().getResourceAsStream(host + ".class")) {
			if (file == null) {
				return null;
			}
			CapturedCalls calls = new CapturedCalls();
			new ClassReader(file).accept(calls, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
			return calls.on(captured.getClass(), host, type);
		}
		catch (IOException | RuntimeException | LinkageError ex) {
			return null;
		}
	}

	private @Nullable Set<Method> on(Class<?> captured, String host, Class<?> lambda) {
		Set<String> interfaces = new HashSet<>();
		Arrays.stream(lambda.getInterfaces()).map(Type::getInternalName).forEach(interfaces::add);
		Deque<Handle> open = new ArrayDeque<>();
		this.sites.stream()
			.filter((site) -> interfaces.contains(site.type()) && site.captured() == lambda.getDeclaredFields().length)
			.forEach((site) -> open.add(site.target()));
		if (open.isEmpty()) {
			return null;
		}
		Set<Method> found = new LinkedHashSet<>();
		open.forEach((reference) -> addMethods(captured, reference, found));
		Set<String> followed = new HashSet<>();
		while (!open.isEmpty()) {
			Handle call = open.remove();
			String called = call.getName() + call.getDesc();
			if (call.getOwner().startsWith("java/lang/reflect/") || call.getOwner().startsWith("java/lang/invoke/")) {
				return null;
			}
			if (!call.getOwner().equals(host) || !this.helpers.contains(called)) {
				addMethods(captured, call, found);
			}
			else if (followed.add(called)) {
				open.addAll(this.calls.getOrDefault(called, List.of()));
			}
		}
		return found;
	}

	private static void addMethods(Class<?> captured, Handle call, Set<Method> found) {
		Set<Class<?>> types = new LinkedHashSet<>(ClassUtils.getAllInterfacesForClassAsSet(captured));
		for (Class<?> type = captured; type != null && type != Object.class; type = type.getSuperclass()) {
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

	@Override
	public MethodVisitor visitMethod(int access, String name, String descriptor, @Nullable String signature,
			String @Nullable [] exceptions) {
		List<Handle> called = new ArrayList<>();
		this.calls.put(name + descriptor, called);
		if ((access & (Opcodes.ACC_PRIVATE | Opcodes.ACC_SYNTHETIC)) != 0) {
			this.helpers.add(name + descriptor);
		}
		return new MethodVisitor(this.api) {

			@Override
			public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
				called.add(new Handle(Opcodes.H_INVOKEVIRTUAL, owner, name, descriptor, isInterface));
			}

			@Override
			public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
				for (Object argument : arguments) {
					if (argument instanceof Handle target) {
						called.add(target);
						sites().add(new Site(Type.getReturnType(descriptor).getInternalName(),
								Type.getArgumentTypes(descriptor).length, target));
					}
				}
			}

		};
	}

	private List<Site> sites() {
		return this.sites;
	}

	/**
	 * Where a lambda is made.
	 *
	 * @param type the interface that it has
	 * @param captured how many objects it captures
	 * @param target what it runs
	 */
	private record Site(String type, int captured, Handle target) {

	}

}
