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

import java.io.Serializable;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * All limits of a key: each of them holds, such as 10 requests in a second and 1000 in a
 * day.
 *
 * @since 0.1.0
 * @serial exclude
 */
public final class RateLimits implements Serializable {

	private static final long serialVersionUID = 1L;

	private static final int MAX_LIMITS = 5;

	private static final String UNLIMITED = "unlimited";

	private final List<RateLimit> limits;

	private final String text;

	private RateLimits(List<RateLimit> limits) {
		this.limits = limits;
		this.text = limits.isEmpty() ? UNLIMITED
				: limits.stream().map(RateLimit::toString).collect(Collectors.joining(", "));
	}

	/**
	 * Reads limits.
	 * @param text one to five limits with different windows, in any order, with commas or
	 * spaces between them, for example {@code 10/1s, 1000/1d}; or {@code unlimited}
	 * @return the limits
	 * @throws IllegalArgumentException if the text is not of that form
	 */
	public static RateLimits parse(String text) {
		Assert.notNull(text, "text cannot be null");
		if (text.strip().equals(UNLIMITED)) {
			return new RateLimits(List.of());
		}
		List<RateLimit> limits = Stream.of(text.split("[,\\s]+"))
			.filter((part) -> !part.isEmpty())
			.map(RateLimit::parse)
			.sorted(Comparator.comparing(RateLimit::window))
			.toList();
		Assert.isTrue(!limits.isEmpty() && limits.size() <= MAX_LIMITS,
				() -> "there must be 1 to " + MAX_LIMITS + " rate limits, or 'unlimited'");
		Set<Duration> windows = new HashSet<>();
		limits.forEach(
				(limit) -> Assert.isTrue(windows.add(limit.window()), () -> "two rate limits have the same window"));
		return new RateLimits(limits);
	}

	/**
	 * Returns the single limits.
	 * @return limits, the shortest window first, unmodifiable; none means that the key is
	 * not limited, whatever the default is
	 */
	public List<RateLimit> limits() {
		return this.limits;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof RateLimits that && this.text.equals(that.text));
	}

	@Override
	public int hashCode() {
		return this.text.hashCode();
	}

	/**
	 * Returns the limits as they are written.
	 * @return what {@link #parse} reads, for example {@code 10/1s, 1000/1d}
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
