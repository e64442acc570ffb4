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

import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.test.host.HostApplication;
import io.github.apikeys.test.host.ShopController;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.event.ApplicationEvents;
import org.springframework.test.context.event.RecordApplicationEvents;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;

/**
 * Where tests get keys in memory by themselves, and where not.
 */
class InMemoryApiKeyAutoConfigurationTests {

	@Nested
	@WebMvcTest(controllers = ShopController.class,
			properties = { "api-key.token.prefix=acme", "api-key.scopes.[orders\\:read]=Read" })
	@ContextConfiguration(classes = HostApplication.class)
	@RecordApplicationEvents
	class SliceTests {

		@Autowired
		private ApiKeyService apiKeys;

		@Autowired
		private MockMvcTester mvc;

		@Test
		void keysInHeadersAreVerified() {
			String token = this.apiKeys.create(NewApiKey.named("key").scopes("orders:read")).token();
			assertThat(this.mvc.get().uri("/orders").header("X-API-Key", token)).hasStatus(200);
			assertThat(this.mvc.get().uri("/orders").header("X-API-Key", token + "x")).hasStatus(401);
		}

		@Test
		void keysAreLikeThoseOfTheApplication(@Autowired ApplicationEvents events) {
			assertThat(this.apiKeys.create(NewApiKey.named("key")).token()).startsWith("acme_");
			assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
				.isThrownBy(() -> this.apiKeys.create(NewApiKey.named("key").scopes("users:read")));
			assertThat(events.stream(ApiKeyEvent.class)).hasSize(1);
		}

	}

	@Nested
	@WebMvcTest(ShopController.class)
	@ContextConfiguration(classes = HostApplication.class)
	class SliceWithAMockTests {

		@MockitoBean
		private ApiKeyService apiKeys;

		@Autowired
		private ObjectProvider<ApiKeyService> services;

		@Test
		void itIsTheOnlyOne() {
			assertThat(this.services).containsExactly(this.apiKeys).noneMatch(InMemoryApiKeyService.class::isInstance);
		}

	}

	@Nested
	@WebMvcTest(ShopController.class)
	@ContextConfiguration(classes = HostApplication.class)
	@Import(ServiceConfiguration.class)
	class SliceWithAServiceOfItsOwnTests {

		@Autowired
		private ObjectProvider<ApiKeyService> services;

		@Test
		void itIsTheOneThatIsInjectedAndGetsOursToCall() {
			assertThat(this.services.getObject()).isSameAs(ServiceConfiguration.SERVICE);
			assertThat(this.services).hasSize(2);
		}

	}

	@Nested
	@SpringBootTest(classes = HostApplication.class)
	class WholeApplicationTests {

		@Autowired
		private ObjectProvider<ApiKeyService> services;

		@Test
		void itHasNoneInMemory() {
			assertThat(this.services).hasSize(1).noneMatch(InMemoryApiKeyService.class::isInstance);
		}

	}

	@TestConfiguration(proxyBeanMethods = false)
	static class ServiceConfiguration {

		static final ApiKeyService SERVICE = mock(ApiKeyService.class);

		@Bean
		ApiKeyService ownApiKeyService() {
			return SERVICE;
		}

	}

}
