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
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

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

	@Column(name = "key_id", nullable = false, length = 100)
	@Convert(disableConversion = true)
	private String keyId;

	@Enumerated(EnumType.STRING)
	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "event_type", nullable = false, length = 30)
	@Convert(disableConversion = true)
	private ApiKeyChange change;

	@JdbcTypeCode(SqlTypes.TIMESTAMP_UTC)
	@Column(name = "occurred_at", nullable = false)
	@Convert(disableConversion = true)
	private Instant occurredAt;

	@Column(name = "actor", length = 255)
	@Convert(disableConversion = true)
	private @Nullable String actor;

	@Column(name = "address", length = 45)
	@Convert(disableConversion = true)
	private @Nullable String address;

	@Column(name = "detail", length = MAX_DETAIL_LENGTH)
	@Convert(disableConversion = true)
	private @Nullable String detail;

	/**
	 * For the persistence provider.
	 */
	@SuppressWarnings("NullAway.Init")
	protected ApiKeyEvent() {
	}

	ApiKeyEvent(UUID apiKeyId, String keyId, ApiKeyChange change, Instant occurredAt, ApiKeyActor actor,
			@Nullable String detail) {
		this.apiKeyId = apiKeyId;
		this.keyId = keyId;
		this.change = change;
		this.occurredAt = occurredAt;
		this.actor = actor.getName();
		this.address = actor.getAddress();
		this.detail = ApiKeyAttributes.storable(detail, MAX_DETAIL_LENGTH);
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
	 * @return the kind of change
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
