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

package io.github.apikeys.sample;

import java.time.Duration;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;

import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.data.domain.Pageable;
import org.springframework.stereotype.Component;

/**
 * Makes a key at each start, for whoever tries the sample, and ends those of former
 * starts.
 */
@Component
class DemoKey {

	private static final String OWNER = "demo";

	private final ApiKeyService apiKeys;

	DemoKey(ApiKeyService apiKeys) {
		this.apiKeys = apiKeys;
	}

	@EventListener
	void onStart(WebServerInitializedEvent event) {
		print(event.getWebServer().getPort());
	}

	void print(int port) {
		for (ApiKey former : this.apiKeys.list(ApiKeyQuery.all().owner(OWNER).state(ApiKeyState.ACTIVE),
				Pageable.unpaged())) {
			this.apiKeys.revoke(former.getId());
		}
		CreatedApiKey created = this.apiKeys.create(NewApiKey.named("Demo client")
			.owner(OWNER)
			.scopes("orders:read", "orders:write")
			.expiresIn(Duration.ofDays(1)));
		// To the console, once, and never to a log.
		System.out.printf("%nTry:%n%n  curl -H 'X-API-Key: %s' http://localhost:%d/api/hello%n%n", created.token(),
				port);
	}

}
