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

package io.github.apikeys.core.hash;

import java.util.Base64;

import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.util.Assert;

/**
 * Any Spring {@link PasswordEncoder} as a scheme. The encoder is given the SHA-256 of the
 * token in 43 characters, not the token: bcrypt looks at 72 bytes only, and the end of a
 * longer token would not count. A hash that costs more than bcrypt with a cost of 14 or
 * Argon2 with 128 MiB is neither made nor compared.
 *
 * @since 0.1.0
 */
public final class PasswordEncoderApiKeyHasher implements ApiKeyHasher {

	private final String scheme;

	private final PasswordEncoder encoder;

	/**
	 * Creates a hasher.
	 * @param scheme the name under which hashes are stored, for example {@code bcrypt}
	 * @param encoder the encoder
	 */
	public PasswordEncoderApiKeyHasher(String scheme, PasswordEncoder encoder) {
		Assert.notNull(scheme, "scheme cannot be null");
		Assert.notNull(encoder, "encoder cannot be null");
		this.scheme = scheme;
		this.encoder = encoder;
	}

	@Override
	public String getScheme() {
		return this.scheme;
	}

	@Override
	public String hash(String token) {
		String encoded = this.encoder.encode(prehash(token));
		if (encoded == null) {
			throw new IllegalStateException("The password encoder of scheme '" + this.scheme + "' returned null");
		}
		if (!SlowHash.isBearable(encoded)) {
			throw new IllegalStateException("The password encoder of scheme '" + this.scheme
					+ "' costs too much for API keys; the limits are " + SlowHash.LIMITS);
		}
		return encoded;
	}

	@Override
	public boolean matches(String token, String hash) {
		try {
			return SlowHash.isBearable(hash) && this.encoder.matches(prehash(token), hash);
		}
		catch (IllegalArgumentException | IndexOutOfBoundsException ex) {
			// what encoders throw for a hash that is not theirs
			return false;
		}
	}

	@Override
	public boolean upgradeHash(String hash) {
		try {
			return this.encoder.upgradeEncoding(hash);
		}
		catch (IllegalArgumentException | IndexOutOfBoundsException ex) {
			// what encoders throw for a hash that is not theirs, some with the hash
			return false;
		}
	}

	@Override
	public boolean isSlow() {
		return true;
	}

	private static String prehash(String token) {
		return Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256ApiKeyHasher.digest(token));
	}

}
