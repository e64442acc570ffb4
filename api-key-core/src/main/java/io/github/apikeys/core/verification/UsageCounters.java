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
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import io.github.apikeys.core.verification.UsageBacklog.Slot;
import io.github.apikeys.core.verification.UsageBacklog.Sum;
import io.github.apikeys.core.verification.UsageBacklog.Use;
import org.jspecify.annotations.Nullable;

/**
 * Counts uses in generations. A thread may be held up between finding a counter and
 * adding to it: what it adds to a generation that is settled already moves to the current
 * one. A thread that is not held up pays for that with a look at its generation.
 */
final class UsageCounters {

	private final int max;

	private volatile Generation current = new Generation();

	UsageCounters(int max) {
		this.max = max;
	}

	/**
	 * Counts a use.
	 * @return whether there was a counter for it
	 */
	boolean accepted(UUID id, Instant now, @Nullable String address) {
		return add(slot(id, now), 1, 0, new Use(now, address));
	}

	/**
	 * Counts a refusal.
	 * @return whether there was a counter for it
	 */
	boolean refused(UUID id, Instant now) {
		return add(slot(id, now), 0, 1, null);
	}

	private static Slot slot(UUID id, Instant now) {
		return new Slot(id, Math.floorDiv(now.getEpochSecond(), 86_400L));
	}

	private boolean add(Slot slot, long requests, long refusals, @Nullable Use use) {
		Generation generation = this.current;
		Counter counter = generation.counter(slot, this.max);
		if (counter == null) {
			return false;
		}
		counter.add(requests, refusals, use);
		while (generation.settled) {
			Sum late = counter.take();
			if (late.isEmpty()) {
				break;
			}
			generation = this.current;
			counter = generation.counter(slot);
			counter.add(late.requests(), late.refusals(), late.lastUse());
		}
		return true;
	}

	/**
	 * Begins a generation.
	 * @return what was counted in the one before
	 */
	Map<Slot, Sum> nextGeneration() {
		Generation last = this.current;
		this.current = new Generation();
		return last.settle();
	}

	/**
	 * What is counted until the next generation begins.
	 */
	private static final class Generation {

		private final ConcurrentMap<Slot, Counter> counters = new ConcurrentHashMap<>();

		private volatile boolean settled;

		Counter counter(Slot slot) {
			return this.counters.computeIfAbsent(slot, (key) -> new Counter());
		}

		@Nullable Counter counter(Slot slot, int max) {
			Counter counter = this.counters.get(slot);
			if (counter != null) {
				return counter;
			}
			// what fills it may be the counter of another thread for the same slot
			return (this.counters.size() < max) ? counter(slot) : this.counters.get(slot);
		}

		Map<Slot, Sum> settle() {
			// first, so that what is added before anybody sees it is in the sums
			this.settled = true;
			Map<Slot, Sum> sums = new HashMap<>();
			this.counters.forEach((slot, counter) -> {
				Sum sum = counter.take();
				if (!sum.isEmpty()) {
					sums.put(slot, sum);
				}
			});
			return sums;
		}

	}

	/**
	 * Counts with volatile semantics, which the order of adding and looking whether the
	 * generation is settled needs; an adder promises none.
	 */
	private static final class Counter {

		private final AtomicLong requests = new AtomicLong();

		private final AtomicLong refusals = new AtomicLong();

		private final AtomicReference<@Nullable Use> lastUse = new AtomicReference<>();

		void add(long requests, long refusals, @Nullable Use use) {
			if (use != null) {
				this.lastUse.lazySet(use);
			}
			if (requests > 0) {
				this.requests.getAndAdd(requests);
			}
			if (refusals > 0) {
				this.refusals.getAndAdd(refusals);
			}
		}

		/**
		 * Takes what nobody has taken yet.
		 */
		Sum take() {
			return new Sum(this.requests.getAndSet(0), this.refusals.getAndSet(0), this.lastUse.get());
		}

	}

}
