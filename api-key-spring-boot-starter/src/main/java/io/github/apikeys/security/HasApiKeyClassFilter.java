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

package io.github.apikeys.security;

import java.lang.reflect.Method;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.ClassFilter;
import org.springframework.util.ConcurrentReferenceHashMap;
import org.springframework.util.ReflectionUtils;

/**
 * Leaves out classes that have {@link HasApiKey} nowhere: neither on themselves nor on
 * what they extend or implement, nor on a method of these. Each type is looked at once,
 * however many beans extend it, since all beans are asked for when an application starts.
 */
final class HasApiKeyClassFilter implements ClassFilter {

	private final Map<Class<?>, Boolean> types = new ConcurrentReferenceHashMap<>();

	@Override
	public boolean matches(Class<?> type) {
		try {
			return isAnnotated(type);
		}
		catch (RuntimeException | LinkageError ex) {
			// something that it mentions is not on the class path: decided method by
			// method
			return true;
		}
	}

	private boolean isAnnotated(@Nullable Class<?> type) {
		if (type == null || type == Object.class) {
			return false;
		}
		Boolean known = this.types.get(type);
		if (known == null) {
			known = isDeclaredOn(type) || isAnnotated(type.getSuperclass()) || isAnyAnnotated(type.getInterfaces());
			this.types.put(type, known);
		}
		return known;
	}

	private boolean isAnyAnnotated(Class<?>[] types) {
		for (Class<?> type : types) {
			if (isAnnotated(type)) {
				return true;
			}
		}
		return false;
	}

	private static boolean isDeclaredOn(Class<?> type) {
		if (HasApiKeySearch.isOn(type)) {
			return true;
		}
		for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
			if (HasApiKeySearch.isOn(method)) {
				return true;
			}
		}
		return false;
	}

}
