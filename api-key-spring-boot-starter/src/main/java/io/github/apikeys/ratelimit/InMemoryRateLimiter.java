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
import java.util.UUID;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.RateLimit;
import io.github.apikeys.core.RateLimits;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.local.LocalBucketBuilder;

/**
 * Counts in the memory of this process: several nodes allow several times as much, and a
 * restart forgets. A bucket is kept until it would be full again.
 *
 * @since 0.1.0
 */
public final class InMemoryRateLimiter implements ApiKeyRateLimiter {

	private static final int MAX_BUCKETS = 100_000;

	private final Cache<BucketId, Bucket> buckets = Caffeine.newBuilder()
		.maximumSize(MAX_BUCKETS)
		.expireAfter(Expiry.<BucketId, Bucket>accessing((id, bucket) -> longestWindow(id.limits())))
		.build();

	@Override
	public RateLimitResult tryConsume(ApiKeyPrincipal apiKey, RateLimits limits) {
		Bucket bucket = this.buckets.get(new BucketId(apiKey.lineId(), limits), InMemoryRateLimiter::create);
		return BucketConfigurations.tryConsume(bucket, limits);
	}

	private static Bucket create(BucketId id) {
		LocalBucketBuilder builder = Bucket.builder().withNanosecondPrecision();
		for (var bandwidth : BucketConfigurations.of(id.limits()).getBandwidths()) {
			builder.addLimit(bandwidth);
		}
		return builder.build();
	}

	static Duration longestWindow(RateLimits limits) {
		return limits.limits().stream().map(RateLimit::window).max(Duration::compareTo).orElse(Duration.ZERO);
	}

	/**
	 * Other limits are another bucket.
	 */
	private record BucketId(UUID lineId, RateLimits limits) {

	}

}
