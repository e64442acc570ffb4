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

package io.github.apikeys.autoconfigure;

import java.util.Optional;

import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.StubApiKeyService;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;

/**
 * What works in the application works in tests of its web layer, too: a controller behind
 * an interface, which code generators write, and properties about beans that are not part
 * of the web layer.
 */
@WebMvcTest(controllers = HostControllerSliceTests.OrderController.class, properties = "api-key.hash.scheme=bcrypt")
@ContextConfiguration(classes = HostControllerSliceTests.Application.class)
class HostControllerSliceTests {

	@MockitoBean
	private ApiKeyTokenVerifier apiKeys;

	@Autowired
	private MockMvcTester mvc;

	@Test
	void controllerBehindAnInterfaceIsStillOne() {
		given(this.apiKeys.verify(eq("good"), any()))
			.willReturn(Optional.of(StubApiKeyService.principal("key", "orders:read")));
		given(this.apiKeys.verify(eq("poor"), any())).willReturn(Optional.of(StubApiKeyService.principal("key")));
		assertThat(this.mvc.get().uri("/orders").header("X-API-Key", "good")).hasStatus(200);
		assertThat(this.mvc.get().uri("/orders").header("X-API-Key", "poor")).hasStatus(403);
	}

	@Test
	void hasherOfTheApplicationIsNotNeeded(@Autowired DefaultListableBeanFactory beanFactory) {
		assertThat(beanFactory.getBeanProvider(ApiKeyHasher.class).getIfAvailable()).isNull();
	}

	interface OrderApi {

		@GetMapping("/orders")
		String orders();

	}

	@RestController
	static class OrderController implements OrderApi {

		@Override
		@HasApiKey("orders:read")
		public String orders() {
			return "orders";
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(OrderController.class)
	static class Application {

	}

}
