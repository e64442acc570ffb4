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

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MomentTests {

	private static final Instant NOON = Instant.parse("2027-01-01T12:00:00Z");

	@Test
	void nowThenByBothClocks() {
		long before = System.nanoTime();
		Moment now = Moment.now();
		assertThat(now.nanos() - before).isNotNegative();
		assertThat(System.nanoTime() - now.nanos()).isNotNegative();
		assertThat(Duration.between(now.wallTime(), Instant.now()).abs()).isLessThan(Duration.ofMinutes(1));
	}

	@Test
	void isAfterWhenAtTheSameTimeThenFalse() {
		Moment moment = new Moment(100, NOON);
		assertThat(new Moment(101, NOON.minusSeconds(1)).isAfter(moment)).isTrue();
		assertThat(new Moment(100, NOON.plusSeconds(1)).isAfter(moment)).isFalse();
		assertThat(new Moment(99, NOON.plusSeconds(1)).isAfter(moment)).isFalse();
	}

	@Test
	void isLongAfterThenByTheClockThatCannotBeSet() {
		Moment moment = new Moment(100, NOON);
		Duration duration = Duration.ofNanos(10);
		assertThat(new Moment(110, NOON.plusSeconds(60)).isLongAfter(moment, duration)).isFalse();
		assertThat(new Moment(111, NOON.minusSeconds(60)).isLongAfter(moment, duration)).isTrue();
		assertThat(new Moment(99, NOON.plusSeconds(60)).isLongAfter(moment, duration)).isFalse();
		Moment beforeOverflow = new Moment(Long.MAX_VALUE, NOON);
		assertThat(new Moment(Long.MIN_VALUE + 10, NOON).isLongAfter(beforeOverflow, duration)).isTrue();
	}

	@Test
	void isWithinWhenEarlierThenTrue() {
		Moment moment = new Moment(100, NOON);
		assertThat(new Moment(50, NOON.minusSeconds(1)).isWithin(Duration.ofSeconds(1), moment)).isTrue();
	}

}
