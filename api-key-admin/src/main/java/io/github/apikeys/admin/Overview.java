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

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyStatistics;
import org.jspecify.annotations.Nullable;

/**
 * The numbers above the list. Where counting takes long, because there are many keys,
 * they may be a minute old.
 */
final class Overview {

	private static final Duration MAX_AGE = Duration.ofSeconds(60);

	private static final long FEW = 10_000;

	private static final Duration SOON = Duration.ofDays(30);

	private final ApiKeyReports reports;

	private final Clock clock;

	private @Nullable Numbers numbers;

	Overview(ApiKeyReports reports, Clock clock) {
		this.reports = reports;
		this.clock = clock;
	}

	synchronized Numbers get() {
		Instant now = this.clock.instant();
		Numbers current = this.numbers;
		if (current == null || !now.isBefore(current.validUntil())) {
			ApiKeyStatistics statistics = this.reports.statistics(SOON);
			UsageChart chart = UsageChart.ofLastDays(now, this.reports::usage);
			long keys = statistics.getStates().values().stream().mapToLong(Long::longValue).sum();
			current = new Numbers((keys <= FEW) ? now : now.plus(MAX_AGE), statistics, chart);
			this.numbers = current;
		}
		return current;
	}

	record Numbers(Instant validUntil, ApiKeyStatistics statistics, UsageChart chart) {

		/**
		 * The number of keys by the word for their state.
		 */
		public Map<String, Long> states() {
			Map<String, Long> states = new LinkedHashMap<>();
			this.statistics.getStates().forEach((state, number) -> states.put(KeyRow.word(state), number));
			return states;
		}

	}

}
