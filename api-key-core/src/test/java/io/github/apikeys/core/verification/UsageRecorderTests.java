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
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.apikeys.core.jpa.H2UsageTables;
import io.github.apikeys.core.support.Moment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What becomes of counted uses while the database is away.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@ExtendWith(OutputCaptureExtension.class)
class UsageRecorderTests {

	private static final Instant NOW = Instant.parse("2027-01-01T12:00:00Z");

	private final AtomicBoolean away = new AtomicBoolean();

	private final TransactionOperations database = new TransactionOperations() {

		@Override
		public <T> T execute(TransactionCallback<T> action) {
			return UsageRecorderTests.this.tables.transactions().execute((status) -> {
				UsageRecorderTests.this.attempts.incrementAndGet();
				UsageRecorderTests.this.beforeWriting.run();
				if (UsageRecorderTests.this.away.get()) {
					throw new DataAccessResourceFailureException("away");
				}
				return action.doInTransaction(status);
			});
		}

	};

	private UUID key;

	private volatile Runnable beforeWriting = () -> {
	};

	private final AtomicInteger attempts = new AtomicInteger();

	// stands still unless it is set
	private volatile Moment now = Moment.now();

	private UsageRecorder recorder;

	private H2UsageTables tables;

	@BeforeAll
	void startDatabase() throws Exception {
		this.tables = new H2UsageTables();
	}

	@AfterAll
	void stopDatabase() throws Exception {
		this.tables.close();
	}

	@BeforeEach
	void start() {
		this.attempts.set(0);
		this.key = newKey();
		this.recorder = new UsageRecorder(sink(), () -> this.now);
		this.recorder.setInterval(Duration.ofMillis(100));
	}

	@AfterEach
	void stop() {
		this.away.set(false);
		this.beforeWriting = () -> {
		};
		this.recorder.close();
	}

	@Test
	void whenAWriteEndsWithAnErrorThenItIsTriedAgain() {
		UUID key = newKey();
		AtomicInteger errors = new AtomicInteger();
		this.beforeWriting = () -> {
			if (errors.incrementAndGet() < 4) {
				throw new NoClassDefFoundError("of a jar that was replaced");
			}
		};
		this.recorder.accepted(key, NOW, null);
		await().until(() -> requests(key) == 1);
	}

	/**
	 * As with a connection that cannot be aborted. Nobody knows what becomes of what it
	 * writes, so that is not written again.
	 */
	@Test
	void whenAWriterHangsThenAnotherOneGoesOn() throws Exception {
		this.recorder.close();
		this.recorder = new UsageRecorder(sink(), () -> this.now, 1000, Duration.ofMillis(300));
		this.recorder.setInterval(Duration.ofMillis(100));
		CountDownLatch hanging = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		AtomicBoolean first = new AtomicBoolean(true);
		this.beforeWriting = () -> {
			if (first.compareAndSet(true, false)) {
				hanging.countDown();
				awaitLatch(release);
				throw new DataAccessResourceFailureException("aborted at last");
			}
		};
		UUID lost = newKey();
		UUID later = newKey();
		this.recorder.accepted(lost, NOW, null);
		awaitLatch(hanging);
		this.recorder.accepted(later, NOW, null);
		pass(Duration.ofMillis(301));
		await().until(() -> requests(later) == 1);
		assertThat(requests(lost)).isZero();
		assertThat(this.recorder.dropped()).isOne();
		release.countDown();
		this.recorder.accepted(later, NOW, null);
		await().until(() -> requests(later) == 2);
		assertThat(this.recorder.dropped()).isOne();
	}

