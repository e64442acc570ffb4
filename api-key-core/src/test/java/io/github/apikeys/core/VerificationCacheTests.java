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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What is remembered, and for how long, whatever overlaps.
 */
class VerificationCacheTests {

	private static final Duration LONG = Duration.ofSeconds(15);

	private final Map<String, StoredApiKey> database = new ConcurrentHashMap<>();

	private final List<RecentChange> changes = new CopyOnWriteArrayList<>();

	private final AtomicInteger loads = new AtomicInteger();

	private volatile Runnable whileLoading = () -> {
	};

	private volatile RuntimeException failure;

	private VerificationCache cache;

	@AfterEach
	void close() {
		if (this.cache != null) {
			this.cache.close();
		}
	}

	@Test
	void getThenLoadsOnce() {
		store("a", 0);
		cache(LONG);
		assertThat(version("a")).isZero();
		assertThat(version("a")).isZero();
		assertThat(this.loads).hasValue(1);
	}

	@Test
	void getWhenUnknownThenNothingIsRemembered() {
		cache(LONG);
		assertThat(get("a", Moment.now())).isNull();
		store("a", 0);
		assertThat(version("a")).isZero();
	}

	@Test
	void getWhenManyUnknownOnesWereAskedForThenTheRealOneIsStillThere() {
		store("a", 0);
		this.cache = new VerificationCache(this::load, () -> this.changes, 10, LONG);
		version("a");
		for (int i = 0; i < 1000; i++) {
			assertThat(get("unknown" + i, Moment.now())).isNull();
		}
		this.loads.set(0);
		assertThat(version("a")).isZero();
		assertThat(this.loads).hasValue(0);
	}

	@Test
	void getWhenTheStalenessIsOverThenAsksTheDatabase() throws Exception {
		store("a", 0);
		cache(Duration.ofMillis(200));
		this.failure = null;
		version("a");
		// nobody tells what changes
		this.cache.close();
		store("a", 1);
		Thread.sleep(250);
		assertThat(version("a")).isOne();
	}

