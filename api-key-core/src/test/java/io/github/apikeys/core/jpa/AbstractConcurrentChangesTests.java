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

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyUpdate;
import io.github.apikeys.core.ApiKeyUsage;
import io.github.apikeys.core.ApiKeyVersionConflictException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.MadeKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.NewToken;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.type.TenantApiKey;
import jakarta.persistence.PessimisticLockException;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.data.domain.Pageable;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * What becomes of changes that are made at the same time, or in a transaction that began
 * before another change, on every database.
 */
abstract class AbstractConcurrentChangesTests extends AbstractDatabaseTests {

	private static final Instant END = Instant.now().plus(30, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS);

	private final List<JpaApiKeyService> services = new ArrayList<>();

	private JpaApiKeyService service;

	private String owner;

	@BeforeEach
	void createService() {
		this.service = service();
		this.owner = "owner-" + UUID.randomUUID();
	}

	@AfterEach
	void closeServices() {
		this.services.forEach(JpaApiKeyService::close);
		this.services.clear();
	}

	@Test
	void rotateWhenItWaitedForAnUpdateThenTheSuccessorIsLikeTheUpdatedKey() throws Exception {
		UUID id = create("admin", "read").getId();
		CreatedApiKey successor = afterWaitingFor(() -> restrict(id),
				() -> this.service.rotate(id, Duration.ofDays(7)));
		assertRestricted(this.service.find(successor.apiKey().getId()).orElseThrow());
	}

	@Test
	void rotateWhenTheCallerReadAnOlderStateThenTheSuccessorIsLikeTheKeyNow() {
		UUID id = create("admin", "read").getId();
		UUID successor = afterReading(() -> restrict(id),
				() -> this.service.rotate(id, Duration.ofDays(7)).apiKey().getId());
		if (successor != null) {
			assertRestricted(this.service.find(successor).orElseThrow());
		}
		assertRestricted(this.service.find(id).orElseThrow());
	}

	@Test
	void rotateWhenTheQuotaWasUsedMeanwhileThenTheSuccessorHasUsedAsMuch() {
		UUID id = this.service.create(NewApiKey.named("key").quota(3)).apiKey().getId();
		UUID successor = afterReading(() -> {
			assertThat(this.service.consumeQuota(id)).isTrue();
			assertThat(this.service.consumeQuota(id)).isTrue();
		}, () -> this.service.rotate(id, Duration.ofDays(7)).apiKey().getId());
		assertThat(this.service.consumeQuota(id)).isTrue();
		assertThat(this.service.consumeQuota(id)).isFalse();
		assertThat(successor == null || !this.service.consumeQuota(successor)).isTrue();
	}

	@Test
	void refundQuotaWhenItWaitedForARotationThenTheSuccessorHasTheRequest() throws Exception {
		UUID id = this.service.create(NewApiKey.named("key").quota(1)).apiKey().getId();
		assertThat(this.service.consumeQuota(id)).isTrue();
		afterWaitingFor(() -> this.service.rotate(id, Duration.ofDays(7)), () -> {
			this.service.refundQuota(id);
			return id;
		});
		UUID successor = this.service.find(id).orElseThrow().getSuccessorId();
		assertThat(this.service.find(successor).orElseThrow().getQuotaUsed()).isZero();
		assertThat(this.service.consumeQuota(id)).isTrue();
		assertThat(this.service.consumeQuota(successor)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "name", "description", "scopes", "metadata", "allowedAddresses", "rateLimits", "quota",
			"expiresAt" })
	void updateWhenTheCallerReadAnOlderStateThenWhatItSaysIsWritten(String attribute) {
		UUID id = create("read").getId();
		this.service.update(id, (update) -> set(update, attribute, true));
		ApiKey returned = afterReading(() -> this.service.update(id, (update) -> set(update, attribute, false)),
				() -> this.service.update(id, (update) -> set(update, attribute, true)));
		Object current = get(this.service.find(id).orElseThrow(), attribute);
		if (returned != null) {
			assertThat(current).isEqualTo(get(returned, attribute));
			UUID like = create("read").getId();
			this.service.update(like, (update) -> set(update, attribute, true));
			assertThat(current).isEqualTo(get(this.service.find(like).orElseThrow(), attribute));
		}
	}

