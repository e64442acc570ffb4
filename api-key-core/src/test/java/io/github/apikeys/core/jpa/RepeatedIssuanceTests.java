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

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.own.RegionApiKey;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is stored of an entity of the application if the database gave up its first
 * transaction.
 */
class RepeatedIssuanceTests {

	private final FailingCommits dataSource = new FailingCommits(
			JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID(), "sa", ""));

	private final RegionApiKey apiKey = new RegionApiKey();

	private PersistenceUnit unit;

	private JpaApiKeyService service;

	@BeforeEach
	void start() {
		this.unit = new PersistenceUnit(this.dataSource, Map.of("hibernate.hbm2ddl.auto", "create"),
				"io.github.apikeys.core", "io.github.apikeys.own");
		this.service = this.unit.service(new ApiKeyTokenFormats(new ApiKeyTokenFormat("acme", List.of())),
				new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
		this.apiKey.getRegions().add("north");
		this.apiKey.getLabels().put("team", "blue");
		this.apiKey.getAddresses().add("blue@example.org");
		// the first change may take so long that it would not be made again
		this.service.create(NewApiKey.named("first"));
		this.dataSource.failNext(Thread.currentThread().getName(), new SQLException("refused", "40001"));
	}

	@AfterEach
	void stop() {
		this.unit.close();
	}

	@Test
	void createWhenMadeAgainThenTheCollectionsOfTheTypeAreStored() {
		assertStored(this.service.create(this.apiKey, NewApiKey.named("key")).apiKey().getId());
	}

	@Test
	void importIfAbsentWhenMadeAgainThenTheCollectionsOfTheTypeAreStored() {
		// its row has the same id each time
		ImportedApiKey imported = ImportedApiKey.ofHashedToken("acme_7Hq2mVx9Lp4s_abcd{sha256}" + "ab".repeat(32));
		assertStored(this.service.importIfAbsent(this.apiKey, imported, NewApiKey.named("key")).getApiKey().getId());
	}

	private void assertStored(UUID id) {
		RegionApiKey stored = this.service.find(RegionApiKey.class, id).orElseThrow();
		assertThat(stored).isNotSameAs(this.apiKey);
		assertThat(stored.getRegions()).containsExactly("north");
		assertThat(stored.getLabels()).containsExactly(Map.entry("team", "blue"));
		assertThat(stored.getAddresses()).containsExactly("blue@example.org");
	}

}
