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

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import io.github.apikeys.core.support.BackgroundThreads;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AbstractProxyManagerBuilder;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.cluster.RedisClusterClient;
import org.jspecify.annotations.Nullable;

/**
 * Connects to Redis on a thread of its own, since that may take as long as the
 * application lets its client try, and anew if there is another client.
 */
final class RedisBuckets {

	// those that hang included
	private static final int MAX_WORKERS = 3;

	private final Supplier<? extends AbstractRedisClient> client;

	private final Duration timeout;

	private final TimeMeter clock;

	private final BackgroundThreads threads = new BackgroundThreads("api-key-redis", MAX_WORKERS);

	private volatile @Nullable Connection last;

	/**
	 * Creates buckets without a connection.
	 * @param client what returns the present client, at once
	 * @param timeout how long a request waits for a connection, and then for an answer
	 * @param clock by which buckets are filled
	 */
	RedisBuckets(Supplier<? extends AbstractRedisClient> client, Duration timeout, TimeMeter clock) {
		this.client = client;
		this.timeout = timeout;
		this.clock = clock;
	}

	/**
	 * Returns the buckets of the present client.
	 * @throws RuntimeException if there is no connection in time
	 */
	ProxyManager<byte[]> get() {
		CompletableFuture<ProxyManager<byte[]>> buckets = connection(this.client.get()).buckets();
		try {
			return buckets.get(this.timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("Cannot connect to Redis", ex);
		}
		catch (TimeoutException ex) {
			throw new IllegalStateException("Still connecting to Redis after " + this.timeout, ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted", ex);
		}
	}

	private Connection connection(AbstractRedisClient client) {
		Connection connection = this.last;
		return (connection != null && connection.isUsable(client)) ? connection : connect(client);
	}

	private synchronized Connection connect(AbstractRedisClient client) {
		Connection connection = this.last;
		if (connection != null && connection.isUsable(client)) {
			return connection;
		}
		CompletableFuture<ProxyManager<byte[]>> buckets = new CompletableFuture<>();
		if (!this.threads.tryExecute(() -> complete(buckets, client))) {
			throw new IllegalStateException("Former clients are still connecting to Redis");
		}
		connection = new Connection(client, buckets);
		this.last = connection;
		return connection;
	}

	private void complete(CompletableFuture<ProxyManager<byte[]>> buckets, AbstractRedisClient client) {
		try {
			buckets.complete(bucketsOf(client));
		}
		catch (Throwable ex) {
			buckets.completeExceptionally(ex);
		}
	}

	private ProxyManager<byte[]> bucketsOf(AbstractRedisClient client) {
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
			.clientClock(this.clock)
			.expirationAfterWrite(
					ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofSeconds(10)))
			.build();
	}

	/**
	 * A connection that is made or being made.
	 */
	private record Connection(AbstractRedisClient client, CompletableFuture<ProxyManager<byte[]>> buckets) {

		/**
		 * Whether it is that of a client, and has not failed. Afterwards the client
		 * itself makes it again whenever it is lost.
		 */
		boolean isUsable(AbstractRedisClient client) {
			return this.client == client && !this.buckets.isCompletedExceptionally();
		}

	}

}
