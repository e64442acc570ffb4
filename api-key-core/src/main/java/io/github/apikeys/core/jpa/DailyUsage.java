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

import java.time.LocalDate;
import java.util.UUID;

import jakarta.persistence.Access;
import jakarta.persistence.AccessType;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.ExcludeDefaultListeners;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import org.hibernate.annotations.Cache;
import org.hibernate.annotations.CacheConcurrencyStrategy;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/**
 * How often one key was presented on one day. The day is passed as it is: as a
 * {@code java.sql.Date} it would depend on time zones.
 */
@Access(AccessType.FIELD)
@Cache(usage = CacheConcurrencyStrategy.NONE)
@Entity(name = "io.github.apikeys.core.jpa.DailyUsage")
@ExcludeDefaultListeners
@Table(name = "api_key_usage")
@IdClass(DailyUsageId.class)
final class DailyUsage {

	@Id
	@JdbcTypeCode(SqlTypes.UUID)
	@Column(name = "api_key_id")
	@Convert(disableConversion = true)
	private UUID apiKeyId;

	@Id
	@JdbcTypeCode(SqlTypes.LOCAL_DATE)
	@Column(name = "usage_day")
	@Convert(disableConversion = true)
	private LocalDate usageDay;

	@Column(name = "requests", nullable = false)
	@Convert(disableConversion = true)
	private long requests;

	@Column(name = "refusals", nullable = false)
	@Convert(disableConversion = true)
	private long refusals;

	@SuppressWarnings("NullAway.Init")
	protected DailyUsage() {
	}

}
