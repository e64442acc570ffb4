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

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.security.core.AuthenticatedPrincipal;
import org.springframework.util.Assert;

/**
 * A verified key as the rest of the application sees it: immutable, without secret or
 * hash, safe to print.
 *
 * @since 0.1.0
 * @serial exclude
 */
public final class ApiKeyPrincipal implements AuthenticatedPrincipal, Serializable {

	/**
	 * The authority of each request that presented a key, also if it is not the key that
	 * the request is authenticated by.
	 */
	public static final String FACTOR_AUTHORITY = "FACTOR_API_KEY";

	private static final long serialVersionUID = 1L;

	private final UUID id;

	private final UUID lineId;

	private final String keyId;

	private final String displayName;

	private final @Nullable String owner;

	private final TreeSet<String> scopes;

	private final String type;

	private final TreeSet<String> lineage;

	private final @Nullable RateLimits rateLimits;

	private final boolean hasQuota;

	private final TreeMap<String, String> metadata;

	/**
	 * Creates a principal.
	 * @param id the id of the key's row
	 * @param keyId the public id
	 * @param displayName the name people gave the key
	 * @param owner whom the key belongs to, if anybody
	 * @param scopes what the key was granted, wildcards unexpanded
	 * @param type the key's type
	 */
	public ApiKeyPrincipal(UUID id, String keyId, String displayName, @Nullable String owner, Set<String> scopes,
			String type) {
		this(id, id, keyId, displayName, owner, scopes, type, lineage(type), null, false);
	}

	/**
	 * Creates the principal of a key that has limits.
	 * @param id the id of the key's row
	 * @param keyId the public id
	 * @param displayName the name people gave the key
	 * @param owner whom the key belongs to, if anybody
	 * @param scopes what the key was granted, wildcards unexpanded
	 * @param type the key's type
	 * @param rateLimits how many requests it may make in a time, or {@code null} if the
	 * application's default counts
	 * @param hasQuota whether its requests are counted against a quota
	 */
	public ApiKeyPrincipal(UUID id, String keyId, String displayName, @Nullable String owner, Set<String> scopes,
			String type, @Nullable RateLimits rateLimits, boolean hasQuota) {
		this(id, id, keyId, displayName, owner, scopes, type, lineage(type), rateLimits, hasQuota);
	}

	private static Set<String> lineage(String type) {
		Assert.notNull(type, "type cannot be null");
		return Set.of(type);
	}

	/**
	 * Creates the principal of a key whose class is known. It is of the types that the
	 * class extends, too.
	 * @param id the id of the key's row
	 * @param keyId the public id
	 * @param displayName the name people gave the key
	 * @param owner whom the key belongs to, if anybody
	 * @param scopes what the key was granted, wildcards unexpanded
	 * @param type the class of the key's entity
	 * @param rateLimits how many requests it may make in a time, or {@code null} if the
	 * application's default counts
	 * @param hasQuota whether its requests are counted against a quota
	 * @throws IllegalArgumentException if the class has no discriminator value
	 */
	public ApiKeyPrincipal(UUID id, String keyId, String displayName, @Nullable String owner, Set<String> scopes,
			Class<? extends ApiKey> type, @Nullable RateLimits rateLimits, boolean hasQuota) {
		this(id, id, keyId, displayName, owner, scopes, ApiKeyTypes.nameOf(type), ApiKeyTypes.lineage(type), rateLimits,
				hasQuota);
	}

	private ApiKeyPrincipal(UUID id, UUID lineId, String keyId, String displayName, @Nullable String owner,
			Set<String> scopes, String type, Set<String> lineage, @Nullable RateLimits rateLimits, boolean hasQuota) {
		Assert.notNull(id, "id cannot be null");
		Assert.notNull(lineId, "lineId cannot be null");
		Assert.notNull(keyId, "keyId cannot be null");
		Assert.notNull(displayName, "displayName cannot be null");
		Assert.notNull(scopes, "scopes cannot be null");
		this.id = id;
		this.lineId = lineId;
		this.keyId = keyId;
		this.displayName = displayName;
		this.owner = owner;
		this.scopes = new TreeSet<>(scopes);
		this.type = type;
		this.lineage = new TreeSet<>(lineage);
		this.rateLimits = rateLimits;
		this.hasQuota = hasQuota;
		this.metadata = new TreeMap<>();
	}

	private ApiKeyPrincipal(ApiKeyPrincipal principal, UUID lineId, Set<String> lineage, Map<String, String> metadata) {
		this.id = principal.id;
		this.lineId = lineId;
		this.keyId = principal.keyId;
		this.displayName = principal.displayName;
		this.owner = principal.owner;
		this.scopes = principal.scopes;
		this.type = principal.type;
		this.lineage = new TreeSet<>(lineage);
		this.rateLimits = principal.rateLimits;
		this.hasQuota = principal.hasQuota;
		this.metadata = new TreeMap<>(metadata);
	}

