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

package io.github.apikeys.core.jpa;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

import io.github.apikeys.core.verification.RecentChange;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class H2ApiKeyCacheTests extends AbstractApiKeyCacheTests {

	@Override
	TestDatabase database() {
		return new H2Database();
	}

	/**
	 * H2 has no clock that nodes could share, so each change has the time of the node
	 * that made it.
	 */
	@Test
	void findChangedWhenTheClockOfAnotherNodeIsSlowThenUpToFourMinutes() {
		ApiKeyStore store = new ApiKeyStore(unit().entityManagerFactory());
		Instant last = Instant.now().minus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MICROS);
		Instant earliest = last.minus(LOOK_BACK).minus(Duration.ofMinutes(4));
		List<String> found = change(earliest);
		List<String> tooOld = change(earliest.minus(1, ChronoUnit.MICROS));
		assertThat(changed(store, last).changes()).extracting(RecentChange::subject)
			.containsAll(found)
			.doesNotContainAnyElementsOf(tooOld);
	}

	/**
	 * Changes a key and its owner, and returns their names.
	 */
	private List<String> change(Instant time) {
		String owner = "owner-" + UUID.randomUUID();
		String keyId = create(owner).apiKey().getKeyId();
		for (String sql : List.of("update api_key set changed_at = ? where owner = ?",
				"update api_key_owner set invalidated_at = ? where owner = ?")) {
			assertThat(unit().jdbc().update(sql, timestamp(time), owner)).isOne();
		}
		return List.of(keyId, owner);
	}

}
