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

import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;

import org.springframework.util.Assert;

/**
 * A hash that another system stored, in a form in which this one can verify it.
 *
 * @since 0.1.0
 */
public final class ImportedHash {

	private static final int MAX_LENGTH = 400;

	private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]+");

	// left out by libraries that write fields
	private final transient String value;

	private ImportedHash(String scheme, String hash) {
		Assert.isTrue(ApiKeyHashers.isScheme(scheme), "The scheme of a hash has illegal characters");
		Assert.isTrue(hash.length() <= MAX_LENGTH, "A hash must have at most 400 characters");
		this.value = "{" + scheme + "}" + hash;
	}

	/**
	 * A bare SHA-256.
	 * @param hash 32 bytes in hexadecimal digits or Base64 (RFC 4648, either alphabet,
	 * with or without padding)
	 * @return the hash
	 * @throws IllegalArgumentException if it is not of that form
	 */
	public static ImportedHash sha256(String hash) {
		return new ImportedHash(Sha256ApiKeyHasher.SCHEME, hex(hash, 32));
	}

	/**
	 * A bare SHA-512.
	 * @param hash 64 bytes in hexadecimal digits or Base64 (RFC 4648, either alphabet,
	 * with or without padding)
	 * @return the hash
	 * @throws IllegalArgumentException if it is not of that form
	 */
	public static ImportedHash sha512(String hash) {
		return new ImportedHash(Sha512ApiKeyHasher.SCHEME, hex(hash, 64));
	}

	/**
	 * What one of Spring Security's slow password encoders made of the token or secret:
	 * {@code bcrypt}, {@code pbkdf2}, {@code scrypt} or {@code argon2}, the last three
	 * also with {@code @SpringSecurity_v5_8}. A comparison may cost bcrypt 14, scrypt
	 * {@code N * r * p = 2^20}, Argon2 128 MiB, 16 lanes and 512 MiB in all passes.
	 * Argon2 and scrypt need Bouncy Castle on the class path. With bcrypt, tokens above
	 * 72 bytes are refused: bcrypt would not look at their end.
	 * @param encoded <code>{encoder}hash</code>, as {@code DelegatingPasswordEncoder}
	 * stores it, for example <code>{bcrypt}$2a$10$...</code>
	 * @return the hash
	 * @throws IllegalArgumentException if it is not of that form, costs more, or the
	 * encoder is not there; the message does not contain the hash
	 */
	public static ImportedHash encoded(String encoded) {
		checkPresent(encoded);
		Assert.isTrue(encoded.length() <= MAX_LENGTH, "A hash must have at most 400 characters");
		try {
			new EncodedPasswordApiKeyHasher().check(encoded);
		}
		catch (IndexOutOfBoundsException ex) {
			throw new IllegalArgumentException("The encoded hash is not complete", ex);
		}
		catch (LinkageError ex) {
			throw new IllegalArgumentException("The encoder of this hash needs Bouncy Castle on the class path", ex);
		}
		return new ImportedHash(EncodedPasswordApiKeyHasher.SCHEME, encoded);
	}

	/**
	 * What djangorestframework-api-key stored in its column {@code hashed_key}.
	 * @param hashedKey {@code sha512$$...}, {@code pbkdf2_sha256$...} or
	 * {@code pbkdf2_sha1$...}, at most 2,000,000 iterations
	 * @return the hash
	 * @throws IllegalArgumentException if it is none of these
	 */
	public static ImportedHash django(String hashedKey) {
		checkPresent(hashedKey);
		Assert.isTrue(DjangoApiKeyHasher.understands(hashedKey),
				"A hash of Django must begin with 'sha512$$', 'pbkdf2_sha256$' or 'pbkdf2_sha1$', be complete, "
						+ "and have at most 2,000,000 iterations");
		return new ImportedHash(DjangoApiKeyHasher.SCHEME, hashedKey);
	}

	/**
	 * A hash of the application's own {@link ApiKeyHasher}.
	 * @param scheme its scheme, in the form that {@link ApiKeyHasher#getScheme()} says
	 * @param hash at most 400 characters, as the hasher compares it
	 * @return the hash
	 * @throws IllegalArgumentException if it is longer, or the scheme is not of that
	 * form, or is one for which there is another method here, which refuses the hash
	 */
	public static ImportedHash of(String scheme, String hash) {
		Assert.notNull(scheme, "The scheme of a hash must not be null");
		checkPresent(hash);
		return switch (scheme) {
			case EncodedPasswordApiKeyHasher.SCHEME -> encoded(hash);
			case DjangoApiKeyHasher.SCHEME -> django(hash);
			case Sha256ApiKeyHasher.SCHEME -> sha256(hash);
			case Sha512ApiKeyHasher.SCHEME -> sha512(hash);
			default -> new ImportedHash(scheme, hash);
		};
	}

	/**
	 * Returns what is stored.
	 * @return <code>{scheme}hash</code>
	 */
	public String value() {
		return this.value;
	}

	@Override
	public String toString() {
		return "ImportedHash [PROTECTED]";
	}

	private static void checkPresent(String hash) {
		Assert.notNull(hash, "A hash must not be null");
	}

	private static String hex(String hash, int length) {
		checkPresent(hash);
		byte[] bytes = new byte[0];
		try {
			bytes = (hash.length() == 2 * length && HEX.matcher(hash).matches()) ? HexFormat.of().parseHex(hash)
					: Base64.getDecoder().decode(hash.replace('-', '+').replace('_', '/'));
		}
		catch (IllegalArgumentException ex) {
			// its message would contain a part of the hash
		}
		Assert.isTrue(bytes.length == length,
				() -> "A hash of " + length + " bytes must be given in hexadecimal digits or Base64");
		return HexFormat.of().formatHex(bytes);
	}

}
