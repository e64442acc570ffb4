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
 * Thrown when a revoked key is to be changed. Revocation is final.
 *
 * @since 0.1.0
 */
public final class ApiKeyRevokedException extends ApiKeyException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception.
	 * @param id the id of the key's row
	 */
	public ApiKeyRevokedException(UUID id) {
		super(id, "The API key with id " + id + " is revoked, and a revoked key cannot be changed; create a new one");
	}

}
