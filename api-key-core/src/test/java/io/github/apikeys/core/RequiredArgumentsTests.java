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

package io.github.apikeys.core;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.github.apikeys.core.hash.ImportedHash;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What describes keys says which value is missing, for every value that must be there: a
 * caller who forgot one in a request learns its name, and no condition is dropped.
 */
class RequiredArgumentsTests {

	private static final ImportedHash HASH = ImportedHash.sha256("0".repeat(64));

	private static final Map<Class<?>, Object> ARGUMENTS = Map.of(String.class, "user:a", String[].class, new String[0],
			Collection.class, List.of(), Map.class, Map.of(), Instant.class, Instant.EPOCH, Duration.class,
			Duration.ofDays(1), ImportedHash.class, HASH, long.class, 1L);

	@ParameterizedTest
	@MethodSource("calls")
	void callWithoutARequiredValueThenRefusedByName(Call call) {
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(call::make).satisfies((ex) -> {
			assertThat(ex.getMessage()).contains("null");
			if (!call.method().getDeclaringClass().equals(ImportedHash.class)) {
				assertThat(ex).isInstanceOf(InvalidApiKeyAttributeException.class);
			}
		});
	}

	@Test
	void callsThenThoseWithSeveralValuesAndWithNoneAreAmongThem() {
		assertThat(calls()).extracting(Call::toString)
			.contains("ApiKeyQuery.owner(null)", "ImportedApiKey.ofHash(String, null, ImportedHash)",
					"ApiKeyUpdate.allowedAddresses([null])", "NewApiKey.metadata(String, null)")
			.doesNotContain("ApiKeyUpdate.expiresAt(null)");
	}

	static List<Call> calls() {
		return Stream
			.of(NewApiKey.class, ApiKeyUpdate.class, ApiKeyQuery.class, ImportedApiKey.class, ImportedHash.class)
			.flatMap((type) -> Arrays.stream(type.getDeclaredMethods()))
			.filter((method) -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
			.flatMap((method) -> calls(method).stream())
			.toList();
	}

	private static List<Call> calls(Method method) {
		List<Call> calls = new ArrayList<>();
		Parameter[] parameters = method.getParameters();
		for (int i = 0; i < parameters.length; i++) {
			Class<?> type = parameters[i].getType();
			if (!type.isPrimitive() && !parameters[i].getAnnotatedType().isAnnotationPresent(Nullable.class)) {
				calls.add(new Call(method, i, null));
			}
			if (type == String[].class) {
				calls.add(new Call(method, i, new String[] { null }));
			}
			if (type == Collection.class) {
				calls.add(new Call(method, i, Collections.singletonList(null)));
			}
			if (type == Map.class) {
				calls.add(new Call(method, i, Collections.singletonMap(null, "a")));
				calls.add(new Call(method, i, Collections.singletonMap("a", null)));
			}
		}
		return calls;
	}

	/**
	 * A call of a method with one argument that is not possible.
	 */
	record Call(Method method, int index, Object argument) {

		Object make() throws Throwable {
			Class<?>[] types = this.method.getParameterTypes();
			Object[] arguments = new Object[types.length];
			for (int i = 0; i < types.length; i++) {
				arguments[i] = (i == this.index) ? this.argument : ARGUMENTS.get(types[i]);
			}
			try {
				return this.method.invoke(target(), arguments);
			}
			catch (InvocationTargetException ex) {
				throw ex.getCause();
			}
		}

		private Object target() {
			Class<?> type = this.method.getDeclaringClass();
			if (type == NewApiKey.class) {
				return NewApiKey.named("key");
			}
			if (type == ApiKeyUpdate.class) {
				return new ApiKeyUpdate();
			}
			return (type == ApiKeyQuery.class) ? ApiKeyQuery.all() : ImportedApiKey.ofHash("former", "id", HASH);
		}

		@Override
		public String toString() {
			List<String> arguments = new ArrayList<>();
			Class<?>[] types = this.method.getParameterTypes();
			for (int i = 0; i < types.length; i++) {
				Object shown = (this.argument instanceof Object[] array) ? Arrays.asList(array) : this.argument;
				arguments.add((i == this.index) ? String.valueOf(shown) : types[i].getSimpleName());
			}
			return this.method.getDeclaringClass().getSimpleName() + "." + this.method.getName() + "("
					+ String.join(", ", arguments) + ")";
		}

	}

}
