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
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.apikeys.core.AllowedAddresses;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyValidity;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.hash.StoredHash;
import io.github.apikeys.core.support.Moment;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LoadedApiKeyTests {

	private static final Instant NOON = Instant.parse("2027-01-01T12:00:00Z");

	private final ApiKeyHashers hashers = new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher()));

	private final ApiKeyPrincipal principal = new ApiKeyPrincipal(UUID.randomUUID(), "id", "n", null, Set.of(),
			"api_key");

	private final LoadedApiKey loaded = new LoadedApiKey(
			new StoredApiKey(this.principal, 1, new TokenHash(this.hashers.hash("token", true)),
					new ApiKeyValidity(NOON, NOON.plusSeconds(1), null, null), AllowedAddresses.of(null)),
			Moment.now());

	@Test
	void hashThenReadOnce() {
		StoredHash hash = this.loaded.hash(this.hashers);
		assertThat(hash.matches("token")).isTrue();
		assertThat(hash.matches("other")).isFalse();
		assertThat(this.loaded.hash(this.hashers)).isSameAs(hash);
	}

	@Test
	void isPermittedThenThePolicyIsAskedOnce() {
		AtomicInteger questions = new AtomicInteger();
		for (int i = 0; i < 2; i++) {
			assertThat(this.loaded.isPermitted((principal) -> {
				assertThat(principal).isSameAs(this.principal);
				questions.incrementAndGet();
				return false;
			})).isFalse();
		}
		assertThat(questions).hasValue(1);
	}

	@Test
	void isPermittedWhenThePolicyPermitsThenTrueEachTime() {
		assertThat(this.loaded.isPermitted((principal) -> true)).isTrue();
		assertThat(this.loaded.isPermitted((principal) -> false)).isTrue();
	}

	@Test
	void stateThenByTheTimesOfTheKey() {
		assertThat(this.loaded.key().state(NOON)).isEqualTo(ApiKeyState.ACTIVE);
		assertThat(this.loaded.key().state(NOON.minusNanos(1))).isEqualTo(ApiKeyState.NOT_YET_VALID);
		assertThat(this.loaded.key().state(NOON.plusSeconds(1))).isEqualTo(ApiKeyState.EXPIRED);
	}

}
