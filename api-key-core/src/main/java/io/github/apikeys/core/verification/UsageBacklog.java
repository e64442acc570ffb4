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
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;

import io.github.apikeys.core.support.Moment;
import org.jspecify.annotations.Nullable;

/**
 * Usage that is not written yet, and how much of it to write at once. A portion that
 * cannot be written is halved, so that one key does not keep the others; a key that
 * cannot be written alone comes after all others. Not safe for several threads.
 */
final class UsageBacklog {

	static final int MAX_PORTION = 100;

	static final int MAX_FAILURES = 10;

	// always in the same order, so that nodes do not lock each other out
	private final NavigableMap<Slot, Sum> sums = new TreeMap<>();

	// how often they failed alone while others were written
	private final Map<Slot, Integer> failures = new HashMap<>();

	// what something else held whenever it was to be written
	private final Map<Slot, Held> held = new HashMap<>();

	// read without a lock
	private final LongAdder dropped = new LongAdder();

	private int portion = MAX_PORTION;

	/**
	 * Adds usage.
	 * @param max of how many slots there may be usage
	 * @return whether there was room for it
	 */
	boolean add(Slot slot, Sum counted, int max) {
		if (this.sums.size() >= max && !this.sums.containsKey(slot)) {
			return false;
		}
		this.sums.merge(slot, counted, Sum::plus);
		return true;
	}

	private @Nullable Sum remove(Slot slot) {
		this.failures.remove(slot);
		this.held.remove(slot);
		return this.sums.remove(slot);
	}

	/**
	 * Returns what to write next.
	 * @param except what is not to be written now
	 */
	Map<Slot, Sum> next(Set<Slot> except) {
		Map<Slot, Sum> next = new LinkedHashMap<>();
		for (Map.Entry<Slot, Sum> sum : this.sums.entrySet()) {
			if (next.size() == this.portion) {
				break;
			}
			if (!except.contains(sum.getKey()) && !this.failures.containsKey(sum.getKey())) {
				next.put(sum.getKey(), sum.getValue());
			}
		}
		if (next.isEmpty()) {
			this.failures.entrySet()
				.stream()
				.filter((failed) -> !except.contains(failed.getKey()))
				.min(Map.Entry.<Slot, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
				.map(Map.Entry::getKey)
				.ifPresent((slot) -> next.put(slot, this.sums.getOrDefault(slot, Sum.NONE)));
		}
		return next;
	}

	void written(Collection<Slot> slots) {
		slots.forEach(this::remove);
		this.portion = Math.min(MAX_PORTION, this.portion * 2);
	}

	/**
	 * Drops what may be written already, or never will be.
	 */
	void drop(Collection<Slot> slots) {
		for (Slot slot : slots) {
			Sum sum = remove(slot);
			if (sum != null) {
				this.dropped.add(sum.requests() + sum.refusals());
			}
		}
	}

	/**
	 * Drops everything.
	 */
	void dropAll() {
		drop(List.copyOf(this.sums.keySet()));
	}

	/**
	 * Returns how many requests and refusals were dropped.
	 */
	long dropped() {
		return this.dropped.sum();
	}

	/**
	 * Notes what could not be written, and drops what failed too often.
	 * @param othersWritten whether the database has just written something else, so that
	 * it is not the database's fault
	 * @return the slot if it is dropped
	 */
	@Nullable Slot failed(Collection<Slot> slots, boolean othersWritten) {
		this.portion = Math.max(1, Math.min(this.portion, slots.size()) / 2);
		if (slots.size() != 1) {
			return null;
		}
		Slot slot = slots.iterator().next();
		if (this.failures.merge(slot, othersWritten ? 1 : 0, Integer::sum) < MAX_FAILURES) {
			return null;
		}
		drop(slots);
		return slot;
	}

	/**
	 * Notes what was not written, since something else held it.
	 */
	void held(Collection<Slot> slots, Moment now) {
		slots.forEach((slot) -> this.held.merge(slot, new Held(1, 0, now), (held, more) -> held.again()));
	}

	/**
	 * Notes that it was waited for in vain.
	 */
	void heldForLong(Collection<Slot> slots) {
		slots.forEach((slot) -> this.held.computeIfPresent(slot, (key, held) -> held.forLong()));
	}

	/**
	 * Returns what to wait for, last of all what was waited for in vain.
	 * @param busy what something else holds
	 * @param times how often it must have been held
	 * @return one at most
	 */
	Map<Slot, Sum> nextHeld(Set<Slot> busy, int times) {
		return this.held.entrySet()
			.stream()
			.filter((held) -> busy.contains(held.getKey()) && held.getValue().times() >= times)
			.min(Map.Entry.<Slot, Held>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
			.map(Map.Entry::getKey)
			.map((slot) -> Map.of(slot, this.sums.getOrDefault(slot, Sum.NONE)))
			.orElse(Map.of());
	}

	/**
	 * Since when the oldest of what something else holds is not written.
	 * @return {@code null} if there is nothing
	 */
	@Nullable Moment heldSince() {
		return this.held.values()
			.stream()
			.map(Held::since)
			.reduce((one, other) -> one.isAfter(other) ? other : one)
			.orElse(null);
	}

	/**
	 * How often in a row something else held what was to be written.
	 *
	 * @param waits how often it was waited for in vain
	 * @param since when it was first held
	 */
	private record Held(int times, int waits, Moment since) implements Comparable<Held> {

		Held again() {
			return new Held(this.times + 1, this.waits, this.since);
		}

		Held forLong() {
			return new Held(0, this.waits + 1, this.since);
		}

		@Override
		public int compareTo(Held other) {
			return (this.waits != other.waits) ? Integer.compare(this.waits, other.waits)
					: Boolean.compare(this.since.isAfter(other.since), other.since.isAfter(this.since));
		}

	}

	/**
	 * Which key on which day.
	 */
	record Slot(UUID id, long epochDay) implements Comparable<Slot> {

		static final UUID NO_KEY = new UUID(0, 0);

		// as databases order ids, and not as Java does, which has negative ones
		private static final Comparator<Slot> ORDER = Comparator.comparing((Slot slot) -> slot.id().toString())
			.thenComparing(Slot::epochDay);

		static Slot of(UsageCount count) {
			UUID id = count.getApiKeyId();
			return new Slot((id != null) ? id : NO_KEY, count.getDay().toEpochDay());
		}

		UsageCount count(Sum sum) {
			return new UsageCount(this.id.equals(NO_KEY) ? null : this.id, LocalDate.ofEpochDay(this.epochDay), sum);
		}

		@Override
		public int compareTo(Slot other) {
			return ORDER.compare(this, other);
		}

	}

	record Use(Instant at, @Nullable String address) {

	}

	record Sum(long requests, long refusals, @Nullable Use lastUse) {

		static final Sum NONE = new Sum(0, 0, null);

		boolean isEmpty() {
			return this.requests == 0 && this.refusals == 0;
		}

		Sum plus(Sum later) {
			return new Sum(this.requests + later.requests, this.refusals + later.refusals,
					(later.lastUse != null) ? later.lastUse : this.lastUse);
		}

	}

}
