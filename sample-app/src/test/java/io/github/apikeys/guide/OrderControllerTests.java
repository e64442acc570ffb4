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

import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyService;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;

/**
 * A test as users of the library write it.
 */
@WebMvcTest(OrderController.class)
@Import({ Orders.class, SecurityConfiguration.class })
class OrderControllerTests {

	@MockitoBean
	ApiKeyService apiKeys;

	@Autowired
	private MockMvcTester mvc;

	@Test
	void listWhenScopeThenOrders() {
		given(this.apiKeys.verify(eq("good"), any())).willReturn(Optional
			.of(new ApiKeyPrincipal(UUID.randomUUID(), "id", "client", null, Set.of("orders:read"), "api_key")));
		assertThat(this.mvc.get().uri("/api/orders").header("X-API-Key", "good")).hasStatus(200);
	}

	@Test
	void listWhenUnknownKeyThen401() {
		given(this.apiKeys.verify(eq("bad"), any())).willReturn(Optional.empty());
		assertThat(this.mvc.get().uri("/api/orders").header("X-API-Key", "bad")).hasStatus(401);
	}

}
