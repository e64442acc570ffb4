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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ApiKeyTokenFormatsTests {

	private final ApiKeyTokenFormat issued = new ApiKeyTokenFormat("acme_live", List.of());

	private final ApiKeyTokenFormats formats = new ApiKeyTokenFormats(this.issued,
			List.of(new DelimitedTokenFormat("dot", '.', false), new OpaqueTokenFormat("opaque", "sk_")));

	@Test
	void parseWhenIssuedThenAllThatIsKnownOfIt() {
		ApiKeyToken token = this.issued.generate(new SecureRandomApiKeyGenerator());
		PresentedToken presented = this.formats.parse(token.value());
		assertThat(presented).isNotNull();
		assertThat(presented.prefix()).isEqualTo("acme_live");
		assertThat(presented.keyId()).isEqualTo(token.keyId());
		assertThat(presented.lastCharacters()).isEqualTo(token.lastCharacters());
		assertThat(presented.hashedText()).isEqualTo(token.value());
		assertThat(presented.secretLength()).isEqualTo(32);
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
		assertThat(presented.secretLength()).isEqualTo(6);
		assertThat(presented).hasToString("PresentedToken [keyId=dot:id]");
	}

	@Test
	void parseWhenSeveralFormatsRecogniseItThenTheFirstCounts() {
		PresentedToken presented = this.formats.parse("sk_id.secret");
		assertThat(presented).isNotNull();
		assertThat(presented.prefix()).isEqualTo("dot");
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
		assertThat(this.formats.parse("sk_" + "x".repeat(497))).isNotNull();
		assertThat(this.formats.parse("sk_" + "x".repeat(498))).isNull();
	}

	@Test
	void parseWhenNothingWasImportedThenNull() {
		assertThat(new ApiKeyTokenFormats(this.issued).parse("id.secret")).isNull();
	}

	@Test
	void claimsWhenDamagedOrForeignThenTrue() {
		assertThat(this.formats.claims("acme_live_damaged")).isTrue();
		assertThat(this.formats.claims("id.secret")).isTrue();
		assertThat(this.formats.issued()).isSameAs(this.issued);
	}

	@Test
	void identifiedThenTokenWithoutSecret() {
		PresentedToken presented = this.formats.identified("opaque", "id");
		assertThat(presented.prefix()).isEqualTo("opaque");
		assertThat(presented.keyId()).isEqualTo("opaque:id");
		assertThat(presented.hashedText()).isEmpty();
		assertThat(presented.secretLength()).isZero();
	}

	@Test
	void identifiedWhenFormatIsUnknownThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.formats.identified("other", "id"))
			.withMessageContaining("'other'");
	}

	@Test
	void identifiedWhenIdHasAnIllegalLengthThenRefused() {
		assertThat(this.formats.identified("dot", "x".repeat(60)).keyId()).hasSize(64);
		assertThatIllegalArgumentException().isThrownBy(() -> this.formats.identified("dot", "x".repeat(61)))
			.withMessageContaining("60");
		assertThatIllegalArgumentException().isThrownBy(() -> this.formats.identified("dot", ""));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "Upper", "1a", "-a", "a_b", "a:b", "abcdefghijklmnopqrstuvwxyzabcde" })
	void createWhenNameIsIllegalThenRefused(String name) {
		List<ForeignTokenFormat> foreign = List.of(new OpaqueTokenFormat(name, "sk_"));
		assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeyTokenFormats(this.issued, foreign))
			.withMessageContaining("'" + name + "' must be");
	}

	@Test
	void createWhenTwoHaveTheSameNameThenRefused() {
		List<ForeignTokenFormat> foreign = List.of(new OpaqueTokenFormat("same", "a_"),
				new OpaqueTokenFormat("same", "b_"));
		assertThatIllegalArgumentException().isThrownBy(() -> new ApiKeyTokenFormats(this.issued, foreign))
			.withMessageContaining("two formats have the name 'same'");
	}

}
