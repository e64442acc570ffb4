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

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.awaitility.Awaitility;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a request costs the database.
 */
@ExtendWith(OutputCaptureExtension.class)
class StatementsPerRequestTests {

	private final List<String> statements = Collections.synchronizedList(new ArrayList<>());

	private final Thread thread = Thread.currentThread();

	@Test
	void acceptedThenOneQueryTheFirstTimeAndNoneAfterwards() {
		application().run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			String key = HostRunner.key(context, "orders:read");
			this.statements.clear();
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key)).hasStatusOk();
			assertThat(this.statements).singleElement().asString().startsWith("select");
			this.statements.clear();
			for (int i = 0; i < 100; i++) {
				assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key)).hasStatusOk();
			}
			// the first poll evicts what was there before it
			assertThat(this.statements).hasSizeLessThanOrEqualTo(1);
		});
	}

	@Test
	void refusedThenOneQueryAtMost() {
		application().run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			String unknown = context.getBean(ApiKeyTokenFormats.class)
				.issued()
				.generate(new SecureRandomApiKeyGenerator())
				.value();
			this.statements.clear();
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", "nonsense")).hasStatus(401);
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", unknown + "x")).hasStatus(401);
			assertThat(this.statements).isEmpty();
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", unknown)).hasStatus(401);
			assertThat(this.statements).singleElement().asString().startsWith("select");
		});
	}

	@Test
	void hostileThenNoQuery() {
		application().run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			String key = HostRunner.key(context, "orders:read");
			for (String text : List.of("' OR '1'='1", "ak_' OR '1'='1_x", key + "' --", "x".repeat(1_000_000),
					"ak_".repeat(400_000), key.repeat(20_000))) {
				this.statements.clear();
				assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", text)).hasStatus(401);
				assertThat(HostRunner.get(mvc, "/orders", "Authorization", "Api-Key " + text)).hasStatus(401);
				assertThat(this.statements).isEmpty();
			}
		});
	}

	@Test
	void useWhenItCannotBeWrittenThenRequestsGoOn(CapturedOutput output) {
		HostRunner.withoutFlyway().withPropertyValues("api-key.usage.flush-interval=50ms").run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			String key = HostRunner.key(context, "orders:read");
			context.getBean(JdbcTemplate.class).execute("drop table api_key_usage");
			Awaitility.await().until(() -> {
				assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key)).hasStatusOk();
				return output.getAll().contains("The use of API keys was not written");
			});
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key)).hasStatusOk();
		});
	}

	@Test
	void quotaThenOneUpdate() {
		application().run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			String key = context.getBean(ApiKeyService.class)
				.create(NewApiKey.named("client").scopes("orders:read").quota(100))
				.token();
			HostRunner.get(mvc, "/orders", "X-API-Key", key);
			this.statements.clear();
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key)).hasStatusOk();
			assertThat(this.statements).singleElement().asString().startsWith("update api_key set quota_used");
		});
	}

	private WebApplicationContextRunner application() {
		return HostRunner.withoutFlyway()
			// what is cached stays fresh, however slow the machine is
			.withPropertyValues("api-key.cache.max-staleness=15s")
			// whatever the inspector below does
			.withPropertyValues("api-key.database.tenants-share-keys=true")
			// the question what changed is asked by another thread
			.withBean(HibernatePropertiesCustomizer.class, () -> (properties) -> properties
				.put("hibernate.session_factory.statement_inspector", (StatementInspector) (sql) -> {
					if (Thread.currentThread() == this.thread) {
						this.statements.add(sql);
					}
					return sql;
				}));
	}

}
