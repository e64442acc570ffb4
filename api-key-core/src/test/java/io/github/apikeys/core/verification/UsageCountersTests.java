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

package io.github.apikeys.core.verification;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.github.apikeys.core.verification.UsageBacklog.Slot;
import io.github.apikeys.core.verification.UsageBacklog.Sum;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class UsageCountersTests {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00Z");

	private static final int THREADS = 4;

	private static final int USES = 100_000;

	private final UUID key = UUID.randomUUID();

	private final UsageCounters counters = new UsageCounters(1);

	@Test
	void nextGenerationThenTellsWhatWasCountedInTheLast() {
		assertThat(this.counters.accepted(this.key, NOW, "203.0.113.7")).isTrue();
		assertThat(this.counters.accepted(this.key, NOW.plusSeconds(1), null)).isTrue();
		assertThat(this.counters.refused(this.key, NOW)).isTrue();
		Map<Slot, Sum> counted = this.counters.nextGeneration();
		assertThat(counted).hasSize(1);
		Sum sum = counted.values().iterator().next();
		assertThat(sum.requests()).isEqualTo(2);
		assertThat(sum.refusals()).isOne();
		assertThat(sum.lastUse()).isNotNull().satisfies((use) -> assertThat(use.at()).isEqualTo(NOW.plusSeconds(1)));
		assertThat(this.counters.nextGeneration()).isEmpty();
	}

	@Test
	void acceptedWhenThereAreTooManyKeysThenNotCounted() {
		assertThat(this.counters.accepted(this.key, NOW, null)).isTrue();
		assertThat(this.counters.accepted(UUID.randomUUID(), NOW, null)).isFalse();
		this.counters.nextGeneration();
		assertThat(this.counters.accepted(UUID.randomUUID(), NOW, null)).isTrue();
	}

	/**
	 * A thread may be held up after it found its counter, for any number of generations.
	 */
	@Test
	void nextGenerationWhenOthersAreCountingThenEachUseIsInOne() throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(THREADS);
		Sum total = Sum.NONE;
		try {
			List<Future<?>> counting = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				counting.add(executor.submit(this::count));
			}
			while (!counting.stream().allMatch(Future::isDone)) {
				total = total.plus(nextSum());
			}
			for (Future<?> each : counting) {
				each.get();
			}
			total = total.plus(nextSum());
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(total.requests()).isEqualTo(THREADS * USES);
		assertThat(total.refusals()).isEqualTo(THREADS * USES);
		assertThat(this.counters.nextGeneration()).isEmpty();
	}

	private void count() {
		for (int i = 0; i < USES; i++) {
			assertThat(this.counters.accepted(this.key, NOW, null)).isTrue();
			assertThat(this.counters.refused(this.key, NOW)).isTrue();
		}
	}

	private Sum nextSum() {
		return this.counters.nextGeneration().values().stream().reduce(Sum.NONE, Sum::plus);
	}

}
