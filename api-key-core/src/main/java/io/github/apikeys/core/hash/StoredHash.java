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

import org.jspecify.annotations.Nullable;

/**
 * A hash as it is stored, ready to be compared with tokens.
 *
 * @since 0.1.0
 * @see ApiKeyHashers#read
 */
public final class StoredHash {

	private final @Nullable ApiKeyHasher hasher;

	private final Predicate<String> matcher;

	private final boolean slow;

	private final boolean outdated;

	private final boolean outdatedForGuessable;

	StoredHash(@Nullable ApiKeyHasher hasher, Predicate<String> matcher, boolean slow, boolean outdated,
			boolean outdatedForGuessable) {
		this.hasher = hasher;
		this.matcher = matcher;
		this.slow = slow;
		this.outdated = outdated;
		this.outdatedForGuessable = outdatedForGuessable;
	}

	/**
	 * Compares a token with the hash. Where there is nothing to compare with, the token
	 * is hashed and compared all the same, so that an unknown key costs what a wrong
	 * secret costs.
	 * @param token the presented token, or the part of it that is compared
	 * @return whether the hash was made from it; {@code false} if there is none or its
	 * scheme is not known (any more)
	 */
	public boolean matches(String token) {
		return this.matcher.test(token) && this.hasher != null;
	}

	/**
	 * Whether the hash should be replaced by what {@link ApiKeyHashers#hash} returns now.
	 * @param generated whether the secret of the token was drawn at random and has at
	 * least 128 bits
	 * @return whether it is of another scheme or outdated within its own; where the
	 * preferred scheme is fast, a secret that could be guessed keeps every slow scheme
	 * that resists that, unless it is outdated within that scheme
	 */
	public boolean needsUpgrade(boolean generated) {
		return generated ? this.outdated : this.outdatedForGuessable;
	}

	/**
	 * Whether a comparison takes so long that only some may run at the same time.
	 * @return what the hasher of its scheme says; where there is nothing to compare with,
	 * what the preferred hasher says, which does the work in its place
	 */
	public boolean isSlow() {
		return this.slow;
	}

	/**
	 * Whether there is a hasher for its scheme.
	 * @return whether it can be compared with
	 */
	public boolean isKnown() {
		return this.hasher != null;
	}

	@Override
	public String toString() {
		return "[PROTECTED]";
	}

}
