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

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Hashes of slow password encoders, whose cost stands in the hash itself: whoever writes
 * it decides how long a comparison takes and how much memory it needs. What is above the
 * limits is neither imported nor compared.
 */
final class SlowHash {

	static final int MAX_BCRYPT_COST = 14;

	/** N * r * p; memory is 128 bytes for each N * r. */
	static final long MAX_SCRYPT_COST = 1 << 20;

	static final int MAX_ARGON2_KIBIBYTES = 1 << 17;

	/** Kibibytes times passes. */
	static final long MAX_ARGON2_COST = 1 << 19;

	static final int MAX_ARGON2_LANES = 16;

	static final int MAX_PBKDF2_ITERATIONS = 2_000_000;

	/** Below these a new hash is made: what Spring Security's encoders used before. */
	private static final int MIN_BCRYPT_COST = 10;

	private static final long MIN_SCRYPT_COST = 1 << 14;

	private static final long MIN_ARGON2_COST = 1 << 12;

	static final String LIMITS = "bcrypt cost 14, scrypt N * r * p 2^20, Argon2 128 MiB, 16 lanes and 512 MiB * passes, "
			+ "PBKDF2 2,000,000 iterations";

	/**
	 * The name of an encoder that a {@code DelegatingPasswordEncoder} puts before a hash.
	 */
	private static final Pattern ENCODER_NAME = Pattern.compile("\\{[^}]*}");

	private static final Pattern ENCODER = Pattern
		.compile("\\{(bcrypt|(?:pbkdf2|scrypt|argon2)(?:@SpringSecurity_v5_8)?)}(.*)");

	private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]?\\$(\\d\\d)\\$[./0-9A-Za-z]{53}");

	private static final Pattern SCRYPT = Pattern
		.compile("\\$([0-9a-fA-F]{1,8})\\$[0-9A-Za-z+/=]{8,}\\$[0-9A-Za-z+/=]{16,}");

	private static final Pattern ARGON2 = Pattern.compile("\\$argon2(?:id|i|d)(?:\\$v=\\d{1,3})?"
			+ "\\$m=(\\d{1,9}),t=(\\d{1,9}),p=(\\d{1,9})\\$[0-9A-Za-z+/=]{8,}\\$[0-9A-Za-z+/=]{16,}");

	/**
	 * What an encoder might still read a cost from, though it is not of the usual form.
	 */
	private static final Pattern WITH_COST = Pattern.compile("^\\$(?:2[a-z]?|argon2\\w*|[0-9a-fA-F]+)\\$");

	private static final Pattern PBKDF2 = Pattern.compile("(?:[0-9a-fA-F]{2}){24,}|[0-9A-Za-z+/]{32,}={0,2}");

	private SlowHash() {
	}

	/**
	 * Checks what a {@code DelegatingPasswordEncoder} stored.
	 * @param encoded <code>{encoder}hash</code>
	 * @throws IllegalArgumentException if the encoder is not slow, the hash is not of its
	 * form, or costs too much; the message does not contain the hash
	 */
	static void check(String encoded) {
		Matcher encoder = ENCODER.matcher(encoded);
		Assert.isTrue(encoder.matches(), "An encoded hash must look like '{bcrypt}$2a$10$...': its encoder must be "
				+ "bcrypt, pbkdf2, scrypt or argon2. Import other hashes through an ApiKeyHasher of your own whose "
				+ "upgradeHash returns true, or issue new keys");
		String hash = encoder.group(2);
		String name = encoder.group(1);
		Pattern form = name.startsWith("bcrypt") ? BCRYPT
				: name.startsWith("scrypt") ? SCRYPT : name.startsWith("argon2") ? ARGON2 : PBKDF2;
		Assert.isTrue(form.matcher(hash).matches(), () -> "The encoded hash is not a complete hash of " + name);
		Assert.isTrue(isBearable(hash),
				() -> "A comparison with the encoded hash would cost too much; the limits are " + LIMITS);
	}

	static boolean isAllowed(String encoded) {
		try {
			check(encoded);
			return true;
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

	/**
	 * Whether a comparison stays within the limits. A hash that is not written with
	 * dollar signs has no cost in it, but that of its encoder.
	 * @param encoded the hash, behind the names of any encoders
	 */
	static boolean isBearable(String encoded) {
		String hash = withoutEncoders(encoded);
		Cost cost = cost(hash);
		return (cost != null) ? cost != Cost.EXCESSIVE : !WITH_COST.matcher(hash).find();
	}

	/**
	 * Whether a hash costs so little that a guessable secret should have a new one.
	 * @param encoded the hash, behind the names of any encoders
	 */
	static boolean isWeak(String encoded) {
		return cost(withoutEncoders(encoded)) == Cost.TOO_LITTLE;
	}

	private static @Nullable Cost cost(String hash) {
		Matcher bcrypt = BCRYPT.matcher(hash);
		if (bcrypt.matches()) {
			return Cost.of(Integer.parseInt(bcrypt.group(1)), MIN_BCRYPT_COST, MAX_BCRYPT_COST);
		}
		Matcher argon2 = ARGON2.matcher(hash);
		if (argon2.matches()) {
			long kibibytes = Long.parseLong(argon2.group(1));
			return (kibibytes > MAX_ARGON2_KIBIBYTES || Long.parseLong(argon2.group(3)) > MAX_ARGON2_LANES)
					? Cost.EXCESSIVE
					: Cost.of(kibibytes * Long.parseLong(argon2.group(2)), MIN_ARGON2_COST, MAX_ARGON2_COST);
		}
		Matcher scrypt = SCRYPT.matcher(hash);
		return scrypt.matches() ? costOfScrypt(Long.parseLong(scrypt.group(1), 16)) : null;
	}

	/**
	 * That of the parameters as Spring Security packs them: the logarithm of N, r and p.
	 */
	private static Cost costOfScrypt(long parameters) {
		long logarithm = parameters >> 16;
		long product = (parameters >> 8 & 0xff) * (parameters & 0xff);
		return (logarithm > 20) ? Cost.EXCESSIVE : Cost.of(product << logarithm, MIN_SCRYPT_COST, MAX_SCRYPT_COST);
	}

	private static String withoutEncoders(String encoded) {
		Matcher name = ENCODER_NAME.matcher(encoded);
		int start = 0;
		while (name.region(start, encoded.length()).lookingAt()) {
			start = name.end();
		}
		return encoded.substring(start);
	}

	/**
	 * What a comparison costs, compared with what is permitted.
	 */
	private enum Cost {

		TOO_LITTLE, ENOUGH, EXCESSIVE;

		static Cost of(long cost, long min, long max) {
			if (cost > max) {
				return EXCESSIVE;
			}
			return (cost < min) ? TOO_LITTLE : ENOUGH;
		}

	}

}
