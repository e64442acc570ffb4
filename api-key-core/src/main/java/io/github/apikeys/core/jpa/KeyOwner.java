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

package io.github.apikeys.core.jpa;

import java.time.Instant;

import jakarta.persistence.Access;
import jakarta.persistence.AccessType;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.ExcludeDefaultListeners;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who owns keys: the row at which changes of all their keys wait for each other,
 * and which tells every node that something about them changed.
 */
@Access(AccessType.FIELD)
@Cache(usage = CacheConcurrencyStrategy.NONE)
@Entity(name = "io.github.apikeys.core.jpa.KeyOwner")
@ExcludeDefaultListeners
@Table(name = "api_key_owner")
final class KeyOwner {

	@Id
	@JdbcTypeCode(SqlTypes.VARCHAR)
	@Column(name = "owner", length = 255)
	@Convert(disableConversion = true)
	private String owner;

	@Column(name = "locks", nullable = false)
	@Convert(disableConversion = true)
	private long locks;

	@JdbcTypeCode(SqlTypes.TIMESTAMP_UTC)
	@Column(name = "invalidated_at")
	@Convert(disableConversion = true)
	private @Nullable Instant invalidatedAt;

	@SuppressWarnings("NullAway.Init")
	protected KeyOwner() {
	}

	KeyOwner(String owner) {
		this.owner = owner;
	}

}
