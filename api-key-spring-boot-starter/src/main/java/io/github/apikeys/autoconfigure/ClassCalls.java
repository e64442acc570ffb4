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

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
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

/**
 * What the methods of a class call, by the file of the class.
 */
final class ClassCalls extends ClassVisitor {

	private final Map<String, List<Handle>> calls = new HashMap<>();

	private final Set<String> helpers = new HashSet<>();

	private final List<Site> sites = new ArrayList<>();

	private ClassCalls() {
		super(Opcodes.ASM9);
	}

	/**
	 * Reads the file of a class.
	 * @param name the name, with slashes
	 * @throws IOException if there is no such file
	 */
	static ClassCalls read(String name, @Nullable ClassLoader classLoader) throws IOException {
		try (InputStream file = (classLoader != null) ? classLoader.getResourceAsStream(name + ".class") : null) {
			if (file == null) {
				throw new FileNotFoundException(name);
			}
			ClassCalls calls = new ClassCalls();
			new ClassReader(file).accept(calls, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
			return calls;
		}
	}

	/**
	 * Returns what each method calls.
	 */
	Map<String, List<Handle>> calls() {
		return this.calls;
	}

	/**
	 * Returns where lambdas and method references are made.
	 */
	List<Site> sites() {
		return this.sites;
	}

	/**
	 * Returns what a private method calls, or one that the compiler made.
	 * @return the calls, or {@code null} if others may call or override the method
	 */
	@Nullable List<Handle> ofHelper(Handle method) {
		String called = method.getName() + method.getDesc();
		return this.helpers.contains(called) ? this.calls.get(called) : null;
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

	/**
	 * Where a lambda is made.
	 *
	 * @param type the interface that it has
	 * @param captured how many objects it captures
	 * @param target what it runs
	 */
	record Site(String type, int captured, Handle target) {

	}

}
