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

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;

import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyUsage;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.HmacSha256ApiKeyHasher;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.type.TenantApiKey;
import io.github.apikeys.core.verification.RecentChange;
import jakarta.persistence.EntityManager;
import org.awaitility.Awaitility;
import org.hibernate.Session;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.ScrollPosition;
import org.springframework.data.domain.Sort;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Settings of an application's persistence unit that are meant for its own entities reach
 * neither our statements nor our columns. The tables are those that we ship.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class AbstractHostSettingsTests {

	private TestDatabase database;

	private DataSource dataSource;

	abstract TestDatabase database();

	@BeforeAll
	void createTables() throws Exception {
		this.database = database();
		this.dataSource = this.database.start();
		AbstractDatabaseTests.flyway(this.dataSource, AbstractDatabaseTests.shipped(this.database)).migrate();
		AbstractDatabaseTests.createTypeTables(this.dataSource, this.database);
	}

	@AfterAll
	void closeDatabase() throws Exception {
		this.database.close();
	}

	@Test
	void convertersThatApplyThemselves() {
		everythingWorks(Map.of(), "io.github.apikeys.core", "io.github.apikeys.host");
	}

	@Test
	void convertersOfSpringData() {
		everythingWorks(Map.of(), "io.github.apikeys.core", "org.springframework.data.jpa.convert.threeten");
	}

	@Test
	void defaultsOfAMappingFile() {
		everythingWorks(Map.of(PersistenceUnit.MAPPING, "io/github/apikeys/host/orm.xml"), "io.github.apikeys.core");
	}

	@Test
	void transactionsThatTakeNoLevelOfIsolation() {
		everythingWorks(Map.of(PersistenceUnit.PREPARE_CONNECTION, false), "io.github.apikeys.core");
	}

	/**
	 * A pool may give connections with auto-commit off, and with a transaction that the
	 * former borrower did not end.
	 */
	@Test
	void connectionsThatWereLeftInATransaction() throws Exception {
		try (Connection connection = this.dataSource.getConnection();
				PersistenceUnit here = new PersistenceUnit(new SingleConnectionDataSource(connection, true),
						Map.of("hibernate.connection.provider_disables_autocommit", true), "io.github.apikeys.core");
				PersistenceUnit there = new PersistenceUnit(this.dataSource, Map.of(), "io.github.apikeys.core");
				JpaApiKeyService service = service(here, "sha256");
				JpaApiKeyService other = service(there, "sha256")) {
			CreatedApiKey created = other.create(NewApiKey.named("key"));
			connection.setAutoCommit(false);
			try {
				query(connection);
				assertThat(service.verify(created.token())).isPresent();
				query(connection);
				other.revoke(created.apiKey().getId());
				assertThat(service.verify(created.token())).isEmpty();
			}
			finally {
				connection.rollback();
				connection.setAutoCommit(true);
			}
		}
	}

	/**
	 * As with open-in-view, if the pool gives connections with auto-commit off.
	 */
	@Test
	void queriesOfAViewBeforeItsTransaction() throws Exception {
		String owner = "owner-" + UUID.randomUUID();
		DataSource autoCommitOff = new DelegatingDataSource(this.dataSource) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				connection.setAutoCommit(false);
				return connection;
			}

		};
		try (PersistenceUnit here = new PersistenceUnit(autoCommitOff,
				Map.of("hibernate.connection.provider_disables_autocommit", true), "io.github.apikeys.core");
				PersistenceUnit there = new PersistenceUnit(this.dataSource, Map.of(), "io.github.apikeys.core");
				JpaApiKeyService service = service(here, "sha256");
				JpaApiKeyService other = service(there, "sha256")) {
			CreatedApiKey known = other.create(NewApiKey.named("key").owner(owner));
			EntityManager view = here.entityManagerFactory().createEntityManager();
			TransactionSynchronizationManager.bindResource(here.entityManagerFactory(), new EntityManagerHolder(view));
			try {
				view.unwrap(Session.class).doWork(AbstractHostSettingsTests::query);
				CreatedApiKey later = other.create(NewApiKey.named("key").owner(owner));
				other.revoke(known.apiKey().getId());
				TransactionTemplate transaction = new TransactionTemplate(here.transactionManager());
				transaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
				transaction.executeWithoutResult((status) -> assertThat(service.verify(known.token())).isEmpty());
				view.unwrap(Session.class).doWork(AbstractHostSettingsTests::query);
				CreatedApiKey last = other.create(NewApiKey.named("key").owner(owner));
				assertThat(service.revokeAll(owner, null)).isEqualTo(2);
				assertThat(other.verify(later.token())).isEmpty();
				assertThat(other.verify(last.token())).isEmpty();
			}
			finally {
				TransactionSynchronizationManager.unbindResource(here.entityManagerFactory());
				view.close();
			}
		}
	}

	private static void query(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.executeQuery("select count(*) from api_key").close();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "hibernate.jpa.compliance=true", "hibernate.jpa.compliance.query=true",
			"hibernate.jpa.compliance.load_by_id=true", "hibernate.jpa.compliance.proxy=true",
			"hibernate.jpa.compliance.transaction=true", "hibernate.jpa.compliance.global_id_generators=true",
			"hibernate.jpa.compliance.orderby=true", "hibernate.jdbc.time_zone=Asia/Kolkata",
			"hibernate.timezone.default_storage=NORMALIZE", "hibernate.timezone.default_storage=COLUMN",
			"hibernate.order_inserts=true, hibernate.order_updates=true, hibernate.jdbc.batch_size=20",
			"hibernate.jdbc.use_get_generated_keys=false", "hibernate.use_identifier_rollback=true",
			"hibernate.criteria.value_handling_mode=INLINE", "hibernate.query.in_clause_parameter_padding=true",
			"hibernate.query.immutable_entity_update_query_handling_mode=exception",
			"hibernate.query.fail_on_pagination_over_collection_fetch=true", "hibernate.max_fetch_depth=0",
			"hibernate.default_batch_fetch_size=16", "org.hibernate.flushMode=MANUAL", "org.hibernate.flushMode=COMMIT",
			"hibernate.dialect.native_param_markers=true", "hibernate.query.native.prefer_jdbc_datetime_types=true",
			"hibernate.query.native.ignore_jdbc_parameters=true", "hibernate.auto_quote_keyword=true",
			"hibernate.jdbc.fetch_size=1", "hibernate.jpa.static_metamodel.population=disabled",
			"hibernate.implicit_naming_strategy=legacy-hbm",
			"hibernate.connection.handling_mode=DELAYED_ACQUISITION_AND_RELEASE_AFTER_TRANSACTION",
			"hibernate.connection.handling_mode=DELAYED_ACQUISITION_AND_RELEASE_AFTER_STATEMENT",
			"hibernate.connection.handling_mode=IMMEDIATE_ACQUISITION_AND_HOLD" })
	void setting(String settings) {
		everythingWorks(properties(settings), "io.github.apikeys.core");
	}

	/**
	 * They are those of its own columns, and Hibernate finds ours as they are.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "hibernate.type.preferred_uuid_jdbc_type=CHAR",
			"hibernate.type.preferred_uuid_jdbc_type=BINARY", "hibernate.type.preferred_instant_jdbc_type=TIMESTAMP",
			"hibernate.type.preferred_instant_jdbc_type=INSTANT",
			"hibernate.type.preferred_instant_jdbc_type=TIMESTAMP_WITH_TIMEZONE",
			"hibernate.type.java_time_use_direct_jdbc=true", "hibernate.type.prefer_native_enum_types=true",
			"hibernate.use_nationalized_character_data=true" })
	void typesThatTheApplicationPrefers(String setting) {
		Map<String, Object> properties = properties(setting);
		properties.put("hibernate.hbm2ddl.auto", "validate");
		everythingWorks(properties, "io.github.apikeys.core");
	}

	private static Map<String, Object> properties(String settings) {
		Map<String, Object> properties = new HashMap<>();
		for (String setting : settings.split(", ")) {
			properties.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
		}
		return properties;
	}

	private void everythingWorks(Map<String, Object> properties, String... packages) {
		String owner = "owner-" + UUID.randomUUID();
		Instant end = Instant.now().plus(90, ChronoUnit.DAYS).truncatedTo(ChronoUnit.MICROS);
		try (PersistenceUnit unit = new PersistenceUnit(this.dataSource, properties, packages);
				JpaApiKeyService service = service(unit, "sha256");
				JpaApiKeyService peppered = service(unit, "hmac-sha256:p")) {
			service.setUsageInterval(Duration.ofHours(1));
			peppered.setUsageInterval(Duration.ofMillis(10));
			service.setCache(10, Duration.ofSeconds(2));
			CreatedApiKey created = service.create(new TenantApiKey(),
					NewApiKey.named(" Key ")
						.owner(owner)
						.scopes("orders:read", "a:b")
						.metadata("a", " b ")
						.notBefore(Instant.EPOCH)
						.expiresAt(end)
						.quota(7)
						.rateLimits("10/1s")
						.allowedAddresses("203.0.113.0/24"));
			UUID id = created.apiKey().getId();
			assertThat(service.verify(created.token(), "203.0.113.7")).isPresent();
			assertThat(peppered.verify(created.token(), "203.0.113.7")).isPresent();
			JpaApiKeyReports reports = new JpaApiKeyReports(unit.entityManagerFactory(), unit.transactionManager());
			Awaitility.await().untilAsserted(() -> assertThat(service.find(id)).get().satisfies((key) -> {
				assertThat(key).extracting("hash.value").asString().startsWith("{hmac-sha256:p}");
				assertThat(key.getLastUsedFrom()).isEqualTo("203.0.113.7");
			}));
			assertThat(service.consumeQuota(id)).isTrue();
			service.disable(id);
			service.enable(id);
			service.update(id, (change) -> change.name("other").scopes("c:d", "a:b").metadata(Map.of("x", "y")));
			assertThat(service.find(TenantApiKey.class, id)).get().satisfies((key) -> {
				assertThat(key.getOwner()).isEqualTo(owner);
				assertThat(key.getScopes()).containsExactly("a:b", "c:d");
				assertThat(key.getMetadata()).containsEntry("x", "y");
				assertThat(key.getExpiresAt()).isEqualTo(end);
				assertThat(key.getNotBefore()).isEqualTo(Instant.EPOCH);
				assertThat(key.getQuotaUsed()).isOne();
			});
			service.setPrincipalMetadata(List.of("x"));
			assertThat(service.verify(created.token(), "203.0.113.7").orElseThrow().metadata()).containsEntry("x", "y");
			ApiKeyQuery query = ApiKeyQuery.all().owner(owner).scope("c:d").state(ApiKeyState.ACTIVE);
			assertThat(service.list(query, Pageable.ofSize(1))).hasSize(1);
			assertThat(service.list(ApiKeyQuery.all().owner(owner).search("oth", List.of()), Pageable.unpaged()))
				.hasSize(1);
			CreatedApiKey successor = service.rotate(id, Duration.ofDays(1));
			assertThat(service.verify(successor.token(), "203.0.113.7")).isPresent();
			service.invalidateOwner(owner);
			assertThat(service.revokeAll(owner, "all")).isEqualTo(2);
			assertThat(service.verify(created.token(), "203.0.113.7")).isEmpty();
			assertThat(service.verify(successor.token(), "203.0.113.7")).isEmpty();
			assertThat(reports.history(id)).extracting(ApiKeyEvent::getChange)
				.contains(ApiKeyChange.CREATED, ApiKeyChange.ROTATED, ApiKeyChange.REVOKED);
			LocalDate today = LocalDate.now(ZoneOffset.UTC);
			assertThat(reports.usage(id, today.minusDays(1), today)).extracting(ApiKeyUsage::getRequests).contains(1L);
			assertThat(reports.statistics(Duration.ofDays(7))).isNotNull();
			assertThat(reports.usage(today.minusDays(1), today)).hasSize(2);
			for (String column : List.of("name", "expiresAt")) {
				assertThat(reports.scroll(ApiKeyQuery.all().owner(owner), Sort.Order.asc(column),
						ScrollPosition.keyset(), 10))
					.hasSize(2);
			}
			assertThat(changed(unit)).contains(created.apiKey().getKeyId());
			service.setClock(Clock.offset(Clock.systemUTC(), Duration.ofDays(2)));
			unit.jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00'");
			assertThat(service.purge(Duration.ofDays(1))).isPositive();
			assertThat(service.find(id)).isEmpty();
		}
	}

	private static List<String> changed(PersistenceUnit unit) {
		ApiKeyStore store = new ApiKeyStore(unit.entityManagerFactory());
		return new TransactionTemplate(unit.transactionManager())
			.execute((status) -> store.findChanged(Duration.ofMinutes(5), null)
				.changes()
				.stream()
				.map(RecentChange::subject)
				.toList());
	}

	private static JpaApiKeyService service(PersistenceUnit unit, String scheme) {
		ApiKeyHashers hashers = new ApiKeyHashers(scheme,
				List.of(new Sha256ApiKeyHasher(), new HmacSha256ApiKeyHasher("p", new byte[32])));
		JpaApiKeyService service = unit.service(new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of())),
				hashers);
		service.setTenantsShareKeys(true);
		return service;
	}

}