	/**
	 * As when the time is synchronized after the start of a machine.
	 */
	@Test
	void whenTheWallClockIsSetThenAWriterIsNotGivenUp() {
		CountDownLatch writing = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		AtomicInteger looks = new AtomicInteger();
		UsageSink sink = sink();
		use((counts) -> {
			writing.countDown();
			awaitLatch(release);
			return sink.add(counts);
		}, () -> {
			looks.incrementAndGet();
			return this.now;
		});
		this.recorder.accepted(this.key, NOW, null);
		awaitLatch(writing);
		this.now = new Moment(this.now.nanos(), this.now.wallTime().plus(Duration.ofHours(1)));
		int before = looks.get();
		// while the writer hangs, only the timer looks at the clock
		await().until(() -> looks.get() >= before + 3);
		assertThat(this.recorder.dropped()).isZero();
		release.countDown();
		await().until(() -> requests() == 1);
	}

	/**
	 * Of a connection that broke during the commit nobody knows what became.
	 */
	@Test
	void whenTheAnswerToTheCommitIsLostThenNothingIsCountedTwice() {
		AtomicBoolean lost = new AtomicBoolean(true);
		UsageSink sink = sink();
		use((counts) -> {
			List<UsageCount> left = sink.add(counts);
			if (lost.compareAndSet(true, false)) {
				throw new UnknownOutcomeException(new DataAccessResourceFailureException("broke during the commit"));
			}
			return left;
		}, () -> this.now);
		UUID unknown = newKey();
		UUID later = newKey();
		this.recorder.accepted(unknown, NOW, null);
		await().until(() -> requests(unknown) == 1);
		this.recorder.accepted(later, NOW, null);
		await().until(() -> requests(later) == 1);
		assertThat(requests(unknown)).isOne();
		assertThat(this.recorder.dropped()).isOne();
	}

	/**
	 * What the database refused before the commit is not written for sure.
	 */
	@Test
	void whenAStatementFailsThenWrittenLater() {
		UUID key = newKey();
		this.tables.failStatements("merge into api_key_usage_total");
		try {
			this.recorder.accepted(key, NOW, null);
			await().until(() -> this.attempts.get() >= 3);
			assertThat(requests(key)).isZero();
		}
		finally {
			this.tables.failStatements(null);
		}
		await().until(() -> requests(key) == 1);
		assertThat(this.recorder.dropped()).isZero();
	}

	/**
	 * Whoever finds that a writer takes too long may be held up until it has ended.
	 */
	@Test
	void whenAWriterEndsBeforeItIsGivenUpThenItsFailureIsTriedAgain() {
		Thread test = Thread.currentThread();
		AtomicReference<Thread> writer = new AtomicReference<>();
		AtomicReference<Duration> passed = new AtomicReference<>(Duration.ZERO);
		CountDownLatch judging = new CountDownLatch(1);
		List<UsageCount> written = new CopyOnWriteArrayList<>();
		UsageSink sink = (counts) -> {
			if (writer.compareAndSet(null, Thread.currentThread())) {
				awaitLatch(judging);
				throw new DataAccessResourceFailureException("at last");
			}
			written.addAll(counts);
			return List.of();
		};
		use(sink, () -> {
			Thread current = Thread.currentThread();
			if (current != test && writer.get() != null && current != writer.get() && judging.getCount() > 0) {
				passed.set(Duration.ofHours(1));
				judging.countDown();
				// it is done, and waits for more to do, or has waited long enough
				await().until(() -> EnumSet.of(Thread.State.TIMED_WAITING, Thread.State.TERMINATED)
					.contains(writer.get().getState()));
			}
			Moment now = Moment.now();
			return new Moment(now.nanos() + passed.get().toNanos(), now.wallTime().plus(passed.get()));
		});
		this.recorder.accepted(this.key, NOW, null);
		await().until(() -> !written.isEmpty() || this.recorder.dropped() > 0);
		assertThat(this.recorder.dropped()).isZero();
		assertThat(written).singleElement().satisfies((count) -> assertThat(count.getRequests()).isOne());
	}

	@Test
	void whenThereIsMuchToWriteThenInShortTransactions() {
		AtomicInteger transactions = new AtomicInteger();
		this.beforeWriting = transactions::incrementAndGet;
		this.recorder.setInterval(Duration.ofHours(1));
		Long before = total();
		for (int i = 0; i < 250; i++) {
			this.recorder.accepted(newKey(), NOW, null);
		}
		this.recorder.close();
		await().until(() -> total() - before == 250);
		assertThat(transactions).hasValue(3);
	}

