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
import java.util.UUID;
import java.util.function.Function;

/**
 * Changes what keys are called and permitted.
 */
final class KeyUpdates {

	private final ApiKeyRepository repository;

	private final IssuanceRules rules;

	private final ExistingKeys existing;

	private final ChangeLog log;

	KeyUpdates(ApiKeyRepository repository, IssuanceRules rules, ExistingKeys existing, ChangeLog log) {
		this.repository = repository;
		this.rules = rules;
		this.existing = existing;
		this.log = log;
	}

	ApiKey update(UUID id, ApiKeyUpdate update) {
		return this.repository.inChange(() -> {
			Function<UUID, ApiKey> lock = update.readsCollections() ? this.existing::lockWithCollections
					: this.existing::lock;
			ApiKey current = (update.changesExpiry() || update.changesLimits())
					? this.existing.lockLine(id, this.log.now(), update.changesExpiry(), lock).apiKey()
					: lock.apply(id);
			ExistingKeys.checkUnrevoked(current);
			if (!update.expects(current)) {
				throw new ApiKeyVersionConflictException(id);
			}
			update.checkCurrent(current);
			ApiKeyUpdate difference = update.reducedTo(current);
			check(difference, current);
			List<String> changed = difference.attributes();
			if (!changed.isEmpty()) {
				if (!this.repository.update(id, difference)) {
					throw new ApiKeyVersionConflictException(id);
				}
				this.log.record(current, ApiKeyChange.UPDATED, String.join(", ", changed));
				limitAlike(current, difference);
			}
			return lock.apply(id);
		});
	}

	private void check(ApiKeyUpdate difference, ApiKey current) {
		if (difference.changesExpiry()) {
			Instant now = this.log.now();
			Instant expiresAt = (Instant) difference.getColumns().get("expiresAt");
			this.rules.checkExpiry(expiresAt, current.getNotBefore(), current.getCreatedAt(), now);
			IssuanceRules.checkReplaced(current, expiresAt);
			// if it has expired, it becomes active again and counts
			this.existing.checkLimit(current.getOwner(), current.getId());
		}
		difference.getScopes().ifPresent((scopes) -> {
			// what it has it may keep, even if it is not declared any more
			scopes.stream().filter((scope) -> !current.getScopes().contains(scope)).forEach(this.rules::checkScope);
		});
	}

	/**
	 * A key and its successors count as one, so the two of them that can be used have the
	 * same limits.
	 */
	private void limitAlike(ApiKey current, ApiKeyUpdate difference) {
		UUID successor = current.getSuccessorId();
		UUID id = (successor != null) ? successor : current.getPredecessorId();
		ApiKey other = (id != null && difference.changesLimits()) ? this.repository.lock(id) : null;
		if (other == null || isEnded(current) || isEnded(other)) {
			return;
		}
		ApiKeyUpdate limits = difference.limitsOf(other);
		if (!limits.attributes().isEmpty() && this.repository.update(other.getId(), limits)) {
			this.log.record(other, ApiKeyChange.UPDATED, String.join(", ", limits.attributes()));
			this.existing.lock(other.getId());
		}
	}

	private boolean isEnded(ApiKey apiKey) {
		return apiKey.getState(this.log.now()).isEnded();
	}

}
