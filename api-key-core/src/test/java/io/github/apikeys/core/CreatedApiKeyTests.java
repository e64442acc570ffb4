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

import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import io.github.apikeys.core.verification.StoredApiKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Nothing that can be printed shows the plaintext or the hash.
 */
class CreatedApiKeyTests {

	private final ApiKeyToken token = new ApiKeyTokenFormat("ak", List.of())
		.generate(new SecureRandomApiKeyGenerator());

	private final ApiKey apiKey = new ApiKey();

	CreatedApiKeyTests() {
		this.apiKey.initialize(new Issuance(UUID.randomUUID(), NewApiKey.named("billing"), null, Instant.now(), null),
				PresentedToken.of(this.token), new TokenHash("{sha256}stored-hash"));
	}

	@Test
	void toStringHidesPlaintextAndHash() {
		CreatedApiKey created = new CreatedApiKey(this.apiKey, this.token);
		String secret = created.token().substring(created.token().length() - 38);
		StoredApiKey stored = new StoredApiKey(
				new ApiKeyPrincipal(this.apiKey.getId(), "id", "n", null, this.apiKey.getScopes(), "api_key"), 0,
				new TokenHash("{sha256}stored-hash"), new ApiKeyValidity(null, null, null, null),
				AllowedAddresses.of(null));
		assertThat(created.toString() + this.apiKey + stored + PresentedToken.of(this.token))
			.contains(this.token.keyId())
			.doesNotContain(secret, "stored-hash");
	}

	/**
	 * Some libraries write the fields of an object that an endpoint returns by mistake,
	 * whatever is public.
	 */
	@Test
	void fieldsThatALibraryMayWriteHidePlaintextAndHash() throws IllegalAccessException {
		PresentedToken presented = PresentedToken.of(this.token);
		String written = written(new CreatedApiKey(this.apiKey, this.token)) + written(presented)
				+ written(ImportedApiKey.ofToken(this.token.value()))
				+ written(ImportedApiKey.ofHash("former", "id", ImportedHash.sha256("0".repeat(64))));
		assertThat(written).contains("billing", presented.keyId(), "former")
			.doesNotContain(this.token.value().substring(this.token.value().length() - 38), "stored-hash",
					"0".repeat(64));
	}

	private static String written(@Nullable Object object) throws IllegalAccessException {
		if (object == null || !object.getClass().getName().startsWith("io.github.apikeys.")) {
			return String.valueOf(object);
		}
		StringBuilder written = new StringBuilder();
		for (Field field : object.getClass().getDeclaredFields()) {
			if ((field.getModifiers() & (Modifier.STATIC | Modifier.TRANSIENT)) == 0) {
				field.setAccessible(true);
				written.append(field.getName()).append('=').append(written(field.get(object))).append(' ');
			}
		}
		return written.toString();
	}

	@Test
	void plaintextCannotBeSerialized() {
		assertThat(Serializable.class.isAssignableFrom(CreatedApiKey.class)).isFalse();
		assertThat(Serializable.class.isAssignableFrom(ApiKeyToken.class)).isFalse();
		assertThat(Serializable.class.isAssignableFrom(PresentedToken.class)).isFalse();
	}

}
