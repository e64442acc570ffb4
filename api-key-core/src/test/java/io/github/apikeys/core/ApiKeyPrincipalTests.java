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

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.type.TenantApiKey;
import jakarta.persistence.DiscriminatorValue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ApiKeyPrincipalTests {

	private final ApiKeyPrincipal principal = new ApiKeyPrincipal(UUID.randomUUID(), "7Hq2mVx9Lp4s", "billing",
			"org-42", Set.of("orders:*", "users:read"), "api_key");

	@Test
	void nameIsThePublicId() {
		assertThat(this.principal.getName()).isEqualTo("7Hq2mVx9Lp4s");
	}

	@Test
	void hasScopeWhenGrantedOrCoveredThenTrue() {
		assertThat(this.principal.hasScope("orders:read")).isTrue();
		assertThat(this.principal.hasScope("users:read")).isTrue();
		assertThat(this.principal.hasScope("users:write")).isFalse();
	}

	@Test
	void hasScopeWhenNothingIsGrantedThenFalse() {
		ApiKeyPrincipal without = new ApiKeyPrincipal(UUID.randomUUID(), "id", "n", null, Set.of(), "api_key");
		assertThat(without.hasScope("orders:read")).isFalse();
	}

	@Test
	void typeWhenItsClassIsKnownThenOfTypesThatTheClassExtendsToo() {
		ApiKeyPrincipal trial = new ApiKeyPrincipal(UUID.randomUUID(), "id", "n", null, Set.of(), TrialApiKey.class,
				null, true);
		assertThat(trial.type()).isEqualTo("trial");
		assertThat(trial.isOfType(TrialApiKey.class)).isTrue();
		assertThat(trial.isOfType(TenantApiKey.class)).isTrue();
		assertThat(trial.isOfType(ApiKey.class)).isTrue();
		assertThat(trial.hasQuota()).isTrue();
		assertThat(this.principal.isOfType(TenantApiKey.class)).isFalse();
	}

	@Test
	void createThenWhatWasGiven() {
		UUID id = UUID.randomUUID();
		RateLimits limits = RateLimits.parse("10/1s");
		ApiKeyPrincipal limited = new ApiKeyPrincipal(id, "id", "n", "org-42", Set.of(), "trial", limits, true);
		assertThat(limited.id()).isEqualTo(id);
		assertThat(limited.keyId()).isEqualTo("id");
		assertThat(limited.displayName()).isEqualTo("n");
		assertThat(limited.owner()).isEqualTo("org-42");
		assertThat(limited.type()).isEqualTo("trial");
		assertThat(limited.rateLimits()).isSameAs(limits);
		assertThat(limited.hasQuota()).isTrue();
		assertThat(limited.isOfType(TrialApiKey.class)).isTrue();
		assertThat(this.principal.rateLimits()).isNull();
		assertThat(this.principal.hasQuota()).isFalse();
	}

	@Test
	void lineWhenTheKeyIsNoSuccessorThenItsOwn() {
		assertThat(this.principal.lineId()).isEqualTo(this.principal.id());
	}

	@Test
	void ofLineThenNothingElseDiffers() {
		UUID line = UUID.randomUUID();
		ApiKeyPrincipal first = new ApiKeyPrincipal(UUID.randomUUID(), "id", "n", "org-42", Set.of("orders:read"),
				TrialApiKey.class, RateLimits.parse("10/1s"), true);
		ApiKeyPrincipal successor = first.ofLine(line);
		assertThat(successor.lineId()).isEqualTo(line);
		assertThat(successor).usingRecursiveComparison().ignoringFields("lineId").isEqualTo(first);
	}

	@Test
	void withMetadataThenNothingElseDiffersAndNothingPrintsIt() {
		ApiKeyPrincipal gold = this.principal.withMetadata(Map.of("plan", "gold-plan"));
		assertThat(gold.metadata()).containsExactly(Map.entry("plan", "gold-plan"));
		assertThat(gold.ofLine(UUID.randomUUID()).metadata()).isEqualTo(gold.metadata());
		assertThat(gold).usingRecursiveComparison().ignoringFields("metadata").isEqualTo(this.principal);
		assertThat(gold.toString()).isEqualTo(this.principal.toString()).doesNotContain("gold-plan");
		assertThat(this.principal.metadata()).isEmpty();
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> gold.metadata().put("plan", "silver"));
	}

	@Test
	void scopesCannotBeChanged() {
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> this.principal.scopes().add("*"));
	}

	@Test
	void scopesAreACopy() {
		Set<String> granted = new HashSet<>(Set.of("orders:read"));
		ApiKeyPrincipal copied = new ApiKeyPrincipal(UUID.randomUUID(), "id", "n", null, granted, "api_key");
		granted.add("*");
		assertThat(copied.scopes()).containsExactly("orders:read");
		assertThat(copied.hasScope("users:read")).isFalse();
	}

	@Test
	void toStringShowsWhoItIs() {
		assertThat(this.principal).hasToString("ApiKeyPrincipal [keyId=7Hq2mVx9Lp4s, displayName=billing, owner=org-42,"
				+ " scopes=[orders:*, users:read], type=api_key]");
	}

	@Test
	void equalsWhenSameKeyThenTrue() {
		ApiKeyPrincipal renamed = new ApiKeyPrincipal(this.principal.id(), "7Hq2mVx9Lp4s", "other", null, Set.of(),
				"api_key");
		ApiKeyPrincipal other = new ApiKeyPrincipal(UUID.randomUUID(), "7Hq2mVx9Lp4s", "billing", "org-42",
				this.principal.scopes(), "api_key");
		assertThat(this.principal).isEqualTo(renamed).hasSameHashCodeAs(renamed).isNotEqualTo(other);
	}

	@Test
	void survivesSerialization() throws Exception {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
			out.writeObject(this.principal);
		}
		try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
			ApiKeyPrincipal copy = (ApiKeyPrincipal) in.readObject();
			assertThat(copy).isEqualTo(this.principal).hasSameHashCodeAs(this.principal);
			assertThat(copy).hasToString(this.principal.toString());
			assertThat(copy.id()).isEqualTo(this.principal.id());
			assertThat(copy.hasScope("orders:read")).isTrue();
			assertThat(copy.metadata()).isEmpty();
		}
	}

	@DiscriminatorValue("trial")
	static class TrialApiKey extends TenantApiKey {

	}

}
