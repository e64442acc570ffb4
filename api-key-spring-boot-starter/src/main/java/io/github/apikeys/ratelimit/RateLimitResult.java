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
import java.util.List;

import io.github.apikeys.core.RateLimit;

import org.springframework.util.Assert;

/**
 * What became of a request that was to be counted.
 *
 * @since 0.1.0
 */
public final class RateLimitResult {

	private final boolean allowed;

	private final Duration retryAfter;

	private final List<Remaining> remaining;

	/**
	 * Creates a result.
	 * @param allowed whether the request was counted and may go on
	 * @param retryAfter how long to wait for the next try, zero if it was allowed
	 * @param remaining what is left of each limit
	 */
	public RateLimitResult(boolean allowed, Duration retryAfter, List<Remaining> remaining) {
		Assert.isTrue(!retryAfter.isNegative(), "retryAfter must not be negative");
		this.allowed = allowed;
		this.retryAfter = retryAfter;
		this.remaining = List.copyOf(remaining);
	}

	/**
	 * Returns whether the request may go on.
	 * @return whether no limit was reached
	 */
	public boolean isAllowed() {
		return this.allowed;
	}

	/**
	 * Returns how long to wait for the next try.
	 * @return the time, zero if the request was allowed
	 */
	public Duration getRetryAfter() {
		return this.retryAfter;
	}

	/**
	 * Returns what is left of each limit.
	 * @return one element for each limit, unmodifiable
	 */
	public List<Remaining> getRemaining() {
		return this.remaining;
	}

	/**
	 * What is left of a limit.
	 */
	public static final class Remaining {

		private final RateLimit limit;

		private final long requests;

		private final Duration reset;

		/**
		 * Creates a remainder.
		 * @param limit the limit
		 * @param requests how many requests are left now, 0 or more
		 * @param reset when all of them will be there again if none is made
		 */
		public Remaining(RateLimit limit, long requests, Duration reset) {
			this.limit = limit;
			this.requests = requests;
			this.reset = reset;
		}

		/**
		 * Returns the limit.
		 * @return the limit
		 */
		public RateLimit getLimit() {
			return this.limit;
		}

		/**
		 * Returns how many requests are left now.
		 * @return 0 or more
		 */
		public long getRequests() {
			return this.requests;
		}

		/**
		 * Returns when all of them will be there again if none is made.
		 * @return a time from now
		 */
		public Duration getReset() {
			return this.reset;
		}

	}

}
