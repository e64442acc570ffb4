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

package io.github.apikeys.guide;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Streams that were opened with a key, and end with it.
 */
@Component
class OpenStreams {

	private final Map<UUID, Set<SseEmitter>> streams = new ConcurrentHashMap<>();

	private final ApiKeyService apiKeys;

	OpenStreams(ApiKeyService apiKeys) {
		this.apiKeys = apiKeys;
	}

	void add(UUID id, SseEmitter stream) {
		this.streams.computeIfAbsent(id, (key) -> ConcurrentHashMap.newKeySet()).add(stream);
	}

	@EventListener
	void close(ApiKeyEvent event) {
		if (!isActive(event.getApiKeyId())) {
			this.streams.getOrDefault(event.getApiKeyId(), Set.of()).forEach(SseEmitter::complete);
		}
	}

	boolean isActive(UUID id) {
		return this.apiKeys.find(id).filter((key) -> key.getState(Instant.now()) == ApiKeyState.ACTIVE).isPresent();
	}

}
