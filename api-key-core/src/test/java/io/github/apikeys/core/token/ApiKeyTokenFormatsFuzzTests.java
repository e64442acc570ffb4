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
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

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

	private static final byte[] ID_SECRET = "fuzz".repeat(8).getBytes(StandardCharsets.US_ASCII);

	private static final ApiKeyTokenFormats formats = new ApiKeyTokenFormats(
			new ApiKeyTokenFormat("ak", List.of("acme_live")),
			List.of(new DelimitedTokenFormat("dot", '.', true),
					new DelimitedTokenFormat("pair", '|', false).withBearer(),
					new OpaqueTokenFormat("opaque", "sk_", SecretShape.of(32, SecretShape.HEXADECIMAL), ID_SECRET)));

	private static final Pattern WITH_OWN_INSIDE = Pattern
		.compile("(?s)(ak|acme_live)_.*|.*(?<![0-9A-Za-z])(ak|acme_live)_[0-9A-Za-z]{12}_.*");

	private static final Pattern OPAQUE = Pattern.compile("sk_[0-9a-f]{32}");

	private static final Pattern JSON_WEB_TOKEN = Pattern
		.compile("[0-9A-Za-z_-]+(\\.[0-9A-Za-z_-]*){2}((\\.[0-9A-Za-z_-]*){2})?");

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
	@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
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
			assertThat(token.isGenerated()).isTrue();
			assertThat(token.toString()).doesNotContain(own.group(3));
		}
		else {
			checkForeign(text, token);
		}
		boolean bearer = token != null && !token.prefix().equals("dot") && !JSON_WEB_TOKEN.matcher(text).matches();
		assertThat(formats.claims(text)).isEqualTo(bearer || text.startsWith("ak_") || text.startsWith("acme_live_"));
	}

	private static void checkForeign(String text, PresentedToken token) {
		boolean printable = !text.isEmpty() && text.length() <= 500 && text.chars().allMatch((c) -> c > 32 && c < 127)
				&& !WITH_OWN_INSIDE.matcher(text).matches();
		String[] dotted = text.split("\\.", -1);
		String[] barred = text.split("\\|", -1);
		if (printable && isPair(dotted)) {
			assertForeign(token, "dot", dotted[0], text, false);
		}
		else if (printable && isPair(barred)) {
			assertForeign(token, "pair", barred[0], barred[1], false);
		}
		else if (printable && OPAQUE.matcher(text).matches()) {
			assertForeign(token, "opaque", hmac(sha256(text)).substring(0, 24), text, true);
		}
		else {
			assertThat(token).isNull();
		}
	}

	private static boolean isPair(String[] parts) {
		return parts.length == 2 && !parts[0].isEmpty() && parts[0].length() <= 60 && !parts[1].isEmpty();
	}

	private static void assertForeign(PresentedToken token, String format, String id, String hashed,
			boolean generated) {
		assertThat(token).isNotNull();
		assertThat(token.prefix()).isEqualTo(format);
		assertThat(token.keyId()).isEqualTo(format + ":" + id);
		assertThat(token.hashedText()).isEqualTo(hashed);
		assertThat(token.isGenerated()).isEqualTo(generated);
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

	private static String hmac(byte[] hash) {
		try {
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(ID_SECRET, "HmacSHA256"));
			return HexFormat.of().formatHex(mac.doFinal(hash));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static byte[] sha256(String text) {
		try {
			return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
