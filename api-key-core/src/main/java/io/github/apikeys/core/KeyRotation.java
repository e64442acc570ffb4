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
import java.util.UUID;

import io.github.apikeys.core.ExistingKeys.InLine;

/**
 * Replaces keys by successors.
 */
final class KeyRotation {

	private final ApiKeyRepository repository;

	private final IssuanceRules rules;

	private final ExistingKeys existing;

	private final KeyIssuer issuer;

	private final ChangeLog log;

	KeyRotation(ApiKeyRepository repository, IssuanceRules rules, ExistingKeys existing, KeyIssuer issuer,
			ChangeLog log) {
		this.repository = repository;
		this.rules = rules;
		this.existing = existing;
		this.issuer = issuer;
		this.log = log;
	}

	CreatedApiKey rotate(UUID id, ApiKeyRotation rotation) {
		this.rules.checkGrace(rotation.grace());
		return this.repository.inChange(() -> {
			// the owner first, so that revoking all keys misses no successor
			Instant now = this.log.now();
			InLine inLine = this.existing.lockLine(id, now, false, this.existing::lockWithCollections);
			ApiKey old = inLine.apiKey();
			ExistingKeys.checkUnrevoked(old);
			rotation.checkOld(old);
			Instant newExpiry = rotation.end(old, this.rules, now);
			Instant expiresAt = old.getExpiresAt();
			Instant end = ApiKeyAttributes.end("grace", now, rotation.grace());
			UUID successorId = UUID.randomUUID();
			if (!this.repository.rotate(id, successorId, now,
					(expiresAt != null && expiresAt.isBefore(end)) ? expiresAt : end)) {
				throw notRotatable(old, now);
			}
			endPredecessors(inLine, now);
			NewApiKey newApiKey = NewApiKey.successorOf(old, newExpiry);
			ApiKey successor = this.repository.copyOfType(id);
			if (successor == null) {
				throw new ApiKeyRotationException(id, ApiKeyRotationException.Reason.TYPE_NOT_LOADABLE);
			}
			CreatedApiKey created = this.issuer.issue(successor,
					new Issuance(successorId, newApiKey, old.getOwner(), now, newExpiry), old.getKeyId());
			this.log.record(old, ApiKeyChange.ROTATED, created.apiKey().getKeyId());
			this.existing.lock(id);
			return created;
		});
	}

	/**
	 * A key and its successor may be used at the same time, but nothing that is older.
	 */
	private void endPredecessors(InLine rotated, Instant now) {
		UUID id = rotated.apiKey().getPredecessorId();
		while (id != null && this.repository.end(id, now)) {
			ApiKey ended = this.existing.lock(id);
			this.log.record(ended, ApiKeyChange.UPDATED, "expiresAt");
			UUID older = ended.getPredecessorId();
			// one that is not in the line has ended, and is not locked
			id = (older != null && rotated.line().contains(older)) ? older : null;
		}
	}

	private static ApiKeyException notRotatable(ApiKey apiKey, Instant now) {
		if (apiKey.getRevokedAt() != null) {
			return new ApiKeyRevokedException(apiKey.getId());
		}
		if (apiKey.getSuccessorId() != null) {
			return new ApiKeyRotationException(apiKey.getId(), ApiKeyRotationException.Reason.ROTATED);
		}
		return new ApiKeyRotationException(apiKey.getId(), (apiKey.getState(now) == ApiKeyState.EXPIRED)
				? ApiKeyRotationException.Reason.EXPIRED : ApiKeyRotationException.Reason.DISABLED);
	}

}
