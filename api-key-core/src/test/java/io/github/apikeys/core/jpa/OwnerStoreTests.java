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

import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import org.junit.jupiter.api.Test;

import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * New owners where another connection would have to create their row.
 */
class OwnerStoreTests {

	@Test
	void lockWhenThePoolHasOneConnectionThenTheRowIsCreatedInTheTransactionOfTheCaller() {
		H2Database database = new H2Database();
		DataSource dataSource = database.start();
		AbstractDatabaseTests.flyway(dataSource, AbstractDatabaseTests.shipped(database)).migrate();
		AbstractDatabaseTests.createTypeTables(dataSource, database);
		HikariConfig config = new HikariConfig();
		config.setDataSource(dataSource);
		config.setMaximumPoolSize(1);
		config.setConnectionTimeout(250);
		try (HikariDataSource pool = new HikariDataSource(config);
				PersistenceUnit unit = new PersistenceUnit(pool, Map.of(), "io.github.apikeys.core")) {
			JpaApiKeyService service = unit.service(new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of())),
					new ApiKeyHashers(Sha256ApiKeyHasher.SCHEME, List.of(new Sha256ApiKeyHasher())));
			TransactionTemplate callers = new TransactionTemplate(unit.transactionManager());
			ApiKey key = callers.execute((status) -> service.create(NewApiKey.named("key").owner("new")).apiKey());
			assertThat(key.getOwner()).isEqualTo("new");
			assertThat(service.create(NewApiKey.named("key").owner("other")).apiKey().getOwner()).isEqualTo("other");
		}
	}

}
