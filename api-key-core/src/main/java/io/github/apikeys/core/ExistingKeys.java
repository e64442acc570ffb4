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

package io.github.apikeys.core;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Locks the keys that a change is about, the row of their owner first, as everywhere, and
 * counts the keys of an owner.
 */
final class ExistingKeys {

	private final ApiKeyRepository repository;

	private final IssuanceRules rules;

	private final Supplier<Instant> clock;

	ExistingKeys(ApiKeyRepository repository, IssuanceRules rules, Supplier<Instant> clock) {
		this.repository = repository;
		this.rules = rules;
		this.clock = clock;
	}

	/**
	 * Adds keys to the same owner one at a time, so that two do not take the last place,
	 * and {@code revokeAll} misses none.
	 */
	void lockOwner(@Nullable String owner) {
		if (owner != null) {
			this.repository.lockOwner(owner);
		}
	}

	/**
	 * Counts the keys that live now, after waiting for the lock of the owner.
	 * @param existing the id of a key that is to live longer, or {@code null} if there is
	 * to be another one
	 */
	void checkLimit(@Nullable String owner, @Nullable UUID existing) {
		if (owner != null && this.rules.limitsKeysPerOwner()) {
			this.rules.checkKeysPerOwner(this.repository.lockLive(owner, this.clock.get(), List.of()), existing);
		}
	}

	/**
	 * The key as its columns tell: what its type adds is not needed to change it, and may
	 * be impossible to load. Nobody else can change it now.
	 */
	ApiKey lock(UUID id) {
		return present(id, this.repository.lock(id));
	}

	ApiKey lockWithCollections(UUID id) {
		return present(id, this.repository.lockWithCollections(id));
	}

	private static ApiKey present(UUID id, @Nullable ApiKey apiKey) {
		if (apiKey == null) {
			throw new ApiKeyNotFoundException(id);
		}
		return apiKey;
	}

	/**
	 * The key, after the row of its owner, and with all keys that may be changed along
	 * with it, or are counted: the owner and then all keys at once, as everywhere.
	 * @param counting whether the keys of the owner are counted
	 */
	InLine lockLine(UUID id, Instant now, boolean counting, Function<UUID, ApiKey> lock) {
		String owner = this.repository.findOwner(id);
		lockOwner(owner);
		List<UUID> line = this.repository.findLine(id, now);
		if (owner != null && counting && this.rules.limitsKeysPerOwner()) {
			this.repository.lockLive(owner, this.clock.get(), line);
		}
		else if (line.size() > 1) {
			this.repository.lock(line);
		}
		ApiKey apiKey = lock.apply(id);
		if (!Objects.equals(owner, apiKey.getOwner())) {
			// it was created after what the caller's transaction sees
			throw new ApiKeyNotFoundException(id);
		}
		return new InLine(apiKey, line);
	}

	static void checkUnrevoked(ApiKey apiKey) {
		if (apiKey.getRevokedAt() != null) {
			throw new ApiKeyRevokedException(apiKey.getId());
		}
	}

	/**
	 * A key, and the ids of the keys that are locked with it.
	 */
	record InLine(ApiKey apiKey, List<UUID> line) {

	}

}
