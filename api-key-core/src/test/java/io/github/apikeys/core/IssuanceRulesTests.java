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
import java.util.Collections;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Which rules can be made, and where they end.
 */
class IssuanceRulesTests {

	private final IssuanceRules rules = new IssuanceRules();

	@Test
	void limitsKeysPerOwnerThenOnlyIfOneWasSet() {
		Map<UUID, UUID> one = Collections.singletonMap(UUID.randomUUID(), null);
		assertThat(this.rules.limitsKeysPerOwner()).isFalse();
		this.rules.checkKeysPerOwner(one, null);
		this.rules.setMaxKeysPerOwner(1);
		assertThat(this.rules.limitsKeysPerOwner()).isTrue();
		this.rules.checkKeysPerOwner(Map.of(), null);
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> this.rules.checkKeysPerOwner(one, null));
	}

	@Test
	void setMaxKeysPerOwnerWhenThereIsNoRoomThenFails() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.rules.setMaxKeysPerOwner(0));
	}

	@Test
	void setLifetimeWhenTheDefaultIsAsLongAsTheLongestThenFine() {
		this.rules.setLifetime(Duration.ofDays(9), Duration.ofDays(9), false);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.rules.setLifetime(Duration.ofDays(9).plusNanos(1), Duration.ofDays(9), false));
		assertThatIllegalArgumentException().isThrownBy(() -> this.rules.setLifetime(Duration.ZERO, null, false));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.rules.setLifetime(null, Duration.ofSeconds(-1), false));
	}

}
