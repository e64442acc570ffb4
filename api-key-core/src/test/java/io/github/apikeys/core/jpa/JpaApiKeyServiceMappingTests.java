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
import java.sql.SQLTransientConnectionException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import javax.sql.DataSource;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRevokedException;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.MadeKey;
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
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;
import org.hibernate.boot.model.naming.Identifier;
import org.hibernate.boot.model.naming.PhysicalNamingStrategyStandardImpl;
import org.hibernate.engine.jdbc.env.spi.JdbcEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.data.domain.Pageable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Applications decide what their tables are called, and whether there are any.
 */
class JpaApiKeyServiceMappingTests {

	private final ApiKeyTokenFormat tokenFormat = new ApiKeyTokenFormat("ak", List.of());

	@Test
	void worksWhenNamingStrategyRenamesEverything() {
		assertThat(tablesAfterLife(Map.of("hibernate.physical_naming_strategy", new Renaming())))
			.contains("PUBLIC.T_API_KEY_X", "PUBLIC.T_API_KEY_SCOPE_X", "PUBLIC.T_API_KEY_METADATA_X");
	}

	@Test
	void removeWhenCallbacksOfEntitiesAreSwitchedOffThenRefusedAllTheSame() {
		DataSource dataSource = database();
		try (PersistenceUnit unit = new PersistenceUnit(dataSource,
				Map.of("hibernate.hbm2ddl.auto", "create", "hibernate.jpa_callbacks.enabled", false),
				ApiKey.class.getPackageName())) {
			JpaApiKeyService service = service(unit, "sha256");
			ApiKey key = service.create(NewApiKey.named("key")).apiKey();
			EntityManager entityManager = SharedEntityManagerCreator
				.createSharedEntityManager(unit.entityManagerFactory());
			TransactionTemplate transaction = new TransactionTemplate(unit.transactionManager());
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> transaction.executeWithoutResult((status) -> {
					entityManager.remove(entityManager.find(ApiKey.class, key.getId()));
					entityManager.flush();
				}))
				.withStackTraceContaining("through the persistence context");
			assertThat(service.find(key.getId())).isPresent();
			service.close();
		}
	}

	@Test
	void writeWhenCallbacksOfEntitiesAreSwitchedOffThenRefusedAllTheSame() {
		try (PersistenceUnit unit = new PersistenceUnit(database(),
				Map.of("hibernate.hbm2ddl.auto", "create", "hibernate.jpa_callbacks.enabled", false),
				ApiKey.class.getPackageName()); JpaApiKeyService service = service(unit, "sha256")) {
			ApiKey key = service.create(NewApiKey.named("key")).apiKey();
			SessionFactory sessionFactory = unit.entityManagerFactory().unwrap(SessionFactory.class);
			for (Consumer<StatelessSession> write : List.<Consumer<StatelessSession>>of(
					(session) -> session.insert(key), (session) -> session.upsert(key),
					(session) -> session.delete(key))) {
				assertThatExceptionOfType(RuntimeException.class)
					.isThrownBy(() -> sessionFactory.inStatelessTransaction(write))
					.withStackTraceContaining("ApiKeyService");
			}
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> sessionFactory.inTransaction((session) -> {
					session.persist(MadeKey.empty());
					session.flush();
				}))
				.withStackTraceContaining("ApiKeyService");
			assertThat(service.find(key.getId())).isPresent();
		}
	}

	@Test
	void worksWhenIdentifiersAreQuoted() {
		assertThat(tablesAfterLife(Map.of("hibernate.globally_quoted_identifiers", true))).contains("PUBLIC.api_key");
	}

	@Test
	void worksWhenSchemaIsSet() {
		assertThat(tablesAfterLife(
				Map.of("hibernate.default_schema", "shop", "hibernate.hbm2ddl.create_namespaces", true)))
			.contains("SHOP.API_KEY", "SHOP.API_KEY_SCOPE", "SHOP.API_KEY_METADATA")
			.doesNotContain("PUBLIC.API_KEY");
	}

	@Test
	void worksWhenApplicationPrefersOtherTypes() {
		assertThat(tablesAfterLife(Map.of("hibernate.type.preferred_uuid_jdbc_type", "CHAR",
				"hibernate.type.preferred_instant_jdbc_type", "TIMESTAMP")))
			.contains("PUBLIC.API_KEY");
	}

	/**
	 * The shipped tables are the same for every application.
	 */
	@Test
	void shippedTablesFitWhenApplicationPrefersOtherTypes() {
		DataSource dataSource = database();
		Flyway.configure()
			.dataSource(dataSource)
			.locations("classpath:io/github/apikeys/core/migration/h2")
			.load()
			.migrate();
		JdbcTemplate jdbc = new JdbcTemplate(dataSource);
		jdbc.execute("create table tenant_api_key (id uuid not null primary key, tenant varchar(100))");
		jdbc.execute("create table application_api_key (id bigint not null primary key)");
		Map<String, Object> properties = Map.of("hibernate.hbm2ddl.auto", "validate",
				"hibernate.type.preferred_uuid_jdbc_type", "CHAR", "hibernate.type.preferred_instant_jdbc_type",
				"TIMESTAMP", "hibernate.jdbc.time_zone", "Asia/Kolkata");
		Instant end = Instant.parse("2999-12-31T23:30:00Z");
		try (PersistenceUnit unit = new PersistenceUnit(dataSource, properties, "io.github.apikeys.core");
				JpaApiKeyService service = service(unit)) {
			CreatedApiKey created = service.create(NewApiKey.named("key").notBefore(Instant.EPOCH).expiresAt(end));
			assertThat(expiresAt(jdbc)).isEqualTo(end);
			service.update(created.apiKey().getId(), (change) -> change.expiresAt(end.plusSeconds(60)));
			assertThat(expiresAt(jdbc)).isEqualTo(end.plusSeconds(60));
			assertThat(service.find(created.apiKey().getId())).get()
				.extracting(ApiKey::getExpiresAt)
				.isEqualTo(end.plusSeconds(60));
			assertThat(service.verify(created.token())).isPresent();
		}
	}

	@Test
	void keyIdWhenColumnIgnoresCaseThenStillExact() {
		DataSource dataSource = JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID() + ";IGNORECASE=TRUE", "sa",
				"");
		try (PersistenceUnit unit = new PersistenceUnit(dataSource, Map.of("hibernate.hbm2ddl.auto", "create-drop"),
				"io.github.apikeys.core"); JpaApiKeyService service = service(unit)) {
			service.create(NewApiKey.named("key"));
			unit.jdbc().update("update api_key set key_id = 'CaseSensitiv'");
			assertThat(service.findByKeyId("CaseSensitiv")).isPresent();
			assertThat(service.findByKeyId("casesensitiv")).isEmpty();
			assertThat(service.findByKeyId("CASESENSITIV")).isEmpty();
		}
	}

	@Test
	void ownerWhenColumnIgnoresCaseThenStillExact() {
		DataSource dataSource = JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID() + ";IGNORECASE=TRUE", "sa",
				"");
		ownersThatTheCollationTakesForOneAreTold(dataSource, "alice", "Alice", "ALICE");
	}

	/**
	 * As Hibernate makes tables in a database whose collation disregards case and
	 * accents.
	 */
	@Test
	@EnabledIf("io.github.apikeys.core.jpa.InstalledServer#hasMariaDb")
	void ownerWhenTheDatabaseIgnoresCaseAccentsAndBlanksThenStillExact() throws Exception {
		DataSource dataSource = new MariaDbDatabase().start();
		JdbcTemplate jdbc = new JdbcTemplate(dataSource);
		jdbc.execute("alter database `" + jdbc.queryForObject("select database()", String.class)
				+ "` character set utf8mb4 collate utf8mb4_general_ci");
		ownersThatTheCollationTakesForOneAreTold(dataSource, "alice", "Alice", "alice ", "al\u00edce");
	}

	private void ownersThatTheCollationTakesForOneAreTold(DataSource dataSource, String... owners) {
		try (PersistenceUnit unit = new PersistenceUnit(dataSource, Map.of("hibernate.hbm2ddl.auto", "create-drop"),
				"io.github.apikeys.core"); JpaApiKeyService service = service(unit)) {
			service.setMaxKeysPerOwner(1);
			service.setCache(10, Duration.ofSeconds(15));
			ApiKeyStore store = new ApiKeyStore(unit.entityManagerFactory());
			TransactionTemplate transaction = new TransactionTemplate(unit.transactionManager());
			Map<String, CreatedApiKey> keys = new LinkedHashMap<>();
			for (String owner : owners) {
				keys.put(owner, service.create(NewApiKey.named("key").owner(owner)));
			}
			keys.forEach((owner, key) -> {
				assertThat(service.list(ApiKeyQuery.all().owner(owner), Pageable.unpaged()).getContent())
					.containsExactly(key.apiKey());
				service.invalidateOwner(owner);
				// either of the owner or of the key
				assertThat(changes(transaction, store)).extracting(RecentChange::subject)
					.containsAnyOf(owner, key.apiKey().getKeyId());
			});
			keys.forEach((owner, key) -> {
				assertThat(service.verify(key.token())).isPresent();
				assertThat(service.revokeAll(owner, null)).isEqualTo(1);
				assertThat(service.verify(key.token())).isEmpty();
				assertThat(changes(transaction, store)).extracting(RecentChange::subject)
					.containsAnyOf(owner, key.apiKey().getKeyId());
			});
			assertThat(service.list(ApiKeyQuery.all().type("API_KEY"), Pageable.unpaged())).isEmpty();
		}
	}

	private static List<RecentChange> changes(TransactionTemplate transaction, ApiKeyStore store) {
		return transaction.execute((status) -> store.findChanged(Duration.ofSeconds(30), null).changes());
	}

	@ParameterizedTest
	@ValueSource(strings = { "Oracle", "MySQL", "PostgreSQL", "MSSQLServer", "DB2", "LEGACY" })
	void endOfKeysWhenH2ImitatesAnotherDatabase(String mode) {
		DataSource dataSource = JdbcConnectionPool
			.create("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;MODE=" + mode, "sa", "");
		try (PersistenceUnit unit = new PersistenceUnit(dataSource, Map.of("hibernate.hbm2ddl.auto", "create-drop"),
				"io.github.apikeys.core"); JpaApiKeyService service = service(unit)) {
			service.create(NewApiKey.named("key").owner("alice").scopes("a:b"));
			service.create(new TenantApiKey(), NewApiKey.named("key").owner("alice").metadata("a", "b"));
			service.disable(service.create(NewApiKey.named("key")).apiKey().getId());
			assertThat(service.revokeAll("alice", "all")).isEqualTo(2);
			service.setClock(Clock.offset(Clock.systemUTC(), Duration.ofDays(2)));
			unit.jdbc().update("update api_key set changed_at = '2026-01-01 00:00:00'");
			assertThat(service.purge(Duration.ofDays(1))).isEqualTo(2);
			assertThat(service.list(ApiKeyQuery.all(), Pageable.unpaged())).hasSize(1);
		}
	}

	@Test
	void createWhenEntityIsNotManagedThenSaysSo() {
		try (PersistenceUnit unit = new PersistenceUnit(database(), Map.of(), "io.github.apikeys.none")) {
			assertThatExceptionOfType(ApiKeyEntityNotManagedException.class).isThrownBy(() -> service(unit))
				.withMessageContaining("io.github.apikeys.core.ApiKey");
		}
	}

	@Test
	void verifyWhenDatabaseIsDownThenStoreException() {
		BreakableDataSource dataSource = new BreakableDataSource(database());
		try (PersistenceUnit unit = new PersistenceUnit(dataSource, Map.of("hibernate.hbm2ddl.auto", "create-drop"),
				"io.github.apikeys.core"); JpaApiKeyService service = service(unit)) {
			String token = service.create(NewApiKey.named("key")).token();
			dataSource.broken = true;
			assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> service.verify(token))
				.satisfies((ex) -> assertThat(ex).hasMessage("The API key store does not answer")
					.hasCauseInstanceOf(CannotCreateTransactionException.class));
			assertThat(service.verify("malformed")).isEmpty();
			dataSource.broken = false;
			assertThat(service.verify(token)).isPresent();
		}
	}

	@Test
	void verifyWhenTableIsGoneThenStoreException() {
		DataSource dataSource = database();
		try (PersistenceUnit unit = new PersistenceUnit(dataSource, Map.of("hibernate.hbm2ddl.auto", "create"),
				"io.github.apikeys.core"); JpaApiKeyService service = service(unit)) {
			String token = service.create(NewApiKey.named("key")).token();
			new JdbcTemplate(dataSource).execute("drop table api_key cascade");
			assertThatExceptionOfType(ApiKeyStoreException.class).isThrownBy(() -> service.verify(token));
		}
	}

	private static Instant expiresAt(JdbcTemplate jdbc) {
		return jdbc.queryForObject("select expires_at from api_key", OffsetDateTime.class).toInstant();
	}

	private List<String> tablesAfterLife(Map<String, Object> properties) {
		DataSource dataSource = database();
		Map<String, Object> all = new HashMap<>(properties);
		all.put("hibernate.hbm2ddl.auto", "create-drop");
		try (PersistenceUnit unit = new PersistenceUnit(dataSource, all, "io.github.apikeys.core");
				JpaApiKeyService service = service(unit);
				JpaApiKeyService peppered = service(unit, "hmac-sha256:p")) {
			CreatedApiKey created = service.create(NewApiKey.named("key").scopes("orders:read").metadata("a", "b"));
			UUID id = created.apiKey().getId();
			assertThat(service.verify(created.token())).isPresent();
			assertThat(peppered.verify(created.token())).isPresent();
			Awaitility.await()
				.untilAsserted(() -> assertThat(service.find(id)).get()
					.extracting("hash.value")
					.asString()
					.startsWith("{hmac-sha256:p}"));
			assertThat(service.update(id, (change) -> change.name("other")).getName()).isEqualTo("other");
			service.disable(id);
			service.enable(id);
			assertThat(service.list(ApiKeyQuery.all().scope("orders:read"), Pageable.unpaged())).hasSize(1);
			service.revoke(id);
			assertThatExceptionOfType(ApiKeyRevokedException.class).isThrownBy(() -> service.enable(id));
			assertThat(service.verify(created.token())).isEmpty();
			return unit.jdbc()
				.queryForList("select table_schema || '.' || table_name from information_schema.tables", String.class);
		}
	}

	private JpaApiKeyService service(PersistenceUnit unit) {
		return service(unit, "sha256");
	}

	private JpaApiKeyService service(PersistenceUnit unit, String scheme) {
		ApiKeyHashers hashers = new ApiKeyHashers(scheme,
				List.of(new Sha256ApiKeyHasher(), new HmacSha256ApiKeyHasher("p", new byte[32])));
		JpaApiKeyService service = unit.service(new ApiKeyTokenFormats(this.tokenFormat), hashers);
		service.setTenantsShareKeys(true);
		return service;
	}

	/**
	 * A pool, as applications have one: H2 evaluates the check constraint that Hibernate
	 * puts on a discriminator in the session that created the table, which must be open.
	 */
	private static DataSource database() {
		return JdbcConnectionPool.create("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");
	}

	private static final class Renaming extends PhysicalNamingStrategyStandardImpl {

		@Override
		public Identifier toPhysicalTableName(Identifier logicalName, JdbcEnvironment context) {
			return Identifier.toIdentifier("t_" + logicalName.getText() + "_x");
		}

		@Override
		public Identifier toPhysicalColumnName(Identifier logicalName, JdbcEnvironment context) {
			return Identifier.toIdentifier("c_" + logicalName.getText());
		}

	}

	private static final class BreakableDataSource extends AbstractDataSource {

		private final DataSource dataSource;

		private volatile boolean broken;

		BreakableDataSource(DataSource dataSource) {
			this.dataSource = dataSource;
		}

		@Override
		public Connection getConnection() throws SQLException {
			if (this.broken) {
				throw new SQLTransientConnectionException("Connection is not available");
			}
			return this.dataSource.getConnection();
		}

		@Override
		public Connection getConnection(String username, String password) throws SQLException {
			return getConnection();
		}

	}

}
