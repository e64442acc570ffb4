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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.flywaydb.core.Flyway;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that migrates as one user of PostgreSQL, for a role that owns the
 * tables, and runs as another.
 */
class HostDatabaseRolesTests {

	private static EmbeddedPostgres server;

	private final JdbcTemplate administrator = new JdbcTemplate(server.getPostgresDatabase());

	@TempDir
	private Path migrations;

	@BeforeAll
	static void startServer() throws IOException {
		server = EmbeddedPostgres.start();
		JdbcTemplate administrator = new JdbcTemplate(server.getPostgresDatabase());
		administrator.execute("create role app_owner");
		administrator.execute("create role app_deployer login in role app_owner");
		administrator.execute("create role other_deployer login in role app_owner");
		administrator.execute("create role app_runtime login");
	}

	@AfterAll
	static void stopServer() throws IOException {
		server.close();
	}

	@BeforeEach
	void createDatabase() throws IOException {
		this.administrator.execute("drop database if exists shop with (force)");
		this.administrator.execute("create database shop");
		inShop().execute("grant usage, create on schema public to app_owner");
		migration("V1__create_customer.sql",
				Files.readString(Path.of("src/test/resources/db/migration/V1__create_customer.sql")));
	}

	@Test
	void deployersThenTablesBelongToTheOwnerAndTheRunTimeUserUsesKeys() throws IOException {
		migration("V0__privileges.sql", statementOfTheGuide());
		application("app_deployer").run((context) -> {
			assertThat(context).hasNotFailed();
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			String token = apiKeys.create(NewApiKey.named("client").scopes("orders:read")).token();
			assertThat(apiKeys.verify(token)).isPresent();
			apiKeys.revoke(apiKeys.verify(token).orElseThrow().id(), "left");
			assertThat(apiKeys.verify(token)).isEmpty();
		});
		assertThat(inShop().queryForList("select distinct tableowner from pg_tables where schemaname = 'public'",
				String.class))
			.containsExactly("app_owner");
		assertThat(inShop().queryForList("select tablename from pg_tables where schemaname = 'public'", String.class))
			.contains("api_key", "api_key_event", "api_key_usage_total", "api_key_schema_history");
		application("other_deployer").run((context) -> assertThat(context).hasNotFailed());
	}

	/**
	 * Its first migrations have run long ago, and may not be edited.
	 */
	@Test
	void applicationThatHasRunBeforeThenANewMigrationIsInTimeForOurTables() throws IOException {
		Flyway.configure()
			.dataSource(server.getJdbcUrl("app_deployer", "shop"), "app_deployer", "any")
			.initSql("SET ROLE app_owner")
			.locations("filesystem:" + this.migrations)
			.load()
			.migrate();
		inShop().execute("grant select, insert, update, delete on all tables in schema public to app_runtime");
		migration("V7__privileges.sql", statementOfTheGuide());
		application("app_deployer").run((context) -> {
			assertThat(context).hasNotFailed();
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client")).token())).isPresent();
		});
	}

	@Test
	void lockOfTheApplicationsFlywayThenOurs() throws IOException {
		migration("V0__privileges.sql", statementOfTheGuide());
		for (boolean transactional : List.of(true, false)) {
			application("app_deployer")
				.withPropertyValues("spring.flyway.postgresql.transactional-lock=" + transactional)
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(ApiKeySchemaMigrator
						.configuration(context.getBean(Flyway.class).getConfiguration(), "postgresql")
						.getConfigurationExtension(PostgreSQLConfigurationExtension.class)
						.isTransactionalLock()).isEqualTo(transactional);
				});
		}
	}

	@Test
	void withoutRightsOfTheRunTimeUserThenTheStartSaysSo() {
		AtomicReference<ConfigurableApplicationContext> started = new AtomicReference<>();
		application("app_deployer").withInitializer(started::set).run((context) -> {
			assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(ApiKeyTablesException.class)
				.hasMessageContaining("may not be read: api_key, ")
				.hasMessageContaining("as user 'app_runtime'");
			FailureAnalysis advice = new ApiKeyTablesFailureAnalyzer(started.get().getBeanFactory(),
					started.get().getEnvironment())
				.analyze(context.getStartupFailure());
			assertThat(advice).isNotNull();
			assertThat(advice.getAction()).contains("in a new migration").doesNotContain("changelog");
		});
	}

	/**
	 * A callback of the application's comes before our tables, but is there at the next
	 * start.
	 */
	@Test
	void rightsAfterTheMigrationsOfTheApplicationThenFromTheSecondStartOn() throws IOException {
		migration("afterMigrate.sql",
				"grant select, insert, update, delete on all tables in schema public to app_runtime;");
		application("app_deployer")
			.run((context) -> assertThat(context).getFailure().rootCause().isInstanceOf(ApiKeyTablesException.class));
		application("app_deployer").run((context) -> assertThat(context).hasNotFailed());
	}

	private WebApplicationContextRunner application(String deployer) {
		return HostRunner.application()
			.withPropertyValues("spring.datasource.url=" + server.getJdbcUrl("app_runtime", "shop"),
					"spring.datasource.username=app_runtime", "spring.datasource.password=any",
					"spring.flyway.url=" + server.getJdbcUrl(deployer, "shop"), "spring.flyway.user=" + deployer,
					"spring.flyway.password=any", "spring.flyway.init-sqls=SET ROLE app_owner",
					"spring.flyway.locations=filesystem:" + this.migrations);
	}

	private void migration(String name, String sql) throws IOException {
		Files.writeString(this.migrations.resolve(name), sql);
	}

	private static String statementOfTheGuide() throws IOException {
		return Files.readAllLines(Path.of("../docs/guide/tables.md"))
			.stream()
			.filter((line) -> line.startsWith("alter default privileges"))
			.findFirst()
			.orElseThrow();
	}

	private static JdbcTemplate inShop() {
		return new JdbcTemplate(server.getDatabase("postgres", "shop"));
	}

}
