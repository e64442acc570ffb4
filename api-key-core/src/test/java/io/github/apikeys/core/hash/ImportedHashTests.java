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
import java.util.HexFormat;
import java.util.function.Function;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ImportedHashTests {

	@ParameterizedTest
	@ValueSource(ints = { 32, 64 })
	void bareHashInAnyWritingThenHexadecimalDigits(int length) {
		Function<String, ImportedHash> imported = (length == 32) ? ImportedHash::sha256 : ImportedHash::sha512;
		String scheme = (length == 32) ? "{sha256}" : "{sha512}";
		byte[] bytes = new byte[length];
		for (int i = 0; i < length; i++) {
			bytes[i] = (byte) (0xfb - i);
		}
		String hex = HexFormat.of().formatHex(bytes);
		assertThat(imported.apply(hex).value()).isEqualTo(scheme + hex);
		assertThat(imported.apply(hex.toUpperCase()).value()).isEqualTo(scheme + hex);
		assertThat(imported.apply(Base64.getEncoder().encodeToString(bytes)).value()).isEqualTo(scheme + hex);
		assertThat(imported.apply(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)).value())
			.isEqualTo(scheme + hex);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "00", "secret hash", "c2VjcmV0",
			"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015",
			"zz7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" })
	void bareHashWhenOfAnotherFormThenRefusedWithoutShowingIt(String hash) {
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.sha256(hash))
			.withMessage("A hash of 32 bytes must be given in hexadecimal digits or Base64")
			.withNoCause();
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.sha512(hash))
			.withMessage("A hash of 64 bytes must be given in hexadecimal digits or Base64");
	}

	@Test
	void encodedThenAsItWas() {
		String encoded = "{bcrypt}" + new BCryptPasswordEncoder(4).encode("token");
		assertThat(ImportedHash.encoded(encoded).value()).isEqualTo("{encoded}" + encoded);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", "{bcrypt}", "{}x", "{noop}token", "{unknown}x", "{bcrypt}a b" })
	void encodedWhenOfAnotherFormThenRefused(String encoded) {
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.encoded(encoded));
	}

	@Test
	void djangoWhenOneOfItsFormsThenAsItWas() {
		String hash = "sha512$$" + "0a".repeat(64);
		assertThat(ImportedHash.django(hash).value()).isEqualTo("{django}" + hash);
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.django("sha512$$00"))
			.withMessageContaining("Django");
	}

	@Test
	void ofWhenLongerThan400CharactersThenRefused() {
		assertThat(ImportedHash.of("own", "x".repeat(400)).value()).isEqualTo("{own}" + "x".repeat(400));
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.of("own", "x".repeat(401)))
			.withMessageContaining("400");
	}

	@Test
	void toStringHidesTheHash() {
		assertThat(ImportedHash.of("own", "x")).hasToString("ImportedHash [PROTECTED]");
	}

}
