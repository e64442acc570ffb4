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

package io.github.apikeys.autoconfigure;

import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.context.event.EventListener;

/**
 * Counts requests of verified keys that a limit refused.
 */
final class ApiKeyLimitMetrics {

	private final Counter rateLimit;

	private final Counter quota;

	ApiKeyLimitMetrics(MeterRegistry meterRegistry) {
		this.rateLimit = Counter.builder("api.key.rate.limit.refused")
			.description("Requests that the rate limit of an API key refused")
			.register(meterRegistry);
		this.quota = Counter.builder("api.key.quota.refused")
			.description("Requests that the quota of an API key refused")
			.register(meterRegistry);
	}

	@EventListener
	void on(ApiKeyRefusedEvent event) {
		if (event.getReason() == ApiKeyRefusal.RATE_LIMIT) {
			this.rateLimit.increment();
		}
		else if (event.getReason() == ApiKeyRefusal.QUOTA) {
			this.quota.increment();
		}
	}

}
