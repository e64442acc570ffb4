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
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * How long the application lets a key work after it was rotated, so that a form offers
 * nothing else.
 *
 * @param max the longest grace, or {@code null} if there is none
 */
record AdminGraces(@Nullable Duration max) {

	private static final Map<String, Duration> GRACES = graces();

	/** When the old key ends in any case. */
	private static final String OWN_END = "end";

	private static Map<String, Duration> graces() {
		Map<String, Duration> graces = new LinkedHashMap<>();
		graces.put("none", Duration.ZERO);
		graces.put("hour", Duration.ofHours(1));
		graces.put("day", Duration.ofDays(1));
		graces.put("week", Duration.ofDays(7));
		graces.put("month", Duration.ofDays(30));
		return graces;
	}

	/**
	 * The choices for a key. Those that reach its end are one.
	 * @param expiresAt when the key would end, or {@code null} for never
	 * @return when it would end then, by the names of the choices
	 */
	Map<String, Instant> choices(@Nullable Instant expiresAt, Instant now) {
		Map<String, Instant> choices = new LinkedHashMap<>();
		GRACES.forEach((name, grace) -> {
			Instant end = now.plus(grace);
			if (grace.isZero() || isPermitted(grace) && (expiresAt == null || end.isBefore(expiresAt))) {
				choices.put(name, end);
			}
			else if (expiresAt != null && expiresAt.isAfter(now) && !expiresAt.isAfter(end)
					&& isPermitted(Duration.between(now, expiresAt))) {
				choices.put(OWN_END, expiresAt);
			}
		});
		return choices;
	}

	private boolean isPermitted(Duration grace) {
		return this.max == null || grace.compareTo(this.max) <= 0;
	}

	/**
	 * The choice that is made unless somebody makes another.
	 * @param choices those that are offered
	 */
	static String preferred(Map<String, Instant> choices) {
		return Stream.of("day", OWN_END, "hour").filter(choices::containsKey).findFirst().orElse("none");
	}

}
