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

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What every {@link ApiKeyHasher} has to do.
 */
abstract class AbstractApiKeyHasherTests {

	static final String TOKEN = "acme_live_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV4JmQsV";

	abstract ApiKeyHasher hasher();

	@Test
	void matchesWhenSameTokenThenTrue() {
		assertThat(hasher().matches(TOKEN, hasher().hash(TOKEN))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 30, 60, 71, 72, 73, 99 })
	void matchesWhenAnyCharacterOfALongTokenDiffersThenFalse(int position) {
		String token = "x".repeat(100);
		String other = token.substring(0, position) + "y" + token.substring(position + 1);
		assertThat(hasher().matches(other, hasher().hash(token))).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "x", "{}", "$2a$04$", "zz", "\u0000", "00", "0011223344556677",
			"$2a$99$.OjOxNSV6VjBKUIeJy7MfuLqQEkQ1u5O.GWUn7NBNfHlH8KuyN6UK", "\uff10\ud83d" })
	void matchesWhenHashIsMalformedThenFalse(String hash) {
		assertThat(hasher().matches(TOKEN, hash)).isFalse();
	}

	@Test
	void hashThenFitsItsColumnAndHidesTheToken() {
		assertThat(hasher().hash(TOKEN)).hasSizeLessThanOrEqualTo(400).doesNotContain("7Hq2mVx9Lp4s", "0123456789AB");
	}

	@Test
	void upgradeHashWhenFreshThenFalse() {
		assertThat(hasher().upgradeHash(hasher().hash(TOKEN))).isFalse();
	}

}
