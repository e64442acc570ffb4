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

import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.apikeys.core.ApiKey;
import org.jspecify.annotations.Nullable;

import org.springframework.data.jpa.domain.Specification;

/**
 * How the pages treat a type of keys of the application. Publish one bean for each type;
 * a type without one can be seen, but not created there.
 *
 * @param <T> the type
 * @since 0.1.0
 */
public interface ApiKeyAdminType<T extends ApiKey> {

	/**
	 * Returns the type.
	 * @return the entity
	 */
	Class<T> getType();

	/**
	 * Returns what people call such keys.
	 * @param locale the language
	 * @return a word or two
	 */
	String getLabel(Locale locale);

	/**
	 * Returns what is shown of such keys besides what every key has.
	 * @return columns of the list and lines on the page of a key
	 */
	default List<ApiKeyAdminColumn<T>> getColumns() {
		return List.of();
	}

	/**
	 * Returns what has to be known to create such a key.
	 * @return fields of the form
	 */
	default List<ApiKeyAdminField> getFields() {
		return List.of();
	}

	/**
	 * Makes a new entity.
	 * @param values what was entered, by the names of {@link #getFields() the fields},
	 * without spaces around it; what was left out is not there
	 * @return an entity of which only what its class adds is set
	 * @throws InvalidFieldException if a value will not do
	 */
	T create(Map<String, String> values);

	/**
	 * Returns whom a new key belongs to. The form then has no field for the owner. Where
	 * the owner follows from the entity, override {@link ApiKey#ownerOfNewKey} instead,
	 * which holds for keys that are created elsewhere, too.
	 * @param apiKey what {@link #create} returned
	 * @return an owner as {@link io.github.apikeys.core.NewApiKey#owner} takes it, or
	 * {@code null}, as by default, if the entity or the form says it. If more than one of
	 * them says it and they differ, no key is created.
	 */
	default @Nullable String getOwner(T apiKey) {
		return null;
	}

	/**
	 * Finds such keys by what their class adds.
	 * @param text what somebody searches for, not empty
	 * @return the condition, or {@code null} if there is nothing to search. It should be
	 * one that an index serves.
	 */
	default @Nullable Specification<ApiKey> search(String text) {
		return null;
	}

	/**
	 * Thrown when what was entered will not do.
	 *
	 * @serial exclude
	 */
	final class InvalidFieldException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		private final String field;

		/**
		 * Creates an exception.
		 * @param field the name of the field
		 * @param message what is wrong, to be shown at the field
		 */
		public InvalidFieldException(String field, String message) {
			super(message);
			this.field = field;
		}

		/**
		 * Returns which field it is about.
		 * @return the name
		 */
		public String getField() {
			return this.field;
		}

	}

}