	/**
	 * Returns the same principal as that of a key which came of another by rotation. The
	 * constructors make one of a key that came of none.
	 * @param lineId the id of the row of the key that was the first
	 * @return the principal
	 */
	public ApiKeyPrincipal ofLine(UUID lineId) {
		Assert.notNull(lineId, "lineId cannot be null");
		return new ApiKeyPrincipal(this, lineId, this.lineage, this.metadata);
	}

	/**
	 * Returns the same principal with metadata. The constructors make one without.
	 * @param metadata values by name
	 * @return the principal
	 */
	public ApiKeyPrincipal withMetadata(Map<String, String> metadata) {
		Assert.notNull(metadata, "metadata cannot be null");
		return new ApiKeyPrincipal(this, this.lineId, this.lineage, metadata);
	}

	/**
	 * Returns the same principal as that of a key whose class is known by the name of its
	 * type only.
	 * @param types the type of the key and those that its class extends, as
	 * {@link ApiKeyTypes#lineage} tells
	 * @return the principal
	 */
	public ApiKeyPrincipal ofTypes(Set<String> types) {
		Assert.notNull(types, "types cannot be null");
		return new ApiKeyPrincipal(this, this.lineId, types, this.metadata);
	}

	/**
	 * Returns the id under which {@link ApiKeyService} manages the key.
	 * @return the id of the key's row
	 */
	public UUID id() {
		return this.id;
	}

	/**
	 * Returns the id under which the requests of the key are counted, if they are
	 * limited. A key shares it with all that come of it by rotation.
	 * @return the id of the row of the key that was the first of them
	 */
	public UUID lineId() {
		return this.lineId;
	}

	/**
	 * Returns the public id, which is part of the token.
	 * @return 12 base62 characters for keys of this library
	 */
	public String keyId() {
		return this.keyId;
	}

	/**
	 * Returns the name that people gave the key; it may change and need not be unique.
	 * @return 1 to 100 characters
	 */
	public String displayName() {
		return this.displayName;
	}

	/**
	 * Returns whom the key belongs to.
	 * @return what the application set as owner, or {@code null}
	 */
	public @Nullable String owner() {
		return this.owner;
	}

	/**
	 * Returns what the key was granted.
	 * @return scopes and wildcards in alphabetical order, unmodifiable
	 */
	public Set<String> scopes() {
		return Collections.unmodifiableSet(this.scopes);
	}

	/**
	 * Returns the type of the key.
	 * @return the discriminator value of the key's entity, {@code api_key} for
	 * {@link ApiKey} itself
	 */
	public String type() {
		return this.type;
	}

	/**
	 * Whether the key is of a type, or of one that extends it.
	 * @param type the class of keys
	 * @return whether it is
	 * @throws IllegalArgumentException if the class has no discriminator value
	 */
	public boolean isOfType(Class<? extends ApiKey> type) {
		return type == ApiKey.class || this.lineage.contains(ApiKeyTypes.nameOf(type));
	}

	/**
	 * Whether the key may do something.
	 * @param scope the scope that is needed
	 * @return whether one of the grants covers it
	 */
	public boolean hasScope(String scope) {
		Assert.notNull(scope, "scope cannot be null");
		return ApiKeyScopes.covers(this.scopes, scope);
	}

	/**
	 * Returns how many requests the key may make in a time.
	 * @return the limits of this key, or {@code null} if the application's default counts
	 */
	public @Nullable RateLimits rateLimits() {
		return this.rateLimits;
	}

	/**
	 * Whether the requests of the key are counted against a quota.
	 * @return whether they are
	 */
	public boolean hasQuota() {
		return this.hasQuota;
	}

	/**
	 * Returns what the application attached to the key, as far as it is to be known of
	 * each caller. What prints the principal does not print it.
	 * @return values by name in alphabetical order, unmodifiable; of the names that
	 * {@code api-key.principal.metadata} lists those that the key has, none by default
	 */
	public Map<String, String> metadata() {
		return Collections.unmodifiableMap(this.metadata);
	}

	/**
	 * Returns the public id.
	 * @return the same as {@link #keyId()}
	 */
	@Override
	public String getName() {
		return this.keyId;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof ApiKeyPrincipal that && this.id.equals(that.id));
	}

	@Override
	public int hashCode() {
		return this.id.hashCode();
	}

	@Override
	public String toString() {
		return "ApiKeyPrincipal [keyId=" + this.keyId + ", displayName=" + this.displayName + ", owner=" + this.owner
				+ ", scopes=" + this.scopes + ", type=" + this.type + "]";
	}

}
