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

import java.util.List;

import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Gives new keys their tokens, and inserts keys.
 */
final class KeyIssuer {

	private static final int MAX_ATTEMPTS = 5;

	private final ApiKeyRepository repository;

	private final ApiKeyTokenFormats tokenFormats;

	private final ApiKeyHashers hashers;

	private final ChangeLog log;

	private ApiKeyGenerator generator = new SecureRandomApiKeyGenerator();

	KeyIssuer(ApiKeyRepository repository, ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers, ChangeLog log) {
		this.repository = repository;
		this.tokenFormats = tokenFormats;
		this.hashers = hashers;
		this.log = log;
	}

	void setGenerator(ApiKeyGenerator generator) {
		this.generator = generator;
	}

	CreatedApiKey issue(ApiKey apiKey, Issuance issuance, @Nullable String detail) {
		ApiKeyToken token = generateToken(ApiKeyTypes.nameOf(apiKey));
		PresentedToken presented = PresentedToken.of(token);
		TokenHash hash = new TokenHash(this.hashers.hash(presented.hashedText(), presented.isGenerated()));
		apiKey.initialize(issuance, presented, hash);
		insert(apiKey, ApiKeyChange.CREATED, detail);
		return new CreatedApiKey(apiKey, token);
	}

	void insert(ApiKey apiKey, ApiKeyChange change, @Nullable String detail) {
		try {
			this.repository.insert(apiKey);
		}
		finally {
			apiKey.markIssued();
		}
		this.log.record(List.of(LockedKey.of(apiKey)), change, detail);
	}

	/**
	 * Looks before it inserts: a violated constraint would doom the caller's transaction.
	 * Should two creators pick the same of 62^12 ids in the same instant, the constraint
	 * lets one of them fail.
	 */
	private ApiKeyToken generateToken(String type) {
		for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
			ApiKeyToken token = this.tokenFormats.issued().generate(this.generator, type);
			if (!this.repository.existsKeyId(token.keyId())) {
				return token;
			}
		}
		throw new IllegalStateException(
				"The API key generator returned " + MAX_ATTEMPTS + " key ids in a row that exist already");
	}

}
