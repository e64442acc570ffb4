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
import java.time.LocalDate;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * How often a key was presented on a day, since that was written last.
 *
 * @since 0.1.0
 */
public final class UsageCount {

	private final @Nullable UUID apiKeyId;

	private final LocalDate day;

	private final long requests;

	private final long refusals;

	private final @Nullable Instant lastUsedAt;

	private final @Nullable String lastUsedFrom;

	UsageCount(@Nullable UUID apiKeyId, LocalDate day, UsageBacklog.Sum sum) {
		UsageBacklog.Use lastUse = sum.lastUse();
		this.apiKeyId = apiKeyId;
		this.day = day;
		this.requests = sum.requests();
		this.refusals = sum.refusals();
		this.lastUsedAt = (lastUse != null) ? lastUse.at() : null;
		this.lastUsedFrom = (lastUse != null) ? lastUse.address() : null;
	}

	/**
	 * Returns which key it is.
	 * @return the id of the key's row, or {@code null} for tokens of no key
	 */
	public @Nullable UUID getApiKeyId() {
		return this.apiKeyId;
	}

	/**
	 * Returns the day.
	 * @return a day in UTC
	 */
	public LocalDate getDay() {
		return this.day;
	}

	/**
	 * Returns how often the key was accepted.
	 * @return the number of verifications that succeeded
	 */
	public long getRequests() {
		return this.requests;
	}

	/**
	 * Returns how often the key was refused.
	 * @return the number of verifications that failed
	 */
	public long getRefusals() {
		return this.refusals;
	}

	/**
	 * Returns when the key was accepted last.
	 * @return the time, or {@code null} if it was not
	 */
	public @Nullable Instant getLastUsedAt() {
		return this.lastUsedAt;
	}

	/**
	 * Returns from where the key was accepted last.
	 * @return the remote address, or {@code null} if it is not known
	 */
	public @Nullable String getLastUsedFrom() {
		return this.lastUsedFrom;
	}

}
