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

/**
 * Thrown when a key cannot be verified because the database does not answer, or too much
 * is asked at the same time. It says nothing about the key: try again later.
 *
 * @since 0.1.0
 */
public final class ApiKeyStoreException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an exception.
	 * @param message what is asked too much
	 */
	public ApiKeyStoreException(String message) {
		super(message);
	}

	/**
	 * Creates an exception.
	 * @param cause what the database access threw
	 */
	public ApiKeyStoreException(Throwable cause) {
		super("The API key store does not answer", cause);
	}

}
