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

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * All hashers of an application, and those that imported hashes need. A stored hash reads
 * <code>{scheme}hash</code>, so that the preferred scheme can change while older keys go
 * on working.
 *
 * @since 0.1.0
 */
public final class ApiKeyHashers {

	private static final Pattern SCHEME = Pattern.compile("[a-zA-Z0-9._:-]{1,60}");

	/** 62^22 is more than 2^130: nobody tries all of them, however fast. */
	private static final int UNGUESSABLE_LENGTH = 22;

	private static final ApiKeyHasher ENCODED = new EncodedPasswordApiKeyHasher();

	private final Map<String, ApiKeyHasher> hashers = new HashMap<>();

	private final ApiKeyHasher preferred;

	private final ApiKeyHasher preferredForShort;

	private final String hashOfNoToken;

	/**
	 * Creates the composite.
	 * @param preferredScheme the scheme of new hashes
	 * @param hashers one hasher for each scheme
	 * @throws IllegalArgumentException if two hashers have the same scheme, a scheme has
	 * illegal characters, or none has the preferred scheme
	 */
	public ApiKeyHashers(String preferredScheme, Collection<? extends ApiKeyHasher> hashers) {
		for (ApiKeyHasher hasher : hashers) {
			String scheme = hasher.getScheme();
			Assert.isTrue(SCHEME.matcher(scheme).matches(), () -> "Scheme '" + scheme + "' has illegal characters");
			Assert.isTrue(this.hashers.put(scheme, hasher) == null,
					() -> "There is more than one hasher for scheme '" + scheme + "'");
		}
		ApiKeyHasher preferred = this.hashers.get(preferredScheme);
		Assert.notNull(preferred, () -> "There is no hasher for scheme '" + preferredScheme + "', only for "
				+ this.hashers.keySet().stream().sorted().toList());
		for (ApiKeyHasher imported : List.of(new Sha512ApiKeyHasher(), new DjangoApiKeyHasher(), ENCODED)) {
			this.hashers.putIfAbsent(imported.getScheme(), imported);
		}
		this.preferred = preferred;
		this.preferredForShort = preferred.resistsGuessing() ? preferred : ENCODED;
		this.hashOfNoToken = preferred.hash("");
	}

	/**
	 * Hashes a token under the preferred scheme, or, if its secret is so short that it
	 * could be guessed, under one that resists that.
	 * @param token the whole token, or the part of it that is to be compared
	 * @param secretLength how many characters of it nobody can know
	 * @return <code>{scheme}hash</code>
	 */
	public String hash(String token, int secretLength) {
		ApiKeyHasher hasher = (secretLength < UNGUESSABLE_LENGTH) ? this.preferredForShort : this.preferred;
		return "{" + hasher.getScheme() + "}" + hasher.hash(token);
	}

	/**
	 * Compares a token with a stored hash. Where there is nothing to compare with, the
	 * token is hashed and compared all the same, so that an unknown key costs what a
	 * wrong secret costs.
	 * @param token the presented token
	 * @param stored <code>{scheme}hash</code>, or {@code null} if the key is unknown
	 * @return whether the stored hash was made from the token; {@code false} if there is
	 * none or its scheme is not known (any more)
	 */
	public boolean matches(String token, @Nullable String stored) {
		ApiKeyHasher hasher = (stored != null) ? find(stored) : null;
		if (stored == null || hasher == null) {
			this.preferred.matches(token, this.hashOfNoToken);
			return false;
		}
		return hasher.matches(token, hashOf(stored));
	}

	/**
	 * Whether a stored hash should be replaced by what {@link #hash} returns now.
	 * @param stored <code>{scheme}hash</code>
	 * @param secretLength how many characters of the token nobody can know
	 * @return whether it is of another scheme or outdated within its own; a short secret
	 * keeps every scheme that resists guessing
	 */
	public boolean needsUpgrade(String stored, int secretLength) {
		ApiKeyHasher hasher = find(stored);
		if (secretLength < UNGUESSABLE_LENGTH && !this.preferred.resistsGuessing()) {
			return hasher == null || !hasher.resistsGuessing();
		}
		return hasher != this.preferred || hasher.upgradeHash(hashOf(stored));
	}

	/**
	 * Whether comparing with a stored hash takes so long that only some comparisons may
	 * run at the same time.
	 * @param stored <code>{scheme}hash</code>
	 * @return what the hasher of its scheme says
	 */
	public boolean isSlow(String stored) {
		ApiKeyHasher hasher = find(stored);
		return hasher != null && hasher.isSlow();
	}

	/**
	 * Whether a hash can be compared with.
	 * @param stored <code>{scheme}hash</code>
	 * @return whether there is a hasher for its scheme
	 */
	public boolean knows(String stored) {
		return find(stored) != null;
	}

	/**
	 * Finds a hasher without a substring: it is asked for on each request.
	 */
	private @Nullable ApiKeyHasher find(String stored) {
		if (hasScheme(stored, this.preferred.getScheme())) {
			return this.preferred;
		}
		for (Map.Entry<String, ApiKeyHasher> hasher : this.hashers.entrySet()) {
			if (hasScheme(stored, hasher.getKey())) {
				return hasher.getValue();
			}
		}
		return null;
	}

	private static boolean hasScheme(String stored, String scheme) {
		int end = scheme.length() + 1;
		return stored.length() > end && stored.charAt(0) == '{' && stored.charAt(end) == '}'
				&& stored.startsWith(scheme, 1);
	}

	private static String hashOf(String stored) {
		return stored.substring(stored.indexOf('}') + 1);
	}

}
