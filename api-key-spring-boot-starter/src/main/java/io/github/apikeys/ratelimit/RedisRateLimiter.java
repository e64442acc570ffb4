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

package io.github.apikeys.ratelimit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.RateLimits;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.lettuce.core.AbstractRedisClient;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Counts in Redis, so that all nodes share a limit. Its keys are called
 * {@code api-key:rate-limit:<id of the line>:<limits>}, and end when the bucket would be
 * full again.
 * <p>
 * The requests of one key on a node ask one after the other. Each would have to begin
 * anew when another one was faster, until that looked as if Redis did not answer. At most
 * 64 of them wait. A key that has reached its limit asks Redis once in a second at most,
 * so that it takes no threads from other keys.
 * <p>
 * A request waits half a second at most for each of its turn, a connection, an answer,
 * and after a failure the answer that says whether all of Redis failed.
 * <p>
 * While Redis does not answer it is asked by one request in a second at most, so that the
 * others do not wait for it. Where it fails for some keys only, as while a part of a
 * cluster is silent, that is so for each of them, at most eight at a time and in turn,
 * and it is asked for others as before. A key without requests for a minute is like any
 * other key then.
 *
 * @since 0.1.0
 */
public final class RedisRateLimiter implements ApiKeyRateLimiter {

	private static final Duration TIMEOUT = Duration.ofMillis(500);

	private static final int MAX_WAITING = 64;

	private static final Duration MAX_REMEMBERED = Duration.ofSeconds(1);

	private static final int MAX_BUCKETS = 10_000;

	private static final Duration MAX_OUTAGE_WITHOUT_REQUEST = Duration.ofMinutes(1);

	/** A bucket that nobody counts in. */
	private static final byte[] NO_BUCKET = "api-key:rate-limit".getBytes(StandardCharsets.US_ASCII);

	private static final Log logger = LogFactory.getLog(RedisRateLimiter.class);

	private final RedisBuckets buckets;

	private final @Nullable ApiKeyRateLimiter fallback;

	private final Cache<String, Semaphore> turns = Caffeine.newBuilder().weakValues().build();

	private final Cache<String, Refusal> refusals;

	private final Cache<String, Outage> bucketOutages;

	private final OutageLine bucketsToAsk;

	private final AtomicReference<@Nullable Outage> redis = new AtomicReference<>();

	private final AtomicLong answers = new AtomicLong();

	private final Duration timeout;

	private final LongSupplier nanos;

	/**
	 * Creates a limiter. It connects when it is first used, and again when there is
	 * another client.
	 * @param client what returns the present client for one server or a cluster; asked
	 * for each request, so it must not wait for anything. The life of a client is the
	 * caller's business
	 * @param fallback what counts while Redis does not answer, or {@code null} to refuse
	 * requests then
	 */
	public RedisRateLimiter(Supplier<? extends AbstractRedisClient> client, @Nullable ApiKeyRateLimiter fallback) {
		this(new RedisBuckets(client, TIMEOUT, TimeMeter.SYSTEM_MILLISECONDS), fallback, TIMEOUT, System::nanoTime);
	}

	/**
	 * Creates a limiter.
	 * @param timeout how long a request waits for its turn
	 * @param nanos what {@link System#nanoTime()} returns
	 */
	RedisRateLimiter(RedisBuckets buckets, @Nullable ApiKeyRateLimiter fallback, Duration timeout, LongSupplier nanos) {
		this.buckets = buckets;
		this.fallback = fallback;
		this.timeout = timeout;
		this.nanos = nanos;
		this.refusals = Caffeine.newBuilder()
			.maximumSize(MAX_BUCKETS)
			.expireAfterWrite(MAX_REMEMBERED)
			.ticker(nanos::getAsLong)
			.build();
		this.bucketOutages = Caffeine.newBuilder()
			.maximumSize(MAX_BUCKETS)
			.expireAfterAccess(MAX_OUTAGE_WITHOUT_REQUEST)
			.ticker(nanos::getAsLong)
			.build();
		this.bucketsToAsk = new OutageLine(nanos);
	}

	@Override
	public RateLimitResult tryConsume(ApiKeyPrincipal apiKey, RateLimits limits) {
		String name = "api-key:rate-limit:" + apiKey.lineId() + ":" + limits.toString().replace(" ", "");
		Outage outage = outage(name);
		if (outage != null && !outage.tryAsk()) {
			return withoutRedis(apiKey, limits, outage.cause());
		}
		try {
			return (outage != null) ? askAgain(outage, name, limits) : askInTurn(name, apiKey, limits);
		}
		catch (UnansweredException ex) {
			findCause(name, ex);
			return withoutRedis(apiKey, limits, ex.failure);
		}
	}

	/**
	 * That of Redis, or else that of a bucket.
	 */
	private @Nullable Outage outage(String name) {
		Outage outage = this.redis.get();
		return (outage != null) ? outage : this.bucketOutages.getIfPresent(name);
	}

	private RateLimitResult askAgain(Outage outage, String name, RateLimits limits) {
		try {
			return ask(name, limits);
		}
		catch (UnansweredException ex) {
			outage.goesOn(ex.failure);
			throw ex;
		}
		finally {
			outage.asked();
		}
	}

