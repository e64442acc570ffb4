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

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import org.hibernate.annotations.Immutable;
import org.jspecify.annotations.Nullable;

/**
 * The hash of a token on its way between the table and verification. It is a type of its
 * own because Hibernate prints the attributes of entities when its debug log is on.
 *
 * @param value <code>{scheme}hash</code>
 */
@Immutable
record TokenHash(String value) {

	@Override
	public String toString() {
		return "[PROTECTED]";
	}

	/**
	 * Stores the hash as text.
	 */
	@Converter
	static final class TextConverter implements AttributeConverter<TokenHash, String> {

		@Override
		public @Nullable String convertToDatabaseColumn(@Nullable TokenHash hash) {
			return (hash != null) ? hash.value() : null;
		}

		@Override
		public @Nullable TokenHash convertToEntityAttribute(@Nullable String value) {
			return (value != null) ? new TokenHash(value) : null;
		}

	}

}