	@Test
	void getWhenTheDatabaseIsGoneThenTrustsOnlyForTheStaleness() throws Exception {
		store("a", 0);
		cache(Duration.ofMillis(300));
		version("a");
		this.failure = new IllegalStateException("down");
		assertThat(version("a")).isZero();
		Thread.sleep(700);
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> version("a"));
		this.failure = null;
		assertThat(version("a")).isZero();
	}

	/**
	 * As with a pool of connections, which answers after half a minute.
	 */
	@Test
	void getWhenTheDatabaseIsSilentThenNobodyWaitsUntilItAnswers() throws Exception {
		CountDownLatch answer = new CountDownLatch(1);
		AtomicBoolean hanging = new AtomicBoolean();
		store("a", 0);
		this.cache = new VerificationCache(this::load, () -> {
			if (hanging.get()) {
				await(answer);
				hanging.set(false);
				throw new IllegalStateException("no connection after a long time");
			}
			return this.changes;
		}, 1000, Duration.ofMillis(300));
		version("a");
		hanging.set(true);
		Thread.sleep(600);
		this.loads.set(0);
		assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> version("a"));
		assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> version("b"));
		assertThat(this.loads).hasValue(0);
		answer.countDown();
		Thread.sleep(400);
		assertThat(version("a")).isZero();
		assertThat(this.loads).hasPositiveValue();
	}

	@Test
	void getWhenAnotherLoadHangsThenNobodyWaitsLongerThanTheStaleness() throws Exception {
		CountDownLatch loading = new CountDownLatch(1);
		CountDownLatch answer = new CountDownLatch(1);
		store("a", 0);
		cache(Duration.ofMillis(300));
		this.whileLoading = () -> {
			loading.countDown();
			await(answer);
		};
		Thread first = new Thread(() -> version("a"));
		first.start();
		await(loading);
		long start = System.nanoTime();
		assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> version("a"));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
		answer.countDown();
		first.join();
		assertThat(version("a")).isZero();
	}

	@Test
	void getWhenPolledThenTrustedFurtherWithoutALoad() throws Exception {
		store("a", 0);
		cache(Duration.ofMillis(300));
		version("a");
		this.loads.set(0);
		// the first question comes after the first key, and finds that nothing was asked
		// before
		Thread.sleep(400);
		version("a");
		int first = this.loads.get();
		for (int i = 0; i < 10; i++) {
			Thread.sleep(100);
			version("a");
		}
		assertThat(this.loads).hasValue(first);
	}

	@Test
	void pollWhenAKeyChangedThenForgotten() {
		store("a", 0);
		store("b", 3);
		cache(LONG);
		this.cache.poll();
		version("a");
		version("b");
		store("a", 1);
		this.changes.add(new RecentChange("a", 1, Instant.EPOCH));
		this.changes.add(new RecentChange("b", 3, Instant.EPOCH));
		this.loads.set(0);
		this.cache.poll();
		assertThat(version("a")).isOne();
		assertThat(version("b")).isEqualTo(3);
		assertThat(this.loads).hasValue(1);
		this.cache.poll();
		assertThat(version("a")).isOne();
		assertThat(this.loads).hasValue(1);
	}

	/**
	 * A slow load that read the key before it was changed must not win, however late it
	 * comes.
	 */
	@Test
	void pollWhenALoadOverlapsTheChangeThenTheNextOneForgetsIt() throws Exception {
		store("a", 0);
		cache(LONG);
		this.cache.poll();
		CountDownLatch read = new CountDownLatch(1);
		CountDownLatch proceed = new CountDownLatch(1);
		this.whileLoading = () -> {
			read.countDown();
			await(proceed);
		};
		ExecutorService executor = Executors.newSingleThreadExecutor();
		Future<Long> slow = executor.submit(() -> version("a"));
		await(read);
		this.whileLoading = () -> {
		};
		store("a", 1);
		this.changes.add(new RecentChange("a", 1, Instant.EPOCH));
		this.cache.evict("a");
		this.cache.poll();
		proceed.countDown();
		assertThat(slow.get(10, TimeUnit.SECONDS)).isZero();
		this.cache.poll();
		assertThat(version("a")).isOne();
		executor.shutdown();
	}

	/**
	 * A question that started before a key was inserted says nothing about that key.
	 */
	@Test
	void freshAtThenOnlyQuestionsAfterTheInsertionCount() {
		Moment load = moment(100, 0);
		LoadedApiKey entry = new LoadedApiKey(key("a", 0), load);
		Moment earlier = moment(150, 0);
		assertThat(entry.freshAt(earlier)).isSameAs(load);
		entry.markInserted(moment(200, 0));
		assertThat(entry.freshAt(null)).isSameAs(load);
		assertThat(entry.freshAt(earlier)).isSameAs(load);
		assertThat(entry.freshAt(moment(201, 0))).isEqualTo(moment(201, 0));
	}

	@Test
	void isWithinThenByBothClocks() {
		Moment start = moment(Long.MAX_VALUE - 10, 1000);
		Duration second = Duration.ofSeconds(1);
		assertThat(moment(start.nanos() + 1_000_000_000, 2000).isWithin(second, start)).isTrue();
		assertThat(moment(start.nanos() + 1_000_000_001, 2000).isWithin(second, start)).isFalse();
		assertThat(moment(start.nanos() + 1_000_000_000, 2001).isWithin(second, start)).isFalse();
		assertThat(moment(start.nanos() + 20, 0).isAfter(start)).isTrue();
	}

	@Test
	void pollWhenAnOwnerChangedThenWhatWasReadBeforeIsForgotten() {
		store("a", 0);
		store("b", 0);
		this.database.put("other", key("other", 0, "other-owner"));
		cache(LONG);
		this.cache.poll();
		version("a");
		version("other");
		this.changes.add(new RecentChange("owner", RecentChange.OF_OWNER, Instant.EPOCH));
		this.cache.poll();
		this.loads.set(0);
		version("other");
		assertThat(this.loads).hasValue(0);
		version("a");
		version("b");
		assertThat(this.loads).hasValue(2);
		this.cache.poll();
		version("a");
		version("b");
		assertThat(this.loads).hasValue(2);
		this.changes.set(0, new RecentChange("owner", RecentChange.OF_OWNER, Instant.EPOCH.plusSeconds(1)));
		this.cache.poll();
		version("a");
		assertThat(this.loads).hasValue(3);
	}

	@Test
	void getWhenManyNeedTheSameKeyThenOneAsks() throws Exception {
		store("a", 0);
		cache(LONG);
		CountDownLatch proceed = new CountDownLatch(1);
		this.whileLoading = () -> await(proceed);
		ExecutorService executor = Executors.newFixedThreadPool(20);
		List<Future<Long>> all = new CopyOnWriteArrayList<>();
		for (int i = 0; i < 20; i++) {
			all.add(executor.submit(() -> version("a")));
		}
		Awaitility.await().until(() -> this.loads.get() == 1);
		Thread.sleep(100);
		proceed.countDown();
		for (Future<Long> one : all) {
			assertThat(one.get(10, TimeUnit.SECONDS)).isZero();
		}
		assertThat(this.loads).hasValue(1);
		executor.shutdown();
	}

	@Test
	void getWhenTheOneWhoAsksFailsThenAllAreToldAndTheNextAsksAgain() throws Exception {
		store("a", 0);
		cache(LONG);
		CountDownLatch proceed = new CountDownLatch(1);
		this.whileLoading = () -> {
			await(proceed);
			throw new ApiKeyStoreException("down");
		};
		ExecutorService executor = Executors.newFixedThreadPool(2);
		Future<?> first = executor.submit(() -> version("a"));
		Awaitility.await().until(() -> this.loads.get() == 1);
		Future<?> second = executor.submit(() -> version("a"));
		Thread.sleep(100);
		proceed.countDown();
		for (Future<?> each : List.of(first, second)) {
			assertThat(each).failsWithin(Duration.ofSeconds(10))
				.withThrowableThat()
				.havingCause()
				.isInstanceOf(ApiKeyStoreException.class);
		}
		this.whileLoading = () -> {
		};
		assertThat(version("a")).isZero();
		executor.shutdown();
	}

	/**
	 * As after the machine was suspended: its monotonic clock stood still.
	 */
	@Test
	void getWhenOnlyTheWallClockMovedOnThenNotTrusted() {
		store("a", 0);
		cache(LONG);
		version("a");
		Moment now = Moment.now();
		Moment resumed = moment(now.nanos(), now.wallTime().toEpochMilli() + LONG.toMillis() + 1);
		this.loads.set(0);
		get("a", now);
		assertThat(this.loads).hasValue(0);
		get("a", resumed);
		assertThat(this.loads).hasValue(1);
	}

	@Test
	void getWhenTheWallClockWasSetBackThenNotTrustedLonger() {
		store("a", 0);
		cache(LONG);
		version("a");
		Moment now = Moment.now();
		this.loads.set(0);
		get("a", moment(now.nanos() + LONG.toNanos() + 1, now.wallTime().toEpochMilli() - 3_600_000));
		assertThat(this.loads).hasValue(1);
	}

	@Test
	void pollThenOneQuestionInEachIntervalHoweverManyKeys() throws Exception {
		AtomicInteger questions = new AtomicInteger();
		for (int i = 0; i < 500; i++) {
			store("key" + i, 0);
		}
		this.cache = new VerificationCache(this::load, () -> {
			questions.incrementAndGet();
			return this.changes;
		}, 1000, Duration.ofMillis(400));
		long end = System.nanoTime() + Duration.ofMillis(2100).toNanos();
		long start = System.nanoTime();
		while (System.nanoTime() < end) {
			for (int i = 0; i < 500; i++) {
				version("key" + i);
			}
		}
		long intervals = Duration.ofNanos(System.nanoTime() - start).toMillis() / 200;
		assertThat(questions.get()).isPositive().isLessThanOrEqualTo((int) intervals);
	}

	@Test
	void stalenessWhenNothingWasRememberedThenZero() {
		cache(LONG);
		assertThat(get("a", Moment.now())).isNull();
		assertThat(this.cache.staleness()).isZero();
		assertThat(this.cache.isStale()).isFalse();
		assertThat(this.cache.size()).isZero();
	}

	@Test
	void stalenessThenSinceTheLastAnswer() throws Exception {
		store("a", 0);
		cache(LONG);
		version("a");
		Thread.sleep(1500);
		assertThat(this.cache.staleness()).isBetween(Duration.ofMillis(1500), LONG);
		this.cache.poll();
		assertThat(this.cache.staleness()).isLessThan(Duration.ofMillis(1500));
		version("a");
		assertThat(this.cache.size()).isOne();
	}

	/**
	 * It was asked as long as there was something to ask, and has nothing to confirm now.
	 */
	@Test
	void stalenessWhenNothingIsRememberedAnyMoreThenShort() throws Exception {
		store("a", 0);
		cache(Duration.ofSeconds(1));
		version("a");
		this.cache.evict("a");
		Thread.sleep(2500);
		assertThat(this.cache.isStale()).isFalse();
	}

	/**
	 * Also when nothing is remembered any more, and nobody presents a key.
	 */
	@Test
	void stalenessWhenTheDatabaseDoesNotAnswerThenGrowsUntilItDoes() throws Exception {
		store("a", 0);
		cache(Duration.ofMillis(500));
		version("a");
		this.failure = new IllegalStateException("down");
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> this.cache.isStale());
		this.cache.evict("a");
		Thread.sleep(1000);
		assertThat(this.cache.staleness()).isGreaterThan(Duration.ofSeconds(1));
		this.failure = null;
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !this.cache.isStale());
	}

	@Test
	void sinceThenByTheClockThatSaysMore() {
		Moment start = moment(Long.MAX_VALUE - 10, 1000);
		assertThat(moment(start.nanos() + 2_000_000, 1001).since(start)).isEqualTo(Duration.ofMillis(2));
		assertThat(moment(start.nanos() + 2_000_000, 9000).since(start)).isEqualTo(Duration.ofSeconds(8));
	}

	@Test
	void createWhenOutOfRangeThenRefused() {
		for (Duration staleness : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofSeconds(16))) {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> new VerificationCache(this::load, () -> this.changes, 10, staleness));
		}
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new VerificationCache(this::load, () -> this.changes, 0, LONG));
	}

	private void cache(Duration maxStaleness) {
		this.cache = new VerificationCache(this::load, () -> {
			if (this.failure != null) {
				throw this.failure;
			}
			return this.changes;
		}, 1000, maxStaleness);
	}

	private StoredApiKey load(String keyId) {
		this.loads.incrementAndGet();
		StoredApiKey key = this.database.get(keyId);
		if (this.failure != null) {
			throw this.failure;
		}
		this.whileLoading.run();
		return key;
	}

	/**
	 * As a verification does.
	 */
	private LoadedApiKey get(String keyId, Moment start) {
		LoadedApiKey remembered = this.cache.getIfRemembered(keyId, start);
		return (remembered != null) ? remembered : this.cache.loadOnce(keyId);
	}

	private long version(String keyId) {
		return get(keyId, Moment.now()).key().version();
	}

	private void store(String keyId, long version) {
		this.database.put(keyId, key(keyId, version));
	}

	private static StoredApiKey key(String keyId, long version) {
		return key(keyId, version, "owner");
	}

	private static StoredApiKey key(String keyId, long version, String owner) {
		return new StoredApiKey(new ApiKeyPrincipal(UUID.randomUUID(), keyId, "key", owner, Set.of(), "api_key"),
				version, new TokenHash("{none}"), null, null, null, null, AllowedAddresses.of(null));
	}

	private static Moment moment(long nanos, long millis) {
		return new Moment(nanos, Instant.ofEpochMilli(millis));
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
