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
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.security.crypto.scrypt.SCryptPasswordEncoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoInteractions;

class ImportedHashTests {

	private static final String REST = "c2FsdFNBTFQxMjM0NTY3OA$" + "h".repeat(43);

	private static final String BCRYPT_REST = "x".repeat(53);

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
	@ValueSource(strings = { "", "x", "{bcrypt}", "{}x", "{noop}token", "{unknown}x", "{bcrypt}a b", "{ldap}token",
			"{ldap}{SSHA}dG9rZW4=", "{MD4}token", "{MD5}94a08da1fecbb6e8b46990538c7b50b2", "{SHA-1}token",
			"{SHA-256}token", "{sha256}token", "{BCRYPT}$2a$04$GIw1ZLNl1EqSQTT0GbVPuO/BwYcXWXM1OGlHnNnMWlr1oxJ7GC1gW",
			"{pbkdf2@other}00", "token", "{pbkdf2}token", "{bcrypt}{noop}token" })
	void encodedWhenNotOfASlowEncoderThenRefusedWithoutShowingIt(String encoded) {
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.encoded(encoded))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("token", "94a08da"));
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.of("encoded", encoded));
		assertThat(new EncodedPasswordApiKeyHasher().matches("token", encoded)).isFalse();
	}

	@Test
	void encodedWhenTheEncoderIsFastThenSaysWhatToDo() {
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.encoded("{MD5}x"))
			.withMessageContaining("bcrypt, pbkdf2, scrypt or argon2")
			.withMessageContaining("upgradeHash");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{bcrypt}$2a$14$", "{scrypt}$110801$", "{scrypt}$140101$",
			"{scrypt@SpringSecurity_v5_8}$100802$", "{argon2}$argon2id$v=19$m=131072,t=4,p=16$",
			"{argon2@SpringSecurity_v5_8}$argon2i$m=16384,t=32,p=1$" })
	void encodedWhenItCostsAsMuchAsIsPermittedThenAllowed(String begin) {
		assertThat(SlowHash.isAllowed(begin + (begin.contains("bcrypt") ? BCRYPT_REST : REST))).isTrue();
	}

	/**
	 * One wrong secret would occupy a core for minutes, or all of the memory.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "{bcrypt}$2a$15$", "{bcrypt}$2b$31$", "{scrypt}$150801$", "{scrypt}$150101$",
			"{scrypt}$150001$", "{scrypt}$400101$", "{scrypt}$1208ff$", "{scrypt}$12ff01$", "{scrypt}$ffff0801$",
			"{scrypt}$100140801$", "{argon2}$argon2id$v=19$m=131073,t=1,p=1$",
			"{argon2}$argon2id$v=19$m=131072,t=5,p=1$", "{argon2}$argon2id$v=19$m=4096,t=2147483647,p=1$",
			"{argon2}$argon2id$v=19$m=4096,t=3,p=17$", "{argon2}$argon2d$m=2147483647,t=1,p=1$" })
	@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void encodedWhenItCostsTooMuchThenNeitherImportedNorCompared(String begin) {
		String encoded = begin + (begin.contains("bcrypt") ? BCRYPT_REST : REST);
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.encoded(encoded));
		assertThat(new EncodedPasswordApiKeyHasher().matches("token", encoded)).isFalse();
		String hash = encoded.substring(encoded.indexOf('}') + 1);
		// which is not asked: it would compare for minutes
		PasswordEncoder encoder = mock(PasswordEncoder.class);
		for (String stored : List.of(hash, encoded, "{outer}" + encoded)) {
			assertThat(new PasswordEncoderApiKeyHasher("own", encoder).matches("token", stored)).isFalse();
		}
		verifyNoInteractions(encoder);
	}

	/**
	 * A secret that a person chose would be guessed from what somebody stole.
	 */
	@ParameterizedTest
	@CsvSource({ "{bcrypt}$2a$04$,true", "{bcrypt}$2a$09$,true", "{bcrypt}$2a$10$,false", "{scrypt}$10101$,true",
			"{scrypt}$d0101$,true", "{scrypt}$e0801$,false", "{argon2}$argon2id$v=19$m=8;t=1;p=1$,true",
			"{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=16384;t=2;p=1$,false" })
	void encodedWhenItCostsTooLittleThenAGuessableSecretGetsANewHash(String begin, boolean weak) {
		String encoded = begin.replace(';', ',') + (begin.contains("bcrypt") ? BCRYPT_REST : REST);
		assertThat(SlowHash.isAllowed(encoded)).isTrue();
		for (ApiKeyHasher preferred : List.of(new Sha256ApiKeyHasher(),
				new HmacSha256ApiKeyHasher("2026", new byte[32]))) {
			StoredHash stored = new ApiKeyHashers(preferred.getScheme(), List.of(preferred))
				.read("{encoded}" + encoded);
			assertThat(stored.needsUpgrade(false)).isEqualTo(weak || preferred.resistsGuessing());
		}
	}

	@Test
	void encodedThenEverySlowEncoder() {
		Map<String, PasswordEncoder> encoders = Map.of("bcrypt", new BCryptPasswordEncoder(4), "pbkdf2",
				Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_5(), "pbkdf2@SpringSecurity_v5_8",
				Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8(), "scrypt",
				SCryptPasswordEncoder.defaultsForSpringSecurity_v4_1(), "scrypt@SpringSecurity_v5_8",
				SCryptPasswordEncoder.defaultsForSpringSecurity_v5_8(), "argon2",
				Argon2PasswordEncoder.defaultsForSpringSecurity_v5_2(), "argon2@SpringSecurity_v5_8",
				Argon2PasswordEncoder.defaultsForSpringSecurity_v5_8());
		encoders.forEach((name, encoder) -> {
			String encoded = "{" + name + "}" + encoder.encode("token");
			assertThat(ImportedHash.encoded(encoded).value()).isEqualTo("{encoded}" + encoded);
			assertThat(new EncodedPasswordApiKeyHasher().matches("token", encoded)).isTrue();
		});
	}

	@Test
	void djangoWhenOneOfItsFormsThenAsItWas() {
		String hash = "sha512$$" + "0a".repeat(64);
		assertThat(ImportedHash.django(hash).value()).isEqualTo("{django}" + hash);
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.django("sha512$$00"))
			.withMessageContaining("Django");
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.of("django", "sha512$$00"));
	}

	@Test
	void ofWhenTheSchemeIsABareHashThenOfItsForm() {
		assertThat(ImportedHash.of("sha256", "0A".repeat(32)).value()).isEqualTo("{sha256}" + "0a".repeat(32));
		assertThat(ImportedHash.of("sha512", "0A".repeat(64)).value()).isEqualTo("{sha512}" + "0a".repeat(64));
		for (String scheme : List.of("sha256", "sha512")) {
			assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.of(scheme, "0a"))
				.withMessageContaining("hexadecimal");
		}
	}

	@Test
	@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void djangoWhenMoreThanTwoMillionIterationsThenNeitherImportedNorCompared() {
		String rest = "$saltSALT123$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4=";
		assertThat(ImportedHash.django("pbkdf2_sha256$2000000" + rest).value()).startsWith("{django}");
		for (String iterations : List.of("2000001", "99999999", "2147483647")) {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> ImportedHash.django("pbkdf2_sha256$" + iterations + rest))
				.withMessageContaining("2,000,000");
			assertThat(new DjangoApiKeyHasher().matches("token", "pbkdf2_sha256$" + iterations + rest)).isFalse();
		}
	}

	@Test
	void ofWhenLongerThan400CharactersThenRefused() {
		assertThat(ImportedHash.of("own", "x".repeat(400)).value()).isEqualTo("{own}" + "x".repeat(400));
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.of("own", "x".repeat(401)))
			.withMessageContaining("400");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "encoded}{noop", "a b", "{own" })
	void ofWhenTheSchemeWouldBreakTheStoredFormThenRefused(String scheme) {
		assertThatIllegalArgumentException().isThrownBy(() -> ImportedHash.of(scheme, "x"))
			.withMessageContaining("illegal characters");
	}

	@Test
	void toStringHidesTheHash() {
		assertThat(ImportedHash.of("own", "x")).hasToString("ImportedHash [PROTECTED]");
	}

}
