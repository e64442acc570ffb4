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
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

import io.github.apikeys.core.token.PresentedToken;
import jakarta.persistence.Access;
import jakarta.persistence.AccessType;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.DiscriminatorColumn;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.ExcludeDefaultListeners;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.MapKeyClass;
import jakarta.persistence.MapKeyColumn;
import jakarta.persistence.PrePersist;
import jakarta.persistence.PreRemove;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import org.hibernate.annotations.BatchSize;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.hibernate.annotations.CollectionType;
import org.hibernate.annotations.JavaType;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.annotations.MapKeyJdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * A key as it is stored: everything but its plaintext.
 * <p>
 * It is read, never written, by applications: neither columns nor scopes and metadata can
 * be updated through the persistence context, so flushing or merging a stale copy cannot
 * undo what {@link ApiKeyService} changed meanwhile. To persist a key there, or to remove
 * one, by a cascade, too, that has not been revoked for a minute and a half, is refused
 * with an {@link IllegalStateException}.
 * <p>
 * All that its getters return is visible where an application hands it on, as JSON for
 * example: the metadata, and the address from which it was last used. Return a type of
 * your own to others.
 *
 * @since 0.1.0
 */
// The entity's name is qualified: the application may have an ApiKey of its own.
@Access(AccessType.FIELD)
@Cache(usage = CacheConcurrencyStrategy.NONE)
@Entity(name = "io.github.apikeys.core.ApiKey")
@ExcludeDefaultListeners
@Table(name = "api_key")
@Inheritance(strategy = InheritanceType.JOINED)
@DiscriminatorColumn(name = "key_type", length = 100)
@DiscriminatorValue(ApiKey.TYPE)
public class ApiKey {

	static final String TYPE = "api_key";

