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

package io.github.apikeys.core;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Counts in memory how keys are used, and writes the sums from time to time by a thread
 * of its own: no request waits for it.
 * <p>
 * There are two generations of counters. New use goes to the current one; what is written
 * is the one before, which is too old for a thread still to be adding to it.
 */
final class UsageRecorder implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(UsageRecorder.class);

	private static final UUID NO_KEY = new UUID(0, 0);

	private static final int MAX_COUNTERS = 100_000;

	private static final int MAX_LAST_ATTEMPTS = 10;

	private final UsageStore store;

	private final int maxCounters;

	private final TransactionOperations transaction;

	private final AtomicBoolean started = new AtomicBoolean();

	private final ScheduledExecutorService executor;

	private final LongAdder dropped = new LongAdder();

	private final AtomicLong droppedBefore = new AtomicLong();

	// to be written: only the thread of the executor touches it
	private Map<Slot, Sum> pending = new HashMap<>();

	// when all was written that was to be written
	private volatile @Nullable Moment written;

	private Duration interval = Duration.ofSeconds(10);

	private volatile ConcurrentMap<Slot, Counter> current = new ConcurrentHashMap<>();

	private volatile ConcurrentMap<Slot, Counter> previous = new ConcurrentHashMap<>();

	UsageRecorder(UsageStore store, TransactionOperations transaction) {
		this(store, transaction, MAX_COUNTERS);
	}

	UsageRecorder(UsageStore store, TransactionOperations transaction, int maxCounters) {
		this.maxCounters = maxCounters;
		this.store = store;
		this.transaction = transaction;
		this.executor = Executors.newSingleThreadScheduledExecutor((task) -> {
			Thread thread = new Thread(task, "api-key-usage");
			thread.setDaemon(true);
			return thread;
		});
	}

	void setInterval(Duration interval) {
		this.interval = interval;
	}

	void accepted(UUID id, Instant now, @Nullable String address) {
		Counter counter = counter(id, now);
		if (counter != null) {
			counter.requests.increment();
			counter.lastUse.lazySet(new Use(now, address));
		}
	}

	/**
	 * Counts a refusal.
	 * @param id the key that was presented, if there is one
	 */
	void refused(@Nullable UUID id, Instant now) {
		Counter counter = counter((id != null) ? id : NO_KEY, now);
		if (counter != null) {
			counter.refusals.increment();
		}
	}

	private @Nullable Counter counter(UUID id, Instant now) {
		if (!this.started.get() && this.started.compareAndSet(false, true)) {
			this.written = Moment.now();
			long half = Math.max(1, this.interval.toMillis() / 2);
			this.executor.scheduleWithFixedDelay(this::tick, half, half, TimeUnit.MILLISECONDS);
		}
		Slot slot = new Slot(id, Math.floorDiv(now.getEpochSecond(), 86_400L));
		ConcurrentMap<Slot, Counter> counters = this.current;
		Counter counter = counters.get(slot);
		if (counter == null) {
			if (counters.size() >= this.maxCounters) {
				this.dropped.increment();
				return null;
			}
			counter = counters.computeIfAbsent(slot, (key) -> new Counter());
		}
		return counter;
	}

	long dropped() {
		return this.droppedBefore.get() + this.dropped.sum();
	}

	/**
	 * How long ago the use of keys was written; zero before the first use.
	 */
	Duration lag() {
		Moment written = this.written;
		return (written != null) ? Moment.now().since(written) : Duration.ZERO;
	}

	private void tick() {
		try {
			collect();
			write();
			this.written = Moment.now();
		}
		catch (RuntimeException ex) {
			logger.warn("The use of API keys was not written; it will be tried again", ex);
		}
	}

	private void collect() {
		ConcurrentMap<Slot, Counter> settled = this.previous;
		this.previous = this.current;
		this.current = new ConcurrentHashMap<>();
		settled.forEach((slot, counter) -> {
			Sum sum = this.pending.get(slot);
			if (sum == null && this.pending.size() >= this.maxCounters) {
				this.dropped.add(counter.requests.sum() + counter.refusals.sum());
			}
			else {
				this.pending.put(slot, counter.addTo(sum));
			}
		});
		long lost = this.dropped.sumThenReset();
		this.droppedBefore.addAndGet(lost);
		if (lost > 0) {
			logger.warn(LogMessage.format("%d uses of API keys were not counted: more than %d keys are in use", lost,
					this.maxCounters));
		}
	}

	/**
	 * All in one transaction, so that a failure neither loses nor doubles anything;
	 * always in the same order, so that nodes do not lock each other out.
	 */
	private void write() {
		if (this.pending.isEmpty()) {
			return;
		}
		List<Slot> slots = this.pending.keySet().stream().sorted().toList();
		this.transaction.executeWithoutResult((status) -> {
			TreeMap<Long, Sum> totals = new TreeMap<>();
			for (Slot slot : slots) {
				Sum sum = this.pending.getOrDefault(slot, Sum.NONE);
				totals.merge(slot.epochDay(), sum, Sum::plus);
				if (!slot.id().equals(NO_KEY)) {
					this.store.addToDay(slot.id(), slot.day(), sum.requests(), sum.refusals());
					Use use = sum.lastUse();
					if (use != null) {
						this.store.moveLastUse(slot.id(), use.at(), use.address());
					}
				}
			}
			totals.forEach(
					(day, sum) -> this.store.addToTotal(LocalDate.ofEpochDay(day), sum.requests(), sum.refusals()));
		});
		this.pending = new HashMap<>();
	}

	/**
	 * Writes what is not written yet. Who still uses keys while the application stops may
	 * go uncounted.
	 */
	@Override
	public void close() {
		if (this.started.getAndSet(true) && !this.executor.isShutdown()) {
			this.executor.execute(this::finish);
		}
		this.executor.shutdown();
		try {
			this.executor.awaitTermination(5, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Both generations, and again if another node added the same row at the same time.
	 */
	private void finish() {
		collect();
		collect();
		RuntimeException failure = null;
		for (int attempt = 0; attempt < MAX_LAST_ATTEMPTS; attempt++) {
			try {
				write();
				return;
			}
			catch (RuntimeException ex) {
				failure = ex;
			}
		}
		logger.warn("The last use of API keys could not be written before the stop, and is lost", failure);
	}

	/**
	 * Which key on which day.
	 */
	private record Slot(UUID id, long epochDay) implements Comparable<Slot> {

		private static final Comparator<Slot> ORDER = Comparator.comparing(Slot::id).thenComparing(Slot::epochDay);

		LocalDate day() {
			return LocalDate.ofEpochDay(this.epochDay);
		}

		@Override
		public int compareTo(Slot other) {
			return ORDER.compare(this, other);
		}

	}

	private record Use(Instant at, @Nullable String address) {

	}

	private static final class Counter {

		private final LongAdder requests = new LongAdder();

		private final LongAdder refusals = new LongAdder();

		private final AtomicReference<@Nullable Use> lastUse = new AtomicReference<>();

		Sum addTo(@Nullable Sum sum) {
			Sum own = new Sum(this.requests.sum(), this.refusals.sum(), this.lastUse.get());
			return (sum != null) ? sum.plus(own) : own;
		}

	}

	private record Sum(long requests, long refusals, @Nullable Use lastUse) {

		static final Sum NONE = new Sum(0, 0, null);

		Sum plus(Sum later) {
			return new Sum(this.requests + later.requests, this.refusals + later.refusals,
					(later.lastUse != null) ? later.lastUse : this.lastUse);
		}

	}

}
