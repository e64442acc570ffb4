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

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * The header in which a caller sends an API key, for those who show a caller what to
 * send.
 *
 * @since 0.1.0
 */
public final class ApiKeyHeader {

	private final String name;

	private final @Nullable String scheme;

	/**
	 * Creates the header.
	 * @param name the name of the header
	 * @param scheme the word before the key, {@code null} if the header holds nothing but
	 * a key
	 * @throws IllegalArgumentException if the name is empty
	 */
	public ApiKeyHeader(String name, @Nullable String scheme) {
		Assert.hasText(name, "name must not be empty");
		this.name = name;
		this.scheme = scheme;
	}

	/**
	 * Returns the name of the header.
	 * @return the name, for example {@code X-API-Key}
	 */
	public String getName() {
		return this.name;
	}

	/**
	 * Returns the value of the header for a key.
	 * @param token the plaintext of the key
	 * @return the value, with the plaintext in it
	 * @throws IllegalArgumentException if the token is {@code null}
	 */
	public String value(String token) {
		Assert.notNull(token, "token cannot be null");
		return (this.scheme != null) ? this.scheme + " " + token : token;
	}

}
