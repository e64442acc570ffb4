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

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

import io.github.apikeys.core.support.BackgroundThreads;
import io.github.apikeys.core.support.Moment;
import io.github.apikeys.core.verification.UsageBacklog.Slot;
import io.github.apikeys.core.verification.UsageBacklog.Sum;
import io.github.apikeys.core.verification.UsageBacklog.Use;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;

/**
 * Counts in memory how keys are used, and writes the sums from time to time by a thread
 * of its own: no request waits for it. If that thread hangs, another one goes on.
 * <p>
 * There are two generations of counters. New use goes to the current one; what is written
 * is the one before, which is too old for a thread still to be adding to it.
 */
final class UsageRecorder implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(UsageRecorder.class);

	private static final int MAX_COUNTERS = 100_000;

	private static final int MAX_LAST_ATTEMPTS = 10;

	private static final int PAUSE_MILLIS = 200;

	// those that hang included
	private static final int MAX_WORKERS = 3;

	// longer than until the sink gives up
	private static final Duration MAX_WRITING = VerificationSource.MAX_DURATION.multipliedBy(2);

	private static final Duration MAX_CLOSING = Duration.ofSeconds(5);

	private final UsageSink sink;

	private final int maxCounters;

	private final Duration maxWriting;

	private final Supplier<Moment> clock;

	private final AtomicBoolean started = new AtomicBoolean();

	private final AtomicBoolean closed = new AtomicBoolean();

	private final BackgroundThreads threads = new BackgroundThreads("api-key-usage", MAX_WORKERS);

	private final Object lock = new Object();

	// for want of counters
	private final LongAdder dropped = new LongAdder();

	// with a connection that hangs, or broke during a commit, or what cannot be written
	private final LongAdder lost = new LongAdder();

	// guarded by the lock
	private long reported;

	// guarded by the lock
	private final UsageBacklog pending = new UsageBacklog();

	// changed with the lock only
	private volatile @Nullable Writing writing;

	// when all was written that was to be written
	private volatile @Nullable Moment written;

	private Duration interval = Duration.ofSeconds(10);

	private volatile boolean enabled = true;

	private volatile ConcurrentMap<Slot, Counter> current = new ConcurrentHashMap<>();

	private volatile ConcurrentMap<Slot, Counter> previous = new ConcurrentHashMap<>();

	UsageRecorder(UsageSink sink, Supplier<Moment> clock) {
		this(sink, clock, MAX_COUNTERS, MAX_WRITING);
	}

	UsageRecorder(UsageSink sink, Supplier<Moment> clock, int maxCounters, Duration maxWriting) {
		this.sink = sink;
		this.clock = clock;
		this.maxCounters = maxCounters;
		this.maxWriting = maxWriting;
	}

	/**
	 * Sets whether use is counted at all. If not, each use counts as dropped.
	 */
	void setEnabled(boolean enabled) {
		this.enabled = enabled;
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
		Counter counter = counter((id != null) ? id : Slot.NO_KEY, now);
		if (counter != null) {
			counter.refusals.increment();
		}
	}

	private @Nullable Counter counter(UUID id, Instant now) {
		if (!this.enabled) {
			this.dropped.increment();
			return null;
		}
		if (!this.started.get() && this.started.compareAndSet(false, true)) {
			this.written = this.clock.get();
			this.threads.repeat(this.interval.dividedBy(2), this::tick);
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
		return this.dropped.sum() + this.lost.sum();
	}

	/**
	 * How long ago the use of keys was written; zero before the first use.
	 */
	Duration lag() {
		Moment written = this.written;
		return (written != null) ? this.clock.get().since(written) : Duration.ZERO;
	}

	private void tick() {
		Writing writing = new Writing(this.clock.get());
		synchronized (this.lock) {
			Writing unfinished = this.writing;
			if (unfinished != null) {
				if (writing.since.isWithin(this.maxWriting, unfinished.since)) {
					return;
				}
				logger.warn("The use of API keys is not being written; it will be tried on another connection");
				giveUp(unfinished);
			}
			collect();
			this.writing = writing;
		}
		boolean begun = false;
		try {
			begun = this.threads.tryExecute(() -> write(writing));
		}
		finally {
			if (!begun) {
				end(writing);
			}
		}
	}

	/**
	 * Drops what a writer is writing: nobody knows whether that is added to the counts,
	 * and writing it again could count it twice.
	 */
	private void giveUp(Writing unfinished) {
		unfinished.slots.forEach(this::drop);
	}

	private void drop(Slot slot) {
		Sum sum = this.pending.remove(slot);
		if (sum != null) {
			this.lost.add(sum.requests() + sum.refusals());
		}
	}

	private void write(Writing writing) {
		try {
			writeAll(writing);
		}
		catch (RuntimeException ex) {
			logger.warn("The use of API keys was not written; it will be tried again", ex);
		}
		finally {
			end(writing);
		}
	}

	private void end(Writing writing) {
		synchronized (this.lock) {
			if (this.writing == writing) {
				this.writing = null;
				this.lock.notifyAll();
			}
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
		long dropped = this.dropped.sum();
		if (dropped > this.reported) {
			logger.warn(LogMessage.format("%d uses of API keys were not counted: more than %d keys are in use",
					dropped - this.reported, this.maxCounters));
			this.reported = dropped;
		}
	}

	/**
	 * What fails right after other usage was written does not keep the rest.
	 * @return whether nothing is left whose key something else holds
	 */
	private boolean writeAll(Writing writing) {
		Set<Slot> busy = new HashSet<>();
		boolean othersWritten = false;
		Map<Slot, Sum> some = next(writing, busy);
		while (!some.isEmpty()) {
			try {
				Collection<Slot> left = add(some);
				busy.addAll(left);
				written(writing, some.keySet(), left);
				othersWritten = left.size() < some.size();
			}
			catch (UnknownOutcomeException ex) {
				logger.warn(LogMessage.format(
						"The use of %d API keys may or may not be written, and is not written again", some.size()), ex);
				dropUnlessGivenUp(writing);
			}
			catch (RuntimeException ex) {
				failed(writing, some.keySet(), othersWritten, ex);
				if (!othersWritten) {
					throw ex;
				}
				othersWritten = false;
			}
			some = next(writing, busy);
		}
		return busy.isEmpty();
	}

	private Map<Slot, Sum> next(Writing writing, Set<Slot> busy) {
		synchronized (this.lock) {
			if (this.writing != writing) {
				return Map.of();
			}
			Map<Slot, Sum> some = this.pending.next(busy);
			writing.since = this.clock.get();
			writing.slots = List.copyOf(some.keySet());
			if (some.isEmpty() && busy.isEmpty()) {
				this.written = writing.since;
			}
			return some;
		}
	}

	/**
	 * Writes sums.
	 * @return those that are not written, since something else holds their keys
	 */
	private Collection<Slot> add(Map<Slot, Sum> sums) {
		return this.sink.add(sums.entrySet().stream().map((sum) -> sum.getKey().count(sum.getValue())).toList())
			.stream()
			.map(Slot::of)
			.toList();
	}

	private void written(Writing writing, Collection<Slot> slots, Collection<Slot> left) {
		synchronized (this.lock) {
			if (this.writing == writing) {
				this.pending.written(slots.stream().filter((slot) -> !left.contains(slot)).toList());
			}
		}
	}

	private void dropUnlessGivenUp(Writing writing) {
		synchronized (this.lock) {
			if (this.writing == writing) {
				giveUp(writing);
			}
		}
	}

	private void failed(Writing writing, Collection<Slot> slots, boolean othersWritten, RuntimeException failure) {
		Slot hopeless;
		synchronized (this.lock) {
			hopeless = (this.writing == writing) ? this.pending.failed(slots, othersWritten) : null;
			if (hopeless != null) {
				drop(hopeless);
			}
		}
		if (hopeless != null) {
			logger.warn(LogMessage.format("The use of the API key with id %s cannot be written, and is dropped",
					hopeless.id()), failure);
		}
	}

	/**
	 * Writes the remaining usage. Requests while the application stops may go uncounted.
	 */
	@Override
	public void close() {
		this.threads.stop();
		if (this.started.getAndSet(true) && this.closed.compareAndSet(false, true)) {
			this.threads.tryExecute(this::finish);
		}
		this.threads.close(MAX_CLOSING);
	}

	/**
	 * Both generations, and again if another node added the same row at the same time.
	 */
	private void finish() {
		Writing last = new Writing(this.clock.get());
		synchronized (this.lock) {
			awaitUnfinished();
			collect();
			collect();
			this.writing = last;
		}
		RuntimeException failure = null;
		for (int attempt = 0; attempt < MAX_LAST_ATTEMPTS; attempt++) {
			try {
				if (writeAll(last)) {
					return;
				}
				// another node may hold a key for as long as it writes its usage
				TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
			}
			catch (RuntimeException ex) {
				failure = ex;
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				break;
			}
		}
		logger.warn("The last use of API keys could not be written before the stop, and is lost", failure);
	}

	private void awaitUnfinished() {
		Writing unfinished = this.writing;
		long end = System.nanoTime() + MAX_CLOSING.dividedBy(2).toNanos();
		long nanos = end - System.nanoTime();
		try {
			while (unfinished != null && this.writing == unfinished && nanos > 0) {
				TimeUnit.NANOSECONDS.timedWait(this.lock, nanos);
				nanos = end - System.nanoTime();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		if (unfinished != null && this.writing == unfinished) {
			logger.warn("The use of API keys is not being written; what is not written yet is tried once more");
			giveUp(unfinished);
		}
	}

	/**
	 * What a worker is writing.
	 */
	private static final class Writing {

		private volatile Moment since;

		private volatile Collection<Slot> slots = List.of();

		Writing(Moment since) {
			this.since = since;
		}

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

}
