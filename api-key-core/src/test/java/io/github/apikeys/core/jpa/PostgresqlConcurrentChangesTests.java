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

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.NewApiKey;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class PostgresqlConcurrentChangesTests extends AbstractConcurrentChangesTests {

	@Override
	TestDatabase database() {
		return PostgresqlDatabase.newest();
	}

	/**
	 * As the check of a foreign key locks it.
	 */
	@Test
	void revokeWhenARowThatRefersToTheKeyIsBeingWrittenThenDoesNotWait() throws Exception {
		try (JpaApiKeyService service = service()) {
			ApiKey key = service.create(NewApiKey.named("key")).apiKey();
			ExecutorService executor = Executors.newSingleThreadExecutor();
			try {
				new TransactionTemplate(unit().transactionManager()).executeWithoutResult((status) -> {
					unit().jdbc().queryForList("select id from api_key where key_id = ? for key share", key.getKeyId());
					Future<ApiKey> revoking = executor.submit(() -> service.revoke(key.getId()));
					Awaitility.await().until(revoking::isDone);
				});
			}
			finally {
				executor.shutdownNow();
			}
		}
	}

	/**
	 * A session that waits for a lock does not notice that its client is gone.
	 */
	@Test
	void ownTransactionWhenItWaitsForALockForLongThenTheServerGivesItUp() {
		EntityManagerFactory factory = unit().entityManagerFactory();
		EntityManager entityManager = SharedEntityManagerCreator.createSharedEntityManager(factory);
		try (JpaApiKeyService service = service();
				OwnTransactions own = new OwnTransactions(entityManager, unit().transactionManager(),
						new CallerTransaction(factory, new Snapshots(factory)), Duration.ofSeconds(6))) {
			String keyId = service.create(NewApiKey.named("key")).apiKey().getKeyId();
			String lock = "select id from api_key where key_id = '" + keyId + "' for update";
			new TransactionTemplate(unit().transactionManager()).executeWithoutResult((status) -> {
				unit().jdbc().queryForList(lock);
				assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> Detached
					.run(() -> own.execute((inner) -> entityManager.createNativeQuery(lock).getResultList())));
				Awaitility.await()
					.until(() -> unit().jdbc()
						.queryForObject("select count(*) from pg_stat_activity where wait_event_type = 'Lock'",
								Long.class) == 0);
			});
		}
	}

}
