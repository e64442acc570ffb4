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

import java.io.Serializable;
import java.time.LocalDate;
import java.util.Objects;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Which key, and which day.
 */
class DailyUsageId implements Serializable {

	private static final long serialVersionUID = 1L;

	private UUID apiKeyId;

	private LocalDate usageDay;

	@SuppressWarnings("NullAway.Init")
	protected DailyUsageId() {
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof DailyUsageId that && this.apiKeyId.equals(that.apiKeyId)
				&& this.usageDay.equals(that.usageDay);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.apiKeyId, this.usageDay);
	}

}
