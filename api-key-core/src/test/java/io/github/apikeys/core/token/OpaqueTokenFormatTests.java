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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class OpaqueTokenFormatTests {

	/** The SHA-256 of {@code abc}, an example in FIPS 180. */
	private static final String SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

	@Test
	void parseThenIdIsTheBeginOfTheHash() {
		PresentedToken token = new OpaqueTokenFormat("opaque", "a").parse("abc");
		assertThat(token).isNotNull();
		assertThat(token.keyId()).isEqualTo("ba7816bf8f01cfea414140de");
		assertThat(token.hashedText()).isEqualTo("abc");
		assertThat(token.secretLength()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "s", "sk", "sk_", "SK_x", "xsk_x" })
	void parseWhenNothingFollowsThePrefixThenNull(String text) {
		assertThat(new OpaqueTokenFormat("opaque", "sk_").parse(text)).isNull();
	}

	@Test
	void parseWhenOneCharacterFollowsThePrefixThenToken() {
		PresentedToken token = new OpaqueTokenFormat("opaque", "sk_").parse("sk_x");
		assertThat(token).isNotNull();
		assertThat(token.secretLength()).isEqualTo(1);
	}

	@Test
	void idOfWhenUpperCaseThenTheSame() {
		assertThat(OpaqueTokenFormat.idOf(SHA256_OF_ABC.toUpperCase())).isEqualTo("ba7816bf8f01cfea414140de");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "00", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015",
			"zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" })
	void idOfWhenNoSha256ThenRefused(String hash) {
		assertThatIllegalArgumentException().isThrownBy(() -> OpaqueTokenFormat.idOf(hash));
	}

	@Test
	void createWhenPrefixIsEmptyThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new OpaqueTokenFormat("opaque", ""))
			.withMessageContaining("prefix");
	}

}
