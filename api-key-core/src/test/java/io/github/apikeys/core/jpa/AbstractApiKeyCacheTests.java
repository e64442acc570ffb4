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

package io.github.apikeys.core.jpa;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.HmacSha256ApiKeyHasher;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.verification.RecentChange;
import io.github.apikeys.core.verification.RecentChanges;
import jakarta.persistence.EntityManager;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Two nodes on one database, each of which remembers keys.
 */
abstract class AbstractApiKeyCacheTests extends AbstractDatabaseTests {

	private static final int CONNECTIONS = 4;

	private static final Duration STALENESS = Duration.ofSeconds(2);

	private final List<JpaApiKeyService> services = new ArrayList<>();

	private final List<String> inactiveOwners = new CopyOnWriteArrayList<>();

	private JpaApiKeyService here;

	private JpaApiKeyService there;

	@BeforeEach
	void startNodes() {
		this.here = node(new ApiKeyHashers("sha256", Set.of(new Sha256ApiKeyHasher())));
		this.there = node(new ApiKeyHashers("sha256", Set.of(new Sha256ApiKeyHasher())));
	}

	@AfterEach
	void stopNodes() {
		this.services.forEach(JpaApiKeyService::close);
		this.services.clear();
	}

	final CreatedApiKey create(String owner) {
		return this.here.create(NewApiKey.named("key").owner(owner));
	}

	@Test
	void verifyThenOneSelectAndThenNone() {
		// the first poll evicts what was cached before
		this.here.setCache(1000, Duration.ofSeconds(15));
		String token = this.here.create(NewApiKey.named("key").scopes("a:b", "c:d")).token();
		assertThat(unit().statementsOf(() -> this.here.verify(token)).stream().filter((sql) -> !isPoll(sql)))
			.hasSize(1);
		assertThat(unit().statementsOf(() -> {
			for (int i = 0; i < 100; i++) {
				assertThat(this.here.verify(token)).isPresent();
			}
		}).stream().filter((sql) -> !isPoll(sql))).isEmpty();
	}

	@Test
	void verifyWhenMetadataIsListedThenThePrincipalHasItAndNoOther() {
		CreatedApiKey created = this.here
			.create(NewApiKey.named("key").scopes("a:b", "c:d").metadata("plan", "gold").metadata("contact", "Ann"));
		assertThat(this.here.verify(created.token()).orElseThrow().metadata()).isEmpty();
		this.there.setPrincipalMetadata(List.of("plan", "region", "CONTACT"));
		ApiKeyPrincipal principal = this.there.verify(created.token()).orElseThrow();
		assertThat(principal.metadata()).containsExactly(Map.entry("plan", "gold"));
		assertThat(principal.scopes()).containsExactly("a:b", "c:d");
		this.there.update(created.apiKey().getId(), (change) -> change.metadata(Map.of("plan", "silver")));
		assertThat(this.there.verify(created.token()).orElseThrow().metadata())
			.containsExactly(Map.entry("plan", "silver"));
	}

	@Test
	void verifyWhenListedMetadataChangesElsewhereThenHonouredInTime() {
		CreatedApiKey created = this.here.create(NewApiKey.named("key").metadata("plan", "gold"));
		this.there.setPrincipalMetadata(List.of("plan"));
		assertThat(this.there.verify(created.token()).orElseThrow().metadata()).containsValue("gold");
		this.here.update(created.apiKey().getId(), (change) -> change.metadata(Map.of()));
		sleep(STALENESS);
		assertThat(this.there.verify(created.token()).orElseThrow().metadata()).isEmpty();
	}

