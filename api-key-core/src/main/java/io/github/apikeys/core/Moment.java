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

/**
 * A point in time by both clocks of a machine: one can be set, the other may stand still
 * while the machine is suspended.
 *
 * @param nanos what {@link System#nanoTime()} returned
 * @param millis what {@link System#currentTimeMillis()} returned
 */
record Moment(long nanos, long millis) {

	static Moment now() {
		return new Moment(System.nanoTime(), System.currentTimeMillis());
	}

	boolean isAfter(Moment other) {
		return this.nanos - other.nanos > 0;
	}

	/**
	 * How much time has passed since, by the clock that says more.
	 */
	Duration since(Moment earlier) {
		Duration elapsed = Duration.ofNanos(this.nanos - earlier.nanos);
		Duration elapsedOnTheWall = Duration.ofMillis(this.millis - earlier.millis);
		return (elapsed.compareTo(elapsedOnTheWall) < 0) ? elapsedOnTheWall : elapsed;
	}

	/**
	 * Whether no more time has passed since, by either clock.
	 */
	boolean isWithin(Duration duration, Moment since) {
		return this.nanos - since.nanos <= duration.toNanos() && this.millis - since.millis <= duration.toMillis();
	}

}
