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

/**
 * A point in time by both clocks of a machine: one can be set, the other may stand still
 * while the machine is suspended.
 *
 * @param nanos what {@link System#nanoTime()} returned
 * @param wallTime what the wall clock said
 */
record Moment(long nanos, Instant wallTime) {

	/**
	 * Reads both clocks. Together they take more than half of the time of a hash.
	 */
	static Moment now() {
		return new Moment(System.nanoTime(), Instant.now());
	}

	boolean isAfter(Moment other) {
		return this.nanos - other.nanos > 0;
	}

	/**
	 * How much time has passed since, by the clock that says more.
	 */
	Duration since(Moment earlier) {
		Duration elapsed = Duration.ofNanos(this.nanos - earlier.nanos);
		Duration elapsedOnTheWall = Duration.between(earlier.wallTime, this.wallTime);
		return (elapsed.compareTo(elapsedOnTheWall) < 0) ? elapsedOnTheWall : elapsed;
	}

	/**
	 * Whether no more time has passed since, by either clock.
	 */
	boolean isWithin(Duration duration, Moment since) {
		return this.nanos - since.nanos <= duration.toNanos()
				&& this.wallTime.toEpochMilli() - since.wallTime.toEpochMilli() <= duration.toMillis();
	}

}
