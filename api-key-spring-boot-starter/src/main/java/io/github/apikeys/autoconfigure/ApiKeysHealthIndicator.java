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

import java.time.temporal.ChronoUnit;

import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.verification.VerificationStatistics;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Down while the database does not say what changed: then no key that is remembered is
 * trusted any more.
 */
final class ApiKeysHealthIndicator extends AbstractHealthIndicator {

	private final JpaApiKeyService apiKeys;

	ApiKeysHealthIndicator(JpaApiKeyService apiKeys) {
		super("The cache of API keys cannot be examined");
		this.apiKeys = apiKeys;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		VerificationStatistics statistics = this.apiKeys.getVerificationStatistics();
		if (statistics.isStale()) {
			builder.down();
		}
		else {
			builder.up();
		}
		builder.withDetail("staleness", DurationStyle.SIMPLE.print(statistics.getStaleness(), ChronoUnit.MILLIS))
			.withDetail("entries", statistics.getRememberedKeys());
	}

}
