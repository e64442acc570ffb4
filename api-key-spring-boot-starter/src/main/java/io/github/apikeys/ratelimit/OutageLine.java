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
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Lets few of many outages be asked about at a time, so that they do not take all
 * threads: first the one that has waited longest, so that none waits for ever.
 */
final class OutageLine {

	private static final int MAX_ASKING = 8;

	// one of which no request comes again keeps nobody waiting
	private static final long PATIENCE_NANOS = Duration.ofSeconds(10).toNanos();

	private final LongSupplier nanos;

	/** When a request came last, by order of the first. */
	private final Map<Outage, Long> waiting = new LinkedHashMap<>();

	private int free = MAX_ASKING;

	/**
	 * Creates an empty line.
	 * @param nanos what {@link System#nanoTime()} returns
	 */
	OutageLine(LongSupplier nanos) {
		this.nanos = nanos;
	}

	/**
	 * Returns whether it is the turn of an outage. If so, the caller calls
	 * {@link #leave()} afterwards; if not, the outage keeps its place.
	 */
	synchronized boolean tryEnter(Outage outage) {
		long now = this.nanos.getAsLong();
		this.waiting.put(outage, now);
		if (!isAmongFirst(outage, now)) {
			return false;
		}
		this.waiting.remove(outage);
		this.free--;
		return true;
	}

	private boolean isAmongFirst(Outage outage, long now) {
		int before = 0;
		Iterator<Map.Entry<Outage, Long>> line = this.waiting.entrySet().iterator();
		while (before < this.free) {
			Map.Entry<Outage, Long> next = line.next();
			if (next.getKey() == outage) {
				return true;
			}
			if (now - next.getValue() < PATIENCE_NANOS) {
				before++;
			}
			else {
				line.remove();
			}
		}
		return false;
	}

	synchronized void leave() {
		this.free++;
	}

}
