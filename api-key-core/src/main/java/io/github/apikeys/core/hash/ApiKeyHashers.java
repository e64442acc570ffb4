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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;
import org.springframework.util.function.SingletonSupplier;

/**
 * All hashers of an application, and those that imported hashes need. A stored hash reads
 * <code>{scheme}hash</code>, so that the preferred scheme can change while older keys go
 * on working.
 *
 * @since 0.1.0
 */
public final class ApiKeyHashers {

	private static final Pattern SCHEME = Pattern.compile("[a-zA-Z0-9._:-]{1,60}");

	private static final Log logger = LogFactory.getLog(ApiKeyHashers.class);

	private static final int MAX_UNKNOWN_SCHEMES = 10;

	private static final ApiKeyHasher ENCODED = new EncodedPasswordApiKeyHasher();

	private final Supplier<Schemes> schemes;

	private final Set<String> unknownSchemes = ConcurrentHashMap.newKeySet();

	/**
	 * Creates the composite.
	 * @param preferredScheme the scheme of new hashes
	 * @param hashers one hasher for each scheme
	 * @throws IllegalArgumentException if two hashers have the same scheme, a scheme has
	 * illegal characters, or none has the preferred scheme
	 */
	public ApiKeyHashers(String preferredScheme, Collection<? extends ApiKeyHasher> hashers) {
		Assert.notNull(preferredScheme, "preferredScheme cannot be null");
		Assert.notNull(hashers, "hashers cannot be null");
		Schemes schemes = Schemes.of(preferredScheme, hashers);
		this.schemes = () -> schemes;
	}

	private ApiKeyHashers(Supplier<Schemes> schemes) {
		this.schemes = schemes;
	}

	/**
	 * Returns hashers that are looked up when the first token is hashed or compared, and
	 * not before.
	 * @param hashers asked once, and again only if it fails
	 * @return the hashers
	 */
	public static ApiKeyHashers deferred(Supplier<ApiKeyHashers> hashers) {
		Assert.notNull(hashers, "hashers cannot be null");
		return new ApiKeyHashers(SingletonSupplier.of(() -> hashers.get().schemes.get()));
	}

	static boolean isScheme(String scheme) {
		return SCHEME.matcher(scheme).matches();
	}

	/**
	 * Hashes a token under the preferred scheme, or, if its secret could be guessed,
	 * under one that resists that. A long secret can be guessed, too, if a person chose
	 * it.
	 * @param token the whole token, or the part of it that is to be compared
	 * @param generated whether its secret was drawn at random and has at least 128 bits
	 * @return <code>{scheme}hash</code>
	 */
	public String hash(String token, boolean generated) {
		Assert.notNull(token, "token cannot be null");
		ApiKeyHasher hasher = this.schemes.get().preferred(generated);
		return "{" + hasher.getScheme() + "}" + hasher.hash(token);
	}

	/**
	 * Returns whether it takes long to make a new hash, see
	 * {@link ApiKeyHasher#isSlow()}.
	 * @param generated as in {@link #hash(String, boolean)}
	 * @return {@code true} if {@link #hash(String, boolean)} is slow for such a token
	 */
	public boolean isSlow(boolean generated) {
		return this.schemes.get().preferred(generated).isSlow();
	}

	/**
	 * The keys of a pepper that is not configured here are refused one by one, without
	 * another sign of what is wrong.
	 */
	private void warnOnce(String unknownScheme) {
		if (isScheme(unknownScheme) && this.unknownSchemes.size() < MAX_UNKNOWN_SCHEMES
				&& this.unknownSchemes.add(unknownScheme)) {
			logger.warn("A stored hash names the scheme '" + unknownScheme
					+ "', for which there is no hasher or pepper here: API keys with such a hash are refused");
		}
	}

	/**
	 * Reads a stored hash, to compare tokens with it.
	 * @param stored <code>{scheme}hash</code>, or {@code null} if the key is unknown
	 * @return the hash, also if its scheme is not known (any more)
	 */
	public StoredHash read(@Nullable String stored) {
		Schemes schemes = this.schemes.get();
		ApiKeyHasher preferred = schemes.preferred();
		int end = (stored != null && stored.startsWith("{")) ? stored.indexOf('}') : -1;
		ApiKeyHasher hasher = (stored != null && end > 0) ? schemes.hashers().get(stored.substring(1, end)) : null;
		if (stored == null || hasher == null) {
			warnOnce((stored != null && end > 0) ? stored.substring(1, end) : "");
			return new StoredHash(null, schemes.matcherOfNoToken(), preferred.isSlow(), true, true);
		}
		String hash = stored.substring(end + 1);
		return new StoredHash(hasher, hasher.matcher(hash), hasher.isSlow(), schemes.isOutdated(hasher, hash, true),
				schemes.isOutdated(hasher, hash, false));
	}

	/**
	 * Hashers by scheme.
	 *
	 * @param matcherOfNoToken takes as long as a comparison with a new hash
	 */
	private record Schemes(Map<String, ApiKeyHasher> hashers, ApiKeyHasher preferred,
			Predicate<String> matcherOfNoToken) {

		static Schemes of(String preferredScheme, Collection<? extends ApiKeyHasher> hashers) {
			Map<String, ApiKeyHasher> schemes = new HashMap<>();
			for (ApiKeyHasher hasher : hashers) {
				String scheme = hasher.getScheme();
				Assert.isTrue(isScheme(scheme), () -> "Scheme '" + scheme + "' has illegal characters");
				Assert.isTrue(schemes.put(scheme, hasher) == null,
						() -> "There is more than one hasher for scheme '" + scheme + "'");
			}
			ApiKeyHasher preferred = schemes.get(preferredScheme);
			Assert.notNull(preferred, () -> "There is no hasher for scheme '" + preferredScheme + "', only for "
					+ schemes.keySet().stream().sorted().toList());
			for (ApiKeyHasher imported : List.of(new Sha512ApiKeyHasher(), new DjangoApiKeyHasher(), ENCODED)) {
				schemes.putIfAbsent(imported.getScheme(), imported);
			}
			return new Schemes(schemes, preferred, preferred.matcher(preferred.hash("")));
		}

		ApiKeyHasher preferred(boolean generated) {
			return (generated || this.preferred.resistsGuessing()) ? this.preferred : ENCODED;
		}

		/**
		 * Whether a hash is not the one that would be made now. Where that would be slow
		 * for a secret that could be guessed only, another slow one serves as well.
		 */
		boolean isOutdated(ApiKeyHasher hasher, String hash, boolean generated) {
			ApiKeyHasher chosen = preferred(generated);
			boolean serves = hasher == chosen
					|| (chosen != this.preferred && hasher.isSlow() && hasher.resistsGuessing());
			return !serves || hasher.upgradeHash(hash);
		}

	}

}
