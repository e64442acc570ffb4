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

import org.hibernate.type.descriptor.java.EnumJavaType;
import org.jspecify.annotations.Nullable;

/**
 * What can happen to a key.
 *
 * @since 0.1.0
 */
public enum ApiKeyChange {

	/** The key was created. */
	CREATED,

	/** The key of another system was taken over. */
	IMPORTED,

	/** Its name, description, expiry, addresses, scopes or metadata are others. */
	UPDATED,

	/** It was switched off for a while. */
	DISABLED,

	/** It was switched on again. */
	ENABLED,

	/** Another key was created that replaces it. */
	ROTATED,

	/** It was switched off for ever. */
	REVOKED,

	/** It is to be deleted: it is revoked, and its row goes with a later purge. */
	DELETED,

	/** Its row was deleted, long after its end. */
	PURGED,

	/** What a later version of the library wrote, which this one does not know. */
	UNKNOWN;

	/**
	 * Reads the kinds of change that this version knows: nodes of a later version, or an
	 * update that was taken back, leave others in the history.
	 */
	static final class TextType extends EnumJavaType<ApiKeyChange> {

		private static final long serialVersionUID = 1L;

		TextType() {
			super(ApiKeyChange.class);
		}

		@Override
		public @Nullable ApiKeyChange fromName(@Nullable String name) {
			if (name == null) {
				return null;
			}
			try {
				return valueOf(name);
			}
			catch (IllegalArgumentException ex) {
				return UNKNOWN;
			}
		}

	}

}
