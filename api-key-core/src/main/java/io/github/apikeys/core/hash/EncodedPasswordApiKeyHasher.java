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

import java.nio.charset.StandardCharsets;

import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;

/**
 * What Spring Security's own slow encoders made of a secret as it is, for imported keys,
 * and for secrets so short that a fast hash would not protect them. A hash reads
 * <code>{encoder}encoded</code>.
 */
final class EncodedPasswordApiKeyHasher implements ApiKeyHasher {

	static final String SCHEME = "encoded";

	private static final String BCRYPT = "{bcrypt}";

	private static final String LONG = "{pbkdf2@SpringSecurity_v5_8}";

	/** What bcrypt looks at: it would not notice that the rest is wrong. */
	private static final int BCRYPT_BYTES = 72;

	@Override
	public String getScheme() {
		return SCHEME;
	}

	@Override
	public String hash(String token) {
		return isTooLongForBcrypt(token) ? LONG + Encoders.OF_LONG.encode(token)
				: BCRYPT + Encoders.BCRYPT.encode(token);
	}

	@Override
	public boolean matches(String token, String hash) {
		if (!SlowHash.isAllowed(hash) || (hash.startsWith(BCRYPT) && isTooLongForBcrypt(token))) {
			return false;
		}
		try {
			return Encoders.ALL.matches(token, hash);
		}
		catch (IllegalArgumentException | IndexOutOfBoundsException ex) {
			// what encoders throw for a hash that is not theirs
			return false;
		}
	}

	@Override
	public boolean upgradeHash(String hash) {
		return SlowHash.isWeak(hash);
	}

	@Override
	public boolean isSlow() {
		return true;
	}

	/**
	 * Whether there is a slow encoder for a hash, and all that it needs.
	 * @throws IllegalArgumentException if there is none, or a comparison would cost too
	 * much
	 * @throws LinkageError if a library is missing
	 */
	void check(String hash) {
		SlowHash.check(hash);
		// not with an empty text, which is refused before an encoder is looked for
		Encoders.ALL.matches("-", hash);
	}

	private static boolean isTooLongForBcrypt(String token) {
		return token.getBytes(StandardCharsets.UTF_8).length > BCRYPT_BYTES;
	}

	/**
	 * Made for the first such hash: most applications start without one.
	 */
	private static final class Encoders {

		static final PasswordEncoder ALL = PasswordEncoderFactories.createDelegatingPasswordEncoder();

		static final PasswordEncoder BCRYPT = new BCryptPasswordEncoder();

		static final PasswordEncoder OF_LONG = Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8();

	}

}
