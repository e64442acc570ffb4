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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Not the whole contract: its hashes are slow, and those of the encoders behind it.
 */
class EncodedPasswordApiKeyHasherTests {

	private final EncodedPasswordApiKeyHasher hasher = new EncodedPasswordApiKeyHasher();

	@ParameterizedTest
	@ValueSource(ints = { 20, 72, 73, 100 })
	void matchesWhenTheLastCharacterDiffersThenFalse(int length) {
		String begin = "x".repeat(length - 1);
		String hash = this.hasher.hash(begin + "x");
		assertThat(this.hasher.matches(begin + "x", hash)).isTrue();
		assertThat(this.hasher.matches(begin + "y", hash)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", "{}", "{bcrypt}", "{bcrypt}$2a$04$", "{none}x", "{pbkdf2@SpringSecurity_v5_8}00",
			"{argon2@SpringSecurity_v5_8}$argon2id$" })
	void matchesWhenHashIsMalformedThenFalse(String hash) {
		assertThat(this.hasher.matches("token", hash)).isFalse();
	}

	/**
	 * A hash that bcrypt's limit made of the beginning must not open the door to every
	 * token that begins so.
	 */
	@Test
	void matchesWhenBcryptWouldNotSeeTheEndThenFalse() {
		String begin = "x".repeat(72);
		String hash = "{bcrypt}" + new BCryptPasswordEncoder(4).encode(begin);
		assertThat(this.hasher.matches(begin, hash)).isTrue();
		assertThat(this.hasher.matches(begin + "y", hash)).isFalse();
		assertThat(this.hasher.matches("\u00e4".repeat(37), hash)).isFalse();
	}

}
