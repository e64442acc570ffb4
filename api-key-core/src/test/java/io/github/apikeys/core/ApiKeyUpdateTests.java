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

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

/**
 * Changes can be said one after the other.
 */
class ApiKeyUpdateTests {

	@Test
	void everyChangeThenAllTogether() {
		Instant end = Instant.parse("2027-01-01T00:00:00Z");
		ApiKeyUpdate update = new ApiKeyUpdate().expectVersion(7)
			.allowedAddresses(List.of("203.0.113.7"))
			.metadata(Map.of("team", "billing"))
			.quota(100L)
			.rateLimits("10/1s")
			.expiresAt(end)
			.description("for bills")
			.scopes("orders:read")
			.name("billing");
		assertThat(update.getColumns()).containsOnly(entry("allowedAddresses", "203.0.113.7"), entry("quota", 100L),
				entry("rateLimits", "10/1s"), entry("expiresAt", end), entry("description", "for bills"),
				entry("name", "billing"));
		assertThat(update.getScopes()).contains(Set.of("orders:read"));
		assertThat(update.getMetadata()).contains(Map.of("team", "billing"));
		assertThat(update.expectedVersion()).isEqualTo(7);
	}

	@Test
	void noChangeThenNothing() {
		ApiKeyUpdate update = new ApiKeyUpdate();
		assertThat(update.getColumns()).isEmpty();
		assertThat(update.getScopes()).isEmpty();
		assertThat(update.getMetadata()).isEmpty();
		assertThat(update.expectedVersion()).isNull();
	}

}
