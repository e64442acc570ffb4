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

import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Disables, enables, revokes and deletes keys.
 */
final class KeyStates {

	private final ApiKeyRepository repository;

	private final ExistingKeys existing;

	private final ChangeLog log;

	KeyStates(ApiKeyRepository repository, ExistingKeys existing, ChangeLog log) {
		this.repository = repository;
		this.existing = existing;
		this.log = log;
	}

	ApiKey disable(UUID id) {
		return change(id, ApiKeyChange.DISABLED, () -> this.repository.disable(id, this.log.now()));
	}

	ApiKey enable(UUID id) {
		return change(id, ApiKeyChange.ENABLED, () -> this.repository.enable(id));
	}

	ApiKey enable(UUID id, Consumer<ApiKey> check) {
		return change(id, ApiKeyChange.ENABLED, () -> {
			ApiKey current = this.existing.lockWithCollections(id);
			ExistingKeys.checkUnrevoked(current);
			check.accept(current);
			return this.repository.enable(id);
		});
	}

	ApiKey revoke(UUID id, @Nullable String reason) {
		return this.repository.inChange(() -> {
			boolean revoked = this.repository.revoke(id, this.log.now());
			return refreshAndRecord(id, revoked, ApiKeyChange.REVOKED, reason);
		});
	}

	int revokeAll(String owner, @Nullable String reason) {
		return this.repository.inChange(() -> {
			List<LockedKey> keys = this.repository.lockUnrevoked(owner);
			if (!keys.isEmpty()) {
				this.repository.revokeAll(owner, keys.stream().map(LockedKey::id).toList(), this.log.now());
				this.log.record(keys, ApiKeyChange.REVOKED, reason);
			}
			return keys.size();
		});
	}

	ApiKey delete(UUID id) {
		return this.repository.inChange(() -> {
			boolean revoked = this.repository.revoke(id, this.log.now());
			ApiKey apiKey = refreshAndRecord(id, revoked, ApiKeyChange.REVOKED, null);
			if (!this.repository.isDeleted(id)) {
				this.log.record(apiKey, ApiKeyChange.DELETED, null);
			}
			return apiKey;
		});
	}

	/**
	 * Applies a change that a revoked key refuses.
	 */
	private ApiKey change(UUID id, ApiKeyChange change, BooleanSupplier statement) {
		return this.repository.inChange(() -> {
			boolean changed = statement.getAsBoolean();
			ApiKey apiKey = refreshAndRecord(id, changed, change, null);
			ExistingKeys.checkUnrevoked(apiKey);
			return apiKey;
		});
	}

	private ApiKey refreshAndRecord(UUID id, boolean changed, ApiKeyChange change, @Nullable String detail) {
		ApiKey apiKey = this.existing.lock(id);
		if (changed) {
			this.log.record(apiKey, change, detail);
		}
		return apiKey;
	}

}
