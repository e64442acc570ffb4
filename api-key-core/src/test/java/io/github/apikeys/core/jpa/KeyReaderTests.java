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

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.jpa.KeyReader.KeyRow;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.persistence.EntityManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many keys at once, such as those of a list without pages.
 */
class KeyReaderTests {

	private final PersistenceUnit unit = unit(new H2Database());

	private final TransactionTemplate transactions = new TransactionTemplate(this.unit.transactionManager());

	private final KeyReader reader = reader(this.unit.entityManagerFactory());

	@AfterEach
	void close() {
		this.unit.close();
	}

	/**
	 * A driver may permit 65,535 parameters, or 2,100.
	 */
	@Test
	void readWhenThereAreManyThenNoStatementHasMoreParametersThanADatabasePermits() {
		List<KeyRow> rows = Stream.of("api_key", "unknown")
			.flatMap((type) -> Stream.generate(() -> new KeyRow(UUID.randomUUID(), type)).limit(1001))
			.toList();
		List<String> statements = this.unit.statementsOf(
				() -> this.transactions.executeWithoutResult((status) -> assertThat(this.reader.read(rows)).isEmpty()));
		assertThat(statements).isNotEmpty()
			.allSatisfy(
					(sql) -> assertThat(StringUtils.countOccurrencesOf(sql, "?")).isLessThanOrEqualTo(Chunks.MAX_SIZE));
	}

	@Test
	void readWhenThereAreManyThenInTheOrderOfTheirRows() {
		JpaApiKeyService service = this.unit.service(new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of())),
				new ApiKeyHashers(Sha256ApiKeyHasher.SCHEME, List.of(new Sha256ApiKeyHasher())));
		List<UUID> ids = Stream.generate(() -> service.create(NewApiKey.named("key")))
			.limit(3)
			.map(CreatedApiKey::apiKey)
			.map(ApiKey::getId)
			.toList();
		List<KeyRow> rows = new ArrayList<>(
				Stream.generate(() -> new KeyRow(UUID.randomUUID(), "api_key")).limit(2000).toList());
		rows.add(0, new KeyRow(ids.get(2), "unknown"));
		rows.add(1500, new KeyRow(ids.get(0), "api_key"));
		rows.add(new KeyRow(ids.get(1), "unknown"));
		List<UUID> read = this.transactions
			.execute((status) -> this.reader.read(rows).stream().map(ApiKey::getId).toList());
		assertThat(read).containsExactly(ids.get(2), ids.get(0), ids.get(1));
		Collections.reverse(rows);
		read = this.transactions.execute((status) -> this.reader.read(rows).stream().map(ApiKey::getId).toList());
		assertThat(read).containsExactly(ids.get(1), ids.get(0), ids.get(2));
	}

	private static PersistenceUnit unit(H2Database database) {
		DataSource dataSource = database.start();
		AbstractDatabaseTests.flyway(dataSource, AbstractDatabaseTests.shipped(database)).migrate();
		AbstractDatabaseTests.createTypeTables(dataSource, database);
		return new PersistenceUnit(dataSource, Map.of(), "io.github.apikeys.core");
	}

	private static KeyReader reader(EntityManagerFactory entityManagerFactory) {
		return new KeyReader(SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory),
				ApiKeyTable.of(entityManagerFactory), ApiKeyTypes.of(entityManagerFactory));
	}

}
