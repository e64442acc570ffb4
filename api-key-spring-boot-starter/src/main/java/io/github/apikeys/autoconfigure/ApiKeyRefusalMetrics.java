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

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.context.event.EventListener;

/**
 * Counts refused keys by reason, in {@code api.key.refusals}. Which keys they were is no
 * tag: anybody can invent more.
 */
final class ApiKeyRefusalMetrics {

	private final Map<ApiKeyRefusal, Counter> counters = new EnumMap<>(ApiKeyRefusal.class);

	ApiKeyRefusalMetrics(MeterRegistry meterRegistry) {
		for (ApiKeyRefusal reason : ApiKeyRefusal.values()) {
			this.counters.put(reason,
					Counter.builder("api.key.refusals")
						.description("API keys that were presented and refused")
						.tag("reason", reason.name().toLowerCase(Locale.ROOT))
						.register(meterRegistry));
		}
	}

	@EventListener
	void on(ApiKeyRefusedEvent event) {
		Counter counter = this.counters.get(event.getReason());
		if (counter != null) {
			counter.increment();
		}
	}

}
