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
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

import io.github.apikeys.core.verification.UsageBacklog.Slot;
import io.github.apikeys.core.verification.UsageBacklog.Sum;
import io.github.apikeys.core.verification.UsageBacklog.Use;
import org.jspecify.annotations.Nullable;

/**
 * Counts uses in two generations: new usage goes to the current one, and the previous one
 * is too old for a thread still to be adding to it.
 */
final class UsageCounters {

	private final int max;

	private volatile ConcurrentMap<Slot, Counter> current = new ConcurrentHashMap<>();

	private volatile ConcurrentMap<Slot, Counter> previous = new ConcurrentHashMap<>();

	UsageCounters(int max) {
		this.max = max;
	}

	/**
	 * Counts a use.
	 * @return whether there was a counter for it
	 */
	boolean accepted(UUID id, Instant now, @Nullable String address) {
		Counter counter = counter(id, now);
		if (counter == null) {
			return false;
		}
		counter.requests.increment();
		counter.lastUse.lazySet(new Use(now, address));
		return true;
	}

	/**
	 * Counts a refusal.
	 * @return whether there was a counter for it
	 */
	boolean refused(UUID id, Instant now) {
		Counter counter = counter(id, now);
		if (counter == null) {
			return false;
		}
		counter.refusals.increment();
		return true;
	}

	private @Nullable Counter counter(UUID id, Instant now) {
		Slot slot = new Slot(id, Math.floorDiv(now.getEpochSecond(), 86_400L));
		ConcurrentMap<Slot, Counter> counters = this.current;
		Counter counter = counters.get(slot);
		if (counter == null && counters.size() < this.max) {
			counter = counters.computeIfAbsent(slot, (key) -> new Counter());
		}
		return counter;
	}

	/**
	 * Begins a generation.
	 * @return what was counted in the one before the last
	 */
	Map<Slot, Sum> nextGeneration() {
		Map<Slot, Sum> settled = new HashMap<>();
		this.previous.forEach((slot, counter) -> settled.put(slot, counter.sum()));
		this.previous = this.current;
		this.current = new ConcurrentHashMap<>();
		return settled;
	}

	private static final class Counter {

		private final LongAdder requests = new LongAdder();

		private final LongAdder refusals = new LongAdder();

		private final AtomicReference<@Nullable Use> lastUse = new AtomicReference<>();

		Sum sum() {
			return new Sum(this.requests.sum(), this.refusals.sum(), this.lastUse.get());
		}

	}

}
