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

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

import io.github.apikeys.autoconfigure.ClassCalls.FieldName;
import io.github.apikeys.autoconfigure.ClassCalls.Lambda;
import org.jspecify.annotations.Nullable;

import org.springframework.asm.ConstantDynamic;
import org.springframework.asm.Handle;
import org.springframework.asm.Label;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;
import org.springframework.asm.SpringAsmInfo;
import org.springframework.asm.Type;

/**
 * Follows one object through the code of a method: a value may be the object if it was
 * given as such, or if its type says so, unless it is read from a field of the object
 * that has another one, or is given by the container. The stack is simulated; a variable
 * that once had the object counts as the object.
 */
final class ObjectFlow extends MethodVisitor {

	private final Set<String> types;

	private final Predicate<String> itself;

	private final Map<Integer, FlowValue> variables;

	/** What each word of the stack may be, the top last. */
	private List<FlowValue> stack = new ArrayList<>();

	private final Map<Label, List<FlowValue>> stacks = new HashMap<>();

	private boolean reachable = true;

	private boolean escapes;

	private final Set<ObjectCall> calls = new LinkedHashSet<>();

	private final Set<String> fields = new LinkedHashSet<>();

	private final Set<FieldName> stores = new LinkedHashSet<>();

	private final Map<Lambda, BitSet> lambdas = new HashMap<>();

	/**
	 * Creates a flow.
	 * @param types the types of the object, with slashes, without {@code Object}
	 * @param itself tells of the name of a field of the object whether it may have the
	 * object itself
	 * @param variables what the variables may be at first, to which more may be added
	 */
	ObjectFlow(Set<String> types, Predicate<String> itself, Map<Integer, FlowValue> variables) {
		super(SpringAsmInfo.ASM_VERSION);
		this.types = types;
		this.itself = itself;
		this.variables = variables;
	}

	/**
	 * Returns the variables with which a method begins.
	 * @param descriptor the descriptor of the method
	 * @param isStatic whether it has no receiver
	 * @param injected whether the container gives all arguments
	 * @param given which of receiver and arguments are the object
	 */
	static Map<Integer, FlowValue> variables(String descriptor, boolean isStatic, boolean injected, BitSet given,
			Set<String> types) {
		Map<Integer, FlowValue> variables = new HashMap<>();
		int index = 0;
		int variable = 0;
		if (!isStatic) {
			variables.put(variable++, FlowValue.of(given.get(index++)));
		}
		for (Type argument : Type.getArgumentTypes(descriptor)) {
			boolean object = given.get(index++) || types.contains(argument.getInternalName());
			variables.put(variable, injected ? FlowValue.OTHER : FlowValue.of(object));
			variable += argument.getSize();
		}
		return variables;
	}

	/**
	 * Returns whether the object may get where it cannot be followed.
	 */
	boolean escapes() {
		return this.escapes;
	}

	/**
	 * Returns what is called, and what the lambdas that are made run.
	 */
	Set<ObjectCall> calls() {
		return this.calls;
	}

	/**
	 * Returns the names of the fields of the object that are read.
	 */
	Set<String> fields() {
		return this.fields;
	}

	/**
	 * Returns the fields that may be given the object.
	 */
	Set<FieldName> stores() {
		return this.stores;
	}

	/**
	 * Returns which of what a lambda captures may be the object.
	 */
	BitSet captured(Lambda lambda) {
		return this.lambdas.getOrDefault(lambda, new BitSet());
	}

	private boolean isType(Type type) {
		return type.getSort() == Type.OBJECT && this.types.contains(type.getInternalName());
	}

	private boolean mayHold(Type type) {
		return isType(type) || type.getInternalName().equals("java/lang/Object");
	}

	private void push(int words, boolean object) {
		push(words, FlowValue.of(object));
	}

	private void push(int words, FlowValue value) {
		for (int i = 0; i < words; i++) {
			this.stack.add(value);
		}
	}

	private boolean pop(int words) {
		return popValue(words) == FlowValue.OBJECT;
	}

