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

package io.github.apikeys.test.contract;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyUpdate;
import io.github.apikeys.core.DefaultApiKeyService;
import io.github.apikeys.core.Ended;
import io.github.apikeys.core.LockedKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.verification.RecentChange;
import io.github.apikeys.core.verification.RecentChanges;
import io.github.apikeys.core.verification.StoredApiKey;
import io.github.apikeys.core.verification.VerificationSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What an {@link ApiKeyRepository} and its {@link VerificationSource} must do. Extend it
 * to test a store of your own. The tests of a class may share one store: each has an
 * owner of its own.
 *
 * @since 0.1.0
 */
public abstract class ApiKeyRepositoryContract {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00.123456Z");

	private final String owner = "owner-" + UUID.randomUUID();

	private ApiKeyRepository repository;

	private VerificationSource source;

	private DefaultApiKeyService service;

	/**
	 * Returns the store to test.
	 * @return the store
	 */
	protected abstract ApiKeyRepository repository();

	/**
	 * Returns where verification finds the keys of the store.
	 * @return the source
	 */
	protected abstract VerificationSource verificationSource();

	/**
	 * Lets it be long ago that keys changed, by the clock that stamps changes, for a
	 * store that keeps rows until all nodes have been told.
	 */
	protected void letOthersBeTold() {
	}

