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

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Tokens without a public id, which the other system found by the SHA-256 of the whole
 * token. The id is an HMAC of that hash under a secret of the server, so that it tells
 * nothing about the token, wherever it is shown.
 *
 * @since 0.1.0
 */
public final class OpaqueTokenFormat implements ForeignTokenFormat {

	/**
	 * Shortest secret for ids in bytes: the output length of SHA-256.
	 */
	public static final int MIN_ID_SECRET_LENGTH = 32;

	private static final String ALGORITHM = "HmacSHA256";

	/** 96 bits: two keys do not share them. */
	private static final int ID_LENGTH = 24;

	private final String name;

	private final String prefix;

	private final SecretShape secret;

	private final SecretKeySpec idSecret;

	private final boolean bearer;

	/**
	 * Creates a format.
	 * @param name the name of the format
	 * @param prefix what its tokens begin with, for example {@code sk_}; if it is empty,
	 * the format takes what no other format recognises, and nothing behind the scheme
	 * word {@code Bearer}, see {@link #withBearer()}
	 * @param secret what follows the prefix in each token
	 * @param idSecret a secret of the server from which ids are made, at least 32 bytes.
	 * It must stay the same: with another one no key of this format is found any more,
	 * and importing a key again creates no second one but tells that its id differs
	 * @throws InvalidTokenFormatException if the secret for ids is shorter
	 */
	public OpaqueTokenFormat(String name, String prefix, SecretShape secret, byte[] idSecret) {
		this(name, prefix, secret, idSecretOf(name, idSecret), !"".equals(prefix));
	}

	private OpaqueTokenFormat(String name, String prefix, SecretShape secret, SecretKeySpec idSecret, boolean bearer) {
		Assert.notNull(name, "name cannot be null");
		Assert.notNull(prefix, "prefix cannot be null");
		Assert.notNull(secret, "secret cannot be null");
		this.name = name;
		this.prefix = prefix;
		this.secret = secret;
		this.idSecret = idSecret;
		this.bearer = bearer;
	}

	private static SecretKeySpec idSecretOf(String name, byte[] idSecret) {
		Assert.notNull(idSecret, "idSecret cannot be null");
		InvalidTokenFormatException.check(idSecret.length >= MIN_ID_SECRET_LENGTH,
				"the secret for the ids of the token format '" + name + "' must have at least " + MIN_ID_SECRET_LENGTH
						+ " bytes");
		return new SecretKeySpec(idSecret, ALGORITHM);
	}

	/**
	 * Lets a format without a prefix claim tokens behind the scheme word {@code Bearer},
	 * too. No other mechanism sees bearer tokens of that shape any more.
	 * @return a format with the same name
	 */
	public OpaqueTokenFormat withBearer() {
		return new OpaqueTokenFormat(this.name, this.prefix, this.secret, this.idSecret, true);
	}

	/**
	 * Returns under which id a key of this format is found.
	 * @param sha256 the SHA-256 of the whole token in 64 hexadecimal digits
	 * @return 24 hexadecimal digits, in lower case
	 * @throws IllegalArgumentException if it is no such hash; the message does not
	 * contain it
	 */
	public String idOf(String sha256) {
		Assert.notNull(sha256, "sha256 cannot be null");
		byte[] digest = new byte[0];
		try {
			digest = HexFormat.of().parseHex(sha256);
		}
		catch (IllegalArgumentException ex) {
			// its message may contain a part of what was given, maybe a token
		}
		Assert.isTrue(digest.length == 32, "sha256 must have 64 hexadecimal digits");
		return idOf(digest);
	}

	private String idOf(byte[] sha256) {
		try {
			Mac mac = Mac.getInstance(ALGORITHM);
			mac.init(this.idSecret);
			return HexFormat.of().formatHex(mac.doFinal(sha256)).substring(0, ID_LENGTH);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every Java platform has HmacSHA256", ex);
		}
	}

	@Override
	public String getName() {
		return this.name;
	}

	String prefix() {
		return this.prefix;
	}

	/**
	 * Whether a token may be of this format and of another one. A format without a prefix
	 * gives way to those that have one.
	 */
	boolean overlaps(OpaqueTokenFormat other) {
		return this.prefix.isEmpty() == other.prefix.isEmpty()
				&& this.secret.overlaps(this.prefix, other.secret, other.prefix);
	}

	@Override
	public @Nullable PresentedToken parse(String text) {
		if (!text.startsWith(this.prefix) || !this.secret.matches(text, this.prefix.length())
				|| JsonWebToken.isShapeOf(text)) {
			return null;
		}
		return PresentedToken.of(idOf(sha256(text)), text, true);
	}

	@Override
	public boolean isId(String id) {
		return id.length() == ID_LENGTH && id.chars().allMatch((c) -> SecretShape.HEXADECIMAL.indexOf(c) >= 0);
	}

	@Override
	public boolean claimsBearer() {
		return this.bearer;
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
