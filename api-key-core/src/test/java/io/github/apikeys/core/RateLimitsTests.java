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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RateLimitsTests {

	@ParameterizedTest
	@CsvSource({ "100/1m, 100, PT1M", "1/s, 1, PT1S", "5000/2h, 5000, PT2H", "999999999/366d, 999999999, P366D" })
	void parseThenRequestsAndWindow(String text, long requests, Duration window) {
		RateLimits limits = RateLimits.parse(text);
		assertThat(limits.limits()).hasSize(1);
		assertThat(limits.limits().get(0).requests()).isEqualTo(requests);
		assertThat(limits.limits().get(0).window()).isEqualTo(window);
	}

	@ParameterizedTest
	@ValueSource(strings = { "5000/1d, 10/1s", "10/1s,5000/1d", " 10/s  5000/d ", "5000/1d\n10/s" })
	void parseWhenSeveralThenTheShortestWindowFirst(String text) {
		assertThat(RateLimits.parse(text)).hasToString("10/1s, 5000/1d")
			.isEqualTo(RateLimits.parse("10/1s, 5000/1d"))
			.hasSameHashCodeAs(RateLimits.parse("10/1s, 5000/1d"));
	}

	@Test
	void parseWhenFiveThenAllOfThem() {
		assertThat(RateLimits.parse("1/1s 2/1m 3/1h 4/1d 5/2d").limits()).hasSize(5);
	}

	@Test
	void equalsWhenOtherLimitsThenFalse() {
		assertThat(RateLimits.parse("10/1s")).isNotEqualTo(RateLimits.parse("11/1s")).isNotEqualTo("10/1s");
	}

	@Test
	void parseWhenUnlimitedThenNone() {
		assertThat(RateLimits.parse(" unlimited ").limits()).isEmpty();
		assertThat(RateLimits.parse("unlimited")).hasToString("unlimited");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", ",", "100", "100/", "/1m", "0/1m", "-1/1m", "100/0m", "100/1y", "100/1m/2",
			"1000000000/1s", "100/367d", "100/8785h", "100/99999d", "1/1s 2/1m 3/1h 4/1d 5/2d 6/3d", "1/60s, 2/1m",
			"unlimited, 1/1s", "１00/1m" })
	void parseWhenMalformedThenFails(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> RateLimits.parse(text));
	}

}
