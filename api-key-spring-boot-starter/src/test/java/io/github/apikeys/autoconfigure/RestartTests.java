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

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.context.WebApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What must not be lost when an application stops.
 */
class RestartTests {

	private final String database = HostRunner.database();

	private final WebApplicationContextRunner runner = HostRunner.application()
		.withPropertyValues("spring.datasource.url=" + this.database);

	private CreatedApiKey kept;

	private CreatedApiKey revoked;

	@BeforeEach
	void create() {
		this.runner.run((context) -> {
			ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
			this.kept = apiKeys.create(NewApiKey.named("kept"));
			this.revoked = apiKeys.create(NewApiKey.named("revoked"));
		});
	}

	@Test
	void revokedThenRefusedAfterTheRestartToo() {
		this.runner.run((context) -> {
			assertStatus(context, this.revoked, 200);
			context.getBean(ApiKeyService.class).revoke(this.revoked.apiKey().getId());
			assertStatus(context, this.revoked, 401);
		});
		this.runner.run((context) -> {
			assertStatus(context, this.revoked, 401);
			assertStatus(context, this.kept, 200);
		});
	}

	@Test
	void usedOnceThenItIsKnownAfterTheStop() {
		this.runner.run((context) -> assertStatus(context, this.kept, 200));
		JdbcTemplate jdbc = new JdbcTemplate(new DriverManagerDataSource(this.database, "sa", ""));
		assertThat(jdbc.queryForList("select name from api_key where last_used_at is not null", String.class))
			.containsExactly("kept");
		assertThat(jdbc.queryForObject("select sum(requests) from api_key_usage", Long.class)).isEqualTo(1);
	}

	private static void assertStatus(WebApplicationContext context, CreatedApiKey key, int status) {
		MockMvcTester mvc = HostRunner.mvc(context);
		assertThat(HostRunner.get(mvc, "/internal", "X-API-Key", key.token())).hasStatus(status);
	}

}
