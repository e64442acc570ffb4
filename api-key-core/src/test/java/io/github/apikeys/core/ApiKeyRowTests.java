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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import jakarta.persistence.DiscriminatorValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class ApiKeyRowTests {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00.123456Z");

	private static final TokenHash HASH = new TokenHash("{sha256}0123");

	private final ApiKey apiKey = issued(new ApiKey());

	private final ApiKeyRow row = ApiKeyRow.ofNew(this.apiKey);

	private static <T extends ApiKey> T issued(T apiKey) {
		PresentedToken token = PresentedToken
			.of(new ApiKeyTokenFormat("ak", List.of()).generate(new SecureRandomApiKeyGenerator()));
		NewApiKey attributes = NewApiKey.named("Billing")
			.description("Sends invoices.")
			.scopes("orders:read", "orders:*")
			.metadata("plan", "gold")
			.notBefore(NOW.minusSeconds(60))
			.allowedAddresses("203.0.113.0/24")
			.rateLimits("10/1s")
			.quota(1);
		apiKey.initialize(new Issuance(UUID.randomUUID(), attributes, "org-42", NOW, NOW.plusSeconds(60)), token, HASH);
		return apiKey;
	}

	@Test
	void ofNewWhenTheServiceIsNotCreatingTheKeyThenRefused() {
		ApiKey read = this.row.toApiKey();
		assertThatIllegalStateException().isThrownBy(() -> ApiKeyRow.ofNew(read));
		this.apiKey.markIssued();
		assertThatIllegalStateException().isThrownBy(() -> ApiKeyRow.ofNew(this.apiKey));
	}

	/**
	 * The columns that are derived are the entity's business.
	 */
	@Test
	void toApiKeyThenEveryFieldIsLikeBefore() {
		assertThat(this.row.toApiKey()).usingRecursiveComparison().ignoringFields("beingIssued").isEqualTo(this.apiKey);
		Map<String, @Nullable Object> columns = new HashMap<>(this.row.columns());
		columns.replaceAll(
				(name, value) -> (value != null) ? value : switch (ApiKeyRow.columnTypes().get(name).getSimpleName()) {
					case "UUID" -> UUID.randomUUID();
					case "Instant" -> NOW;
					default -> "203.0.113.7";
				});
		ApiKeyRow full = ApiKeyRow.of(columns, this.row.scopes(), this.row.metadata());
		ApiKey again = full.toApiKey();
		assertThat(again).hasNoNullFieldsOrProperties();
		assertThat(full.columns()).containsExactlyInAnyOrderEntriesOf(columns);
		assertThat(again.getLineId()).isEqualTo(columns.get("lineId"));
		assertThat(again.getLastUsedFrom()).isEqualTo("203.0.113.7");
	}

	@Test
	void ofWhenFromItsPartsThenEqual() {
		ApiKeyRow copy = ApiKeyRow.of(this.row.columns(), this.row.scopes(), this.row.metadata());
		assertThat(copy).isEqualTo(this.row).hasSameHashCodeAs(this.row).isNotEqualTo(this.row.revoke(NOW));
		assertThat(this.row).hasToString("ApiKeyRow [keyId=" + this.row.keyId() + ", version=0]");
	}

	@ParameterizedTest
	@ValueSource(strings = { "id", "keyType", "keyId", "prefix", "lastCharacters", "hash", "name", "quotaUsed",
			"createdAt", "changedAt", "version" })
	void ofWhenAValueIsMissingThatEachKeyHasThenRefused(String column) {
		Map<String, @Nullable Object> columns = new HashMap<>(this.row.columns());
		columns.remove(column);
		assertThatIllegalArgumentException().isThrownBy(() -> ApiKeyRow.of(columns, Set.of(), Map.of()))
			.withMessageContaining("'" + column + "'");
	}

	@Test
	void ofWhenAValueIsOfAnotherTypeOrColumnThenRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.row.with("hash", "{sha256}0123"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.row.with("plaintext", null));
		Map<String, @Nullable Object> columns = new HashMap<>(this.row.columns());
		columns.put("plaintext", "ak_");
		assertThatIllegalArgumentException().isThrownBy(() -> ApiKeyRow.of(columns, Set.of(), Map.of()))
			.withMessageContaining("'plaintext'");
	}

	@Test
	void fillInThenOnlyANewEntityOfTheTypeOfTheKey() {
		ApiKeyRow partner = ApiKeyRow.ofNew(issued(new PartnerKey()));
		assertThat(partner.fillIn(new PartnerKey()).getName()).isEqualTo("Billing");
		assertThat(partner.toApiKey().getKeyType()).isEqualTo("partner");
		assertThatIllegalArgumentException().isThrownBy(() -> partner.fillIn(new ApiKey()));
		assertThatIllegalArgumentException().isThrownBy(() -> this.row.fillIn(new PartnerKey()));
		assertThatIllegalArgumentException().isThrownBy(() -> this.row.fillIn(this.row.toApiKey()));
	}

	@Test
	void updateThenWhatIsNamedAndTheVersion() {
		ApiKeyRow updated = this.row.update(new ApiKeyUpdate().name("Orders").quota(null).scopes("a"));
		assertThat(updated.toApiKey()).returns("Orders", ApiKey::getName)
			.returns(null, ApiKey::getQuota)
			.returns(Set.of("a"), ApiKey::getScopes)
			.returns(Map.of("plan", "gold"), ApiKey::getMetadata)
			.returns(1L, ApiKey::getVersion)
			.returns("Sends invoices.", ApiKey::getDescription);
		assertThat(this.row.toApiKey().getName()).isEqualTo("Billing");
		assertThat(this.row.revoke(NOW).update(new ApiKeyUpdate().name("Orders"))).isNull();
	}

	@Test
	void updateWhenReplacedThenItDoesNotEndLater() {
		ApiKeyRow replaced = this.row.rotate(UUID.randomUUID(), NOW, NOW.plusSeconds(30));
		assertThat(replaced.update(new ApiKeyUpdate().expiresAt(NOW.plusSeconds(31)))).isNull();
		assertThat(replaced.update(new ApiKeyUpdate().expiresAt(null))).isNull();
		assertThat(replaced.update(new ApiKeyUpdate().expiresAt(NOW.plusSeconds(29)))).isNotNull();
		assertThat(replaced.update(new ApiKeyUpdate().name("Orders"))).isNotNull();
		assertThat(this.row.update(new ApiKeyUpdate().expiresAt(null))).isNotNull();
	}

	@Test
	void changeThenOnlyFromTheStatesThatPermitIt() {
		UUID successor = UUID.randomUUID();
		ApiKeyRow disabled = this.row.disable(NOW);
		ApiKeyRow revoked = this.row.revoke(NOW);
		ApiKeyRow expired = this.row.end(NOW);
		ApiKeyRow replaced = this.row.rotate(successor, NOW, NOW.plusSeconds(30));
		assertThat(replaced.successorId()).isEqualTo(successor);
		assertThat(replaced.validity().state(NOW.plusSeconds(30))).isEqualTo(ApiKeyState.EXPIRED);
		assertThat(List.of(this.row, disabled, revoked, expired, replaced))
			.extracting((row) -> row.rotate(successor, NOW, NOW) != null, (row) -> row.end(NOW) != null,
					(row) -> row.disable(NOW) != null, (row) -> row.enable() != null, (row) -> row.revoke(NOW) != null,
					ApiKeyRow::version)
			.map(Object::toString)
			.containsExactly("(true, true, true, false, true, 0L)", "(false, true, false, true, true, 1L)",
					"(false, false, false, false, false, 1L)", "(false, false, true, false, true, 1L)",
					"(false, true, true, false, true, 1L)");
		assertThat(disabled.enable().validity().state(NOW)).isEqualTo(ApiKeyState.ACTIVE);
		assertThat(revoked.isRevoked()).isTrue();
		assertThat(revoked.with("version", Long.MAX_VALUE).with("revokedAt", null).revoke(NOW).version()).isZero();
	}

	@Test
	void endedBeforeThenAtEarlierTimesOnly() {
		ApiKeyRow revoked = this.row.revoke(NOW);
		assertThat(revoked.endedBefore(NOW)).isFalse();
		assertThat(revoked.endedBefore(NOW.plusNanos(1))).isTrue();
		assertThat(revoked.revokedBefore(NOW)).isFalse();
		assertThat(revoked.revokedBefore(NOW.plusNanos(1))).isTrue();
		assertThat(this.row.endedBefore(NOW.plusSeconds(60))).isFalse();
		assertThat(this.row.endedBefore(NOW.plusSeconds(61))).isTrue();
		assertThat(this.row.revokedBefore(NOW.plus(Duration.ofDays(1)))).isFalse();
		assertThat(this.row.hasEnded(NOW.plusSeconds(59))).isFalse();
		assertThat(this.row.hasEnded(NOW.plusSeconds(60))).isTrue();
		assertThat(revoked.hasEnded(NOW)).isTrue();
	}

	@Test
	void quotaThenCountedWithoutANewVersion() {
		assertThat(this.row.refundQuota()).isNull();
		ApiKeyRow used = this.row.consumeQuota();
		assertThat(used.toApiKey().getQuotaUsed()).isOne();
		assertThat(used.version()).isZero();
		assertThat(used.consumeQuota()).isNull();
		assertThat(used.refundQuota()).isEqualTo(this.row);
		assertThat(used.with("quota", null).consumeQuota().toApiKey().getQuotaUsed()).isEqualTo(2);
	}

	@Test
	void columnsThenNobodyChangesThem() {
		List<Runnable> changes = new ArrayList<>();
		changes.add(() -> this.row.columns().put("name", "x"));
		changes.add(() -> this.row.scopes().add("x"));
		changes.add(() -> this.row.metadata().put("x", "y"));
		assertThat(changes).allSatisfy(
				(change) -> assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(change::run));
		assertThat(this.row.columns().keySet()).containsExactlyElementsOf(ApiKeyRow.columnTypes().keySet());
		assertThat(this.row.columns().toString()).contains("[PROTECTED]").doesNotContain("{sha256}");
	}

	@DiscriminatorValue("partner")
	private static final class PartnerKey extends ApiKey {

	}

}
