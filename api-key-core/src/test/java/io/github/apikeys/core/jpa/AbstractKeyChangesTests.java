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

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyVersionConflictException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.type.TenantApiKey;
import io.github.apikeys.core.verification.RecentChange;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.FlushModeType;
import org.awaitility.Awaitility;
import org.h2.api.Trigger;
import org.hibernate.BaseSessionEventListener;
import org.hibernate.Session;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.ScrollPosition;
import org.springframework.data.domain.Sort;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatRuntimeException;

/**
 * What a change of a key needs, when it is seen elsewhere, and what is no way to change
 * one, on every database.
 */
abstract class AbstractKeyChangesTests extends AbstractDatabaseTests {

	private final List<Object> events = Collections.synchronizedList(new ArrayList<>());

	private final List<JpaApiKeyService> services = new ArrayList<>();

	private final PlatformTransactionManager otherManager = new JdbcTransactionManager(
			new DriverManagerDataSource("jdbc:h2:mem:other"));

	private JpaApiKeyService service;

	private ApiKeyStore store;

	private EntityManager entityManager;

	private String owner;

	@BeforeEach
	void createService() {
		this.events.clear();
		this.service = service();
		this.store = new ApiKeyStore(unit().entityManagerFactory());
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(unit().entityManagerFactory());
		this.owner = "owner-" + UUID.randomUUID();
	}

	@AfterEach
	void closeServices() {
		this.services.forEach(JpaApiKeyService::close);
		this.services.clear();
	}

