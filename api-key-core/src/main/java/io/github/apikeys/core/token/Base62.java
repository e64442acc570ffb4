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
import java.util.zip.CRC32;

/**
 * The alphabet of key ids and secrets, and the checksum written in it.
 */
final class Base62 {

	static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	/**
	 * Number of characters that hold any 32 bit value: {@code 62^5 < 2^32 <= 62^6}.
	 */
	static final int CHECKSUM_LENGTH = 6;

	private Base62() {
	}

	static boolean contains(char c) {
		return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
	}

	static boolean consistsOf(CharSequence text, int start, int end) {
		for (int i = start; i < end; i++) {
			if (!contains(text.charAt(i))) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Computes the checksum of a text.
	 * @param text the text, ASCII only
	 * @return six characters: the CRC32 in base62, padded with {@code 0} on the left
	 */
	static String checksum(CharSequence text) {
		char[] digits = new char[CHECKSUM_LENGTH];
		long rest = crc32(text, text.length());
		for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
			digits[i] = ALPHABET.charAt((int) (rest % 62));
			rest /= 62;
		}
		return new String(digits);
	}

	/**
	 * Whether a text ends in the checksum of all that stands before it.
	 * @param text the text, ASCII only, longer than a checksum
	 * @return whether the checksum is right
	 */
	static boolean endsWithChecksum(CharSequence text) {
		int end = text.length();
		long rest = crc32(text, end - CHECKSUM_LENGTH);
		for (int i = end - 1; i >= end - CHECKSUM_LENGTH; i--) {
			if (text.charAt(i) != ALPHABET.charAt((int) (rest % 62))) {
				return false;
			}
			rest /= 62;
		}
		return true;
	}

	private static long crc32(CharSequence text, int length) {
		// at once: byte by byte takes as long as the hash of the token
		CRC32 crc = new CRC32();
		crc.update(text.toString().getBytes(StandardCharsets.ISO_8859_1), 0, length);
		return crc.getValue();
	}

}
