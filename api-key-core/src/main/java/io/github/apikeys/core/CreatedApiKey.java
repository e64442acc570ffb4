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

import io.github.apikeys.core.token.ApiKeyToken;

import org.springframework.util.Assert;

/**
 * The result of creating a key, and the only object that ever carries its plaintext. Hand
 * the token to its holder and let go of this object: it is not serializable, libraries
 * that write fields leave the token out, and {@link #toString()} hides the secret.
 *
 * @since 0.1.0
 */
public final class CreatedApiKey {

	private final ApiKey apiKey;

	private final transient ApiKeyToken token;

	/**
	 * Creates a result.
	 * @param apiKey the stored key
	 * @param token its token
	 */
	public CreatedApiKey(ApiKey apiKey, ApiKeyToken token) {
		Assert.notNull(apiKey, "apiKey cannot be null");
		Assert.notNull(token, "token cannot be null");
		this.apiKey = apiKey;
		this.token = token;
	}

	/**
	 * Returns the stored key.
	 * @return the key, without plaintext
	 */
	public ApiKey apiKey() {
		return this.apiKey;
	}

	/**
	 * Returns the plaintext. It is not stored and cannot be recovered.
	 * @return the whole token as the client has to send it, 54 to 100 ASCII characters
	 */
	public String token() {
		return this.token.value();
	}

	@Override
	public String toString() {
		return "CreatedApiKey [" + this.token + "]";
	}

}
