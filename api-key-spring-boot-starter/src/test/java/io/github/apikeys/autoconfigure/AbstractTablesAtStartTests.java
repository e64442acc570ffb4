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
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import io.github.apikeys.core.jpa.InstalledServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Databases that keep what a script did before it failed, and that say in their own way
 * what is missing and what is not allowed.
 */
@ExtendWith(OutputCaptureExtension.class)
abstract class AbstractTablesAtStartTests {

	private static final String[] TABLES = { "api_key", "api_key_event", "api_key_metadata", "api_key_owner",
			"api_key_scope", "api_key_usage", "api_key_usage_total" };

	private final InstalledServer server;

	private final String platform;

	private final String product;

	private final AtomicReference<ConfigurableApplicationContext> started = new AtomicReference<>();

	@TempDir
	private Path migrations;

	private String url;

	private String database;

	AbstractTablesAtStartTests(InstalledServer server, String platform, String product) {
		this.server = server;
		this.platform = platform;
		this.product = product;
	}

	@BeforeEach
	void createDatabase() throws Exception {
		this.url = this.server.createDatabase();
		this.database = this.url.substring(this.url.lastIndexOf('/') + 1);
		jdbc().execute("create user " + tenant() + "@localhost");
	}

	@Test
	void tablesWhenNobodyCreatesThemThenThreeWaysOut() {
		withoutFlyway().run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains("missing: api_key, api_key_event, api_key_metadata")
				.contains(this.product + ", database '" + this.database + "'")
				.contains("there is no Flyway");
			assertThat(advice.getAction()).contains("org.springframework.boot:spring-boot-starter-flyway")
				.contains("org.flywaydb:flyway-mysql")
				.contains("'api-key.database.initialize-schema=always'")
				.contains("migration/" + this.platform + "/V1__create_api_key_tables.sql and ")
				.contains("'classpath:io/github/apikeys/core/migration/liquibase/changelog.xml'");
		});
	}

	@Test
	void scriptsAlwaysThenTablesWorkAtEachStart() {
		WebApplicationContextRunner application = withoutFlyway()
			.withPropertyValues("api-key.database.initialize-schema=always", "spring.jpa.hibernate.ddl-auto=validate");
		application.run(TablesAtStartTests::assertKeysWork);
		application.run(TablesAtStartTests::assertKeysWork);
	}

	@Test
	void flywayThenTablesComeAfterThoseOfTheApplication() throws IOException {
		Files.writeString(this.migrations.resolve("V1__create_customer.sql"), "create table customer (id bigint);");
		application().run(TablesAtStartTests::assertKeysWork);
		application().run(TablesAtStartTests::assertKeysWork);
		assertThat(history()).containsExactly("0 BASELINE", "1 SQL", "2 SQL");
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2 })
	void tablesOfScriptsThenFlywayTakesThemOver(int version) {
		script("V1__create_api_key_tables.sql");
		if (version == 2) {
			script("V2__add_line_of_successors.sql");
		}
		application().run(TablesAtStartTests::assertKeysWork);
		assertThat(history()).startsWith(version + " BASELINE");
		assertThat(history().get(history().size() - 1)).startsWith("2 ");
	}

	@Test
	void tablesOfTheFirstVersionThenTheUpgradeIsNamed() {
		script("V1__create_api_key_tables.sql");
		withoutFlyway().run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains("of an earlier version: api_key lacks [line_id]");
			assertThat(advice.getAction()).contains(this.platform + "/V2__add_line_of_successors.sql");
		});
	}

	/**
	 * What a script does is never undone here.
	 */
	@Test
	void tableOfSomebodyElseThenNothingIsCreated() {
		jdbc().execute("create table api_key_usage (id bigint primary key, label varchar(50))");
		jdbc().execute("insert into api_key_usage values (1, 'theirs')");
		application().run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis advice = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(advice).isNotNull();
			assertThat(advice.getDescription()).contains("that we did not create: [api_key_usage]");
		});
		withoutFlyway().withPropertyValues("api-key.database.initialize-schema=always")
			.run((context) -> assertThat(advice(context)).isNotNull());
		assertThat(jdbc().queryForList("select * from api_key_usage"))
			.containsExactly(Map.of("id", 1L, "label", "theirs"));
		assertThat(jdbc().queryForList(
				"select table_name from information_schema.tables where table_schema = database() and table_name like 'api%'",
				String.class))
			.containsExactly("api_key_usage");
	}

	@Test
	void tablesWhenTheUserMayNotCreateThemThenTheAdviceNamesTheRight() {
		grant("select, insert, update, delete", "*");
		asTenant(withoutFlyway()).withPropertyValues("api-key.database.initialize-schema=always").run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains("cannot be created").contains("as user '" + tenant());
			assertThat(advice.getAction()).contains("has no right to create tables")
				.contains("'spring.flyway.user'")
				.contains(this.platform + "/V1__create_api_key_tables.sql");
		});
	}

	@Test
	void tablesThatMayNotBeReadThenTheGrantIsNamed() {
		scripts();
		jdbc().execute("create table customer (id bigint)");
		grant("select", "customer");
		asTenant(withoutFlyway()).run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains("may not be read: api_key, ").contains("as user '" + tenant());
			assertThat(advice.getAction()).contains("Grant select, insert, update and delete on api_key, ")
				.contains("grant the rights on the whole schema");
		});
		for (String table : TABLES) {
			grant("select, insert, update, delete", table);
		}
		asTenant(withoutFlyway()).run(TablesAtStartTests::assertKeysWork);
	}

	/**
	 * A user without any right on a table is told the same whether it is there or not.
	 */
	@Test
	void tablesThatTheUserCannotSeeThenTheyMayBeMissing() {
		jdbc().execute("create table customer (id bigint)");
		grant("select", "customer");
		asTenant(withoutFlyway()).run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains("may not be read: api_key, ");
			assertThat(advice.getAction()).contains("If they are not there")
				.contains(this.platform + "/V1__create_api_key_tables.sql");
		});
	}

	@Test
	void tablesThatMayNotBeReadInPartThenTheGrantIsNamed() {
		scripts();
		for (String table : TABLES) {
			grant("api_key".equals(table) ? "select (id, key_id), insert, update, delete"
					: "select, insert, update, delete", table);
		}
		asTenant(withoutFlyway())
			.run((context) -> assertThat(advice(context).getDescription()).contains("may not be read: api_key ("));
	}

	@Test
	void tablesThatMayNotBeWrittenThenOneWarning(CapturedOutput output) {
		scripts();
		grant("select", "*");
		grant("insert, update, delete", "api_key_scope");
		asTenant(withoutFlyway()).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output)
				.containsOnlyOnce("has no right to insert, update or delete rows of "
						+ "[api_key, api_key_event, api_key_metadata, api_key_owner, api_key_usage")
				.contains("User '" + tenant());
		});
	}

	private void grant(String rights, String table) {
		jdbc().execute("grant " + rights + " on " + this.database + "." + table + " to " + tenant() + "@localhost");
	}

	private String tenant() {
		return "tenant_of_" + this.database;
	}

	private List<String> history() {
		return jdbc().queryForList("select concat(version, ' ', type) from api_key_schema_history "
				+ "where version is not null order by installed_rank", String.class);
	}

	private WebApplicationContextRunner application() {
		return HostRunner.bare()
			.withUserConfiguration(TablesAtStartTests.KeysOnly.class)
			.withInitializer(this.started::set)
			.withPropertyValues("spring.datasource.url=" + this.url, "spring.datasource.username=root",
					"spring.datasource.hikari.maximum-pool-size=4", "spring.flyway.baseline-on-migrate=true",
					"spring.flyway.locations=filesystem:" + this.migrations);
	}

	private WebApplicationContextRunner withoutFlyway() {
		return application().withClassLoader(new FilteredClassLoader("org.flywaydb"));
	}

	private WebApplicationContextRunner asTenant(WebApplicationContextRunner application) {
		return application.withPropertyValues("spring.datasource.username=" + tenant());
	}

	private JdbcTemplate jdbc() {
		return new JdbcTemplate(dataSource());
	}

	private DataSource dataSource() {
		return new DriverManagerDataSource(this.url, "root", "");
	}

	private void scripts() {
		script("V1__create_api_key_tables.sql");
		script("V2__add_line_of_successors.sql");
	}

	private void script(String name) {
		new ResourceDatabasePopulator(
				new ClassPathResource("io/github/apikeys/core/migration/" + this.platform + "/" + name))
			.execute(dataSource());
	}

	private FailureAnalysis advice(AssertableWebApplicationContext context) {
		return TablesAtStartTests.advice(context, this.started.get());
	}

}
