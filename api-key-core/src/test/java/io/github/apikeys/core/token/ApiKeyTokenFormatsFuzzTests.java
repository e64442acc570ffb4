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

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.apikeys.core.SlowestInput;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever is presented as a token, our own and foreign ones are recognised as the
 * documentation describes them, and nothing else is. Each text is looked at as it is, and
 * with the checksum that would make it a token: no fuzzer guesses that.
 */
class ApiKeyTokenFormatsFuzzTests {

	private static final Pattern OWN = Pattern
		.compile("(ak|acme_live)_([0-9A-Za-z]{12})_([0-9A-Za-z]{32})([0-9A-Za-z]{6})");

	private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	private static final ApiKeyTokenFormats formats = new ApiKeyTokenFormats(
			new ApiKeyTokenFormat("ak", List.of("acme_live")), List.of(DelimitedTokenFormat.django(),
					new DelimitedTokenFormat("pair", '|', false), new OpaqueTokenFormat("opaque", "sk_")));

	private static final SlowestInput slowest = new SlowestInput();

	@AfterAll
	static void printSlowest() {
		slowest.print(ApiKeyTokenFormatsFuzzTests.class);
	}

	@FuzzTest
	void parse(FuzzedDataProvider data) {
		slowest.run(data, 600, ApiKeyTokenFormatsFuzzTests::checkWithAndWithoutChecksum);
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "ak_", "ak_0123456789AB_", ".", "a.b", "|", "sk_", "\u00e4", " " })
	@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void parseWhenAMillionCharactersThenAnswered(String part) {
		check(part.repeat(1_000_000 / part.length()));
	}

	private static void checkWithAndWithoutChecksum(String text) {
		check(text);
		if (text.length() < 100) {
			check(text + checksum(text));
		}
	}

	private static void check(String text) {
		PresentedToken token = formats.parse(text);
		Matcher own = OWN.matcher(text);
		if (own.matches() && text.endsWith(checksum(text.substring(0, text.length() - 6)))) {
			assertThat(token).isNotNull();
			assertThat(token.prefix()).isEqualTo(own.group(1));
			assertThat(token.keyId()).isEqualTo(own.group(2));
			assertThat(token.hashedText()).isEqualTo(text);
			assertThat(token.lastCharacters()).isEqualTo(own.group(4).substring(2));
			assertThat(token.secretLength()).isEqualTo(32);
			assertThat(token.toString()).doesNotContain(own.group(3));
		}
		else {
			checkForeign(text, token);
		}
		assertThat(formats.claims(text))
			.isEqualTo(token != null || text.startsWith("ak_") || text.startsWith("acme_live_"));
	}

	private static void checkForeign(String text, PresentedToken token) {
		boolean printable = !text.isEmpty() && text.length() <= 500 && text.chars().allMatch((c) -> c > 32 && c < 127);
		String[] dotted = text.split("\\.", -1);
		String[] barred = text.split("\\|", -1);
		if (printable && isPair(dotted)) {
			assertForeign(token, "django", dotted[0], text, dotted[1].length());
		}
		else if (printable && isPair(barred)) {
			assertForeign(token, "pair", barred[0], barred[1], barred[1].length());
		}
		else if (printable && text.startsWith("sk_") && text.length() > 3) {
			assertForeign(token, "opaque", sha256(text).substring(0, 24), text, text.length() - 3);
		}
		else {
			assertThat(token).isNull();
		}
	}

	private static boolean isPair(String[] parts) {
		return parts.length == 2 && !parts[0].isEmpty() && parts[0].length() <= 60 && !parts[1].isEmpty();
	}

	private static void assertForeign(PresentedToken token, String format, String id, String hashed, int length) {
		assertThat(token).isNotNull();
		assertThat(token.prefix()).isEqualTo(format);
		assertThat(token.keyId()).isEqualTo(format + ":" + id);
		assertThat(token.hashedText()).isEqualTo(hashed);
		assertThat(token.secretLength()).isEqualTo(length);
		assertThat(token.lastCharacters()).isEmpty();
	}

	/**
	 * The CRC32 bit by bit.
	 */
	private static String checksum(String text) {
		int register = -1;
		for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
			register ^= b & 0xff;
			for (int bit = 0; bit < 8; bit++) {
				register = ((register & 1) != 0) ? (register >>> 1) ^ 0xedb88320 : register >>> 1;
			}
		}
		StringBuilder digits = new StringBuilder();
		for (long rest = ~register & 0xffffffffL; digits.length() < 6; rest /= 62) {
			digits.insert(0, DIGITS.charAt((int) (rest % 62)));
		}
		return digits.toString();
	}

	private static String sha256(String text) {
		try {
			return HexFormat.of()
				.formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
