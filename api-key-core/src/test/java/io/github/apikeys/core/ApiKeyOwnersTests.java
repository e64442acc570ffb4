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

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ApiKeyOwnersTests {

	@Test
	void ofUserThenReadable() {
		assertThat(ApiKeyOwners.ofUser("alice@example.com")).isEqualTo("user:alice@example.com");
		assertThat(ApiKeyOwners.ofUser("google", "123")).isEqualTo("user:google:123");
		assertThat(ApiKeyOwners.ofUser("Zo\u00eb \ud83d\ude00")).isEqualTo("user:Zo\u00eb%20\ud83d\ude00");
		assertThat(ApiKeyOwners.ofUser("Zo\ud800")).isEqualTo("user:Zo%uD800");
		assertThatIllegalArgumentException().isThrownBy(() -> ApiKeyOwners.ofUser(" "));
		assertThatIllegalArgumentException().isThrownBy(() -> ApiKeyOwners.ofUser("google", ""));
	}

	@Test
	void ofUserThenNoTwoUsersHaveTheSameOwner() {
		List<String> texts = List.of("a", "b", "a:b", "a%3Ab", "a%3ab", ":", "%", "a ", " a", "a\u00a0", "A", "a\n",
				"user:a", "\ud800", "\ud801", "\udc00", "?", "%uD800", "\ud800\udc00", "a\u202eb", "ab");
		Map<String, String> owners = new HashMap<>();
		for (String text : texts) {
			assertThat(owners.put(ApiKeyOwners.ofUser(text), text)).isNull();
			for (String issuer : texts) {
				assertThat(owners.put(ApiKeyOwners.ofUser(issuer, text), issuer + text)).isNull();
			}
		}
		assertThat(owners.keySet()).allSatisfy((owner) -> {
			assertThat(ApiKeyOwners.isUser(owner)).isTrue();
			assertThat(NewApiKey.named("key").userOwner(owner).getOwner()).isEqualTo(owner);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "user:alice", "user:", "USER:alice", "User:google:1", " user:alice", "user:alice ",
			"\u2003user:alice" })
	void ownerWhenItIsAUserThenOnlyUserOwnerTakesIt(String owner) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> NewApiKey.named("key").owner(owner))
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo("owner"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "alice", "org-42", "USER:alice", " user:alice", "user", "users:alice" })
	void userOwnerWhenItIsNoUserThenRefused(String owner) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> NewApiKey.named("key").userOwner(owner));
	}

}
