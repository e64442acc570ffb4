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

package io.github.apikeys.core.support;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * A point in time by both clocks of a machine: one can be set, the other may stand still
 * while the machine is suspended.
 *
 * @since 0.1.0
 */
public final class Moment {

	private final long nanos;

	private final Instant wallTime;

	/**
	 * Creates a moment.
	 * @param nanos what {@link System#nanoTime()} returned
	 * @param wallTime what the wall clock said
	 */
	public Moment(long nanos, Instant wallTime) {
		Assert.notNull(wallTime, "wallTime cannot be null");
		this.nanos = nanos;
		this.wallTime = wallTime;
	}

	/**
	 * Reads both clocks. Together they take more than half of the time of a hash.
	 * @return the present moment
	 */
	public static Moment now() {
		return new Moment(System.nanoTime(), Instant.now());
	}

	/**
	 * Returns the time by the wall clock.
	 * @return the time
	 */
	public Instant wallTime() {
		return this.wallTime;
	}

	/**
	 * Returns the time by the clock that cannot be set.
	 * @return what {@link System#nanoTime()} returned
	 */
	public long nanos() {
		return this.nanos;
	}

	/**
	 * Returns whether this moment is later, by the clock that cannot be set.
	 * @param other a moment of the same machine
	 * @return whether it is
	 */
	public boolean isAfter(Moment other) {
		Assert.notNull(other, "other cannot be null");
		return this.nanos - other.nanos > 0;
	}

	/**
	 * Returns whether more time has passed since than something may take, by the clock
	 * that cannot be set. Only that clock says what to abort or to give up.
	 * @param earlier a moment of the same machine
	 * @param duration the longest time
	 * @return whether it is
	 */
	public boolean isLongAfter(Moment earlier, Duration duration) {
		Assert.notNull(earlier, "earlier cannot be null");
		Assert.notNull(duration, "duration cannot be null");
		return this.nanos - earlier.nanos > duration.toNanos();
	}

	/**
	 * Returns how much time has passed since, by the clock that says more.
	 * @param earlier a moment of the same machine
	 * @return the time
	 */
	public Duration since(Moment earlier) {
		Assert.notNull(earlier, "earlier cannot be null");
		Duration elapsed = Duration.ofNanos(this.nanos - earlier.nanos);
		Duration elapsedOnTheWall = Duration.between(earlier.wallTime, this.wallTime);
		return (elapsed.compareTo(elapsedOnTheWall) < 0) ? elapsedOnTheWall : elapsed;
	}

	/**
	 * Returns whether no more time has passed since, by either clock, for a trust that is
	 * over by either.
	 * @param duration the longest time
	 * @param since a moment of the same machine
	 * @return whether it is
	 */
	public boolean isWithin(Duration duration, Moment since) {
		Assert.notNull(duration, "duration cannot be null");
		Assert.notNull(since, "since cannot be null");
		return this.nanos - since.nanos <= duration.toNanos()
				&& this.wallTime.toEpochMilli() - since.wallTime.toEpochMilli() <= duration.toMillis();
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof Moment that && this.nanos == that.nanos && this.wallTime.equals(that.wallTime);
	}

	@Override
	public int hashCode() {
		return Long.hashCode(this.nanos);
	}

	@Override
	public String toString() {
		return "Moment [nanos=" + this.nanos + ", wallTime=" + this.wallTime + "]";
	}

}
