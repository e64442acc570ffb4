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

import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class OpaqueTokenFormatTests {

	private static final String SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

	private static final SecretShape SECRET = SecretShape.of(32, SecretShape.HEXADECIMAL);

	private static final String TOKEN = "sk_0123456789abcdef0123456789abcdef";

	private final OpaqueTokenFormat format = new OpaqueTokenFormat("opaque", "sk_", SECRET, secret('a'));

	private static byte[] secret(char c) {
		return String.valueOf(c).repeat(32).getBytes();
	}

	/**
	 * Made with Python's hmac: hmac.new(b"a" * 32, sha256, "sha256").
	 */
	@Test
	void idOfThenAnHmacOfTheHash() {
		assertThat(this.format.idOf(SHA256_OF_ABC)).isEqualTo("0ecc6f22db67ac0706e6144f");
		assertThat(this.format.idOf(SHA256_OF_ABC.toUpperCase())).isEqualTo("0ecc6f22db67ac0706e6144f");
		assertThat(SHA256_OF_ABC).doesNotContain("0ecc6f22db67ac0706e6144f");
		assertThat(new OpaqueTokenFormat("opaque", "sk_", SECRET, secret('b')).idOf(SHA256_OF_ABC))
			.isNotEqualTo("0ecc6f22db67ac0706e6144f");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "", "ba7816bf", "zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", TOKEN })
	void idOfWhenNotASha256ThenRefusedWithoutShowingIt(String hash) {
		assertThatIllegalArgumentException().isThrownBy(() -> this.format.idOf(hash))
			.withMessage("sha256 must have 64 hexadecimal digits")
			.withNoCause();
	}

	@Test
	void parseThenTheIdOfItsHash() {
		PresentedToken token = this.format.parse(TOKEN);
		assertThat(token).isNotNull();
		assertThat(token.keyId()).isEqualTo(this.format.idOf(new Sha256ApiKeyHasher().hash(TOKEN)));
		assertThat(this.format.isId(token.keyId())).isTrue();
		assertThat(token.hashedText()).isEqualTo(TOKEN);
		assertThat(token.isGenerated()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "", "sk_", "sk", "SK_0123456789abcdef0123456789abcdef", "sk_0123456789abcdef0123456789abcde",
					"sk_0123456789abcdef0123456789abcdef0", "sk_0123456789abcdef0123456789abcdeF",
					" sk_0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef" })
	void parseWhenOfAnotherShapeThenNull(String text) {
		assertThat(this.format.parse(text)).isNull();
	}

	@Test
	void parseWhenThereIsNoPrefixThenExactlyTheShape() {
		OpaqueTokenFormat bare = new OpaqueTokenFormat("bare", "", SECRET, secret('a'));
		assertThat(bare.parse(TOKEN.substring(3))).isNotNull();
		assertThat(bare.parse(TOKEN)).isNull();
		assertThat(bare.claimsBearer()).isFalse();
		assertThat(bare.withBearer().claimsBearer()).isTrue();
		assertThat(this.format.claimsBearer()).isTrue();
	}

	@Test
	void createWhenTheSecretForIdsIsShortThenRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new OpaqueTokenFormat("opaque", "sk_", SECRET, new byte[31]))
			.withMessageContaining("'opaque' must have at least 32 bytes");
	}

	@ParameterizedTest
	@CsvSource({ "31,16", "32,15", "21,62", "1,1", "0,62" })
	void shapeWhenFewerThan128BitsThenRefused(int length, int characters) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> SecretShape.of(length, SecretShape.ALPHANUMERIC.substring(0, characters)))
			.withMessageContaining("128 bits");
	}

	@ParameterizedTest
	@CsvSource({ "32,16", "22,62", "128,2" })
	void shapeWhen128BitsThenAccepted(int length, int characters) {
		String alphabet = SecretShape.ALPHANUMERIC.substring(0, characters);
		assertThat(SecretShape.of(length, alphabet).matches(alphabet.substring(0, 1).repeat(length), 0)).isTrue();
	}

	/**
	 * The same letter many times adds no bits.
	 */
	@Test
	void shapeWhenTheAlphabetRepeatsItselfThenItsCharactersCountOnce() {
		assertThatIllegalArgumentException().isThrownBy(() -> SecretShape.of(32, "01".repeat(8)));
		assertThatIllegalArgumentException().isThrownBy(() -> SecretShape.of(32, "0123456789abcde "))
			.withMessageContaining("printable");
		assertThatIllegalArgumentException().isThrownBy(() -> SecretShape.of(32, "0123456789abcde\u00e4"))
			.withMessageContaining("printable");
	}

}
