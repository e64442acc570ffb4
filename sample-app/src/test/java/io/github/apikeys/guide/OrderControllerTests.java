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

import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.test.InMemoryApiKeyService;
import io.github.apikeys.test.WithMockApiKey;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static io.github.apikeys.test.ApiKeyRequestPostProcessors.apiKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A test as users of the library write it.
 */
@WebMvcTest(OrderController.class)
@Import({ Orders.class, SecurityConfiguration.class })
class OrderControllerTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private OrderController controller;

	@Autowired
	private InMemoryApiKeyService apiKeys;

	@Test
	void listWhenScopeThenOrders() {
		assertThat(this.mvc.get().uri("/api/orders").with(apiKey().scopes("orders:read"))).hasStatus(200);
		assertThat(this.mvc.get().uri("/api/orders").with(apiKey())).hasStatus(403);
	}

	@Test
	void helloThenTheNameOfTheKey() {
		assertThat(this.mvc.get().uri("/api/hello").with(apiKey().displayName("billing-service").owner("org-42")))
			.hasBodyTextEqualTo("Hello, billing-service");
	}

	@Test
	@WithMockApiKey(scopes = "orders:read", owner = "org-42")
	void listWhenCalledDirectlyThenOrders() {
		assertThat(this.controller.list()).hasSize(1);
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> this.controller.drafts());
	}

	@Test
	void listWhenKeyIsDisabledThen401() {
		var created = this.apiKeys.create(NewApiKey.named("client").scopes("orders:read"));
		assertThat(this.mvc.get().uri("/api/orders").header("X-API-Key", created.token())).hasStatus(200);
		this.apiKeys.disable(created.apiKey().getId());
		assertThat(this.mvc.get().uri("/api/orders").header("X-API-Key", created.token())).hasStatus(401);
	}

}