	/**
	 * As what the encoding of the database cannot take, or a sum that is too large for
	 * its column.
	 */
	@Test
	void whenTheUsageOfAKeyCannotBeWrittenThenThatOfOthersIs(CapturedOutput output) {
		List<UUID> keys = Stream.generate(UUID::randomUUID).limit(30).toList();
		UUID bad = keys.get(17);
		Map<UUID, Long> written = new ConcurrentHashMap<>();
		use((counts) -> {
			if (counts.stream().anyMatch((count) -> bad.equals(count.getApiKeyId()))) {
				throw new DataIntegrityViolationException("too large");
			}
			counts.forEach((count) -> written.merge(count.getApiKeyId(), count.getRequests(), Long::sum));
			return List.of();
		}, () -> this.now);
		this.recorder.setInterval(Duration.ofMillis(20));
		keys.forEach((key) -> this.recorder.accepted(key, NOW, null));
		await().until(() -> written.size() == keys.size() - 1);
		UUID other = keys.get(0);
		await().until(() -> {
			this.recorder.accepted(other, NOW, null);
			return this.recorder.dropped() == 1;
		});
		assertThat(written).doesNotContainKey(bad);
		await().until(() -> output.toString().contains(bad + " cannot be written"));
		long before = written.get(other);
		this.recorder.accepted(other, NOW, null);
		await().until(() -> written.get(other) > before);
	}

	@Test
	void whenAKeyIsHeldThenItsUsageIsWrittenLaterAndOnlyOnce() {
		AtomicBoolean held = new AtomicBoolean(true);
		UUID other = UUID.randomUUID();
		Map<UUID, Long> written = new ConcurrentHashMap<>();
		use((counts) -> {
			List<UsageCount> left = counts.stream()
				.filter((count) -> held.get() && this.key.equals(count.getApiKeyId()))
				.toList();
			counts.stream()
				.filter((count) -> !left.contains(count))
				.forEach((count) -> written.merge(count.getApiKeyId(), count.getRequests(), Long::sum));
			return left;
		}, () -> this.now);
		this.recorder.accepted(this.key, NOW, null);
		this.recorder.accepted(other, NOW, null);
		await().until(() -> written.containsKey(other));
		pass(Duration.ofMillis(600));
		assertThat(this.recorder.lag()).isPositive();
		this.recorder.accepted(this.key, NOW, null);
		held.set(false);
		await().until(() -> Long.valueOf(2).equals(written.get(this.key)));
		await().until(() -> this.recorder.lag().isZero());
		assertThat(written).containsEntry(other, 1L);
	}

	/**
	 * As by the requests of a key with a quota, one after the other.
	 */
	@Test
	void whenAKeyIsHeldWheneverItIsLookedAtThenItIsWaitedForAlone() {
		HeldKeys sink = new HeldKeys(this.key);
		use(sink, () -> this.now);
		UUID other = UUID.randomUUID();
		this.recorder.accepted(this.key, NOW, null);
		this.recorder.accepted(other, NOW, null);
		await().until(() -> sink.isWritten(this.key) && sink.isWritten(other));
		assertThat(sink.left).containsOnly(this.key).hasSizeGreaterThanOrEqualTo(3);
		assertThat(sink.written).containsEntry(other, 1L);
		await().until(() -> this.recorder.lag().isZero());
	}

	@Test
	void whenAKeyIsHeldForLongThenThatOfOthersIsWaitedForAndWrittenFirst() {
		HeldKeys sink = new HeldKeys(this.key);
		sink.heldForLong.add(this.key);
		use(sink, () -> this.now);
		this.recorder.accepted(this.key, NOW, null);
		await().until(() -> !sink.waitedInVain.isEmpty());
		UUID other = UUID.randomUUID();
		sink.held.add(other);
		this.recorder.accepted(other, NOW, null);
		await().until(() -> sink.isWritten(other));
		assertThat(this.recorder.dropped()).isZero();
		sink.heldForLong.clear();
		await().until(() -> sink.isWritten(this.key));
		assertThat(sink.written).containsEntry(this.key, 1L).containsEntry(other, 1L);
	}

