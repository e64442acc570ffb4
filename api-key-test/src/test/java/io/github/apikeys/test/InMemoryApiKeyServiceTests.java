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

package io.github.apikeys.test;

import java.time.Clock;
import java.util.List;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.domain.Pageable;

import static org.assertj.core.api.Assertions.assertThat;

class InMemoryApiKeyServiceTests extends AbstractApiKeyServiceTests<InMemoryApiKeyService> {

	private InMemoryApiKeyService service;

	@Override
	InMemoryApiKeyService create(ApiKeyTokenFormats tokenFormats, Clock clock,
			ApplicationEventPublisher eventPublisher) {
		this.service = new InMemoryApiKeyService(tokenFormats);
		this.service.setClock(clock);
		this.service.setApplicationEventPublisher(eventPublisher);
		return this.service;
	}

	@Override
	void setDeclaredScopes(List<String> declaredScopes) {
		this.service.setDeclaredScopes(declaredScopes);
	}

	@Override
	void setPrincipalMetadata(List<String> names) {
		this.service.setPrincipalMetadata(names);
	}

	@Test
	void clearThenNothingIsLeft() {
		String token = this.service.create(NewApiKey.named("key")).token();
		this.service.clear();
		assertThat(this.service.verify(token)).isEmpty();
		assertThat(this.service.list(ApiKeyQuery.all(), Pageable.unpaged())).isEmpty();
	}

	/**
	 * The service on a database writes it a while later.
	 */
	@Test
	void verifyThenTheUseIsKnownAtOnce() {
		CreatedApiKey used = this.service.create(NewApiKey.named("used"));
		this.service.create(NewApiKey.named("unused"));
		this.service.verify(used.token(), "203.0.113.7");
		ApiKey found = this.service.find(used.apiKey().getId()).orElseThrow();
		assertThat(found.getLastUsedAt()).isEqualTo(found.getCreatedAt());
		assertThat(found.getLastUsedFrom()).isEqualTo("203.0.113.7");
		assertThat(this.service.list(ApiKeyQuery.all().neverUsed(), Pageable.unpaged())).extracting(ApiKey::getName)
			.containsExactly("unused");
	}

	@Test
	void createWhenNothingIsConfiguredThenTheTokensOfTheLibrary() {
		assertThat(new InMemoryApiKeyService().create(NewApiKey.named("key")).token()).startsWith("ak_").hasSize(54);
	}

}
