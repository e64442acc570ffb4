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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many requests a key may make in a time.
 *
 * @since 0.1.0
 * @see RateLimits
 * @serial exclude
 */
public final class RateLimit implements Serializable {

	private static final long serialVersionUID = 1L;

	private static final Pattern PATTERN = Pattern.compile("([1-9][0-9]{0,8})/([1-9][0-9]{0,4})?([smhd])");

	private static final Duration MAX_WINDOW = Duration.ofDays(366);

	private final String text;

	private final long requests;

	private final Duration window;

	private RateLimit(String text, long requests, Duration window) {
		this.text = text;
		this.requests = requests;
		this.window = window;
	}

	static RateLimit parse(String text) {
		Matcher matcher = PATTERN.matcher(text);
		if (!matcher.matches()) {
			throw invalid(text);
		}
		String amount = (matcher.group(2) != null) ? matcher.group(2) : "1";
		Duration window = Duration.ofSeconds(Long.parseLong(amount) * seconds(matcher.group(3).charAt(0)));
		if (window.compareTo(MAX_WINDOW) > 0) {
			throw invalid(text);
		}
		return new RateLimit(matcher.group(1) + "/" + amount + matcher.group(3), Long.parseLong(matcher.group(1)),
				window);
	}

	private static IllegalArgumentException invalid(String text) {
		return new IllegalArgumentException(
				"'" + text + "' is no rate limit: one looks like '100/1m', with a window of "
						+ "seconds (s), minutes (m), hours (h) or days (d), at most 366 days");
	}

	private static long seconds(char unit) {
		return switch (unit) {
			case 's' -> 1;
			case 'm' -> 60;
			case 'h' -> 3600;
			default -> 86_400;
		};
	}

	/**
	 * Returns how many requests are allowed.
	 * @return 1 to 999,999,999
	 */
	public long requests() {
		return this.requests;
	}

	/**
	 * Returns the time in which they are allowed.
	 * @return 1 second to 366 days, full seconds
	 */
	public Duration window() {
		return this.window;
	}

	/**
	 * Returns the limit as it is written.
	 * @return for example {@code 100/1m}
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