	@Test
	void closeWhenAKeyIsHeldWheneverItIsLookedAtThenItIsWaitedFor() {
		HeldKeys sink = new HeldKeys(this.key);
		use(sink, () -> this.now);
		this.recorder.setInterval(Duration.ofHours(1));
		this.recorder.accepted(this.key, NOW, null);
		this.recorder.close();
		await().until(() -> sink.isWritten(this.key));
		assertThat(sink.left).hasSize(1);
	}

	@Test
	void closeWhenAKeyIsHeldForLongThenSaysWhy(CapturedOutput output) {
		HeldKeys sink = new HeldKeys(this.key);
		sink.heldForLong.add(this.key);
		use(sink, () -> this.now);
		this.recorder.setInterval(Duration.ofHours(1));
		this.recorder.accepted(this.key, NOW, null);
		this.recorder.close();
		await().until(() -> output.toString().contains("could not be written before the stop"));
		assertThat(output).contains("CannotAcquireLockException: " + this.key);
	}

	/**
	 * Another key is held each time.
	 */
	@Test
	void lagWhenSomeKeyIsAlwaysHeldThenSinceThatOneIsNotWritten() {
		UUID next = UUID.randomUUID();
		HeldKeys sink = new HeldKeys(this.key, next);
		sink.heldForLong.addAll(List.of(this.key, next));
		use(sink, () -> this.now);
		this.recorder.accepted(this.key, NOW, null);
		await().until(() -> sink.left.contains(this.key));
		pass(Duration.ofMillis(600));
		assertThat(this.recorder.lag()).isEqualTo(Duration.ofMillis(600));
		this.recorder.accepted(next, NOW, null);
		await().until(() -> sink.left.contains(next));
		pass(Duration.ofMillis(200));
		sink.held.remove(this.key);
		await().until(() -> this.recorder.lag().equals(Duration.ofMillis(200)));
		assertThat(sink.isWritten(next)).isFalse();
	}

	/**
	 * What was left out is not part of the transaction.
	 */
	@Test
	void whenTheAnswerToTheCommitIsLostThenWhatWasLeftOutIsWrittenLater() {
		HeldKeys sink = new HeldKeys(this.key);
		AtomicBoolean lost = new AtomicBoolean(true);
		use((counts) -> {
			List<UsageCount> left = sink.add(counts);
			if (counts.size() == 2 && lost.compareAndSet(true, false)) {
				sink.held.clear();
				throw new UnknownOutcomeException(new DataAccessResourceFailureException("broke during the commit"),
						left);
			}
			return left;
		}, () -> this.now);
		this.recorder.setInterval(Duration.ofHours(1));
		UUID unknown = UUID.randomUUID();
		this.recorder.accepted(this.key, NOW, null);
		this.recorder.accepted(unknown, NOW, null);
		this.recorder.refused(unknown, NOW);
		this.recorder.close();
		await().until(() -> sink.isWritten(this.key));
		assertThat(this.recorder.dropped()).isEqualTo(2);
	}

	@Test
	void whenTheDatabaseIsAwayThenNothingIsLost() {
		this.away.set(true);
		for (int i = 0; i < 500; i++) {
			this.recorder.accepted(this.key, NOW, "203.0.113.7");
			this.recorder.refused(this.key, NOW);
		}
		await().until(() -> this.attempts.get() >= 3);
		this.recorder.accepted(this.key, NOW, null);
		assertThat(requests()).isZero();
		this.away.set(false);
		await().until(() -> requests() == 501);
		assertThat(this.recorder.dropped()).isZero();
	}

