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

import java.util.Map;
import java.util.Optional;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.host.CustomerRepository;
import io.github.apikeys.host.HostApplication;
import io.github.apikeys.host.entity.Customer;
import io.github.apikeys.security.StubApiKeyService;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.boot.test.autoconfigure.json.JsonTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;

/**
 * Slice tests of the application go on working, and see keys.
 */
class HostSliceTests {

	@Nested
	@WebMvcTest(HostApplication.Endpoints.class)
	@ContextConfiguration(classes = HostApplication.class)
	class WebWithService {

		@MockitoBean
		private ApiKeyTokenVerifier apiKeys;

		@Autowired
		private MockMvcTester mvc;

		@Test
		void keysAreRead() {
			given(this.apiKeys.verify(eq("good"), any()))
				.willReturn(Optional.of(StubApiKeyService.principal("k", "orders:read")));
			given(this.apiKeys.verify(eq("bad"), any())).willReturn(Optional.empty());
			assertThat(this.mvc.get().uri("/orders").header("X-API-Key", "good")).hasStatus(200);
			assertThat(this.mvc.get().uri("/orders").header("X-API-Key", "bad")).hasStatus(401);
			assertThat(this.mvc.get().uri("/orders")).hasStatus(401);
		}

	}

	@Nested
	@WebMvcTest(HostApplication.Endpoints.class)
	@ContextConfiguration(classes = HostApplication.class)
	@ExtendWith(OutputCaptureExtension.class)
	class WebWithoutService {

		@Autowired
		private MockMvcTester mvc;

		@Test
		void startsAndSaysWhatIsMissingWhenAKeyComes(CapturedOutput output) {
			assertThat(this.mvc.get().uri("/orders")).hasStatus(401);
			assertThat(this.mvc.get().uri("/orders").header("X-API-Key", "any")).hasStatus(503);
			assertThat(output).contains("io.github.apikeys.core.ApiKeyTokenVerifier", "@MockitoBean");
		}

	}

	/**
	 * The limiter of the application is no part of the web layer.
	 */
	@Nested
	@WebMvcTest(controllers = HostApplication.Endpoints.class, properties = "api-key.rate-limit.default=2/1m",
			excludeAutoConfiguration = ApiKeyRateLimitAutoConfiguration.class)
	@ContextConfiguration(classes = HostApplication.class)
	@ExtendWith(OutputCaptureExtension.class)
	class WebWithLimits {

		@MockitoBean
		private ApiKeyTokenVerifier apiKeys;

		@Autowired
		private MockMvcTester mvc;

		@Test
		void startsAndSaysWhatIsMissingWhenAKeyIsToBeLimited(CapturedOutput output) {
			given(this.apiKeys.verify(eq("good"), any()))
				.willReturn(Optional.of(StubApiKeyService.principal("k", "orders:read")));
			assertThat(this.mvc.get().uri("/orders")).hasStatus(401);
			assertThat(this.mvc.get().uri("/orders").header("X-API-Key", "good")).hasStatus(503);
			assertThat(output).contains("publish a bean of type ApiKeyRateLimiter", "imports the class");
		}

	}

	/**
	 * The hasher of the application is in a class that the slice leaves out.
	 */
	@Nested
	@DataJpaTest(properties = { "spring.jpa.hibernate.ddl-auto=validate", "api-key.hash.scheme=bcrypt" })
	@ContextConfiguration(classes = HostApplication.class)
	class PersistenceWithoutHasher {

		@Autowired
		private CustomerRepository customers;

		@Autowired
		private ApiKeyService apiKeys;

		@Test
		void startsAndSaysWhatIsMissingWhenATokenIsHashed() {
			assertThat(this.customers.save(new Customer()).getId()).isNotNull();
			assertThatException().isThrownBy(() -> this.apiKeys.create(NewApiKey.named("client")))
				.havingRootCause()
				.withMessageContaining("There is no hasher for scheme 'bcrypt'");
		}

	}

	@Nested
	@DataJpaTest(properties = "spring.jpa.hibernate.ddl-auto=validate")
	@ContextConfiguration(classes = HostApplication.class)
	class Persistence {

		@Autowired
		private CustomerRepository customers;

		@Autowired
		private ApiKeyService apiKeys;

		@Test
		void repositoriesAndKeysWork() {
			assertThat(this.customers.save(new Customer()).getId()).isNotNull();
			assertThat(this.apiKeys.create(NewApiKey.named("client")).apiKey().getName()).isEqualTo("client");
		}

	}

	@Nested
	@JdbcTest
	@ContextConfiguration(classes = HostApplication.class)
	class Jdbc {

		@Autowired
		private JdbcTemplate jdbc;

		@Test
		void statementsRunWithoutKeys(ApplicationContext context) {
			assertThat(this.jdbc.queryForObject("select 7", Integer.class)).isEqualTo(7);
			assertThat(context.getBeanNamesForType(ApiKeyTokenVerifier.class)).isEmpty();
		}

	}

	@Nested
	@JsonTest
	@ContextConfiguration(classes = HostApplication.class)
	class Json {

		@Autowired
		private JsonMapper json;

		@Test
		void documentsAreWrittenWithoutKeys(ApplicationContext context) {
			assertThat(this.json.writeValueAsString(Map.of("id", 7))).isEqualTo("{\"id\":7}");
			assertThat(context.getBeanNamesForType(ApiKeyTokenVerifier.class)).isEmpty();
		}

	}

}
