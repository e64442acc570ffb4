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

class DelimitedTokenFormatTests {

	private final DelimitedTokenFormat format = new DelimitedTokenFormat("pair", '|', false);

	@Test
	void parseWhenSecretHashedThenSecret() {
		PresentedToken token = this.format.parse("id|secret");
		assertThat(token).isNotNull();
		assertThat(token.keyId()).isEqualTo("id");
		assertThat(token.hashedText()).isEqualTo("secret");
		assertThat(token.isGenerated()).isFalse();
	}

	@Test
	void parseWhenWholeTokenHashedThenWholeToken() {
		DelimitedTokenFormat django = DelimitedTokenFormat.django();
		String text = "id." + "s".repeat(32);
		PresentedToken token = django.parse(text);
		assertThat(token).isNotNull();
		assertThat(django.getName()).isEqualTo("django");
		assertThat(token.keyId()).isEqualTo("id");
		assertThat(token.hashedText()).isEqualTo(text);
		assertThat(token.isGenerated()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "id.", "id.0123456789012345678901234567890", "id.012345678901234567890123456789012",
			"id.0123456789012345678901234567890-" })
	void parseWhenTheSecretIsNotOfTheDeclaredShapeThenNull(String text) {
		assertThat(DelimitedTokenFormat.django().parse(text)).isNull();
	}

	@Test
	void parseWhenShapeOfAJsonWebTokenThenNull() {
		DelimitedTokenFormat dashed = new DelimitedTokenFormat("dashed", '-', false);
		assertThat(dashed.parse("eyJhbGciOiJSUzI1NiJ9.e3-0.c2ln")).isNull();
		assertThat(dashed.parse("eyJhbGciOiJSUzI1NiJ9-e30")).isNotNull();
	}

	@Test
	void isIdThenWhatCanStandBeforeTheDelimiter() {
		assertThat(this.format.isId("i".repeat(60))).isTrue();
		assertThat(this.format.isId("i".repeat(61))).isFalse();
		assertThat(this.format.isId("a|b")).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "|", "id", "id|", "|secret", "id||secret", "id|sec|ret", "id.secret" })
	void parseWhenNotTwoPartsThenNull(String text) {
		assertThat(this.format.parse(text)).isNull();
	}

	@Test
	void parseWhenPartsAreAsShortOrLongAsAllowedThenToken() {
		assertThat(this.format.parse("i|s")).isNotNull();
		assertThat(this.format.parse("i".repeat(60) + "|s")).isNotNull();
		assertThat(this.format.parse("i".repeat(61) + "|s")).isNull();
	}

}