	private RateLimitResult askInTurn(String name, ApiKeyPrincipal apiKey, RateLimits limits) {
		RateLimitResult refusal = refusal(name);
		if (refusal != null) {
			return refusal;
		}
		Semaphore turn = this.turns.get(name, (key) -> new Semaphore(1, true));
		try {
			if (turn.getQueueLength() >= MAX_WAITING
					|| !turn.tryAcquire(this.timeout.toNanos(), TimeUnit.NANOSECONDS)) {
				throw new RateLimiterUnavailableException("Too many requests of one API key wait to be counted",
						new TimeoutException());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new RateLimiterUnavailableException("Interrupted", ex);
		}
		try {
			refusal = refusal(name);
			if (refusal != null) {
				return refusal;
			}
			Outage outage = outage(name);
			return (outage == null) ? ask(name, limits) : withoutRedis(apiKey, limits, outage.cause());
		}
		finally {
			turn.release();
		}
	}

	private @Nullable RateLimitResult refusal(String name) {
		Refusal refusal = this.refusals.getIfPresent(name);
		return (refusal != null) ? refusal.at(this.nanos.getAsLong()) : null;
	}

	/**
	 * Those that wait for their turn know of a failure before its cause is found.
	 */
	private RateLimitResult ask(String name, RateLimits limits) {
		long answersBefore = this.answers.get();
		ProxyManager<byte[]> buckets = null;
		RateLimitResult result;
		try {
			buckets = this.buckets.get();
			Bucket bucket = buckets.builder()
				.build(name.getBytes(StandardCharsets.US_ASCII), () -> BucketConfigurations.of(limits));
			result = BucketConfigurations.tryConsume(bucket, limits);
		}
		catch (RuntimeException ex) {
			if (Thread.currentThread().isInterrupted()) {
				throw new RateLimiterUnavailableException("Interrupted", ex);
			}
			bucketOutage(name, ex).goesOn(ex);
			throw new UnansweredException(ex, buckets, answersBefore);
		}
		this.answers.incrementAndGet();
		this.redis.set(null);
		this.bucketOutages.invalidate(name);
		if (!result.isAllowed()) {
			this.refusals.put(name, new Refusal(this.nanos.getAsLong(), result));
		}
		return result;
	}

	private Outage bucketOutage(String name, RuntimeException cause) {
		return this.bucketOutages.get(name, (key) -> new Outage(cause, this.nanos, this.bucketsToAsk));
	}

	/**
	 * A bucket that cannot be read, that other nodes change all the time, or whose part
	 * of a cluster is silent, fails like a server that is silent.
	 */
	private void findCause(String name, UnansweredException unanswered) {
		RuntimeException failure = unanswered.failure;
		if (answers(unanswered)) {
			this.redis.set(null);
			if (bucketOutage(name, failure).tell()) {
				logger.warn("Redis answers, but not for " + name + "; until it does, requests of this API key "
						+ consequence(), failure);
			}
			return;
		}
		Outage outage = this.redis
			.updateAndGet((known) -> (known != null) ? known : new Outage(failure, this.nanos, null));
		outage.goesOn(failure);
		// asked for with the rest of Redis from now on
		this.bucketOutages.invalidate(name);
		if (outage.tell()) {
			logger.warn("Redis does not answer; until it does, requests of all API keys " + consequence(), failure);
		}
	}

	/**
	 * Whether Redis answered for another bucket meanwhile, or does so now.
	 */
	private boolean answers(UnansweredException unanswered) {
		ProxyManager<byte[]> buckets = unanswered.buckets;
		if (buckets == null) {
			return false;
		}
		if (this.answers.get() != unanswered.answersBefore) {
			return true;
		}
		try {
			buckets.getProxyConfiguration(NO_BUCKET);
			return true;
		}
		catch (RuntimeException ex) {
			return this.answers.get() != unanswered.answersBefore;
		}
	}

	private String consequence() {
		return (this.fallback != null) ? "are counted on this node alone" : "are refused";
	}

	private RateLimitResult withoutRedis(ApiKeyPrincipal apiKey, RateLimits limits, RuntimeException cause) {
		if (this.fallback == null) {
			throw new RateLimiterUnavailableException("Redis does not count", cause);
		}
		return this.fallback.tryConsume(apiKey, limits);
	}

	/**
	 * That a bucket was empty. It stays so for as long as it said, whoever asks.
	 */
	private record Refusal(long nanos, RateLimitResult last) {

		/**
		 * What it says later.
		 * @return {@code null} if there may be something in the bucket again
		 */
		@Nullable RateLimitResult at(long now) {
			Duration remaining = this.last.getRetryAfter().minusNanos(now - this.nanos);
			return (remaining.isNegative() || remaining.isZero()) ? null
					: new RateLimitResult(false, remaining, this.last.getRemaining());
		}

	}

	/**
	 * That a bucket did not answer.
	 */
	private static final class UnansweredException extends RuntimeException {

		private final transient RuntimeException failure;

		private final transient @Nullable ProxyManager<byte[]> buckets;

		private final long answersBefore;

		UnansweredException(RuntimeException failure, @Nullable ProxyManager<byte[]> buckets, long answersBefore) {
			super(failure);
			this.failure = failure;
			this.buckets = buckets;
			this.answersBefore = answersBefore;
		}

	}

}
