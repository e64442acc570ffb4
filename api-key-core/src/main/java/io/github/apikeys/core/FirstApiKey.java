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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import org.springframework.util.Assert;

/**
 * A key that an operator introduces by the hash of its token: created once, on whichever
 * node and at whichever start comes first, and never again, whatever became of it.
 *
 * @since 0.1.0
 * @see FirstKeyCommand
 */
public final class FirstApiKey {

	private final ApiKeyService apiKeys;

	private final ApiKeyReports reports;

	/**
	 * Creates an object that introduces keys.
	 * @param apiKeys where they are created
	 * @param reports where the history of keys is that are not there any more
	 */
	public FirstApiKey(ApiKeyService apiKeys, ApiKeyReports reports) {
		Assert.notNull(apiKeys, "apiKeys cannot be null");
		Assert.notNull(reports, "reports cannot be null");
		this.apiKeys = apiKeys;
		this.reports = reports;
	}

	/**
	 * Creates the key, unless it is there, or was.
	 * @param hashedToken as in {@link ImportedApiKey#ofHashedToken}
	 * @param newApiKey what it should be like
	 * @return the key, with the differences in name, owner, scopes and expiry if it was
	 * there; empty if it was purged
	 * @throws InvalidApiKeyAttributeException as in {@link ApiKeyService#importIfAbsent},
	 * also if there is a key with this key id and another hash
	 */
	public Optional<ApiKeyImport> create(String hashedToken, NewApiKey newApiKey) {
		Assert.notNull(newApiKey, "newApiKey cannot be null");
		ImportedApiKey imported = ImportedApiKey.ofHashedToken(hashedToken);
		UUID id = imported.rowId().orElseThrow();
		Optional<ApiKey> present = this.apiKeys.find(id);
		if (present.isEmpty() && this.reports.history(id).isEmpty()) {
			return Optional.of(create(imported, newApiKey));
		}
		// a key that was purged has left its history, and another node may be faster
		return present.or(() -> this.apiKeys.find(id)).map((apiKey) -> compare(apiKey, newApiKey));
	}

	/**
	 * Of nodes that start at the same time, one is first. Somebody may also have imported
	 * the key by its token.
	 */
	private ApiKeyImport create(ImportedApiKey imported, NewApiKey newApiKey) {
		ApiKeyImport outcome = this.apiKeys.importIfAbsent(imported, newApiKey);
		if (outcome.getDifferences().contains("hash")) {
			throw new InvalidApiKeyAttributeException("keyId",
					"There is an API key '" + outcome.getApiKey().getKeyId() + "' of another token already");
		}
		return outcome.isCreated() ? outcome : compare(outcome.getApiKey(), newApiKey);
	}

	/**
	 * Importing the key again would compare more, but create it anew if it is purged
	 * meanwhile, and fail if a rule forbids what it is like.
	 */
	private static ApiKeyImport compare(ApiKey present, NewApiKey wanted) {
		Set<String> differences = new TreeSet<>();
		if (!wanted.name().equals(present.getName())) {
			differences.add("name");
		}
		if (!Objects.equals(wanted.getOwner(), present.getOwner())) {
			differences.add("owner");
		}
		if (!wanted.getScopes().equals(present.getScopes())) {
			differences.add("scopes");
		}
		Instant expiresAt = wanted.end(present.getCreatedAt(), null);
		if (expiresAt != null && !expiresAt.equals(present.getExpiresAt())) {
			differences.add("expiresAt");
		}
		return new ApiKeyImport(present, false, differences);
	}

}
