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
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A form offers only ends that the application permits.
 */
class AdminExpiryTests {

	private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

	@Test
	void choicesWhenEverythingIsPermittedThenAll() {
		assertThat(new AdminExpiry(null, false).choices(NOW, NOW)).containsOnlyKeys("7", "30", "90", "365", "never",
				"date");
	}

	@Test
	void choicesWhenAnEndIsRequiredThenNotNever() {
		assertThat(new AdminExpiry(null, true).choices(NOW, NOW)).containsOnlyKeys("7", "30", "90", "365", "date");
	}

	@Test
	void choicesWhenThereIsALongestTimeThenNothingBeyondIt() {
		assertThat(new AdminExpiry(Duration.ofDays(60), false).choices(NOW, NOW)).containsOnlyKeys("7", "30", "latest",
				"date");
		assertThat(new AdminExpiry(Duration.ofHours(12), false).choices(NOW, NOW)).containsOnlyKeys("latest", "date");
		assertThat(new AdminExpiry(Duration.ofDays(60), false).choices(NOW.minus(Duration.ofDays(40)), NOW))
			.containsOnlyKeys("7", "latest", "date");
		assertThat(new AdminExpiry(Duration.ofDays(60), false).choices(NOW.minus(Duration.ofDays(90)), NOW))
			.containsOnlyKeys("date");
	}

	@Test
	void choiceThenItsEndIsSaid() {
		assertThat(new AdminExpiry(null, false).choices(NOW, NOW)).containsEntry("7", NOW.plus(Duration.ofDays(7)))
			.containsEntry("never", null);
		assertThat(new AdminExpiry(Duration.ofHours(12), false).choices(NOW, NOW)).containsEntry("latest",
				NOW.plus(Duration.ofHours(12)));
	}

	@Test
	void formWhenALaterEndIsSlippedInThenRejected() {
		assertThat(errors("365", null)).containsKey("expiresAt");
		assertThat(errors("date", "2026-07-01")).containsKey("expiresAt");
		assertThat(errors("latest", null)).isEmpty();
		assertThat(errors("30", null)).isEmpty();
		assertThat(errors("date", "2026-06-01")).isEmpty();
	}

	private static Map<String, String> errors(String expiry, String expiresOn) {
		MultiValueMap<String, String> given = new LinkedMultiValueMap<>();
		given.add("name", "key");
		given.add("expiry", expiry);
		if (expiresOn != null) {
			given.add("expiresOn", expiresOn);
		}
		given.add("zone", "UTC");
		KeyForm form = KeyForm.of(given, List.of());
		form.setLatest(new AdminExpiry(Duration.ofDays(60), false).latest(NOW));
		form.toNewApiKey(NOW);
		return form.getErrors();
	}

}
