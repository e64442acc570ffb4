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
package io.github.apikeys.leaks;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * What nobody may find in a text: the secret of a key that was issued, whatever stands
 * around it, and anything that looks like a hash of a token.
 */
final class Secrets {

	private static final int LENGTH = 32;

	private static final Pattern HEXADECIMAL_HASH = Pattern.compile("[0-9a-f]{64}");

	private static final Set<String> known = ConcurrentHashMap.newKeySet();

	static {
		// that of the imported key in the tests
		learn("abcdefghijklmnopqrstuvwxyz012345");
	}

	private Secrets() {
	}

	static String learn(String secret) {
		if (secret.length() != LENGTH) {
			throw new IllegalArgumentException("A secret has " + LENGTH + " characters");
		}
		known.add(secret);
		return secret;
	}

	static void forget(String secret) {
		known.remove(secret);
	}

	/**
	 * Returns what is found in the text.
	 */
	static Optional<String> in(String text) {
		if (hasSecret(text)) {
			return Optional.of("a plaintext");
		}
		return hasHash(text) ? Optional.of("a hash") : Optional.empty();
	}

	static boolean hasSecret(String text) {
		int start = 0;
		for (int end = 0; end <= text.length(); end++) {
			if (end == text.length() || !isBase62(text.charAt(end))) {
				for (int i = start; i + LENGTH <= end; i++) {
					if (known.contains(text.substring(i, i + LENGTH))) {
						return true;
					}
				}
				start = end + 1;
			}
		}
		return false;
	}

	private static boolean hasHash(String text) {
		return text.contains("{bcrypt}$2") || text.contains("pbkdf2_sha")
				|| text.length() >= 64 && HEXADECIMAL_HASH.matcher(text).find();
	}

	private static boolean isBase62(char character) {
		return character >= '0' && character <= '9' || character >= 'A' && character <= 'Z'
				|| character >= 'a' && character <= 'z';
	}

}
