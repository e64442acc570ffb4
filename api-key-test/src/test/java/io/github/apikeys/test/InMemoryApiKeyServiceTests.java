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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.test.host.TenantApiKey;
import org.junit.jupiter.api.Test;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.domain.Pageable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

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
	void changeThenTheRulesOfTheApplicationApply() {
		this.service.setLifetime(Duration.ofDays(90), Duration.ofDays(365), true);
		this.service.setMaxGrace(Duration.ofDays(7));
		this.service.setMaxKeysPerOwner(1);
		ApiKey key = this.service.create(NewApiKey.named("key").owner("org-42")).apiKey();
		assertThat(key.getExpiresAt()).isEqualTo(key.getCreatedAt().plus(Duration.ofDays(90)));
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> this.service.create(NewApiKey.named("key").neverExpires()));
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> this.service.create(NewApiKey.named("key").owner("org-42")));
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> this.service.rotate(key.getId(), Duration.ofDays(8)));
	}

	@Test
	void verifyWhenAPolicyForbidsThenRefused() {
		CreatedApiKey created = this.service.create(NewApiKey.named("key").owner("org-42"));
		this.service.setPolicies(List.of((apiKey) -> !"org-42".equals(apiKey.owner())));
		assertThat(this.service.verify(created.token())).isEmpty();
		assertThat(this.service.verify(this.service.create(NewApiKey.named("other")).token())).isPresent();
	}

	@Test
	void changeWhenItFailsThenNothingOfItStays() {
		CreatedApiKey created = this.service.create(new TenantApiKey("acme"), NewApiKey.named("key"));
		this.service.setGenerator(new ApiKeyGenerator() {

			@Override
			public String generateKeyId() {
				throw new IllegalStateException("No key id");
			}

			@Override
			public String generateSecret() {
				throw new IllegalStateException("No secret");
			}

		});
		assertThatIllegalStateException()
			.isThrownBy(() -> this.service.rotate(created.apiKey().getId(), Duration.ZERO));
		assertThat(this.service.find(created.apiKey().getId())).get()
			.extracting(ApiKey::getSuccessorId, ApiKey::getVersion)
			.containsExactly(null, 0L);
		assertThat(this.service.verify(created.token())).isPresent();
	}

	@Test
	void changeWhenItIsMadeInTheCheckOfAnotherThenBothArePublished() {
		ApiKey one = this.service.create(NewApiKey.named("one")).apiKey();
		ApiKey two = this.service.create(NewApiKey.named("two")).apiKey();
		List<Object> events = new ArrayList<>();
		this.service.setApplicationEventPublisher(events::add);
		this.service.update(one.getId(),
				(update) -> update.name("renamed").check((key) -> this.service.disable(two.getId())));
		assertThat(events).extracting((event) -> ((ApiKeyEvent) event).getChange())
			.containsExactly(ApiKeyChange.DISABLED, ApiKeyChange.UPDATED);
		assertThat(this.service.find(two.getId()).orElseThrow().getDisabledAt()).isNotNull();
	}

	@Test
	void createWhenNothingIsConfiguredThenTheTokensOfTheLibrary() {
		assertThat(new InMemoryApiKeyService().create(NewApiKey.named("key")).token()).startsWith("ak_").hasSize(54);
	}

}
