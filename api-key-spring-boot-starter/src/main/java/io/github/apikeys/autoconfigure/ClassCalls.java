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
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.asm.AnnotationVisitor;
import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.FieldVisitor;
import org.springframework.asm.Handle;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.SpringAsmInfo;
import org.springframework.asm.Type;

/**
 * The methods of a class, and where it makes lambdas, by the file of the class.
 */
final class ClassCalls {

	private static final List<String> INJECTED = List.of("Lorg/springframework/context/annotation/Bean;",
			"Lorg/springframework/beans/factory/annotation/Autowired;");

	private static final String VALUE = "Lorg/springframework/beans/factory/annotation/Value;";

	private static final int PARTS = ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES;

	private final ClassReader reader;

	private final Map<Signature, Integer> methods = new LinkedHashMap<>();

	private final Set<FieldName> privateFields = new HashSet<>();

	private final Set<FieldName> reads = new HashSet<>();

	private final Set<Signature> injected = new HashSet<>();

	/** Those with the value of an expression, which may be anything. */
	private final Set<Signature> evaluated = new HashSet<>();

	private final Set<Signature> calls = new HashSet<>();

	private final Set<String> nested = new LinkedHashSet<>();

	private final List<Site> sites = new ArrayList<>();

	private ClassCalls(ClassReader reader) {
		this.reader = reader;
		reader.accept(new Contents(), PARTS);
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
			return new ClassCalls(new ClassReader(file));
		}
	}

	/**
	 * Returns the name of the superclass, with slashes.
	 */
	String superclass() {
		return this.reader.getSuperName();
	}

	/**
	 * Returns the methods that the class declares.
	 */
	Set<Signature> methods() {
		return this.methods.keySet();
	}

	/**
	 * Returns whether the class declares a method, and has its code.
	 */
	boolean hasCode(Signature method) {
		return (this.methods.getOrDefault(method, Opcodes.ACC_ABSTRACT)
				& (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) == 0;
	}

	boolean isStatic(Signature method) {
		return (this.methods.getOrDefault(method, 0) & Opcodes.ACC_STATIC) != 0;
	}

	/**
	 * Returns whether no other class may have a method of its own in the place of one.
	 */
	boolean isFinal(Signature method) {
		int access = this.methods.getOrDefault(method, 0) | (this.reader.getAccess() & Opcodes.ACC_FINAL);
		return (access & (Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_FINAL)) != 0;
	}

	/**
	 * Returns whether the class declares a field for itself and what is nested in the
	 * same class.
	 */
	boolean isPrivate(FieldName field) {
		return this.privateFields.contains(field);
	}

	/**
	 * Returns whether code of the class reads a field.
	 */
	boolean reads(FieldName field) {
		return this.reads.contains(field);
	}

	/**
	 * Returns whether the class declares a method whose arguments are beans that the
	 * container gives.
	 */
	boolean isInjected(Signature method) {
		return this.injected.contains(method) && !this.evaluated.contains(method);
	}

	/**
	 * Returns whether code of the class calls a method of this name and with these types,
	 * of whatever class.
	 */
	boolean calls(Signature method) {
		return this.calls.contains(method);
	}

	/**
	 * Returns the names of nested classes that the class declares or knows, with slashes.
	 */
	Set<String> nested() {
		return this.nested;
	}

	/**
	 * Returns where lambdas and method references are made.
	 */
	List<Site> sites() {
		return this.sites;
	}

	/**
	 * Follows an object through a method. A variable that has the object behind a loop
	 * has it at the beginning as well.
	 * @param method a method with code
	 * @param injected whether the container alone gives arguments
	 * @param given which of receiver and arguments are the object
	 * @param types the types of the object, with slashes
	 * @param itself tells of the name of a field of the object whether it may have the
	 * object itself
	 */
	ObjectFlow follow(Signature method, boolean injected, BitSet given, Set<String> types, Predicate<String> itself) {
		Map<Integer, FlowValue> variables = ObjectFlow.variables(method.descriptor(), isStatic(method), injected, given,
				types);
		while (true) {
			Map<Integer, FlowValue> known = new HashMap<>(variables);
			ObjectFlow flow = new ObjectFlow(types, itself, variables);
			this.reader.accept(new ClassVisitor(SpringAsmInfo.ASM_VERSION) {

				@Override
				public @Nullable MethodVisitor visitMethod(int access, String name, String descriptor,
						@Nullable String signature, String @Nullable [] exceptions) {
					return new Signature(name, descriptor).equals(method) ? flow : null;
				}

			}, PARTS);
			if (variables.equals(known)) {
				return flow;
			}
		}
	}

	private final class Contents extends ClassVisitor {

		Contents() {
			super(SpringAsmInfo.ASM_VERSION);
		}

		@Override
		public @Nullable FieldVisitor visitField(int access, String name, String descriptor, @Nullable String signature,
				@Nullable Object value) {
			if ((access & (Opcodes.ACC_PRIVATE | Opcodes.ACC_SYNTHETIC)) != 0) {
				ClassCalls.this.privateFields.add(new FieldName(ClassCalls.this.reader.getClassName(), name));
			}
			return null;
		}

		@Override
		public void visitInnerClass(String name, @Nullable String outerName, @Nullable String innerName, int access) {
			ClassCalls.this.nested.add(name);
		}

		@Override
		public MethodVisitor visitMethod(int access, String name, String descriptor, @Nullable String signature,
				String @Nullable [] exceptions) {
			Signature method = new Signature(name, descriptor);
			ClassCalls.this.methods.put(method, access);
			return new MethodVisitor(this.api) {

				@Override
				public @Nullable AnnotationVisitor visitAnnotation(String type, boolean visible) {
					if (INJECTED.contains(type)) {
						ClassCalls.this.injected.add(method);
					}
					return null;
				}

				@Override
				public @Nullable AnnotationVisitor visitParameterAnnotation(int parameter, String type,
						boolean visible) {
					if (VALUE.equals(type)) {
						ClassCalls.this.evaluated.add(method);
					}
					return null;
				}

				@Override
				public void visitMethodInsn(int opcode, String owner, String name, String descriptor,
						boolean isInterface) {
					ClassCalls.this.calls.add(new Signature(name, descriptor));
				}

				@Override
				public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
					if (opcode == Opcodes.GETFIELD) {
						ClassCalls.this.reads.add(new FieldName(owner, name));
					}
				}

				@Override
				public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap,
						Object... arguments) {
					for (Object argument : arguments) {
						if (argument instanceof Handle target) {
							ClassCalls.this.calls.add(Signature.of(target));
							ClassCalls.this.sites.add(new Site(method, Lambda.of(descriptor, target)));
						}
					}
				}

			};
		}

	}

	/**
	 * What tells a method from the others of its class.
	 *
	 * @param name the name
	 * @param descriptor the types of arguments and result
	 */
	record Signature(String name, String descriptor) {

		static Signature of(Handle method) {
			return new Signature(method.getName(), method.getDesc());
		}

	}

	/**
	 * What tells a field from all others.
	 *
	 * @param owner the class, with slashes
	 * @param name the name
	 */
	record FieldName(String owner, String name) {

	}

	/**
	 * A lambda.
	 *
	 * @param type the interface that it has
	 * @param captured the types of what it captures
	 * @param target what it runs
	 */
	record Lambda(String type, List<Type> captured, Handle target) {

		/**
		 * Returns the lambda that is made by an instruction.
		 * @param descriptor what it captures, and the interface
		 */
		static Lambda of(String descriptor, Handle target) {
			return new Lambda(Type.getReturnType(descriptor).getInternalName(),
					List.of(Type.getArgumentTypes(descriptor)), target);
		}

	}

	/**
	 * Where a lambda is made.
	 *
	 * @param method the method whose code makes it
	 * @param lambda the lambda
	 */
	record Site(Signature method, Lambda lambda) {

	}

}
