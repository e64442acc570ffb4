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

import org.springframework.util.Assert;

/**
 * What secrets look like that another system drew at random: a fixed number of characters
 * of an alphabet. It is a declaration. That secrets were drawn, and not chosen by people,
 * cannot be seen from them; only declared ones get a fast hash.
 *
 * @since 0.1.0
 */
public final class SecretShape {

	/**
	 * {@code 0-9a-f}.
	 */
	public static final String HEXADECIMAL = "0123456789abcdef";

	/**
	 * {@code 0-9A-Za-z}.
	 */
	public static final String ALPHANUMERIC = Base62.ALPHABET;

	/**
	 * {@code 0-9A-Za-z_-}, as in RFC 4648, section 5, without padding.
	 */
	public static final String BASE64_URL = Base62.ALPHABET + "-_";

	/**
	 * Fewest bits that a secret must have to be out of reach of guessing.
	 */
	public static final int MIN_BITS = 128;

	private final int length;

	private final boolean[] alphabet = new boolean[0x7f];

	private SecretShape(int length) {
		this.length = length;
	}

	/**
	 * Declares secrets.
	 * @param length how many characters each of them has, at least 1
	 * @param alphabet the characters from which each is drawn with the same probability:
	 * printable ASCII, no spaces
	 * @return the shape
	 * @throws InvalidTokenFormatException if the alphabet has other characters, or such
	 * secrets have fewer than 128 bits
	 */
	public static SecretShape of(int length, String alphabet) {
		Assert.notNull(alphabet, "alphabet cannot be null");
		SecretShape shape = new SecretShape(length);
		for (char c : alphabet.toCharArray()) {
			InvalidTokenFormatException.check(c > ' ' && c < 0x7f,
					"the alphabet of a secret must be printable ASCII without spaces");
			shape.alphabet[c] = true;
		}
		double bits = length * Math.log(alphabet.chars().distinct().count()) / Math.log(2);
		InvalidTokenFormatException.check(bits >= MIN_BITS,
				"a secret of " + length + " characters, each one of " + alphabet.chars().distinct().count() + ", has "
						+ (int) bits + " bits, and must have at least " + MIN_BITS + " bits");
		return shape;
	}

	/**
	 * Whether there is a text that consists of a prefix and such a secret, and of another
	 * prefix and another shape's.
	 */
	boolean overlaps(String prefix, SecretShape other, String otherPrefix) {
		if (prefix.length() < otherPrefix.length()) {
			return other.overlaps(otherPrefix, this, prefix);
		}
		for (char c = '!'; c < this.alphabet.length; c++) {
			if (this.alphabet[c] && prefix.startsWith(otherPrefix)
					&& other.matches(prefix + String.valueOf(c).repeat(this.length), otherPrefix.length())) {
				return true;
			}
		}
		return false;
	}

	/**
	 * A secret without a character that stands for something else.
	 */
	String example(char excluded) {
		char filler = '!';
		while (!this.alphabet[filler] || filler == excluded) {
			filler++;
		}
		return String.valueOf(filler).repeat(this.length);
	}

	/**
	 * Whether the rest of a text is such a secret.
	 */
	boolean matches(String text, int start) {
		if (text.length() - start != this.length) {
			return false;
		}
		for (int i = start; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c >= this.alphabet.length || !this.alphabet[c]) {
				return false;
			}
		}
		return true;
	}

}
