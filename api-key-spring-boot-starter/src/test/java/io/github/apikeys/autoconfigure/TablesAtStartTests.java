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
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.sql.DataSource;

import io.github.apikeys.autoconfigure.ApiKeyProperties.Database.SchemaInitialization;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.persistence.EntityManagerFactory;
import net.bytebuddy.ByteBuddy;
import org.flywaydb.core.Flyway;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.model.naming.PhysicalNamingStrategySnakeCaseImpl;
import org.hibernate.boot.model.relational.Namespace;
import org.hibernate.boot.model.relational.Sequence;
import org.hibernate.boot.registry.StandardServiceRegistry;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.mapping.Table;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.hibernate.tool.schema.internal.DefaultSchemaFilterProvider;
import org.hibernate.tool.schema.spi.SchemaFilter;
import org.hibernate.tool.schema.spi.SchemaManagementToolCoordinator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.SpringProperties;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever creates the tables, an application starts with tables that work, or says what
 * is wrong with them and what the ways out are.
 */
@ExtendWith(OutputCaptureExtension.class)
class TablesAtStartTests {

	private static final AtomicInteger DATABASES = new AtomicInteger();

	private static EmbeddedPostgres server;

	private final AtomicReference<ConfigurableApplicationContext> started = new AtomicReference<>();

	private String database;

	@BeforeAll
	static void startServer() throws IOException {
		server = EmbeddedPostgres.start();
		new JdbcTemplate(server.getPostgresDatabase()).execute("create role tenant login");
	}

	@AfterAll
	static void stopServer() throws IOException {
		server.close();
	}

	@BeforeEach
	void createDatabase() {
		this.database = "shop_" + DATABASES.incrementAndGet();
		new JdbcTemplate(server.getPostgresDatabase()).execute("create database " + this.database);
	}

	/**
	 * Ways to leave the tables out, and what the advice says of each.
	 */
	enum WithoutTables {

		NO_FLYWAY("there is no Flyway"),

		FLYWAY_THAT_NOTHING_RUNS("spring-boot-starter-flyway"),

		FLYWAY_DISABLED("'spring.flyway.enabled' is false", "spring.flyway.enabled=false"),

		FLYWAY_NOT_FOR_KEYS("'api-key.database.flyway.enabled' is false", "api-key.database.flyway.enabled=false"),

		TWO_FLYWAYS("2 beans of type Flyway"),

		LIQUIBASE_THAT_NOTHING_RUNS("spring-boot-starter-liquibase"),

		SCRIPTS_NEVER("there is no Flyway", "api-key.database.initialize-schema=never");

		private final String cause;

		private final String[] properties;

		WithoutTables(String cause, String... properties) {
			this.cause = cause;
			this.properties = properties;
		}

		WebApplicationContextRunner in(WebApplicationContextRunner application) {
			WebApplicationContextRunner runner = application.withPropertyValues(this.properties);
			return switch (this) {
				case NO_FLYWAY, SCRIPTS_NEVER -> runner.withClassLoader(new FilteredClassLoader("org.flywaydb"));
				case FLYWAY_THAT_NOTHING_RUNS ->
					runner.withPropertyValues("spring.autoconfigure.exclude=" + FlywayAutoConfiguration.class.getName())
						.withClassLoader(new FilteredClassLoader(FlywayAutoConfiguration.class));
				case LIQUIBASE_THAT_NOTHING_RUNS -> runner.withClassLoader(withLiquibase());
				case TWO_FLYWAYS -> runner.withUserConfiguration(TwoFlyways.class);
				default -> runner;
			};
		}

		private static ClassLoader withLiquibase() {
			return new ByteBuddy().subclass(Object.class)
				.name("liquibase.integration.spring.SpringLiquibase")
				.make()
				.load(new FilteredClassLoader("org.flywaydb"))
				.getLoaded()
				.getClassLoader();
		}

	}

