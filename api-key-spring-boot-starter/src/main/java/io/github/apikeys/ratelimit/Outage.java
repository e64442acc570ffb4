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

package io.github.apikeys.ratelimit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * That something does not answer. Until it does, it is asked by one request in a second
 * at most, so that the others do not wait for it.
 */
final class Outage {

	private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

	private final LongSupplier nanos;

	private final @Nullable OutageLine line;

	private final AtomicBoolean asking = new AtomicBoolean();

	private final AtomicBoolean told = new AtomicBoolean();

	private volatile Failure last;

	/**
	 * Creates an outage that begins now.
	 * @param nanos what {@link System#nanoTime()} returns
	 * @param line where it waits for its turn among others, or {@code null} if there are
	 * no others
	 */
	Outage(RuntimeException cause, LongSupplier nanos, @Nullable OutageLine line) {
		this.nanos = nanos;
		this.line = line;
		this.last = new Failure(cause, nanos.getAsLong());
	}

	/**
	 * Notes that it did not answer again.
	 */
	void goesOn(RuntimeException cause) {
		this.last = new Failure(cause, this.nanos.getAsLong());
	}

	RuntimeException cause() {
		return this.last.cause();
	}

	/**
	 * Whether the caller may ask. If so, it calls {@link #asked()} afterwards.
	 */
	boolean tryAsk() {
		if (!this.asking.compareAndSet(false, true)) {
			return false;
		}
		boolean may = this.nanos.getAsLong() - this.last.nanos() >= PAUSE_NANOS
				&& (this.line == null || this.line.tryEnter(this));
		if (!may) {
			this.asking.set(false);
		}
		return may;
	}

	void asked() {
		this.asking.set(false);
		if (this.line != null) {
			this.line.leave();
		}
	}

	/**
	 * Whether it is to be told of, once.
	 */
	boolean tell() {
		return this.told.compareAndSet(false, true);
	}

	/**
	 * When it failed to answer, and how.
	 */
	private record Failure(RuntimeException cause, long nanos) {

	}

}
