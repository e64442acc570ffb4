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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Remembers keys for as long as it is certain that no change was missed.
 * <p>
 * A thread of its own asks the database again and again what changed in the last
 * {@link #WINDOW}, drops what is outdated, and only then says when it asked. A key is
 * trusted for {@code maxStaleness} after the later of the start of its own load and the
 * start of such a question that came after it was inserted. So a verification that starts
 * later than {@code maxStaleness} after a change was committed honours it, whatever
 * fails: a load that overlapped the change, the question, the network, the clock. Keys
 * that do not exist are not remembered.
 * <p>
 * When the question itself is not answered, nobody waits for the database any more until
 * it is: with a pool of connections each request would wait as long as the pool lets it.
 */
final class VerificationCache implements AutoCloseable {

	/**
	 * How far back the database is asked. Who did not ask for nearly as long may have
	 * missed something.
	 */
	static final Duration WINDOW = Duration.ofSeconds(30);

	private static final Duration MAX_GAP = WINDOW.minusSeconds(5);

	private static final Duration MAX_LIFE = Duration.ofSeconds(60);

	private static final Duration MAX_STALENESS = Duration.ofSeconds(15);

	private static final Log logger = LogFactory.getLog(VerificationCache.class);

	private final Function<String, @Nullable StoredApiKey> loader;

	private final Supplier<List<RecentChange>> recentChanges;

	private final Duration maxStaleness;

	// shorter than it takes until keys lose their trust
	private final Duration maxPoll;

	private final Cache<String, LoadedApiKey> entries;

	private final ConcurrentMap<String, CompletableFuture<@Nullable LoadedApiKey>> loads = new ConcurrentHashMap<>();

	private final ScheduledExecutorService poller;

	private final AtomicBoolean polling = new AtomicBoolean();

	// only the thread of the poller touches it
	private Map<RecentChange, Moment> ownerChanges = new HashMap<>();

	// only the thread of the poller touches it
	private boolean failing;

	private volatile @Nullable Moment lastPoll;

	// since when a question is not answered
	private volatile @Nullable Moment pendingPoll;

	// when the last question was asked that was answered, or nothing was to be asked
	private volatile @Nullable Moment confirmed;

	// the last question was given up after a long time
	private volatile boolean silent;

	VerificationCache(Function<String, @Nullable StoredApiKey> loader, Supplier<List<RecentChange>> recentChanges,
			int maxEntries, Duration maxStaleness) {
		Assert.isTrue(maxEntries > 0, "there must be room for one key at least");
		Assert.isTrue(!maxStaleness.isNegative() && !maxStaleness.isZero(), "the staleness must be longer than zero");
		Assert.isTrue(maxStaleness.compareTo(MAX_STALENESS) <= 0,
				"the staleness must not be longer than " + MAX_STALENESS.toSeconds() + " seconds");
		this.loader = loader;
		this.recentChanges = recentChanges;
		this.maxStaleness = maxStaleness;
		this.maxPoll = maxStaleness.multipliedBy(2).dividedBy(5);
		this.entries = Caffeine.newBuilder().maximumSize(maxEntries).build();
		this.poller = Executors.newSingleThreadScheduledExecutor((task) -> {
			Thread thread = new Thread(task, "api-key-changes");
			thread.setDaemon(true);
			return thread;
		});
	}

	/**
	 * Finds a key without asking the database.
	 * @param now when the verification started
	 * @return the key, or {@code null} if it is not remembered, or not to be trusted
	 */
	@Nullable LoadedApiKey getIfRemembered(String keyId, Moment now) {
		LoadedApiKey entry = this.entries.getIfPresent(keyId);
		return (entry != null && isTrusted(entry, now)) ? entry : null;
	}

	long size() {
		return this.entries.estimatedSize();
	}

	/**
	 * How long ago the database confirmed what is remembered; zero before the first key.
	 */
	Duration staleness() {
		Moment confirmed = this.confirmed;
		return (confirmed != null) ? Moment.now().since(confirmed) : Duration.ZERO;
	}

	boolean isStale() {
		return staleness().compareTo(this.maxStaleness) > 0;
	}

	private boolean isTrusted(LoadedApiKey entry, Moment now) {
		return now.isWithin(this.maxStaleness, entry.freshAt(this.lastPoll))
				&& now.isWithin(MAX_LIFE, entry.loadStart());
	}

	/**
	 * Finds a key that is not remembered. Of those who need the same one, one asks, and
	 * the others wait for the answer. It is no answer for them if it is too old, or if
	 * there was no such key: it may have been created since.
	 */
	@Nullable LoadedApiKey loadOnce(String keyId) {
		checkAnswers();
		CompletableFuture<@Nullable LoadedApiKey> load = new CompletableFuture<>();
		CompletableFuture<@Nullable LoadedApiKey> other = this.loads.putIfAbsent(keyId, load);
		if (other != null) {
			LoadedApiKey entry = await(other);
			return (entry != null && isTrusted(entry, Moment.now())) ? entry : load(keyId);
		}
		try {
			LoadedApiKey entry = load(keyId);
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

	private @Nullable LoadedApiKey await(CompletableFuture<@Nullable LoadedApiKey> load) {
		try {
			return load.get(this.maxStaleness.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			throw new ApiKeyStoreException((ex.getCause() != null) ? ex.getCause() : ex);
		}
		catch (TimeoutException ex) {
			throw new ApiKeyStoreException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new ApiKeyStoreException(ex);
		}
	}

	private void checkAnswers() {
		Moment pending = this.pendingPoll;
		if (this.silent || (pending != null && !Moment.now().isWithin(this.maxPoll, pending))) {
			throw new ApiKeyStoreException("The database does not answer");
		}
	}

	private @Nullable LoadedApiKey load(String keyId) {
		Moment start = Moment.now();
		StoredApiKey key = this.loader.apply(keyId);
		if (key == null) {
			this.entries.invalidate(keyId);
			return null;
		}
		LoadedApiKey entry = new LoadedApiKey(key, start);
		this.entries.asMap()
			.merge(keyId, entry, (former, loaded) -> former.loadStart().isAfter(loaded.loadStart()) ? former : loaded);
		entry.markInserted(Moment.now());
		startPolling();
		return entry;
	}

	void evict(String keyId) {
		this.entries.invalidate(keyId);
	}

	void evictOwner(String owner) {
		this.entries.asMap().values().removeIf((entry) -> owner.equals(entry.key().principal().owner()));
	}

	private void startPolling() {
		if (this.polling.compareAndSet(false, true)) {
			this.confirmed = Moment.now();
			long interval = Math.max(1, this.maxStaleness.toMillis() / 2);
			this.poller.scheduleWithFixedDelay(this::tryPoll, interval, interval, TimeUnit.MILLISECONDS);
		}
	}

	private void tryPoll() {
		forgetTheOld();
		// a database that did not answer is asked until it does, so that it is known
		if (this.entries.asMap().isEmpty() && !this.failing) {
			this.confirmed = Moment.now();
			return;
		}
		Moment start = Moment.now();
		this.pendingPoll = start;
		try {
			poll();
			this.failing = false;
			this.silent = false;
		}
		catch (RuntimeException ex) {
			this.silent = !Moment.now().isWithin(this.maxPoll, start);
			// keys lose their trust meanwhile, so that nothing stale is accepted
			if (!this.failing) {
				logger.warn("Changes of API keys cannot be read; until they can, keys are looked up one by one", ex);
			}
			this.failing = true;
		}
		finally {
			this.pendingPoll = null;
		}
	}

	/**
	 * Who used a key lately does not read the clock once more for the cache to do it.
	 */
	private void forgetTheOld() {
		Moment now = Moment.now();
		this.entries.asMap().values().removeIf((entry) -> !now.isWithin(MAX_LIFE, entry.loadStart()));
	}

	/**
	 * Asks what changed, and forgets it.
	 */
	void poll() {
		Moment start = Moment.now();
		List<RecentChange> changes = this.recentChanges.get();
		Moment last = this.lastPoll;
		if (last == null || !start.isWithin(MAX_GAP, last)) {
			this.entries.invalidateAll();
		}
		Map<RecentChange, Moment> seen = new HashMap<>();
		for (RecentChange change : changes) {
			if (change.isOfOwner()) {
				Moment firstSeen = this.ownerChanges.getOrDefault(change, Moment.now());
				seen.put(change, firstSeen);
				this.entries.asMap()
					.values()
					.removeIf((entry) -> change.subject().equals(entry.key().principal().owner())
							&& !entry.loadStart().isAfter(firstSeen));
			}
			else {
				this.entries.asMap()
					.computeIfPresent(change.subject(),
							(keyId, entry) -> (entry.key().version() < change.version()) ? null : entry);
			}
		}
		this.ownerChanges = seen;
		this.lastPoll = start;
		this.confirmed = start;
	}

	@Override
	public void close() {
		this.poller.shutdownNow();
	}

}
