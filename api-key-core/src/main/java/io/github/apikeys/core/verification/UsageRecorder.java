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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import io.github.apikeys.core.support.BackgroundThreads;
import io.github.apikeys.core.support.Moment;
import io.github.apikeys.core.verification.UsageBacklog.Slot;
import io.github.apikeys.core.verification.UsageBacklog.Sum;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;

/**
 * Counts in memory how keys are used, and writes the sums from time to time by a thread
 * of its own: no request waits for it. If that thread hangs, another one goes on.
 */
final class UsageRecorder implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(UsageRecorder.class);

	private static final int MAX_COUNTERS = 100_000;

	private static final int MAX_LAST_ATTEMPTS = 10;

	// after that, a key is waited for
	private static final int MAX_HELD = 3;

	private static final int PAUSE_MILLIS = 200;

	// those that hang included
	private static final int MAX_WORKERS = 3;

	// longer than until the sink gives up
	private static final Duration MAX_WRITING = VerificationSource.MAX_DURATION.multipliedBy(2);

	private static final Duration MAX_CLOSING = Duration.ofSeconds(5);

	// what begins to wait for a key then has waited before the end
	private static final Duration MAX_LAST_WRITING = Duration.ofSeconds(3);

	private final UsageSink sink;

	private final int maxCounters;

	private final UsageCounters counters;

	private final Duration maxWriting;

	private final Supplier<Moment> clock;

	private final AtomicBoolean closed = new AtomicBoolean();

	private final BackgroundThreads threads = new BackgroundThreads("api-key-usage", MAX_WORKERS);

	private final Object lock = new Object();

	// since use is not counted at all, or not any more
	private final LongAdder uncounted = new LongAdder();

	// for want of counters
	private final LongAdder withoutRoom = new LongAdder();

	// guarded by the lock
	private long reported;

	// guarded by the lock
	private final UsageBacklog pending = new UsageBacklog();

	// changed with the lock only
	private volatile @Nullable UsageWriting writing;

	// when all was written that was to be written
	private volatile @Nullable Moment written;

	// why the last usage was not written
	private volatile @Nullable RuntimeException failure;

	private Duration interval = Duration.ofSeconds(10);

	private volatile boolean enabled = true;

	UsageRecorder(UsageSink sink, Supplier<Moment> clock) {
		this(sink, clock, MAX_COUNTERS, MAX_WRITING);
	}

	UsageRecorder(UsageSink sink, Supplier<Moment> clock, int maxCounters, Duration maxWriting) {
		this.sink = sink;
		this.clock = clock;
		this.maxCounters = maxCounters;
		this.counters = new UsageCounters(maxCounters);
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
		if (counts() && !this.counters.accepted(id, now, address)) {
			this.withoutRoom.increment();
		}
	}

	/**
	 * Counts a refusal.
	 * @param id the key that was presented, if there is one
	 */
	void refused(@Nullable UUID id, Instant now) {
		if (counts() && !this.counters.refused((id != null) ? id : Slot.NO_KEY, now)) {
			this.withoutRoom.increment();
		}
	}

	private boolean counts() {
		if (!this.enabled) {
			this.uncounted.increment();
			return false;
		}
		if (!this.threads.isRepeating()) {
			if (this.written == null) {
				this.written = this.clock.get();
			}
			this.threads.repeat(this.interval, this::tick);
		}
		return true;
	}

	long dropped() {
		return this.uncounted.sum() + this.withoutRoom.sum() + this.pending.dropped();
	}

	/**
	 * How long ago the use of keys was written; zero before the first use.
	 */
	Duration lag() {
		Moment written = this.written;
		return (written != null) ? this.clock.get().since(written) : Duration.ZERO;
	}

	private void tick() {
		UsageWriting writing = new UsageWriting(this.clock.get());
		synchronized (this.lock) {
			UsageWriting unfinished = this.writing;
			if (unfinished != null) {
				if (!writing.since().isLongAfter(unfinished.since(), this.maxWriting)) {
					return;
				}
				logger.warn("The use of API keys is not being written; it will be tried on another connection");
				// it may be added to the counts, and writing it again could count it
				// twice
				this.pending.drop(unfinished.slots());
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

	private void write(UsageWriting writing) {
		try {
			writeAll(writing, MAX_HELD);
		}
		catch (RuntimeException ex) {
			logger.warn("The use of API keys was not written; it will be tried again", ex);
		}
		finally {
			end(writing);
		}
	}

	private void end(UsageWriting writing) {
		synchronized (this.lock) {
			if (this.writing == writing) {
				this.writing = null;
				this.lock.notifyAll();
			}
		}
	}

	private void collect() {
		this.counters.nextGeneration().forEach((slot, counted) -> {
			if (!this.pending.add(slot, counted, this.maxCounters)) {
				this.withoutRoom.add(counted.requests() + counted.refusals());
			}
		});
		long withoutRoom = this.withoutRoom.sum();
		if (withoutRoom > this.reported) {
			logger.warn(LogMessage.format("%d uses of API keys were not counted: more than %d keys are in use",
					withoutRoom - this.reported, this.maxCounters));
			this.reported = withoutRoom;
		}
	}

	/**
	 * Usage of a key that is held is left for later, and waited for if that happened some
	 * times: a key with a quota may be held whenever it is looked at.
	 * @param maxHeld how often it is left at most
	 * @return whether nothing is left
	 */
	private boolean writeAll(UsageWriting writing, int maxHeld) {
		Set<Slot> busy = writeFree(writing);
		noteWritten(writing);
		Map<Slot, Sum> held = begin(writing, () -> this.pending.nextHeld(busy, maxHeld));
		Moment begun = this.clock.get();
		while (!held.isEmpty() && !this.clock.get().isLongAfter(begun, this.interval.dividedBy(2))
				&& writeHeld(writing, held)) {
			busy.removeAll(held.keySet());
			held = begin(writing, () -> this.pending.nextHeld(busy, maxHeld));
		}
		noteWritten(writing);
		return busy.isEmpty();
	}

	/**
	 * What fails right after other usage was written does not keep the rest.
	 * @return what is left, since something else holds its keys
	 */
	private Set<Slot> writeFree(UsageWriting writing) {
		Set<Slot> busy = new HashSet<>();
		boolean othersWritten = false;
		Map<Slot, Sum> some = begin(writing, () -> this.pending.next(busy));
		while (!some.isEmpty()) {
			try {
				Collection<Slot> left = write(writing, some, this.sink::add);
				busy.addAll(left);
				othersWritten = left.size() < some.size();
			}
			catch (RuntimeException ex) {
				failed(writing, some.keySet(), othersWritten, ex);
				if (!othersWritten) {
					throw ex;
				}
				othersWritten = false;
			}
			some = begin(writing, () -> this.pending.next(busy));
		}
		return busy;
	}

	private boolean writeHeld(UsageWriting writing, Map<Slot, Sum> held) {
		try {
			if (write(writing, held, this.sink::addWaiting).isEmpty()) {
				return true;
			}
		}
		catch (RuntimeException ex) {
			this.failure = ex;
			logger.debug("Something else holds an API key whose use is to be written", ex);
		}
		synchronized (this.lock) {
			this.pending.heldForLong(held.keySet());
		}
		return false;
	}

	private Map<Slot, Sum> begin(UsageWriting writing, Supplier<Map<Slot, Sum>> next) {
		synchronized (this.lock) {
			if (this.writing != writing) {
				return Map.of();
			}
			Map<Slot, Sum> some = next.get();
			writing.begin(this.clock.get(), some.keySet());
			return some;
		}
	}

	private void noteWritten(UsageWriting writing) {
		synchronized (this.lock) {
			if (this.writing == writing) {
				this.written = Objects.requireNonNullElse(this.pending.heldSince(), writing.since());
			}
		}
	}

	/**
	 * Writes sums.
	 * @return those that are not written, since something else holds their keys
	 */
	private Collection<Slot> write(UsageWriting writing, Map<Slot, Sum> sums, UnaryOperator<List<UsageCount>> sink) {
		List<UsageCount> counts = sums.entrySet().stream().map((sum) -> sum.getKey().count(sum.getValue())).toList();
		List<UsageCount> left;
		Consumer<Collection<Slot>> end = this.pending::written;
		try {
			left = sink.apply(counts);
		}
		catch (UnknownOutcomeException ex) {
			left = ex.left();
			end = this.pending::drop;
			logger.warn(LogMessage.format("The use of %d API keys may or may not be written, and is not written again",
					counts.size() - left.size()), ex);
		}
		Set<Slot> held = new LinkedHashSet<>();
		left.forEach((count) -> held.add(Slot.of(count)));
		List<Slot> done = sums.keySet().stream().filter((slot) -> !held.contains(slot)).toList();
		synchronized (this.lock) {
			if (this.writing == writing) {
				end.accept(done);
				this.pending.held(held, writing.since());
			}
		}
		return held;
	}

	private void failed(UsageWriting writing, Collection<Slot> slots, boolean othersWritten, RuntimeException failure) {
		Slot hopeless;
		synchronized (this.lock) {
			hopeless = (this.writing == writing) ? this.pending.failed(slots, othersWritten) : null;
		}
		if (hopeless != null) {
			logger.warn(LogMessage.format("The use of the API key with id %s cannot be written, and is dropped",
					hopeless.id()), failure);
		}
	}

	/**
	 * Writes the remaining usage. What cannot be written, and what comes later, counts as
	 * dropped.
	 */
	@Override
	public void close() {
		if (this.closed.compareAndSet(false, true)) {
			long droppedBefore = this.pending.dropped();
			this.threads.stop();
			this.threads.tryExecute(this::finish);
			this.threads.close(MAX_CLOSING);
			giveUpRest(droppedBefore);
		}
	}

	/**
	 * Drops what is left, whatever kept it: the database, writers that hang, the time.
	 * What was dropped since the end began, as it may be written, is told with it.
	 */
	private void giveUpRest(long droppedBefore) {
		this.enabled = false;
		long lost;
		synchronized (this.lock) {
			collect();
			this.writing = null;
			this.pending.dropAll();
			lost = this.pending.dropped() - droppedBefore;
		}
		if (lost > 0) {
			logger.warn(LogMessage.format("%d uses of API keys could not be written before the stop, and may be lost",
					lost), this.failure);
		}
	}

	/**
	 * Tries again if another node added the same row at the same time.
	 */
	private void finish() {
		Moment begun = this.clock.get();
		UsageWriting last = new UsageWriting(begun);
		this.failure = null;
		synchronized (this.lock) {
			awaitUnfinished();
			collect();
			this.writing = last;
		}
		for (int attempt = 0; attempt < MAX_LAST_ATTEMPTS
				&& !this.clock.get().isLongAfter(begun, MAX_LAST_WRITING); attempt++) {
			try {
				if (writeAll(last, 1)) {
					return;
				}
				// another node may hold a key for as long as it writes its usage
				TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
			}
			catch (RuntimeException ex) {
				this.failure = ex;
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return;
			}
		}
	}

	private void awaitUnfinished() {
		UsageWriting unfinished = this.writing;
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
			this.pending.drop(unfinished.slots());
		}
	}

}
