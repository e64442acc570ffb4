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

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Tokens without a public id, of which the other system stored the SHA-256 and looked it
 * up. The beginning of that hash becomes the id.
 *
 * @since 0.1.0
 */
public final class OpaqueTokenFormat implements ForeignTokenFormat {

	/** 96 bits: enough to find a key, too few to test guesses of a long secret. */
	private static final int ID_LENGTH = 24;

	private final String name;

	private final String prefix;

	/**
	 * Creates a format.
	 * @param name the name of the format
	 * @param prefix what its tokens begin with, for example {@code sk_}, not empty
	 */
	public OpaqueTokenFormat(String name, String prefix) {
		Assert.hasText(prefix, "prefix cannot be empty");
		this.name = name;
		this.prefix = prefix;
	}

	/**
	 * Returns under which id a key of this format is found.
	 * @param sha256 the SHA-256 of the whole token in 64 hexadecimal digits
	 * @return its first 24 digits, in lower case
	 * @throws IllegalArgumentException if it is no such hash
	 */
	public static String idOf(String sha256) {
		byte[] digest = HexFormat.of().parseHex(sha256);
		Assert.isTrue(digest.length == 32, "sha256 must have 64 hexadecimal digits");
		return HexFormat.of().formatHex(digest).substring(0, ID_LENGTH);
	}

	@Override
	public String getName() {
		return this.name;
	}

	@Override
	public @Nullable PresentedToken parse(String text) {
		int secretLength = text.length() - this.prefix.length();
		if (secretLength < 1 || !text.startsWith(this.prefix)) {
			return null;
		}
		return PresentedToken.of(idOf(HexFormat.of().formatHex(sha256(text))), text, secretLength);
	}

	private static byte[] sha256(String text) {
		try {
			return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

}
