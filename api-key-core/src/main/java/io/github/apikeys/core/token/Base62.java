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
import java.util.Arrays;
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

	/** The value of each digit, and -1 of all other bytes. */
	private static final byte[] VALUES = new byte[256];

	static {
		Arrays.fill(VALUES, (byte) -1);
		for (int value = 0; value < ALPHABET.length(); value++) {
			VALUES[ALPHABET.charAt(value)] = (byte) value;
		}
	}

	private Base62() {
	}

	/**
	 * Whether there are no other bytes than those of the alphabet. It does not stop at
	 * the first one that is foreign: that would take longer than not to ask each time.
	 */
	static boolean consistsOf(byte[] ascii, int start, int end) {
		int foreign = 0;
		for (int i = start; i < end; i++) {
			foreign |= VALUES[ascii[i] & 0xff];
		}
		return foreign >= 0;
	}

	/**
	 * Computes the checksum of a text.
	 * @param text the text, ASCII only
	 * @return six characters: the CRC32 in base62, padded with {@code 0} on the left
	 */
	static String checksum(String text) {
		byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
		char[] digits = new char[CHECKSUM_LENGTH];
		long rest = crc32(ascii, ascii.length);
		for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
			digits[i] = ALPHABET.charAt((int) (rest % 62));
			rest /= 62;
		}
		return new String(digits);
	}

	/**
	 * Whether a text ends in the checksum of all that stands before it.
	 * @param ascii the text, which ends in at least six bytes of the alphabet
	 * @return whether the checksum is right
	 */
	static boolean endsWithChecksum(byte[] ascii) {
		long checksum = 0;
		for (int i = ascii.length - CHECKSUM_LENGTH; i < ascii.length; i++) {
			checksum = checksum * 62 + VALUES[ascii[i] & 0xff];
		}
		return checksum == crc32(ascii, ascii.length - CHECKSUM_LENGTH);
	}

	private static long crc32(byte[] ascii, int length) {
		// at once: byte by byte takes as long as the hash of the token
		CRC32 crc = new CRC32();
		crc.update(ascii, 0, length);
		return crc.getValue();
	}

}
