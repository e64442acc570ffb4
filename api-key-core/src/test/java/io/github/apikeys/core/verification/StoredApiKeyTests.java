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
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.github.apikeys.core.ApiKeyRow;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.MadeKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class StoredApiKeyTests {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00Z");

	private final ApiKeyRow row = ApiKeyRow.ofNew(MadeKey.of(
			NewApiKey.named("Billing").scopes("a", "b").metadata("plan", "gold").metadata("region", "eu").quota(1),
			"org-42",
			PresentedToken.of(new ApiKeyTokenFormat("ak", List.of()).generate(new SecureRandomApiKeyGenerator())),
			new TokenHash("{sha256}0123"), NOW));

	@Test
	void ofThenWhatVerificationNeedsOfTheRow() {
		ApiKeyRow revoked = this.row.revoke(NOW);
		StoredApiKey key = StoredApiKey.of(revoked, new TreeSet<>(List.of("api_key", "gold")),
				List.of("plan", "other"));
		assertThat(key.state(NOW)).isEqualTo(ApiKeyState.REVOKED);
		assertThat(key.version()).isOne();
		assertThat(key.hash()).isEqualTo(this.row.hash());
		assertThat(key.allowedAddresses().permit(null)).isTrue();
		assertThat(key.principal()).satisfies((principal) -> {
			assertThat(principal.id()).isEqualTo(this.row.id());
			assertThat(principal.lineId()).isEqualTo(this.row.id());
			assertThat(principal.keyId()).isEqualTo(this.row.keyId());
			assertThat(principal.displayName()).isEqualTo("Billing");
			assertThat(principal.owner()).isEqualTo("org-42");
			assertThat(principal.scopes()).containsExactly("a", "b");
			assertThat(principal.metadata()).isEqualTo(Map.of("plan", "gold"));
			assertThat(principal.hasQuota()).isTrue();
			assertThat(principal.type()).isEqualTo("api_key");
		});
	}

	@ParameterizedTest
	@CsvSource({ "rateLimits, often", "allowedAddresses, home" })
	void ofWhenALimitCannotBeReadThenNobodyMayUseIt(String column, String text) {
		StoredApiKey key = StoredApiKey.of(this.row.with(column, text), Set.of("api_key"), List.of());
		assertThat(key.allowedAddresses().permit("203.0.113.7")).isFalse();
		assertThat(key.principal().rateLimits()).isNull();
	}

}
