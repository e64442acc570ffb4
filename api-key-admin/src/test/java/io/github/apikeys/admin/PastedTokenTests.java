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

package io.github.apikeys.admin;

import java.util.List;

import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class PastedTokenTests {

	private static final String KEY = "ak_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJKLMNOPQRSTUV000000";

	private final ApiKeyTokenFormats formats = new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of()),
			List.of(DelimitedTokenFormat.django()));

	@ParameterizedTest
	@ValueSource(strings = { KEY, "X-API-Key: " + KEY, "see example.org for\t" + KEY + " of customer 7",
			"ak_7Hq2mVx9Lp4s_0123456789ABCDEFGHIJ", "other_7Hq2mVx9Lp4s_abcdefghijklmnopqrstuvwxyz",
			"other_7Hq2mVx9Lp4sNoDigitInWhatIsLeftOf", "ak_7Hq2mVx9Lp4s_0123456789ABCDEFGHI\nJKLMNOPQRSTUV000000",
			"ak_7Hq2mVx9Lp4s_no" })
	void keyIdWhenATokenIsInTheTextThenFound(String text) {
		assertThat(PastedToken.isPossible(text)).isTrue();
		assertThat(PastedToken.keyId(text, this.formats)).isEqualTo("7Hq2mVx9Lp4s");
	}

	@ParameterizedTest
	@ValueSource(strings = { "X-API-Key:" + KEY, "curl -H 'X-API-Key:" + KEY + "' example.org",
			"token 4eC39HqLyjWDarjtT1zdp7dc" })
	void isPossibleWhenSomethingRandomIsInTheTextThenTrue(String text) {
		assertThat(PastedToken.isPossible(text)).isTrue();
		assertThat(PastedToken.keyId(text, this.formats)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { KEY + "\0", "\0 " + KEY, "\u007f" + KEY, "\u0085" + KEY })
	void isPossibleWhenNoDatabaseCanBeAskedThenFalse(String text) {
		assertThat(PastedToken.isPossible(text)).isFalse();
	}

	/**
	 * With a pattern for the whole, each character could be the beginning of the end.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "", "\1", "\u007f", "\u0085", "_" })
	@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void isPossibleWhenVeryLongThenAnswered(String end) {
		String text = "a1" + "a".repeat(1_000_000) + end;
		assertThat(PastedToken.isPossible(text)).isEqualTo(end.isEmpty() || end.equals("_"));
		assertThat(PastedToken.keyId(text, this.formats)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "7Hq2mVx9Lp4s", "billing export of customer 7", "example.org",
			"Donaudampfschifffahrtsgesellschaft 12", "acme_organization_import", "customer@example.org" })
	void isPossibleWhenOrdinaryWordsThenFalse(String text) {
		assertThat(PastedToken.isPossible(text)).isFalse();
		assertThat(PastedToken.keyId(text, this.formats)).isNull();
	}

}
