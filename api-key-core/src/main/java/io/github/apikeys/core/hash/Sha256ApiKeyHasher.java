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

package io.github.apikeys.core.hash;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Predicate;

/**
 * The default scheme: a bare SHA-256. A fast hash is enough because a generated secret
 * has 190 bits; guessing it is hopeless at any speed.
 *
 * @since 0.1.0
 */
public final class Sha256ApiKeyHasher implements ApiKeyHasher {

	/**
	 * The scheme's name.
	 */
	public static final String SCHEME = "sha256";

	@Override
	public String getScheme() {
		return SCHEME;
	}

	@Override
	public String hash(String token) {
		return HexFormat.of().formatHex(digest(token));
	}

	@Override
	public boolean matches(String token, String hash) {
		return matcher(hash).test(token);
	}

	@Override
	public Predicate<String> matcher(String hash) {
		byte[] expected;
		try {
			expected = HexFormat.of().parseHex(hash);
		}
		catch (IllegalArgumentException ex) {
			return (token) -> false;
		}
		return (token) -> MessageDigest.isEqual(digest(token), expected);
	}

	@Override
	public boolean resistsGuessing() {
		return false;
	}

	static byte[] digest(String token) {
		try {
			return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

}
