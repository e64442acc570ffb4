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

package io.github.apikeys.guide;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyImport;
import io.github.apikeys.core.ApiKeyOwners;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.ApiKeyUsage;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.token.OpaqueTokenFormat;

import org.springframework.context.event.EventListener;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.ScrollPosition;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Window;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

@Component
class KeyClerk {

	private static final String HASHED_KEY = "pbkdf2_sha256$1000$saltSALT123$egXRFJExA+wcZUlaLQm4t2o3SBUqQ/NQQ16/AK8XQC4=";

	private static final String SHA256 = "15e983e0a66e7d477423b954c544f4b0f65588f2713bb596446e1ee7f38efaed";

	private final ApiKeyService apiKeys;

	private final ApiKeyTokenVerifier verifier;

	private final ApiKeyReports reports;

	private final List<String> log = new CopyOnWriteArrayList<>();

	KeyClerk(ApiKeyService apiKeys, ApiKeyTokenVerifier verifier, ApiKeyReports reports) {
		this.apiKeys = apiKeys;
		this.verifier = verifier;
		this.reports = reports;
	}

	List<String> log() {
		return this.log;
	}

	String lifeOfAKey() {
		CreatedApiKey created = this.apiKeys.create(NewApiKey.named("billing-service")
			.owner("org-42")
			.scopes("orders:read", "orders:write")
			.expiresIn(Duration.ofDays(90)));
		String token = created.token();
		UUID id = created.apiKey().getId();
		this.apiKeys.update(id, (change) -> change.name("billing-service, Berlin").scopes("orders:read"));
		this.apiKeys.update(id, (change) -> change.expiresAt(Instant.now().plus(Duration.ofDays(30))));
		this.apiKeys.disable(id);
		this.apiKeys.enable(id);
		this.apiKeys.revoke(id, "Found in a repository");
		return token;
	}

	String replace(UUID id) {
		CreatedApiKey successor = this.apiKeys.rotate(id, Duration.ofDays(7));
		return successor.token();
	}

	CreatedApiKey fromTheOfficeOnly() {
		CreatedApiKey created = this.apiKeys
			.create(NewApiKey.named("till").owner("org-42").allowedAddresses("203.0.113.0/24", "2001:db8::/32"));
		return created;
	}

	CreatedApiKey withoutAnExpiry() {
		CreatedApiKey created = this.apiKeys.create(NewApiKey.named("archive").owner("org-42").neverExpires());
		return created;
	}

	CreatedApiKey limited() {
		CreatedApiKey created = this.apiKeys
			.create(NewApiKey.named("trial").owner("org-42").rateLimits("2/1s, 3/1d").quota(1000));
		return created;
	}

	void grantMore(UUID id) {
		this.apiKeys.update(id, (change) -> change.rateLimits("unlimited").quota(2000L));
	}

	void importAll(OpaqueTokenFormat formerTokens) {
		this.apiKeys.importKey(ImportedApiKey.ofDjango("kQ3xYz9A", HASHED_KEY),
				NewApiKey.named("partner").scopes("orders:read"));
		this.apiKeys.importKey(ImportedApiKey.ofToken("sk_4eC39HqLyjWDarjtT1zdp7dc"), NewApiKey.named("former"));
		this.apiKeys.importKey(ImportedApiKey.ofToken("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
				NewApiKey.named("device"));
		this.apiKeys.importKey(ImportedApiKey.ofHash("former", formerTokens.idOf(SHA256), ImportedHash.sha256(SHA256)),
				NewApiKey.named("former, of which only the hash is known"));
	}

	ApiKeyImport importAgain(ImportedApiKey imported) {
		ApiKeyImport outcome = this.apiKeys.importIfAbsent(imported, NewApiKey.named("partner").scopes("orders:read"));
		if (!outcome.isCreated() && !outcome.getDifferences().isEmpty()) {
			this.log.add(outcome.getApiKey().getKeyId() + " differs in " + outcome.getDifferences());
		}
		return outcome;
	}

	ImportedApiKey ended() {
		ImportedApiKey ended = ImportedApiKey.ofDjango("pW7nRt2C", HASHED_KEY)
			.withCreation(Instant.parse("2024-05-02T08:00:00Z"))
			.withRevocation(Instant.parse("2025-11-30T17:00:00Z"), "Contract ended");
		return ended;
	}

	int remove(UUID id, String owner) {
		ApiKey deleted = this.apiKeys.delete(id);
		int purged = this.apiKeys.purge(owner, Duration.ZERO);
		return (deleted.getRevokedAt() != null) ? purged : -1;
	}

	void block(String owner) {
		this.apiKeys.invalidateOwner(owner);
	}

	int leave(String owner) {
		int revoked = this.apiKeys.revokeAll(owner, "Contract ended");
		return revoked;
	}

	CreatedApiKey forAUser() {
		CreatedApiKey created = this.apiKeys
			.create(NewApiKey.named("welcome").userOwner(ApiKeyOwners.ofUser("alice")).scopes("reports:read"));
		return created;
	}

	@EventListener
	void on(UserDeletedEvent event) {
		this.apiKeys.revokeAll(ApiKeyOwners.ofUser(event.name()), "User deleted");
	}

	Optional<ApiKey> found(String token) {
		Optional<ApiKey> revoked = this.apiKeys.revokeToken(token, "Found in a public repository");
		return revoked;
	}

	@Scheduled(cron = "0 0 3 * * *")
	void purge() {
		this.apiKeys.purge(Duration.ofDays(365));
	}

	Window<ApiKey> unused() {
		Window<ApiKey> keys = this.reports.scroll(ApiKeyQuery.all().unusedFor(Duration.ofDays(90)),
				Sort.Order.asc("name"), ScrollPosition.keyset(), 50);
		return keys;
	}

	List<ApiKeyEvent> historyOf(UUID id) {
		List<ApiKeyEvent> history = this.reports.history(id);
		return history;
	}

	List<ApiKeyUsage> usageOf(UUID id) {
		LocalDate today = LocalDate.now(ZoneOffset.UTC);
		List<ApiKeyUsage> usage = this.reports.usage(id, today.minusDays(29), today);
		return usage;
	}

	Page<ApiKey> active() {
		Page<ApiKey> keys = this.apiKeys.list(ApiKeyQuery.all().owner("org-42").state(ApiKeyState.ACTIVE),
				PageRequest.of(0, 20, Sort.by("name")));
		return keys;
	}

	String nameOf(String token) {
		return this.verifier.verify(token).map(ApiKeyPrincipal::displayName).orElse("nobody");
	}

	@EventListener
	void on(ApiKeyEvent event) {
		this.log.add(event.getKeyId() + " " + event.getChange());
	}

}
