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

import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.verification.VerificationStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * Shows {@link VerificationStatistics} as meters. All are read when somebody looks, so
 * that a verification does nothing for them but count; which key it was is no tag, since
 * anybody can invent more.
 */
final class ApiKeyVerificationMetrics implements MeterBinder {

	// not the end of a verification: what comes after it, and what is counted as
	// unavailable
	private static final Set<ApiKeyRefusal> NO_OUTCOME = EnumSet.of(ApiKeyRefusal.RATE_LIMIT, ApiKeyRefusal.QUOTA,
			ApiKeyRefusal.BUSY);

	private final JpaApiKeyService apiKeys;

	ApiKeyVerificationMetrics(JpaApiKeyService apiKeys) {
		this.apiKeys = apiKeys;
	}

	@Override
	public void bindTo(MeterRegistry meterRegistry) {
		bindOutcomes(meterRegistry);
		Gauge.builder("api.key.cache.size", this.apiKeys, value(VerificationStatistics::getRememberedKeys))
			.description("API keys in the cache")
			.register(meterRegistry);
		bindTime(meterRegistry, "api.key.cache.staleness", "Time since the database confirmed the cached API keys",
				VerificationStatistics::getStaleness);
		bindTime(meterRegistry, "api.key.usage.lag", "Time since the use of API keys was written",
				VerificationStatistics::getUsageLag);
		FunctionCounter.builder("api.key.usage.dropped", this.apiKeys, value(VerificationStatistics::getDroppedUses))
			.description("Uses of API keys that were not counted")
			.register(meterRegistry);
	}

	private void bindOutcomes(MeterRegistry meterRegistry) {
		bindOutcome(meterRegistry, "success", "hit", (statistics) -> statistics.getAccepted(true));
		bindOutcome(meterRegistry, "success", "miss", (statistics) -> statistics.getAccepted(false));
		bindOutcome(meterRegistry, "unavailable", "none", VerificationStatistics::getUnanswered);
		for (ApiKeyRefusal reason : EnumSet.complementOf(EnumSet.copyOf(NO_OUTCOME))) {
			String outcome = reason.name().toLowerCase(Locale.ROOT);
			bindOutcome(meterRegistry, outcome, (reason != ApiKeyRefusal.MALFORMED) ? "miss" : "none",
					(statistics) -> statistics.getRefused(reason, false));
			if (reason != ApiKeyRefusal.MALFORMED && reason != ApiKeyRefusal.UNKNOWN) {
				bindOutcome(meterRegistry, outcome, "hit", (statistics) -> statistics.getRefused(reason, true));
			}
		}
	}

	private void bindOutcome(MeterRegistry meterRegistry, String outcome, String cache,
			Function<VerificationStatistics, Long> count) {
		FunctionCounter.builder("api.key.verify", this.apiKeys, value(count))
			.description("Verifications of API keys")
			.tag("outcome", outcome)
			.tag("cache", cache)
			.register(meterRegistry);
	}

	private void bindTime(MeterRegistry meterRegistry, String name, String description,
			Function<VerificationStatistics, Duration> time) {
		TimeGauge
			.builder(name, this.apiKeys, TimeUnit.NANOSECONDS, value((statistics) -> time.apply(statistics).toNanos()))
			.description(description)
			.register(meterRegistry);
	}

	private static ToDoubleFunction<JpaApiKeyService> value(Function<VerificationStatistics, Long> value) {
		return (apiKeys) -> value.apply(apiKeys.getVerificationStatistics());
	}

}
