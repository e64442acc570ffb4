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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.support.Moment;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whoever verifies a key neither waits for an upgrade nor hears of its failure. What is
 * written, the tests of each database show.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class HashUpgraderTests {

	private static final TokenHash OLD_HASH = new TokenHash("{old}hash");

	private final SlowComparisons slowComparisons = new SlowComparisons(1, Duration.ofSeconds(1));

	private final List<String> upgraded = new CopyOnWriteArrayList<>();

	// stands still unless it is set
	private volatile Moment now = Moment.now();

	// whenever somebody looks at the clock
	private volatile Runnable onLook = () -> {
	};

	private final ApiKeyToken token = new ApiKeyTokenFormat("ak", List.of())
		.generate(new SecureRandomApiKeyGenerator());

	@Test
	void upgradeThenInAThreadOfItsOwn() {
		List<Thread> threads = new ArrayList<>();
		HashUpgrader upgrader = upgrader(() -> threads.add(Thread.currentThread()));
		upgrade(upgrader);
		upgrader.close();
		assertThat(threads).singleElement().satisfies((thread) -> {
			assertThat(thread.getName()).isEqualTo("api-key-hash-upgrade");
			assertThat(thread.isDaemon()).isTrue();
		});
	}

	@Test
	void upgradeThenTheTokenIsHashedBeforeAnythingWaits() {
		List<Thread> threads = new ArrayList<>();
		CountDownLatch released = new CountDownLatch(1);
		HashUpgrader upgrader = upgrader(new HookedHasher(() -> threads.add(Thread.currentThread())),
				() -> await(released));
		threads.clear();
		upgrade(upgrader);
		upgrade(upgrader);
		assertThat(threads).containsExactly(Thread.currentThread(), Thread.currentThread());
		released.countDown();
		upgrader.close();
	}

	@Test
	void upgradeWhenTheKeyIsUsedAgainAtOnceThenTriedOnce() {
		AtomicInteger hashes = new AtomicInteger();
		AtomicInteger writes = new AtomicInteger();
		HashUpgrader upgrader = upgrader(new HookedHasher(hashes::incrementAndGet), writes::incrementAndGet);
		hashes.set(0);
		UUID id = UUID.randomUUID();
		for (int i = 0; i < 100; i++) {
			upgrader.upgrade(id, OLD_HASH, PresentedToken.of(this.token));
		}
		upgrader.close();
		assertThat(hashes).hasValue(1);
		assertThat(writes).hasValue(1);
	}

	@Test
	void upgradeWhenNewHashesAreSlowThenNotWhileOthersTakeTheCores() {
		AtomicInteger hashes = new AtomicInteger();
		HashUpgrader upgrader = upgrader(new HookedHasher(hashes::incrementAndGet, true), () -> {
		});
		hashes.set(0);
		UUID id = UUID.randomUUID();
		this.slowComparisons.tryHash(() -> {
			upgrader.upgrade(id, OLD_HASH, PresentedToken.of(this.token));
			return "";
		});
		assertThat(hashes).hasValue(0);
		upgrader.upgrade(id, OLD_HASH, PresentedToken.of(this.token));
		assertThat(hashes).hasValue(1);
		upgrader.close();
	}

	@Test
	void upgradeWhenTheHasherFailsThenNobodyHearsOfIt() {
		AtomicBoolean failing = new AtomicBoolean();
		AtomicInteger writes = new AtomicInteger();
		HashUpgrader upgrader = upgrader(new HookedHasher(() -> {
			if (failing.get()) {
				throw new IllegalStateException("no entropy");
			}
		}), writes::incrementAndGet);
		failing.set(true);
		upgrade(upgrader);
		upgrader.close();
		assertThat(writes).hasValue(0);
	}

	@Test
	void upgradeWhenOneEndsWithAnErrorThenTheNextIsMade() {
		AtomicInteger attempts = new AtomicInteger();
		HashUpgrader upgrader = upgrader(() -> {
			attempts.incrementAndGet();
			throw new NoClassDefFoundError("of a jar that was replaced");
		});
		upgrade(upgrader);
		Awaitility.await().until(() -> attempts.get() == 1);
		Awaitility.await().until(() -> {
			upgrade(upgrader);
			return attempts.get() > 1;
		});
		upgrader.close();
	}

	@Test
	void upgradeWhenOneFailsThenTheNextIsMade() {
		List<Thread> threads = new CopyOnWriteArrayList<>();
		CountDownLatch bothWait = new CountDownLatch(1);
		HashUpgrader upgrader = upgrader(() -> {
			await(bothWait);
			threads.add(Thread.currentThread());
			throw new DataAccessResourceFailureException("The database is down");
		});
		upgrade(upgrader);
		upgrade(upgrader);
		bothWait.countDown();
		Awaitility.await().until(() -> threads.size() == 2);
		upgrader.close();
		assertThat(threads).hasSize(2).as("The failure ended nothing").containsOnly(threads.get(0));
	}

	@Test
	void upgradeWhenTheDatabaseHangsThenNobodyWaitsAndMemoryIsBounded() throws Exception {
		CountDownLatch started = new CountDownLatch(1);
		CountDownLatch released = new CountDownLatch(1);
		AtomicInteger calls = new AtomicInteger();
		AtomicInteger hashes = new AtomicInteger();
		HashUpgrader upgrader = upgrader(new HookedHasher(hashes::incrementAndGet), () -> {
			calls.incrementAndGet();
			started.countDown();
			await(released);
		});
		// one was made of no token
		hashes.set(0);
		upgrade(upgrader);
		assertThat(started.await(2, TimeUnit.MINUTES)).isTrue();
		for (int i = 0; i < 5000; i++) {
			upgrade(upgrader);
		}
		assertThat(calls).hasValue(1);
		assertThat(hashes).as("nobody hashes what cannot wait").hasValue(1001);
		released.countDown();
		upgrader.close();
		assertThat(calls).hasValue(1001);
	}

	@Test
	void upgradeWhenClosedThenForgotten() {
		AtomicInteger calls = new AtomicInteger();
		HashUpgrader upgrader = upgrader(calls::incrementAndGet);
		upgrader.close();
		upgrade(upgrader);
		assertThat(calls).hasValue(0);
	}

	@Test
	void closeThenWhatWaitsIsFinished() {
		AtomicInteger calls = new AtomicInteger();
		HashUpgrader upgrader = upgrader(calls::incrementAndGet);
		for (int i = 0; i < 100; i++) {
			upgrade(upgrader);
		}
		upgrader.close();
		assertThat(calls).hasValue(100);
	}

	@Test
	void closeWhenTheLastCameWhileTheWorkerEndedThenItIsMade() {
		AtomicInteger calls = new AtomicInteger();
		HashUpgrader upgrader = upgrader(calls::incrementAndGet);
		onceNothingWaits(upgrader, () -> {
			upgrade(upgrader);
			closeWithoutWaiting(upgrader);
		});
		upgrade(upgrader);
		Awaitility.await().until(() -> calls.get() == 2);
	}

	@Test
	void closeWhenTheWorkerOfTheLastHasNotBegunThenItIsMade() {
		AtomicInteger calls = new AtomicInteger();
		HashUpgrader upgrader = upgrader(calls::incrementAndGet);
		this.onLook = () -> {
			this.onLook = () -> {
			};
			upgrader.close();
		};
		upgrade(upgrader);
		assertThat(calls).hasValue(1);
	}

	/**
	 * As when the time is synchronized after the start of a machine.
	 */
	@Test
	void upgradeWhenTheWallClockIsSetThenNoOtherWorkerBegins() throws Exception {
		CountDownLatch started = new CountDownLatch(1);
		CountDownLatch released = new CountDownLatch(1);
		HashUpgrader upgrader = upgrader(() -> {
			started.countDown();
			await(released);
		});
		upgrade(upgrader);
		assertThat(started.await(2, TimeUnit.MINUTES)).isTrue();
		Set<Thread> before = Thread.getAllStackTraces().keySet();
		this.now = new Moment(this.now.nanos(), this.now.wallTime().plus(Duration.ofHours(1)));
		upgrade(upgrader);
		assertThat(Thread.getAllStackTraces().keySet()).filteredOn((thread) -> !before.contains(thread))
			.extracting(Thread::getName)
			.doesNotContain("api-key-hash-upgrade");
		released.countDown();
		upgrader.close();
	}

	private static void onceNothingWaits(HashUpgrader upgrader, Runnable action) {
		AtomicBoolean done = new AtomicBoolean();
		ReflectionTestUtils.setField(upgrader, "waiting", new LinkedBlockingQueue<Object>() {

			@Override
			public @Nullable Object poll() {
				Object next = super.poll();
				if (next == null && done.compareAndSet(false, true)) {
					action.run();
				}
				return next;
			}

		});
	}

	private static void closeWithoutWaiting(HashUpgrader upgrader) {
		Thread.currentThread().interrupt();
		upgrader.close();
		assertThat(Thread.interrupted()).isTrue();
	}

	private void upgrade(HashUpgrader upgrader) {
		upgrader.upgrade(UUID.randomUUID(), OLD_HASH, PresentedToken.of(this.token));
	}

	/**
	 * An upgrader whose database does something else.
	 */
	private HashUpgrader upgrader(Runnable database) {
		return upgrader(new Sha256ApiKeyHasher(), database);
	}

	private HashUpgrader upgrader(ApiKeyHasher hasher, Runnable database) {
		VerificationSource source = new VerificationSource() {

			@Override
			public @Nullable StoredApiKey find(String keyId) {
				throw new UnsupportedOperationException();
			}

			@Override
			public RecentChanges findChanged(Duration window, @Nullable Instant last) {
				throw new UnsupportedOperationException();
			}

			@Override
			public void replaceHash(UUID id, TokenHash oldHash, TokenHash newHash) {
				database.run();
			}

		};
		return new HashUpgrader(new ApiKeyHashers("sha256", List.of(hasher)), this.slowComparisons, source,
				this.upgraded::add, () -> {
					this.onLook.run();
					return this.now;
				});
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Does something else whenever it hashes.
	 */
	private record HookedHasher(Runnable hook, boolean isSlow) implements ApiKeyHasher {

		private HookedHasher(Runnable hook) {
			this(hook, false);
		}

		private static final Sha256ApiKeyHasher SHA256 = new Sha256ApiKeyHasher();

		@Override
		public String getScheme() {
			return SHA256.getScheme();
		}

		@Override
		public String hash(String token) {
			this.hook.run();
			return SHA256.hash(token);
		}

		@Override
		public boolean matches(String token, String hash) {
			return SHA256.matches(token, hash);
		}

	}

}
