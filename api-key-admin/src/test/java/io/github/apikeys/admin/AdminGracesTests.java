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

package io.github.apikeys.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A form offers only graces that the application permits and that the old key lives.
 */
class AdminGracesTests {

	private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

	@Test
	void choicesWhenEverythingIsPermittedThenAllWithTheirEnds() {
		Map<String, Instant> choices = new AdminGraces(null).choices(null, NOW);
		assertThat(choices).containsOnlyKeys("none", "hour", "day", "week", "month")
			.containsEntry("none", NOW)
			.containsEntry("week", NOW.plus(Duration.ofDays(7)));
		assertThat(AdminGraces.preferred(choices)).isEqualTo("day");
	}

	@Test
	void choicesWhenThereIsALongestGraceThenNothingBeyondIt() {
		assertThat(new AdminGraces(Duration.ofDays(7)).choices(null, NOW)).containsOnlyKeys("none", "hour", "day",
				"week");
		assertThat(new AdminGraces(Duration.ofMinutes(1)).choices(null, NOW)).containsOnlyKeys("none");
		assertThat(new AdminGraces(Duration.ZERO).choices(NOW.plusSeconds(60), NOW)).containsOnlyKeys("none");
	}

	@Test
	void choicesWhenTheKeyEndsBeforeThenItsOwnEndIsTheLast() {
		Instant end = NOW.plus(Duration.ofDays(6));
		assertThat(new AdminGraces(null).choices(end, NOW)).containsOnlyKeys("none", "hour", "day", "end")
			.containsEntry("end", end);
		assertThat(new AdminGraces(Duration.ofDays(2)).choices(end, NOW)).containsOnlyKeys("none", "hour", "day");
		Map<String, Instant> soon = new AdminGraces(null).choices(NOW.plusSeconds(60), NOW);
		assertThat(soon).containsOnlyKeys("none", "end");
		assertThat(AdminGraces.preferred(soon)).isEqualTo("end");
		assertThat(new AdminGraces(null).choices(NOW, NOW)).containsOnlyKeys("none");
	}

}
