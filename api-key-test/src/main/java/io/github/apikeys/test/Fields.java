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

package io.github.apikeys.test;

import java.lang.reflect.Field;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;

/**
 * The private fields of a class, read and written as a persistence provider does it.
 */
final class Fields {

	private final Class<?> type;

	Fields(Class<?> type) {
		this.type = type;
	}

	@SuppressWarnings("unchecked")
	<T> @Nullable T read(Object target, String name) {
		return (T) ReflectionUtils.getField(field(name), target);
	}

	void write(Object target, String name, @Nullable Object value) {
		ReflectionUtils.setField(field(name), target, value);
	}

	private Field field(String name) {
		Field field = ReflectionUtils.findField(this.type, name);
		Assert.state(field != null, () -> this.type + " has no field '" + name + "'");
		ReflectionUtils.makeAccessible(field);
		return field;
	}

}
