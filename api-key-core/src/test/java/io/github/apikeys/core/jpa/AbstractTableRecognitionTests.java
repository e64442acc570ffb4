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

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLFeatureNotSupportedException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.migration.ApiKeyTables;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.type.TenantApiKey;
import liquibase.integration.spring.SpringLiquibase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.data.domain.Pageable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tables are taken for those of a version only if its scripts made them.
 */
abstract class AbstractTableRecognitionTests {

	private TestDatabase database;

	private DataSource dataSource;

	abstract TestDatabase database();

	@BeforeEach
	void startDatabase() throws Exception {
		this.database = database();
		this.dataSource = this.database.start();
	}

	@AfterEach
	void stopDatabase() throws Exception {
		this.database.close();
	}

	@Test
	void noTablesThenNothingIsRecognised() throws Exception {
		assertThat(tables().getNames()).isEmpty();
		assertThat(tables().getVersion()).isNull();
		assertThat(tables().areMadeByHibernate()).isFalse();
	}

	@Test
	void tablesOfScriptsThenTheirVersionIsRecognised() throws Exception {
		script("V1__create_api_key_tables.sql");
		assertThat(tables().getDifferences()).singleElement().asString().contains("lacks: api_key column line_id ");
		assertThat(tables().getVersion()).isEqualTo("1");
		script("V2__add_line_of_successors.sql");
		assertThat(tables().getDifferences()).isEmpty();
		assertThat(tables().getVersion()).isEqualTo("2");
		assertThat(tables().areMadeByHibernate()).isFalse();
		assertThat(tables().getNames()).containsExactly("api_key", "api_key_event", "api_key_metadata", "api_key_owner",
				"api_key_scope", "api_key_usage", "api_key_usage_total");
	}

