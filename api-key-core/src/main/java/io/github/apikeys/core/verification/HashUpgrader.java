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
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.support.BackgroundThreads;
import io.github.apikeys.core.support.Moment;
import io.github.apikeys.core.token.PresentedToken;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Replaces outdated hashes, after the request that noticed them. The request makes the
 * new hash, so that no token waits; one thread, which ends when there is nothing to do,
 * writes it. A key is tried once a minute at most, and what does not fit into the queue
 * is dropped until then.
 */
final class HashUpgrader implements AutoCloseable {

	private static final int MAX_WAITING = 1000;

	private static final int MAX_TRIED = 10_000;

	// those that hang included
	private static final int MAX_WORKERS = 3;

	// longer than until the source gives up
	private static final Duration MAX_DURATION = VerificationSource.MAX_DURATION.multipliedBy(2);

	private static final Log logger = LogFactory.getLog(HashUpgrader.class);

	private final BackgroundThreads threads = new BackgroundThreads("api-key-hash-upgrade", MAX_WORKERS);

	private final Cache<UUID, Boolean> tried = Caffeine.newBuilder()
		.maximumSize(MAX_TRIED)
		.expireAfterWrite(Duration.ofMinutes(1))
		.build();

	private final Queue<Upgrade> waiting = new LinkedBlockingQueue<>(MAX_WAITING);

	private final AtomicReference<@Nullable Moment> working = new AtomicReference<>();

	private final ApiKeyHashers hashers;

	private final SlowComparisons slowComparisons;

	private final VerificationSource source;

	private final Consumer<String> upgraded;

	private final Supplier<Moment> clock;

	private volatile boolean enabled = true;

	/**
	 * Creates an upgrader.
	 * @param upgraded is told the ids of keys whose hash was replaced
	 */
	HashUpgrader(ApiKeyHashers hashers, SlowComparisons slowComparisons, VerificationSource source,
			Consumer<String> upgraded, Supplier<Moment> clock) {
		this.hashers = hashers;
		this.slowComparisons = slowComparisons;
		this.source = source;
		this.upgraded = upgraded;
		this.clock = clock;
	}

	/**
	 * Sets whether hashes are replaced at all.
	 */
	void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	void upgrade(UUID id, TokenHash oldHash, PresentedToken token) {
		if (!this.enabled || this.waiting.size() >= MAX_WAITING
				|| this.tried.asMap().putIfAbsent(id, Boolean.TRUE) != null) {
			return;
		}
		try {
			String newHash = hash(token);
			if (newHash == null) {
				this.tried.invalidate(id);
				return;
			}
			this.waiting.offer(new Upgrade(id, token.keyId(), oldHash, new TokenHash(newHash)));
		}
		catch (RuntimeException | LinkageError ex) {
			warn(token.keyId(), ex);
			return;
		}
		workUnlessSomebodyDoes();
	}

	private @Nullable String hash(PresentedToken token) {
		Supplier<String> hash = () -> this.hashers.hash(token.hashedText(), token.isGenerated());
		return this.hashers.isSlow(token.isGenerated()) ? this.slowComparisons.tryHash(hash) : hash.get();
	}

	/**
	 * A worker that hangs is none.
	 */
	private void workUnlessSomebodyDoes() {
		Moment now = this.clock.get();
		Moment since = this.working.get();
		if ((since == null || now.isLongAfter(since, MAX_DURATION)) && this.working.compareAndSet(since, now)) {
			boolean begun = false;
			try {
				begun = this.threads.tryExecute(() -> work(now));
			}
			finally {
				if (!begun) {
					this.working.compareAndSet(now, null);
				}
			}
		}
	}

	private void work(Moment start) {
		makeAll(start);
		// what came while this worker ended
		if (!this.waiting.isEmpty()) {
			workUnlessSomebodyDoes();
		}
	}

	private void makeAll(Moment start) {
		Moment since = start;
		try {
			Upgrade next = this.waiting.poll();
			while (next != null) {
				make(next);
				Moment now = this.clock.get();
				if (!this.working.compareAndSet(since, now)) {
					return;
				}
				since = now;
				next = this.waiting.poll();
			}
		}
		finally {
			this.working.compareAndSet(since, null);
		}
	}

	private void makeRest() {
		Upgrade next = this.waiting.poll();
		while (next != null) {
			make(next);
			next = this.waiting.poll();
		}
	}

	private void make(Upgrade upgrade) {
		try {
			this.source.replaceHash(upgrade.id(), upgrade.oldHash(), upgrade.newHash());
			this.upgraded.accept(upgrade.keyId());
		}
		catch (RuntimeException ex) {
			warn(upgrade.keyId(), ex);
		}
	}

	private static void warn(String keyId, Throwable ex) {
		logger.warn("The hash of API key '" + keyId + "' was not upgraded; a use a minute later tries again", ex);
	}

	/**
	 * Makes what waits, since no worker that is yet to begin will do so any more.
	 */
	@Override
	public void close() {
		this.threads.tryExecute(this::makeRest);
		this.threads.close(Duration.ofSeconds(5));
	}

	/**
	 * What is to be done.
	 */
	private record Upgrade(UUID id, String keyId, TokenHash oldHash, TokenHash newHash) {

	}

}
