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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.core.hash.PasswordEncoderApiKeyHasher;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

import static org.assertj.core.api.Assertions.assertThat;

class HashingGuideTests {

	@Test
	void peppers() {
		assertThat(storedHash("--api-key.hash.default-pepper=2027",
				"--api-key.hash.peppers.2026=0123456789abcdef0123456789abcdef",
				"--api-key.hash.peppers.2027=fedcba9876543210fedcba9876543210"))
			.startsWith("{hmac-sha256:2027}");
	}

	@Test
	void anyPasswordEncoder() {
		assertThat(storedHash("--api-key.hash.scheme=bcrypt")).startsWith("{bcrypt}$2a$");
	}

	/**
	 * The statement of the page, on a database with a key in each state that matters.
	 */
	@Test
	void pepperWhenRotatedExpiredAndRevokedKeysNameItThenTheUsableOneNeedsIt() {
		with((context) -> {
			ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
			apiKeys.create(NewApiKey.named("usable"));
			apiKeys.revoke(apiKeys.create(NewApiKey.named("revoked")).apiKey().getId());
			UUID rotated = apiKeys.create(NewApiKey.named("rotated")).apiKey().getId();
			UUID successor = apiKeys.rotate(rotated, Duration.ZERO).apiKey().getId();
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			assertThat(jdbc.queryForObject(statement(), Long.class)).isEqualTo(2);
			apiKeys.revoke(successor);
			assertThat(jdbc.queryForObject(statement(), Long.class)).isOne();
		}, "--api-key.hash.default-pepper=2026", "--api-key.hash.peppers.2026=0123456789abcdef0123456789abcdef");
	}

	private static String statement() {
		try {
			String page = Files.readString(Path.of("../docs/guide/hardening.md"));
			return page.substring(page.indexOf("```sql") + 6, page.indexOf("```", page.indexOf("```sql") + 6));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String storedHash(String... arguments) {
		AtomicReference<String> hash = new AtomicReference<>();
		with((context) -> {
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			String token = apiKeys.create(NewApiKey.named("client")).token();
			assertThat(apiKeys.verify(token)).isPresent();
			hash.set(context.getBean(JdbcTemplate.class).queryForObject("select hash from api_key", String.class));
		}, arguments);
		return hash.get();
	}

	private static void with(Consumer<ConfigurableApplicationContext> test, String... arguments) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Hashing.class)
			.web(WebApplicationType.NONE)
			.properties("spring.datasource.generate-unique-name=true", "spring.datasource.url=jdbc:h2:mem:hashing",
					"spring.flyway.enabled=false")
			.run(arguments)) {
			test.accept(context);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Hashing {

		@Bean
		ApiKeyHasher bcrypt() {
			return new PasswordEncoderApiKeyHasher("bcrypt", new BCryptPasswordEncoder());
		}

	}

}
