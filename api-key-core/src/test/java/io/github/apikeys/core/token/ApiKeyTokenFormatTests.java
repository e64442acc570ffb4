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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class ApiKeyTokenFormatTests {

	/**
	 * Issued by the first version of the format. It has to parse for ever.
	 */
	private static final String GOLDEN = "acme_live_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV4JmQsV";

	private final ApiKeyTokenFormat format = new ApiKeyTokenFormat("acme_live", List.of("old"));

	@Test
	void generateThenAssemblesThePartsAndTheChecksum() {
		ApiKeyToken token = this.format.generate(generator("7Hq2mVx9Lp4s", "0123456789ABCDEFGHIJKLMNOPQRSTUV"));
		assertThat(token.value()).isEqualTo(GOLDEN);
		assertThat(token.prefix()).isEqualTo("acme_live");
		assertThat(token.keyId()).isEqualTo("7Hq2mVx9Lp4s");
		assertThat(token.lastCharacters()).isEqualTo("mQsV");
	}

	@Test
	void parseWhenGoldenTokenThenItsParts() {
		ApiKeyToken token = this.format.parse(GOLDEN);
		assertThat(token).isNotNull();
		assertThat(token.prefix()).isEqualTo("acme_live");
		assertThat(token.keyId()).isEqualTo("7Hq2mVx9Lp4s");
		assertThat(token.value()).isEqualTo(GOLDEN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ak", "acme", "acme_live", "a2", "abcdefghijklmnop_abcdefghijklmno_abcdefghijklmno" })
	void hundredThousandGeneratedTokensParse(String prefix) {
		ApiKeyTokenFormat format = new ApiKeyTokenFormat(prefix, List.of());
		ApiKeyGenerator generator = new SecureRandomApiKeyGenerator();
		for (int i = 0; i < 20_000; i++) {
			ApiKeyToken generated = format.generate(generator);
			ApiKeyToken parsed = format.parse(generated.value());
			assertThat(parsed).isNotNull();
			assertThat(parsed.prefix()).isEqualTo(prefix);
			assertThat(parsed.keyId()).isEqualTo(generated.keyId());
		}
	}

	@Test
	void parseWhenFormerPrefixThenToken() {
		ApiKeyToken former = new ApiKeyTokenFormat("old", List.of()).generate(new SecureRandomApiKeyGenerator());
		ApiKeyToken parsed = this.format.parse(former.value());
		assertThat(parsed).isNotNull();
		assertThat(parsed.prefix()).isEqualTo("old");
		assertThat(parsed.keyId()).isEqualTo(former.keyId());
		assertThat(this.format.generate(new SecureRandomApiKeyGenerator()).prefix()).isEqualTo("acme_live");
	}

	@Test
	void parseWhenUnknownPrefixThenNull() {
		String other = new ApiKeyTokenFormat("other", List.of()).generate(new SecureRandomApiKeyGenerator()).value();
		assertThat(this.format.parse(other)).isNull();
	}

	@ParameterizedTest
	@NullAndEmptySource
	@ValueSource(strings = { " ", "\t", "acme_live", "acme_live_", "acme_live__",
			"____________________________________", " " + GOLDEN, GOLDEN + " ", GOLDEN + "\n", "Bearer " + GOLDEN })
	void parseWhenNotATokenThenNull(String text) {
		assertThat(this.format.parse(text)).isNull();
	}

	@Test
	void parseWhenAnyCharacterIsChangedThenNull() {
		for (int i = 0; i < GOLDEN.length(); i++) {
			// the last one has the same low byte, which is all that a CRC32 looks at
			String others = Base62.ALPHABET + "_ -\0\u00e4\uff11\ud83d" + (char) (GOLDEN.charAt(i) | 0x100);
			for (char c : others.toCharArray()) {
				if (GOLDEN.charAt(i) != c) {
					assertThat(this.format.parse(GOLDEN.substring(0, i) + c + GOLDEN.substring(i + 1)))
						.as("%s at %s", c, i)
						.isNull();
				}
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "acme_live_7Hq2mVx9Lp4_s0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_live_7Hq2mVx9Lp4s0_123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_live-7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_livex7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_live_7Hq2mVx9Lp4sx0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_live_7Hq2m_x9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_live_7Hq2m\uff36x9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_live_7Hq2mVx9Lp4s_0123456789_BCDEFGHIJKLMNOPQRSTUV",
			"acme_live_7Hq2mVx9Lp4s_0123456789+BCDEFGHIJKLMNOPQRSTUV",
			"acme_live_7Hq2mVx9Lp4s_\uff10123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_live_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTU",
			"acme_live_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUVW", "acme_live__0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_live_7Hq2mVx9Lp4s_", "Acme_live_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_dead_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"acme_live_x_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"olds_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV", "ol_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"live_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV", "_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV",
			"7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV" })
	void parseWhenNothingButTheChecksumIsRightThenNull(String unchecked) {
		assertThat(this.format.parse(unchecked + Base62.checksum(unchecked))).isNull();
	}

	@Test
	void parseWhenTwoCharactersAreOneOutsideTheAlphabetThenNull() {
		for (int i = 0; i < GOLDEN.length() - 1; i++) {
			assertThat(this.format.parse(GOLDEN.substring(0, i) + "\ud83d\ude00" + GOLDEN.substring(i + 2))).isNull();
		}
	}

	@Test
	void parseWhenCaseDiffersThenNull() {
		assertThat(this.format.parse(GOLDEN.toLowerCase())).isNull();
		assertThat(this.format.parse(GOLDEN.toUpperCase())).isNull();
	}

	@Test
	void parseWhenPartIsMissingOrDoubledThenNull() {
		for (int i = 0; i < GOLDEN.length(); i++) {
			assertThat(this.format.parse(GOLDEN.substring(0, i) + GOLDEN.substring(i + 1))).isNull();
			assertThat(this.format.parse(GOLDEN.substring(0, i) + 'x' + GOLDEN.substring(i))).isNull();
			assertThat(this.format.parse(GOLDEN.substring(i + 1))).isNull();
		}
	}

	@Test
	void parseWhenHugeThenNull() {
		assertThat(this.format.parse("acme_live_".repeat(100_000))).isNull();
	}

	@Test
	void parseNeverThrows() {
		Random random = new Random(42);
		for (int i = 0; i < 200_000; i++) {
			StringBuilder text = new StringBuilder(random.nextBoolean() ? GOLDEN : "old_");
			for (int change = random.nextInt(6); change >= 0; change--) {
				int position = random.nextInt(text.length() + 1);
				text.insert(position, (char) random.nextInt(random.nextBoolean() ? 128 : 65536));
				if (random.nextBoolean()) {
					text.deleteCharAt(random.nextInt(text.length()));
				}
			}
			ApiKeyToken token = this.format.parse(text.toString());
			assertThat(token == null || token.value().equals(GOLDEN)).isTrue();
		}
	}

	@Test
	void claimsWhenStartsLikeATokenThenTrue() {
		assertThat(this.format.claims(GOLDEN)).isTrue();
		assertThat(this.format.claims("acme_live_anything")).isTrue();
		assertThat(this.format.claims("old_anything")).isTrue();
		assertThat(this.format.claims("acme_live")).isFalse();
		assertThat(this.format.claims("acme_lively_anything")).isFalse();
		assertThat(this.format.claims("acme_anything")).isFalse();
		assertThat(this.format.claims("OLD_anything")).isFalse();
		assertThat(this.format.claims(" old_anything")).isFalse();
		assertThat(this.format.claims("")).isFalse();
		assertThat(this.format.claims("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")).isFalse();
	}

	@ParameterizedTest
	@NullAndEmptySource
	@ValueSource(strings = { "a", "1a", "Acme", "acme-live", "acme_", "_acme", "acme__live", "a_b_c_d_e", "acme live",
			"abcdefghijklmnopq", "ab_cd_ef_gh", "\u00e4b" })
	void createWhenIllegalPrefixThenRefused(String prefix) {
		List<String> prefixes = new ArrayList<>();
		prefixes.add(prefix);
		assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeyTokenFormat(prefix, List.of()))
			.withMessageContaining("prefix");
		assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeyTokenFormat("ak", prefixes));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "7Hq2mVx9Lp4", "7Hq2mVx9Lp4sx", "7Hq2mVx9Lp_s", "7Hq2mVx9Lp4 ", "7Hq2mVx9Lp4\uff53" })
	void generateWhenGeneratedKeyIdIsIllegalThenRefused(String keyId) {
		assertThatIllegalStateException()
			.isThrownBy(() -> this.format.generate(generator(keyId, "0123456789ABCDEFGHIJKLMNOPQRSTUV")))
			.withMessageContaining("key id");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "0123456789ABCDEFGHIJKLMNOPQRSTU", "0123456789ABCDEFGHIJKLMNOPQRSTUVW",
			"0123456789ABCDEFGHIJKLMNOPQRSTU_", "\uff10123456789ABCDEFGHIJKLMNOPQRSTUV" })
	void generateWhenGeneratedSecretIsIllegalThenRefusedWithoutShowingIt(String secret) {
		assertThatIllegalStateException().isThrownBy(() -> this.format.generate(generator("7Hq2mVx9Lp4s", secret)))
			.withMessageContaining("secret")
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("123456789"));
	}

	@Test
	void generateWhenTypeHasAPrefixThenThatOne() {
		ApiKeyTokenFormat format = new ApiKeyTokenFormat("acme", List.of("old"), Map.of("partner", "acme_partner"));
		ApiKeyToken token = format.generate(new SecureRandomApiKeyGenerator(), "partner");
		assertThat(token.prefix()).isEqualTo("acme_partner");
		assertThat(format.parse(token.value())).isNotNull();
		assertThat(format.generate(new SecureRandomApiKeyGenerator(), "other").prefix()).isEqualTo("acme");
		assertThat(format.getPrefix("partner")).isEqualTo("acme_partner");
		assertThat(format.getPrefix("other")).isEqualTo("acme");
		assertThat(format.getPrefix()).isEqualTo("acme");
	}

	@Test
	void toStringHidesTheSecret() {
		assertThat(this.format.parse(GOLDEN)).hasToString("acme_live_7Hq2mVx9Lp4s_[PROTECTED]");
	}

	private static ApiKeyGenerator generator(String keyId, String secret) {
		return new ApiKeyGenerator() {

			@Override
			public String generateKeyId() {
				return keyId;
			}

			@Override
			public String generateSecret() {
				return secret;
			}

		};
	}

}
