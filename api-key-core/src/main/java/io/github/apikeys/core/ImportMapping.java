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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;

import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import org.jspecify.annotations.Nullable;

/**
 * What the key of another system becomes here, and in what a key that is here differs
 * from that.
 */
final class ImportMapping {

	private static final Map<String, Function<ApiKey, @Nullable Object>> COMPARED = compared();

	private final ApiKeyTokenFormats tokenFormats;

	private final ApiKeyHashers hashers;

	private final IssuanceRules rules;

	ImportMapping(ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers, IssuanceRules rules) {
		this.tokenFormats = tokenFormats;
		this.hashers = hashers;
		this.rules = rules;
	}

	private static Map<String, Function<ApiKey, @Nullable Object>> compared() {
		Map<String, Function<ApiKey, @Nullable Object>> compared = new LinkedHashMap<>();
		compared.put("keyId", ApiKey::getKeyId);
		compared.put("name", ApiKey::getName);
		compared.put("description", ApiKey::getDescription);
		compared.put("owner", ApiKey::getOwner);
		compared.put("scopes", ApiKey::getScopes);
		compared.put("metadata", ApiKey::getMetadata);
		compared.put("allowedAddresses", ApiKey::allowedAddresses);
		compared.put("rateLimits", ApiKey::rateLimits);
		compared.put("quota", ApiKey::getQuota);
		compared.put("createdAt", ApiKey::getCreatedAt);
		compared.put("notBefore", ApiKey::getNotBefore);
		compared.put("expiresAt", ApiKey::getExpiresAt);
		compared.put("revokedAt", ApiKey::getRevokedAt);
		return compared;
	}

	/**
	 * What clients will present, as far as it is known.
	 */
	PresentedToken token(ImportedApiKey imported) {
		String text = imported.token();
		if (text != null) {
			PresentedToken token = this.tokenFormats.parse(text);
			if (token == null) {
				throw new InvalidApiKeyAttributeException("token",
						"The token is of no format that is registered: neither the application's own, nor of "
								+ this.tokenFormats.getNames() + ". Publish a bean of type ForeignTokenFormat");
			}
			return token;
		}
		try {
			return this.tokenFormats.identified(imported.format(), imported.id(), sha256(imported.hash()));
		}
		catch (IllegalArgumentException ex) {
			boolean registered = this.tokenFormats.getNames().contains(imported.format());
			throw new InvalidApiKeyAttributeException(registered ? "keyId" : "format",
					"No token would find the key: " + ex.getMessage());
		}
	}

	private static @Nullable String sha256(@Nullable ImportedHash hash) {
		return (hash != null && scheme(hash.value()).equals("{" + Sha256ApiKeyHasher.SCHEME + "}"))
				? hash.value().substring(scheme(hash.value()).length()) : null;
	}

	/**
	 * Fills in the new entity.
	 */
	void initialize(ImportRequest request, UUID id, Instant now) {
		ImportedApiKey imported = request.imported();
		NewApiKey newApiKey = request.attributes();
		checkPast("createdAt", imported.createdAt(), now);
		checkPast("revokedAt", imported.revokedAt(), now);
		if (imported.revokedAt() == null) {
			newApiKey.getScopes().forEach(this.rules::checkScope);
		}
		Instant createdAt = Objects.requireNonNullElse(imported.createdAt(), now);
		Instant expiresAt = this.rules.endOfImported(newApiKey, createdAt, imported.revokedAt() != null, now);
		TokenHash hash = hash(imported, request.token());
		ApiKey apiKey = request.apiKey();
		apiKey.initialize(new Issuance(id, newApiKey, request.owner(), now, expiresAt), request.token(), hash);
		apiKey.initializePast(createdAt, imported.revokedAt());
	}

	private static void checkPast(String attribute, @Nullable Instant time, Instant now) {
		if (time != null && time.isAfter(now)) {
			throw new InvalidApiKeyAttributeException(attribute,
					"The " + attribute + " of a key that was issued elsewhere must not be in the future");
		}
	}

	private TokenHash hash(ImportedApiKey imported, PresentedToken token) {
		ImportedHash given = imported.hash();
		TokenHash hash = new TokenHash(
				(given != null) ? given.value() : this.hashers.hash(token.hashedText(), token.isGenerated()));
		if (!this.hashers.read(hash.value()).isKnown()) {
			throw new InvalidApiKeyAttributeException("hash", "There is no hasher for the scheme "
					+ scheme(hash.value()) + " of the hash: publish a bean of type ApiKeyHasher");
		}
		return hash;
	}

	/**
	 * In what a key differs from what would be imported, at the time at which the key was
	 * created.
	 */
	Set<String> differences(ApiKey present, String type, ImportRequest request) {
		ImportedApiKey imported = request.imported();
		NewApiKey newApiKey = request.attributes();
		Instant createdAt = Objects.requireNonNullElse(imported.createdAt(), present.getCreatedAt());
		ApiKey wanted = new ApiKey();
		Instant expiresAt = this.rules.endOfImported(newApiKey, createdAt, imported.revokedAt() != null);
		wanted.initialize(new Issuance(present.getId(), newApiKey, request.owner(), createdAt, expiresAt),
				request.token(), present.hash());
		wanted.initializePast(createdAt, imported.revokedAt());
		Set<String> differences = new TreeSet<>();
		COMPARED.forEach((attribute, value) -> {
			if (!Objects.equals(value.apply(wanted), value.apply(present))) {
				differences.add(attribute);
			}
		});
		if (!type.equals(present.getKeyType())) {
			differences.add("keyType");
		}
		if (!mayHaveHash(present.hash().value(), imported.hash(), request.token())) {
			differences.add("hash");
		}
		return differences;
	}

	/**
	 * Of a hash that was replaced since, nobody knows.
	 */
	private boolean mayHaveHash(String stored, @Nullable ImportedHash given, PresentedToken token) {
		if (given == null) {
			return this.hashers.read(stored).matches(token.hashedText());
		}
		return stored.equals(given.value()) || !scheme(stored).equals(scheme(given.value()));
	}

	private static String scheme(String hash) {
		return hash.substring(0, hash.indexOf('}') + 1);
	}

}