	@Id
	@JdbcTypeCode(SqlTypes.UUID)
	@Column(name = "id")
	@Convert(disableConversion = true)
	private UUID id;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "key_type", nullable = false, insertable = false, updatable = false, length = 100)
	@Convert(disableConversion = true)
	private String keyType;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "key_id", nullable = false, updatable = false, unique = true, length = 100)
	@Convert(disableConversion = true)
	private String keyId;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "prefix", nullable = false, updatable = false, length = 48)
	@Convert(disableConversion = true)
	private String prefix;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "last_characters", nullable = false, updatable = false, length = 4)
	@Convert(disableConversion = true)
	private String lastCharacters;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "hash", nullable = false, updatable = false, length = 500)
	@Convert(disableConversion = true)
	@JavaType(TokenHash.TextType.class)
	private TokenHash hash;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "name", nullable = false, updatable = false, length = 100)
	@Convert(disableConversion = true)
	private String name;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "description", updatable = false, length = 1000)
	@Convert(disableConversion = true)
	private @Nullable String description;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "owner", updatable = false, length = 255)
	@Convert(disableConversion = true)
	private @Nullable String owner;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "allowed_addresses", updatable = false, length = 1000)
	@Convert(disableConversion = true)
	private @Nullable String allowedAddresses;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "rate_limits", updatable = false, length = 200)
	@Convert(disableConversion = true)
	private @Nullable String rateLimits;

	@Column(name = "quota", updatable = false)
	@Convert(disableConversion = true)
	private @Nullable Long quota;

	// counted by a statement of its own, and no change of the key
	@Column(name = "quota_used", nullable = false, updatable = false)
	@Convert(disableConversion = true)
	private long quotaUsed;

	// a converter of the application's for String would be applied to elements of that
	// type, and the type of the collection lets @Convert be ignored
	@ElementCollection(targetClass = String.class, fetch = FetchType.EAGER)
	@CollectionTable(name = "api_key_scope", joinColumns = @JoinColumn(name = "api_key_id"))
	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "scope", nullable = false, length = 100)
	@BatchSize(size = 100)
	@CollectionType(type = UnmergedCollectionType.OfSet.class)
	private Set<CharSequence> scopes = new HashSet<>();

	@ElementCollection(targetClass = String.class, fetch = FetchType.EAGER)
	@MapKeyClass(String.class)
	@CollectionTable(name = "api_key_metadata", joinColumns = @JoinColumn(name = "api_key_id"))
	@MapKeyColumn(name = "name", length = 100)
	@MapKeyJdbcTypeCode(SqlTypes.VARCHAR)
	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "content", nullable = false, length = 1000)
	@BatchSize(size = 100)
	@CollectionType(type = UnmergedCollectionType.OfMap.class)
	private Map<CharSequence, CharSequence> metadata = new HashMap<>();

	@JdbcTypeCode(SqlTypes.TIMESTAMP_UTC)
	@Column(name = "created_at", nullable = false, updatable = false)
	@Convert(disableConversion = true)
	private Instant createdAt;

	@JdbcTypeCode(SqlTypes.TIMESTAMP_UTC)
	@Column(name = "not_before", updatable = false)
	@Convert(disableConversion = true)
	private @Nullable Instant notBefore;

	@JdbcTypeCode(SqlTypes.TIMESTAMP_UTC)
	@Column(name = "expires_at", updatable = false)
	@Convert(disableConversion = true)
	private @Nullable Instant expiresAt;

	@JdbcTypeCode(SqlTypes.TIMESTAMP_UTC)
	@Column(name = "disabled_at", updatable = false)
	@Convert(disableConversion = true)
	private @Nullable Instant disabledAt;

	@JdbcTypeCode(SqlTypes.TIMESTAMP_UTC)
	@Column(name = "revoked_at", updatable = false)
	@Convert(disableConversion = true)
	private @Nullable Instant revokedAt;

	@JdbcTypeCode(SqlTypes.UUID)
	@Column(name = "predecessor_id", updatable = false)
	@Convert(disableConversion = true)
	private @Nullable UUID predecessorId;

	@JdbcTypeCode(SqlTypes.UUID)
	@Column(name = "successor_id", updatable = false)
	@Convert(disableConversion = true)
	private @Nullable UUID successorId;

	// of a successor only: the first of a line is named by its id
	@JdbcTypeCode(SqlTypes.UUID)
	@Column(name = "line_id", updatable = false)
	@Convert(disableConversion = true)
	private @Nullable UUID lineId;

	@JdbcTypeCode(SqlTypes.TIMESTAMP_UTC)
	@Column(name = "last_used_at", updatable = false)
	@Convert(disableConversion = true)
	private @Nullable Instant lastUsedAt;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "last_used_from", updatable = false, length = 45)
	@Convert(disableConversion = true)
	private @Nullable String lastUsedFrom;

	// lower case, so that an index serves a search that disregards case
	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "search_key_id", nullable = false, updatable = false, length = 100)
	@Convert(disableConversion = true)
	private String searchKeyId;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "search_name", nullable = false, updatable = false, length = 200)
	@Convert(disableConversion = true)
	private String searchName;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "search_owner", updatable = false, length = 510)
	@Convert(disableConversion = true)
	private @Nullable String searchOwner;

	@JdbcTypeCode(SqlTypes.TIMESTAMP_UTC)
	@Column(name = "changed_at", nullable = false, updatable = false)
	@Convert(disableConversion = true)
	private Instant changedAt;

	@Column(name = "version", nullable = false, updatable = false)
	@Convert(disableConversion = true)
	private long version;

	@Transient
	private transient boolean beingIssued;

	/**
	 * For the persistence provider and for subclasses. The service fills in the rest.
	 */
	@SuppressWarnings("NullAway.Init")
	protected ApiKey() {
	}

	/**
	 * Fills in everything that is not a subclass's business. There is no public way to do
	 * it, since it decides which token opens the key.
	 */
	void initialize(Issuance issuance, PresentedToken token, TokenHash hash) {
		NewApiKey newApiKey = issuance.attributes();
		this.id = issuance.id();
		this.keyType = ApiKeyTypes.nameOf(this);
		this.keyId = token.keyId();
		this.prefix = token.prefix();
		this.lastCharacters = token.lastCharacters();
		this.hash = hash;
		this.name = newApiKey.name();
		this.description = newApiKey.description();
		this.owner = issuance.owner();
		this.allowedAddresses = newApiKey.allowedAddresses();
		this.rateLimits = newApiKey.rateLimits();
		this.quota = newApiKey.quota();
		this.quotaUsed = newApiKey.quotaUsed();
		this.scopes = new HashSet<>(newApiKey.getScopes());
		this.metadata = new HashMap<>(newApiKey.metadata());
		this.createdAt = issuance.createdAt();
		this.notBefore = newApiKey.notBefore();
		this.expiresAt = issuance.expiresAt();
		this.disabledAt = null;
		this.revokedAt = null;
		this.predecessorId = newApiKey.predecessorId();
		this.successorId = null;
		this.lineId = newApiKey.lineId();
		this.lastUsedAt = null;
		this.lastUsedFrom = null;
		fillInSearched();
		this.changedAt = issuance.createdAt();
		this.version = 0;
		this.beingIssued = true;
	}

	private void fillInSearched() {
		this.searchKeyId = ApiKeyQuery.searchable(this.keyId);
		this.searchName = ApiKeyQuery.searchable(this.name);
		this.searchOwner = (this.owner != null) ? ApiKeyQuery.searchable(this.owner) : null;
	}

	/**
	 * Fills in what a store has kept. The key is not being issued, so nobody inserts it.
	 */
	void fillIn(ApiKeyRow row) {
		this.id = row.id();
		this.keyType = row.get("keyType");
		this.keyId = row.keyId();
		this.prefix = row.get("prefix");
		this.lastCharacters = row.get("lastCharacters");
		this.hash = row.hash();
		this.name = row.get("name");
		this.description = row.find("description");
		this.owner = row.owner();
		this.allowedAddresses = row.find("allowedAddresses");
		this.rateLimits = row.find("rateLimits");
		this.quota = row.find("quota");
		this.quotaUsed = row.<Long>get("quotaUsed");
		this.scopes = new HashSet<>(row.scopes());
		this.metadata = new HashMap<>(row.metadata());
		this.createdAt = row.get("createdAt");
		this.notBefore = row.find("notBefore");
		this.expiresAt = row.find("expiresAt");
		this.disabledAt = row.find("disabledAt");
		this.revokedAt = row.find("revokedAt");
		this.predecessorId = row.predecessorId();
		this.successorId = row.successorId();
		this.lineId = row.find("lineId");
		this.lastUsedAt = row.find("lastUsedAt");
		this.lastUsedFrom = row.find("lastUsedFrom");
		fillInSearched();
		this.changedAt = row.get("changedAt");
		this.version = row.version();
	}

	/**
	 * Fills in what another system says of a key that is imported.
	 */
	void initializePast(Instant createdAt, @Nullable Instant revokedAt) {
		this.createdAt = createdAt;
		this.revokedAt = revokedAt;
	}

	TokenHash hash() {
		return this.hash;
	}

	@Nullable UUID lineId() {
		return this.lineId;
	}

	Instant changedAt() {
		return this.changedAt;
	}

	@SuppressWarnings("NullAway") // a new entity has no id
	void checkNew() {
		Assert.isTrue(getId() == null, "Only a new entity can become an API key");
	}

	boolean isBeingIssued() {
		return this.beingIssued;
	}

	void markIssued() {
		this.beingIssued = false;
	}

	/**
	 * Merging an old copy of a key whose row is gone would restore the key.
	 */
	@PrePersist
	void refuseToBePersisted() {
		if (!this.beingIssued) {
			throw new IllegalStateException(
					"An API key cannot be persisted by the application: use ApiKeyService.create or importKey");
		}
	}

	/**
	 * A row that is gone tells no other node that its key is.
	 */
	@PreRemove
	void refuseToBeRemoved() {
		if (!mayBeRemoved()) {
			throw notToBeRemoved();
		}
	}

	static IllegalStateException notToBeRemoved() {
		return new IllegalStateException("An API key cannot be removed through the persistence context, nor by a"
				+ " cascade, before it has been revoked for a minute and a half, nor before the key that it replaced has"
				+ " ended: use ApiKeyService.revoke or revokeAll, and purge, which deletes its row later");
	}

	boolean mayBeRemoved() {
		return this.revokedAt != null && !this.revokedAt.isAfter(Instant.now().minus(ApiKeyRepository.MAX_MEMORY));
	}

	/**
	 * Says whom a new key of this type belongs to, where that follows from what the type
	 * adds. The service asks once, before it stores the key, however it is created or
	 * imported; so {@link ApiKeyService#revokeAll} and
	 * {@link ApiKeyService#invalidateOwner} miss none. A successor has the owner of its
	 * predecessor.
	 * @return an owner as {@link NewApiKey#owner} takes it, or {@code null}, as by
	 * default, if only whoever creates the key says it. An owner that is said there and
	 * differs from this one is refused.
	 */
	protected @Nullable String ownerOfNewKey() {
		return null;
	}

	/**
	 * Returns the id of the row, under which the key is managed.
	 * @return the id
	 */
	public UUID getId() {
		return this.id;
	}

	/**
	 * Returns the type of the key.
	 * @return the discriminator value of the entity, {@code api_key} for this class
	 */
	public String getKeyType() {
		return this.keyType;
	}

	/**
	 * Returns the public id, which is part of the token.
	 * @return 12 base62 characters, or {@code <format>:<id>} for a key that was imported
	 */
	public String getKeyId() {
		return this.keyId;
	}

	/**
	 * Returns the prefix of the token.
	 * @return the prefix, without separator; for a key that was imported from another
	 * system, the name of its format
	 */
	public String getPrefix() {
		return this.prefix;
	}

	/**
	 * Returns the end of the token, by which its holder recognises it.
	 * @return 4 base62 characters, or nothing for a key that was imported from another
	 * system
	 */
	public String getLastCharacters() {
		return this.lastCharacters;
	}

	/**
	 * Returns what people call the key.
	 * @return 1 to 100 characters, not necessarily unique
	 */
	public String getName() {
		return this.name;
	}

	/**
	 * Returns what the key is for.
	 * @return at most 1000 characters, or {@code null}
	 */
	public @Nullable String getDescription() {
		return this.description;
	}

	/**
	 * Returns whom the key belongs to.
	 * @return what the application set as owner, or {@code null}
	 */
	public @Nullable String getOwner() {
		return this.owner;
	}

	/**
	 * Returns from where the key may be used.
	 * @return IP addresses and blocks of them, unmodifiable; none means from anywhere
	 */
	public Set<String> getAllowedAddresses() {
		return Collections.unmodifiableSet(AllowedAddresses.fromColumn(this.allowedAddresses));
	}

	/**
	 * Returns how many requests the key may make in a time.
	 * @return the limits of this key, or {@code null} if the application's default
	 * counts, or if somebody wrote into the column what cannot be read; such a key is
	 * refused
	 */
	public @Nullable RateLimits getRateLimits() {
		try {
			return (this.rateLimits != null) ? RateLimits.parse(this.rateLimits) : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * What is in the columns, whether or not it can be read.
	 */
	@Nullable String rateLimits() {
		return this.rateLimits;
	}

	@Nullable String allowedAddresses() {
		return this.allowedAddresses;
	}

	/**
	 * Returns how many requests the key may make in its whole life.
	 * @return the number, or {@code null} if it is not limited
	 */
	public @Nullable Long getQuota() {
		return this.quota;
	}

	/**
	 * Returns how many requests of its quota the key, and those that it replaced, have
	 * made.
	 * @return the number, 0 for a key without a quota that never had one
	 */
	public long getQuotaUsed() {
		return this.quotaUsed;
	}

	/**
	 * Returns what the key was granted.
	 * @return scopes and wildcards in alphabetical order, unmodifiable
	 */
	public Set<String> getScopes() {
		Set<String> scopes = new TreeSet<>();
		this.scopes.forEach((scope) -> scopes.add(scope.toString()));
		return Collections.unmodifiableSet(scopes);
	}

	/**
	 * Returns what the application attached to the key.
	 * @return values by name in alphabetical order, unmodifiable
	 */
	public Map<String, String> getMetadata() {
		Map<String, String> metadata = new TreeMap<>();
		this.metadata.forEach((name, value) -> metadata.put(name.toString(), value.toString()));
		return Collections.unmodifiableMap(metadata);
	}

	/**
	 * Returns when the key was created.
	 * @return the time, with microseconds
	 */
	public Instant getCreatedAt() {
		return this.createdAt;
	}

	/**
	 * Returns when the key begins.
	 * @return the first instant at which it can be used, or {@code null} if it could be
	 * used at once
	 */
	public @Nullable Instant getNotBefore() {
		return this.notBefore;
	}

	/**
	 * Returns when the key ends.
	 * @return the first instant at which it cannot be used any more, or {@code null} if
	 * it never ends
	 */
	public @Nullable Instant getExpiresAt() {
		return this.expiresAt;
	}

	/**
	 * Returns since when the key is switched off for a while.
	 * @return the time, or {@code null} if it is not
	 */
	public @Nullable Instant getDisabledAt() {
		return this.disabledAt;
	}

	/**
	 * Returns since when the key is switched off for ever.
	 * @return the time, or {@code null} if it is not
	 */
	public @Nullable Instant getRevokedAt() {
		return this.revokedAt;
	}

	/**
	 * Returns which key this one replaces.
	 * @return the id of its row, or {@code null} if it was not created by a rotation
	 */
	public @Nullable UUID getPredecessorId() {
		return this.predecessorId;
	}

	/**
	 * Returns which key replaces this one.
	 * @return the id of its row, or {@code null} if this key was not rotated
	 */
	public @Nullable UUID getSuccessorId() {
		return this.successorId;
	}

	/**
	 * Returns which line of keys this one belongs to: a key and all that come of it by
	 * rotation are one, and count as one where something is limited.
	 * @return the id of the row of the key that was the first
	 */
	public UUID getLineId() {
		return (this.lineId != null) ? this.lineId : this.id;
	}

	/**
	 * Returns when the key was last accepted. It is written some seconds after the fact.
	 * @return the time, or {@code null} if it never was
	 */
	public @Nullable Instant getLastUsedAt() {
		return this.lastUsedAt;
	}

	/**
	 * Returns from where the key was last accepted.
	 * @return an IP address, or {@code null} if it never was or nobody told
	 */
	public @Nullable String getLastUsedFrom() {
		return this.lastUsedFrom;
	}

	/**
	 * Returns how often the key was changed, to be given to
	 * {@link ApiKeyUpdate#expectVersion}.
	 * @return 0 for a new key, and more after each change
	 */
	public long getVersion() {
		return this.version;
	}

	/**
	 * Returns whether the key can be used now, by the clock of this node. It is part of
	 * the JSON of a key.
	 * @return its state, as far as is known now
	 */
	public ApiKeyState getState() {
		return getState(Instant.now());
	}

	/**
	 * Returns whether the key can be used.
	 * @param now the instant to look at
	 * @return its state then, as far as is known now
	 */
	public ApiKeyState getState(Instant now) {
		Assert.notNull(now, "now cannot be null");
		return new ApiKeyValidity(this.notBefore, this.expiresAt, this.disabledAt, this.revokedAt).state(now);
	}

	@Override
	public final boolean equals(@Nullable Object other) {
		return this == other || (other instanceof ApiKey that && getId().equals(that.getId()));
	}

	@Override
	public final int hashCode() {
		return getId().hashCode();
	}

	@Override
	public String toString() {
		return getClass().getSimpleName() + " [keyId=" + getKeyId() + ", name=" + getName() + "]";
	}

}