	private FlowValue popValue(int words) {
		List<FlowValue> popped = this.stack.subList(this.stack.size() - words, this.stack.size());
		FlowValue value = Collections.max(popped);
		popped.clear();
		return value;
	}

	private void replace(int popped, int pushed) {
		this.stack.subList(this.stack.size() - popped, this.stack.size()).clear();
		push(pushed, FlowValue.ANY);
	}

	private void give(int words) {
		if (pop(words)) {
			this.escapes = true;
		}
	}

	/**
	 * Puts a copy of the upper words below others.
	 */
	private void copy(int words, int below) {
		int size = this.stack.size();
		this.stack.addAll(size - words - below, List.copyOf(this.stack.subList(size - words, size)));
	}

	private void jumpTo(Label label) {
		List<FlowValue> known = this.stacks.get(label);
		this.stacks.put(label, (known != null) ? FlowValue.either(known, this.stack) : List.copyOf(this.stack));
	}

	private void end() {
		this.reachable = false;
		this.stack = new ArrayList<>();
	}

	@Override
	public void visitTryCatchBlock(Label start, Label end, Label handler, @Nullable String type) {
		this.stacks.put(handler, List.of(FlowValue.ANY));
	}

	@Override
	public void visitLabel(Label label) {
		List<FlowValue> known = this.stacks.get(label);
		if (known != null) {
			this.stack = new ArrayList<>(this.reachable ? FlowValue.either(known, this.stack) : known);
		}
		this.reachable = true;
	}

	@Override
	public void visitInsn(int opcode) {
		switch (opcode) {
			case Opcodes.ACONST_NULL, Opcodes.ICONST_M1, Opcodes.ICONST_0, Opcodes.ICONST_1, Opcodes.ICONST_2,
					Opcodes.ICONST_3, Opcodes.ICONST_4, Opcodes.ICONST_5, Opcodes.FCONST_0, Opcodes.FCONST_1,
					Opcodes.FCONST_2 ->
				replace(0, 1);
			case Opcodes.LCONST_0, Opcodes.LCONST_1, Opcodes.DCONST_0, Opcodes.DCONST_1 -> replace(0, 2);
			case Opcodes.NOP, Opcodes.INEG, Opcodes.LNEG, Opcodes.FNEG, Opcodes.DNEG, Opcodes.I2F, Opcodes.L2D,
					Opcodes.F2I, Opcodes.D2L, Opcodes.I2B, Opcodes.I2C, Opcodes.I2S ->
				{
				}
			case Opcodes.I2L, Opcodes.I2D, Opcodes.F2L, Opcodes.F2D -> replace(1, 2);
			case Opcodes.ARRAYLENGTH -> replace(1, 1);
			case Opcodes.POP, Opcodes.MONITORENTER, Opcodes.MONITOREXIT -> pop(1);
			case Opcodes.POP2 -> pop(2);
			case Opcodes.IALOAD, Opcodes.FALOAD, Opcodes.AALOAD, Opcodes.BALOAD, Opcodes.CALOAD, Opcodes.SALOAD,
					Opcodes.IADD, Opcodes.FADD, Opcodes.ISUB, Opcodes.FSUB, Opcodes.IMUL, Opcodes.FMUL, Opcodes.IDIV,
					Opcodes.FDIV, Opcodes.IREM, Opcodes.FREM, Opcodes.ISHL, Opcodes.ISHR, Opcodes.IUSHR, Opcodes.IAND,
					Opcodes.IOR, Opcodes.IXOR, Opcodes.L2I, Opcodes.L2F, Opcodes.D2I, Opcodes.D2F, Opcodes.FCMPL,
					Opcodes.FCMPG ->
				replace(2, 1);
			case Opcodes.LALOAD, Opcodes.DALOAD -> replace(2, 2);
			case Opcodes.LSHL, Opcodes.LSHR, Opcodes.LUSHR -> replace(3, 2);
			case Opcodes.LADD, Opcodes.DADD, Opcodes.LSUB, Opcodes.DSUB, Opcodes.LMUL, Opcodes.DMUL, Opcodes.LDIV,
					Opcodes.DDIV, Opcodes.LREM, Opcodes.DREM, Opcodes.LAND, Opcodes.LOR, Opcodes.LXOR ->
				replace(4, 2);
			case Opcodes.LCMP, Opcodes.DCMPL, Opcodes.DCMPG -> replace(4, 1);
			case Opcodes.IASTORE, Opcodes.FASTORE, Opcodes.BASTORE, Opcodes.CASTORE, Opcodes.SASTORE, Opcodes.AASTORE ->
				give(3);
			case Opcodes.LASTORE, Opcodes.DASTORE -> pop(4);
			case Opcodes.DUP -> copy(1, 0);
			case Opcodes.DUP_X1 -> copy(1, 1);
			case Opcodes.DUP_X2 -> copy(1, 2);
			case Opcodes.DUP2 -> copy(2, 0);
			case Opcodes.DUP2_X1 -> copy(2, 1);
			case Opcodes.DUP2_X2 -> copy(2, 2);
			case Opcodes.SWAP -> Collections.swap(this.stack, this.stack.size() - 1, this.stack.size() - 2);
			case Opcodes.ARETURN, Opcodes.ATHROW -> {
				give(1);
				end();
			}
			case Opcodes.IRETURN, Opcodes.LRETURN, Opcodes.FRETURN, Opcodes.DRETURN, Opcodes.RETURN -> end();
			default -> throw unknown();
		}
	}