	@ParameterizedTest
	@EnumSource
	void tablesWhenNobodyCreatesThemThenCauseAndThreeWaysOut(WithoutTables host) {
		host.in(application()).run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains(host.cause);
			assertThreeWaysOut(advice);
		});
	}

	/**
	 * The thread that starts the application need not have a tenant, and so no tables.
	 */
	@Test
	void tablesWhenTenantsMayHaveTheirOwnThenOneWarningWithCauseAndThreeWaysOut(CapturedOutput output) {
		WebApplicationContextRunner application = withoutFlyway()
			.withPropertyValues("spring.jpa.properties.hibernate.session_factory.statement_inspector="
					+ NothingChanged.class.getName());
		application.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce("missing: api_key, api_key_event, api_key_metadata")
				.contains("WARN")
				.contains("there is no Flyway")
				.contains("org.springframework.boot:spring-boot-starter-flyway")
				.contains("'api-key.database.initialize-schema=always'");
		});
		script("V1__create_api_key_tables.sql");
		application.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce("of an earlier version: api_key lacks [line_id]")
				.contains("Run the scripts with a later number");
		});
		application.withPropertyValues("api-key.database.tenants-share-keys=true")
			.run((context) -> assertThat(advice(context).getDescription()).contains("of an earlier version"));
	}

	@Test
	void tablesWhenTheApplicationBuildsTheServiceThenOneWarningWithCauseAndThreeWaysOut(CapturedOutput output) {
		withoutFlyway().withUserConfiguration(HostPersistenceTests.SelfBuiltService.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce("missing: api_key, api_key_event, api_key_metadata")
				.contains("The bean 'selfBuilt' may store API keys elsewhere")
				.contains("org.springframework.boot:spring-boot-starter-flyway");
		});
	}

	@Test
	void databaseWhenTheThreadOfTheStartHasNoTenantThenTheApplicationStarts(CapturedOutput output) {
		withoutFlyway().withUserConfiguration(WithoutTenantNoDatabase.class)
			.withPropertyValues("api-key.database.initialize-schema=never", "spring.jpa.hibernate.ddl-auto=none",
					"spring.jpa.database-platform=org.hibernate.dialect.PostgreSQLDialect",
					"spring.jpa.properties.hibernate.boot.allow_jdbc_metadata_access=false")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output).contains("It is not known whether the tables of API keys can be used")
					.contains("Cannot determine target DataSource");
			});
	}

	@Test
	void tablesWhenHibernateValidatesThemThenThreeWaysOut() {
		withoutFlyway().withPropertyValues("spring.jpa.hibernate.ddl-auto=validate")
			.run((context) -> assertThreeWaysOut(advice(context)));
	}

	/**
	 * The persistence unit is where scripts and Flyway would create them.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "none", "validate" })
	void tablesWhenThereIsAnotherDataSourceThenCauseAndThreeWaysOutAllTheSame(String ddlAuto) {
		withoutFlyway().withUserConfiguration(TwoDataSources.class)
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=" + ddlAuto)
			.run((context) -> {
				FailureAnalysis advice = advice(context);
				assertThat(advice.getDescription()).contains("there is no Flyway");
				assertThreeWaysOut(advice);
			});
	}

	/**
	 * As ahead-of-time processing leaves it: the conditions are those of the build.
	 */
	@Test
	void tablesWhenASettingCameAfterTheBuildThenTheBuildIsNamed() {
		application().withPropertyValues("spring.flyway.enabled=false", "api-key.database.initialize-schema=never")
			.run((context) -> {
				assertThat(context).hasFailed();
				MockEnvironment environment = new MockEnvironment().withProperty("api-key.database.initialize-schema",
						"always");
				ApiKeyTablesFailureAnalyzer analyzer = new ApiKeyTablesFailureAnalyzer(
						this.started.get().getBeanFactory(), environment);
				SpringProperties.setFlag("spring.aot.enabled");
				try {
					FailureAnalysis advice = analyzer.analyze(context.getStartupFailure());
					assertThat(advice.getDescription()).contains("'api-key.database.initialize-schema' is 'always'")
						.contains("when the application was built");
					assertThat(advice.getAction()).contains("build");
				}
				finally {
					SpringProperties.setProperty("spring.aot.enabled", null);
				}
				FailureAnalysis advice = analyzer.analyze(context.getStartupFailure());
				assertThat(advice.getDescription()).doesNotContain("built");
			});
	}

	private void assertThreeWaysOut(FailureAnalysis advice) {
		assertThat(advice.getDescription()).contains("missing: api_key, api_key_event, api_key_metadata")
			.contains("PostgreSQL, database '" + this.database + "', schema 'public', as user 'postgres'");
		assertThat(advice.getAction()).contains("org.springframework.boot:spring-boot-starter-flyway")
			.contains("org.flywaydb:flyway-database-postgresql")
			.contains("'api-key.database.initialize-schema=always'")
			.contains("io/github/apikeys/core/migration/postgresql/V1__create_api_key_tables.sql and "
					+ "io/github/apikeys/core/migration/postgresql/V2__add_line_of_successors.sql")
			.contains("'classpath:io/github/apikeys/core/migration/liquibase/changelog.xml'");
	}

	@Test
	void scriptsAlwaysThenTablesWork() {
		withoutFlyway()
			.withPropertyValues("api-key.database.initialize-schema=always", "spring.jpa.hibernate.ddl-auto=validate")
			.run(TablesAtStartTests::assertKeysWork);
	}

	/**
	 * As behind a pool of connections on the server, or with a pool that leaves commits
	 * to the application.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "spring.datasource.hikari.data-source-properties.prepareThreshold=0",
			"spring.datasource.hikari.data-source-properties.preferQueryMode=simple",
			"spring.datasource.hikari.data-source-properties.currentSchema=app",
			"spring.datasource.hikari.auto-commit=false" })
	void settingsOfTheDriverOrThePoolThenTablesWorkAndChangesStay(String setting) {
		jdbc().execute("create schema app");
		WebApplicationContextRunner application = withoutFlyway().withPropertyValues(setting,
				"api-key.database.initialize-schema=always");
		AtomicReference<String> token = new AtomicReference<>();
		application.run((context) -> {
			assertKeysWork(context);
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			CreatedApiKey created = apiKeys.create(NewApiKey.named("revoked"));
			apiKeys.revoke(created.apiKey().getId());
			token.set(created.token());
		});
		String schema = setting.endsWith("=app") ? "app" : "public";
		assertThat(jdbc().queryForObject("select count(*) from " + schema + ".api_key where revoked_at is not null",
				Integer.class))
			.isEqualTo(1);
		application.run((context) -> {
			assertKeysWork(context);
			assertThat(context.getBean(JpaApiKeyService.class).verify(token.get())).isEmpty();
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void scriptsWhenTheRoleMayNotCreateThenTheStartFails(boolean continueOnError) {
		withoutFlyway()
			.withPropertyValues("spring.datasource.url=" + server.getJdbcUrl("tenant", this.database),
					"spring.datasource.username=tenant", "api-key.database.initialize-schema=always")
			.withPropertyValues(
					continueOnError ? new String[] { "api-key.database.continue-on-error=true" } : new String[0])
			.run((context) -> {
				FailureAnalysis advice = advice(context);
				assertThat(advice.getDescription()).contains("as user 'tenant'")
					.contains(continueOnError ? "are missing" : "cannot be created");
				assertThat(advice.getAction()).contains("postgresql/V1__create_api_key_tables.sql");
			});
	}

	@Test
	void tablesOfTheFirstVersionThenTheUpgradeIsNamed() {
		script("V1__create_api_key_tables.sql");
		withoutFlyway().run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains("of an earlier version: api_key lacks [line_id]");
			assertThat(advice.getAction()).contains("V2__add_line_of_successors.sql");
		});
		script("V2__add_line_of_successors.sql");
		withoutFlyway().run(TablesAtStartTests::assertKeysWork);
	}

	@Test
	void tablesWhenHibernateCallsThemOtherwiseThenItsNamesAreNamed() {
		withoutFlyway()
			.withPropertyValues("api-key.database.initialize-schema=always",
					"spring.jpa.properties.hibernate.default_schema=app")
			.run((context) -> {
				FailureAnalysis advice = advice(context);
				assertThat(advice.getDescription()).contains("missing: app.api_key").contains("default schema");
				assertThat(advice.getAction()).contains("app.api_key").contains("postgresql/V1__");
			});
	}

	@Test
	void tablesThatMayNotBeReadThenTheGrantIsNamed() {
		script("V1__create_api_key_tables.sql");
		script("V2__add_line_of_successors.sql");
		asTenant().run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains("may not be read: api_key, ").contains("as user 'tenant'");
			assertThat(advice.getAction()).contains("alter default privileges")
				.contains("'tenant'")
				.contains("tables that are there")
				.contains("in a new migration")
				.contains("after our changelog or scripts");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "none", "validate", "update" })
	void tablesThatMayNotBeWrittenThenOneWarning(String ddlAuto, CapturedOutput output) {
		script("V1__create_api_key_tables.sql");
		script("V2__add_line_of_successors.sql");
		jdbc().execute("grant select on all tables in schema public to tenant");
		jdbc().execute("grant insert, update, delete on api_key_scope to tenant");
		asTenant().withPropertyValues("spring.jpa.hibernate.ddl-auto=" + ddlAuto).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce("User 'tenant' has no right to insert, update or delete rows of "
					+ "[api_key, api_key_event, api_key_metadata, api_key_owner");
		});
	}

	/**
	 * Its errors have states that mean something else in databases that are known.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "none", "validate", "create-drop" })
	void databaseThatIsNotKnownThenOneTrueSentence(String ddlAuto, CapturedOutput output) {
		HostRunner.withoutFlyway()
			.withUserConfiguration(WithUnknownDatabase.class)
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=" + ddlAuto, "api-key.database.initialize-schema=never",
					// its connections are those of a class of the test
					"api-key.database.tenants-share-keys=true",
					"spring.jpa.database-platform=org.hibernate.dialect.H2Dialect",
					"spring.jpa.properties.hibernate.hbm2ddl.schema_filter_provider=" + NothingAtAll.class.getName())
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output)
					.containsOnlyOnce("It is not known whether the tables of API keys can be used, because nothing is "
							+ "known about this database (Oracle")
					.doesNotContain("did not say");
			});
	}

	/**
	 * Some drivers write a warning for each statement that fails.
	 */
	@Test
	void tablesOfScriptsThenNoStatementNamesATableThatIsNotThere() {
		script("V1__create_api_key_tables.sql");
		script("V2__add_line_of_successors.sql");
		List<String> statements = new CopyOnWriteArrayList<>();
		withoutFlyway().withPropertyValues("api-key.database.tenants-share-keys=true")
			.withInitializer((context) -> context.getBeanFactory()
				.addBeanPostProcessor(new SpyingPostProcessor(statements::add, null)))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(statements).isNotEmpty().noneMatch((sql) -> sql.contains("api_key_schema_history"));
			});
	}

	/**
	 * {@code Frob} is a database that Spring Boot does not know either.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "Oracle", "Microsoft SQL Server", "DB2/LINUXX8664", "Frob" })
	void databaseWithoutScriptsThenTheyRunNowhereAndAdvice(String product, CapturedOutput output) {
		WebApplicationContextRunner application = HostRunner.withoutFlyway()
			.withInitializer(this.started::set)
			.withBean("product", String.class, () -> product)
			.withUserConfiguration(WithUnknownDatabase.class)
			.withPropertyValues("api-key.database.tenants-share-keys=true", "spring.jpa.hibernate.ddl-auto=none",
					"spring.jpa.database-platform=org.hibernate.dialect.H2Dialect");
		application.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).contains("nothing is known about this database (" + product);
		});
		application.withPropertyValues("api-key.database.initialize-schema=always").run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains("cannot be created").contains(product);
			assertThat(advice.getAction()).contains("There are no scripts for this database")
				.contains("'api-key.database.initialize-schema=never'");
		});
	}

	@Test
	void embeddedDatabaseWithoutScriptsThenAWarning(CapturedOutput output) throws Exception {
		ApiKeySchemaInitializer initializer = new ApiKeySchemaInitializer(
				new UnknownDatabase(new DriverManagerDataSource(HostRunner.database()), "HSQL Database Engine",
						"jdbc:hsqldb:mem:shop"),
				new ApiKeyProperties.Database());
		initializer.setResourceLoader(new DefaultResourceLoader());
		initializer.afterPropertiesSet();
		assertThat(output).contains("WARN").contains("no scripts").contains("HSQL Database Engine");
	}

	@Test
	void scriptsOfTheApplicationThenTheyRunInADatabaseWithoutOurs(@TempDir Path scripts) throws Exception {
		Path script = Files.writeString(scripts.resolve("keys.sql"), "create table api_key (id bigint)");
		ApiKeyProperties.Database properties = new ApiKeyProperties.Database();
		properties.setInitializeSchema(SchemaInitialization.ALWAYS);
		properties.setSchema("file:" + script);
		DataSource dataSource = new DriverManagerDataSource(HostRunner.database());
		for (boolean first : List.of(true, false)) {
			ApiKeySchemaInitializer initializer = new ApiKeySchemaInitializer(
					new UnknownDatabase(dataSource, "Oracle", "jdbc:oracle:thin:@shop"), properties);
			initializer.setResourceLoader(new DefaultResourceLoader());
			assertThat(initializer.initializeDatabase()).isEqualTo(first);
		}
		assertThat(new JdbcTemplate(dataSource).queryForList("select * from api_key")).isEmpty();
	}

	@Test
	void scriptsAlwaysWhenTheDatabaseIsDownThenThatIsSaid() {
		withoutFlyway()
			.withPropertyValues("spring.datasource.url=jdbc:postgresql://127.0.0.1:1/shop",
					"api-key.database.initialize-schema=always",
					"spring.jpa.database-platform=org.hibernate.dialect.PostgreSQLDialect",
					"spring.jpa.properties.hibernate.boot.allow_jdbc_metadata_access=false")
			.run((context) -> {
				FailureAnalysis advice = advice(context);
				assertThat(advice.getDescription()).contains("cannot be created");
				assertThat(advice.getAction()).contains("did not answer").doesNotContain("no scripts");
			});
	}

	@Test
	void databaseThatIsDownThenTheApplicationStarts(CapturedOutput output) {
		withoutFlyway()
			.withPropertyValues("spring.datasource.url=jdbc:postgresql://127.0.0.1:1/shop",
					"api-key.database.initialize-schema=never",
					"spring.jpa.database-platform=org.hibernate.dialect.PostgreSQLDialect",
					"spring.jpa.properties.hibernate.boot.allow_jdbc_metadata_access=false")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output).contains("It is not known whether the tables of API keys can be used");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "update", "create", "create-drop" })
	void schemaToolOfTheApplicationThenOurTablesAreKeptFromIt(String ddlAuto) {
		withoutFlyway()
			.withPropertyValues("api-key.database.initialize-schema=always", "spring.jpa.hibernate.ddl-auto=" + ddlAuto)
			.run((context) -> {
				assertKeysWork(context);
				context.getBean(EntityManagerFactory.class).getSchemaManager().truncate();
				assertThat(jdbc().queryForObject("select count(*) from api_key", Integer.class)).isEqualTo(1);
			});
		assertThat(jdbc().queryForObject("select count(*) from api_key", Integer.class)).isEqualTo(1);
		assertThat(jdbc().queryForObject("select count(*) from pg_indexes where indexname = 'idx_api_key_changed_at'",
				Integer.class))
			.isEqualTo(1);
	}

	@Test
	void schemaToolWithAFilterOfTheApplicationThenRefusedUnlessItKeepsOurTables() {
		script("V1__create_api_key_tables.sql");
		script("V2__add_line_of_successors.sql");
		WebApplicationContextRunner application = withoutFlyway().withPropertyValues(
				"spring.jpa.hibernate.ddl-auto=update",
				"spring.jpa.properties.hibernate.hbm2ddl.schema_filter_provider="
						+ DefaultSchemaFilterProvider.class.getName());
		application.run((context) -> {
			FailureAnalysis advice = advice(context);
			assertThat(advice.getDescription()).contains("create, change or drop tables of API keys: api_key, ");
			assertThat(advice.getAction()).contains("'spring.jpa.hibernate.ddl-auto'").contains("SchemaFilterProvider");
		});
		application
			.withPropertyValues("spring.jpa.properties.hibernate.hbm2ddl.schema_filter_provider="
					+ NothingButValidation.class.getName())
			.run(TablesAtStartTests::assertKeysWork);
	}

	@ParameterizedTest
	@ValueSource(strings = { "update", "create", "create-drop" })
	void tableOfAnEntityOfTheApplicationThenNothingIsChanged(String ddlAuto) {
		jdbc().execute("create table api_key (id bigint primary key, label varchar(50))");
		jdbc().execute("insert into api_key values (1, 'theirs')");
		withoutFlyway().withUserConfiguration(WithTheirApiKey.class)
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=" + ddlAuto)
			.run((context) -> assertThat(advice(context).getDescription())
				.contains("api_key (io.github.apikeys.theirs.ApiKey)"));
		assertThat(jdbc().queryForList("select * from api_key")).containsExactly(Map.of("id", 1L, "label", "theirs"));
		assertThat(jdbc().queryForList("select tablename from pg_tables where schemaname = 'public'", String.class))
			.containsExactly("api_key");
	}

	@ParameterizedTest
	@ValueSource(strings = { "none", "update" })
	void tableOfSomebodyElseThenNothingIsChanged(String ddlAuto) {
		jdbc().execute("create table api_key (id bigint primary key, label varchar(50))");
		withoutFlyway()
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=" + ddlAuto, "api-key.database.initialize-schema=always")
			.run((context) -> assertThat(advice(context).getAction()).contains("are not ours"));
		assertThat(jdbc().queryForList("select * from api_key")).isEmpty();
		assertThat(jdbc().queryForList("select tablename from pg_tables where schemaname = 'public'", String.class))
			.containsExactly("api_key");
	}

	/**
	 * Most databases keep what a script did before it failed.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "create table api_key (number bigint primary key, label varchar(50))",
			"create table api_key_usage (number bigint primary key, label varchar(50))",
			"create view api_key as select 1 as number, 'theirs' as label" })
	void tableOfSomebodyElseWhenFailuresAreIgnoredThenNoScriptRuns(String theirs) {
		jdbc().execute(theirs);
		jdbc().execute("grant usage, create on schema public to tenant");
		for (WebApplicationContextRunner application : List.of(withoutFlyway(), asTenant())) {
			application
				.withPropertyValues("api-key.database.initialize-schema=always",
						"api-key.database.continue-on-error=true")
				.run((context) -> assertThat(context).hasFailed());
			assertThat(jdbc().queryForList("select table_name || '.' || column_name from information_schema.columns "
					+ "where table_schema = 'public' order by ordinal_position", String.class))
				.containsExactly(theirs.split(" ")[2] + ".number", theirs.split(" ")[2] + ".label");
		}
	}

	/**
	 * New tables would hide those with the keys.
	 */
	@Test
	void tablesInAnotherSchemaOfTheSearchPathThenNoScriptRuns() {
		script("V1__create_api_key_tables.sql");
		jdbc().execute("create schema app");
		jdbc().execute("alter database " + this.database + " set search_path = app, public");
		withoutFlyway().withPropertyValues("api-key.database.initialize-schema=always")
			.run((context) -> assertThat(
					jdbc().queryForList("select table_name from information_schema.tables where table_schema = 'app'"))
				.isEmpty());
	}

	@ParameterizedTest
	@ValueSource(strings = { "create-drop", "update", "create" })
	void databaseMadeForTheRunThenHibernateMayCreateWhatScriptsDoNot(String ddlAuto) {
		HostRunner.withoutFlyway()
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=" + ddlAuto,
					"spring.jpa.properties.hibernate.globally_quoted_identifiers=true")
			.run(TablesAtStartTests::assertKeysWork);
		HostRunner.withoutFlyway()
			.withPropertyValues("spring.jpa.hibernate.ddl-auto=" + ddlAuto, "api-key.database.initialize-schema=never")
			.run(TablesAtStartTests::assertKeysWork);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2 })
	void tablesOfScriptsThenFlywayTakesThemOver(int version) {
		script("V1__create_api_key_tables.sql");
		if (version == 2) {
			script("V2__add_line_of_successors.sql");
		}
		withFlyway().run(TablesAtStartTests::assertKeysWork);
		assertThat(history()).startsWith(version + " BASELINE");
		assertThat(history().get(history().size() - 1)).startsWith("2 ");
		withFlyway().run(TablesAtStartTests::assertKeysWork);
	}

	@Test
	void tablesOfHibernateThenRefusedUntilTheyAreConverted() {
		createAsHibernateDoes();
		for (WebApplicationContextRunner application : List.of(withoutFlyway(), withFlyway())) {
			application.run((context) -> {
				FailureAnalysis advice = advice(context);
				assertThat(advice.getDescription()).contains("made by Hibernate");
				assertThat(advice.getAction())
					.contains("io/github/apikeys/core/migration/postgresql/from-hibernate.sql");
			});
		}
		script("from-hibernate.sql");
		withoutFlyway().run(TablesAtStartTests::assertKeysWork);
		withFlyway().run(TablesAtStartTests::assertKeysWork);
		assertThat(history()).startsWith("2 BASELINE");
	}

	private void createAsHibernateDoes() {
		try (StandardServiceRegistry registry = new StandardServiceRegistryBuilder()
			.applySetting("hibernate.connection.datasource", server.getDatabase("postgres", this.database))
			.build()) {
			MetadataSources sources = new MetadataSources(registry);
			for (String entity : List.of("ApiKey", "ApiKeyEvent", "jpa.DailyTotal", "jpa.DailyUsage", "jpa.KeyOwner")) {
				sources.addAnnotatedClassName("io.github.apikeys.core." + entity);
			}
			Metadata metadata = sources.getMetadataBuilder()
				.applyPhysicalNamingStrategy(new PhysicalNamingStrategySnakeCaseImpl())
				.build();
			SchemaManagementToolCoordinator.process(metadata, registry,
					Map.of("jakarta.persistence.schema-generation.database.action", "create"), (action) -> {
					});
		}
	}

	@Test
	void migrationsWhenTheRoleMayNotCreateThenAdvice() {
		asTenant().withClassLoader(getClass().getClassLoader())
			.withPropertyValues("spring.flyway.locations=classpath:db/none",
					"spring.flyway.fail-on-missing-locations=false")
			.withBean(FlywayMigrationStrategy.class, () -> (flyway) -> {
			})
			.run((context) -> {
				FailureAnalysis advice = advice(context);
				assertThat(advice.getDescription()).contains("cannot be created").contains("as user 'tenant'");
				assertThat(advice.getAction()).contains("'spring.flyway.user'")
					.contains("'api-key.database.flyway.enabled=false'")
					.contains("postgresql/V1__create_api_key_tables.sql");
			});
	}

	/**
	 * Flyway refuses a schema in which there is something already, or takes its first
	 * migrations for done.
	 */
	@ParameterizedTest
	@ValueSource(classes = { OwnFlyway.class, WithoutMigrationAtStart.class })
	void migrationsOfTheApplicationThatComeLaterThenOursAreNotFirst(Class<?> host) {
		WebApplicationContextRunner application = application().withUserConfiguration(host);
		application.run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis advice = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(advice).isNotNull();
			assertThat(advice.getDescription()).contains("have not run").contains("1 pending");
			assertThat(advice.getAction()).contains("'api-key.database.flyway.enabled=false'");
		});
		assertThat(jdbc().queryForList("select tablename from pg_tables where schemaname = 'public'")).isEmpty();
		Flyway.configure().dataSource(server.getDatabase("postgres", this.database)).load().migrate();
		application.run(TablesAtStartTests::assertKeysWork);
		assertThat(history()).endsWith("2 SQL");
	}

	@Test
	void migrationsOfTheApplicationInOtherSchemasOnlyThenTheAdviceWorks() {
		WebApplicationContextRunner application = application().withBean(FlywayMigrationStrategy.class,
				() -> (flyway) -> Flyway.configure()
					.configuration(flyway.getConfiguration())
					.schemas("tenant_1")
					.load()
					.migrate());
		application.run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis advice = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(advice).isNotNull();
			assertThat(advice.getAction()).contains("'api-key.database.flyway.enabled=false'")
				.contains("migrates other schemas only")
				.contains("'api-key.database.initialize-schema=always'");
		});
		application
			.withPropertyValues("api-key.database.flyway.enabled=false", "api-key.database.initialize-schema=always")
			.run(TablesAtStartTests::assertKeysWork);
		assertThat(jdbc().queryForList("select tablename from pg_tables where schemaname = 'tenant_1'", String.class))
			.contains("customer")
			.doesNotContain("api_key");
	}

	private List<String> history() {
		return jdbc().queryForList(
				"select version || ' ' || type from api_key_schema_history where version is not null order by installed_rank",
				String.class);
	}

	private WebApplicationContextRunner withFlyway() {
		return application().withPropertyValues("spring.flyway.baseline-on-migrate=true");
	}

	private WebApplicationContextRunner application() {
		return HostRunner.bare()
			.withUserConfiguration(KeysOnly.class)
			.withInitializer(this.started::set)
			.withPropertyValues("spring.datasource.url=" + server.getJdbcUrl("postgres", this.database),
					"spring.datasource.username=postgres");
	}

	private WebApplicationContextRunner withoutFlyway() {
		return WithoutTables.NO_FLYWAY.in(application());
	}

	private WebApplicationContextRunner asTenant() {
		return withoutFlyway().withPropertyValues("spring.datasource.url=" + server.getJdbcUrl("tenant", this.database),
				"spring.datasource.username=tenant");
	}

	private JdbcTemplate jdbc() {
		return new JdbcTemplate(server.getDatabase("postgres", this.database));
	}

	private void script(String name) {
		new ResourceDatabasePopulator(new ClassPathResource("io/github/apikeys/core/migration/postgresql/" + name))
			.execute(server.getDatabase("postgres", this.database));
	}

	private FailureAnalysis advice(AssertableWebApplicationContext context) {
		return advice(context, this.started.get());
	}

	static FailureAnalysis advice(AssertableWebApplicationContext context, ConfigurableApplicationContext started) {
		assertThat(context).hasFailed();
		FailureAnalysis advice = new ApiKeyTablesFailureAnalyzer(started.getBeanFactory(), started.getEnvironment())
			.analyze(context.getStartupFailure());
		assertThat(advice).isNotNull();
		return advice;
	}

	static void assertKeysWork(AssertableWebApplicationContext context) {
		assertThat(context).hasNotFailed();
		JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
		assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client").scopes("orders:read")).token())).isPresent();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class KeysOnly {

	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = io.github.apikeys.theirs.ApiKey.class)
	static class WithTheirApiKey {

	}

	/**
	 * As an application writes it that lets Hibernate change nothing.
	 */
	public static class NothingButValidation extends DefaultSchemaFilterProvider {

		private static final SchemaFilter NOTHING = new SchemaFilter() {

			@Override
			public boolean includeNamespace(Namespace namespace) {
				return false;
			}

			@Override
			public boolean includeTable(Table table) {
				return false;
			}

			@Override
			public boolean includeSequence(Sequence sequence) {
				return false;
			}

		};

		@Override
		public SchemaFilter getCreateFilter() {
			return NOTHING;
		}

		@Override
		public SchemaFilter getDropFilter() {
			return NOTHING;
		}

		@Override
		public SchemaFilter getMigrateFilter() {
			return NOTHING;
		}

		@Override
		public SchemaFilter getTruncatorFilter() {
			return NOTHING;
		}

	}

	/**
	 * As for whoever creates all tables by hand.
	 */
	public static class NothingAtAll extends NothingButValidation {

		@Override
		public SchemaFilter getValidateFilter() {
			return getCreateFilter();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithUnknownDatabase {

		@Bean
		static BeanPostProcessor unknownDatabase(ObjectProvider<String> product) {
			return new SpyingPostProcessor((sql) -> {
			}, product.getIfAvailable(() -> "Oracle"));
		}

	}

	private record SpyingPostProcessor(Consumer<String> sql, @Nullable String product) implements BeanPostProcessor {

		@Override
		public Object postProcessAfterInitialization(Object bean, String name) {
			return (bean instanceof DataSource dataSource) ? new DelegatingDataSource(dataSource) {

				@Override
				public Connection getConnection() throws SQLException {
					return SpiedConnection.of(super.getConnection(), SpyingPostProcessor.this.sql,
							SpyingPostProcessor.this.product);
				}

			} : bean;
		}

	}

	private static final class UnknownDatabase extends DelegatingDataSource {

		private final String product;

		private final @Nullable String url;

		UnknownDatabase(DataSource target, String product, @Nullable String url) {
			super(target);
			this.product = product;
			this.url = url;
		}

		@Override
		public Connection getConnection() throws SQLException {
			return SpiedConnection.of(super.getConnection(), (sql) -> {
			}, this.product, this.url);
		}

	}

	public static class NothingChanged implements StatementInspector {

		@Override
		public String inspect(String sql) {
			return sql;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithoutTenantNoDatabase {

		@Bean
		DataSource dataSource() {
			AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {

				@Override
				protected @Nullable Object determineCurrentLookupKey() {
					return null;
				}

			};
			routing.setTargetDataSources(Map.of("acme", new DriverManagerDataSource("jdbc:h2:mem:acme")));
			return routing;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDataSources {

		@Bean
		@Primary
		DataSource ofTheApplication(DataSourceProperties properties) {
			return new LazyConnectionDataSourceProxy(
					new DriverManagerDataSource(properties.determineUrl(), "postgres", ""));
		}

		@Bean
		DataSource reports() {
			return new DriverManagerDataSource("jdbc:h2:mem:reports");
		}

	}

	/**
	 * As an application writes it that migrates once it has started.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OwnFlyway {

		@Bean
		Flyway flyway(DataSource dataSource) {
			return Flyway.configure().dataSource(dataSource).baselineOnMigrate(true).load();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithoutMigrationAtStart {

		@Bean
		FlywayMigrationStrategy later() {
			return (flyway) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoFlyways {

		@Bean
		Flyway one(DataSource dataSource) {
			return Flyway.configure().dataSource(dataSource).load();
		}

		@Bean
		Flyway two(DataSource dataSource) {
			return Flyway.configure().dataSource(dataSource).load();
		}

	}

}
