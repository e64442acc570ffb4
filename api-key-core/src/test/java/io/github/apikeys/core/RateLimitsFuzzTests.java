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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever is written as rate limits is understood as a reader without regular
 * expressions understands it, or refused in the way that is documented.
 */
class RateLimitsFuzzTests {

	private static final Map<Character, Integer> UNITS = Map.of('s', 1, 'm', 60, 'h', 3600, 'd', 86_400);

	private static final SlowestInput slowest = new SlowestInput();

	@AfterAll
	static void printSlowest() {
		slowest.print(RateLimitsFuzzTests.class);
	}

	@FuzzTest
	void parse(FuzzedDataProvider data) {
		slowest.run(data, 150, RateLimitsFuzzTests::check);
	}

	@ParameterizedTest
	@ValueSource(strings = { "1/s", "1/s ", "1", "9/", " ", ",\t", "unlimited", "1/1s,1/2s," })
	@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void parseWhenAMillionCharactersThenAnswered(String part) {
		check(part.repeat(1_000_000 / part.length()));
	}

	private static void check(String text) {
		RateLimits limits = parse(text);
		SortedMap<Integer, Long> expected = read(text);
		if (limits == null || expected == null) {
			assertThat(limits == null).isEqualTo(expected == null);
			return;
		}
		List<Long> windows = limits.limits().stream().map((limit) -> limit.window().toSeconds()).toList();
		List<Long> requests = limits.limits().stream().map(RateLimit::requests).toList();
		assertThat(windows).isEqualTo(expected.keySet().stream().map(Integer::longValue).toList());
		assertThat(requests).isEqualTo(List.copyOf(expected.values()));
		assertThat(RateLimits.parse(limits.toString())).isEqualTo(limits);
	}

	private static @Nullable RateLimits parse(String text) {
		try {
			return RateLimits.parse(text);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * Reads limits.
	 * @return the requests by the seconds of the window, or {@code null} if the text is
	 * not valid
	 */
	private static @Nullable SortedMap<Integer, Long> read(String text) {
		SortedMap<Integer, Long> limits = new TreeMap<>();
		if (text.strip().equals("unlimited")) {
			return limits;
		}
		List<String> parts = words(text);
		for (String part : parts) {
			int slash = part.indexOf('/');
			Integer unit = UNITS.get(part.charAt(part.length() - 1));
			if (slash < 0 || unit == null) {
				return null;
			}
			String amount = part.substring(slash + 1, part.length() - 1);
			long requests = number(part.substring(0, slash), 9);
			long window = unit * (amount.isEmpty() ? 1 : number(amount, 5));
			if (requests < 1 || window < 1 || window > 366 * 86_400 || limits.put((int) window, requests) != null) {
				return null;
			}
		}
		return (parts.isEmpty() || parts.size() > 5) ? null : limits;
	}

	private static List<String> words(String text) {
		List<String> words = new ArrayList<>();
		int start = 0;
		for (int i = 0; i <= text.length(); i++) {
			if (i == text.length() || ", \t\n\f\r\u000b".indexOf(text.charAt(i)) >= 0) {
				if (start < i) {
					words.add(text.substring(start, i));
				}
				start = i + 1;
			}
		}
		return words;
	}

	private static long number(String digits, int maxLength) {
		if (digits.isEmpty() || digits.length() > maxLength || digits.startsWith("0")) {
			return -1;
		}
		long number = 0;
		for (char digit : digits.toCharArray()) {
			if (digit < '0' || digit > '9') {
				return -1;
			}
			number = number * 10 + digit - '0';
		}
		return number;
	}

}
