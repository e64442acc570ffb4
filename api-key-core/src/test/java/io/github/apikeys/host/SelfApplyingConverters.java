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

package io.github.apikeys.host;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyChange;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;

/**
 * Converters with which an application encrypts, trims or stores otherwise whatever it
 * has, but which must not see anything of ours.
 */
public final class SelfApplyingConverters {

	private SelfApplyingConverters() {
	}

	@Converter(autoApply = true)
	static class Texts extends Failing<String> {

	}

	@Converter(autoApply = true)
	static class Numbers extends Failing<Long> {

	}

	@Converter(autoApply = true)
	static class Ids extends Failing<UUID> {

	}

	@Converter(autoApply = true)
	static class Times extends Failing<Instant> {

	}

	@Converter(autoApply = true)
	static class Days extends Failing<LocalDate> {

	}

	@Converter(autoApply = true)
	static class Flags extends Failing<Boolean> {

	}

	@Converter(autoApply = true)
	static class Changes extends Failing<ApiKeyChange> {

	}

	@Converter(autoApply = true)
	static class Maps extends Failing<Map<String, String>> {

	}

	@Converter(autoApply = true)
	static class Sets extends Failing<Set<String>> {

	}

	abstract static class Failing<T> implements AttributeConverter<T, String> {

		@Override
		public String convertToDatabaseColumn(T value) {
			throw new IllegalStateException(getClass() + " was asked to write " + value);
		}

		@Override
		public T convertToEntityAttribute(String value) {
			throw new IllegalStateException(getClass() + " was asked to read " + value);
		}

	}

}
