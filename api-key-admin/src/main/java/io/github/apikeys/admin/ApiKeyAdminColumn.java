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

package io.github.apikeys.admin;

import java.util.Locale;
import java.util.function.Function;

import io.github.apikeys.core.ApiKey;
import org.jspecify.annotations.Nullable;

/**
 * What the pages show of a key besides what every key has.
 *
 * @param <T> the type of the key
 * @since 0.1.0
 */
public final class ApiKeyAdminColumn<T extends ApiKey> {

	private final Function<Locale, String> label;

	private final Function<T, @Nullable Object> value;

	private ApiKeyAdminColumn(Function<Locale, String> label, Function<T, @Nullable Object> value) {
		this.label = label;
		this.value = value;
	}

	/**
	 * Describes a column.
	 * @param <T> the type of the key
	 * @param label its heading in a language
	 * @param value what stands in it, printed as text, or {@code null} for nothing. It is
	 * read when the key is detached: what it needs of associations is to be fetched with
	 * the key.
	 * @return the column
	 */
	public static <T extends ApiKey> ApiKeyAdminColumn<T> of(Function<Locale, String> label,
			Function<T, @Nullable Object> value) {
		return new ApiKeyAdminColumn<>(label, value);
	}

	String label(Locale locale) {
		return this.label.apply(locale);
	}

	@Nullable Object value(T apiKey) {
		return this.value.apply(apiKey);
	}

}
