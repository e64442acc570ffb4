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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.verification.SlowComparisons.TooManySlowComparisonsException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SlowComparisonsTests {

	private static final TokenHash HASH = new TokenHash("{django}pbkdf2_sha256$600000$x$y");

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final CountDownLatch slow = new CountDownLatch(1);

	private final AtomicInteger compared = new AtomicInteger();

	private static final int MAX_WAITING = 16;

	// nobody has to wait, unless a test says so
	private SlowComparisons comparisons = new SlowComparisons(2, Duration.ofMillis(1));

	@AfterEach
	void stop() {
		this.slow.countDown();
		this.executor.shutdownNow();
	}

	@Test
	void matchesWhenRightThenComparedOnce() {
		assertThat(matches("key", "right")).isTrue();
		assertThat(matches("key", "right")).isTrue();
		assertThat(this.compared).hasValue(1);
	}

	@Test
	void matchesWhenWrongThenComparedEachTime() {
		assertThat(matches("key", "wrong")).isFalse();
		assertThat(matches("key", "wrong")).isFalse();
		assertThat(this.compared).hasValue(2);
	}

	@Test
	void matchesWhenTheHashIsAnotherThenComparedAgain() {
		assertThat(matches("key", "right")).isTrue();
		assertThat(this.comparisons.matches("key", new TokenHash("{django}other"), "right", null, comparison()))
			.isTrue();
		assertThat(matches("other", "right")).isTrue();
		assertThat(this.compared).hasValue(3);
	}

	@Test
	void matchesWhenGuessesAreComparedThenOthersAreServed() throws Exception {
		assertThat(matches("legitimate", "right")).isTrue();
		Future<Boolean> guess = guess("attacked", "guess", "203.0.113.7");
		for (int i = 0; i < 20; i++) {
			String text = "guess " + i;
			assertThatExceptionOfType(TooManySlowComparisonsException.class)
				.isThrownBy(() -> this.comparisons.matches("attacked", HASH, text, "198.51.100.1", comparison()));
			assertThatExceptionOfType(TooManySlowComparisonsException.class)
				.isThrownBy(() -> this.comparisons.matches("another", HASH, text, "203.0.113.7", comparison()));
		}
		assertThat(matches("legitimate", "right")).isTrue();
		assertThat(this.comparisons.matches("new", HASH, "right", "198.51.100.2", comparison())).isTrue();
		this.slow.countDown();
		assertThat(guess.get()).isFalse();
		assertThat(this.comparisons.matches("attacked", HASH, "right", "203.0.113.7", comparison())).isTrue();
	}

	@Test
	void matchesWhenOthersGuessAtTheSameKeyThenItsClientHasItsTurn() throws Exception {
		this.comparisons = new SlowComparisons(2, Duration.ofMinutes(2));
		List<Future<Boolean>> guesses = new ArrayList<>();
		guesses.add(guess("attacked", "guess", "203.0.113.1"));
		for (int i = 2; i < 5; i++) {
			String text = "guess " + i;
			String source = "203.0.113." + i;
			guesses.add(
					this.executor.submit(() -> this.comparisons.matches("attacked", HASH, text, source, comparison())));
		}
		awaitWaitingForKeys(3);
		Future<Boolean> client = this.executor
			.submit(() -> this.comparisons.matches("attacked", HASH, "right", "198.51.100.1", comparison()));
		awaitWaitingForKeys(4);
		this.slow.countDown();
		assertThat(client.get()).isTrue();
		for (Future<Boolean> guess : guesses) {
			assertThat(guess.get()).isFalse();
		}
	}

	@Test
	void matchesWhenOneWaitsForAKeyThenNoSecondFromItsAddress() throws Exception {
		this.comparisons = new SlowComparisons(2, Duration.ofMinutes(2));
		guess("attacked", "guess", "203.0.113.1");
		Future<Boolean> first = this.executor
			.submit(() -> this.comparisons.matches("attacked", HASH, "guess 1", "203.0.113.2", comparison()));
		awaitWaitingForKeys(1);
		assertThatExceptionOfType(TooManySlowComparisonsException.class)
			.isThrownBy(() -> this.comparisons.matches("attacked", HASH, "guess 2", "203.0.113.2", comparison()));
		this.slow.countDown();
		assertThat(first.get()).isFalse();
	}

	@Test
	void matchesWhenMoreWaitForAKeyThanMayThenTurnedAwayAndOtherKeysAreServed() throws Exception {
		this.comparisons = new SlowComparisons(2, Duration.ofMinutes(2));
		List<Future<Boolean>> guesses = new ArrayList<>();
		guesses.add(guess("attacked", "guess", "203.0.113.1"));
		for (int i = 0; i < MAX_WAITING; i++) {
			String text = "guess " + i;
			guesses
				.add(this.executor.submit(() -> this.comparisons.matches("attacked", HASH, text, text, comparison())));
		}
		awaitWaitingForKeys(MAX_WAITING);
		assertThatExceptionOfType(TooManySlowComparisonsException.class)
			.isThrownBy(() -> matches("attacked", "one more"));
		assertThat(matches("another", "right")).isTrue();
		this.slow.countDown();
		for (Future<Boolean> guess : guesses) {
			assertThat(guess.get()).isFalse();
		}
		assertThat(matches("attacked", "right")).isTrue();
		assertThat((Map<?, ?>) ReflectionTestUtils.getField(this.comparisons, "places")).isEmpty();
	}

	@Test
	void operatorWhenTheKeyIsGuessedAtThenDoesNotWaitForIt() throws Exception {
		guess("attacked", "guess", "203.0.113.1");
		assertThat(this.comparisons.compare("right", comparison())).isTrue();
		assertThat(this.comparisons.compare("wrong", comparison())).isFalse();
	}

	private void awaitWaitingForKeys(int number) {
		Semaphore free = (Semaphore) ReflectionTestUtils.getField(this.comparisons, "waitingForKeys");
		Awaitility.await().until(() -> MAX_WAITING - free.availablePermits() == number);
	}

	@Test
	void matchesWhenTheSameTokenComesManyTimesAtOnceThenComparedOnce() throws Exception {
		this.comparisons = new SlowComparisons(2, Duration.ofMinutes(2));
		CountDownLatch begun = new CountDownLatch(1);
		List<Future<Boolean>> answers = new ArrayList<>();
		Predicate<String> comparison = (text) -> {
			begun.countDown();
			this.compared.incrementAndGet();
			await(this.slow);
			return true;
		};
		answers.add(this.executor.submit(() -> this.comparisons.matches("key", HASH, "right", "a", comparison)));
		begun.await();
		for (int i = 0; i < 10; i++) {
			answers.add(this.executor.submit(() -> this.comparisons.matches("key", HASH, "right", "a", comparison)));
		}
		// whoever comes later would know it by its MAC
		Semaphore free = (Semaphore) ReflectionTestUtils.getField(this.comparisons, "waiting");
		Awaitility.await().until(() -> MAX_WAITING - free.availablePermits() == 10);
		this.slow.countDown();
		for (Future<Boolean> answer : answers) {
			assertThat(answer.get()).isTrue();
		}
		assertThat(this.compared).hasValue(1);
	}

	@Test
	void matchesWhenEveryPermitIsTakenThenWaitsNoLongerThanItMay() throws Exception {
		this.comparisons = new SlowComparisons(1, Duration.ofMillis(1));
		Future<Boolean> guess = guess("attacked", "guess", "203.0.113.7");
		assertThatExceptionOfType(TooManySlowComparisonsException.class)
			.isThrownBy(() -> this.comparisons.matches("new", HASH, "right", "198.51.100.2", comparison()));
		this.slow.countDown();
		assertThat(guess.get()).isFalse();
		assertThat(this.comparisons.matches("new", HASH, "right", "198.51.100.2", comparison())).isTrue();
	}

	@Test
	void matchesWhenEveryPermitIsTakenThenNoMoreThanAFewWait() throws Exception {
		this.comparisons = new SlowComparisons(1, Duration.ofMinutes(2));
		Future<Boolean> guess = guess("attacked", "guess", "203.0.113.7");
		List<Future<Boolean>> waiting = new ArrayList<>();
		for (int i = 0; i < MAX_WAITING; i++) {
			String key = "key " + i;
			waiting.add(this.executor.submit(() -> matches(key, "right")));
		}
		Semaphore free = (Semaphore) ReflectionTestUtils.getField(this.comparisons, "waiting");
		Awaitility.await().until(() -> free.availablePermits() == 0);
		assertThatExceptionOfType(TooManySlowComparisonsException.class).isThrownBy(() -> matches("one more", "right"));
		this.slow.countDown();
		assertThat(guess.get()).isFalse();
		for (Future<Boolean> one : waiting) {
			assertThat(one.get()).isTrue();
		}
		assertThat(matches("one more", "right")).isTrue();
		assertThat(free.availablePermits()).isEqualTo(MAX_WAITING);
	}

	/**
	 * With one permit, so that one that is not given back is missed at once.
	 */
	@Test
	void matchesWhenOneAfterTheOtherThenThePermitIsGivenBack() {
		this.comparisons = new SlowComparisons(1, Duration.ofMillis(1));
		assertThat(matches("key", "right")).isTrue();
		assertThat(matches("key", "wrong")).isFalse();
		assertThat(this.comparisons.matches("key", HASH, "right", "203.0.113.7", comparison())).isTrue();
		assertThat(this.comparisons.matches("other", HASH, "right", "203.0.113.7", comparison())).isTrue();
	}

	@Test
	void matchesWhenTheComparisonFailsThenNothingStaysTaken() {
		for (int i = 0; i < 3; i++) {
			assertThatExceptionOfType(IllegalArgumentException.class)
				.isThrownBy(() -> this.comparisons.matches("key", HASH, "right", "203.0.113.7", (text) -> {
					throw new IllegalArgumentException();
				}));
		}
		assertThat(matches("key", "right")).isTrue();
	}

	private Future<Boolean> guess(String keyId, String text, String address) throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		Future<Boolean> guess = this.executor
			.submit(() -> this.comparisons.matches(keyId, HASH, text, address, (compared) -> {
				begun.countDown();
				await(this.slow);
				return false;
			}));
		begun.await();
		return guess;
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private boolean matches(String keyId, String text) {
		return this.comparisons.matches(keyId, HASH, text, null, comparison());
	}

	private Predicate<String> comparison() {
		return (text) -> {
			this.compared.incrementAndGet();
			return text.equals("right");
		};
	}

}
