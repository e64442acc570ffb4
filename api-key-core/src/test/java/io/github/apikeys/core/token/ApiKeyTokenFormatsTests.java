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

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ApiKeyTokenFormatsTests {

	private final ApiKeyTokenFormat issued = new ApiKeyTokenFormat("acme_live", List.of());

	private final ApiKeyTokenFormats formats = new ApiKeyTokenFormats(this.issued,
			List.of(opaque("bare", ""), new DelimitedTokenFormat("dot", '.', false), opaque("opaque", "sk_")));

	private static OpaqueTokenFormat opaque(String name, String prefix) {
		return new OpaqueTokenFormat(name, prefix, SecretShape.of(32, SecretShape.BASE64_URL + ".~"), new byte[32]);
	}

	@Test
	void parseWhenIssuedThenAllThatIsKnownOfIt() {
		ApiKeyToken token = this.issued.generate(new SecureRandomApiKeyGenerator());
		PresentedToken presented = this.formats.parse(token.value());
		assertThat(presented).isNotNull();
		assertThat(presented.prefix()).isEqualTo("acme_live");
		assertThat(presented.keyId()).isEqualTo(token.keyId());
		assertThat(presented.lastCharacters()).isEqualTo(token.lastCharacters());
		assertThat(presented.hashedText()).isEqualTo(token.value());
		assertThat(presented.isGenerated()).isTrue();
		assertThat(presented.isIssued()).isTrue();
		assertThat(presented).hasToString("PresentedToken [keyId=" + token.keyId() + "]");
	}

	@Test
	void parseWhenForeignThenKeyIdNamesTheFormat() {
		PresentedToken presented = this.formats.parse("id.secret");
		assertThat(presented).isNotNull();
		assertThat(presented.prefix()).isEqualTo("dot");
		assertThat(presented.keyId()).isEqualTo("dot:id");
		assertThat(presented.lastCharacters()).isEmpty();
		assertThat(presented.hashedText()).isEqualTo("secret");
		assertThat(presented.isGenerated()).isFalse();
		assertThat(presented.isIssued()).isFalse();
		assertThat(presented).hasToString("PresentedToken [format=dot]");
	}

	@Test
	void createWhenATokenMayBeOfTwoOpaqueFormatsThenRefused() {
		for (OpaqueTokenFormat other : List.of(opaque("other", "sk_"), hexadecimal("other", "sk_", 32),
				hexadecimal("other", "sk_live_", 32 - 5), opaque("other", ""))) {
			OpaqueTokenFormat format = opaque("opaque", other.prefix().isEmpty() ? "" : "sk_");
			assertThatIllegalArgumentException()
				.isThrownBy(() -> new ApiKeyTokenFormats(this.issued, List.of(format, other)))
				.withMessageContaining("'opaque' and 'other'");
			assertThatIllegalArgumentException()
				.isThrownBy(() -> new ApiKeyTokenFormats(this.issued, List.of(other, format)));
		}
		assertThat(
				new ApiKeyTokenFormats(this.issued, List.of(opaque("opaque", "sk_"), hexadecimal("longer", "sk_", 33),
						opaque("bare", ""), hexadecimal("bare-longer", "", 40), opaque("test", "pk_"))))
			.isNotNull();
	}

	private static OpaqueTokenFormat hexadecimal(String name, String prefix, int length) {
		return new OpaqueTokenFormat(name, prefix, SecretShape.of(length, SecretShape.ALPHANUMERIC), new byte[32]);
	}

	@Test
	void parseWhenSeveralFormatsRecogniseItThenTheFirstCounts() {
		assertThat(this.formats.parse("sk_" + "x".repeat(31) + ".")).isNotNull()
			.extracting(PresentedToken::prefix)
			.isEqualTo("opaque");
		assertThat(this.formats.parse("sk_" + "x".repeat(30) + ".x")).isNotNull()
			.extracting(PresentedToken::prefix)
			.isEqualTo("dot");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "unknown", "id .secret", "id.sec ret", "id.secret\u007f", "id.secr\u00e4t" })
	void parseWhenOfNoFormatOrNotPrintableThenNull(String text) {
		assertThat(this.formats.parse(text)).isNull();
		assertThat(this.formats.claims(text)).isFalse();
	}

	@Test
	void parseWhenNothingIsPresentedThenNull() {
		assertThat(this.formats.parse(null)).isNull();
	}

	@Test
	void parseWhenEveryPrintableCharacterThenToken() {
		StringBuilder secret = new StringBuilder();
		for (char c = '!'; c <= '~'; c++) {
			if (c != '.') {
				secret.append(c);
			}
		}
		PresentedToken presented = this.formats.parse("id." + secret);
		assertThat(presented).isNotNull();
		assertThat(presented.hashedText()).isEqualTo(secret.toString());
	}

	@Test
	void parseWhenLongerThan500CharactersThenNull() {
		assertThat(this.formats.parse("id." + "x".repeat(497))).isNotNull();
		assertThat(this.formats.parse("id." + "x".repeat(498))).isNull();
	}

	@Test
	void parseWhenNothingWasImportedThenNull() {
		assertThat(new ApiKeyTokenFormats(this.issued).parse("id.secret")).isNull();
	}

	@Test
	void claimsWhenDamagedOrOfAPrefixThenTrue() {
		assertThat(this.formats.claims("acme_live_damaged")).isTrue();
		assertThat(this.formats.claims("sk_" + "x".repeat(32))).isTrue();
		assertThat(this.formats.issued()).isSameAs(this.issued);
	}

	/**
	 * Opaque access tokens of other mechanisms look like that.
	 */
	@Test
	void claimsWhenTheFormatHasNoPrefixThenOnlyIfItIsNamed() {
		assertThat(this.formats.claims("id.secret")).isFalse();
		assertThat(this.formats.claims("x".repeat(32))).isFalse();
		ApiKeyTokenFormats named = new ApiKeyTokenFormats(this.issued,
				List.of(opaque("bare", "").withBearer(), new DelimitedTokenFormat("dot", '.', false).withBearer()));
		assertThat(named.claims("id.secret")).isTrue();
		assertThat(named.claims("x".repeat(32))).isTrue();
		assertThat(named.claims("eyJhbGciOiJub25lIn0.eyJzdWIi.")).isFalse();
	}

	@Test
	void claimsWhenShapeOfAJsonWebTokenThenNotEvenAFormatOfTheApplication() {
		ForeignTokenFormat everything = new ForeignTokenFormat() {

			@Override
			public String getName() {
				return "everything";
			}

			@Override
			public PresentedToken parse(String text) {
				return PresentedToken.of("id", text, false);
			}

			@Override
			public boolean claimsBearer() {
				return true;
			}

		};
		ApiKeyTokenFormats formats = new ApiKeyTokenFormats(this.issued, List.of(everything));
		assertThat(formats.claims("anything")).isTrue();
		assertThat(formats.claims("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")).isFalse();
		assertThat(formats.claims("eyJhbGciOiJSUzI1NiJ9.a.b.c.d")).isFalse();
		assertThat(formats.claims("eyJhbGciOiJSUzI1NiJ9.a.b.c")).isTrue();
	}

	@Test
	void parseWhenAFormatWithoutPrefixRecognisesItTooThenItComesLast() {
		assertThat(this.formats.parse("x".repeat(32))).isNotNull().extracting(PresentedToken::prefix).isEqualTo("bare");
		assertThat(this.formats.parse("x.".repeat(16))).isNotNull()
			.extracting(PresentedToken::prefix)
			.isEqualTo("bare");
		assertThat(this.formats.parse("x".repeat(30) + ".x")).isNotNull()
			.extracting(PresentedToken::prefix)
			.isEqualTo("dot");
		assertThat(this.formats.parse("x".repeat(28) + ".x.x")).as("JSON Web Token").isNull();
	}

	/**
	 * Half of it would be taken for a public id.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "%s.json", "%s.", "\"%s.\"", "key=%s.txt", "{\"key\":\"%s.\"}", "%1$s.%1$s", "%1$s,%1$s",
			"'%s.x'", "https://example.org/?key=%s" })
	void parseWhenATokenOfOurOwnWithSomethingAroundItThenNull(String damage) {
		ApiKeyTokenFormats formats = new ApiKeyTokenFormats(
				new ApiKeyTokenFormat("acme", List.of("old"), Map.of("partner", "acme_partner")),
				List.of(DelimitedTokenFormat.django(), new DelimitedTokenFormat("dot", '.', false)));
		for (String prefix : List.of("acme", "old", "acme_partner")) {
			String token = new ApiKeyTokenFormat(prefix, List.of()).generate(new SecureRandomApiKeyGenerator()).value();
			assertThat(formats.parse(token)).isNotNull();
			assertThat(formats.parse(damage.formatted(token))).isNull();
		}
	}

	@Test
	void parseWhenAForeignTokenOnlyHoldsTheLettersOfAPrefixThenToken() {
		ApiKeyTokenFormats formats = new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of()),
				List.of(new DelimitedTokenFormat("dot", '.', false)));
		assertThat(formats.parse("break_0123456789AB_x.secret")).isNotNull();
		assertThat(formats.parse("x-ak_0123456789A_x.secret")).isNotNull();
		assertThat(formats.parse("x-ak_0123456789AB_.secret")).isNull();
		assertThat(formats.parse("id.ak")).isNotNull();
	}

	@Test
	void createWhenOpaqueTokensBeginLikeOurOwnThenRefused() {
		List<ForeignTokenFormat> foreign = List.of(opaque("former", "acme_live_old_"));
		assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeyTokenFormats(this.issued, foreign))
			.withMessageContaining("'former' begin like");
	}

	@Test
	void identifiedThenTokenWithoutSecret() {
		PresentedToken presented = this.formats.identified("dot", "id", null);
		assertThat(presented.prefix()).isEqualTo("dot");
		assertThat(presented.keyId()).isEqualTo("dot:id");
		assertThat(presented.hashedText()).isEmpty();
		assertThat(presented.isGenerated()).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "opaque,sk_secret", "opaque,0123456789abcdef0123456", "opaque,0123456789ABCDEF01234567",
			"dot,id.secret", "dot,acme_live_id" })
	void identifiedWhenTheFormatHasNoSuchIdsThenRefusedWithoutShowingIt(String format, String id) {
		assertThatIllegalArgumentException().isThrownBy(() -> this.formats.identified(format, id, null))
			.withMessageStartingWith("the id is not one of the token format '" + format + "': pass what ")
			.withMessageNotContaining(id);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "sk_" })
	void identifiedWhenTheTokenWithTheHashHasAnotherIdThenRefusedWithoutShowingEither(String prefix) {
		OpaqueTokenFormat opaque = opaque("former", prefix);
		ApiKeyTokenFormats formats = new ApiKeyTokenFormats(this.issued, List.of(opaque));
		String sha256 = "0a".repeat(32);
		String id = opaque.idOf(sha256);
		assertThat(formats.identified("former", id, sha256).keyId()).isEqualTo("former:" + id);
		assertThat(formats.identified("former", id, sha256.toUpperCase()).keyId()).isEqualTo("former:" + id);
		assertThat(formats.identified("former", id, null).keyId()).isEqualTo("former:" + id);
		String other = "0b".repeat(32);
		assertThatIllegalArgumentException().isThrownBy(() -> formats.identified("former", id, other))
			.withMessageStartingWith("the id is that of a token with another hash: pass what OpaqueTokenFormat.idOf")
			.withMessageNotContaining(id)
			.withMessageNotContaining(other);
	}

	@Test
	void identifiedWhenAnotherFormatTakesItsTokensThenRefused() {
		DelimitedTokenFormat first = new DelimitedTokenFormat("first", '|', false);
		DelimitedTokenFormat second = new DelimitedTokenFormat("second", 'x', true)
			.withSecret(SecretShape.of(32, SecretShape.ALPHANUMERIC));
		ApiKeyTokenFormats both = new ApiKeyTokenFormats(this.issued, List.of(first, second));
		assertThat(both.identified("second", "id", null).keyId()).isEqualTo("second:id");
		assertThatIllegalArgumentException().isThrownBy(() -> both.identified("second", "a|b", null));
	}

	@Test
	void identifiedWhenFormatIsUnknownThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.formats.identified("other", "id", null))
			.withMessageContaining("'other'")
			.withMessageContaining("[dot, opaque");
	}

	@Test
	void identifiedWhenIdHasAnIllegalLengthThenRefused() {
		assertThat(this.formats.identified("dot", "x".repeat(60), null).keyId()).hasSize(64);
		assertThatIllegalArgumentException().isThrownBy(() -> this.formats.identified("dot", "x".repeat(61), null))
			.withMessageContaining("60");
		assertThatIllegalArgumentException().isThrownBy(() -> this.formats.identified("dot", "", null));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "Upper", "1a", "-a", "a_b", "a:b", "abcdefghijklmnopqrstuvwxyzabcde" })
	void createWhenNameIsIllegalThenRefused(String name) {
		List<ForeignTokenFormat> foreign = List.of(opaque(name, "sk_"));
		assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeyTokenFormats(this.issued, foreign))
			.withMessageContaining("'" + name + "' must be");
	}

	@Test
	void createWhenTwoHaveTheSameNameThenRefused() {
		List<ForeignTokenFormat> foreign = List.of(opaque("same", "a_"), opaque("same", "b_"));
		assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeyTokenFormats(this.issued, foreign))
			.withMessageContaining("two formats have the name 'same'");
	}

}
