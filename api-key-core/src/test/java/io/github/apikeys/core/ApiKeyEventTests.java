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
import java.util.UUID;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ApiKeyEventTests {

	private final UUID id = UUID.randomUUID();

	private final ApiKeyEvent event = ApiKeyEvent.of(this.id, "Jx2mR7wQpL4t", ApiKeyChange.REVOKED, Instant.EPOCH);

	@Test
	void ofThenTheApplicationChangedTheKey() {
		assertThat(this.event.getApiKeyId()).isEqualTo(this.id);
		assertThat(this.event.getKeyId()).isEqualTo("Jx2mR7wQpL4t");
		assertThat(this.event.getChange()).isEqualTo(ApiKeyChange.REVOKED);
		assertThat(this.event.getOccurredAt()).isEqualTo(Instant.EPOCH);
		assertThat(this.event.getActor()).isNull();
		assertThat(this.event.getAddress()).isNull();
		assertThat(this.event.getDetail()).isNull();
	}

	@Test
	void byThenTheAuthorInAnyOrder() {
		ApiKeyActor actor = ApiKeyActor.of("ann", "192.0.2.1:443");
		for (ApiKeyEvent told : new ApiKeyEvent[] { this.event.by(actor).withDetail("leaked"),
				this.event.withDetail("leaked").by(actor) }) {
			assertThat(told.getActor()).isEqualTo("ann");
			assertThat(told.getAddress()).isEqualTo("192.0.2.1");
			assertThat(told.getDetail()).isEqualTo("leaked");
			assertThat(told.getApiKeyId()).isEqualTo(this.id);
			assertThat(told).hasToString("ApiKeyEvent [keyId=Jx2mR7wQpL4t, change=REVOKED, actor=ann]");
		}
		assertThat(this.event.getActor()).isNull();
	}

	@Test
	void withDetailThenAsItCanBeStored() {
		assertThat(this.event.withDetail("a\0" + "b".repeat(1000)).getDetail()).isEqualTo("a" + "b".repeat(999));
		assertThat(this.event.withDetail("leaked").withDetail(null).getDetail()).isNull();
	}

}