	@Test
	void updateWhenTheCallerReadAnOlderStateThenTheExpectedVersionIsThatOfNow() {
		UUID id = create("read").getId();
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> repeatableRead().execute((status) -> {
			long version = this.service.find(id).orElseThrow().getVersion();
			elsewhere(() -> this.service.update(id, (update) -> update.scopes("admin")));
			return this.service.update(id, (update) -> update.scopes("read").expectVersion(version));
		}))
			.isInstanceOfAny(ApiKeyVersionConflictException.class, ConcurrencyFailureException.class,
					PessimisticLockException.class);
		assertThat(this.service.find(id).orElseThrow().getScopes()).containsExactly("admin");
	}

	@Test
	void updateWhenAllIsSoAlreadyThenTheExpectedVersionCounts() {
		UUID id = create("read").getId();
		assertThatExceptionOfType(ApiKeyVersionConflictException.class)
			.isThrownBy(() -> this.service.update(id, (update) -> update.scopes("read").expectVersion(7)));
	}

	@Test
	void changeWhenItsTransactionGoesOnThenOthersGiveKeysScopesAndMetadata() throws Exception {
		// which gaps a lock would close depends on the ids
		for (int i = 0; i < 10; i++) {
			othersCreateWhileDisabling();
		}
	}

	private void othersCreateWhileDisabling() throws Exception {
		UUID id = this.service.create(NewApiKey.named("without")).apiKey().getId();
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			Future<?> other = repeatableRead().execute((status) -> {
				this.service.disable(id);
				Future<?> creating = executor
					.submit(() -> this.service.create(NewApiKey.named("with").scopes("read").metadata("team", "a")));
				Awaitility.await().until(creating::isDone);
				return creating;
			});
			other.get();
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * As an application changes what its type adds.
	 */
	@Test
	void rotateWhenWhatTheTypeAddsChangedMeanwhileThenTheSuccessorHasItAsItIsNow() {
		TenantApiKey key = new TenantApiKey();
		key.setTenant("before");
		ApiKey created = this.service.create(key, NewApiKey.named("key").owner(this.owner)).apiKey();
		UUID id = created.getId();
		String keyId = created.getKeyId();
		TransactionTemplate transaction = new TransactionTemplate(unit().transactionManager());
		transaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		UUID successor = transaction.execute((status) -> {
			assertThat(this.service.find(TenantApiKey.class, id)).isPresent();
			elsewhere(() -> assertThat(unit().jdbc()
				.update("update tenant_api_key set tenant = 'now' where id = (select id from api_key where key_id = ?)",
						keyId))
				.isOne());
			return this.service.rotate(id, Duration.ofDays(7)).apiKey().getId();
		});
		assertThat(this.service.find(TenantApiKey.class, successor).orElseThrow().getTenant()).isEqualTo("now");
	}

	@ParameterizedTest
	@ValueSource(strings = { "disable", "enable", "update", "revoke" })
	void changeWhenTheCallerReadAnOlderStateThenReturnsTheKeyAsItIsNow(String change) {
		UUID id = create("admin", "read").getId();
		ApiKey returned = afterReading(() -> restrict(id), () -> switch (change) {
			case "disable" -> this.service.disable(id);
			case "enable" -> this.service.enable(id);
			case "revoke" -> this.service.revoke(id);
			default -> this.service.update(id, (update) -> update.name("other"));
		});
		if (returned != null) {
			assertThat(returned.getAllowedAddresses()).isNotEmpty()
				.isEqualTo(this.service.find(id).orElseThrow().getAllowedAddresses());
		}
	}

	/**
	 * Whoever revokes all keys locks them in the order of their ids, and whoever writes
	 * their use might come from the other end: each database orders ids in its own way.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void revokeAllWhenUseOfTheKeysIsBeingWrittenThenNeitherIsGivenUp(boolean first) throws Exception {
		AtomicInteger givenUp;
		Duration held;
		do {
			givenUp = new AtomicInteger();
			held = revokeAllWhileUseIsWritten(first, service(givingUp(givenUp)));
		}
		// what a busy machine holds for longer is given up rightly
		while (held.toMillis() >= KeyLocks.MAX_WAIT.milliseconds());
		assertThat(givenUp).hasValue(0);
	}

	/**
	 * Revokes all keys of another owner while their use is written.
	 * @return how long something held keys
	 */
	private Duration revokeAllWhileUseIsWritten(boolean first, JpaApiKeyService using) throws Exception {
		this.owner = "owner-" + UUID.randomUUID();
		using.setUsageInterval(Duration.ofMillis(20));
		List<CreatedApiKey> keys = new ArrayList<>();
		while (keys.size() < 20) {
			keys.add(this.service.create(NewApiKey.named("key").owner(this.owner)));
		}
		List<String> ordered = keyIds("order by id");
		String held = ordered.get(first ? 0 : ordered.size() - 1);
		ExecutorService executor = Executors.newFixedThreadPool(2);
		CountDownLatch locked = new CountDownLatch(1);
		CountDownLatch waiting = new CountDownLatch(1);
		long start = System.nanoTime();
		Duration duration;
		try {
			Future<?> holder = executor.submit(() -> transaction().executeWithoutResult((status) -> {
				unit().jdbc().queryForList("select id from api_key where key_id = ? for update", held);
				locked.countDown();
				await(waiting);
			}));
			await(locked);
			keys.forEach((key) -> assertThat(using.verify(key.token())).isPresent());
			pause();
			Future<Integer> revoking = executor
				.submit(() -> transaction().execute((status) -> this.service.revokeAll(this.owner, null)));
			pause();
			waiting.countDown();
			holder.get(2, TimeUnit.MINUTES);
			assertThat(revoking.get(2, TimeUnit.MINUTES)).isEqualTo(keys.size());
			duration = Duration.ofNanos(System.nanoTime() - start);
		}
		finally {
			waiting.countDown();
			executor.shutdownNow();
		}
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.service.list(ApiKeyQuery.all().owner(this.owner), Pageable.unpaged()))
				.allSatisfy((key) -> assertThat(key.getLastUsedAt()).isNotNull()));
		return duration;
	}

	private JpaTransactionManager givingUp(AtomicInteger givenUp) {
		JpaTransactionManager transactionManager = new JpaTransactionManager(unit().entityManagerFactory());
		transactionManager.addListener(new TransactionExecutionListener() {

			@Override
			public void afterRollback(TransactionExecution transaction, @Nullable Throwable failure) {
				givenUp.incrementAndGet();
			}

		});
		return transactionManager;
	}

	/**
	 * Whoever counts or changes the keys of an owner holds none that comes after the one
	 * that it waits for.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "create", "import", "update", "revokeAll" })
	void changeOfKeysOfAnOwnerThenTheLesserIdsAreLockedFirst(String change) throws Exception {
		this.service.setMaxKeysPerOwner(100);
		List.of("one", "two", "three", "four").forEach(this::create);
		// not in the order of their creation, and so of an index
		while (keyIds("order by id").get(0).equals(keyIds("order by created_at").get(0))) {
			unit().jdbc().update("delete from api_key where key_id = ?", keyIds("order by id").get(0));
			create();
		}
		List<String> ordered = keyIds("order by id");
		UUID last = this.service.findByKeyId(ordered.get(ordered.size() - 1)).orElseThrow().getId();
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			Future<?> changing = transaction().execute((status) -> {
				unit().jdbc().queryForList("select id from api_key where key_id = ? for update", ordered.get(0));
				Future<?> waiting = executor.submit(() -> changeKeys(change, last));
				pause();
				assertThat(waiting).isNotDone();
				ordered.forEach((keyId) -> unit().jdbc()
					.queryForList("select id from api_key where key_id = ? for update nowait", keyId));
				return waiting;
			});
			changing.get(2, TimeUnit.MINUTES);
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * One that ended may be locked by whoever waits for another one.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "create", "import", "update", "rotate", "limit", "revokeAll" })
	void changeOfKeysOfAnOwnerWhenOneThatEndedIsLockedThenDoesNotWait(String change) throws Exception {
		this.service.setMaxKeysPerOwner(100);
		ApiKey ended = create();
		UUID second = this.service.rotate(ended.getId(), Duration.ofDays(7)).apiKey().getId();
		UUID third = this.service.rotate(second, Duration.ofDays(7)).apiKey().getId();
		this.service.revoke(ended.getId());
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			transaction().executeWithoutResult((status) -> {
				unit().jdbc().queryForList("select id from api_key where key_id = ? for update", ended.getKeyId());
				call(() -> executor.submit(() -> changeKeys(change, third)).get(2, TimeUnit.MINUTES));
			});
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void revokeAllWhenTheCallerReadAnOlderStateThenNoKeyIsLeft() {
		assumeThatALockingReadSeesMoreThanTheSnapshot();
		create("read");
		List<UUID> later = new ArrayList<>();
		Integer revoked = afterReading(() -> later.add(create("read").getId()),
				() -> this.service.revokeAll(this.owner, null));
		if (revoked != null) {
			assertThat(revoked).isEqualTo(2);
			assertThat(this.service.find(later.get(0)).orElseThrow().getRevokedAt()).isNotNull();
		}
	}

	@Test
	void createWhenTheCallerReadAnOlderStateThenTheKeysOfNowCount() {
		assumeThatALockingReadSeesMoreThanTheSnapshot();
		this.service.setMaxKeysPerOwner(1);
		try {
			assertThat(afterReading(() -> create("read"), () -> create("read"))).isNull();
		}
		catch (InvalidApiKeyAttributeException ex) {
			assertThat(ex.getAttribute()).isEqualTo("owner");
		}
		assertThat(keyIds("order by id")).hasSize(1);
	}

	/**
	 * On H2 it sees no row that was added since.
	 */
	private void assumeThatALockingReadSeesMoreThanTheSnapshot() {
		assumeThat(ApiKeyTable.of(unit().entityManagerFactory()).hasClock()).isTrue();
	}

	private Object changeKeys(String change, UUID id) {
		return switch (change) {
			case "create" -> create();
			case "import" -> this.service.importIfAbsent(MadeKey.empty(),
					ImportedApiKey.ofToken(NewToken.of("acme").token()), NewApiKey.named("key").owner(this.owner));
			case "update" -> this.service.update(id, (update) -> update.expiresAt(END));
			case "limit" -> this.service.update(id, (update) -> update.rateLimits("5/1s"));
			case "rotate" -> this.service.rotate(id, Duration.ofDays(7));
			default -> this.service.revokeAll(this.owner, null);
		};
	}

	private List<String> keyIds(String order) {
		return unit().jdbc()
			.queryForList("select key_id from api_key where owner = ? " + order, String.class, this.owner);
	}

	/**
	 * Whoever waits for the lock of the key may have less and less of the line to end.
	 */
	@Test
	void rotateManyTimesThenTwoKeysCanBeUsed() {
		ApiKey key = create("read");
		List<UUID> line = new ArrayList<>(List.of(key.getId()));
		for (int i = 0; i < 4; i++) {
			line.add(this.service.rotate(line.get(i), Duration.ofDays(7)).apiKey().getId());
		}
		assertThat(line).filteredOn((id) -> this.service.find(id).orElseThrow().getState() == ApiKeyState.ACTIVE)
			.containsExactly(line.get(3), line.get(4));
	}

	/**
	 * Whoever locks several keys does it in the order of their ids, whichever of them is
	 * the newer one.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "rotate", "update" })
	void changeOfAKeyAndTheOneItReplacedThenTheLesserIdIsLockedFirst(String change) throws Exception {
		ApiKey old = create("read");
		ApiKey key = this.service.rotate(old.getId(), Duration.ofDays(7)).apiKey();
		while (!isFirst(old, key)) {
			old = create("read");
			key = this.service.rotate(old.getId(), Duration.ofDays(7)).apiKey();
		}
		String first = old.getKeyId();
		String second = key.getKeyId();
		UUID id = key.getId();
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			Future<?> changing = transaction().execute((status) -> {
				unit().jdbc().queryForList("select id from api_key where key_id = ? for update", first);
				Future<?> waiting = executor
					.submit(() -> change.equals("rotate") ? this.service.rotate(id, Duration.ofDays(7))
							: this.service.update(id, (update) -> update.rateLimits("5/1s")));
				pause();
				assertThat(waiting).isNotDone();
				unit().jdbc().queryForList("select id from api_key where key_id = ? for update nowait", second);
				return waiting;
			});
			changing.get(2, TimeUnit.MINUTES);
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * The order is that of the database, which compares ids in its own way.
	 */
	private boolean isFirst(ApiKey one, ApiKey other) {
		return one.getKeyId()
			.equals(unit().jdbc()
				.queryForList("select key_id from api_key where key_id in (?, ?) order by id", String.class,
						one.getKeyId(), other.getKeyId())
				.get(0));
	}

	/**
	 * As where keys are deleted.
	 */
	@Test
	void useThenTheRowOfTheKeyIsLockedBeforeThoseOfItsUse() {
		JpaApiKeyService using = service();
		using.setUsageInterval(Duration.ofMillis(20));
		CreatedApiKey created = using.create(NewApiKey.named("key"));
		List<String> statements = unit().statementsOf(() -> {
			assertThat(using.verify(created.token())).isPresent();
			Awaitility.await()
				.until(() -> this.service.find(created.apiKey().getId()).orElseThrow().getLastUsedAt() != null);
		})
			.stream()
			.filter((statement) -> statement.startsWith("update api_key set last_used_at")
					|| statement.contains("into api_key_usage"))
			.toList();
		assertThat(statements.get(0)).startsWith("update api_key set last_used_at");
		assertThat(statements.get(1)).contains("into api_key_usage");
	}

	/**
	 * As by a long transaction of the application, which changed the key or only refers
	 * to it.
	 */
	@Test
	void useWhenAKeyIsLockedThenThatOfOthersIsWrittenAndNoneOfThemIsHeld() throws Exception {
		JpaApiKeyService using = service();
		using.setUsageInterval(Duration.ofMillis(20));
		List<CreatedApiKey> keys = new ArrayList<>();
		while (keys.size() < 5) {
			keys.add(this.service.create(NewApiKey.named("key").owner(this.owner)));
		}
		String held = keyIds("order by id").get(2);
		ExecutorService executor = Executors.newFixedThreadPool(2);
		CountDownLatch locked = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(1);
		try {
			Future<?> holder = executor.submit(() -> transaction().executeWithoutResult((status) -> {
				unit().jdbc().queryForList("select id from api_key where key_id = ? for update", held);
				locked.countDown();
				await(done);
			}));
			await(locked);
			keys.forEach((key) -> assertThat(using.verify(key.token())).isPresent());
			Awaitility.await()
				.untilAsserted(() -> assertThat(keys)
					.allSatisfy((key) -> assertThat(isUsed(key)).isEqualTo(!key.apiKey().getKeyId().equals(held))));
			Future<?> changing = executor.submit(() -> keys.stream()
				.map(CreatedApiKey::apiKey)
				.filter((key) -> !key.getKeyId().equals(held))
				.forEach((key) -> this.service.disable(key.getId())));
			changing.get(2, TimeUnit.MINUTES);
			assertThat(holder).isNotDone();
			done.countDown();
			holder.get(2, TimeUnit.MINUTES);
			Awaitility.await().untilAsserted(() -> assertThat(keys).allMatch(this::isUsed));
		}
		finally {
			done.countDown();
			executor.shutdownNow();
		}
		keys.forEach((key) -> assertThat(requests(key)).isOne());
	}

	/**
	 * After some times it is waited for.
	 */
	@Test
	void useWhenAKeyIsLockedForLongThenThatOfOthersGoesOn() throws Exception {
		JpaApiKeyService using = service();
		using.setUsageInterval(Duration.ofMillis(20));
		CreatedApiKey held = this.service.create(NewApiKey.named("key"));
		CreatedApiKey other = this.service.create(NewApiKey.named("key"));
		ExecutorService executor = Executors.newSingleThreadExecutor();
		CountDownLatch locked = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(1);
		try {
			Future<?> holder = executor.submit(() -> transaction().executeWithoutResult((status) -> {
				unit().jdbc()
					.queryForList("select id from api_key where key_id = ? for update", held.apiKey().getKeyId());
				locked.countDown();
				await(done);
			}));
			await(locked);
			assertThat(using.verify(held.token())).isPresent();
			for (int i = 1; i <= 5; i++) {
				int times = i;
				assertThat(using.verify(other.token())).isPresent();
				Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> requests(other) == times);
			}
			assertThat(holder).isNotDone();
			done.countDown();
			holder.get(2, TimeUnit.MINUTES);
			Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> requests(held) == 1);
		}
		finally {
			done.countDown();
			executor.shutdownNow();
		}
	}

	@Test
	void useOfAKeyThatIsDeletedMeanwhileThenNothingIsLeftOfIt() {
		JpaApiKeyService using = service();
		using.setUsageInterval(Duration.ofHours(1));
		CreatedApiKey deleted = this.service.create(NewApiKey.named("key"));
		CreatedApiKey other = this.service.create(NewApiKey.named("key"));
		assertThat(using.verify(deleted.token())).isPresent();
		assertThat(using.verify(other.token())).isPresent();
		unit().jdbc().update("delete from api_key where key_id = ?", deleted.apiKey().getKeyId());
		using.close();
		Awaitility.await().until(() -> requests(other) == 1);
		assertThat(requests(deleted)).isZero();
	}

	private boolean isUsed(CreatedApiKey key) {
		return this.service.find(key.apiKey().getId()).orElseThrow().getLastUsedAt() != null;
	}

	private long requests(CreatedApiKey key) {
		LocalDate today = LocalDate.now(ZoneOffset.UTC);
		return new JpaApiKeyReports(unit().entityManagerFactory(), unit().transactionManager())
			.usage(key.apiKey().getId(), today.minusDays(1), today)
			.stream()
			.mapToLong(ApiKeyUsage::getRequests)
			.sum();
	}

	@Test
	void changeWhenTheDatabaseGivesItUpForAnotherThenMadeAgain() throws Exception {
		ApiKey key = create("read");
		ExecutorService executor = Executors.newSingleThreadExecutor();
		List<Future<Integer>> revoking = new ArrayList<>();
		try {
			transaction().executeWithoutResult((status) -> {
				unit().jdbc().queryForList("select id from api_key where key_id = ? for update", key.getKeyId());
				// more to undo than the other one has
				for (int i = 0; i < 10; i++) {
					this.service.create(NewApiKey.named("other"));
				}
				revoking.add(executor.submit(() -> this.service.revokeAll(this.owner, null)));
				pause();
				unit().jdbc().update("update api_key_owner set locks = 0 where owner = ?", this.owner);
			});
		}
		catch (ConcurrencyFailureException ex) {
			// it was this one
		}
		try {
			assertThat(revoking.get(0).get(2, TimeUnit.MINUTES)).isOne();
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * As where transactions are global, or with any other manager than that of JPA.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "create", "rotate", "update", "revokeAll" })
	void changeWhenTheSnapshotOfItsTransactionIsTooOldThenMadeAgain(String change) throws Exception {
		UUID id = create("read").getId();
		JpaApiKeyService keeping = service(keepingSnapshots());
		afterWaitingFor(() -> create("other"), () -> switch (change) {
			case "create" -> keeping.create(NewApiKey.named("key").owner(this.owner));
			case "rotate" -> keeping.rotate(id, Duration.ofDays(7));
			case "update" -> keeping.update(id, (update) -> update.expiresAt(END));
			default -> keeping.revokeAll(this.owner, null);
		});
	}

	private PlatformTransactionManager keepingSnapshots() {
		JpaTransactionManager manager = unit().transactionManager();
		return new PlatformTransactionManager() {

			@Override
			public TransactionStatus getTransaction(TransactionDefinition definition) {
				DefaultTransactionDefinition keeping = new DefaultTransactionDefinition(definition);
				keeping.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
				return manager.getTransaction(keeping);
			}

			@Override
			public void commit(TransactionStatus status) {
				manager.commit(status);
			}

			@Override
			public void rollback(TransactionStatus status) {
				manager.rollback(status);
			}

		};
	}

	/**
	 * Two gaps in an index that two transactions lock are one.
	 */
	@Test
	void createWhenOwnersGetTheirFirstKeysAtOnceThenBothDo() throws Exception {
		this.service.setMaxKeysPerOwner(1);
		ExecutorService executor = Executors.newFixedThreadPool(2);
		CyclicBarrier barrier = new CyclicBarrier(2);
		try {
			List<Future<ApiKey>> created = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				String owner = this.owner + "-" + i;
				created.add(executor.submit(() -> {
					barrier.await(2, TimeUnit.MINUTES);
					return this.service.create(NewApiKey.named("key").owner(owner)).apiKey();
				}));
			}
			for (Future<ApiKey> each : created) {
				assertThat(each.get(2, TimeUnit.MINUTES)).isNotNull();
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * Long enough for a statement of another thread to begin to wait.
	 */
	private static void pause() {
		Awaitility.await().pollDelay(Duration.ofMillis(250)).until(() -> true);
	}

	private void restrict(UUID id) {
		this.service.update(id,
				(update) -> update.scopes("read")
					.allowedAddresses(List.of("192.0.2.1"))
					.rateLimits("5/1s")
					.quota(7L)
					.metadata(Map.of("tier", "free")));
	}

	private static void assertRestricted(ApiKey key) {
		assertThat(key.getScopes()).containsExactly("read");
		assertThat(key.getAllowedAddresses()).containsExactly("192.0.2.1");
		assertThat(key.getRateLimits()).isNotNull();
		assertThat(key.getQuota()).isEqualTo(7);
		assertThat(key.getMetadata()).isEqualTo(Map.of("tier", "free"));
	}

	private static void set(ApiKeyUpdate update, String attribute, boolean first) {
		switch (attribute) {
			case "name" -> update.name(first ? "first" : "second");
			case "description" -> update.description(first ? "first" : "second");
			case "scopes" -> update.scopes(first ? List.of("read") : List.of("read", "admin"));
			case "metadata" -> update.metadata(first ? Map.of("a", "b") : Map.of("a", "c", "d", "e"));
			case "allowedAddresses" -> update.allowedAddresses(first ? List.of("192.0.2.1") : List.of());
			case "rateLimits" -> update.rateLimits(first ? "5/1s" : null);
			case "quota" -> update.quota(first ? 7L : null);
			default -> update.expiresAt(first ? END : null);
		}
	}

	private static @Nullable Object get(ApiKey key, String attribute) {
		return switch (attribute) {
			case "name" -> key.getName();
			case "description" -> key.getDescription();
			case "scopes" -> key.getScopes();
			case "metadata" -> key.getMetadata();
			case "allowedAddresses" -> key.getAllowedAddresses();
			case "rateLimits" -> String.valueOf(key.getRateLimits());
			case "quota" -> key.getQuota();
			default -> key.getExpiresAt();
		};
	}

	/**
	 * Makes a change in a transaction that read something before another change.
	 * @return the result, or {@code null} if the database refuses to change what the
	 * transaction does not see
	 */
	private <T> @Nullable T afterReading(Runnable other, Callable<T> change) {
		try {
			return repeatableRead().execute((status) -> {
				this.service.findByKeyId("acme-none");
				elsewhere(other);
				return call(change);
			});
		}
		catch (ConcurrencyFailureException | PessimisticLockException ex) {
			return null;
		}
	}

	private static <T> T call(Callable<T> action) {
		try {
			return action.call();
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Makes a change that waits for another one, which is committed then.
	 */
	private <T> T afterWaitingFor(Runnable other, Callable<T> change) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(2);
		CountDownLatch changed = new CountDownLatch(1);
		CountDownLatch waiting = new CountDownLatch(1);
		try {
			Future<?> first = executor.submit(() -> transaction().executeWithoutResult((status) -> {
				other.run();
				changed.countDown();
				await(waiting);
			}));
			await(changed);
			Future<T> second = executor.submit(change);
			pause();
			assertThat(second).isNotDone();
			waiting.countDown();
			first.get(2, TimeUnit.MINUTES);
			return second.get(2, TimeUnit.MINUTES);
		}
		finally {
			waiting.countDown();
			executor.shutdownNow();
		}
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(2, TimeUnit.MINUTES)).isTrue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void elsewhere(Runnable action) {
		TransactionTemplate other = new TransactionTemplate(unit().transactionManager());
		other.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		other.executeWithoutResult((status) -> action.run());
	}

	private TransactionTemplate repeatableRead() {
		TransactionTemplate transaction = new TransactionTemplate(unit().transactionManager());
		transaction.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
		return transaction;
	}

	private ApiKey create(String... scopes) {
		return this.service.create(NewApiKey.named("key").owner(this.owner).scopes(scopes)).apiKey();
	}

	JpaApiKeyService service() {
		return service(unit().transactionManager());
	}

	private JpaApiKeyService service(PlatformTransactionManager transactionManager) {
		JpaApiKeyService service = unit().service(transactionManager,
				new ApiKeyTokenFormats(new ApiKeyTokenFormat("acme", List.of())),
				new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
		service.setTenantsShareKeys(true);
		this.services.add(service);
		return service;
	}

}
