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
import java.util.UUID;

import io.github.apikeys.core.token.PresentedToken;

/**
 * Keys that no service made.
 */
public final class MadeKey {

	private MadeKey() {
	}

	public static ApiKey empty() {
		return new ApiKey();
	}

	public static ApiKey of(NewApiKey newApiKey, String owner, PresentedToken token, TokenHash hash, Instant now) {
		return initialize(empty(), newApiKey, owner, token, hash, now);
	}

	/**
	 * Fills in a key of a type of the application.
	 */
	public static <T extends ApiKey> T initialize(T apiKey, NewApiKey newApiKey, String owner, PresentedToken token,
			TokenHash hash, Instant now) {
		apiKey.initialize(new Issuance(UUID.randomUUID(), newApiKey, owner, now, null), token, hash);
		return apiKey;
	}

}
