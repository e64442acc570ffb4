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

import java.util.UUID;

/**
 * Thrown when a key cannot be rotated: it is expired or disabled, or was rotated before.
 *
 * @since 0.1.0
 * @serial exclude
 */
public final class ApiKeyRotationException extends ApiKeyException {

	private static final long serialVersionUID = 1L;

	private final Reason reason;

	/**
	 * Creates an exception.
	 * @param id the id of the key's row
	 * @param reason why the key cannot be rotated
	 */
	public ApiKeyRotationException(UUID id, Reason reason) {
		super(id, "The API key with id " + id + " cannot be rotated, because it " + reason.explanation);
		this.reason = reason;
	}

	/**
	 * Returns why the key cannot be rotated.
	 * @return the reason
	 */
	public Reason getReason() {
		return this.reason;
	}

	/**
	 * Why a key cannot be rotated.
	 */
	public enum Reason {

		/** The key is expired. */
		EXPIRED("is expired; create a new one"),

		/** The key is disabled. */
		DISABLED("is disabled; enable it first"),

		/** The key was rotated before, and has a successor. */
		ROTATED("was rotated before; rotate its successor"),

		/** This application cannot load what the type of the key adds. */
		TYPE_NOT_LOADABLE("cannot be loaded with what its type adds; create a new one");

		private final String explanation;

		Reason(String explanation) {
			this.explanation = explanation;
		}

	}

}