	@Test
	void principalMetadataWhenTooManyOrNoNamesThenRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.here.setPrincipalMetadata(IntStream.range(0, 11).mapToObj(String::valueOf).toList()))
			.withMessageContaining("at most 10");
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.setPrincipalMetadata(List.of(" ")));
		assertThatIllegalArgumentException().isThrownBy(() -> this.here.setPrincipalMetadata(List.of("x".repeat(101))));
	}

	/**
	 * Keys stay trusted because the node goes on asking what changed, and for nothing
	 * else.
	 */
	@Test
	void verifyWhenNothingChangesThenOnlyTheQuestionForChanges() {
		this.here.setCache(1000, Duration.ofSeconds(15));
		String token = this.here.create(NewApiKey.named("key")).token();
		this.here.verify(token);
		// the first one forgets everything, whatever has changed
		poll(this.here);
		this.here.verify(token);
		List<String> statements = unit().statementsOf(() -> {
			for (int i = 0; i < 5; i++) {
				poll(this.here);
				assertThat(this.here.verify(token)).isPresent();
			}
		});
		// the timer of a busy machine may have come between
		assertThat(statements).allMatch(AbstractApiKeyCacheTests::isPoll).hasSizeBetween(5, 7);
	}

	@Test
	void verifyWhenTheSecretIsWrongThenRefusedThoughTheKeyIsRemembered() {
		String token = this.here.create(NewApiKey.named("key")).token();
		String other = this.here.create(NewApiKey.named("key")).token();
		assertThat(this.here.verify(token)).isPresent();
		String forged = new ApiKeyTokenFormat("acme", List.of())
			.generate(new FixedGenerator(token.substring(5, 17), other.substring(18, 50)))
			.value();
		assertThat(this.here.verify(forged)).isEmpty();
	}

	@Test
	void verifyWhenChangedHereThenHonouredAtOnce() {
		CreatedApiKey created = this.here.create(NewApiKey.named("key").scopes("a:b"));
		String token = created.token();
		UUID id = created.apiKey().getId();
		assertThat(this.here.verify(token)).isPresent();
		this.here.update(id, (change) -> change.scopes("c:d"));
		assertThat(this.here.verify(token).orElseThrow().scopes()).containsExactly("c:d");
		this.here.disable(id);
		assertThat(this.here.verify(token)).isEmpty();
		this.here.enable(id);
		assertThat(this.here.verify(token)).isPresent();
		this.here.revoke(id);
		assertThat(this.here.verify(token)).isEmpty();
	}

	@Test
	void verifyWhenTheChangeIsRolledBackThenTheKeyGoesOn() {
		CreatedApiKey created = this.here.create(NewApiKey.named("key"));
		assertThat(this.here.verify(created.token())).isPresent();
		transaction().executeWithoutResult((status) -> {
			this.here.revoke(created.apiKey().getId());
			assertThat(this.here.verify(created.token())).isPresent();
			status.setRollbackOnly();
		});
		assertThat(this.here.verify(created.token())).isPresent();
	}

	/**
	 * Whoever forgets the key before the commit reads it again as it was.
	 */
	@Test
	void verifyWhenUsedBetweenAChangeAndItsCommitThenHonouredAtOnceAfterIt() {
		CreatedApiKey created = this.here.create(NewApiKey.named("key"));
		assertThat(this.here.verify(created.token())).isPresent();
		transaction().executeWithoutResult((status) -> {
			this.here.revoke(created.apiKey().getId());
			assertThat(this.here.verify(created.token())).isPresent();
		});
		assertThat(this.here.verify(created.token())).isEmpty();
	}

	@Test
	void verifyWhenARememberedKeyBeginsOrEndsThenAtThatMoment() {
		Instant now = Instant.now();
		String ending = this.here.create(NewApiKey.named("key").expiresAt(now.plusSeconds(60))).token();
		String beginning = this.here.create(NewApiKey.named("key").notBefore(now.plusSeconds(60))).token();
		assertThat(this.here.verify(ending)).isPresent();
		assertThat(this.here.verify(beginning)).isEmpty();
		this.here.setClock(Clock.fixed(now.plusSeconds(60), ZoneOffset.UTC));
		assertThat(this.here.verify(ending)).isEmpty();
		assertThat(this.here.verify(beginning)).isPresent();
	}

	/**
	 * The best of some, by the time that the processor spent on it: the machine may be
	 * busy with something else.
	 */
	@Test
	void verifyWhenRememberedThenItTakesLessThanFiftyMicroseconds() {
		ThreadMXBean threads = ManagementFactory.getThreadMXBean();
		String token = this.here.create(NewApiKey.named("key")).token();
		long best = Long.MAX_VALUE;
		for (int attempt = 0; attempt < 20; attempt++) {
			long start = threads.getCurrentThreadCpuTime();
			for (int i = 0; i < 500; i++) {
				this.here.verify(token);
			}
			best = Math.min(best, (threads.getCurrentThreadCpuTime() - start) / 500);
		}
		assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofNanos(50_000));
	}

	@Test
	void verifyWhenChangedThereThenHonouredWithinTheStaleness() {
		awaitFirstPoll();
		honoured(this.there::revoke);
		honoured(this.there::disable);
		honoured((id) -> this.there.rotate(id, Duration.ZERO));
		honoured((id) -> this.there.revokeAll(this.there.find(id).orElseThrow().getOwner(), null));
		honoured((id) -> this.there.update(id, (change) -> change.allowedAddresses(List.of("203.0.113.7"))));
	}

	@Test
	void verifyWhenAFactAboutTheOwnerChangedThereThenHonouredWithinTheStaleness() {
		awaitFirstPoll();
		honoured((id) -> {
			String owner = this.there.find(id).orElseThrow().getOwner();
			this.inactiveOwners.add(owner);
			this.there.invalidateOwner(owner);
		});
	}

	@Test
	void verifyWhenAFactAboutTheOwnerChangedHereThenHonouredAtOnce() {
		String owner = "owner-" + UUID.randomUUID();
		String token = this.here.create(NewApiKey.named("key").owner(owner)).token();
		assertThat(this.here.verify(token)).isPresent();
		this.inactiveOwners.add(owner);
		assertThat(this.here.verify(token)).as("remembered").isPresent();
		this.here.invalidateOwner(owner);
		assertThat(this.here.verify(token)).isEmpty();
		this.inactiveOwners.clear();
		this.here.invalidateOwner(owner);
		assertThat(this.here.verify(token)).isPresent();
	}

	/**
	 * The transaction that changed the key ends long after the statement did.
	 */
	@Test
	void verifyWhenTheChangeIsCommittedLateThenHonouredWithinTheStalenessOfTheCommit() {
		UUID[] changed = new UUID[1];
		honoured((id) -> transaction().executeWithoutResult((status) -> {
			changed[0] = id;
			this.there.revoke(id);
			sleep(Duration.ofMillis(1500));
		}));
		ApiKeyStore store = new ApiKeyStore(unit().entityManagerFactory());
		ApiKey revoked = this.here.find(changed[0]).orElseThrow();
		RecentChange change = transaction().execute((status) -> store.findChanged(LOOK_BACK, null))
			.changes()
			.stream()
			.filter((recent) -> recent.subject().equals(revoked.getKeyId()))
			.findFirst()
			.orElseThrow();
		assertThat(change.at()).isAfter(revoked.getRevokedAt().plusSeconds(1));
	}

	@Test
	void verifyWhenTheHashWasReplacedThenTheNewOneIsUsed() {
		HmacSha256ApiKeyHasher pepper = new HmacSha256ApiKeyHasher("p", new byte[32]);
		JpaApiKeyService peppered = node(
				new ApiKeyHashers(pepper.getScheme(), Set.of(pepper, new Sha256ApiKeyHasher())));
		CreatedApiKey created = this.here.create(NewApiKey.named("key"));
		assertThat(peppered.verify(created.token())).isPresent();
		Awaitility.await()
			.until(() -> unit().jdbc()
				.queryForObject("select hash from api_key where key_id = ?", String.class, created.apiKey().getKeyId())
				.startsWith("{hmac-sha256:p}"));
		assertThat(peppered.verify(created.token())).isPresent();
	}

	/**
	 * The answer of a policy is remembered for everybody.
	 */
	@Test
	void verifyWhenAPolicyIsAskedInATransactionThenItSeesWhatIsCommittedAndNotWhatTheCallerRead() {
		EntityManager entityManager = SharedEntityManagerCreator
			.createSharedEntityManager(unit().entityManagerFactory());
		List<Boolean> contexts = new CopyOnWriteArrayList<>();
		this.here.setPolicies(List.of((key) -> {
			contexts.add(TransactionSynchronizationManager.isActualTransactionActive()
					|| TransactionSynchronizationManager.hasResource(unit().entityManagerFactory()));
			return entityManager.find(ApiKey.class, key.id()).getName().equals("permitted");
		}));
		for (int isolation : new int[] { TransactionDefinition.ISOLATION_READ_COMMITTED,
				TransactionDefinition.ISOLATION_REPEATABLE_READ }) {
			CreatedApiKey created = this.here.create(NewApiKey.named("permitted"));
			UUID id = created.apiKey().getId();
			TransactionTemplate transaction = new TransactionTemplate(unit().transactionManager());
			transaction.setIsolationLevel(isolation);
			transaction.executeWithoutResult((status) -> {
				entityManager.find(ApiKey.class, id);
				onAnotherThread(() -> this.there.update(id, (change) -> change.name("forbidden")));
				assertThat(this.here.verify(created.token())).isEmpty();
				assertThat(entityManager.find(ApiKey.class, id).getName()).isEqualTo("permitted");
			});
			assertThat(this.here.verify(created.token())).isEmpty();
		}
		assertThat(contexts).isNotEmpty().containsOnly(false);
	}

	/**
	 * As in a view: a persistence context is open, and no transaction.
	 */
	@Test
	void verifyWhenAPersistenceContextIsOpenThenAPolicyDoesNotReadFromIt() {
		EntityManager entityManager = SharedEntityManagerCreator
			.createSharedEntityManager(unit().entityManagerFactory());
		this.here.setPolicies(List.of((key) -> entityManager.find(ApiKey.class, key.id()).getName().equals("key")));
		CreatedApiKey created = this.here.create(NewApiKey.named("key"));
		UUID id = created.apiKey().getId();
		EntityManager view = unit().entityManagerFactory().createEntityManager();
		TransactionSynchronizationManager.bindResource(unit().entityManagerFactory(), new EntityManagerHolder(view));
		try {
			view.find(ApiKey.class, id);
			onAnotherThread(() -> this.there.update(id, (change) -> change.name("other")));
			assertThat(this.here.verify(created.token())).isEmpty();
			assertThat(TransactionSynchronizationManager.hasResource(unit().entityManagerFactory())).isTrue();
		}
		finally {
			TransactionSynchronizationManager.unbindResource(unit().entityManagerFactory());
			view.close();
		}
	}

	/**
	 * Each of those who verify holds a connection of a pool that has no others.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "a key", "a policy that reads", "a quota" })
	void verifyWhenAllConnectionsAreHeldByThoseWhoVerifyThenNobodyWaitsForLong(String what) throws Exception {
		List<CreatedApiKey> keys = new ArrayList<>();
		for (int i = 0; i < CONNECTIONS; i++) {
			keys.add(this.here.create(NewApiKey.named("key").quota(10)));
		}
		try (PersistenceUnit pooled = pooled(); JpaApiKeyService service = service(pooled)) {
			service.setCache(1000, STALENESS);
			CyclicBarrier all = new CyclicBarrier(CONNECTIONS);
			TransactionTemplate transaction = new TransactionTemplate(pooled.transactionManager());
			ExecutorService listeners = Executors.newFixedThreadPool(CONNECTIONS);
			EntityManager entityManager = SharedEntityManagerCreator
				.createSharedEntityManager(pooled.entityManagerFactory());
			if (what.equals("a policy that reads")) {
				service.setPolicies(
						List.of((key) -> !entityManager.createNativeQuery("select 1").getResultList().isEmpty()));
			}
			List<Future<Boolean>> results = new ArrayList<>();
			for (CreatedApiKey key : keys) {
				results.add(listeners.submit(() -> transaction.execute((status) -> {
					entityManager.createNativeQuery("select 1").getResultList();
					await(all);
					return what.equals("a quota") ? service.consumeQuota(key.apiKey().getId())
							: service.verify(key.token()).isPresent();
				})));
			}
			int accepted = 0;
			for (Future<Boolean> result : results) {
				try {
					assertThat(result.get(2, TimeUnit.MINUTES)).isTrue();
					accepted++;
				}
				catch (ExecutionException ex) {
					assertThat(ex).hasCauseInstanceOf(ApiKeyStoreException.class);
				}
			}
			listeners.shutdown();
			// elsewhere each needs a second connection, and gets one once another has
			// given up
			boolean none = what.equals("a key") && Set.of("PostgreSQL", "H2").contains(product());
			int atLeast = none ? CONNECTIONS : 1;
			assertThat(accepted).isBetween(atLeast, CONNECTIONS);
			assertThat(service.verify(keys.get(0).token())).isPresent();
		}
	}

	@Test
	void verifyOnTheCallersConnectionThenWhatIsCommittedCountsAndNothingIsRemembered() {
		CreatedApiKey created = this.here.create(NewApiKey.named("key"));
		TransactionTemplate transaction = new TransactionTemplate(unit().transactionManager());
		transaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		transaction.executeWithoutResult((status) -> {
			assertThat(this.here.verify(created.token())).isPresent();
			onAnotherThread(() -> this.there.revoke(created.apiKey().getId()));
			assertThat(this.here.verify(created.token())).isEmpty();
		});
		transaction.executeWithoutResult((status) -> {
			String uncommitted = this.here.create(NewApiKey.named("uncommitted")).token();
			assertThat(this.here.verify(uncommitted)).isEmpty();
			status.setRollbackOnly();
		});
	}

	/**
	 * The statement of the documentation.
	 */
	@Test
	void verifyWhenRevokedBySqlAsDocumentedThenHonouredWithinTheStaleness() {
		awaitFirstPoll();
		honoured((id) -> unit().jdbc()
			.update("update api_key set revoked_at = " + sqlNow() + ", changed_at = " + sqlNow()
					+ ", version = version + 1 where key_id = ? and revoked_at is null",
					this.there.find(id).orElseThrow().getKeyId()));
	}

	/**
	 * The time of a statement that waits is the time before, so others would not find the
	 * change. Nobody waits for long on H2.
	 */
	@Test
	void revokeBySqlAsDocumentedWhenTheRowIsLockedThenTheTimeIsThatAfterTheWait() throws Exception {
		assumeThat(product()).isNotEqualTo("H2");
		UUID id = this.here.create(NewApiKey.named("key")).apiKey().getId();
		String keyId = this.here.find(id).orElseThrow().getKeyId();
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			AtomicReference<Instant> released = new AtomicReference<>();
			Future<?> revoking = transaction().execute((status) -> {
				lock(keyId);
				Future<?> waiting = executor.submit(() -> transaction().executeWithoutResult((own) -> {
					lock(keyId);
					unit().jdbc()
						.update("update api_key set revoked_at = " + sqlNow() + ", changed_at = " + sqlNow()
								+ ", version = version + 1 where key_id = ? and revoked_at is null", keyId);
				}));
				sleep(Duration.ofSeconds(1));
				assertThat(waiting).isNotDone();
				released
					.set(new ApiKeyStore(unit().entityManagerFactory()).findChanged(LOOK_BACK, null).databaseTime());
				return waiting;
			});
			revoking.get(2, TimeUnit.MINUTES);
			assertThat(this.here.find(id).orElseThrow().getRevokedAt()).isAfterOrEqualTo(released.get());
		}
		finally {
			executor.shutdownNow();
		}
	}

	private void lock(String keyId) {
		unit().jdbc().queryForList("select id from api_key where key_id = ? for update", keyId);
	}

	private String sqlNow() {
		return switch (product()) {
			case "PostgreSQL" -> "clock_timestamp()";
			case "H2" -> "current_timestamp";
			default -> "utc_timestamp(6)";
		};
	}

	private String product() {
		return unit().jdbc().execute((ConnectionCallback<String>) (c) -> c.getMetaData().getDatabaseProductName());
	}

	/**
	 * The clock stepped forward by more than the window since, as after a failover.
	 */
	@Test
	void findChangedWhenTheClockWasSetForwardThenFromTheTimeOfTheLastAnswer() {
		ApiKeyStore store = new ApiKeyStore(unit().entityManagerFactory());
		CreatedApiKey created = this.here.create(NewApiKey.named("key"));
		Instant last = changed(store, null).databaseTime().minusSeconds(400);
		unit().jdbc()
			.update("update api_key set changed_at = ?, version = 1 where key_id = ?", timestamp(last.minusSeconds(10)),
					created.apiKey().getKeyId());
		assertThat(changed(store, null).changes()).extracting(RecentChange::subject)
			.doesNotContain(created.apiKey().getKeyId());
		assertThat(changed(store, last).changes()).extracting(RecentChange::subject)
			.contains(created.apiKey().getKeyId());
		assertThat(changed(store, last.plusSeconds(4000)).databaseTime()).isBetween(last.plusSeconds(390),
				last.plusSeconds(460));
	}

	final Object timestamp(Instant time) {
		OffsetDateTime utc = OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
		return Set.of("PostgreSQL", "H2").contains(product()) ? utc : utc.toLocalDateTime();
	}

	final RecentChanges changed(ApiKeyStore store, Instant last) {
		return transaction().execute((status) -> store.findChanged(LOOK_BACK, last));
	}

	private static void onAnotherThread(Runnable action) {
		Thread thread = new Thread(action);
		thread.start();
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await(2, TimeUnit.MINUTES);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private PersistenceUnit pooled() {
		HikariConfig configuration = new HikariConfig();
		configuration.setDataSource(unit().dataSource());
		configuration.setMaximumPoolSize(CONNECTIONS);
		// longer than the test
		configuration.setConnectionTimeout(Duration.ofMinutes(10).toMillis());
		return new PersistenceUnit(new HikariDataSource(configuration), Map.of(), "io.github.apikeys.core");
	}

	/**
	 * The first one forgets everything, whatever has changed.
	 */
	private void awaitFirstPoll() {
		this.here.verify(this.here.create(NewApiKey.named("key")).token());
		sleep(STALENESS);
	}

	/**
	 * A key that this node remembers and uses all the time is refused at the latest when
	 * the staleness since the change is over.
	 */
	private void honoured(Consumer<UUID> change) {
		CreatedApiKey created = this.here.create(NewApiKey.named("key").owner("owner-" + UUID.randomUUID()));
		for (int i = 0; i < 10; i++) {
			assertThat(this.here.verify(created.token())).isPresent();
			sleep(Duration.ofMillis(20));
		}
		change.accept(created.apiKey().getId());
		long deadline = System.nanoTime() + STALENESS.toNanos();
		boolean refused = false;
		while (!refused && System.nanoTime() - deadline < 0) {
			refused = this.here.verify(created.token()).isEmpty();
			sleep(Duration.ofMillis(5));
		}
		assertThat(this.here.verify(created.token())).isEmpty();
	}

	private static void poll(JpaApiKeyService node) {
		Object parts = ReflectionTestUtils.getField(node, "parts");
		Object verifier = ReflectionTestUtils.getField(parts, "verifier");
		ReflectionTestUtils.invokeMethod(ReflectionTestUtils.getField(verifier, "cache"), "poll");
	}

	private static boolean isPoll(String sql) {
		return sql.contains("api_key_owner") || !sql.contains("api_key");
	}

	private static void sleep(Duration time) {
		try {
			Thread.sleep(time.toMillis());
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private JpaApiKeyService service(PersistenceUnit unit) {
		return service(unit, new ApiKeyHashers("sha256", Set.of(new Sha256ApiKeyHasher())));
	}

	private static JpaApiKeyService service(PersistenceUnit unit, ApiKeyHashers hashers) {
		JpaApiKeyService service = unit.service(new ApiKeyTokenFormats(new ApiKeyTokenFormat("acme", List.of())),
				hashers);
		service.setTenantsShareKeys(true);
		return service;
	}

	private JpaApiKeyService node(ApiKeyHashers hashers) {
		JpaApiKeyService service = service(unit(), hashers);
		service.setCache(1000, STALENESS);
		service.setPolicies(List.of((key) -> key.owner() == null || !this.inactiveOwners.contains(key.owner())));
		this.services.add(service);
		return service;
	}

}
