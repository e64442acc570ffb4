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

/**
 * Creates keys.
 */
final class KeyCreation {

	private final ApiKeyRepository repository;

	private final IssuanceRules rules;

	private final ExistingKeys existing;

	private final KeyIssuer issuer;

	private final ChangeLog log;

	KeyCreation(ApiKeyRepository repository, IssuanceRules rules, ExistingKeys existing, KeyIssuer issuer,
			ChangeLog log) {
		this.repository = repository;
		this.rules = rules;
		this.existing = existing;
		this.issuer = issuer;
		this.log = log;
	}

	CreatedApiKey create(ApiKey apiKey, NewApiKey newApiKey) {
		apiKey.checkNew();
		Instant now = this.log.now();
		newApiKey.getScopes().forEach(this.rules::checkScope);
		Instant expiresAt = this.rules.end(newApiKey, now);
		return this.repository.inChange(() -> {
			String owner = ApiKeyTypes.ownerOf(apiKey, newApiKey);
			this.existing.lockOwner(owner);
			this.existing.checkLimit(owner, null);
			return this.issuer.issue(apiKey, new Issuance(UUID.randomUUID(), newApiKey, owner, now, expiresAt), null);
		});
	}

}