	private static IllegalStateException unknown() {
		return new IllegalStateException("Unknown instruction");
	}

	@Override
	public void visitIntInsn(int opcode, int operand) {
		replace((opcode == Opcodes.NEWARRAY) ? 1 : 0, 1);
	}

	@Override
	public void visitVarInsn(int opcode, int variable) {
		switch (opcode) {
			case Opcodes.ILOAD, Opcodes.FLOAD -> push(1, false);
			case Opcodes.LLOAD, Opcodes.DLOAD -> push(2, false);
			case Opcodes.ALOAD -> push(1, this.variables.getOrDefault(variable, FlowValue.ANY));
			case Opcodes.ISTORE, Opcodes.FSTORE -> pop(1);
			case Opcodes.LSTORE, Opcodes.DSTORE -> pop(2);
			case Opcodes.ASTORE -> this.variables.merge(variable, popValue(1), FlowValue::or);
			default -> throw unknown();
		}
	}

	@Override
	public void visitTypeInsn(int opcode, String type) {
		switch (opcode) {
			case Opcodes.NEW -> push(1, false);
			case Opcodes.CHECKCAST -> {
				FlowValue value = popValue(1);
				push(1, (value == FlowValue.ANY && isType(Type.getObjectType(type))) ? FlowValue.OBJECT : value);
			}
			default -> replace(1, 1);
		}
	}

