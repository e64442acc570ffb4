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
import java.util.List;

import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.test.host.HostApplication;
import jakarta.persistence.EntityManagerFactory;
import org.junit.jupiter.api.AfterEach;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Keeps {@link InMemoryApiKeyService} honest: the service on a database passes the same
 * tests.
 */
@SpringBootTest(classes = HostApplication.class)
class JpaApiKeyServiceTests extends AbstractApiKeyServiceTests<JpaApiKeyService> {

	@Autowired
	private EntityManagerFactory entityManagerFactory;

	@Autowired
	private PlatformTransactionManager transactionManager;

	private JpaApiKeyService service;

	@Override
	JpaApiKeyService create(ApiKeyTokenFormats tokenFormats, Clock clock, ApplicationEventPublisher eventPublisher) {
		this.service = new JpaApiKeyService(this.entityManagerFactory, this.transactionManager, tokenFormats,
				new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
		this.service.setClock(clock);
		this.service.setApplicationEventPublisher(eventPublisher);
		return this.service;
	}

	@Override
	void setDeclaredScopes(List<String> declaredScopes) {
		this.service.setDeclaredScopes(declaredScopes);
	}

	@Override
	void letOthersBeTold() {
		new TransactionTemplate(this.transactionManager).executeWithoutResult(
				(status) -> SharedEntityManagerCreator.createSharedEntityManager(this.entityManagerFactory)
					.createNativeQuery("update api_key set changed_at = '2026-01-01 00:00:00'")
					.executeUpdate());
	}

	@Override
	void setPrincipalMetadata(List<String> names) {
		this.service.setPrincipalMetadata(names);
	}

	@AfterEach
	void close() {
		this.service.close();
	}

}
