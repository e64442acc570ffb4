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

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import io.github.apikeys.core.AllowedAddresses;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.ApiKeyValidity;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.support.BackgroundThreads;
import io.github.apikeys.core.support.Moment;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What is remembered, and for how long, whatever overlaps.
 */
class VerificationCacheTests {

	private static final Duration LONG = Duration.ofSeconds(15);

	private static final Duration TWO_SECONDS = Duration.ofSeconds(2);

	private static final Duration STEP = Duration.ofMillis(200);

	private final Map<String, StoredApiKey> database = new ConcurrentHashMap<>();

	private final List<RecentChange> changes = new CopyOnWriteArrayList<>();

	private final AtomicInteger loads = new AtomicInteger();

	private volatile Runnable whileLoading = () -> {
	};

	private volatile Runnable whileAsking = () -> {
	};

	private final List<Optional<Instant>> asked = new CopyOnWriteArrayList<>();

	private volatile Instant databaseTime = Instant.parse("2027-01-01T00:00:00Z");

	private volatile Moment now = moment(Long.MAX_VALUE - 10, 1_800_000_000_000L);

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
		assertThat(get("a", this.now)).isNull();
		store("a", 0);
		assertThat(version("a")).isZero();
	}

	@Test
	void getWhenManyUnknownOnesWereAskedForThenTheRealOneIsStillThere() {
		store("a", 0);
		this.cache = new VerificationCache(source(this::changedSince), 10, LONG, () -> this.now,
				new HandDrivenThreads(ChangePoller.MAX_THREADS));
		version("a");
		for (int i = 0; i < 1000; i++) {
			assertThat(get("unknown" + i, this.now)).isNull();
		}
		this.loads.set(0);
		assertThat(version("a")).isZero();
		assertThat(this.loads).hasValue(0);
	}

	@Test
	void getWhenTheStalenessIsOverThenAsksTheDatabase() {
		store("a", 0);
		cache();
		version("a");
		// nobody tells what changes
		store("a", 1);
		pass(TWO_SECONDS);
		assertThat(version("a")).isZero();
		pass(Duration.ofMillis(1));
		assertThat(version("a")).isOne();
	}

	@Test
	void getWhenTheDatabaseIsGoneThenTrustsOnlyForTheStaleness() {
		store("a", 0);
		cache();
		version("a");
		this.failure = new IllegalStateException("down");
		pass(TWO_SECONDS);
		assertThat(version("a")).isZero();
		pass(Duration.ofMillis(1));
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> version("a"));
		this.failure = null;
		assertThat(version("a")).isZero();
	}

	/**
	 * As with a pool of connections, which answers after half a minute.
	 */
	@Test
	void getWhenTheDatabaseIsSilentThenNobodyWaitsUntilItAnswers() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		Runnable hang = () -> {
			threads.hang();
			throw new IllegalStateException("no connection after a long time");
		};
		this.whileLoading = hang;
		this.whileAsking = hang;
		pass(threads, 15);
		this.loads.set(0);
		for (int i = 0; i < 10; i++) {
			assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> version("a"));
			assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> version("b"));
		}
		assertThat(this.loads).as("what would be waited for").hasValue(0);
		this.whileLoading = () -> {
		};
		this.whileAsking = () -> {
		};
		threads.release();
		Awaitility.await().until(() -> threads.busy() == 0);
		pass(threads, 15);
		assertThat(version("a")).isZero();
	}

	@Test
	void getWhenAnotherLoadHangsThenNobodyWaitsLongerThanTheStaleness() throws Exception {
		CountDownLatch loading = new CountDownLatch(1);
		CountDownLatch answer = new CountDownLatch(1);
		store("a", 0);
		cache(Duration.ofMillis(1));
		this.whileLoading = () -> {
			loading.countDown();
			await(answer);
		};
		Thread first = new Thread(() -> version("a"));
		first.start();
		await(loading);
		assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> version("a"));
		assertThat(first.isAlive()).isTrue();
		answer.countDown();
		first.join();
		assertThat(version("a")).isZero();
	}

	@Test
	void getWhenPolledThenTrustedFurtherWithoutALoad() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		// the first question comes after the first key, and finds that nothing was asked
		// before
		pass(threads, 6);
		version("a");
		this.loads.set(0);
		for (int i = 0; i < 100; i++) {
			pass(threads, 1);
			version("a");
		}
		assertThat(this.loads).hasValue(0);
	}

	/**
	 * As after SQL that gives the change no time, or deletes the row: no poll finds it.
	 */
	@Test
	void getWhenPolledAllTheTimeThenLoadedAgainAfterAMinute() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		pass(threads, 6);
		version("a");
		store("a", 1);
		this.loads.set(0);
		Duration minute = Duration.ofMinutes(1);
		for (int i = 0; i < minute.dividedBy(STEP); i++) {
			pass(threads, 1);
			assertThat(version("a")).isZero();
		}
		assertThat(this.loads).hasValue(0);
		pass(Duration.ofMillis(1));
		assertThat(version("a")).isOne();
		assertThat(this.loads).hasValue(1);
	}

	@Test
	void pollWhenAKeyChangedThenForgotten() {
		store("a", 0);
		store("b", 3);
		cache(LONG);
		poll();
		version("a");
		version("b");
		store("a", 1);
		this.changes.add(RecentChange.ofKey("a", 1, Instant.EPOCH));
		this.changes.add(RecentChange.ofKey("b", 3, Instant.EPOCH));
		this.loads.set(0);
		poll();
		assertThat(version("a")).isOne();
		assertThat(version("b")).isEqualTo(3);
		assertThat(this.loads).hasValue(1);
		poll();
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
		poll();
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
		this.changes.add(RecentChange.ofKey("a", 1, Instant.EPOCH));
		this.cache.evict("a");
		poll();
		proceed.countDown();
		assertThat(slow.get(1, TimeUnit.MINUTES)).isZero();
		poll();
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
		assertThat(entry.freshAt(earlier)).as("before it can be evicted").isNull();
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
		poll();
		version("a");
		version("other");
		this.changes.add(RecentChange.ofOwner("owner", Instant.EPOCH));
		poll();
		this.loads.set(0);
		version("other");
		assertThat(this.loads).hasValue(0);
		version("a");
		version("b");
		assertThat(this.loads).hasValue(2);
		poll();
		version("a");
		version("b");
		assertThat(this.loads).hasValue(2);
		this.changes.set(0, RecentChange.ofOwner("owner", Instant.EPOCH.plusSeconds(1)));
		poll();
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
			assertThat(one.get(1, TimeUnit.MINUTES)).isZero();
		}
		assertThat(this.loads).hasValue(1);
		executor.shutdown();
	}

	/**
	 * A poll that is answered meanwhile evicts what another one loads, but not what is in
	 * the hands of those who wait for it.
	 */
	@Test
	void getWhenWhatAnotherLoadedIsTooOldThenNoPollConfirmsIt() throws Exception {
		store("a", 0);
		AtomicReference<Runnable> whenLoaded = new AtomicReference<>();
		AtomicReference<Thread> waiting = new AtomicReference<>();
		this.cache = new VerificationCache(source(this::changedSince), 1000, Duration.ofSeconds(9), () -> {
			Runnable action = (Thread.currentThread() == waiting.get()) ? whenLoaded.getAndSet(null) : null;
			if (action != null) {
				action.run();
			}
			return this.now;
		}, new HandDrivenThreads(ChangePoller.MAX_THREADS));
		this.cache.poll();
		CountDownLatch proceed = new CountDownLatch(1);
		this.whileLoading = once(() -> await(proceed));
		ExecutorService executor = Executors.newFixedThreadPool(2);
		Future<Long> leading = executor.submit(() -> version("a"));
		Awaitility.await().until(() -> this.loads.get() == 1);
		Moment beforeTheChange = this.now;
		Future<Long> following = executor.submit(() -> {
			waiting.set(Thread.currentThread());
			return get("a", beforeTheChange).key().version();
		});
		Awaitility.await().until(() -> waiting.get() != null && waiting.get().getState() == Thread.State.TIMED_WAITING);
		store("a", 1);
		this.changes.add(RecentChange.ofKey("a", 1, this.databaseTime));
		pass(Duration.ofMillis(9500));
		whenLoaded.set(this::poll);
		proceed.countDown();
		assertThat(leading.get(1, TimeUnit.MINUTES)).isZero();
		assertThat(following.get(1, TimeUnit.MINUTES)).isOne();
		assertThat(whenLoaded.get()).as("a poll came between").isNull();
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
			assertThat(each).failsWithin(Duration.ofMinutes(1))
				.withThrowableThat()
				.havingCause()
				.isInstanceOf(ApiKeyStoreException.class);
		}
		this.whileLoading = () -> {
		};
		assertThat(version("a")).isZero();
		executor.shutdown();
	}

	@Test
	void getWhenOnlyTheOneWhoAsksFailsThenTheOthersAskThemselves() throws Exception {
		store("a", 0);
		cache(LONG);
		CountDownLatch proceed = new CountDownLatch(1);
		this.whileLoading = once(() -> {
			await(proceed);
			throw new ApiKeyStoreException("interrupted");
		});
		ExecutorService executor = Executors.newFixedThreadPool(4);
		Future<Long> first = executor.submit(() -> version("a"));
		Awaitility.await().until(() -> this.loads.get() == 1);
		List<Future<Long>> others = new CopyOnWriteArrayList<>();
		for (int i = 0; i < 3; i++) {
			others.add(executor.submit(() -> version("a")));
		}
		Thread.sleep(100);
		assertThat(this.loads).hasValue(1);
		proceed.countDown();
		assertThat(first).failsWithin(Duration.ofMinutes(1));
		for (Future<Long> other : others) {
			assertThat(other.get(1, TimeUnit.MINUTES)).isZero();
		}
		executor.shutdown();
	}

	/**
	 * It may have to wait for a second connection.
	 */
	@Test
	void getWhenTheOneWhoAsksIsInATransactionThenNobodyWaitsForIt() throws Exception {
		store("a", 0);
		cache(LONG);
		CountDownLatch proceed = new CountDownLatch(1);
		this.whileLoading = once(() -> await(proceed));
		ExecutorService executor = Executors.newSingleThreadExecutor();
		Future<Long> first = executor.submit(() -> {
			TransactionSynchronizationManager.initSynchronization();
			try {
				return version("a");
			}
			finally {
				TransactionSynchronizationManager.clear();
			}
		});
		Awaitility.await().until(() -> this.loads.get() == 1);
		try {
			assertThat(version("a")).isZero();
			assertThat(first).isNotDone();
		}
		finally {
			proceed.countDown();
		}
		assertThat(first.get(1, TimeUnit.MINUTES)).isZero();
		executor.shutdown();
	}

	@Test
	void getWhenTheOneWhoWaitsMayHoldAConnectionThenNotForLong() throws Exception {
		store("a", 0);
		cache(LONG);
		CountDownLatch proceed = new CountDownLatch(1);
		this.whileLoading = once(() -> await(proceed));
		ExecutorService executor = Executors.newSingleThreadExecutor();
		Future<Long> first = executor.submit(() -> version("a"));
		Awaitility.await().until(() -> this.loads.get() == 1);
		try {
			// the best of some, since the machine may be busy with something else
			long best = Long.MAX_VALUE;
			for (int attempt = 0; attempt < 3; attempt++) {
				long start = System.nanoTime();
				assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> this.cache.loadOnce("a", true));
				best = Math.min(best, System.nanoTime() - start);
			}
			assertThat(Duration.ofNanos(best)).isLessThan(LONG.dividedBy(2));
		}
		finally {
			proceed.countDown();
		}
		assertThat(first.get(1, TimeUnit.MINUTES)).isZero();
		executor.shutdown();
	}

	/**
	 * Nobody who was not told of a change remembers what was before it: its time may be a
	 * second older than the commit, which may take half a minute.
	 */
	@Test
	void memoryOfAChangeThenLastsFromItsTimeToTheEndOfAnEntryThatWasLoadedBeforeTheCommit() {
		assertThat(ApiKeyRepository.MAX_MEMORY).isEqualTo(Duration.ofSeconds(1 + 30 + 60))
			.isGreaterThanOrEqualTo(VerificationCache.WINDOW.plus(VerificationSource.MAX_DURATION));
	}

	/**
	 * As after the machine was suspended: its monotonic clock stood still.
	 */
	@Test
	void getWhenOnlyTheWallClockMovedOnThenNotTrusted() {
		store("a", 0);
		cache(LONG);
		version("a");
		Moment now = this.now;
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
		Moment now = this.now;
		this.loads.set(0);
		get("a", moment(now.nanos() + LONG.toNanos() + 1, now.wallTime().toEpochMilli() - 3_600_000));
		assertThat(this.loads).hasValue(1);
	}

	@Test
	void pollThenOneQuestionInEachIntervalHoweverManyKeys() {
		AtomicInteger questions = new AtomicInteger();
		for (int i = 0; i < 500; i++) {
			store("key" + i, 0);
		}
		this.whileAsking = questions::incrementAndGet;
		HandDrivenThreads threads = cache();
		int seconds = 10;
		for (int step = 0; step < Duration.ofSeconds(seconds).dividedBy(STEP); step++) {
			for (int i = 0; i < 500; i++) {
				version("key" + i);
			}
			pass(threads, 1);
		}
		assertThat(questions.get()).isBetween(seconds / 2, seconds);
	}

	@Test
	void stalenessWhenNothingWasRememberedThenZero() {
		cache(LONG);
		assertThat(get("a", this.now)).isNull();
		assertThat(this.cache.staleness()).isZero();
		assertThat(this.cache.isStale()).isFalse();
		assertThat(this.cache.size()).isZero();
	}

	@Test
	void stalenessThenSinceTheLastAnswer() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		pass(Duration.ofMillis(900));
		threads.tick();
		assertThat(this.cache.staleness()).isEqualTo(Duration.ofMillis(900));
		pass(STEP);
		threads.tick();
		assertThat(this.cache.staleness()).isZero();
		pass(STEP);
		assertThat(this.cache.staleness()).isEqualTo(STEP);
		version("a");
		assertThat(this.cache.size()).isOne();
	}

	/**
	 * It was asked as long as there was something to ask, and has nothing to confirm now.
	 */
	@Test
	void stalenessWhenNothingIsRememberedAnyMoreThenShort() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		this.cache.evict("a");
		pass(threads, 30);
		assertThat(this.cache.isStale()).isFalse();
	}

	/**
	 * Also when nothing is remembered any more, and nobody presents a key.
	 */
	@Test
	void stalenessWhenTheDatabaseDoesNotAnswerThenGrowsUntilItDoes() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		this.failure = new IllegalStateException("down");
		pass(threads, 15);
		assertThat(this.cache.isStale()).isTrue();
		this.cache.evict("a");
		pass(threads, 15);
		assertThat(this.cache.staleness()).isEqualTo(STEP.multipliedBy(30));
		this.failure = null;
		pass(threads, 6);
		assertThat(this.cache.isStale()).isFalse();
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
				.isThrownBy(() -> new VerificationCache(source(this::changedSince), 10, staleness, () -> this.now));
		}
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new VerificationCache(source(this::changedSince), 0, LONG, () -> this.now));
	}

	/**
	 * The process lives on, and so must what it does each second.
	 */
	@Test
	void pollWhenAnErrorFollowsASlowFailureThenKeysAreLookedUpAndItIsAskedAgain() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		this.whileAsking = () -> {
			pass(Duration.ofSeconds(3));
			throw new IllegalStateException("no connection after a long time");
		};
		pass(TWO_SECONDS);
		threads.tick();
		assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> version("a"));
		this.whileAsking = () -> {
			throw new NoClassDefFoundError("of a jar that was replaced");
		};
		pass(TWO_SECONDS);
		threads.tick();
		store("a", 1);
		assertThat(version("a")).isOne();
		this.whileAsking = () -> {
		};
		int before = this.asked.size();
		pass(TWO_SECONDS);
		threads.tick();
		assertThat(this.asked).hasSize(before + 1);
		this.loads.set(0);
		assertThat(version("a")).isOne();
		threads.tick();
		assertThat(version("a")).isOne();
		assertThat(this.loads).hasValueLessThanOrEqualTo(1);
	}

	/**
	 * As with a limit of threads that others have reached for a moment.
	 */
	@Test
	void loadWhenPollsCannotBeStartedThenTheNextLoadStartsThem() {
		AtomicInteger attempts = new AtomicInteger();
		this.cache = new VerificationCache(source(this::changedSince), 10, LONG, () -> this.now,
				new BackgroundThreads("none", 1) {

					@Override
					public void repeat(Duration interval, Runnable task) {
						attempts.incrementAndGet();
					}

				});
		store("a", 0);
		store("b", 0);
		assertThat(version("a")).isZero();
		assertThat(version("b")).isZero();
		assertThat(attempts).hasValue(2);
	}

	@Test
	void stalenessWhenASecondStartIsLateThenSinceTheFirst() throws Exception {
		CountDownLatch late = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		Thread test = Thread.currentThread();
		HandDrivenThreads threads = new HandDrivenThreads(1);
		ChangePoller poller = new ChangePoller(this.cache, LONG, () -> {
			if (Thread.currentThread() != test) {
				late.countDown();
				await(release);
			}
			return this.now;
		}, threads);
		Thread second = new Thread(poller::start);
		second.start();
		await(late);
		poller.start();
		pass(TWO_SECONDS);
		release.countDown();
		second.join();
		assertThat(poller.staleness()).isEqualTo(TWO_SECONDS);
	}

	@Test
	void pollWhenItEndsWithAnErrorThenTheTimerGoesOn() {
		store("a", 0);
		AtomicInteger questions = new AtomicInteger();
		this.whileAsking = () -> {
			questions.incrementAndGet();
			throw new OutOfMemoryError("not really");
		};
		this.cache = new VerificationCache(source(this::changedSince), 1000, Duration.ofMillis(100), Moment::now);
		get("a", Moment.now());
		Awaitility.await().until(() -> questions.get() >= 3);
	}

	/**
	 * As with a server that is gone without a word: its connection waits for an answer.
	 */
	@Test
	void pollWhenOneConnectionHangsThenAnotherIsAskedAndKeysStayTrusted() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		pass(Duration.ofMillis(1100));
		threads.tick();
		version("a");
		this.whileAsking = once(threads::hang);
		pass(Duration.ofMillis(1100));
		threads.tick();
		this.loads.set(0);
		int before = this.asked.size();
		for (int i = 0; i < 100; i++) {
			pass(STEP);
			threads.tick();
			assertThat(version("a")).isZero();
		}
		assertThat(this.asked.size()).isGreaterThan(before + 10);
		assertThat(this.loads).hasValue(0);
	}

	/**
	 * As when the time is synchronized after the start of a machine.
	 */
	@Test
	void getWhenTheWallClockIsSetDuringAPollThenTheDatabaseIsAsked() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		this.whileAsking = once(threads::hang);
		pass(Duration.ofMillis(1100));
		threads.tick();
		this.now = new Moment(this.now.nanos(), this.now.wallTime().plus(Duration.ofHours(1)));
		this.loads.set(0);
		assertThat(version("a")).isZero();
		assertThat(this.loads).hasValue(1);
		threads.release();
	}

	@Test
	void pollWhenNoQuestionIsAnsweredButLookupsAreThenKeysAreLookedUpAndChangesHonoured() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		this.whileAsking = threads::hang;
		for (int i = 0; i < 200; i++) {
			pass(STEP);
			threads.tick();
			if (i == 100) {
				store("a", 1);
			}
			long version = version("a");
			if (i < 100 || i > 100 + TWO_SECONDS.dividedBy(STEP)) {
				assertThat(version).isEqualTo((i < 100) ? 0 : 1);
			}
		}
		assertThat(threads.busy()).as("threads that hang").isEqualTo(ChangePoller.MAX_THREADS - 1);
		threads.release();
	}

	@Test
	void pollWhenALateAnswerComesAfterALaterOneThenItIsIgnored() {
		store("a", 0);
		HandDrivenThreads threads = cache();
		version("a");
		pass(Duration.ofMillis(1100));
		this.whileAsking = once(threads::hang);
		threads.tick();
		store("a", 1);
		pass(Duration.ofMillis(600));
		threads.tick();
		assertThat(version("a")).isOne();
		int before = this.asked.size();
		this.loads.set(0);
		threads.release();
		Awaitility.await().until(() -> threads.busy() == 0);
		assertThat(version("a")).isOne();
		assertThat(this.asked).hasSize(before);
		assertThat(this.loads).hasValue(0);
	}

	/**
	 * As after an expired key was purged, and imported again.
	 */
	@Test
	void pollWhenAnotherRowHasTheSameKeyIdAndVersionThenItIsLoaded() {
		StoredApiKey first = key("a", 0);
		this.database.put("a", new StoredApiKey(first.principal(), 0, first.hash(),
				new ApiKeyValidity(null, Instant.EPOCH, null, null), first.allowedAddresses()));
		cache();
		this.cache.poll();
		pass(STEP);
		assertThat(get("a", this.now).key().isExpired(this.now.wallTime())).isTrue();
		store("a", 0);
		this.changes.add(RecentChange.ofKey("a", 0, this.databaseTime));
		pass(STEP);
		this.cache.poll();
		assertThat(get("a", this.now).key().isExpired(this.now.wallTime())).isFalse();
	}

	private static Runnable once(Runnable action) {
		AtomicBoolean done = new AtomicBoolean();
		return () -> {
			if (done.compareAndSet(false, true)) {
				action.run();
			}
		};
	}

	/**
	 * A change may have got its time before the clock was set, and be committed later.
	 */
	@Test
	void pollWhenTheDatabaseClockWasSetThenAskedByTheFormerTimeAsLongAsItsChangesMayCome() {
		cache();
		this.cache.poll();
		Instant former = this.databaseTime;
		Duration forward = Duration.ofMinutes(10);
		this.databaseTime = former.plus(forward);
		Duration passed = Duration.ZERO;
		Duration step = Duration.ofSeconds(10);
		while (passed.compareTo(VerificationCache.WINDOW) < 0) {
			pass(step);
			passed = passed.plus(step);
			this.cache.poll();
			assertThat(this.asked.get(this.asked.size() - 1)).as("after %s", passed).contains(former.plus(passed));
		}
		for (int i = 0; i < 2; i++) {
			pass(step);
			this.cache.poll();
		}
		assertThat(this.asked.get(0)).isEmpty();
		assertThat(this.asked.get(this.asked.size() - 1)).contains(this.databaseTime);
	}

	@Test
	void pollWhenTheDatabaseClockWasNotSetThenNotAskedForMore() {
		cache();
		for (int i = 0; i < 10; i++) {
			pass(STEP);
			this.cache.poll();
			pass(Duration.ofSeconds(9));
			this.cache.poll();
			assertThat(this.asked.get(this.asked.size() - 1)).contains(this.databaseTime);
		}
	}

	/**
	 * The clock of the database is set between the time of a change and its commit, and
	 * the key is loaded in between.
	 */
	@Test
	void pollWhenTheDatabaseClockWasSetBeforeTheCommitThenTheChangeIsFound() {
		store("a", 0);
		cacheOfChangesInTheWindow();
		version("a");
		poll();
		RecentChange change = RecentChange.ofKey("a", 1, this.databaseTime);
		this.databaseTime = this.databaseTime.plus(Duration.ofMinutes(2));
		poll();
		assertThat(version("a")).isZero();
		store("a", 1);
		this.changes.add(change);
		poll();
		assertThat(version("a")).isOne();
	}

	/**
	 * A poll asks for changes of the last seconds, and would confirm what is older.
	 */
	@Test
	void loadWhenItTookAlmostAsLongAsPollsLookBackThenNotCached() {
		store("a", 0);
		cache();
		version("a");
		this.cache.evict("a");
		this.whileLoading = once(() -> pass(Duration.ofSeconds(26)));
		version("a");
		store("a", 1);
		this.cache.poll();
		pass(STEP);
		this.cache.poll();
		assertThat(version("a")).isOne();
	}

	/**
	 * The commit takes 30 seconds after its time was taken, a load that began before the
	 * change was visible takes ten, and polls come as seldom as they may.
	 */
	@Test
	void pollWhenCommitLoadAndPollAreAllSlowThenTheChangeIsFound() {
		store("a", 0);
		RecentChange change = RecentChange.ofKey("a", 1, this.databaseTime);
		cacheOfChangesInTheWindow();
		pass(Duration.ofSeconds(31));
		this.cache.poll();
		this.whileLoading = once(() -> {
			store("a", 1);
			this.changes.add(change);
			pass(Duration.ofSeconds(10));
			this.cache.poll();
		});
		assertThat(version("a")).isZero();
		assertThat(this.cache.size()).as("kept").isOne();
		pass(Duration.ofSeconds(19));
		this.cache.poll();
		assertThat(version("a")).isOne();
	}

	/**
	 * As after a failover: what the former clock stamped may lie anywhere.
	 */
	@Test
	void pollWhenTheDatabaseClockWasSetThenEverythingIsForgotten() {
		for (int seconds : new int[] { 6, -6, 40, -40 }) {
			store("a", 0);
			cache();
			version("a");
			this.cache.poll();
			pass(STEP);
			version("a");
			this.loads.set(0);
			pass(STEP);
			this.cache.poll();
			version("a");
			assertThat(this.loads).hasValue(0);
			this.databaseTime = this.databaseTime.plusSeconds(seconds);
			pass(STEP);
			this.cache.poll();
			version("a");
			assertThat(this.loads).as("%d seconds", seconds).hasValue(1);
		}
	}

	/**
	 * Whoever comes after a change was made here must not hear of what was before.
	 */
	@Test
	void evictWhenTheKeyIsBeingLoadedThenWhoComesAfterItLoadsAgain() throws Exception {
		loadInFlight(() -> this.cache.evict("a"));
	}

	@Test
	void evictOwnerWhenAKeyIsBeingLoadedThenWhoComesAfterItLoadsAgain() throws Exception {
		loadInFlight(() -> this.cache.evictOwner("owner"));
	}

	private void loadInFlight(Runnable eviction) throws Exception {
		store("a", 0);
		cache(LONG);
		CountDownLatch read = new CountDownLatch(1);
		CountDownLatch proceed = new CountDownLatch(1);
		this.whileLoading = () -> {
			read.countDown();
			await(proceed);
		};
		ExecutorService executor = Executors.newSingleThreadExecutor();
		Future<Long> before = executor.submit(() -> version("a"));
		await(read);
		this.whileLoading = () -> {
		};
		store("a", 1);
		eviction.run();
		assertThat(version("a")).isOne();
		proceed.countDown();
		assertThat(before.get(1, TimeUnit.MINUTES)).isZero();
		this.loads.set(0);
		assertThat(version("a")).as("what is remembered").isOne();
		assertThat(this.loads).hasValue(0);
		executor.shutdown();
	}

	/**
	 * With a clock that is set by hand, and threads that do what they are told.
	 */
	private HandDrivenThreads cache(Duration maxStaleness) {
		HandDrivenThreads threads = new HandDrivenThreads(ChangePoller.MAX_THREADS);
		this.cache = new VerificationCache(source(this::changedSince), 1000, maxStaleness, () -> this.now, threads);
		return threads;
	}

	private HandDrivenThreads cache() {
		return cache(TWO_SECONDS);
	}

	/**
	 * With a source that tells only what it is asked for.
	 */
	private void cacheOfChangesInTheWindow() {
		this.cache = new VerificationCache(source((earliest) -> {
			Instant now = this.databaseTime;
			Instant since = ((earliest != null && earliest.isBefore(now)) ? earliest : now)
				.minus(VerificationCache.WINDOW);
			return new RecentChanges(now, this.changes.stream().filter((each) -> !each.at().isBefore(since)).toList());
		}), 1000, TWO_SECONDS, () -> this.now, new HandDrivenThreads(ChangePoller.MAX_THREADS));
	}

	/**
	 * Asks what changed, after what was before, and before what follows.
	 */
	private void poll() {
		pass(STEP);
		this.cache.poll();
		pass(STEP);
	}

	/**
	 * Time passes, and the timer goes.
	 */
	private void pass(HandDrivenThreads threads, int steps) {
		for (int i = 0; i < steps; i++) {
			pass(STEP);
			threads.tick();
		}
	}

	private void pass(Duration time) {
		this.now = moment(this.now.nanos() + time.toNanos(), this.now.wallTime().plus(time).toEpochMilli());
		this.databaseTime = this.databaseTime.plus(time);
	}

	private RecentChanges changedSince(Instant last) {
		this.asked.add(Optional.ofNullable(last));
		this.whileAsking.run();
		if (this.failure != null) {
			throw this.failure;
		}
		return new RecentChanges(this.databaseTime, List.copyOf(this.changes));
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
		return (remembered != null) ? remembered
				: this.cache.loadOnce(keyId, TransactionSynchronizationManager.isSynchronizationActive());
	}

	private long version(String keyId) {
		return get(keyId, this.now).key().version();
	}

	private void store(String keyId, long version) {
		this.database.put(keyId, key(keyId, version));
	}

	private static StoredApiKey key(String keyId, long version) {
		return key(keyId, version, "owner");
	}

	private static StoredApiKey key(String keyId, long version, String owner) {
		return new StoredApiKey(new ApiKeyPrincipal(UUID.randomUUID(), keyId, "key", owner, Set.of(), "api_key"),
				version, new TokenHash("{none}"), new ApiKeyValidity(null, null, null, null),
				AllowedAddresses.of(null));
	}

	private static Moment moment(long nanos, long millis) {
		return new Moment(nanos, Instant.ofEpochMilli(millis));
	}

	private VerificationSource source(Function<@Nullable Instant, RecentChanges> changes) {
		return new VerificationSource() {

			@Override
			public @Nullable StoredApiKey find(String keyId) {
				return load(keyId);
			}

			@Override
			public RecentChanges findChanged(Duration window, @Nullable Instant last) {
				return changes.apply(last);
			}

			@Override
			public void replaceHash(UUID id, TokenHash oldHash, TokenHash newHash) {
				throw new UnsupportedOperationException();
			}

		};
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
