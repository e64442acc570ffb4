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

import jakarta.persistence.Access;
import jakarta.persistence.AccessType;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.ExcludeDefaultListeners;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JavaType;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * One line in the history of a key, written in the transaction of the change. It outlives
 * the key.
 *
 * @since 0.1.0
 */
@Access(AccessType.FIELD)
@Cache(usage = CacheConcurrencyStrategy.NONE)
@Entity(name = "io.github.apikeys.core.ApiKeyEvent")
@ExcludeDefaultListeners
@Table(name = "api_key_event")
@Immutable
public final class ApiKeyEvent {

	private static final int MAX_DETAIL_LENGTH = 1000;

	@Id
	@GeneratedValue(strategy = GenerationType.IDENTITY)
	@Column(name = "id")
	@Convert(disableConversion = true)
	private @Nullable Long id;

	@JdbcTypeCode(SqlTypes.UUID)
	@Column(name = "api_key_id", nullable = false)
	@Convert(disableConversion = true)
	private UUID apiKeyId;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "key_id", nullable = false, length = 100)
	@Convert(disableConversion = true)
	private String keyId;

	@Enumerated(EnumType.STRING)
	@JavaType(ApiKeyChange.TextType.class)
	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "event_type", nullable = false, length = 30)
	@Convert(disableConversion = true)
	private ApiKeyChange change;

	@JdbcTypeCode(SqlTypes.TIMESTAMP_UTC)
	@Column(name = "occurred_at", nullable = false)
	@Convert(disableConversion = true)
	private Instant occurredAt;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "actor", length = 255)
	@Convert(disableConversion = true)
	private @Nullable String actor;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "address", length = 45)
	@Convert(disableConversion = true)
	private @Nullable String address;

	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "detail", length = MAX_DETAIL_LENGTH)
	@Convert(disableConversion = true)
	private @Nullable String detail;

	/**
	 * For the persistence provider.
	 */
	@SuppressWarnings("NullAway.Init")
	protected ApiKeyEvent() {
	}

	/**
	 * Returns a line of history that a store or a report reads back: a change by the
	 * application itself, without more about it.
	 * @param apiKeyId the id of the row of the key, which may be gone
	 * @param keyId the public id of the key
	 * @param change the kind of change
	 * @param occurredAt the time of the change
	 * @return the line
	 */
	public static ApiKeyEvent of(UUID apiKeyId, String keyId, ApiKeyChange change, Instant occurredAt) {
		Assert.notNull(apiKeyId, "apiKeyId cannot be null");
		Assert.notNull(keyId, "keyId cannot be null");
		Assert.notNull(change, "change cannot be null");
		Assert.notNull(occurredAt, "occurredAt cannot be null");
		ApiKeyEvent event = new ApiKeyEvent();
		event.apiKeyId = apiKeyId;
		event.keyId = keyId;
		event.change = change;
		event.occurredAt = occurredAt;
		return event;
	}

	/**
	 * Returns the same line with the author of the change.
	 * @param actor the author
	 * @return another line
	 */
	public ApiKeyEvent by(ApiKeyActor actor) {
		Assert.notNull(actor, "actor cannot be null");
		return copy(actor.getName(), actor.getAddress(), this.detail);
	}

	/**
	 * Returns the same line with more about the change.
	 * @param detail as in {@link #getDetail}, cut after 1000 characters, or {@code null}
	 * @return another line
	 */
	public ApiKeyEvent withDetail(@Nullable String detail) {
		return copy(this.actor, this.address, ApiKeyAttributes.storable(detail, MAX_DETAIL_LENGTH));
	}

	private ApiKeyEvent copy(@Nullable String actor, @Nullable String address, @Nullable String detail) {
		ApiKeyEvent copy = of(this.apiKeyId, this.keyId, this.change, this.occurredAt);
		copy.actor = actor;
		copy.address = address;
		copy.detail = detail;
		return copy;
	}

	/**
	 * Returns which key was changed.
	 * @return the id of its row
	 */
	public UUID getApiKeyId() {
		return this.apiKeyId;
	}

	/**
	 * Returns the public id of the changed key.
	 * @return the public id
	 */
	public String getKeyId() {
		return this.keyId;
	}

	/**
	 * Returns what was changed.
	 * @return the kind of change, {@link ApiKeyChange#UNKNOWN} if a later version of the
	 * library wrote it
	 */
	public ApiKeyChange getChange() {
		return this.change;
	}

	/**
	 * Returns when the change was made, by the application's clock.
	 * @return the time of the change, a little before its commit
	 */
	public Instant getOccurredAt() {
		return this.occurredAt;
	}

	/**
	 * Returns who made the change.
	 * @return the name, or {@code null} if it was the application itself
	 */
	public @Nullable String getActor() {
		return this.actor;
	}

	/**
	 * Returns from where the change came.
	 * @return an IP address, or {@code null} if there was no request
	 */
	public @Nullable String getAddress() {
		return this.address;
	}

	/**
	 * Returns more about the change.
	 * @return the reason of a revocation, also of one before an import, the names of
	 * updated attributes separated by commas, the key id of the other key of a rotation,
	 * or {@code null}
	 */
	public @Nullable String getDetail() {
		return this.detail;
	}

	@Override
	public String toString() {
		return "ApiKeyEvent [keyId=" + getKeyId() + ", change=" + getChange() + ", actor=" + getActor() + "]";
	}

}
