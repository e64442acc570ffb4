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

package io.github.apikeys.core;

import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Writes a line of history with each change.
 */
final class ChangeLog {

	private final ApiKeyRepository repository;

	private final Supplier<Instant> clock;

	private ApiKeyActorResolver actorResolver = () -> ApiKeyActor.APPLICATION;

	ChangeLog(ApiKeyRepository repository, Supplier<Instant> clock) {
		this.repository = repository;
		this.clock = clock;
	}

	void setActorResolver(ApiKeyActorResolver actorResolver) {
		this.actorResolver = actorResolver;
	}

	/**
	 * Returns the time of a change that is made now.
	 */
	Instant now() {
		return this.clock.get();
	}

	void record(ApiKey apiKey, ApiKeyChange change, @Nullable String detail) {
		record(List.of(LockedKey.of(apiKey)), change, detail);
		this.repository.noteChange(apiKey.getId());
	}

	/**
	 * Writes a line for each key, to be published when the change is committed.
	 */
	void record(List<LockedKey> keys, ApiKeyChange change, @Nullable String detail) {
		Instant now = now();
		ApiKeyActor actor = this.actorResolver.resolve();
		List<ApiKeyEvent> events = keys.stream()
			.map((key) -> ApiKeyEvent.of(key.id(), key.keyId(), change, now).by(actor).withDetail(detail))
			.toList();
		this.repository.record(events);
	}

}