	/**
	 * Other nodes look back for a minute, so the time must be that of the commit.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "update", "disable", "enable", "revoke", "rotate" })
	void changeWhenItWaitedForARowThenItsTimeIsThatOfTheCommit(String change) throws Exception {
		UUID id = create().apiKey().getId();
		if (change.equals("enable")) {
			this.service.disable(id);
		}
		String keyId = this.service.find(id).orElseThrow().getKeyId();
		Instant released = whileLocked("select id from api_key where key_id = '" + keyId + "' for update",
				() -> change(change, id));
		assertThat(changedAt(id)).isAfterOrEqualTo(released);
	}

	@Test
	void revokeWhenItWaitedForAnUpdateThatIsRolledBackThenItsTimeIsThatOfTheCommit() throws Exception {
		UUID id = create().apiKey().getId();
		String keyId = this.service.find(id).orElseThrow().getKeyId();
		Instant released = whileLocked("update api_key set quota_used = 7 where key_id = '" + keyId + "'",
				() -> this.service.revoke(id));
		assertThat(changedAt(id)).isAfterOrEqualTo(released);
	}

	@ParameterizedTest
	@ValueSource(strings = { "revokeAll", "invalidateOwner" })
	void changeOfAnOwnerWhenItWaitedThenItsTimeIsThatOfTheCommit(String change) throws Exception {
		UUID id = create().apiKey().getId();
		Instant released = whileLocked("update api_key_owner set locks = 0 where owner = '" + this.owner + "'",
				() -> change(change, id));
		assertThat(invalidatedAt()).isAfterOrEqualTo(released);
	}

	@Test
	void revokeAllWhenItWaitedForARowThenItsTimeIsThatOfTheCommit() throws Exception {
		create();
		Instant released = whileLocked("select id from api_key where owner = '" + this.owner + "' for update",
				() -> this.service.revokeAll(this.owner, null));
		assertThat(invalidatedAt()).isAfterOrEqualTo(released);
	}

	@Test
	void changeWhenTheTransactionGoesOnThenItsTimeIsThatOfTheCommit() {
		UUID id = create().apiKey().getId();
		this.service.setMaxAgeOfChanges(Duration.ZERO);
		Instant end = transaction().execute((status) -> {
			this.service.revoke(id);
			this.service.invalidateOwner(this.owner);
			return now();
		});
		assertThat(changedAt(id)).isAfterOrEqualTo(end);
		assertThat(invalidatedAt()).isAfterOrEqualTo(end);
	}

	@ParameterizedTest
	@ValueSource(strings = { "row", "type", "value", "class" })
	void endWhenTheEntityCannotBeLoadedThenDoneAllTheSame(String broken) {
		CreatedApiKey first = createTenant();
		CreatedApiKey second = createTenant();
		CreatedApiKey plain = create();
		CreatedApiKey whole = createTenant();
		breakEntity(first, broken);
		breakEntity(second, broken);
		UUID id = first.apiKey().getId();
		assertThat(this.service.disable(id).getDisabledAt()).isNotNull();
		assertThat(this.service.enable(id).getDisabledAt()).isNull();
		assertThat(this.service.update(id, (update) -> update.name("renamed").scopes("c:d")).getScopes())
			.containsExactly("c:d");
		assertThat(this.service.revoke(id, "gone").getRevokedAt()).isNotNull();
		assertThat(this.service.revokeToken(first.token(), "found").orElseThrow().getName()).isEqualTo("renamed");
		assertThat(this.service.revokeAll(this.owner, "all")).isEqualTo(3);
		for (CreatedApiKey created : List.of(first, second, plain, whole)) {
			assertThat(this.service.verify(created.token())).isEmpty();
		}
		assertThat(changes(first)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.DISABLED, ApiKeyChange.ENABLED,
				ApiKeyChange.UPDATED, ApiKeyChange.REVOKED);
		age();
		assertThat(serviceAt(Duration.ofDays(2)).purge(Duration.ofDays(1))).isGreaterThanOrEqualTo(4);
		assertThat(count("select count(*) from api_key where owner = '" + this.owner + "'")).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "row", "type", "value", "class" })
	void readWhenTheEntityCannotBeLoadedThenWhatTheColumnsTell(String broken) {
		CreatedApiKey odd = createTenant();
		CreatedApiKey whole = createTenant();
		CreatedApiKey plain = create();
		breakEntity(odd, broken);
		ApiKeyQuery query = ApiKeyQuery.all().owner(this.owner);
		JpaApiKeyReports reports = new JpaApiKeyReports(unit().entityManagerFactory(), unit().transactionManager());
		transaction().executeWithoutResult((status) -> {
			assertThat(this.service.list(query, Pageable.unpaged()).getContent())
				.containsExactlyInAnyOrder(odd.apiKey(), whole.apiKey(), plain.apiKey())
				.satisfiesOnlyOnce((key) -> assertThat(key).isInstanceOf(TenantApiKey.class));
			assertThat(reports.scroll(query, Sort.Order.asc("createdAt"), ScrollPosition.keyset(), 10).getContent())
				.containsExactlyInAnyOrder(odd.apiKey(), whole.apiKey(), plain.apiKey());
			// the transaction of the caller goes on
			this.service.disable(plain.apiKey().getId());
		});
		assertThat(this.service.find(plain.apiKey().getId()).orElseThrow().getDisabledAt()).isNotNull();
		ApiKey found = this.service.findByKeyId(odd.apiKey().getKeyId()).orElseThrow();
		assertThat(found).isExactlyInstanceOf(ApiKey.class);
		assertThat(found.getKeyType()).isEqualTo(broken.equals("type") ? "unknown" : "tenant");
		assertThat(found.getScopes()).containsExactly("a:b");
		assertThat(found.getMetadata()).isEqualTo(Map.of("a", "b"));
		assertThat(this.service.find(odd.apiKey().getId())).contains(found);
		assertThat(this.service.findByKeyId(TenantApiKey.class, odd.apiKey().getKeyId())).isEmpty();
		transaction().executeWithoutResult((status) -> {
			assertThat(this.service.find(TenantApiKey.class, odd.apiKey().getId())).isEmpty();
			assertThat(this.service.find(ApiKey.class, odd.apiKey().getId())).contains(found);
		});
		assertThat(this.service.find(TenantApiKey.class, odd.apiKey().getId())).isEmpty();
		assertThat(this.service.find(ApiKey.class, odd.apiKey().getId())).contains(found);
		assertThat(this.service.find(whole.apiKey().getId()).orElseThrow()).isInstanceOf(TenantApiKey.class);
		assertThatExceptionOfType(ApiKeyRotationException.class)
			.isThrownBy(() -> this.service.rotate(odd.apiKey().getId(), Duration.ZERO))
			.withMessageContaining("cannot be loaded");
	}

	/**
	 * PostgreSQL aborts a transaction in which a statement fails.
	 */
	@Test
	void readWhenTheDatabaseRefusesToLoadAnEntityThenTheTransactionGoesOn() {
		CreatedApiKey broken = createTenant();
		CreatedApiKey other = createTenant();
		unit().jdbc().execute("alter table tenant_api_key rename to tenant_api_key_away");
		try {
			transaction().executeWithoutResult((status) -> {
				this.service.revoke(other.apiKey().getId());
				assertThat(this.service.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged()).getContent())
					.extracting(ApiKey::getKeyId)
					.containsExactlyInAnyOrder(broken.apiKey().getKeyId(), other.apiKey().getKeyId());
				assertThat(this.service.find(broken.apiKey().getId())).isPresent();
				this.service.revoke(broken.apiKey().getId());
			});
		}
		finally {
			unit().jdbc().execute("alter table tenant_api_key_away rename to tenant_api_key");
		}
		assertThat(this.service.verify(broken.token())).isEmpty();
		assertThat(this.service.verify(other.token())).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void changeWhenOthersWaitBeforeTheCommitThenItsTimeIsThatOfTheCommit(boolean changedThere) {
		UUID id = create().apiKey().getId();
		this.service.setMaxAgeOfChanges(Duration.ZERO);
		Runnable changes = () -> {
			this.service.revoke(id);
			this.service.invalidateOwner(this.owner);
		};
		Instant[] end = new Instant[1];
		transaction().executeWithoutResult((status) -> {
			if (!changedThere) {
				changes.run();
			}
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void beforeCommit(boolean readOnly) {
					if (changedThere) {
						changes.run();
					}
					end[0] = now();
				}

			});
		});
		assertThat(changedAt(id)).isAfterOrEqualTo(end[0]);
		assertThat(invalidatedAt()).isAfterOrEqualTo(end[0]);
	}

	/**
	 * Listeners are called as if the transaction went on, but nothing that they write in
	 * it is committed.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "create", "update", "disable", "revoke", "rotate", "revokeAll" })
	void changeWhenTheTransactionIsOverThenInANewOne(String change) {
		for (boolean completed : new boolean[] { false, true }) {
			UUID id = create().apiKey().getId();
			int before = history();
			this.events.clear();
			transaction().executeWithoutResult((status) -> {
				this.service.update(id, (update) -> update.description("changed before"));
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public int getOrder() {
						return 0;
					}

					@Override
					public void afterCommit() {
						if (!completed) {
							change(change, id);
						}
					}

					@Override
					public void afterCompletion(int status) {
						if (completed) {
							change(change, id);
						}
					}

				});
			});
			assertThat(history()).isGreaterThan(before + 1);
			assertThat(this.events).hasSize(history() - before);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "create", "update", "disable", "revoke", "rotate", "revokeAll" })
	void changeWhenTheTransactionWasRolledBackThenInANewOneThatEvictsAndPublishes(String change) {
		this.service.setCache(100, Duration.ofSeconds(10));
		CreatedApiKey created = create();
		UUID id = created.apiKey().getId();
		int before = history();
		assertThat(this.service.verify(created.token())).isPresent();
		this.events.clear();
		transaction().executeWithoutResult((status) -> {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public int getOrder() {
					return 0;
				}

				@Override
				public void afterCompletion(int status) {
					change(change, id);
				}

			});
			this.service.update(id, (update) -> update.description("rolled back"));
			status.setRollbackOnly();
		});
		assertThat(history()).isGreaterThan(before);
		assertThat(this.events).hasSize(history() - before);
		boolean ended = List.of("disable", "revoke", "revokeAll").contains(change);
		assertThat(this.service.verify(created.token()).isPresent()).isEqualTo(!ended);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void verifyWhenTheTransactionIsOverThenAnswered(boolean committed) {
		CreatedApiKey created = create();
		List<Boolean> accepted = new ArrayList<>();
		transaction().executeWithoutResult((status) -> {
			this.service.create(NewApiKey.named("another"));
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCompletion(int status) {
					accepted.add(AbstractKeyChangesTests.this.service.verify(created.token()).isPresent());
				}

			});
			if (!committed) {
				status.setRollbackOnly();
			}
		});
		assertThat(accepted).containsExactly(true);
	}

	private int history() {
		return unit().jdbc().queryForObject("select count(*) from api_key_event", Integer.class);
	}

	/**
	 * As whoever can write to the tables may leave them.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "revoke", "disable", "revokeAll" })
	void endWhenNumbersAreTheGreatestThereAreThenDoneAllTheSame(String change) {
		this.service.setCache(100, Duration.ofSeconds(10));
		CreatedApiKey created = create();
		unit().jdbc()
			.update("update api_key set version = ? where key_id = ?", Long.MAX_VALUE, created.apiKey().getKeyId());
		unit().jdbc().update("update api_key_owner set locks = ? where owner = ?", Long.MAX_VALUE, this.owner);
		assertThat(this.service.verify(created.token())).isPresent();
		change(change, created.apiKey().getId());
		assertThat(this.service.verify(created.token())).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "rate_limits", "allowed_addresses" })
	void verifyWhenLimitsCannotBeReadThenRefusedUntilTheyAreSetAgain(String column) {
		CreatedApiKey created = create();
		UUID id = created.apiKey().getId();
		String spoil = "update api_key set " + column + " = 'some-where 5' where key_id = ?";
		unit().jdbc().update(spoil, created.apiKey().getKeyId());
		assertThat(this.service.verify(created.token(), "192.0.2.1")).isEmpty();
		assertThat(this.service.find(id)).get().extracting(ApiKey::getRateLimits).isNull();
		assertThatRuntimeException().isThrownBy(() -> this.service.rotate(id, Duration.ZERO));
		this.service.update(id, (update) -> update.rateLimits("5/1s").allowedAddresses(List.of("192.0.2.1")));
		assertThat(this.service.verify(created.token(), "192.0.2.1")).isPresent();
		unit().jdbc().update(spoil, created.apiKey().getKeyId());
		assertThat(this.service.revokeToken(created.token(), null)).isPresent();
		assertThat(this.service.find(id)).get().extracting(ApiKey::getRevokedAt).isNotNull();
	}

	@Test
	void createWhenSerializableThenForANewOwnerToo() {
		TransactionTemplate serializable = new TransactionTemplate(unit().transactionManager());
		serializable.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
		CreatedApiKey created = serializable.execute((status) -> create());
		assertThat(this.service.verify(created.token())).isPresent();
	}

	@Test
	void statelessSessionThenRefusedWithAdvice() {
		ApiKey key = create().apiKey();
		for (Consumer<StatelessSession> change : List.<Consumer<StatelessSession>>of((session) -> session.update(key),
				(session) -> session.upsert(key), (session) -> session.delete(key), (session) -> session.insert(key))) {
			try (StatelessSession session = unit().entityManagerFactory()
				.unwrap(SessionFactory.class)
				.openStatelessSession()) {
				session.beginTransaction();
				assertThatRuntimeException().isThrownBy(() -> change.accept(session))
					.withMessageContaining("ApiKeyService");
				session.getTransaction().rollback();
			}
		}
	}

	@Test
	void changeWhenTheCallerHoldsTheEntityThenItIsUpToDateAndKeepsWhatTheCallerSet() {
		UUID id = createTenant().apiKey().getId();
		transaction().executeWithoutResult((status) -> {
			TenantApiKey managed = this.service.find(TenantApiKey.class, id).orElseThrow();
			managed.setTenant("other");
			this.service.disable(id);
			assertThat(managed.getDisabledAt()).isNotNull();
			this.service.update(id, (update) -> update.scopes("c:d"));
			assertThat(managed.getScopes()).containsExactly("c:d");
			this.service.revokeAll(this.owner, null);
			assertThat(managed.getRevokedAt()).isNotNull();
		});
		TenantApiKey found = this.service.find(TenantApiKey.class, id).orElseThrow();
		assertThat(found.getTenant()).isEqualTo("other");
		assertThat(found.getRevokedAt()).isNotNull();
	}

	@Test
	void staleCopyThatIsMergedThenScopesAndMetadataStay() {
		UUID id = createTenant().apiKey().getId();
		TenantApiKey stale = this.service.find(TenantApiKey.class, id).orElseThrow();
		this.service.update(id, (update) -> update.scopes("c:d").metadata(Map.of("tier", "free")));
		for (boolean plainCollections : new boolean[] { false, true }) {
			if (plainCollections) {
				// as it comes from JSON
				ReflectionTestUtils.setField(stale, "scopes", Set.of("*"));
				ReflectionTestUtils.setField(stale, "metadata", Map.of("admin", "1"));
			}
			stale.setTenant("second " + plainCollections);
			transaction().executeWithoutResult((status) -> this.entityManager.merge(stale));
			TenantApiKey found = this.service.find(TenantApiKey.class, id).orElseThrow();
			assertThat(found.getTenant()).isEqualTo("second " + plainCollections);
			assertThat(found.getScopes()).containsExactly("c:d");
			assertThat(found.getMetadata()).isEqualTo(Map.of("tier", "free"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "add", "replace", "remove" })
	void managedCollectionsThatAreTamperedWithThenRefused(String how) {
		UUID id = createTenant().apiKey().getId();
		for (String field : List.of("scopes", "metadata")) {
			assertThatRuntimeException().isThrownBy(() -> transaction().executeWithoutResult((status) -> {
				TenantApiKey managed = this.entityManager.find(TenantApiKey.class, id);
				switch (how) {
					case "add" -> addTo(ReflectionTestUtils.getField(managed, field));
					case "replace" -> ReflectionTestUtils.setField(managed, field,
							field.equals("scopes") ? Set.of("*") : Map.of("admin", "1"));
					default -> ReflectionTestUtils.setField(managed, field, null);
				}
			})).withStackTraceContaining("use ApiKeyService.update");
		}
		ApiKey found = this.service.find(id).orElseThrow();
		assertThat(found.getScopes()).containsExactly("a:b");
		assertThat(found.getMetadata()).isEqualTo(Map.of("a", "b"));
	}

	@SuppressWarnings("unchecked")
	private static void addTo(Object collection) {
		if (collection instanceof Set<?> set) {
			((Set<Object>) set).add("*");
		}
		else {
			((Map<Object, Object>) collection).put("admin", "1");
		}
	}

	@Test
	void removeThroughThePersistenceContextThenRefusedUntilTheKeyIsRevokedForLong() {
		CreatedApiKey created = createTenant();
		UUID id = created.apiKey().getId();
		assertThatRuntimeException().isThrownBy(() -> remove(id)).withStackTraceContaining("ApiKeyService.revoke");
		this.service.revoke(id);
		assertThatRuntimeException().isThrownBy(() -> remove(id)).withStackTraceContaining("ApiKeyService.revoke");
		assertThat(this.service.find(id)).isPresent();
		CreatedApiKey old = serviceAt(Duration.ofMinutes(-5)).create(NewApiKey.named("key").scopes("a:b"));
		serviceAt(Duration.ofMinutes(-2)).revoke(old.apiKey().getId());
		assertThatRuntimeException().isThrownBy(() -> remove(old.apiKey().getId()))
			.withStackTraceContaining("ApiKeyService.revoke");
		age();
		remove(old.apiKey().getId());
		assertThat(this.service.find(old.apiKey().getId())).isEmpty();
	}

	private void remove(UUID id) {
		transaction()
			.executeWithoutResult((status) -> this.entityManager.remove(this.entityManager.find(ApiKey.class, id)));
	}

	@Test
	void copyOfAKeyWhoseRowIsGoneThenItDoesNotComeBack() {
		CreatedApiKey created = createTenant();
		TenantApiKey copy = this.service.find(TenantApiKey.class, created.apiKey().getId()).orElseThrow();
		this.service.revoke(copy.getId());
		age();
		serviceAt(Duration.ofDays(2)).purge(Duration.ofDays(1));
		assertThatRuntimeException()
			.isThrownBy(() -> transaction().executeWithoutResult((status) -> this.entityManager.merge(copy)))
			.withStackTraceContaining("use ApiKeyService.create");
		assertThatRuntimeException().isThrownBy(
				() -> transaction().executeWithoutResult((status) -> this.entityManager.persist(created.apiKey())));
		assertThatRuntimeException().isThrownBy(
				() -> transaction().executeWithoutResult((status) -> this.entityManager.persist(new TenantApiKey())));
		assertThat(this.service.verify(created.token())).isEmpty();
		assertThat(this.service.find(copy.getId())).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "create", "import", "update", "disable", "enable", "revoke", "rotate", "revokeAll",
			"invalidateOwner", "purge" })
	void changeInAReadOnlyTransactionThenRefusedWhole(String change) {
		CreatedApiKey created = create();
		UUID id = created.apiKey().getId();
		if (change.equals("enable")) {
			this.service.disable(id);
		}
		int keys = count("select count(*) from api_key");
		int lines = count("select count(*) from api_key_event");
		Map<String, Object> row = row(created);
		this.events.clear();
		TransactionTemplate readOnly = new TransactionTemplate(unit().transactionManager());
		readOnly.setReadOnly(true);
		assertThatExceptionOfType(IllegalTransactionStateException.class)
			.isThrownBy(() -> readOnly.executeWithoutResult((status) -> change(change, id)))
			.withMessage("API keys cannot be changed in a read-only transaction");
		assertThat(row(created)).usingRecursiveComparison().isEqualTo(row);
		assertThat(count("select count(*) from api_key")).isEqualTo(keys);
		assertThat(count("select count(*) from api_key_event")).isEqualTo(lines);
		assertThat(this.events).isEmpty();
	}

	/**
	 * Where it is done, and not only where it is flushed.
	 */
	@Test
	void persistOrRemoveByHandThenRefusedAtOnce() {
		UUID id = create().apiKey().getId();
		transaction().executeWithoutResult((status) -> {
			status.setRollbackOnly();
			ApiKey key = this.entityManager.find(ApiKey.class, id);
			assertThatRuntimeException().isThrownBy(() -> this.entityManager.persist(new TenantApiKey()))
				.withStackTraceContaining("use ApiKeyService.create");
			assertThatRuntimeException().isThrownBy(() -> this.entityManager.remove(key))
				.withStackTraceContaining("use ApiKeyService.revoke");
		});
	}

	@Test
	void changeInAReadOnlyTransactionWhoseFlushModeWasChangedThenRefused() {
		UUID id = create().apiKey().getId();
		TransactionTemplate readOnly = new TransactionTemplate(unit().transactionManager());
		readOnly.setReadOnly(true);
		assertThatExceptionOfType(IllegalTransactionStateException.class)
			.isThrownBy(() -> readOnly.executeWithoutResult((status) -> {
				this.entityManager.setFlushMode(FlushModeType.AUTO);
				this.service.revoke(id);
			}));
		assertThat(this.service.find(id).orElseThrow().getRevokedAt()).isNull();
	}

	/**
	 * A read-only transaction may be routed to a replica.
	 */
	@ParameterizedTest
	@CsvSource({ "false, false, false, true", "true, false, false, false", "true, true, false, false",
			"true, true, true, false" })
	void verifyInAReadOnlyTransactionThenNotOnItsConnection(boolean readOnly, boolean flushing, boolean writing,
			boolean expected) {
		Snapshots snapshots = new Snapshots(unit().entityManagerFactory());
		snapshots.learn();
		CallerTransaction caller = new CallerTransaction(unit().entityManagerFactory(), snapshots);
		TransactionTemplate transaction = new TransactionTemplate(unit().transactionManager());
		transaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		transaction.setReadOnly(readOnly);
		assertThat(transaction.<Boolean>execute((status) -> {
			if (flushing) {
				this.entityManager.setFlushMode(FlushModeType.AUTO);
			}
			if (writing) {
				this.entityManager.unwrap(Session.class).setDefaultReadOnly(false);
			}
			return caller.seesWhatIsCommitted();
		})).isEqualTo(expected);
	}

	/**
	 * As with open-in-view: each rollback would take all entities away, and the caller
	 * would not hear of it.
	 */
	@ParameterizedTest
	@CsvSource({ "false, false, 5", "true, false, 5", "true, true, 1" })
	void changeThatIsGivenUpWhenTheCallersPersistenceContextHoldsEntitiesThenNotMadeAgain(boolean open,
			boolean holdsEntities, int attempts) {
		ApiKey key = create().apiKey();
		AtomicInteger made = new AtomicInteger();
		this.service.setActorResolver(() -> {
			made.incrementAndGet();
			throw new CannotAcquireLockException("as the test wants it");
		});
		EntityManagerFactory factory = unit().entityManagerFactory();
		if (open) {
			TransactionSynchronizationManager.bindResource(factory,
					new EntityManagerHolder(factory.createEntityManager()));
		}
		try {
			if (holdsEntities) {
				this.entityManager.find(ApiKey.class, key.getId());
			}
			assertThatExceptionOfType(CannotAcquireLockException.class)
				.isThrownBy(() -> this.service.revoke(key.getId()));
		}
		finally {
			if (open) {
				((EntityManagerHolder) TransactionSynchronizationManager.unbindResource(factory)).getEntityManager()
					.close();
			}
		}
		assertThat(made).hasValue(attempts);
	}

	/**
	 * As the transaction manager and the caller like it, a failure need not end the
	 * transaction.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "update", "disable", "revoke", "rotate" })
	void changeWhenItFailsHalfwayAndTheCallerGoesOnThenNothingIsCommitted(String change) {
		ApiKey key = create().apiKey();
		JpaTransactionManager manager = new JpaTransactionManager(unit().entityManagerFactory());
		manager.setGlobalRollbackOnParticipationFailure(false);
		JpaApiKeyService failing = service(manager);
		failing.setActorResolver(() -> {
			throw new UnsupportedOperationException();
		});
		TransactionTemplate transaction = new TransactionTemplate(manager);
		assertThatExceptionOfType(UnexpectedRollbackException.class).isThrownBy(() -> transaction
			.executeWithoutResult((status) -> assertThatExceptionOfType(UnsupportedOperationException.class)
				.isThrownBy(() -> change(failing, change, key.getId()))));
		ApiKey now = this.service.find(key.getId()).orElseThrow();
		assertThat(now).isEqualTo(key);
		assertThat(now.getVersion()).isEqualTo(key.getVersion());
	}

	/**
	 * Or who compared the scopes, and expects the version, would be wrong about them.
	 */
	@Test
	void changeWhenAnotherTransactionGaveScopesThenTheEntityHasNotTheVersionWithThem() {
		UUID id = create().apiKey().getId();
		TransactionTemplate transaction = transaction();
		transaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		transaction.executeWithoutResult((status) -> {
			ApiKey entity = this.service.find(id).orElseThrow();
			newTransaction()
				.executeWithoutResult((other) -> this.service.update(id, (update) -> update.scopes("c:d", "e:f")));
			assertThat(this.service.disable(id).getScopes()).containsExactlyInAnyOrder("c:d", "e:f");
			if (!entity.getScopes().contains("e:f")) {
				long version = entity.getVersion();
				assertThatExceptionOfType(ApiKeyVersionConflictException.class)
					.isThrownBy(() -> this.service.update(id, (update) -> update.name("new").expectVersion(version)));
			}
			status.setRollbackOnly();
		});
	}

	@Test
	void revokeAllThenAsManyStatementsForManyAsForFewAndOneRowToPoll() {
		String few = this.owner;
		IntStream.range(0, 3).forEach((i) -> create());
		this.owner = "owner-" + UUID.randomUUID();
		List<CreatedApiKey> many = IntStream.range(0, 60).mapToObj((i) -> create()).toList();
		unit().jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00'");
		transaction().executeWithoutResult((status) -> {
			// nor does it matter how much the caller's persistence context holds
			this.service.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged());
			int statements = unit().statementsOf(() -> this.service.revokeAll(few, null)).size();
			assertThat(unit().statementsOf(() -> assertThat(this.service.revokeAll(this.owner, "all")).isEqualTo(60)))
				.hasSizeLessThanOrEqualTo(statements + 3);
		});
		List<RecentChange> changes = transaction()
			.execute((status) -> this.store.findChanged(LOOK_BACK, null).changes());
		assertThat(changes).extracting(RecentChange::subject)
			.contains(this.owner)
			.doesNotContainAnyElementsOf(many.stream().map((key) -> key.apiKey().getKeyId()).toList());
		assertThat(revocations()).hasSize(63).doesNotHaveDuplicates();
		assertThat(many)
			.allSatisfy((key) -> assertThat(changes(key)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.REVOKED));
	}

	@Test
	void purgeThenAsManyStatementsForManyAsForFew() {
		String few = this.owner;
		IntStream.range(0, 3).forEach((i) -> create());
		this.service.revokeAll(few, null);
		this.owner = "owner-" + UUID.randomUUID();
		List<CreatedApiKey> many = IntStream.range(0, 60).mapToObj((i) -> create()).toList();
		this.service.revokeAll(this.owner, null);
		age();
		JpaApiKeyService later = serviceAt(Duration.ofDays(2));
		transaction().executeWithoutResult((status) -> {
			// nor does it matter how much the caller's persistence context holds
			later.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged());
			int statements = unit().statementsOf(() -> assertThat(later.purge(few, Duration.ofDays(1))).isEqualTo(3))
				.size();
			assertThat(unit().statementsOf(() -> assertThat(later.purge(this.owner, Duration.ofDays(1))).isEqualTo(60)))
				.hasSizeLessThanOrEqualTo(statements + 3);
		});
		assertThat(count("select count(*) from api_key where owner in ('" + few + "', '" + this.owner + "')")).isZero();
		assertThat(many).allSatisfy((key) -> assertThat(changes(key)).containsExactly(ApiKeyChange.CREATED,
				ApiKeyChange.REVOKED, ApiKeyChange.PURGED));
	}

	/**
	 * Each flush looks at all that the caller has loaded.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "name", "scopes", "limits", "disable", "enable", "revoke", "delete", "revokeAll",
			"invalidateOwner", "purge" })
	void changesOfManyKeysWhenTheCallerHasLoadedThemThenOnlyAPurgeFlushes(String change) {
		List<UUID> ids = IntStream.range(0, 5).mapToObj((i) -> create().apiKey().getId()).toList();
		if (change.equals("enable")) {
			ids.forEach(this.service::disable);
		}
		AtomicInteger lookedAt = new AtomicInteger();
		transaction().executeWithoutResult((status) -> {
			assertThat(this.service.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged())).hasSize(5);
			this.entityManager.unwrap(Session.class).addEventListeners(new BaseSessionEventListener() {

				@Override
				public void flushEnd(int entities, int collections) {
					lookedAt.addAndGet(entities);
				}

				@Override
				public void partialFlushEnd(int entities, int collections) {
					lookedAt.addAndGet(entities);
				}

			});
			ids.forEach((id) -> {
				switch (change) {
					case "name" -> this.service.update(id, (update) -> update.name("other"));
					case "scopes" ->
						this.service.update(id, (update) -> update.scopes("a", "b").metadata(Map.of("c", "d")));
					case "limits" -> this.service.update(id, (update) -> update.quota(7L));
					case "delete" -> this.service.delete(id);
					case "purge" -> this.service.purge(this.owner, Duration.ofDays(1));
					default -> change(change, id);
				}
			});
			// what the caller has changed in a row is written before a purge deletes it
			assertThat(lookedAt).hasValue(change.equals("purge") ? ids.size() * ids.size() : 0);
			this.entityManager.createQuery("select k.id from io.github.apikeys.core.ApiKey k", UUID.class)
				.getResultList();
			assertThat(lookedAt).as("by a statement that flushes").hasValueGreaterThanOrEqualTo(5);
			if (change.equals("scopes")) {
				assertThat(this.service.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged()))
					.allSatisfy((key) -> {
						assertThat(key.getScopes()).containsExactly("a", "b");
						assertThat(key.getMetadata()).isEqualTo(Map.of("c", "d"));
					});
			}
		});
		if (change.equals("scopes")) {
			assertThat(this.service.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged()))
				.allSatisfy((key) -> assertThat(key.getScopes()).containsExactly("a", "b"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "row", "type", "value", "class" })
	void deleteWhenTheEntityCannotBeLoadedThenDoneAllTheSame(String broken) {
		CreatedApiKey odd = createTenant();
		breakEntity(odd, broken);
		assertThat(this.service.delete(odd.apiKey().getId()).getRevokedAt()).isNotNull();
		assertThat(this.service.verify(odd.token())).isEmpty();
		assertThat(serviceAt(Duration.ofMinutes(2)).purge(this.owner, Duration.ofDays(365))).isZero();
		age();
		assertThat(serviceAt(Duration.ofMinutes(2)).purge(this.owner, Duration.ofDays(365))).isOne();
		assertThat(count("select count(*) from api_key where owner = '" + this.owner + "'")).isZero();
		JpaApiKeyReports reports = new JpaApiKeyReports(unit().entityManagerFactory(), unit().transactionManager());
		assertThat(reports.history(odd.apiKey().getId())).extracting(ApiKeyEvent::getChange)
			.containsExactly(ApiKeyChange.PURGED, ApiKeyChange.DELETED, ApiKeyChange.REVOKED, ApiKeyChange.CREATED);
	}

	@Test
	void deleteWhenOthersDoItAtTheSameTimeThenOneLineOfHistory() throws Exception {
		CreatedApiKey created = create();
		ExecutorService executor = Executors.newFixedThreadPool(3);
		try {
			List<Callable<ApiKey>> deletions = new ArrayList<>();
			for (JpaApiKeyService node : List.of(service(), service(), service())) {
				deletions.add(() -> node.delete(created.apiKey().getId()));
			}
			for (Future<ApiKey> deletion : executor.invokeAll(deletions)) {
				deletion.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(changes(created)).containsExactly(ApiKeyChange.CREATED, ApiKeyChange.REVOKED, ApiKeyChange.DELETED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "row", "type", "value", "class" })
	void listByTypeWhenTheEntityCannotBeLoadedThenTheOthersOfTheType(String broken) {
		CreatedApiKey odd = createTenant();
		CreatedApiKey whole = createTenant();
		create();
		breakEntity(odd, broken);
		assertThat(this.service.list(TenantApiKey.class, ApiKeyQuery.all().owner(this.owner), Pageable.unpaged())
			.getContent()).containsExactly((TenantApiKey) whole.apiKey());
	}

	@Test
	void listByTypeWhenTheCallerHoldsALazyReferenceThenTheKeyItself() {
		UUID id = createTenant().apiKey().getId();
		transaction().executeWithoutResult((status) -> {
			this.entityManager.getReference(ApiKey.class, id);
			assertThat(this.service.list(TenantApiKey.class, ApiKeyQuery.all().owner(this.owner), Pageable.unpaged())
				.getContent()).extracting(ApiKey::getId).containsExactly(id);
		});
	}

	@Test
	void listByTypeWhenTheApplicationHasNoSuchTypeThenAdvice() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.service.list(UnmappedApiKey.class, ApiKeyQuery.all(), Pageable.unpaged()))
			.withMessageContaining(UnmappedApiKey.class.getName())
			.withMessageContaining("must be an entity");
	}

	@Test
	void purgeWhenATableOfTheApplicationRefersToAKeyThenTheOthersAreDeleted() {
		CreatedApiKey kept = create();
		IntStream.range(0, 3).forEach((i) -> create());
		this.service.revokeAll(this.owner, null);
		String table = "invoice_" + UUID.randomUUID().toString().substring(0, 8);
		unit().jdbc().execute("create table " + table + " (key_id " + keyIdType() + " references api_key (key_id))");
		unit().jdbc().update("insert into " + table + " values (?)", kept.apiKey().getKeyId());
		try {
			age();
			JpaApiKeyService later = serviceAt(Duration.ofDays(2));
			assertThat(later.purge(Duration.ofDays(1))).isGreaterThanOrEqualTo(3);
			assertThat(this.service.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged()).getContent())
				.containsExactly(kept.apiKey());
			assertThat(changes(kept)).doesNotContain(ApiKeyChange.PURGED);
		}
		finally {
			unit().jdbc().execute("drop table " + table);
		}
	}

	@Test
	void purgeWhenATriggerOfTheApplicationProtectsAKeyThenTheOthersAreDeleted() {
		CreatedApiKey kept = create();
		IntStream.range(0, 3).forEach((i) -> create());
		this.service.revokeAll(this.owner, null);
		age();
		JpaApiKeyService later = serviceAt(Duration.ofDays(2));
		protect(kept.apiKey().getKeyId());
		try {
			assertThat(later.purge(Duration.ofDays(1))).isGreaterThanOrEqualTo(3);
			assertThat(this.service.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged()).getContent())
				.containsExactly(kept.apiKey());
			assertThat(changes(kept)).doesNotContain(ApiKeyChange.PURGED);
		}
		finally {
			unprotect();
		}
		assertThat(later.purge(this.owner, Duration.ofDays(1))).isOne();
	}

	private void protect(String keyId) {
		String trigger = "create trigger keep_key before delete on api_key for each row ";
		switch (database().platform()) {
			case "h2" -> {
				KeepingTrigger.kept = keyId;
				unit().jdbc().execute(trigger + "call '" + KeepingTrigger.class.getName() + "'");
			}
			case "postgresql" -> {
				unit().jdbc()
					.execute("create function keep_key() returns trigger language plpgsql as $$ begin "
							+ "if old.key_id = '" + keyId
							+ "' then raise exception 'kept'; end if; return old; end $$");
				unit().jdbc().execute(trigger + "execute function keep_key()");
			}
			default -> unit().jdbc()
				.execute(trigger + "begin if old.key_id = '" + keyId
						+ "' then signal sqlstate '45000' set message_text = 'kept'; end if; end");
		}
	}

	private void unprotect() {
		boolean postgresql = database().platform().equals("postgresql");
		unit().jdbc().execute("drop trigger keep_key" + (postgresql ? " on api_key" : ""));
		if (postgresql) {
			unit().jdbc().execute("drop function keep_key");
		}
	}

	@Test
	void purgeWhenSomebodyKeepsAKeyLockedThenTheOthersAreDeleted() throws Exception {
		CreatedApiKey locked = create();
		IntStream.range(0, 3).forEach((i) -> create());
		this.service.revokeAll(this.owner, null);
		age();
		JpaApiKeyService later = serviceAt(Duration.ofDays(2));
		try (Connection connection = unit().dataSource().getConnection()) {
			connection.setAutoCommit(false);
			try (Statement statement = connection.createStatement()) {
				statement
					.execute("select id from api_key where key_id = '" + locked.apiKey().getKeyId() + "' for update");
				assertThat(later.purge(this.owner, Duration.ofDays(1))).isEqualTo(3);
			}
			finally {
				connection.rollback();
			}
		}
		assertThat(changes(locked)).doesNotContain(ApiKeyChange.PURGED);
		assertThat(later.purge(this.owner, Duration.ofDays(1))).isOne();
	}

	/**
	 * A row that is gone tells no other node anything.
	 */
	@Test
	void purgeWhenAKeyEndedAMomentAgoThenItStays() {
		UUID id = create().apiKey().getId();
		this.service.revoke(id);
		serviceAt(Duration.ofSeconds(30)).purge(Duration.ZERO);
		assertThat(this.service.find(id)).isPresent();
		serviceAt(Duration.ofMinutes(2)).purge(Duration.ZERO);
		assertThat(this.service.find(id)).as("by the clock of the change").isPresent();
		age();
		serviceAt(Duration.ofMinutes(2)).purge(Duration.ZERO);
		assertThat(this.service.find(id)).isEmpty();
	}

	/**
	 * It names its successor, and counts its requests there.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void purgeWhenAKeyThatWasReplacedHasNotEndedThenItsSuccessorStays(boolean deleted) {
		UUID id = this.service.create(NewApiKey.named("key").owner(this.owner).quota(2)).apiKey().getId();
		UUID successor = this.service.rotate(id, Duration.ofDays(30)).apiKey().getId();
		JpaApiKeyService before = serviceAt(Duration.ofMinutes(-5));
		if (deleted) {
			before.delete(successor);
		}
		else {
			before.revoke(successor);
		}
		age();
		assertThat(this.service.purge(this.owner, Duration.ZERO)).isZero();
		assertThatRuntimeException().isThrownBy(() -> remove(successor))
			.withStackTraceContaining("before the key that it replaced has ended");
		assertThat(this.service.consumeQuota(id)).isTrue();
		assertThat(this.service.consumeQuota(id)).isTrue();
		assertThat(this.service.consumeQuota(id)).isFalse();
		before.revoke(id);
		age();
		assertThat(this.service.purge(this.owner, Duration.ZERO)).isEqualTo(2);
	}

	/**
	 * The time of an end is that of the node, and that of its statement.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "revoke", "rotate", "expire" })
	void purgeWhenTheClockOfTheNodeThatEndedAKeyIsSlowThenItStays(String change) {
		UUID id = create().apiKey().getId();
		JpaApiKeyService slow = serviceAt(Duration.ofMinutes(-5));
		switch (change) {
			case "revoke" -> slow.revoke(id);
			case "rotate" -> slow.rotate(id, Duration.ZERO);
			default -> slow.update(id, (update) -> update.expiresAt(Instant.now().minus(4, ChronoUnit.MINUTES)));
		}
		this.service.purge(Duration.ZERO);
		assertThat(this.service.find(id)).isPresent();
		age();
		this.service.purge(Duration.ZERO);
		assertThat(this.service.find(id)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void purgeWhenTheTransactionThatEndedAKeyGoesOnForLongThenItTellsOthers(boolean removed) {
		this.service.setMaxAgeOfChanges(Duration.ZERO);
		CreatedApiKey created = create();
		UUID id = created.apiKey().getId();
		JpaApiKeyService before = serviceAt(Duration.ofMinutes(-10));
		before.setMaxAgeOfChanges(Duration.ZERO);
		try {
			transaction().executeWithoutResult((status) -> {
				before.revoke(id);
				age();
				if (removed) {
					this.entityManager.remove(this.entityManager.find(ApiKey.class, id));
				}
				else {
					before.setClock(Clock.systemUTC());
					before.purge(Duration.ZERO);
				}
			});
			assertThat(removed).isFalse();
		}
		catch (RuntimeException ex) {
			assertThat(ex).hasStackTraceContaining("ApiKeyService.revoke");
			return;
		}
		List<RecentChange> changes = transaction()
			.execute((status) -> this.store.findChanged(LOOK_BACK, null).changes());
		assertThat(changes).extracting(RecentChange::subject).contains(created.apiKey().getKeyId());
	}

	/**
	 * Lets all changes have been made long ago, by the clock that gives them their time.
	 */
	private void age() {
		unit().jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00'");
	}

	@Test
	void changeWhenAnotherSynchronizationFailsAfterTheCommitThenHonouredAndPublished() {
		this.service.setCache(100, Duration.ofSeconds(10));
		CreatedApiKey created = create();
		assertThat(this.service.verify(created.token())).isPresent();
		assertThatIllegalStateException().isThrownBy(() -> transaction().executeWithoutResult((status) -> {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

				@Override
				public void afterCommit() {
					throw new IllegalStateException("after the commit");
				}

			});
			this.service.revoke(created.apiKey().getId());
		})).withMessage("after the commit");
		assertThat(this.service.verify(created.token())).isEmpty();
		assertThat(revocations()).containsExactly(created.apiKey().getKeyId());
	}

	@Test
	void changeInsideOfAnotherTransactionThenEachHasItsOwn() {
		CreatedApiKey outer = create();
		CreatedApiKey inner = create();
		transaction().executeWithoutResult((status) -> {
			this.service.revoke(outer.apiKey().getId());
			newTransaction().executeWithoutResult((other) -> this.service.revoke(inner.apiKey().getId()));
			assertThat(revocations()).containsExactly(inner.apiKey().getKeyId());
			status.setRollbackOnly();
		});
		assertThat(revocations()).containsExactly(inner.apiKey().getKeyId());
		assertThat(this.service.verify(outer.token())).isPresent();
	}

	/**
	 * Of nested transactions of two databases, the one in which the key is stored.
	 */
	@ParameterizedTest
	@CsvSource({ "true,true,true", "true,false,true", "false,true,false", "false,false,false" })
	void changeWhenAnotherManagerBeganATransactionInsideThenDecidedByTheirOwn(boolean ourCommit, boolean otherCommit,
			boolean changed) {
		for (int propagation : new int[] { TransactionDefinition.PROPAGATION_REQUIRED,
				TransactionDefinition.PROPAGATION_REQUIRES_NEW }) {
			this.service.setCache(100, Duration.ofSeconds(10));
			CreatedApiKey created = create();
			assertThat(this.service.verify(created.token())).isPresent();
			this.events.clear();
			transaction().executeWithoutResult((status) -> {
				other(propagation).executeWithoutResult((other) -> {
					this.service.revoke(created.apiKey().getId());
					this.service.invalidateOwner(this.owner);
					setRollbackOnlyUnless(otherCommit, other);
				});
				assertThat(this.events).isEmpty();
				// what is committed until now
				assertThat(this.service.verify(created.token())).isPresent();
				setRollbackOnlyUnless(ourCommit, status);
			});
			assertThat(revocations()).hasSize(changed ? 1 : 0);
			assertThat(this.service.verify(created.token()).isPresent()).isEqualTo(!changed);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void changeWhenAnotherManagerBeganATransactionAroundItThenDecidedByTheirOwn(boolean otherCommit) {
		this.service.setCache(100, Duration.ofSeconds(10));
		CreatedApiKey kept = create();
		CreatedApiKey ended = create();
		assertThat(this.service.verify(kept.token())).isPresent();
		assertThat(this.service.verify(ended.token())).isPresent();
		other(TransactionDefinition.PROPAGATION_REQUIRED).executeWithoutResult((other) -> {
			transaction().executeWithoutResult((status) -> {
				this.service.revoke(kept.apiKey().getId());
				status.setRollbackOnly();
			});
			assertThat(revocations()).isEmpty();
			this.service.revoke(ended.apiKey().getId());
			assertThat(revocations()).containsExactly(ended.apiKey().getKeyId());
			assertThat(this.service.verify(ended.token())).isEmpty();
			setRollbackOnlyUnless(otherCommit, other);
		});
		assertThat(revocations()).containsExactly(ended.apiKey().getKeyId());
		assertThat(this.service.verify(kept.token())).isPresent();
	}

	/**
	 * Begun one after the other, and ended in the opposite order, as by a manager that
	 * makes one of several.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void changeWhenTransactionsAreChainedThenDecidedByTheirOwn(boolean ourFirst) {
		List<PlatformTransactionManager> managers = new ArrayList<>(
				List.of(unit().transactionManager(), this.otherManager));
		if (!ourFirst) {
			Collections.reverse(managers);
		}
		for (boolean commit : new boolean[] { true, false }) {
			CreatedApiKey created = create();
			this.events.clear();
			TransactionDefinition definition = TransactionDefinition.withDefaults();
			TransactionStatus first = managers.get(0).getTransaction(definition);
			TransactionStatus second = managers.get(1).getTransaction(definition);
			this.service.disable(created.apiKey().getId());
			TransactionStatus ours = ourFirst ? first : second;
			setRollbackOnlyUnless(commit, ours);
			managers.get(1).commit(second);
			assertThat(this.events).hasSize((commit && !ourFirst) ? 1 : 0);
			managers.get(0).commit(first);
			assertThat(this.events).hasSize(commit ? 1 : 0);
			assertThat(this.service.verify(created.token()).isPresent()).isEqualTo(!commit);
		}
	}

	@Test
	void changeWhenTheTransactionGoesOnAfterAnotherInsideThenItsTimeIsThatOfTheCommit() {
		UUID id = create().apiKey().getId();
		this.service.setMaxAgeOfChanges(Duration.ZERO);
		Instant end = transaction().execute((status) -> {
			other(TransactionDefinition.PROPAGATION_REQUIRED).executeWithoutResult((other) -> {
				this.service.revoke(id);
				this.service.invalidateOwner(this.owner);
			});
			return now();
		});
		assertThat(changedAt(id)).isAfterOrEqualTo(end);
		assertThat(invalidatedAt()).isAfterOrEqualTo(end);
	}

	@Test
	void changeWhenAnotherTransactionIsReadOnlyThenOnlyTheirOwnMatters() {
		UUID id = create().apiKey().getId();
		TransactionTemplate reading = other(TransactionDefinition.PROPAGATION_REQUIRED);
		reading.setReadOnly(true);
		transaction()
			.executeWithoutResult((status) -> reading.executeWithoutResult((other) -> this.service.disable(id)));
		reading.executeWithoutResult((other) -> this.service.enable(id));
		assertThat(this.service.find(id).orElseThrow().getDisabledAt()).isNull();
		TransactionTemplate readOnly = new TransactionTemplate(unit().transactionManager());
		readOnly.setReadOnly(true);
		assertThatExceptionOfType(IllegalTransactionStateException.class)
			.isThrownBy(
					() -> readOnly.executeWithoutResult((status) -> other(TransactionDefinition.PROPAGATION_REQUIRED)
						.executeWithoutResult((other) -> this.service.disable(id))))
			.withMessage("API keys cannot be changed in a read-only transaction");
		assertThat(this.service.find(id).orElseThrow().getDisabledAt()).isNull();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void changeWhenTheTransactionIsRolledBackThenNoTimeIsWrittenBefore(boolean byAParticipant) {
		UUID id = create().apiKey().getId();
		this.service.setMaxAgeOfChanges(Duration.ZERO);
		List<String> statements = unit().statementsOf(() -> {
			TransactionStatus status = unit().transactionManager().getTransaction(TransactionDefinition.withDefaults());
			this.service.revoke(id);
			this.service.invalidateOwner(this.owner);
			unit().clearStatements();
			if (byAParticipant) {
				TransactionStatus participant = unit().transactionManager()
					.getTransaction(TransactionDefinition.withDefaults());
				unit().transactionManager().rollback(participant);
				assertThatExceptionOfType(UnexpectedRollbackException.class)
					.isThrownBy(() -> unit().transactionManager().commit(status));
			}
			else {
				status.setRollbackOnly();
				unit().transactionManager().commit(status);
			}
		});
		assertThat(statements).isEmpty();
	}

	/**
	 * A change that other nodes may not be told of in time is none.
	 */
	@Test
	void changeWhenItsTimeCannotBeWrittenBeforeTheCommitThenRolledBack() {
		UUID id = create().apiKey().getId();
		this.events.clear();
		this.service.setMaxAgeOfChanges(Duration.ZERO);
		try {
			assertThatRuntimeException().isThrownBy(() -> transaction().executeWithoutResult((status) -> {
				this.service.revoke(id);
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

					@Override
					public void beforeCompletion() {
						unit().failStatements("update api_key set changed_at");
					}

				});
			}));
		}
		finally {
			unit().failStatements(null);
		}
		assertThat(this.service.find(id).orElseThrow().getRevokedAt()).isNull();
		assertThat(this.events).isEmpty();
	}

	private static void setRollbackOnlyUnless(boolean commit, TransactionStatus status) {
		if (!commit) {
			status.setRollbackOnly();
		}
	}

	/**
	 * Transactions on another database.
	 */
	private TransactionTemplate other(int propagation) {
		TransactionTemplate other = new TransactionTemplate(this.otherManager);
		other.setPropagationBehavior(propagation);
		return other;
	}

	@Test
	void ownersThatDifferInCaseAccentsOrBlanksAreDifferentOwners() {
		List<String> owners = List.of(this.owner, this.owner.toUpperCase(), this.owner + " ",
				this.owner.replace('o', '\u00f3'));
		List<CreatedApiKey> keys = owners.stream()
			.map((owner) -> this.service.create(NewApiKey.named("key").owner(owner)))
			.toList();
		for (int i = 0; i < owners.size(); i++) {
			assertThat(this.service.list(ApiKeyQuery.all().owner(owners.get(i)), Pageable.unpaged()).getContent())
				.containsExactly(keys.get(i).apiKey());
		}
		assertThat(this.service.revokeAll(owners.get(1), null)).isEqualTo(1);
		assertThat(keys).extracting((key) -> this.service.verify(key.token()).isPresent())
			.containsExactly(true, false, true, true);
	}

	/**
	 * As the guide says for operators who have nothing else.
	 */
	@Test
	void revocationByHandThenOtherNodesAreTold() {
		CreatedApiKey created = create();
		String clock = ApiKeyTable.of(unit().entityManagerFactory()).now();
		String now = clock.equals(ApiKeyTable.NOW_PARAMETER) ? "current_timestamp" : clock;
		unit().jdbc()
			.update("update api_key set revoked_at = " + now + ", changed_at = " + now
					+ ", version = version + 1 where key_id = ? and revoked_at is null", created.apiKey().getKeyId());
		List<RecentChange> changes = transaction()
			.execute((status) -> this.store.findChanged(LOOK_BACK, null).changes());
		assertThat(changes).filteredOn((change) -> change.subject().equals(created.apiKey().getKeyId()))
			.extracting(RecentChange::version)
			.containsExactly(1L);
		assertThat(this.service.verify(created.token())).isEmpty();
	}

	/**
	 * The time after which a change that waits for a row comes to an end.
	 */
	private Instant whileLocked(String lock, Runnable change) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(2);
		CountDownLatch locked = new CountDownLatch(1);
		CountDownLatch waiting = new CountDownLatch(1);
		try {
			Future<Instant> holder = executor.submit(() -> newTransaction().execute((status) -> {
				unit().jdbc().execute(lock);
				locked.countDown();
				awaitUninterruptibly(waiting);
				Instant released = now();
				status.setRollbackOnly();
				return released;
			}));
			assertThat(locked.await(2, TimeUnit.MINUTES)).isTrue();
			Future<?> changer = executor.submit(change);
			// long enough for the statement to begin, if it is to have an old time
			Awaitility.await().pollDelay(Duration.ofMillis(250)).until(() -> !changer.isDone());
			waiting.countDown();
			Instant released = holder.get(2, TimeUnit.MINUTES);
			changer.get(2, TimeUnit.MINUTES);
			return released;
		}
		finally {
			waiting.countDown();
			executor.shutdownNow();
		}
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		try {
			latch.await(2, TimeUnit.MINUTES);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void change(String change, UUID id) {
		change(this.service, change, id);
	}

	private void change(JpaApiKeyService service, String change, UUID id) {
		switch (change) {
			case "create" -> create();
			case "import" -> service.importKey(ImportedApiKey.ofToken(create().token()), NewApiKey.named("key"));
			case "update" -> service.update(id, (update) -> update.name("other"));
			case "disable" -> service.disable(id);
			case "enable" -> service.enable(id);
			case "revoke" -> service.revoke(id);
			case "rotate" -> service.rotate(id, Duration.ofDays(1));
			case "revokeAll" -> service.revokeAll(this.owner, null);
			case "invalidateOwner" -> service.invalidateOwner(this.owner);
			case "purge" -> service.purge(Duration.ofDays(1));
			default -> throw new IllegalArgumentException(change);
		}
	}

	private void breakEntity(CreatedApiKey created, String how) {
		String id = "(select id from api_key where key_id = '" + created.apiKey().getKeyId() + "')";
		switch (how) {
			case "row" -> unit().jdbc().update("delete from tenant_api_key where id = " + id);
			case "class" -> unit().jdbc().update("update tenant_api_key set tenant = 'classless' where id = " + id);
			case "value" -> unit().jdbc().update("update tenant_api_key set tenant = 'unreadable' where id = " + id);
			default -> {
				unit().jdbc().update("delete from tenant_api_key where id = " + id);
				unit().jdbc()
					.update("update api_key set key_type = 'unknown' where key_id = ?", created.apiKey().getKeyId());
			}
		}
	}

	private CreatedApiKey create() {
		return this.service.create(NewApiKey.named("key").owner(this.owner));
	}

	private CreatedApiKey createTenant() {
		TenantApiKey tenant = new TenantApiKey();
		tenant.setTenant("acme");
		return this.service.create(tenant, NewApiKey.named("key").owner(this.owner).scopes("a:b").metadata("a", "b"));
	}

	private JpaApiKeyService service() {
		return service(unit().transactionManager());
	}

	private JpaApiKeyService service(PlatformTransactionManager transactionManager) {
		JpaApiKeyService service = unit().service(transactionManager,
				new ApiKeyTokenFormats(new ApiKeyTokenFormat("acme", List.of())),
				new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
		service.setTenantsShareKeys(true);
		service.setApplicationEventPublisher(this.events::add);
		service.setMaxAgeOfChanges(Duration.ofMillis(100));
		// a purge leaves the keys whose usage is being written
		service.setUsageInterval(Duration.ofHours(1));
		this.services.add(service);
		return service;
	}

	private JpaApiKeyService serviceAt(Duration offset) {
		JpaApiKeyService service = service();
		service.setClock(Clock.offset(Clock.systemUTC(), offset));
		return service;
	}

	private TransactionTemplate newTransaction() {
		TransactionTemplate transaction = new TransactionTemplate(unit().transactionManager());
		transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		return transaction;
	}

	/**
	 * The time by the clock that changes get theirs from.
	 */
	private Instant now() {
		String clock = ApiKeyTable.of(unit().entityManagerFactory()).now();
		return clock.equals(ApiKeyTable.NOW_PARAMETER) ? Instant.now().truncatedTo(ChronoUnit.MICROS)
				: newTransaction().execute((status) -> this.entityManager
					.createQuery("select cast(sql('" + clock + "') as Instant)", Instant.class)
					.getSingleResult());
	}

	private Instant changedAt(UUID id) {
		return newTransaction().execute((status) -> this.entityManager
			.createQuery("select k.changedAt from io.github.apikeys.core.ApiKey k where k.id = :id", Instant.class)
			.setParameter("id", id)
			.getSingleResult());
	}

	private Instant invalidatedAt() {
		return newTransaction()
			.execute((status) -> this.entityManager
				.createQuery("select o.invalidatedAt from io.github.apikeys.core.jpa.KeyOwner o where o.owner = :owner",
						Instant.class)
				.setParameter("owner", this.owner)
				.getSingleResult());
	}

	private List<ApiKeyChange> changes(CreatedApiKey created) {
		List<ApiKeyChange> changes = new ArrayList<>();
		new JpaApiKeyReports(unit().entityManagerFactory(), unit().transactionManager())
			.history(created.apiKey().getId())
			.forEach((event) -> changes.add(0, event.getChange()));
		return changes;
	}

	private List<String> revocations() {
		return this.events.stream()
			.filter((event) -> event instanceof ApiKeyEvent change && change.getChange() == ApiKeyChange.REVOKED)
			.map((event) -> ((ApiKeyEvent) event).getKeyId())
			.toList();
	}

	private Map<String, Object> row(CreatedApiKey created) {
		return unit().jdbc().queryForMap("select * from api_key where key_id = ?", created.apiKey().getKeyId());
	}

	private int count(String sql) {
		return unit().jdbc().queryForObject(sql, Integer.class);
	}

	private String keyIdType() {
		String product = unit().jdbc()
			.execute((Connection connection) -> connection.getMetaData().getDatabaseProductName());
		return List.of("MariaDB", "MySQL").contains(product) ? "varchar(100) character set ascii collate ascii_bin"
				: "varchar(100)";
	}

	static class UnmappedApiKey extends ApiKey {

	}

	/**
	 * A trigger of the application, on H2.
	 */
	public static final class KeepingTrigger implements Trigger {

		static volatile String kept;

		@Override
		public void fire(Connection connection, Object[] oldRow, Object[] newRow) throws SQLException {
			if (Arrays.asList(oldRow).contains(kept)) {
				throw new SQLException("kept", "45000");
			}
		}

	}

}
