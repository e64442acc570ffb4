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

/**
 * A well-formed token, taken apart. It carries the plaintext, so it is neither
 * serializable nor printable: {@link #toString()} shows the public part only.
 *
 * @since 0.1.0
 * @see ApiKeyTokenFormat
 */
public final class ApiKeyToken {

	static final int LAST_CHARACTERS = 4;

	// left out by libraries that write fields
	private final transient String value;

	private final int prefixLength;

	ApiKeyToken(String value, int prefixLength) {
		this.value = value;
		this.prefixLength = prefixLength;
	}

	/**
	 * Returns the prefix.
	 * @return the part before the key id, without the separator, for example
	 * {@code acme_live}
	 */
	public String prefix() {
		return this.value.substring(0, this.prefixLength);
	}

	/**
	 * Returns the public id of the key.
	 * @return 12 base62 characters
	 */
	public String keyId() {
		int start = this.prefixLength + 1;
		return this.value.substring(start, start + ApiKeyTokenFormat.KEY_ID_LENGTH);
	}

	/**
	 * Returns the plaintext: the whole token as the client sends it.
	 * @return 54 to 100 ASCII characters, secret
	 */
	public String value() {
		return this.value;
	}

	/**
	 * Returns the end of the token, by which its holder recognises it in a list. It is
	 * part of the checksum and reveals at most 24 of the secret's 190 bits.
	 * @return 4 base62 characters
	 */
	public String lastCharacters() {
		return this.value.substring(this.value.length() - LAST_CHARACTERS);
	}

	@Override
	public String toString() {
		return prefix() + ApiKeyTokenFormat.SEPARATOR + keyId() + ApiKeyTokenFormat.SEPARATOR + "[PROTECTED]";
	}

}
