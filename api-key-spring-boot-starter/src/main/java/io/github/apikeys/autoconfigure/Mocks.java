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

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ReflectionUtils;

/**
 * Tests replace beans by mocks, which are no proxies and need no protection: nothing of
 * the application runs in them.
 */
final class Mocks {

	private static final @Nullable Method MOCKING_DETAILS = find(OptionalType.MOCKITO, "mockingDetails", Object.class);

	private static final @Nullable Method IS_MOCK = find(OptionalType.MOCKING_DETAILS, "isMock");

	private Mocks() {
	}

	static boolean isMock(Object object) {
		if (MOCKING_DETAILS == null || IS_MOCK == null) {
			return false;
		}
		Object details = ReflectionUtils.invokeMethod(MOCKING_DETAILS, null, object);
		return Boolean.TRUE.equals(ReflectionUtils.invokeMethod(IS_MOCK, details));
	}

	private static @Nullable Method find(OptionalType type, String name, Class<?>... parameters) {
		Class<?> found = type.find();
		return (found != null) ? ReflectionUtils.findMethod(found, name, parameters) : null;
	}

}
