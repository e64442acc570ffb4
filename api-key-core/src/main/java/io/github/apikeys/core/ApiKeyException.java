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
 * Thrown when something cannot be done with a key, and tells with which one.
 *
 * @since 0.1.0
 * @serial exclude
 */
public abstract class ApiKeyException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final UUID id;

	ApiKeyException(UUID id, String message) {
		super(message);
		this.id = id;
	}

	/**
	 * Returns which key it is.
	 * @return the id of the key's row, as it was asked for
	 */
	public UUID getId() {
		return this.id;
	}

}
