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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.RateLimits;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AbstractProxyManagerBuilder;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.cluster.RedisClusterClient;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

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
 * While Redis does not answer it is asked by one request in a second at most, so that the
 * others do not wait for it. Where it fails for one key only, it is asked for others as
 * before.
 *
 * @since 0.1.0
 */
public final class RedisRateLimiter implements ApiKeyRateLimiter {

	private static final Duration TIMEOUT = Duration.ofMillis(500);

	private static final int MAX_WAITING = 64;

	private static final Duration MAX_REMEMBERED = Duration.ofSeconds(1);

	private static final int MAX_REFUSALS = 10_000;

	/** A bucket that nobody counts in. */
	private static final byte[] NO_BUCKET = "api-key:rate-limit".getBytes(StandardCharsets.US_ASCII);

	private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

	private static final Log logger = LogFactory.getLog(RedisRateLimiter.class);

	private final Supplier<ProxyManager<byte[]>> buckets;

	private final @Nullable ApiKeyRateLimiter fallback;

	private final Cache<String, Semaphore> turns = Caffeine.newBuilder().weakValues().build();

	private final Cache<String, Refusal> refusals;

	private final Cache<String, Boolean> failed = Caffeine.newBuilder().maximumSize(MAX_REFUSALS).build();

	private final Duration timeout;

	private final LongSupplier nanos;

	private final AtomicBoolean probing = new AtomicBoolean();

	private volatile @Nullable Failure failure;

	/**
	 * Creates a limiter. It connects when it is first used.
	 * @param client what returns the client for one server or a cluster when it is first
	 * used; its life is the caller's business
	 * @param fallback what counts while Redis does not answer, or {@code null} to refuse
	 * requests then
	 */
	public RedisRateLimiter(Supplier<? extends AbstractRedisClient> client, @Nullable ApiKeyRateLimiter fallback) {
		this(client, fallback, TIMEOUT, System::nanoTime);
	}

	/**
	 * Creates a limiter.
	 * @param timeout how long a request waits for the answer of Redis, and before that
	 * for its turn
	 * @param nanos what {@link System#nanoTime()} returns
	 */
	RedisRateLimiter(Supplier<? extends AbstractRedisClient> client, @Nullable ApiKeyRateLimiter fallback,
			Duration timeout, LongSupplier nanos) {
		this.buckets = SingletonSupplier.of(() -> connect(client.get()));
		this.fallback = fallback;
		this.timeout = timeout;
		this.nanos = nanos;
		this.refusals = Caffeine.newBuilder()
			.maximumSize(MAX_REFUSALS)
			.expireAfterWrite(MAX_REMEMBERED)
			.ticker(nanos::getAsLong)
			.build();
	}

	private ProxyManager<byte[]> connect(AbstractRedisClient client) {
		if (client instanceof RedisClusterClient cluster) {
			return configure(Bucket4jLettuce.casBasedBuilder(cluster));
		}
		if (client instanceof RedisClient single) {
			return configure(Bucket4jLettuce.casBasedBuilder(single));
		}
		throw new IllegalArgumentException("Not a client for one Redis server or a cluster: " + client.getClass());
	}

	private <P extends ProxyManager<byte[]>, B extends AbstractProxyManagerBuilder<byte[], P, B>> P configure(
			B builder) {
		return builder.requestTimeout(this.timeout)
			.expirationAfterWrite(
					ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofSeconds(10)))
			.build();
	}

	@Override
	public RateLimitResult tryConsume(ApiKeyPrincipal apiKey, RateLimits limits) {
		String name = "api-key:rate-limit:" + apiKey.lineId() + ":" + limits.toString().replace(" ", "");
		Failure failure = this.failure;
		if (failure == null) {
			RateLimitResult refusal = refusal(name);
			return (refusal != null) ? refusal : askInTurn(name, apiKey, limits);
		}
		boolean pause = this.nanos.getAsLong() - failure.nanos() < PAUSE_NANOS;
		if (pause || !this.probing.compareAndSet(false, true)) {
			return withoutRedis(apiKey, limits, failure.cause());
		}
		try {
			return ask(name, apiKey, limits);
		}
		finally {
			this.probing.set(false);
		}
	}

	private RateLimitResult askInTurn(String name, ApiKeyPrincipal apiKey, RateLimits limits) {
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
			RateLimitResult refusal = refusal(name);
			if (refusal != null) {
				return refusal;
			}
			Failure failure = this.failure;
			return (failure == null) ? ask(name, apiKey, limits) : withoutRedis(apiKey, limits, failure.cause());
		}
		finally {
			turn.release();
		}
	}

	private @Nullable RateLimitResult refusal(String name) {
		Refusal refusal = this.refusals.getIfPresent(name);
		return (refusal != null) ? refusal.at(this.nanos.getAsLong()) : null;
	}

	private RateLimitResult ask(String name, ApiKeyPrincipal apiKey, RateLimits limits) {
		ProxyManager<byte[]> buckets;
		try {
			buckets = this.buckets.get();
		}
		catch (RuntimeException ex) {
			return withoutAnswer(apiKey, limits, ex);
		}
		RateLimitResult result;
		try {
			Bucket bucket = buckets.builder()
				.build(name.getBytes(StandardCharsets.US_ASCII), () -> BucketConfigurations.of(limits));
			result = BucketConfigurations.tryConsume(bucket, limits);
		}
		catch (RuntimeException ex) {
			return answers(buckets) ? withoutBucket(name, apiKey, limits, ex) : withoutAnswer(apiKey, limits, ex);
		}
		this.failure = null;
		this.failed.invalidate(name);
		if (!result.isAllowed()) {
			this.refusals.put(name, new Refusal(this.nanos.getAsLong(), result));
		}
		return result;
	}

	/**
	 * A bucket that cannot be read, or that other nodes change all the time, fails like a
	 * server that is silent.
	 */
	private static boolean answers(ProxyManager<byte[]> buckets) {
		try {
			buckets.getProxyConfiguration(NO_BUCKET);
			return true;
		}
		catch (RuntimeException ex) {
			return false;
		}
	}

	private RateLimitResult withoutBucket(String name, ApiKeyPrincipal apiKey, RateLimits limits,
			RuntimeException cause) {
		this.failure = null;
		if (this.failed.asMap().putIfAbsent(name, true) == null) {
			logger.warn(
					"Redis answers, but not for " + name + "; until it does, requests of this API key " + consequence(),
					cause);
		}
		return withoutRedis(apiKey, limits, cause);
	}

	private RateLimitResult withoutAnswer(ApiKeyPrincipal apiKey, RateLimits limits, RuntimeException cause) {
		if (this.failure == null) {
			logger.warn("Redis does not answer; until it does, requests of all API keys " + consequence(), cause);
		}
		this.failure = new Failure(this.nanos.getAsLong(), cause);
		return withoutRedis(apiKey, limits, cause);
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
	 * When Redis last failed to answer, and how.
	 */
	private record Failure(long nanos, RuntimeException cause) {

	}

}