	@Test
	void whenTooManyKeysAreInUseThenWhatIsNotWrittenIsCountedAsDropped() throws Exception {
		this.recorder.close();
		this.recorder = new UsageRecorder(sink(), () -> this.now, 10, Duration.ofMinutes(1));
		this.recorder.setInterval(Duration.ofMillis(100));
		long before = total();
		this.away.set(true);
		for (int i = 0; i < 50; i++) {
			this.recorder.accepted(newKey(), NOW, null);
		}
		await().until(() -> this.attempts.get() >= 1);
		for (int i = 0; i < 50; i++) {
			this.recorder.accepted(newKey(), NOW, null);
		}
		// no more than ten wait to be written, whenever they were counted
		await().until(() -> this.recorder.dropped() == 90);
		this.away.set(false);
		await().until(() -> total() - before + this.recorder.dropped() == 100);
		this.recorder.accepted(newKey(), NOW, null);
		await().until(() -> total() - before + this.recorder.dropped() == 101);
	}

	@Test
	void lagThenSinceTheLastTimeThatAllWasWritten() {
		assertThat(this.recorder.lag()).isZero();
		this.away.set(true);
		this.recorder.accepted(newKey(), NOW, null);
		await().until(() -> this.attempts.get() >= 1);
		pass(Duration.ofMillis(600));
		assertThat(this.recorder.lag()).isEqualTo(Duration.ofMillis(600));
		this.away.set(false);
		await().until(() -> this.recorder.lag().isZero());
	}

	@Test
	void closeWhenTheDatabaseIsAwayThenSaysSoOnce(CapturedOutput output) {
		this.recorder.setInterval(Duration.ofHours(1));
		this.recorder.accepted(this.key, NOW, null);
		String failure = "away " + UUID.randomUUID();
		this.beforeWriting = () -> {
			throw new DataAccessResourceFailureException(failure);
		};
		this.recorder.close();
		await().until(() -> output.toString().contains(failure));
		assertThat(this.attempts).hasValueGreaterThan(1);
		assertThat(output).containsOnlyOnce("DataAccessResourceFailureException: " + failure)
			.contains("could not be written before the stop");
	}

	@Test
	void closeWhenTheDatabaseIsAwayThenWhatIsLostIsCountedAsDropped(CapturedOutput output) {
		this.recorder.setInterval(Duration.ofMinutes(1));
		this.recorder.accepted(this.key, NOW, null);
		this.recorder.refused(this.key, NOW);
		this.recorder.accepted(newKey(), NOW, null);
		this.away.set(true);
		this.recorder.close();
		assertThat(this.recorder.dropped()).isEqualTo(3);
		assertThat(output).containsOnlyOnce("3 uses of API keys could not be written before the stop, and may be lost");
		this.recorder.close();
		assertThat(this.recorder.dropped()).isEqualTo(3);
	}

	@Test
	void acceptedWhenClosedThenCountedAsDropped() {
		this.recorder.close();
		this.recorder.accepted(this.key, NOW, null);
		assertThat(this.recorder.dropped()).isOne();
	}

	/**
	 * As many as there may be, each with a connection that cannot be aborted.
	 */
	@Test
	void closeWhenAllWritersHangThenSaysWhatIsLost(CapturedOutput output) throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		AtomicInteger hanging = new AtomicInteger();
		use((counts) -> {
			hanging.incrementAndGet();
			try {
				release.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			return List.of();
		}, () -> this.now);
		for (int i = 1; i <= 3; i++) {
			int writers = i;
			this.recorder.accepted(this.key, NOW, null);
			await().until(() -> hanging.get() == writers);
			pass(Duration.ofMinutes(2));
		}
		this.recorder.accepted(this.key, NOW, null);
		this.recorder.close();
		assertThat(this.recorder.dropped()).isEqualTo(4);
		assertThat(output).contains("could not be written before the stop");
		release.countDown();
	}

