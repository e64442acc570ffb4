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

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

import io.github.apikeys.core.ApiKeyUsage;

/**
 * The use of keys by day as a drawing, in whole units, so that no language puts a comma
 * into it.
 */
final class UsageChart {

	private static final int BAR_WIDTH = 18;

	private static final int STEP = 24;

	private static final int HEIGHT = 96;

	private final List<Bar> bars = new ArrayList<>();

	private final long max;

	private final long requests;

	private final long refusals;

	/**
	 * Draws the last 30 days.
	 * @param usage reads the use from a day to a day
	 */
	static UsageChart ofLastDays(Instant now, BiFunction<LocalDate, LocalDate, List<ApiKeyUsage>> usage) {
		LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
		return new UsageChart(usage.apply(today.minusDays(29), today));
	}

	private UsageChart(List<ApiKeyUsage> days) {
		this.max = days.stream().mapToLong((day) -> day.getRequests() + day.getRefusals()).max().orElse(0);
		this.requests = days.stream().mapToLong(ApiKeyUsage::getRequests).sum();
		this.refusals = days.stream().mapToLong(ApiKeyUsage::getRefusals).sum();
		for (ApiKeyUsage day : days) {
			this.bars.add(new Bar(day.getDay(), day.getRequests(), day.getRefusals(), this.bars.size() * STEP,
					scale(day.getRequests()), scale(day.getRefusals())));
		}
	}

	/**
	 * What is there is seen, however little.
	 */
	private int scale(long count) {
		return (count == 0) ? 0 : (int) Math.max(2, Math.round((double) count * HEIGHT / this.max));
	}

	public List<Bar> getBars() {
		return this.bars;
	}

	public long getMax() {
		return this.max;
	}

	public long getRequests() {
		return this.requests;
	}

	public long getRefusals() {
		return this.refusals;
	}

	public int getWidth() {
		return this.bars.size() * STEP;
	}

	public int getHeight() {
		return HEIGHT + 4;
	}

	public int getBarWidth() {
		return BAR_WIDTH;
	}

	/**
	 * One day.
	 */
	record Bar(LocalDate day, long requests, long refusals, int x, int height, int refusedHeight) {

		public int y() {
			return HEIGHT + 4 - this.height;
		}

		public int refusedY() {
			return Math.max(0, y() - this.refusedHeight);
		}

	}

}
