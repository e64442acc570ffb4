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

package io.github.apikeys.core.token;

import java.security.SecureRandom;

/**
 * The default {@link ApiKeyGenerator}: each character drawn independently and uniformly
 * from {@link SecureRandom}, 71.5 bits for a key id and 190.5 bits for a secret.
 *
 * @since 0.1.0
 */
public final class SecureRandomApiKeyGenerator implements ApiKeyGenerator {

	private final SecureRandom random = new SecureRandom();

	@Override
	public String generateKeyId() {
		return generate(ApiKeyTokenFormat.KEY_ID_LENGTH);
	}

	@Override
	public String generateSecret() {
		return generate(ApiKeyTokenFormat.SECRET_LENGTH);
	}

	private String generate(int length) {
		char[] characters = new char[length];
		for (int i = 0; i < length; i++) {
			// nextInt(bound) rejects the values that would favour some characters
			characters[i] = Base62.ALPHABET.charAt(this.random.nextInt(Base62.ALPHABET.length()));
		}
		return new String(characters);
	}

}
