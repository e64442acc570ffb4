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

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * Types that need not be on the class path, by their names.
 */
final class OptionalTypes {

	private OptionalTypes() {
	}

	/**
	 * Finds a type.
	 * @return the type, or {@code null} if it is not there, or lacks what it needs
	 */
	static @Nullable Class<?> find(String name) {
		return find(name, OptionalTypes.class.getClassLoader());
	}

	static @Nullable Class<?> find(@Nullable String name, @Nullable ClassLoader classLoader) {
		try {
			return (name != null) ? ClassUtils.forName(name, classLoader) : null;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return null;
		}
	}

}
