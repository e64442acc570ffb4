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

import java.util.function.Predicate;

/**
 * Hashes tokens under one scheme. Implementations are thread-safe.
 *
 * @since 0.1.0
 * @see ApiKeyHashers
 */
public interface ApiKeyHasher {

	/**
	 * Returns the name under which hashes of this scheme are stored.
	 * @return 1 to 60 characters of {@code [a-zA-Z0-9._:-]}, for example {@code sha256}
	 */
	String getScheme();

	/**
	 * Hashes a token.
	 * @param token the whole token
	 * @return the hash, without scheme, at most 400 characters
	 */
	String hash(String token);

	/**
	 * Compares a token with a hash, in a time that does not depend on where they differ.
	 * @param token the presented token
	 * @param hash a hash of this scheme, as {@link #hash} returned it
	 * @return whether the hash was made from the token; {@code false} if the hash is
	 * malformed
	 */
	boolean matches(String token, String hash);

	/**
	 * Prepares to compare many tokens with the same hash.
	 * @param hash a hash of this scheme, possibly malformed
	 * @return what {@link #matches} returns for a token
	 */
	default Predicate<String> matcher(String hash) {
		return (token) -> matches(token, hash);
	}

	/**
	 * Whether a hash of this scheme should be made anew, for example because the cost
	 * factor was raised.
	 * @param hash a hash of this scheme
	 * @return whether to hash again, {@code false} by default
	 */
	default boolean upgradeHash(String hash) {
		return false;
	}

	/**
	 * Whether a hash of this scheme protects a secret that could be guessed by trying,
	 * because each try is slow or needs a key that is not in the database.
	 * @return {@code true} by default
	 */
	default boolean resistsGuessing() {
		return true;
	}

	/**
	 * Whether a comparison takes so long that only some may run at the same time.
	 * @return {@code false} by default
	 */
	default boolean isSlow() {
		return false;
	}

}
