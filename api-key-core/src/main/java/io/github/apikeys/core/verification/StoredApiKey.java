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

import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import io.github.apikeys.core.AllowedAddresses;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRow;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyValidity;
import io.github.apikeys.core.TokenHash;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * What verification needs of a row, read as plain columns.
 *
 * @since 0.1.0
 */
public final class StoredApiKey {

	private final ApiKeyPrincipal principal;

	private final long version;

	private final TokenHash hash;

	private final ApiKeyValidity validity;

	private final AllowedAddresses allowedAddresses;

	/**
	 * Creates a key.
	 * @param principal what the application sees of the key
	 * @param version 0 for a new key, and more after each change
	 * @param hash the hash of its token
	 * @param validity the times that decide whether it can be used
	 * @param allowedAddresses from where it may be used
	 */
	public StoredApiKey(ApiKeyPrincipal principal, long version, TokenHash hash, ApiKeyValidity validity,
			AllowedAddresses allowedAddresses) {
		Assert.notNull(principal, "principal cannot be null");
		Assert.notNull(hash, "hash cannot be null");
		Assert.notNull(validity, "validity cannot be null");
		Assert.notNull(allowedAddresses, "allowedAddresses cannot be null");
		this.principal = principal;
		this.version = version;
		this.hash = hash;
		this.validity = validity;
		this.allowedAddresses = allowedAddresses;
	}

	/**
	 * Returns what verification needs of a row.
	 * @param row the row
	 * @param types the type of the key and those that its class extends
	 * @param principalMetadata the names of the metadata that the principal has
	 * @return the key
	 */
	public static StoredApiKey of(ApiKeyRow row, Set<String> types, Collection<String> principalMetadata) {
		Assert.notNull(row, "row cannot be null");
		Assert.notNull(principalMetadata, "principalMetadata cannot be null");
		ApiKey key = row.toApiKey();
		Map<String, @Nullable Object> columns = row.columns();
		StoredLimits limits = StoredLimits.read(row.keyId(), (String) columns.get("rateLimits"),
				(String) columns.get("allowedAddresses"));
		Map<String, String> metadata = new TreeMap<>(row.metadata());
		metadata.keySet().retainAll(principalMetadata);
		ApiKeyPrincipal principal = new ApiKeyPrincipal(row.id(), row.keyId(), key.getName(), row.owner(), row.scopes(),
				key.getKeyType(), limits.rateLimits(), key.getQuota() != null)
			.ofTypes(types)
			.ofLine(key.getLineId())
			.withMetadata(metadata);
		return new StoredApiKey(principal, row.version(), row.hash(), row.validity(), limits.allowedAddresses());
	}

	/**
	 * Returns what the application sees of the key.
	 * @return the principal
	 */
	public ApiKeyPrincipal principal() {
		return this.principal;
	}

	/**
	 * Returns the state of the key.
	 * @param now the instant to look at
	 * @return its state then, as far as is known now
	 */
	public ApiKeyState state(Instant now) {
		Assert.notNull(now, "now cannot be null");
		return this.validity.state(now);
	}

	/**
	 * Returns the version of the key.
	 * @return 0 for a new key, and more after each change
	 */
	public long version() {
		return this.version;
	}

	/**
	 * Returns the hash of the token.
	 * @return the hash, which does not print itself
	 */
	public TokenHash hash() {
		return this.hash;
	}

	/**
	 * Returns from where the key may be used.
	 * @return the ranges of addresses
	 */
	public AllowedAddresses allowedAddresses() {
		return this.allowedAddresses;
	}

	boolean isPermittedFrom(@Nullable String remoteAddress) {
		return this.allowedAddresses.permit(remoteAddress);
	}

	/**
	 * Whether its row may have been purged, and may be followed by another one of the
	 * same key id and version.
	 */
	boolean isExpired(Instant now) {
		return state(now) == ApiKeyState.EXPIRED;
	}

	/**
	 * What a developer needs to know besides the reason.
	 */
	String explain(ApiKeyRefusal reason, @Nullable String remoteAddress) {
		return (reason == ApiKeyRefusal.ADDRESS)
				? "it may be used from " + this.allowedAddresses + " only, and was presented from " + remoteAddress
				: this.validity.explain(reason);
	}

}