	/**
	 * As with connections of some transaction managers.
	 */
	@Test
	void connectionThatDoesNotKnowItsSchemaThenTheSameIsRecognised() throws Exception {
		script("V1__create_api_key_tables.sql");
		script("V2__add_line_of_successors.sql");
		try (Connection connection = this.dataSource.getConnection()) {
			Connection limited = (Connection) Proxy.newProxyInstance(getClass().getClassLoader(),
					new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
						if (method.getName().equals("getSchema") || method.getName().equals("getCatalog")) {
							throw new SQLFeatureNotSupportedException();
						}
						return method.invoke(connection, arguments);
					});
			assertThat(ApiKeyTables.read(limited, this.database.platform()).getVersion()).isEqualTo("2");
			assertThat(ApiKeyTables.exists(limited, this.database.platform(), "api_key_event")).isTrue();
			assertThat(ApiKeyTables.exists(limited, this.database.platform(), "api_key_schema_history")).isFalse();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "create table other (id varchar(10)); drop table api_key_scope",
			"alter table api_key add column note varchar(10)", "create index idx_theirs on api_key (name)",
			"drop table api_key_usage_total; create table api_key_usage_total (usage_day date not null primary key, "
					+ "requests bigint not null, refusals integer not null)",
			"alter table api_key_owner add constraint locks_positive check (locks >= 0)" })
	void tablesThatSomebodyChangedThenNotRecognised(String change) throws Exception {
		script("V1__create_api_key_tables.sql");
		script("V2__add_line_of_successors.sql");
		for (String statement : change.split("; ")) {
			jdbc().execute(statement);
		}
		assertThat(tables().getVersion()).isNull();
		assertThat(tables().areMadeByHibernate()).isFalse();
		assertThat(tables().getDifferences()).isNotEmpty();
	}

	@Test
	void tableOfSomebodyElseThenNotRecognised() throws Exception {
		jdbc().execute("create table api_key (id bigint not null primary key, owner varchar(255))");
		assertThat(tables().getNames()).containsExactly("api_key");
		assertThat(tables().getVersion()).isNull();
		assertThat(tables().areMadeByHibernate()).isFalse();
	}

	@Test
	void changelogOfLiquibaseThenTablesAreThoseOfTheScripts() throws Exception {
		for (int start = 0; start < 2; start++) {
			changelog();
			assertThat(tables().getDifferences()).isEmpty();
			assertThat(tables().getVersion()).isEqualTo("2");
		}
		assertKeysWork();
	}

	@Test
	void changelogOfLiquibaseWhenScriptsHaveRunThenItGoesOnFromThere() throws Exception {
		script("V1__create_api_key_tables.sql");
		changelog();
		assertThat(tables().getVersion()).isEqualTo("2");
		assertThat(jdbc().queryForList("select exectype from DATABASECHANGELOG order by orderexecuted", String.class))
			.containsExactly("EXECUTED", "MARK_RAN", "EXECUTED");
	}

	/**
	 * Most databases keep what a change set did before it failed.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "create table api_key (id bigint not null primary key, label varchar(50))",
			"create table api_key (number bigint not null primary key)",
			"create table api_key (key_id varchar(50), hash varchar(50), predecessor_id bigint, successor_id bigint)",
			"create table api_key_usage (api_key_id bigint, usage_day date)",
			"create table api_key_owner (theirs varchar(50))" })
	void changelogOfLiquibaseWhenATableIsSomebodyElsesThenNothingIsChanged(String theirs) throws Exception {
		jdbc().execute(theirs);
		List<String> before = tables().getDifferences();
		for (int start = 0; start < 2; start++) {
			assertThatException().isThrownBy(this::changelog).withMessageContaining("rename them");
			assertThat(tables().getDifferences()).isEqualTo(before);
		}
		assertThat(tables().getNames()).containsExactly(theirs.split(" ")[2]);
	}

	@Test
	void changelogOfLiquibaseWhenScriptsStoppedOnTheWayThenNothingIsAdded() throws Exception {
		script("V1__create_api_key_tables.sql");
		jdbc().execute("drop table api_key_owner");
		assertThatException().isThrownBy(this::changelog).withMessageContaining("scripts of ours that failed");
		assertThat(tables().getDifferences()).anyMatch((difference) -> difference.contains(" line_id "));
	}

	private void changelog() throws Exception {
		SpringLiquibase liquibase = new SpringLiquibase();
		liquibase.setDataSource(this.dataSource);
		liquibase.setResourceLoader(new DefaultResourceLoader());
		liquibase.setChangeLog("classpath:io/github/apikeys/core/migration/liquibase/changelog.xml");
		liquibase.afterPropertiesSet();
	}

	private void assertKeysWork() {
		jdbc().execute("create table tenant_api_key (id " + this.database.uuidType()
				+ " not null primary key references api_key (id), tenant varchar(100))");
		jdbc().execute("create table application_api_key (id bigint not null primary key)");
		try (PersistenceUnit unit = unit("validate"); JpaApiKeyService service = service(unit)) {
			assertThat(service.verify(service.create(NewApiKey.named("key")).token())).isPresent();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "create", "update" })
	void tablesOfHibernateThenRecognisedAndConverted(String ddlAuto) throws Exception {
		String token;
		unit(ddlAuto).close();
		try (PersistenceUnit unit = unit("update"); JpaApiKeyService service = service(unit)) {
			token = service
				.create(NewApiKey.named("key").owner("alice").scopes("orders:read").metadata("team", "finance"))
				.token();
			service.create(new TenantApiKey(), NewApiKey.named("other"));
		}
		assertThat(tables().areMadeByHibernate()).isTrue();
		assertThat(tables().getVersion()).isNull();
		script("from-hibernate.sql");
		assertThat(tables().getDifferences()).isEmpty();
		assertThat(tables().getVersion()).isEqualTo("2");
		try (PersistenceUnit unit = unit("validate"); JpaApiKeyService service = service(unit)) {
			ApiKey key = service.find(service.verify(token).orElseThrow().id()).orElseThrow();
			assertThat(key.getScopes()).containsExactly("orders:read");
			assertThat(key.getMetadata()).isEqualTo(Map.of("team", "finance"));
			service.create(NewApiKey.named("next"));
			assertThat(service.list(ApiKeyQuery.all(), Pageable.unpaged())).hasSize(3);
			assertThat(service.revokeAll("alice", null)).isEqualTo(1);
			assertThat(service.verify(token)).isEmpty();
		}
	}

	@Test
	void tablesWhenIndexesHaveOtherNamesThenHibernateDidNotMakeThem() throws Exception {
		unit("update").close();
		jdbc().execute("create index ix_of_the_house on api_key (changed_at)");
		assertThat(tables().areMadeByHibernate()).isFalse();
		assertThat(tables().getVersion()).isNull();
	}

	private PersistenceUnit unit(String ddlAuto) {
		return new PersistenceUnit(this.dataSource, Map.of("hibernate.hbm2ddl.auto", ddlAuto),
				"io.github.apikeys.core");
	}

	private static JpaApiKeyService service(PersistenceUnit unit) {
		return unit.service(new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of())),
				new ApiKeyHashers("sha256", List.of(new Sha256ApiKeyHasher())));
	}

	private ApiKeyTables tables() throws Exception {
		try (Connection connection = this.dataSource.getConnection()) {
			return ApiKeyTables.read(connection, this.database.platform());
		}
	}

	private void script(String name) {
		new ResourceDatabasePopulator(
				new ClassPathResource("io/github/apikeys/core/migration/" + this.database.platform() + "/" + name))
			.execute(this.dataSource);
	}

	private JdbcTemplate jdbc() {
		return new JdbcTemplate(this.dataSource);
	}

}
