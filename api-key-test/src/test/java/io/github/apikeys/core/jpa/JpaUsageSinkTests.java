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

package io.github.apikeys.core.jpa;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyUsage;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.verification.UsageSink;
import io.github.apikeys.core.verification.VerificationSource;
import io.github.apikeys.test.contract.UsageSinkContract;
import io.github.apikeys.test.host.HostApplication;
import jakarta.persistence.EntityManagerFactory;
import org.junit.jupiter.api.AfterEach;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Lies in this package because the store on JPA is not public.
 */
@SpringBootTest(classes = HostApplication.class)
class JpaUsageSinkTests extends UsageSinkContract {

	@Autowired
	private EntityManagerFactory entityManagerFactory;

	@Autowired
	private PlatformTransactionManager transactionManager;

	private JpaApiKeyService service;

	private JpaApiKeyService service() {
		if (this.service == null) {
			this.service = new JpaApiKeyService(this.entityManagerFactory, this.transactionManager,
					new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of())),
					new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
		}
		return this.service;
	}

	@Override
	protected ApiKeyRepository repository() {
		return service().repository();
	}

	@Override
	protected VerificationSource verificationSource() {
		return service().verificationSource();
	}

	@Override
	protected UsageSink usageSink() {
		return new UsageStore(this.entityManagerFactory, new TransactionTemplate(this.transactionManager));
	}

	@Override
	protected ApiKeyUsage usage(UUID id, LocalDate day) {
		return new JpaApiKeyReports(this.entityManagerFactory, this.transactionManager).usage(id, day, day).get(0);
	}

	@AfterEach
	void close() {
		service().close();
	}

}