	/**
	 * Nobody knows whether it writes at last.
	 */
	@Test
	void closeWhenTheOnlyWriterHangsThenSaysWhatMayBeLost(CapturedOutput output) {
		CountDownLatch hanging = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		use((counts) -> {
			hanging.countDown();
			awaitLatch(release);
			return List.of();
		}, () -> this.now);
		this.recorder.accepted(this.key, NOW, null);
		this.recorder.refused(this.key, NOW);
		awaitLatch(hanging);
		this.recorder.close();
		assertThat(output).containsOnlyOnce("2 uses of API keys could not be written before the stop, and may be lost");
		release.countDown();
	}

	/**
	 * As where each tenant has tables of its own.
	 */
	@Test
	void closeWhenUseIsNotCountedAtAllThenSaysNothing(CapturedOutput output) {
		this.recorder.setEnabled(false);
		this.recorder.accepted(this.key, NOW, null);
		this.recorder.refused(this.key, NOW);
		this.recorder.close();
		assertThat(this.recorder.dropped()).isEqualTo(2);
		assertThat(output).doesNotContain("uses of API keys");
	}

	@Test
	void closeThenWritesWhatIsNotWrittenYet() {
		UUID last = newKey();
		this.recorder.setInterval(Duration.ofHours(1));
		this.recorder.accepted(last, NOW, null);
		this.recorder.close();
		await().until(() -> requests(last) == 1);
	}

	private void pass(Duration time) {
		this.now = new Moment(this.now.nanos() + time.toNanos(), this.now.wallTime().plus(time));
	}

	private void use(UsageSink sink, Supplier<Moment> clock) {
		this.recorder.close();
		this.recorder = new UsageRecorder(sink, clock);
		this.recorder.setInterval(Duration.ofMillis(100));
	}

	private static void awaitLatch(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private UUID newKey() {
		return this.tables.newKey();
	}

	private UsageSink sink() {
		return this.tables.sink(this.database);
	}

	private long total() {
		Long sum = this.tables.jdbc()
			.queryForObject("select coalesce(sum(requests), 0) from api_key_usage where api_key_id <> ?", Long.class,
					this.key);
		return (sum != null) ? sum : 0;
	}

	private long requests() {
		return requests(this.key);
	}

	private long requests(UUID key) {
		Long sum = this.tables.jdbc()
			.queryForObject("select coalesce(sum(requests), 0) from api_key_usage where api_key_id = ?", Long.class,
					key);
		return (sum != null) ? sum : 0;
	}

	/**
	 * A sink that finds some keys held, and waits for some of them in vain.
	 */
	private static final class HeldKeys implements UsageSink {

		private final Set<UUID> held = ConcurrentHashMap.newKeySet();

		private final Set<UUID> heldForLong = ConcurrentHashMap.newKeySet();

		private final Map<UUID, Long> written = new ConcurrentHashMap<>();

		private final List<UUID> left = new CopyOnWriteArrayList<>();

		private final List<UUID> waitedInVain = new CopyOnWriteArrayList<>();

		HeldKeys(UUID... held) {
			this.held.addAll(List.of(held));
		}

		@Override
		public List<UsageCount> add(List<UsageCount> counts) {
			List<UsageCount> left = counts.stream().filter((count) -> this.held.contains(count.getApiKeyId())).toList();
			counts.stream().filter((count) -> !left.contains(count)).forEach(this::write);
			left.forEach((count) -> this.left.add(count.getApiKeyId()));
			return left;
		}

		@Override
		public List<UsageCount> addWaiting(List<UsageCount> counts) {
			assertThat(counts).hasSize(1);
			UUID id = counts.get(0).getApiKeyId();
			if (this.heldForLong.contains(id)) {
				this.waitedInVain.add(id);
				throw new CannotAcquireLockException(id.toString());
			}
			counts.forEach(this::write);
			return List.of();
		}

		private void write(UsageCount count) {
			this.written.merge(count.getApiKeyId(), count.getRequests(), Long::sum);
		}

		boolean isWritten(UUID id) {
			return this.written.containsKey(id);
		}

	}

}
