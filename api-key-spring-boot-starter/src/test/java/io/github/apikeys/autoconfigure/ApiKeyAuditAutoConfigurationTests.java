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
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.AuditEventRepository;
import org.springframework.boot.actuate.audit.InMemoryAuditEventRepository;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

class ApiKeyAuditAutoConfigurationTests {

	@Test
	void changesThenAuditEventsAfterTheCommit() {
		application().withBean(AuditEventRepository.class, InMemoryAuditEventRepository::new).run((context) -> {
			SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("ada", "", "USER"));
			AuditEventRepository audit = context.getBean(AuditEventRepository.class);
			ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
			CreatedApiKey created = apiKeys.create(NewApiKey.named("client"));
			context.getBean(TransactionTemplate.class).executeWithoutResult((status) -> {
				apiKeys.revoke(created.apiKey().getId(), "Found in a repository");
				assertThat(audit.find(null, null, "API_KEY_REVOKED")).isEmpty();
			});
			SecurityContextHolder.clearContext();
			context.getBean(TransactionTemplate.class).executeWithoutResult((status) -> {
				apiKeys.create(NewApiKey.named("never"));
				status.setRollbackOnly();
			});
			assertThat(audit.find(null, null, "API_KEY_CREATED")).singleElement()
				.satisfies((event) -> assertThat(event.getData()).containsEntry("keyId", created.apiKey().getKeyId()));
			assertThat(audit.find("user:ada", null, "API_KEY_REVOKED")).singleElement()
				.extracting(AuditEvent::getData)
				.asString()
				.contains("Found in a repository")
				.doesNotContain(created.token().substring(16));
		});
	}

	@Test
	void startWhenThereIsNoAuditThenNothingIsAdded() {
		application().run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ApiKeyAuditListener.class));
	}

	private static WebApplicationContextRunner application() {
		return HostRunner.withoutFlyway();
	}

}
