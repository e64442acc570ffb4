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

import java.util.BitSet;
import java.util.List;

import org.springframework.asm.Handle;
import org.springframework.asm.Opcodes;

/**
 * A call in the code that an object is followed through.
 *
 * @param target what is called
 * @param given which of receiver and arguments may be the object; a static method has no
 * receiver
 */
record ObjectCall(Handle target, BitSet given) {

	static final String CONSTRUCTOR = "<init>";

	private static final List<String> LOOK_UPS = List.of("org/springframework/beans/factory/ObjectProvider",
			"org/springframework/beans/factory/ObjectFactory", "org/springframework/aop/framework/AopContext",
			"jakarta/inject/Provider");

	/**
	 * Returns the call of what a lambda runs, of which only what it captured is known.
	 */
	static ObjectCall ofLambda(Handle target, BitSet captured) {
		BitSet given = new BitSet();
		int first = (target.getTag() == Opcodes.H_NEWINVOKESPECIAL) ? 1 : 0;
		captured.stream().forEach((index) -> given.set(first + index));
		return new ObjectCall(target, given);
	}

	boolean isStatic() {
		return this.target.getTag() == Opcodes.H_INVOKESTATIC;
	}

	boolean isConstructor() {
		return this.target.getName().equals(CONSTRUCTOR);
	}

	/**
	 * Returns whether another class may have a method of its own for the call.
	 */
	boolean isVirtual() {
		return this.target.getTag() == Opcodes.H_INVOKEVIRTUAL || this.target.getTag() == Opcodes.H_INVOKEINTERFACE;
	}

	boolean hasObjectAsReceiver() {
		return !isStatic() && this.given.get(0);
	}

	boolean hasObjectAsArgument() {
		return this.given.nextSetBit(isStatic() ? 0 : 1) >= 0;
	}

	/**
	 * Returns whether the result is a bean, and not what is behind its proxies.
	 */
	boolean isLookUp() {
		return this.given.isEmpty() && isOfContainer(this.target.getOwner());
	}

	/**
	 * Returns whether a type gives beans.
	 * @param type the name, with slashes
	 */
	static boolean isOfContainer(String type) {
		return LOOK_UPS.contains(type) || (type.startsWith("org/springframework/")
				&& (type.endsWith("ApplicationContext") || type.endsWith("BeanFactory")));
	}

	/**
	 * A compiler puts such a call where an object is used.
	 */
	boolean isCheckOfNull() {
		return isStatic() && (this.target.getOwner().equals("kotlin/jvm/internal/Intrinsics")
				|| (this.target.getOwner().equals("java/util/Objects")
						&& this.target.getName().equals("requireNonNull")));
	}

}
