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

package io.github.apikeys.core.verification;

import java.util.function.Predicate;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.StoredHash;
import io.github.apikeys.core.support.Moment;
import org.jspecify.annotations.Nullable;

/**
 * A row as it was read at some moment, with what the application's policies said of it
 * since.
 */
final class LoadedApiKey {

	private final StoredApiKey key;

	private final Moment loadStart;

	private volatile @Nullable Moment inserted;

	private volatile @Nullable Boolean permitted;

	private volatile @Nullable StoredHash hash;

	LoadedApiKey(StoredApiKey key, Moment loadStart) {
		this.key = key;
		this.loadStart = loadStart;
	}

	StoredApiKey key() {
		return this.key;
	}

	Moment loadStart() {
		return this.loadStart;
	}

	/**
	 * Notes since when it can be found, and evicted.
	 */
	void markInserted(Moment inserted) {
		this.inserted = inserted;
	}

	/**
	 * The moment up to which every change was seen.
	 * @return the moment, or {@code null} if it cannot be found yet
	 */
	@Nullable Moment freshAt(@Nullable Moment lastPoll) {
		Moment inserted = this.inserted;
		if (inserted == null) {
			return null;
		}
		return (lastPoll != null && lastPoll.isAfter(inserted)) ? lastPoll : this.loadStart;
	}

	/**
	 * The hash of the key, read once.
	 */
	StoredHash hash(ApiKeyHashers hashers) {
		StoredHash hash = this.hash;
		if (hash == null) {
			hash = hashers.read(this.key.hash().value());
			this.hash = hash;
		}
		return hash;
	}

	boolean isPermitted(Predicate<ApiKeyPrincipal> policy) {
		Boolean permitted = this.permitted;
		if (permitted == null) {
			permitted = policy.test(this.key.principal());
			this.permitted = permitted;
		}
		return permitted;
	}

}