	@BeforeEach
	void createService() {
		this.repository = repository();
		this.source = verificationSource();
		this.service = new DefaultApiKeyService(this.repository,
				new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of())),
				new ApiKeyHashers(Sha256ApiKeyHasher.SCHEME, List.of(new Sha256ApiKeyHasher())), (token) -> null);
		this.service.setClock(Clock.fixed(NOW, ZoneOffset.UTC));
	}

	@Test
	void insertThenFoundByEachOfItsIds() {
		ApiKey key = create();
		assertThat(this.repository.find(ApiKey.class, key.getId())).isEqualTo(key);
		assertThat(this.repository.findByKeyId(ApiKey.class, key.getKeyId())).isEqualTo(key);
		this.repository.inTransaction(() -> {
			ApiKey found = Objects.requireNonNull(this.repository.find(key.getId()));
			assertThat(found.getName()).isEqualTo("key");
			assertThat(found.getScopes()).containsExactly("orders:read");
			assertThat(found.getMetadata()).containsEntry("plan", "gold");
			assertThat(found.getCreatedAt()).isEqualTo(NOW);
			assertThat(this.repository.findId(key.getKeyId())).isEqualTo(key.getId());
			assertThat(this.repository.existsKeyId(key.getKeyId())).isTrue();
			assertThat(this.repository.findOwner(key.getId())).isEqualTo(this.owner);
			assertThat(this.repository.hasHistory(key.getId())).isTrue();
			assertThat(this.repository.isDeleted(key.getId())).isFalse();
			return key;
		});
	}

	@Test
	void findWhenThereIsNoSuchKeyThenNothing() {
		UUID id = UUID.randomUUID();
		this.repository.inTransaction(() -> {
			assertThat(this.repository.find(id)).isNull();
			assertThat(this.repository.findByKeyId("unknown")).isNull();
			assertThat(this.repository.findId("unknown")).isNull();
			assertThat(this.repository.existsKeyId("unknown")).isFalse();
			assertThat(this.repository.findOwner(id)).isNull();
			assertThat(this.repository.hasHistory(id)).isFalse();
			return id;
		});
		this.repository.inChange(() -> {
			assertThat(this.repository.lock(id)).isNull();
			assertThat(this.repository.lockWithCollections(id)).isNull();
			assertThat(this.repository.revoke(id, NOW)).isFalse();
			assertThat(this.repository.copyOfType(id)).isNull();
			return id;
		});
		assertThat(this.source.find("unknown")).isNull();
	}

	/**
	 * Otherwise an old copy of a key whose row is gone would restore the key.
	 */
	@Test
	void insertWhenTheServiceIsNotCreatingTheKeyThenRefused() {
		ApiKey key = create();
		ApiKey read = this.service.find(key.getId()).orElseThrow();
		this.repository.inChange(() -> {
			this.repository.delete(List.of(key.getId()));
			return key;
		});
		for (ApiKey copy : List.of(key, read)) {
			assertThatThrownBy(() -> this.repository.inChange(() -> {
				this.repository.insert(copy);
				return copy;
			})).isInstanceOf(RuntimeException.class);
		}
		assertThat(this.service.find(key.getId())).isEmpty();
	}

	@Test
	void changeThenOnlyFromTheStatesThatPermitIt() {
		UUID id = create().getId();
		this.repository.inChange(() -> {
			assertThat(this.repository.enable(id)).isFalse();
			assertThat(this.repository.disable(id, NOW)).isTrue();
			assertThat(this.repository.disable(id, NOW)).isFalse();
			assertThat(this.repository.rotate(id, UUID.randomUUID(), NOW, NOW)).isFalse();
			assertThat(this.repository.enable(id)).isTrue();
			assertThat(this.repository.end(id, NOW)).isTrue();
			assertThat(this.repository.end(id, NOW)).isFalse();
			assertThat(this.repository.rotate(id, UUID.randomUUID(), NOW, NOW)).isFalse();
			assertThat(this.repository.revoke(id, NOW)).isTrue();
			assertThat(this.repository.revoke(id, NOW.plusSeconds(1))).isFalse();
			assertThat(this.repository.disable(id, NOW)).isFalse();
			assertThat(this.repository.end(id, NOW)).isFalse();
			return id;
		});
		ApiKey revoked = this.service.find(id).orElseThrow();
		assertThat(revoked.getRevokedAt()).isEqualTo(NOW);
		assertThat(revoked.getVersion()).isEqualTo(4);
	}

	@Test
	void changeWhenItFailsThenNothingOfItStays() {
		ApiKey key = create();
		List<UUID> created = new ArrayList<>();
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> this.repository.inChange(() -> {
			created.add(create().getId());
			this.repository.revoke(key.getId(), NOW);
			throw new UnsupportedOperationException();
		}));
		assertThat(this.service.find(key.getId()).orElseThrow().getRevokedAt()).isNull();
		assertThat(this.service.find(created.get(0))).isEmpty();
		assertThat(this.repository.<Boolean>inTransaction(() -> this.repository.hasHistory(created.get(0)))).isFalse();
		assertThat(this.repository.isInCallersTransaction()).isFalse();
	}

	@Test
	void lineThenWhatMayBeChangedAlong() {
		UUID first = create().getId();
		UUID second = this.service.rotate(first, Duration.ofDays(9)).apiKey().getId();
		UUID third = this.service.rotate(second, Duration.ofDays(9)).apiKey().getId();
		this.repository.inTransaction(() -> {
			assertThat(this.repository.findLine(third, NOW)).containsExactlyInAnyOrder(third, second);
			assertThat(this.repository.findLine(second, NOW)).containsExactlyInAnyOrder(second, third, first);
			return third;
		});
	}

	@Test
	void copyOfTypeThenANewEntity() {
		UUID id = create().getId();
		ApiKey copy = this.repository.inChange(() -> Objects.requireNonNull(this.repository.copyOfType(id)));
		assertThat(copy.getClass()).isEqualTo(ApiKey.class);
		assertThat((Object) copy.getId()).isNull();
	}

	@Test
	void keysOfAnOwnerThenOfNobodyElse() {
		ApiKey old = create();
		UUID successor = this.service.rotate(old.getId(), Duration.ofDays(1)).apiKey().getId();
		UUID revoked = create().getId();
		this.service.revoke(revoked);
		ApiKey other = this.service.create(NewApiKey.named("key").owner(this.owner + "2")).apiKey();
		this.repository.inChange(() -> {
			this.repository.lockOwner(this.owner);
			assertThat(this.repository.lockLive(this.owner, NOW, List.of())).hasSize(2)
				.containsEntry(old.getId(), successor)
				.containsEntry(successor, null);
			assertThat(this.repository.lockLive(this.owner, NOW.plus(Duration.ofDays(1)), List.of()))
				.containsOnlyKeys(successor);
			return old;
		});
		this.repository.inChange(() -> {
			List<LockedKey> keys = this.repository.lockUnrevoked(this.owner);
			assertThat(keys).extracting(LockedKey::id).containsExactlyInAnyOrder(old.getId(), successor);
			assertThat(keys).extracting(LockedKey::keyId).contains(old.getKeyId());
			this.repository.revokeAll(this.owner, List.of(old.getId(), successor), NOW);
			return keys;
		});
		assertThat(state(old.getId())).isEqualTo(ApiKeyState.REVOKED);
		assertThat(state(successor)).isEqualTo(ApiKeyState.REVOKED);
		assertThat(state(other.getId())).isEqualTo(ApiKeyState.ACTIVE);
	}

	@Test
	void endedThenFoundSomeAtATimeAndDeletedButForTheirHistory() {
		List<UUID> ids = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			ids.add(create().getId());
			this.service.revoke(ids.get(i));
		}
		UUID active = create().getId();
		letOthersBeTold();
		Ended ended = new Ended(NOW.plusSeconds(1), this.owner, false);
		this.repository.inChange(() -> {
			assertThat(this.repository.findEnded(new Ended(NOW, this.owner, false), null, 9)).isEmpty();
			assertThat(this.repository.findEnded(new Ended(NOW.plusSeconds(1), this.owner, true), null, 9)).isEmpty();
			List<UUID> some = this.repository.findEnded(ended, null, 2);
			assertThat(some).hasSize(2);
			List<UUID> others = this.repository.findEnded(ended, some.get(1), 2);
			assertThat(others).hasSize(1).doesNotContainAnyElementsOf(some);
			List<UUID> candidates = new ArrayList<>(some);
			candidates.addAll(others);
			candidates.add(active);
			assertThat(this.repository.lockEnded(ended, candidates)).extracting(LockedKey::id)
				.containsExactlyInAnyOrderElementsOf(ids);
			this.repository.delete(ids);
			return ids;
		});
		assertThat(this.service.find(active)).isPresent();
		assertThat(ids).allSatisfy((id) -> {
			assertThat(this.service.find(id)).isEmpty();
			assertThat(this.repository.<Boolean>inTransaction(() -> this.repository.hasHistory(id))).isTrue();
		});
	}

	@Test
	void deletedThenItsHistorySaysSo() {
		UUID id = create().getId();
		this.service.delete(id);
		assertThat(this.repository.<Boolean>inTransaction(() -> this.repository.isDeleted(id))).isTrue();
		assertThat(this.repository.<List<UUID>>inTransaction(
				() -> this.repository.findEnded(new Ended(NOW.plusSeconds(1), this.owner, true), null, 9)))
			.containsExactly(id);
	}

	@Test
	void verificationThenItSeesWhatIsCommitted() {
		ApiKey key = create();
		StoredApiKey stored = Objects.requireNonNull(this.source.find(key.getKeyId()));
		assertThat(stored.principal().id()).isEqualTo(key.getId());
		assertThat(stored.principal().owner()).isEqualTo(this.owner);
		assertThat(stored.principal().scopes()).containsExactly("orders:read");
		assertThat(stored.principal().lineId()).isEqualTo(key.getId());
		assertThat(stored.hash().value()).startsWith("{sha256}");
		assertThat(stored.version()).isZero();
		assertThat(stored.state(NOW)).isEqualTo(ApiKeyState.ACTIVE);
		this.service.revoke(key.getId());
		assertThat(Objects.requireNonNull(this.source.find(key.getKeyId()))).satisfies((revoked) -> {
			assertThat(revoked.state(NOW)).isEqualTo(ApiKeyState.REVOKED);
			assertThat(revoked.version()).isOne();
		});
		assertThat(this.source.find(key.getKeyId() + "x")).isNull();
	}

	@Test
	void changesThenPollsTellOfKeysAndOwners() {
		ApiKey key = create();
		this.service.disable(key.getId());
		this.service.invalidateOwner(this.owner);
		List<RecentChange> changes = this.source.findChanged(Duration.ofMinutes(1), null).changes();
		assertThat(changes).filteredOn((change) -> change.subject().equals(key.getKeyId()))
			.extracting(RecentChange::version)
			.last()
			.isEqualTo(Objects.requireNonNull(this.source.find(key.getKeyId())).version());
		assertThat(changes).anyMatch((change) -> change.subject().equals(this.owner)
				|| (change.subject().equals(key.getKeyId()) && !Long.valueOf(1).equals(change.version())));
	}

	@Test
	void replaceHashWhenItWasReplacedSinceThenItStays() {
		ApiKey key = create();
		TokenHash old = hash(key);
		TokenHash first = new TokenHash("{sha256}" + "1".repeat(64));
		this.source.replaceHash(key.getId(), old, first);
		this.source.replaceHash(key.getId(), old, new TokenHash("{sha256}" + "2".repeat(64)));
		assertThat(hash(key)).isEqualTo(first);
	}

	@Test
	void listThenTheOrderedPageOfWhatMatches() {
		create(NewApiKey.named("b").scopes("orders:write"));
		create(NewApiKey.named("c").expiresAt(NOW.plus(Duration.ofDays(1))));
		UUID revoked = create(NewApiKey.named("a")).getId();
		this.service.revoke(revoked);
		Sort sort = Sort.by(Sort.Order.desc("name"), Sort.Order.asc("id"));
		Page<ApiKey> first = page(all(), NOW, PageRequest.of(0, 2, sort));
		assertThat(first.getContent()).extracting(ApiKey::getName).containsExactly("c", "b");
		assertThat(first.getTotalElements()).isEqualTo(3);
		assertThat(page(all(), NOW, PageRequest.of(1, 2, sort)).getContent()).extracting(ApiKey::getName)
			.containsExactly("a");
		assertThat(page(ApiKeyQuery.all().owner(this.owner + "2"), NOW, PageRequest.of(0, 2, sort)).getContent())
			.isEmpty();
		assertThat(names(all())).containsExactly("a", "b", "c");
		assertThat(names(all().nameStartsWith("b"))).containsExactly("b");
	}

	@Test
	void listThenEachConditionCounts() {
		create(NewApiKey.named("b").scopes("orders:write"));
		create(NewApiKey.named("c").expiresAt(NOW.plus(Duration.ofDays(1))));
		UUID revoked = create(NewApiKey.named("a")).getId();
		this.service.revoke(revoked);
		assertThat(names(all().scope("orders:write"))).containsExactly("b");
		assertThat(names(all().state(ApiKeyState.REVOKED))).containsExactly("a");
		assertThat(names(all().states(List.of(ApiKeyState.ACTIVE)))).containsExactly("b", "c");
		assertThat(page(all().state(ApiKeyState.EXPIRED), NOW.plus(Duration.ofDays(2)), byName()).getContent())
			.extracting(ApiKey::getName)
			.containsExactly("c");
		assertThat(names(all().type("api_key"))).containsExactly("a", "b", "c");
		assertThat(names(all().type("other"))).isEmpty();
		assertThat(names(all().expiringWithin(Duration.ofDays(2)))).containsExactly("c");
		assertThat(names(all().createdBetween(NOW, NOW.plusSeconds(1)))).containsExactly("a", "b", "c");
		assertThat(names(all().createdBetween(NOW.plusSeconds(1), null))).isEmpty();
		assertThat(names(all().neverUsed())).contains("b", "c");
	}

	@Test
	void updateThenEachAttributeIsAnother() {
		ApiKey key = create();
		Instant end = NOW.plus(Duration.ofDays(1));
		assertThat(update(key.getId(),
				new ApiKeyUpdate().name("other")
					.description("text")
					.expiresAt(end)
					.allowedAddresses("192.0.2.0/24")
					.rateLimits("5/1m")
					.quota(7L)
					.scopes("orders:write")
					.metadata(Map.of("plan", "silver"))))
			.isTrue();
		ApiKey updated = this.service.find(key.getId()).orElseThrow();
		assertThat(updated.getName()).isEqualTo("other");
		assertThat(updated.getDescription()).isEqualTo("text");
		assertThat(updated.getExpiresAt()).isEqualTo(end);
		assertThat(updated.getQuota()).isEqualTo(7);
		assertThat(updated.getScopes()).containsExactly("orders:write");
		assertThat(updated.getMetadata()).isEqualTo(Map.of("plan", "silver"));
		assertThat(updated.getVersion()).isOne();
		StoredApiKey stored = Objects.requireNonNull(this.source.find(key.getKeyId()));
		assertThat(stored.principal().scopes()).containsExactly("orders:write");
		assertThat(stored.principal().hasQuota()).isTrue();
		assertThat(stored.principal().rateLimits()).hasToString("5/1m");
		assertThat(stored.allowedAddresses().permit("192.0.2.1")).isTrue();
		assertThat(stored.allowedAddresses().permit("198.51.100.1")).isFalse();
		assertThat(stored.state(end)).isEqualTo(ApiKeyState.EXPIRED);
	}

	@Test
	void updateWhenRevokedOrReplacedThenOnlyWhatIsPermitted() {
		UUID revoked = create().getId();
		this.service.revoke(revoked);
		assertThat(update(revoked, new ApiKeyUpdate().name("other"))).isFalse();
		assertThat(update(UUID.randomUUID(), new ApiKeyUpdate().name("other"))).isFalse();
		UUID replaced = create().getId();
		this.service.rotate(replaced, Duration.ofDays(2));
		assertThat(update(replaced, new ApiKeyUpdate().expiresAt(NOW.plus(Duration.ofDays(3))))).isFalse();
		assertThat(update(replaced, new ApiKeyUpdate().expiresAt(null))).isFalse();
		assertThat(update(replaced, new ApiKeyUpdate().expiresAt(NOW.plus(Duration.ofDays(1))))).isTrue();
		assertThat(this.service.find(replaced).orElseThrow().getExpiresAt()).isEqualTo(NOW.plus(Duration.ofDays(1)));
	}

	/**
	 * The first thing that the service does about an owner is to lock the owner.
	 */
	@Test
	void lockOwnerThenChangesOfTheOwnerWait() throws Exception {
		create();
		assertOthersWait(() -> {
			this.repository.lockOwner(this.owner);
			create();
		}, () -> {
			this.repository.lockOwner(this.owner);
			return this.repository.lockLive(this.owner, NOW, List.of()).size() == 2;
		});
	}

	@Test
	void lockThenOtherChangesOfTheKeysWait() throws Exception {
		UUID first = create().getId();
		UUID second = create().getId();
		assertOthersWait(() -> {
			this.repository.lock(List.of(first, second));
			this.repository.revoke(second, NOW);
		}, () -> !this.repository.revoke(second, NOW));
	}

	/**
	 * What the second one finds does not depend on when it begins: only a store that does
	 * not lock lets it end before the first.
	 */
	private void assertOthersWait(Runnable first, Supplier<Boolean> seenBySecond) throws Exception {
		ExecutorService thread = Executors.newSingleThreadExecutor();
		try {
			Future<Boolean> second = this.repository.inChange(() -> {
				first.run();
				Future<Boolean> waiting = thread.submit(() -> this.repository.inChange(seenBySecond));
				assertThatExceptionOfType(TimeoutException.class)
					.isThrownBy(() -> waiting.get(200, TimeUnit.MILLISECONDS));
				return waiting;
			});
			assertThat(second.get(2, TimeUnit.MINUTES)).isTrue();
		}
		finally {
			thread.shutdownNow();
		}
	}

	@Test
	void changeThenAPollThatBeganBeforeTellsOfIt() {
		ApiKey key = create();
		Instant before = this.source.findChanged(Duration.ofMinutes(1), null).databaseTime();
		this.service.disable(key.getId());
		RecentChanges after = this.source.findChanged(Duration.ofMinutes(1), before);
		assertThat(after.databaseTime()).isAfterOrEqualTo(before);
		assertThat(after.changes()).anySatisfy((change) -> {
			assertThat(change.subject()).isIn(key.getKeyId(), this.owner);
			assertThat(change.at()).isBetween(before, after.databaseTime());
		});
	}

	@Test
	void conflictThenOnlyWhatContradictsTheStore() {
		assertThat(this.repository.isConflict(new IllegalStateException("something else"))).isFalse();
		assertThat(this.repository.isInCallersTransaction()).isFalse();
		assertThat(this.repository.<Boolean>inChange(this.repository::isInCallersTransaction)).isTrue();
	}

	private boolean update(UUID id, ApiKeyUpdate changes) {
		return this.repository.<Boolean>inChange(() -> {
			this.repository.lock(id);
			boolean updated = this.repository.update(id, changes);
			if (updated) {
				this.repository.noteChange(id);
			}
			return updated;
		});
	}

	private ApiKeyQuery all() {
		return ApiKeyQuery.all().owner(this.owner);
	}

	private static Pageable byName() {
		return PageRequest.of(0, 10, Sort.by("name", "id"));
	}

	private List<String> names(ApiKeyQuery query) {
		return page(query, NOW, byName()).map(ApiKey::getName).getContent();
	}

	private Page<ApiKey> page(ApiKeyQuery query, Instant now, Pageable pageable) {
		return this.repository.inTransaction(() -> this.repository.findAll(ApiKey.class, query, now, pageable));
	}

	private ApiKey create(NewApiKey newApiKey) {
		return this.service.create(newApiKey.owner(this.owner)).apiKey();
	}

	private TokenHash hash(ApiKey key) {
		return Objects.requireNonNull(this.source.find(key.getKeyId())).hash();
	}

	private ApiKey create() {
		return this.service
			.create(NewApiKey.named("key").owner(this.owner).scopes("orders:read").metadata("plan", "gold"))
			.apiKey();
	}

	private ApiKeyState state(UUID id) {
		return this.service.find(id).orElseThrow().getState(NOW);
	}

}
