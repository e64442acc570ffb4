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

package io.github.apikeys.core.support;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * The causes of an exception. Code of others may have made them a circle.
 *
 * @since 0.1.0
 */
public final class Causes {

	private Causes() {
	}

	/**
	 * Returns an exception and its causes, each once.
	 * @param failure the exception
	 * @return the exception itself first, and its innermost cause last
	 * @throws IllegalArgumentException if the exception is {@code null}
	 */
	public static List<Throwable> of(Throwable failure) {
		Assert.notNull(failure, "failure cannot be null");
		List<Throwable> causes = new ArrayList<>();
		Throwable cause = failure;
		while (cause != null && !contains(causes, cause)) {
			causes.add(cause);
			cause = cause.getCause();
		}
		return causes;
	}

	private static boolean contains(List<Throwable> causes, Throwable cause) {
		return causes.stream().anyMatch((known) -> known == cause);
	}

	/**
	 * Returns the outermost of an exception and its causes that is of a type.
	 * @param <T> the type
	 * @param failure the exception
	 * @param type the type
	 * @return the first one, or {@code null} if none is of that type
	 * @throws IllegalArgumentException if the exception or the type is {@code null}
	 */
	public static <T> @Nullable T find(Throwable failure, Class<T> type) {
		Assert.notNull(type, "type cannot be null");
		return of(failure).stream().filter(type::isInstance).map(type::cast).findFirst().orElse(null);
	}

	/**
	 * Returns the innermost cause of an exception.
	 * @param failure the exception
	 * @return the exception itself if it has no cause
	 * @throws IllegalArgumentException if the exception is {@code null}
	 */
	public static Throwable root(Throwable failure) {
		List<Throwable> causes = of(failure);
		return causes.get(causes.size() - 1);
	}

}
