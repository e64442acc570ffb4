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
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;
import java.util.stream.Stream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.support.BackgroundThreads;
import io.github.apikeys.core.support.Moment;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Caches keys for as long as it is certain that no change was missed.
 * <p>
 * {@link ChangePoller} makes it poll the database for the changes of the last
 * {@link #WINDOW}. It evicts outdated entries, and only then publishes the start of the
 * poll. An entry is used for {@code maxStaleness} after the later of the start of its own
 * load and the start of a poll that began after it was inserted. So a verification that
 * starts later than {@code maxStaleness} after a change was committed honours it,
 * whatever fails: a load that overlapped the change, the poll, the network, the clock.
 * Unknown keys are not cached.
 * <p>
 * On the node that makes a change, loads that began before it are not used for later
 * requests, and are not cached.
 * <p>
 * While neither a poll nor a look-up is answered, no request waits for the database: with
 * a pool of connections each request would wait as long as the pool permits.
 */
final class VerificationCache implements ChangePoller.Questions, AutoCloseable {

	/**
	 * What took longer to load is not kept.
	 */
	private static final Duration MAX_LOAD = Duration.ofSeconds(10);

	/**
	 * What was cached when nobody asked for longer is evicted.
	 */
	private static final Duration MAX_GAP = Duration.ofSeconds(19);

	/**
	 * How far back the database is asked. A load may show what was before a commit that
	 * had begun when the load did; its entry may be inserted right after a poll, and the
	 * next one must still find the change.
	 */
	static final Duration WINDOW = ApiKeyRepository.MAX_AGE_OF_CHANGE.plus(ApiKeyRepository.MAX_COMMIT)
		.plus(MAX_LOAD)
		.plus(MAX_GAP);

	private static final Duration MAX_DIVERGENCE = Duration.ofSeconds(5);

	static final Duration MAX_LIFE = ApiKeyRepository.MAX_CACHED;

	private static final Duration MAX_STALENESS = Duration.ofSeconds(15);

	// of no key
	private static final String PROBE = "";

	private static final int GENERATIONS = 1024;

	private final VerificationSource source;

	private final Duration maxStaleness;

	private final Supplier<Moment> clock;

	private final Cache<String, LoadedApiKey> entries;

	private final ConcurrentMap<String, Load> loads = new ConcurrentHashMap<>();

	// how often keys were evicted here, by a part of the hash of their ids
	private final AtomicIntegerArray generations = new AtomicIntegerArray(GENERATIONS);

	// how often keys of any owner were
	private final AtomicInteger generation = new AtomicInteger();

	private final ChangePoller poller;

	// for apply() only
	private final OwnerChanges ownerChanges = new OwnerChanges();

	// what polls were answered in the last WINDOW, the last one at the end
	private volatile List<Answer> answers = List.of();

	VerificationCache(VerificationSource source, int maxEntries, Duration maxStaleness, Supplier<Moment> clock) {
		this(source, maxEntries, maxStaleness, clock,
				new BackgroundThreads("api-key-changes", ChangePoller.MAX_THREADS));
	}

	VerificationCache(VerificationSource source, int maxEntries, Duration maxStaleness, Supplier<Moment> clock,
			BackgroundThreads threads) {
		Assert.isTrue(maxEntries > 0, "there must be room for one key at least");
		Assert.isTrue(!maxStaleness.isNegative() && !maxStaleness.isZero(), "the staleness must be longer than zero");
		Assert.isTrue(maxStaleness.compareTo(MAX_STALENESS) <= 0,
				"the staleness must not be longer than " + MAX_STALENESS.toSeconds() + " seconds");
		this.source = source;
		this.maxStaleness = maxStaleness;
		this.clock = clock;
		this.entries = Caffeine.newBuilder().maximumSize(maxEntries).build();
		this.poller = new ChangePoller(this, maxStaleness, clock, threads);
	}

	/**
	 * Finds a key without asking the database.
	 * @param now when the verification started
	 * @return the key, or {@code null} if it is not remembered, or not to be trusted
	 */
	@Nullable LoadedApiKey getIfRemembered(String keyId, Moment now) {
		// before the entry: a poll that evicted it meanwhile says nothing about it
		Answer answer = lastAnswer();
		LoadedApiKey entry = this.entries.getIfPresent(keyId);
		return (entry != null && isTrusted(entry, now, (answer != null) ? answer.start() : null)) ? entry : null;
	}

	long size() {
		return this.entries.estimatedSize();
	}

	/**
	 * How long ago the database confirmed what is remembered; zero before the first key.
	 */
	Duration staleness() {
		return this.poller.staleness();
	}

	boolean isStale() {
		return staleness().compareTo(this.maxStaleness) > 0;
	}

	private static Duration min(Duration first, Duration second) {
		return (first.compareTo(second) < 0) ? first : second;
	}

	private boolean isTrusted(LoadedApiKey entry, Moment now, @Nullable Moment polled) {
		Moment freshAt = entry.freshAt(polled);
		return freshAt != null && now.isWithin(this.maxStaleness, freshAt) && now.isWithin(MAX_LIFE, entry.loadStart());
	}

	/**
	 * Finds a key that is not cached. Concurrent look-ups of the same key share one
	 * query. Its result is not shared if it is too old, if there was no such key, which
	 * may have been created since, or if it is a failure, which may be that of the first
	 * caller. A caller that may hold a connection, and waits for another, does not share
	 * its query, and does not wait for long.
	 * @param mayHoldConnection whether the caller may hold a connection
	 */
	@Nullable LoadedApiKey loadOnce(String keyId, boolean mayHoldConnection) {
		requireAnswers();
		Load load = new Load(generation(keyId));
		Load first = mayHoldConnection ? this.loads.get(keyId)
				: this.loads.merge(keyId, load, (former, later) -> former.isAsNewAs(later) ? former : later);
		if (first == load) {
			return lead(keyId, load);
		}
		LoadedApiKey entry = (first != null && first.isAsNewAs(load)) ? await(first, mayHoldConnection
				? min(VerificationSource.MAX_WAIT_WITH_CONNECTION, this.maxStaleness) : this.maxStaleness) : null;
		// no poll can confirm what is in hand: it may have evicted it
		if (entry != null && this.clock.get().isWithin(this.maxStaleness, entry.loadStart())) {
			return entry;
		}
		requireAnswers();
		return load(keyId, load.generation);
	}

	private void requireAnswers() {
		if (!this.poller.isAnswered()) {
			throw new ApiKeyStoreException("The database does not answer");
		}
	}

	private @Nullable LoadedApiKey lead(String keyId, Load load) {
		try {
			LoadedApiKey entry = load(keyId, load.generation);
			load.complete(entry);
			return entry;
		}
		catch (RuntimeException | Error ex) {
			load.completeExceptionally(ex);
			throw ex;
		}
		finally {
			this.loads.remove(keyId, load);
		}
	}

	/**
	 * Waits for the answer that another one gets.
	 * @return the key, or {@code null} if there is no such key, or no answer
	 */
	private static @Nullable LoadedApiKey await(Load load, Duration patience) {
		try {
			return load.get(patience.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			return null;
		}
		catch (TimeoutException ex) {
			throw new ApiKeyStoreException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new ApiKeyStoreException(ex);
		}
	}

	private @Nullable LoadedApiKey load(String keyId, long generation) {
		Moment start = this.clock.get();
		StoredApiKey key = this.source.find(keyId);
		this.poller.lookedUp();
		if (key == null) {
			this.entries.invalidate(keyId);
			return null;
		}
		LoadedApiKey entry = new LoadedApiKey(key, start);
		insert(keyId, entry, generation);
		this.poller.start();
		return entry;
	}

	/**
	 * What is being inserted is found by nobody before it is certain that each eviction
	 * from then on finds it, too.
	 */
	private void insert(String keyId, LoadedApiKey entry, long generation) {
		LoadedApiKey found = this.entries.asMap()
			.compute(
					keyId, (id,
							former) -> (generation(keyId) != generation
									|| (former != null && former.loadStart().isAfter(entry.loadStart()))) ? former
											: entry);
		if (found != entry) {
			return;
		}
		Moment inserted = this.clock.get();
		// later, a change from its beginning may be older than what the next poll asks
		// for
		if (generation(keyId) == generation && inserted.isWithin(MAX_LOAD, entry.loadStart())) {
			entry.markInserted(inserted);
		}
		else {
			this.entries.asMap().remove(keyId, entry);
		}
	}

	private long generation(String keyId) {
		return ((long) this.generation.get() << Integer.SIZE)
				+ Integer.toUnsignedLong(this.generations.get(index(keyId)));
	}

	private static int index(String keyId) {
		return Math.floorMod(keyId.hashCode(), GENERATIONS);
	}

	void evict(String keyId) {
		this.generations.incrementAndGet(index(keyId));
		this.entries.invalidate(keyId);
	}

	void evictOwner(String owner) {
		// whose key is being loaded is not known yet
		this.generation.incrementAndGet();
		this.entries.asMap().values().removeIf((entry) -> owner.equals(entry.key().principal().owner()));
	}

	private void evictAll() {
		this.generation.incrementAndGet();
		this.entries.invalidateAll();
	}

	/**
	 * The recent use of a key does not read the clock once more for the cache to do it.
	 */
	@Override
	public boolean isNeeded() {
		Moment now = this.clock.get();
		this.entries.asMap().values().removeIf((entry) -> !now.isWithin(MAX_LIFE, entry.loadStart()));
		return !this.entries.asMap().isEmpty();
	}

	/**
	 * Asks what changed, and evicts it.
	 */
	@Override
	public void poll() {
		Moment start = this.clock.get();
		Instant earliest = this.answers.stream()
			.map((answer) -> answer.leastDatabaseTimeAt(start))
			.min(Comparator.naturalOrder())
			.orElse(null);
		apply(start, this.source.findChanged(WINDOW, earliest));
	}

	@Override
	public void probe() {
		this.source.find(PROBE);
	}

	private synchronized void apply(Moment start, RecentChanges recent) {
		Moment received = this.clock.get();
		Answer last = lastAnswer();
		if (last != null && !start.isAfter(last.start())) {
			// a later question was answered before
			return;
		}
		if (last == null || !start.isWithin(MAX_GAP, last.start()) || last.diverges(start, recent.databaseTime())) {
			evictAll();
		}
		Instant now = received.wallTime();
		recent.changes()
			.stream()
			.filter((change) -> !change.isOfOwner())
			.forEach((change) -> this.entries.asMap()
				.computeIfPresent(change.subject(),
						(keyId, entry) -> (change.isOfOther(entry.key().version()) || entry.key().isExpired(now)) ? null
								: entry));
		this.ownerChanges.apply(recent.changes().stream().filter(RecentChange::isOfOwner).toList(), received,
				this.entries.asMap().values());
		this.answers = Stream
			.concat(this.answers.stream().filter((answer) -> start.isWithin(WINDOW, answer.start())),
					Stream.of(new Answer(start, received, recent.databaseTime())))
			.toList();
	}

	private @Nullable Answer lastAnswer() {
		List<Answer> answers = this.answers;
		return answers.isEmpty() ? null : answers.get(answers.size() - 1);
	}

	@Override
	public void close() {
		this.poller.close();
	}

	/**
	 * A load that others may wait for, unless a change came between.
	 */
	private static final class Load extends CompletableFuture<@Nullable LoadedApiKey> {

		private final long generation;

		Load(long generation) {
			this.generation = generation;
		}

		boolean isAsNewAs(Load other) {
			return this.generation == other.generation;
		}

	}

	/**
	 * What the database's clock said between two moments.
	 */
	private record Answer(Moment start, Moment received, Instant databaseTime) {

		/**
		 * What that clock would say at the least if it had not been set since.
		 */
		Instant leastDatabaseTimeAt(Moment now) {
			return this.databaseTime.plusNanos(now.nanos() - this.received.nanos());
		}

		/**
		 * Whether that clock was set since, or is another one, as after a failover: what
		 * it stamped may lie outside of what is asked for.
		 */
		boolean diverges(Moment start, Instant databaseTime) {
			Duration elapsed = Duration.ofNanos(start.nanos() - this.start.nanos());
			return Duration.between(this.databaseTime, databaseTime).minus(elapsed).abs().compareTo(MAX_DIVERGENCE) > 0;
		}

	}

}
