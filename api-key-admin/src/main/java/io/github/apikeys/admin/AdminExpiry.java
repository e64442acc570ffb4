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

package io.github.apikeys.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * How long the application lets keys live, so that a form offers nothing else.
 *
 * @param max the longest time from the creation of a key to its end, or {@code null} if
 * there is none
 * @param required whether every key must have an end
 */
record AdminExpiry(@Nullable Duration max, boolean required) {

	static final String LATEST = "latest";

	private static final List<Integer> DAYS = List.of(7, 30, 90, 365);

	/**
	 * When a key must have ended.
	 * @return the time, or {@code null} if any will do
	 */
	@Nullable Instant latest(Instant createdAt) {
		return (this.max != null) ? createdAt.plus(this.max) : null;
	}

	/**
	 * The choices for a key.
	 * @param createdAt when it was or will be created
	 * @return the ends by their names, {@code null} where the choice alone does not say
	 * it
	 */
	Map<String, @Nullable Instant> choices(Instant createdAt, Instant now) {
		Instant latest = latest(createdAt);
		Map<String, @Nullable Instant> choices = new LinkedHashMap<>();
		for (int days : DAYS) {
			Instant end = now.plus(Duration.ofDays(days));
			if (latest == null || !end.isAfter(latest)) {
				choices.put(String.valueOf(days), end);
			}
		}
		if (latest != null && latest.isAfter(now)) {
			choices.put(LATEST, latest);
		}
		if (latest == null && !this.required) {
			choices.put("never", null);
		}
		choices.put("date", null);
		return choices;
	}

}
