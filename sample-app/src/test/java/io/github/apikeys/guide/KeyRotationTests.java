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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyRotation;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.test.InMemoryApiKeyService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.data.domain.PageImpl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willReturn;
import static org.mockito.Mockito.mock;

/**
 * What docs/guide/manage-keys.md says about a rotation on schedule.
 */
class KeyRotationTests {

	private final InMemoryApiKeyService apiKeys = new InMemoryApiKeyService();

	private final Map<UUID, String> delivered = new LinkedHashMap<>();

	@BeforeEach
	void setLifetime() {
		this.apiKeys.setLifetime(Duration.ofDays(90), Duration.ofDays(90), true);
	}

	@Test
	void keyWhenItExpiresSoonThenOneSuccessorWithANewExpiry() {
		CreatedApiKey expiring = create(Duration.ofDays(10));
		ApiKeyService node = mock(ApiKeyService.class, delegatesTo(this.apiKeys));
		rotateExpiring(node);
		rotateExpiring(node);
		then(node).should().rotate(any(), any(ApiKeyRotation.class));
		assertThat(this.delivered).containsOnlyKeys(expiring.apiKey().getId());
		assertThat(this.apiKeys.verify(this.delivered.get(expiring.apiKey().getId()))).isPresent();
		assertThat(this.apiKeys.verify(expiring.token())).isPresent();
		ApiKey rotated = find(expiring.apiKey().getId());
		ApiKey successor = find(rotated.getSuccessorId());
		assertThat(successor.getSuccessorId()).isNull();
		assertThat(successor.getExpiresAt()).isBetween(successor.getCreatedAt().plus(Duration.ofDays(89)),
				successor.getCreatedAt().plus(Duration.ofDays(90)));
	}

	@Test
	void successorWhenNoExpiryIsSaidThenItExpiresWithTheFormerKey() {
		CreatedApiKey expiring = create(Duration.ofDays(5));
		CreatedApiKey successor = this.apiKeys.rotate(expiring.apiKey().getId(), Duration.ofDays(7));
		assertThat(successor.apiKey().getExpiresAt()).isEqualTo(expiring.apiKey().getExpiresAt());
	}

	@Test
	void keyWhenItExpiresLaterThenNothingChanges() {
		create(Duration.ofDays(30));
		rotateExpiring(this.apiKeys);
		assertThat(this.delivered).isEmpty();
	}

	@Test
	void keyWhenAnotherNodeRotatesItMeanwhileThenTheOthersAreRotated() {
		ApiKey taken = create(Duration.ofDays(10)).apiKey();
		ApiKey other = create(Duration.ofDays(10)).apiKey();
		List<ApiKey> listed = List.of(find(taken.getId()), find(other.getId()));
		this.apiKeys.rotate(taken.getId(), Duration.ofDays(7));
		ApiKeyService node = mock(ApiKeyService.class, delegatesTo(this.apiKeys));
		willReturn(new PageImpl<>(listed)).given(node).list(any(), any());
		rotateExpiring(node);
		then(node).should().rotate(eq(taken.getId()), any(ApiKeyRotation.class));
		assertThat(this.delivered).containsOnlyKeys(other.getId());
	}

	private void rotateExpiring(ApiKeyService node) {
		new KeyRotation(node, (key, token) -> this.delivered.put(key.getId(), token)).rotateExpiring();
	}

	private CreatedApiKey create(Duration lifetime) {
		return this.apiKeys.create(NewApiKey.named("client").owner("org-42").expiresIn(lifetime));
	}

	private ApiKey find(UUID id) {
		return this.apiKeys.find(id).orElseThrow();
	}

}
