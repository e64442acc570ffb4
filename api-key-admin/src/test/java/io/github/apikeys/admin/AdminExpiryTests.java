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

import io.github.apikeys.core.ApiKey;
import org.junit.jupiter.api.Test;

import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

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
	void choicesOfSuccessorThenTheSpanOfTheOldKeyComesFirst() {
		ApiKey old = key(NOW.minus(Duration.ofDays(84)), NOW.plus(Duration.ofDays(6)));
		Map<String, Instant> choices = new AdminExpiry(null, false).choicesOfSuccessor(old, NOW);
		assertThat(choices.keySet()).containsExactly("span", "same", "7", "30", "90", "365", "never", "date");
		assertThat(choices).containsEntry("span", NOW.plus(Duration.ofDays(90)))
			.containsEntry("same", NOW.plus(Duration.ofDays(6)));
		Map<String, Instant> limited = new AdminExpiry(Duration.ofDays(5), false).choicesOfSuccessor(old, NOW);
		assertThat(limited.keySet()).containsExactly("span", "latest", "date");
		assertThat(limited).containsEntry("span", NOW.plus(Duration.ofDays(5)));
	}

	@Test
	void choicesOfSuccessorWhenTheOldKeyHasNoEndThenTheLongestThatIsPermittedComesFirst() {
		ApiKey old = key(NOW, null);
		assertThat(new AdminExpiry(null, false).choicesOfSuccessor(old, NOW).keySet()).startsWith("never");
		assertThat(new AdminExpiry(null, true).choicesOfSuccessor(old, NOW).keySet()).startsWith("365");
		assertThat(new AdminExpiry(Duration.ofDays(60), true).choicesOfSuccessor(old, NOW).keySet())
			.startsWith("latest");
	}

	@Test
	void choicesOfSuccessorWhenTheOldKeyBeginsLaterThenItsSpanBeginsThen() {
		ApiKey old = key(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(20)));
		given(old.getNotBefore()).willReturn(NOW.plus(Duration.ofDays(10)));
		assertThat(new AdminExpiry(null, false).choicesOfSuccessor(old, NOW)).containsEntry("span",
				NOW.plus(Duration.ofDays(20)));
	}

	@Test
	void choicesOfSuccessorWhenTheSpanIsBeyondWhatCanBeStoredThenTheLatestThatCan() {
		ApiKey old = key(NOW, Instant.parse("9990-01-01T00:00:00Z"));
		assertThat(new AdminExpiry(null, false).choicesOfSuccessor(old, NOW.plus(Duration.ofDays(9000))))
			.containsEntry("span", Instant.parse("9999-12-31T00:00:00Z"));
	}

	private static ApiKey key(Instant createdAt, Instant expiresAt) {
		ApiKey key = mock(ApiKey.class);
		given(key.getCreatedAt()).willReturn(createdAt);
		given(key.getExpiresAt()).willReturn(expiresAt);
		return key;
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
		AdminExpiry permitted = new AdminExpiry(Duration.ofDays(60), false);
		form.offer(permitted.choices(NOW, NOW), permitted.latest(NOW));
		form.toNewApiKey(NOW);
		return form.getErrors();
	}

}
