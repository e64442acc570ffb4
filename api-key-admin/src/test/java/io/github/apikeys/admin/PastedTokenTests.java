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
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import org.junit.jupiter.api.Test;
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
			"ak_7Hq2mVx9Lp4s_no", "X-API-Key:" + KEY, "curl -H 'X-API-Key: " + KEY + "' http://localhost:8080/",
			"curl -H \"X-API-Key:" + KEY + "\" example.org", "'" + KEY + "'", "\"" + KEY + "\"", "`" + KEY + "`",
			"API_KEY=" + KEY, "export API_KEY=\"" + KEY + "\"", "apiKey: \"" + KEY + "\"", "{\"key\":\"" + KEY + "\"}",
			"{\\\"key\\\":\\\"" + KEY + "\\\"}", "https://example.org/orders?api_key=" + KEY + "&page=2",
			"https://example.org/?q=%22" + KEY + "%22", KEY + ",", KEY + ".", KEY + ";", "(" + KEY + ")",
			"[the key](" + KEY + ")", "<" + KEY + ">", "**" + KEY + "**", "Authorization: Bearer " + KEY,
			"- " + KEY + "!", "|" + KEY + "|" })
	void keyIdsWhenATokenIsInTheTextThenFound(String text) {
		assertThat(PastedToken.isPossible(text)).isTrue();
		assertThat(PastedToken.keyIds(text, this.formats)).containsExactly("7Hq2mVx9Lp4s");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "ak_7Hq2mVx9Lp4s", "ak_7Hq2mVx9Lp4s_…0000", "ak_7Hq2mVx9Lp4s_...", "key ak_7Hq2mVx9Lp4s." })
	void keyIdsWhenTheTextIsWhatThePagesShowThenFoundAndNoSecret(String text) {
		assertThat(PastedToken.isPossible(text)).isFalse();
		assertThat(PastedToken.keyIds(text, this.formats)).containsExactly("7Hq2mVx9Lp4s");
	}

	@Test
	void keyIdsWhenAForeignTokenIsQuotedThenFound() {
		String token = "blnYabcd.4eC39HqLyjWDarjtT1zdp7dc4eC39HqL";
		assertThat(PastedToken.keyIds("KEY='" + token + "'", this.formats))
			.isEqualTo(PastedToken.keyIds(token, this.formats))
			.containsExactly("django:blnYabcd");
	}

	@Test
	void keyIdsWhenThereAreManyThenAllInTheirOrderUpToABound() {
		assertThat(PastedToken.keyIds(KEY + "\n" + KEY.replace('7', 'Z') + "\nak_000000000001", this.formats))
			.containsExactly("7Hq2mVx9Lp4s", "ZHq2mVx9Lp4s", "000000000001");
		String many = IntStream.range(0, 100).mapToObj("ak_%012d "::formatted).collect(Collectors.joining());
		assertThat(PastedToken.keyIds(many, this.formats)).hasSize(20);
	}

	@Test
	void idsWhenAUrlOfThePagesThenFound() {
		assertThat(PastedToken.ids("see https://example.org/admin/api-keys/0192f3c4-0000-7000-8000-0123456789ab/edit"))
			.containsExactly(UUID.fromString("0192f3c4-0000-7000-8000-0123456789ab"));
		assertThat(PastedToken.ids("0192f3c4-0000-7000-8000-0123456789abc")).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "token 4eC39HqLyjWDarjtT1zdp7dc", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0" })
	void isPossibleWhenSomethingRandomIsInTheTextThenTrue(String text) {
		assertThat(PastedToken.isPossible(text)).isTrue();
		assertThat(PastedToken.keyIds(text, this.formats)).isEmpty();
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
	@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void isPossibleWhenVeryLongThenAnswered(String end) {
		String text = "a1" + "a".repeat(1_000_000) + end;
		assertThat(PastedToken.isPossible(text)).isEqualTo(end.isEmpty() || end.equals("_"));
		assertThat(PastedToken.keyIds(text, this.formats)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "7Hq2mVx9Lp4s", "billing export of customer 7", "example.org",
			"Donaudampfschifffahrtsgesellschaft 12", "acme_import", "db_production2026_eu", "customer@example.org" })
	void isPossibleWhenOrdinaryWordsThenFalse(String text) {
		assertThat(PastedToken.isPossible(text)).isFalse();
		assertThat(PastedToken.keyIds(text, this.formats)).isEmpty();
	}

}
