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

import java.time.Duration;
import java.time.Instant;
import java.util.function.BiConsumer;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRotation;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;

import org.springframework.data.domain.Pageable;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Replaces keys before they expire.
 */
class KeyRotation {

	private final ApiKeyService apiKeys;

	private final BiConsumer<ApiKey, String> delivery;

	/**
	 * Creates a rotation.
	 * @param apiKeys the keys
	 * @param delivery takes a key and the token of its successor to the client
	 */
	KeyRotation(ApiKeyService apiKeys, BiConsumer<ApiKey, String> delivery) {
		this.apiKeys = apiKeys;
		this.delivery = delivery;
	}

	@Scheduled(cron = "0 0 4 * * *")
	void rotateExpiring() {
		Duration soon = Duration.ofDays(14);
		ApiKeyQuery expiring = ApiKeyQuery.all().state(ApiKeyState.ACTIVE).expiringWithin(soon);
		for (ApiKey key : this.apiKeys.list(expiring, Pageable.unpaged())) {
			if (key.getSuccessorId() == null) {
				rotate(key);
			}
		}
	}

	private void rotate(ApiKey key) {
		ApiKeyRotation rotation = ApiKeyRotation.withGrace(Duration.ofDays(7))
			.expiresAt(Instant.now().plus(Duration.ofDays(90)));
		try {
			this.delivery.accept(key, this.apiKeys.rotate(key.getId(), rotation).token());
		}
		catch (ApiKeyRotationException ex) {
			// another node was first
		}
	}

}
