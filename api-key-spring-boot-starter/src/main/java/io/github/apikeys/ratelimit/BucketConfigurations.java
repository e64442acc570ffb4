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
import java.util.ArrayList;
import java.util.List;

import io.github.apikeys.core.RateLimit;
import io.github.apikeys.core.RateLimits;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConfigurationBuilder;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.VerboseResult;

/**
 * Says in Bucket4j's terms what a limit is: a bucket that holds as many requests as are
 * allowed, and fills again evenly over the window.
 */
final class BucketConfigurations {

	private BucketConfigurations() {
	}

	static BucketConfiguration of(RateLimits limits) {
		ConfigurationBuilder configuration = BucketConfiguration.builder();
		for (RateLimit limit : limits.limits()) {
			configuration.addLimit(Bandwidth.builder()
				.capacity(limit.requests())
				.refillGreedy(limit.requests(), limit.window())
				.build());
		}
		return configuration.build();
	}

	static RateLimitResult tryConsume(Bucket bucket, RateLimits limits) {
		VerboseResult<ConsumptionProbe> result = bucket.asVerbose().tryConsumeAndReturnRemaining(1);
		long[] available = result.getDiagnostics().getAvailableTokensPerEachBandwidth();
		List<RateLimitResult.Remaining> remaining = new ArrayList<>();
		for (int i = 0; i < available.length; i++) {
			RateLimit limit = limits.limits().get(i);
			long left = Math.max(0, available[i]);
			double missing = 1 - (double) left / limit.requests();
			remaining.add(new RateLimitResult.Remaining(limit, left,
					Duration.ofMillis(Math.round(limit.window().toMillis() * missing))));
		}
		ConsumptionProbe probe = result.getValue();
		return new RateLimitResult(probe.isConsumed(), Duration.ofNanos(probe.getNanosToWaitForRefill()), remaining);
	}

}
