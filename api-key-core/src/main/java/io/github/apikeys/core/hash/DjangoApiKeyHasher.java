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
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * The hashes that djangorestframework-api-key stores, in the form that Django gives them:
 * {@code sha512$$<hex>}, {@code pbkdf2_sha256$<iterations>$<salt>$<base64>} and the same
 * with {@code pbkdf2_sha1}.
 *
 * @see <a href=
 * "https://docs.djangoproject.com/en/5.2/topics/auth/passwords/#how-django-stores-passwords">Django's
 * documentation</a>
 */
final class DjangoApiKeyHasher implements ApiKeyHasher {

	static final String SCHEME = "django";

	private static final String SHA512_PREFIX = "sha512$$";

	private static final Pattern PBKDF2 = Pattern
		.compile("pbkdf2_(sha256|sha1)\\$([1-9][0-9]{0,6})\\$([^$]{1,128})\\$([A-Za-z0-9+/]{27,43}=)");

	private final Sha512ApiKeyHasher sha512 = new Sha512ApiKeyHasher();

	static boolean understands(String hash) {
		Matcher pbkdf2 = PBKDF2.matcher(hash);
		return (pbkdf2.matches() && isBearable(pbkdf2))
				|| (hash.startsWith(SHA512_PREFIX) && hash.substring(SHA512_PREFIX.length()).matches("[0-9a-f]{128}"));
	}

	private static boolean isBearable(Matcher pbkdf2) {
		return Integer.parseInt(pbkdf2.group(2)) <= SlowHash.MAX_PBKDF2_ITERATIONS;
	}

	@Override
	public String getScheme() {
		return SCHEME;
	}

	@Override
	public String hash(String token) {
		return SHA512_PREFIX + this.sha512.hash(token);
	}

	@Override
	public boolean matches(String token, String hash) {
		if (hash.startsWith(SHA512_PREFIX)) {
			return this.sha512.matches(token, hash.substring(SHA512_PREFIX.length()));
		}
		Matcher matcher = PBKDF2.matcher(hash);
		return matcher.matches() && isBearable(matcher)
				&& MessageDigest
					.isEqual(
							pbkdf2(matcher.group(1), token, matcher.group(3), Integer.parseInt(matcher.group(2)))
								.getBytes(StandardCharsets.US_ASCII),
							matcher.group(4).getBytes(StandardCharsets.US_ASCII));
	}

	private static String pbkdf2(String digest, String token, String salt, int iterations) {
		String algorithm = digest.equals("sha1") ? "PBKDF2WithHmacSHA1" : "PBKDF2WithHmacSHA256";
		int bits = digest.equals("sha1") ? 160 : 256;
		PBEKeySpec specification = new PBEKeySpec(token.toCharArray(), salt.getBytes(StandardCharsets.UTF_8),
				iterations, bits);
		try {
			return Base64.getEncoder()
				.encodeToString(SecretKeyFactory.getInstance(algorithm).generateSecret(specification).getEncoded());
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Every usual Java platform has " + algorithm, ex);
		}
		finally {
			specification.clearPassword();
		}
	}

	@Override
	public boolean resistsGuessing() {
		return false;
	}

	@Override
	public boolean isSlow() {
		return true;
	}

}
