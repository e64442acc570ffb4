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
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.springframework.util.Assert;

/**
 * HMAC-SHA-256 with a pepper: a secret of the application that is not in the database, so
 * that whoever has read the database cannot even try to guess a short secret. Each pepper
 * has an id and is a scheme of its own, which lets peppers be replaced one after the
 * other.
 *
 * @since 0.1.0
 */
public final class HmacSha256ApiKeyHasher implements ApiKeyHasher {

	/**
	 * Shortest pepper in bytes: the output length of SHA-256, the least that RFC 2104
	 * (section 3) advises for an HMAC key.
	 */
	public static final int MIN_PEPPER_LENGTH = 32;

	private static final String ALGORITHM = "HmacSHA256";

	private final String scheme;

	private final SecretKeySpec pepper;

	/**
	 * Creates a hasher.
	 * @param pepperId the public name of the pepper, part of each stored hash
	 * @param pepper the pepper, at least 32 bytes
	 * @throws IllegalArgumentException if the pepper is shorter
	 */
	public HmacSha256ApiKeyHasher(String pepperId, byte[] pepper) {
		Assert.notNull(pepper, "pepper cannot be null");
		Assert.isTrue(pepper.length >= MIN_PEPPER_LENGTH,
				() -> "Pepper '" + pepperId + "' must have at least " + MIN_PEPPER_LENGTH + " bytes");
		this.scheme = scheme(pepperId);
		this.pepper = new SecretKeySpec(pepper, ALGORITHM);
	}

	/**
	 * Returns the scheme of a pepper.
	 * @param pepperId the name of the pepper
	 * @return {@code hmac-sha256:<pepper id>}
	 */
	public static String scheme(String pepperId) {
		Assert.notNull(pepperId, "pepperId cannot be null");
		return "hmac-sha256:" + pepperId;
	}

	@Override
	public String getScheme() {
		return this.scheme;
	}

	@Override
	public String hash(String token) {
		try {
			Mac mac = Mac.getInstance(ALGORITHM);
			mac.init(this.pepper);
			return HexFormat.of().formatHex(mac.doFinal(token.getBytes(StandardCharsets.UTF_8)));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java platform has HmacSHA256", ex);
		}
	}

	@Override
	public boolean matches(String token, String hash) {
		return MessageDigest.isEqual(hash(token).getBytes(StandardCharsets.US_ASCII),
				hash.getBytes(StandardCharsets.US_ASCII));
	}

}
