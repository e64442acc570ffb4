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
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.apikeys.autoconfigure.ClassCalls.FieldName;
import io.github.apikeys.autoconfigure.ClassCalls.Signature;
import org.jspecify.annotations.Nullable;

import org.springframework.asm.Type;

/**
 * The files of classes, and of all that is nested in the same classes as they are.
 */
final class HomeFiles {

	private final @Nullable ClassLoader classLoader;

	private final Set<String> homes = new LinkedHashSet<>();

	private final Map<String, ClassCalls> files = new HashMap<>();

	HomeFiles(@Nullable ClassLoader classLoader, Collection<Class<?>> types) {
		this.classLoader = classLoader;
		types.forEach(this::add);
	}

	void add(Class<?> type) {
		this.homes.add(home(type));
	}

	private static String home(Class<?> type) {
		Class<?> enclosing = type.getEnclosingClass();
		return (enclosing != null) ? home(enclosing) : Type.getInternalName(type);
	}

	/**
	 * Returns whether a class is one of these.
	 * @param name the name, with slashes
	 */
	boolean has(String name) {
		return !homes(name).isEmpty();
	}

	private List<String> homes(String name) {
		return this.homes.stream().filter((home) -> name.equals(home) || name.startsWith(home + "$")).toList();
	}

	/**
	 * Returns the file of a class.
	 * @param name the name, with slashes
	 * @throws IOException if there is no such file
	 */
	ClassCalls get(String name) throws IOException {
		ClassCalls file = this.files.get(name);
		if (file == null) {
			file = ClassCalls.read(name, this.classLoader);
			this.files.put(name, file);
		}
		return file;
	}

	/**
	 * Returns whether a class declares a field that no other one reads. What is nested in
	 * the same class can read a private field, too.
	 */
	boolean isClosed(FieldName field) throws IOException {
		if (!has(field.owner()) || !get(field.owner()).isPrivate(field)) {
			return false;
		}
		for (String neighbor : neighbors(field.owner())) {
			if (get(neighbor).reads(field)) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Returns whether the container gives the arguments of a method, and nobody else.
	 * @param name the class that declares the method, with slashes
	 */
	boolean isInjected(String name, Signature method) throws IOException {
		if (!get(name).isInjected(method)) {
			return false;
		}
		for (String home : this.homes) {
			for (String file : files(home)) {
				if (get(file).calls(method)) {
					return false;
				}
			}
		}
		return true;
	}

	private Set<String> neighbors(String name) throws IOException {
		Set<String> neighbors = files(name);
		neighbors.remove(name);
		return neighbors;
	}

	private Set<String> files(String name) throws IOException {
		Set<String> neighbors = new LinkedHashSet<>();
		Deque<String> open = new ArrayDeque<>(homes(name));
		while (!open.isEmpty()) {
			String neighbor = open.remove();
			if (neighbors.add(neighbor)) {
				get(neighbor).nested().stream().filter(this::has).forEach(open::add);
			}
		}
		return neighbors;
	}

}
