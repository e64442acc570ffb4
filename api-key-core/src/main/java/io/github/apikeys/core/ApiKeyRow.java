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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * The row of a key, with its scopes and metadata: what a store keeps. It never changes;
 * what changes a key returns another row, or {@code null} if the change is not possible.
 * <p>
 * Its {@linkplain #columns() columns} contain the hash of the token. A key that is made
 * from a row is only read: no store inserts it.
 *
 * @since 0.1.0
 * @see ApiKeyRepository
 */
public final class ApiKeyRow {

	private static final Map<String, Column> COLUMNS = defined();

	private final Map<String, @Nullable Object> columns;

	private final Set<String> scopes;

	private final Map<String, String> metadata;

	private ApiKeyRow(Map<String, @Nullable Object> columns, Set<String> scopes, Map<String, String> metadata) {
		this.columns = columns;
		this.scopes = new TreeSet<>(scopes);
		this.metadata = new TreeMap<>(metadata);
	}

	private static Map<String, Column> defined() {
		Map<String, Column> columns = new LinkedHashMap<>();
		columns.put("id", Column.of(UUID.class, ApiKey::getId));
		columns.put("keyType", Column.of(String.class, ApiKey::getKeyType));
		columns.put("keyId", Column.of(String.class, ApiKey::getKeyId));
		columns.put("prefix", Column.of(String.class, ApiKey::getPrefix));
		columns.put("lastCharacters", Column.of(String.class, ApiKey::getLastCharacters));
		columns.put("hash", Column.of(TokenHash.class, ApiKey::hash));
		columns.put("name", Column.of(String.class, ApiKey::getName));
		columns.put("description", Column.optional(String.class, ApiKey::getDescription));
		columns.put("owner", Column.optional(String.class, ApiKey::getOwner));
		columns.put("allowedAddresses", Column.optional(String.class, ApiKey::allowedAddresses));
		columns.put("rateLimits", Column.optional(String.class, ApiKey::rateLimits));
		columns.put("quota", Column.optional(Long.class, ApiKey::getQuota));
		columns.put("quotaUsed", Column.of(Long.class, ApiKey::getQuotaUsed));
		columns.put("createdAt", Column.of(Instant.class, ApiKey::getCreatedAt));
		columns.put("notBefore", Column.optional(Instant.class, ApiKey::getNotBefore));
		columns.put("expiresAt", Column.optional(Instant.class, ApiKey::getExpiresAt));
		columns.put("disabledAt", Column.optional(Instant.class, ApiKey::getDisabledAt));
		columns.put("revokedAt", Column.optional(Instant.class, ApiKey::getRevokedAt));
		columns.put("predecessorId", Column.optional(UUID.class, ApiKey::getPredecessorId));
		columns.put("successorId", Column.optional(UUID.class, ApiKey::getSuccessorId));
		columns.put("lineId", Column.optional(UUID.class, ApiKey::lineId));
		columns.put("lastUsedAt", Column.optional(Instant.class, ApiKey::getLastUsedAt));
		columns.put("lastUsedFrom", Column.optional(String.class, ApiKey::getLastUsedFrom));
		columns.put("changedAt", Column.of(Instant.class, ApiKey::changedAt));
		columns.put("version", Column.of(Long.class, ApiKey::getVersion));
		return columns;
	}

	/**
	 * Returns the row to insert for a key that {@link ApiKeyService} is just creating.
	 * @param apiKey the key
	 * @return its row, without what its class adds
	 * @throws IllegalStateException if the service is not creating the key
	 */
	public static ApiKeyRow ofNew(ApiKey apiKey) {
		ApiKeyLifecycle.checkInsert(apiKey);
		Map<String, @Nullable Object> columns = new LinkedHashMap<>();
		COLUMNS.forEach((name, column) -> columns.put(name, column.value().apply(apiKey)));
		return new ApiKeyRow(columns, apiKey.getScopes(), apiKey.getMetadata());
	}

	/**
	 * Returns a row that a store has kept.
	 * @param columns values by the names of {@link #columnTypes()}, of these types;
	 * {@code null} has the same meaning as none
	 * @param scopes what the key was granted
	 * @param metadata what the application attached to the key
	 * @return the row
	 * @throws IllegalArgumentException if a value is missing that each key has, is of
	 * another type, or of a column that there is not
	 */
	public static ApiKeyRow of(Map<String, ? extends @Nullable Object> columns, Set<String> scopes,
			Map<String, String> metadata) {
		Assert.notNull(columns, "columns cannot be null");
		Assert.notNull(scopes, "scopes cannot be null");
		Assert.notNull(metadata, "metadata cannot be null");
		columns.keySet().forEach(ApiKeyRow::column);
		Map<String, @Nullable Object> checked = new LinkedHashMap<>();
		COLUMNS.forEach((name, column) -> checked.put(name, column.checked(name, columns.get(name))));
		return new ApiKeyRow(checked, scopes, metadata);
	}

	private static Column column(String name) {
		Column column = COLUMNS.get(name);
		Assert.notNull(column, () -> "There is no column '" + name + "'");
		return column;
	}

	/**
	 * Returns which columns a row has.
	 * @return the types of the values by the name of the column, in the order of
	 * {@link #columns()}
	 */
	public static Map<String, Class<?>> columnTypes() {
		Map<String, Class<?>> types = new LinkedHashMap<>();
		COLUMNS.forEach((name, column) -> types.put(name, column.type()));
		return types;
	}

	/**
	 * Returns what is in the row.
	 * @return values by the name of the property of {@link ApiKey}, as they are stored,
	 * unmodifiable
	 */
	public Map<String, @Nullable Object> columns() {
		return Collections.unmodifiableMap(this.columns);
	}

	/**
	 * Returns what the key was granted.
	 * @return scopes and wildcards in alphabetical order, unmodifiable
	 */
	public Set<String> scopes() {
		return Collections.unmodifiableSet(this.scopes);
	}

	/**
	 * Returns what the application attached to the key.
	 * @return values by name in alphabetical order, unmodifiable
	 */
	public Map<String, String> metadata() {
		return Collections.unmodifiableMap(this.metadata);
	}

	/**
	 * Returns which row it is.
	 * @return the id of the row
	 */
	public UUID id() {
		return get("id");
	}

	/**
	 * Returns the public id of the key.
	 * @return the public id
	 */
	public String keyId() {
		return get("keyId");
	}

	/**
	 * Returns whom the key belongs to.
	 * @return the owner, or {@code null} if it has none
	 */
	public @Nullable String owner() {
		return find("owner");
	}

	/**
	 * Returns which key this one replaces.
	 * @return the id of its row, or {@code null} if it was not created by a rotation
	 */
	public @Nullable UUID predecessorId() {
		return find("predecessorId");
	}

	/**
	 * Returns which key replaces this one.
	 * @return the id of its row, or {@code null} if this key was not rotated
	 */
	public @Nullable UUID successorId() {
		return find("successorId");
	}

	/**
	 * Returns the hash of the token.
	 * @return the hash, which does not print itself
	 */
	public TokenHash hash() {
		return get("hash");
	}

	/**
	 * Returns how often the key was changed.
	 * @return 0 for a new key, and another number after each change
	 */
	public long version() {
		return this.<Long>get("version");
	}

	/**
	 * Returns when the key was changed last, by the clock of the store.
	 * @return the time
	 */
	public Instant changedAt() {
		return get("changedAt");
	}

	/**
	 * Returns the times that decide whether the key can be used.
	 * @return the times
	 */
	public ApiKeyValidity validity() {
		return new ApiKeyValidity(find("notBefore"), find("expiresAt"), find("disabledAt"), find("revokedAt"));
	}

	/**
	 * Returns whether the key is revoked.
	 * @return whether it can never be used again
	 */
	public boolean isRevoked() {
		return find("revokedAt") != null;
	}

	/**
	 * Returns whether the key is revoked or expired at a time.
	 * @param now the instant to look at
	 * @return whether it has ended then, as far as is known now
	 */
	public boolean hasEnded(Instant now) {
		return validity().state(now).isEnded();
	}

	/**
	 * Returns whether the key was revoked or expired before a time.
	 * @param time the time
	 * @return whether it ended before
	 */
	public boolean endedBefore(Instant time) {
		Assert.notNull(time, "time cannot be null");
		return revokedBefore(time) || isBefore(find("expiresAt"), time);
	}

	/**
	 * Returns whether the key was revoked before a time.
	 * @param time the time
	 * @return whether it was revoked before
	 */
	public boolean revokedBefore(Instant time) {
		Assert.notNull(time, "time cannot be null");
		return isBefore(find("revokedAt"), time);
	}

	private static boolean isBefore(@Nullable Instant end, Instant time) {
		return end != null && end.isBefore(time);
	}

	/**
	 * Returns the key as its columns tell, whatever its type is.
	 * @return a key of the class {@link ApiKey} itself
	 */
	public ApiKey toApiKey() {
		ApiKey apiKey = new ApiKey();
		apiKey.fillIn(this);
		return apiKey;
	}

	/**
	 * Fills in the columns of an entity that has what its class adds.
	 * @param apiKey a new entity of the class of the key
	 * @param <T> the class of keys
	 * @return the entity
	 * @throws IllegalArgumentException if it is not new, or keys of its class have
	 * another type
	 */
	public <T extends ApiKey> T fillIn(T apiKey) {
		Assert.notNull(apiKey, "apiKey cannot be null");
		apiKey.checkNew();
		Assert.isTrue(ApiKeyTypes.nameOf(apiKey).equals(get("keyType")),
				() -> "The API key is of the type '" + get("keyType") + "', and not a " + apiKey.getClass().getName());
		apiKey.fillIn(this);
		return apiKey;
	}

	/**
	 * Changes attributes of a key that is not revoked, and does not let a key that was
	 * replaced end later.
	 * @param changes what is to be different
	 * @return the row afterwards, or {@code null} if the key is revoked or would end
	 * later
	 */
	public @Nullable ApiKeyRow update(ApiKeyUpdate changes) {
		Assert.notNull(changes, "changes cannot be null");
		if (isRevoked() || (successorId() != null && endsLater(changes))) {
			return null;
		}
		return changed(changes.getColumns(), changes.getScopes().orElse(this.scopes),
				changes.getMetadata().orElse(this.metadata));
	}

	private boolean endsLater(ApiKeyUpdate changes) {
		Instant current = find("expiresAt");
		return changes.changesExpiry() && !(changes.getColumns().get("expiresAt") instanceof Instant end
				&& (current == null || !end.isAfter(current)));
	}

	/**
	 * Links a key to its successor, and lets it end.
	 * @param successorId the id of the row of the successor
	 * @param now the time of the rotation
	 * @param end when the key ends
	 * @return the row afterwards, or {@code null} if the key is revoked, disabled,
	 * expired or replaced
	 */
	public @Nullable ApiKeyRow rotate(UUID successorId, Instant now, Instant end) {
		Assert.notNull(successorId, "successorId cannot be null");
		Assert.notNull(end, "end cannot be null");
		if (hasEnded(now) || isDisabled() || successorId() != null) {
			return null;
		}
		return changed(Map.of("successorId", successorId)).with("expiresAt", end);
	}

	/**
	 * Lets a key end now.
	 * @param now the time
	 * @return the row afterwards, or {@code null} if the key is revoked or expired
	 */
	public @Nullable ApiKeyRow end(Instant now) {
		return hasEnded(now) ? null : changed(Map.of("expiresAt", now));
	}

	/**
	 * Disables a key.
	 * @param now the time
	 * @return the row afterwards, or {@code null} if the key is disabled or revoked
	 */
	public @Nullable ApiKeyRow disable(Instant now) {
		Assert.notNull(now, "now cannot be null");
		return (isRevoked() || isDisabled()) ? null : changed(Map.of("disabledAt", now));
	}

	/**
	 * Enables a key.
	 * @return the row afterwards, or {@code null} if the key is not disabled, or revoked
	 */
	public @Nullable ApiKeyRow enable() {
		return (isRevoked() || !isDisabled()) ? null : changed(Collections.singletonMap("disabledAt", null));
	}

	/**
	 * Revokes a key.
	 * @param now the time
	 * @return the row afterwards, or {@code null} if the key is revoked
	 */
	public @Nullable ApiKeyRow revoke(Instant now) {
		Assert.notNull(now, "now cannot be null");
		return isRevoked() ? null : changed(Map.of("revokedAt", now));
	}

	/**
	 * Takes one request from the quota of a key. It is no change of the key, so the
	 * version stays.
	 * @return the row afterwards, or {@code null} if the quota is used up; a key without
	 * a quota has always one request left
	 */
	public @Nullable ApiKeyRow consumeQuota() {
		Long quota = find("quota");
		long used = this.<Long>get("quotaUsed");
		return (quota != null && used >= quota) ? null : with("quotaUsed", used + 1);
	}

	/**
	 * Gives one request back to the quota of a key.
	 * @return the row afterwards, or {@code null} if none was taken
	 */
	public @Nullable ApiKeyRow refundQuota() {
		long used = this.<Long>get("quotaUsed");
		return (used > 0) ? with("quotaUsed", used - 1) : null;
	}

	/**
	 * Returns the same row but for one column, for what is no change of the key: when it
	 * was last used, when the store told others of its last change, another hash of the
	 * same token.
	 * @param column the name of the column
	 * @param value the value
	 * @return the row
	 * @throws IllegalArgumentException as in {@link #of}
	 */
	public ApiKeyRow with(String column, @Nullable Object value) {
		Assert.notNull(column, "column cannot be null");
		Map<String, @Nullable Object> columns = new LinkedHashMap<>(this.columns);
		columns.put(column, column(column).checked(column, value));
		return new ApiKeyRow(columns, this.scopes, this.metadata);
	}

	private boolean isDisabled() {
		return find("disabledAt") != null;
	}

	private ApiKeyRow changed(Map<String, ? extends @Nullable Object> values) {
		return changed(values, this.scopes, this.metadata);
	}

	private ApiKeyRow changed(Map<String, ? extends @Nullable Object> values, Set<String> scopes,
			Map<String, String> metadata) {
		Map<String, @Nullable Object> columns = new LinkedHashMap<>(this.columns);
		columns.putAll(values);
		// another one, even if somebody wrote the greatest there is
		columns.put("version", (version() < Long.MAX_VALUE) ? version() + 1 : 0L);
		return new ApiKeyRow(columns, scopes, metadata);
	}

	<T> T get(String column) {
		T value = find(column);
		Assert.state(value != null, "Each API key has this column");
		return value;
	}

	@SuppressWarnings("unchecked")
	<T> @Nullable T find(String column) {
		return (T) this.columns.get(column);
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof ApiKeyRow that && this.columns.equals(that.columns) && this.scopes.equals(that.scopes)
				&& this.metadata.equals(that.metadata);
	}

	@Override
	public int hashCode() {
		return Objects.hash(id(), version());
	}

	@Override
	public String toString() {
		return "ApiKeyRow [keyId=" + keyId() + ", version=" + version() + "]";
	}

	/**
	 * One attribute of all keys.
	 *
	 * @param value reads it from a key
	 */
	private record Column(Class<?> type, boolean required, Function<ApiKey, @Nullable Object> value) {

		static Column of(Class<?> type, Function<ApiKey, @Nullable Object> value) {
			return new Column(type, true, value);
		}

		static Column optional(Class<?> type, Function<ApiKey, @Nullable Object> value) {
			return new Column(type, false, value);
		}

		@Nullable Object checked(String name, @Nullable Object value) {
			Assert.isTrue((value != null) ? this.type.isInstance(value) : !this.required,
					() -> "The column '" + name + "' must have a value of " + this.type.getName());
			return value;
		}

	}

}
