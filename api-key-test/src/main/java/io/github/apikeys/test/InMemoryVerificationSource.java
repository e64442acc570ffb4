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

package io.github.apikeys.test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRow;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.verification.RecentChange;
import io.github.apikeys.core.verification.RecentChanges;
import io.github.apikeys.core.verification.StoredApiKey;
import io.github.apikeys.core.verification.VerificationSource;
import org.jspecify.annotations.Nullable;

/**
 * Finds keys in memory for verification, and counts their use.
 */
final class InMemoryVerificationSource implements VerificationSource, ApiKeyQuotas {

	private final KeyMap keys;

	private Set<String> principalMetadata = new TreeSet<>();

	InMemoryVerificationSource(KeyMap keys) {
		this.keys = keys;
	}

	void setPrincipalMetadata(Set<String> names) {
		this.principalMetadata = names;
	}

	/**
	 * Notes that a key was used.
	 */
	void use(UUID id, Instant at, @Nullable String address) {
		this.keys.read(() -> this.keys.replace(id, (row) -> row.with("lastUsedAt", at).with("lastUsedFrom", address)));
	}

	@Override
	public boolean consumeQuota(UUID id) {
		return this.keys.read(() -> this.keys.replace(lastSuccessor(id), ApiKeyRow::consumeQuota));
	}

	@Override
	public void refundQuota(UUID id) {
		this.keys.read(() -> this.keys.replace(lastSuccessor(id), ApiKeyRow::refundQuota));
	}

	private UUID lastSuccessor(UUID id) {
		ApiKeyRow row = this.keys.findRow(id);
		return (row != null && row.successorId() != null) ? lastSuccessor(row.successorId()) : id;
	}

	@Override
	public @Nullable StoredApiKey find(String keyId) {
		return this.keys.read(() -> this.keys.findByKeyId(keyId)
			.map((entry) -> StoredApiKey.of(entry.row(), ApiKeyTypes.lineage(entry.entity().getClass()),
					this.principalMetadata))
			.orElse(null));
	}

	@Override
	public RecentChanges findChanged(Duration window, @Nullable Instant earliest) {
		return this.keys.read(() -> {
			Instant now = Instant.now();
			Instant since = ((earliest != null && earliest.isBefore(now)) ? earliest : now).minus(window);
			List<RecentChange> changes = new ArrayList<>();
			this.keys.rows()
				.forEach((row) -> changes.add(RecentChange.ofKey(row.keyId(), row.version(), row.changedAt())));
			this.keys.invalidatedOwners().forEach((owner, at) -> changes.add(RecentChange.ofOwner(owner, at)));
			return new RecentChanges(now, changes.stream().filter((change) -> !change.at().isBefore(since)).toList());
		});
	}

	@Override
	public void replaceHash(UUID id, TokenHash oldHash, TokenHash newHash) {
		this.keys
			.read(() -> this.keys.change(id, (row) -> row.hash().equals(oldHash) ? row.with("hash", newHash) : null));
	}

}
