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
import java.util.Objects;

import io.github.apikeys.core.ApiKey;
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

	private static final String NEVER = "never";

	/** As long as the old key. */
	private static final String SPAN = "span";

	/** When the old key would have ended. */
	private static final String SAME = "same";

	private static final Instant MAX = Instant.parse("9999-12-31T00:00:00Z");

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
			choices.put(NEVER, null);
		}
		choices.put("date", null);
		return choices;
	}

	/**
	 * The choices for a key that replaces another. The first is the one that changes
	 * least.
	 * @return as {@link #choices}
	 */
	Map<String, @Nullable Instant> choicesOfSuccessor(ApiKey old, Instant now) {
		Map<String, @Nullable Instant> others = choices(now, now);
		Map<String, @Nullable Instant> choices = new LinkedHashMap<>();
		Instant end = old.getExpiresAt();
		if (end == null) {
			List.of(NEVER, LATEST, "365")
				.stream()
				.filter(others::containsKey)
				.findFirst()
				.ifPresent((name) -> choices.put(name, others.get(name)));
		}
		else {
			Instant latest = Objects.requireNonNullElse(latest(now), MAX);
			choices.put(SPAN, earlier(later(now, old.getNotBefore()).plus(span(old, end)), latest));
			if (end.isAfter(now) && !end.isAfter(latest)) {
				choices.put(SAME, end);
			}
		}
		choices.putAll(others);
		return choices;
	}

	private static Duration span(ApiKey key, Instant end) {
		return Duration.between(later(key.getCreatedAt(), key.getNotBefore()), end);
	}

	private static Instant later(Instant one, @Nullable Instant other) {
		return (other != null && other.isAfter(one)) ? other : one;
	}

	private static Instant earlier(Instant one, Instant other) {
		return other.isBefore(one) ? other : one;
	}

}