	@Override
	public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
		Type type = Type.getType(descriptor);
		switch (opcode) {
			case Opcodes.GETSTATIC -> push(type.getSize(), isType(type));
			case Opcodes.GETFIELD -> {
				boolean ofObject = pop(1) && this.types.contains(owner);
				push(type.getSize(),
						(ofObject && !this.itself.test(name)) ? FlowValue.OTHER : FlowValue.of(mayHold(type)));
				if (this.types.contains(owner)) {
					this.fields.add(name);
				}
			}
			case Opcodes.PUTSTATIC -> give(type.getSize());
			default -> {
				if (pop(type.getSize())) {
					this.stores.add(new FieldName(owner, name));
				}
				pop(1);
			}
		}
	}

	@Override
	public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
		int tag = switch (opcode) {
			case Opcodes.INVOKESTATIC -> Opcodes.H_INVOKESTATIC;
			case Opcodes.INVOKESPECIAL ->
				name.equals(ObjectCall.CONSTRUCTOR) ? Opcodes.H_NEWINVOKESPECIAL : Opcodes.H_INVOKESPECIAL;
			case Opcodes.INVOKEINTERFACE -> Opcodes.H_INVOKEINTERFACE;
			default -> Opcodes.H_INVOKEVIRTUAL;
		};
		ObjectCall call = new ObjectCall(new Handle(tag, owner, name, descriptor, isInterface), new BitSet());
		popArguments(descriptor, call.isStatic() ? 0 : 1, call.given(), new BitSet());
		if (!call.isStatic()) {
			call.given().set(0, pop(1));
		}
		Type returned = Type.getReturnType(descriptor);
		if (call.isCheckOfNull()) {
			push(returned.getSize(), returned.getSort() == Type.OBJECT && call.given().get(0));
			return;
		}
		this.calls.add(call);
		push(returned.getSize(), call.isLookUp() ? FlowValue.OTHER : FlowValue.of(isType(returned)));
	}

	/**
	 * A lambda that is made captures what it is given, and has what it runs called by
	 * others.
	 */
	@Override
	public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
		BitSet captured = new BitSet();
		BitSet possible = new BitSet();
		popArguments(descriptor, 0, captured, possible);
		for (Object argument : arguments) {
			if (argument instanceof Handle target && target.getTag() >= Opcodes.H_INVOKEVIRTUAL) {
				this.calls.add(ObjectCall.ofLambda(target, captured));
				this.lambdas.computeIfAbsent(Lambda.of(descriptor, target), (lambda) -> new BitSet()).or(possible);
			}
		}
		if (!bootstrap.getOwner().startsWith("java/lang/invoke/")
				&& !bootstrap.getOwner().startsWith("java/lang/runtime/") && !captured.isEmpty()) {
			this.escapes = true;
		}
		Type returned = Type.getReturnType(descriptor);
		boolean lambda = bootstrap.getOwner().equals("java/lang/invoke/LambdaMetafactory");
		// one that gives the object is no container, whatever its type is
		push(returned.getSize(), lambda ? !captured.isEmpty() && ObjectCall.isOfContainer(returned.getInternalName())
				: isType(returned));
	}

	private void popArguments(String descriptor, int first, BitSet given, BitSet possible) {
		Type[] arguments = Type.getArgumentTypes(descriptor);
		for (int i = arguments.length - 1; i >= 0; i--) {
			FlowValue value = popValue(arguments[i].getSize());
			given.set(first + i, value == FlowValue.OBJECT);
			possible.set(first + i, value == FlowValue.OBJECT || (value == FlowValue.ANY && mayHold(arguments[i])));
		}
	}

	@Override
	public void visitJumpInsn(int opcode, Label label) {
		switch (opcode) {
			case Opcodes.IFEQ, Opcodes.IFNE, Opcodes.IFLT, Opcodes.IFGE, Opcodes.IFGT, Opcodes.IFLE, Opcodes.IFNULL,
					Opcodes.IFNONNULL -> {
				pop(1);
				jumpTo(label);
			}
			case Opcodes.GOTO -> {
				jumpTo(label);
				end();
			}
			case Opcodes.JSR -> throw unknown();
			default -> {
				pop(2);
				jumpTo(label);
			}
		}
	}

	@Override
	public void visitTableSwitchInsn(int min, int max, Label defaultLabel, Label... labels) {
		visitSwitch(defaultLabel, labels);
	}

	@Override
	public void visitLookupSwitchInsn(Label defaultLabel, int[] keys, Label[] labels) {
		visitSwitch(defaultLabel, labels);
	}

	private void visitSwitch(Label defaultLabel, Label[] labels) {
		pop(1);
		jumpTo(defaultLabel);
		for (Label label : labels) {
			jumpTo(label);
		}
		end();
	}

	@Override
	public void visitLdcInsn(Object value) {
		boolean wide = value instanceof Long || value instanceof Double
				|| (value instanceof ConstantDynamic constant && constant.getSize() == 2);
		push(wide ? 2 : 1, false);
	}

	@Override
	public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
		replace(dimensions, 1);
	}

}
