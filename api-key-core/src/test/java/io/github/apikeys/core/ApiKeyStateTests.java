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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ApiKeyStateTests {

	private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");

	private static final Instant BEFORE = NOW.minusNanos(1000);

	private static final Instant AFTER = NOW.plusNanos(1000);

	@Test
	void atWhenNothingIsSetThenActive() {
		assertThat(new ApiKeyValidity(null, null, null, null).state(NOW)).isEqualTo(ApiKeyState.ACTIVE);
	}

	@Test
	void atWhenItBeginsNowThenActive() {
		assertThat(new ApiKeyValidity(NOW, null, null, null).state(NOW)).isEqualTo(ApiKeyState.ACTIVE);
		assertThat(new ApiKeyValidity(AFTER, null, null, null).state(NOW)).isEqualTo(ApiKeyState.NOT_YET_VALID);
	}

	@Test
	void atWhenItEndsNowThenExpired() {
		assertThat(new ApiKeyValidity(null, NOW, null, null).state(NOW)).isEqualTo(ApiKeyState.EXPIRED);
		assertThat(new ApiKeyValidity(null, AFTER, null, null).state(NOW)).isEqualTo(ApiKeyState.ACTIVE);
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			# early, late, disabled, revoked
			false, false, false, false, ACTIVE
			true,  false, false, false, NOT_YET_VALID
			false, false, true,  false, DISABLED
			true,  false, true,  false, DISABLED
			false, true,  false, false, EXPIRED
			true,  true,  false, false, EXPIRED
			false, true,  true,  false, EXPIRED
			true,  true,  true,  false, EXPIRED
			false, false, false, true,  REVOKED
			true,  false, false, true,  REVOKED
			false, false, true,  true,  REVOKED
			true,  false, true,  true,  REVOKED
			false, true,  false, true,  REVOKED
			true,  true,  false, true,  REVOKED
			false, true,  true,  true,  REVOKED
			true,  true,  true,  true,  REVOKED
			""")
	void atWhenSeveralReasonsThenTheMoreFinalOne(boolean early, boolean late, boolean disabled, boolean revoked,
			ApiKeyState expected) {
		assertThat(new ApiKeyValidity(early ? AFTER : BEFORE, late ? BEFORE : AFTER, disabled ? BEFORE : null,
				revoked ? BEFORE : null)
			.state(NOW)).isEqualTo(expected);
	}

	@Test
	void atWhenRevokedOrDisabledInTheFutureThenAlreadyNow() {
		assertThat(new ApiKeyValidity(null, null, AFTER, null).state(NOW)).isEqualTo(ApiKeyState.DISABLED);
		assertThat(new ApiKeyValidity(null, null, null, AFTER).state(NOW)).isEqualTo(ApiKeyState.REVOKED);
	}

}
