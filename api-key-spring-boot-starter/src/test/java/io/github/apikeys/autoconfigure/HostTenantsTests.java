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

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import javax.sql.DataSource;

import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.ForeignTokenFormat;
import io.github.apikeys.core.verification.VerificationStatistics;
import io.github.apikeys.tenant.key.TenantKey;
import io.github.apikeys.tenant.note.TenantNote;
import org.awaitility.Awaitility;
import org.hibernate.cfg.MultiTenancySettings;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;
import org.hibernate.engine.jdbc.connections.spi.AbstractMultiTenantConnectionProvider;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.AfterReturningAdvice;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A key of one tenant opens nothing of another, and no thread of ours writes into the
 * tables of whichever tenant it is taken for.
 */
@ExtendWith(OutputCaptureExtension.class)
class HostTenantsTests {

	// the first poll evicts what was cached before
	private static final String STAYS_CACHED = "api-key.cache.max-staleness=15s";

	private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

	private static final String SHARE_KEYS = "api-key.database.tenants-share-keys";

	private static final List<String> TENANTS = List.of("public", "acme", "globex");

	private final String database = HostRunner.database();

	@AfterEach
	void leave() {
		TENANT.remove();
	}

	@ParameterizedTest
	@ValueSource(classes = { Routing.class, LazyRouting.class, PrimaryOfSeveral.class, SchemaForEachTenant.class,
			SchemaByAdvice.class, SchemaInStatements.class })
	void keyOfOneTenantOpensNothingOfAnother(Class<?> configuration) {
		application(configuration).run((node) -> {
			assertThat(node).hasNotFailed();
			JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
			String token = as("acme", () -> apiKeys.create(NewApiKey.named("client").owner("1")).token());
			for (int i = 0; i < 2; i++) {
				assertThat(as("globex", () -> apiKeys.verify(token))).isEmpty();
				assertThat(as("acme", () -> apiKeys.verify(token))).isPresent();
			}
			assertThat(apiKeys.getVerificationStatistics().getRefused(ApiKeyRefusal.UNKNOWN, false)).isEqualTo(2);
		});
	}

	/**
	 * Its connection is the first tenant's.
	 */
	@ParameterizedTest
	@ValueSource(classes = { Routing.class, SchemaForEachTenant.class })
	void tenantThatChangesWithinATransactionThenItsOwnKeys(Class<?> configuration) {
		application(configuration).run((node) -> {
			JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
			String acmes = as("acme", () -> apiKeys.create(NewApiKey.named("client")).token());
			String globexs = as("globex", () -> apiKeys.create(NewApiKey.named("client")).token());
			TransactionTemplate transaction = new TransactionTemplate(node.getBean(PlatformTransactionManager.class));
			as("acme", () -> transaction.execute((status) -> {
				assertThat(apiKeys.verify(acmes)).isPresent();
				assertThat(as("globex", () -> apiKeys.verify(acmes))).isEmpty();
				assertThat(as("globex", () -> apiKeys.verify(globexs))).isPresent();
				return status;
			}));
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { Routing.class, SchemaForEachTenant.class })
	void revocationOnOneNodeIsHonouredOnTheOtherAtOnce(Class<?> configuration) {
		application(configuration).run((here) -> application(configuration).run((there) -> {
			JpaApiKeyService apiKeys = here.getBean(JpaApiKeyService.class);
			CreatedApiKey created = as("acme", () -> apiKeys.create(NewApiKey.named("client")));
			JpaApiKeyService others = there.getBean(JpaApiKeyService.class);
			assertThat(as("acme", () -> others.verify(created.token()))).isPresent();
			as("acme", () -> apiKeys.revoke(created.apiKey().getId()));
			assertThat(as("acme", () -> others.verify(created.token()))).isEmpty();
		}));
	}

	@ParameterizedTest
	@ValueSource(classes = { Routing.class, SchemaForEachTenant.class })
	void nothingIsWrittenThatWasNotAskedFor(Class<?> configuration) {
		application(configuration).withPropertyValues("api-key.usage.flush-interval=20ms").run((node) -> {
			JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
			CreatedApiKey created = as("acme", () -> apiKeys.create(NewApiKey.named("client")));
			as("acme", () -> apiKeys.verify(created.token()));
			as("globex", () -> apiKeys.verify(created.token()));
			VerificationStatistics statistics = apiKeys.getVerificationStatistics();
			assertThat(statistics.getDroppedUses()).isEqualTo(2);
			assertThat(statistics.getUsageLag()).isZero();
			// writes what is put off
			apiKeys.close();
			for (String tenant : TENANTS) {
				assertThat(count(tenant, "api_key_usage")).isZero();
				assertThat(count(tenant, "api_key_usage_total")).isZero();
				assertThat(count(tenant, "api_key where last_used_at is not null")).isZero();
			}
		});
	}

	/**
	 * The row of the same id is there as after the restore of a backup.
	 */
	@Test
	void hashOfOneTenantIsNotReplacedInTheTablesOfAnother() {
		String[] token = new String[1];
		application(Routing.class).run((node) -> {
			JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
			token[0] = as("acme", () -> apiKeys.create(NewApiKey.named("client")).token());
			new JdbcTemplate(dataSource(this.database, "public"))
				.execute("insert into api_key select * from acme.api_key");
		});
		application(Routing.class)
			.withPropertyValues("api-key.hash.peppers.one=a-pepper-of-at-least-thirty-two-characters")
			.run((node) -> {
				JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
				assertThat(as("acme", () -> apiKeys.verify(token[0]))).isPresent();
				apiKeys.close();
				assertThat(count("public", "api_key where hash like '{sha256}%'")).isOne();
			});
	}

	@Test
	void foreignIdThatTwoTenantsHaveIsTwoKeys() {
		application(Routing.class).withBean(ForeignTokenFormat.class, DelimitedTokenFormat::django).run((node) -> {
			JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
			String acmes = "kQ3xYz9A.aB3dE5gH7jK9mN1pQ3sT5vW7aB3dE5gH";
			String globexs = "kQ3xYz9A.zY2xW4vU6tS8rQ1pN3mL5kJ7zY2xW4vU";
			UUID acme = as("acme",
					() -> apiKeys.importKey(ImportedApiKey.ofToken(acmes), NewApiKey.named("a")).getId());
			UUID globex = as("globex",
					() -> apiKeys.importKey(ImportedApiKey.ofToken(globexs), NewApiKey.named("g")).getId());
			// what rate limits are counted by
			assertThat(acme).isNotEqualTo(globex);
			for (int i = 0; i < 2; i++) {
				assertThat(as("acme", () -> apiKeys.verify(acmes)).orElseThrow().displayName()).isEqualTo("a");
				assertThat(as("globex", () -> apiKeys.verify(acmes))).isEmpty();
				assertThat(as("globex", () -> apiKeys.verify(globexs)).orElseThrow().displayName()).isEqualTo("g");
				assertThat(as("acme", () -> apiKeys.verify(globexs))).isEmpty();
			}
		});
	}

	@Test
	void startThenSaysWhatWasFoundAndWhatToDo(CapturedOutput output) {
		application(Routing.class).run((node) -> {
			assertThat(node).hasNotFailed();
			assertThat(output).contains("the data source " + TenantDataSource.class.getName())
				.contains("not cached")
				.contains("not counted")
				.contains("'" + SHARE_KEYS + "=true'");
		});
	}

	@Test
	void healthIsUpThoughNothingIsAsked() {
		application(Routing.class).run((node) -> {
			JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
			String token = as("acme", () -> apiKeys.create(NewApiKey.named("client")).token());
			as("acme", () -> apiKeys.verify(token));
			HealthIndicator health = node.getBean(ApiKeysHealthIndicator.class);
			assertThat(health.health().getStatus()).isEqualTo(Status.UP);
			assertThat(health.health().getDetails()).containsEntry("staleness", "0ms").containsEntry("entries", 0L);
		});
	}

	@Test
	void tenantsThatShareKeysThenCachedAndCounted(CapturedOutput output) {
		application(Routing.class).withPropertyValues(SHARE_KEYS + "=true", "api-key.usage.flush-interval=20ms")
			.run((node) -> {
				assertThat(output).doesNotContain(SHARE_KEYS);
				JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
				String token = apiKeys.create(NewApiKey.named("client")).token();
				apiKeys.verify(token);
				apiKeys.verify(token);
				assertThat(apiKeys.getVerificationStatistics().getAccepted(true)).isOne();
				apiKeys.close();
				Awaitility.await().until(() -> count("public", "api_key_usage") == 1);
			});
	}

	/**
	 * The replica is behind, and has no key yet.
	 */
	@ParameterizedTest
	@ValueSource(classes = { ReplicaByRouting.class, ReplicaByConnection.class })
	void replicaForReadOnlyTransactionsThenKeysAreThoseOfThePrimary(Class<?> configuration) {
		application(configuration).withPropertyValues(SHARE_KEYS + "=true").run((node) -> {
			JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
			TransactionTemplate readOnly = new TransactionTemplate(node.getBean(PlatformTransactionManager.class));
			readOnly.setReadOnly(true);
			JdbcTemplate jdbc = new JdbcTemplate(node.getBean(DataSource.class));
			CreatedApiKey created = apiKeys.create(NewApiKey.named("client"));
			readOnly.executeWithoutResult((status) -> {
				assertThat(jdbc.queryForObject("select current_schema", String.class)).isEqualTo("ACME");
				assertThat(apiKeys.verify(created.token())).isPresent();
				assertThat(apiKeys.verify(created.token())).isPresent();
			});
			assertThat(apiKeys.getVerificationStatistics().getAccepted(true)).isOne();
			apiKeys.revoke(created.apiKey().getId());
			readOnly.executeWithoutResult((status) -> assertThat(apiKeys.verify(created.token())).isEmpty());
			apiKeys.close();
			Awaitility.await().until(() -> count("public", "api_key_usage") == 1);
		});
	}

	@Test
	void replicaForReadOnlyTransactionsThenTheStartSaysWhatToSet(CapturedOutput output) {
		application(ReplicaByRouting.class).run((node) -> {
			assertThat(node).hasNotFailed();
			assertThat(output).contains("the data source " + ReplicaByRouting.class.getName())
				.contains("'" + SHARE_KEYS + "=true'");
		});
	}

	@Test
	void oneDatabaseThenCachedWithoutAWord(CapturedOutput output) {
		HostRunner.bare().withUserConfiguration(Application.class).withPropertyValues(STAYS_CACHED).run((node) -> {
			JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
			assertThat(apiKeys.getTenantRouting()).isNull();
			String token = apiKeys.create(NewApiKey.named("client")).token();
			apiKeys.verify(token);
			apiKeys.verify(token);
			assertThat(apiKeys.getVerificationStatistics().getAccepted(true)).isOne();
			assertThat(output).doesNotContain(SHARE_KEYS);
		});
	}

	@Test
	void entityOfTheApplicationWithATenantThenNothingIsCached(CapturedOutput output) {
		application(NotesForEachTenant.class).run((node) -> {
			assertThat(node).hasNotFailed();
			JpaApiKeyService apiKeys = node.getBean(JpaApiKeyService.class);
			String token = as("acme", () -> apiKeys.create(NewApiKey.named("client")).token());
			as("acme", () -> apiKeys.verify(token));
			as("acme", () -> apiKeys.verify(token));
			assertThat(apiKeys.getVerificationStatistics().getAccepted(true)).isZero();
			assertThat(output).contains("'" + SHARE_KEYS + "=true'");
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void typeOfKeysWithATenantThenNoStartButAdvice(boolean shareKeys) {
		application(KeysForEachTenant.class).withPropertyValues(SHARE_KEYS + "=" + shareKeys).run((node) -> {
			assertThat(node).hasFailed();
			FailureAnalysis advice = new ApiKeyConfigurationFailureAnalyzer().analyze(node.getStartupFailure());
			assertThat(advice.getDescription()).contains(TenantKey.class.getName()).contains("@TenantId");
			assertThat(advice.getAction()).contains("ApiKeyPolicy");
		});
	}

	private WebApplicationContextRunner application(Class<?> configuration) {
		JdbcTemplate jdbc = new JdbcTemplate(new DriverManagerDataSource(this.database, "sa", ""));
		for (String tenant : TENANTS) {
			jdbc.execute("create schema if not exists " + tenant);
			if (tables(jdbc, tenant) == 0) {
				new ResourceDatabasePopulator(scripts()).execute(dataSource(this.database, tenant));
			}
		}
		return HostRunner.bare()
			.withUserConfiguration(configuration)
			.withPropertyValues(STAYS_CACHED, "spring.datasource.url=" + this.database, "spring.flyway.enabled=false",
					"spring.jpa.hibernate.ddl-auto=none", "api-key.database.initialize-schema=never");
	}

	private static int tables(JdbcTemplate jdbc, String tenant) {
		return jdbc.queryForObject(
				"select count(*) from information_schema.tables where table_name = 'API_KEY' and table_schema = ?",
				Integer.class, tenant.toUpperCase(Locale.ROOT));
	}

	private static ClassPathResource[] scripts() {
		return new ClassPathResource[] {
				new ClassPathResource("io/github/apikeys/core/migration/h2/V1__create_api_key_tables.sql"),
				new ClassPathResource("io/github/apikeys/core/migration/h2/V2__add_line_of_successors.sql") };
	}

	private static DataSource dataSource(String database, String schema) {
		return new DriverManagerDataSource(database + ";SCHEMA=" + schema, "sa", "");
	}

	private int count(String tenant, String what) {
		return new JdbcTemplate(dataSource(this.database, tenant)).queryForObject("select count(*) from " + what,
				Integer.class);
	}

	private static <T> T as(String tenant, Supplier<T> action) {
		TENANT.set(tenant);
		try {
			return action.get();
		}
		finally {
			TENANT.remove();
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class ReplicaByRouting {

		@Bean
		DataSource dataSource(Environment environment) {
			String url = environment.getRequiredProperty("spring.datasource.url");
			AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {

				@Override
				protected Object determineCurrentLookupKey() {
					return TransactionSynchronizationManager.isCurrentTransactionReadOnly();
				}

			};
			routing.setTargetDataSources(Map.of(true, HostTenantsTests.dataSource(url, "acme"), false,
					HostTenantsTests.dataSource(url, "public")));
			routing.afterPropertiesSet();
			return new LazyConnectionDataSourceProxy(routing);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class ReplicaByConnection {

		@Bean
		DataSource dataSource(Environment environment) {
			String url = environment.getRequiredProperty("spring.datasource.url");
			LazyConnectionDataSourceProxy dataSource = new LazyConnectionDataSourceProxy(
					HostTenantsTests.dataSource(url, "public"));
			dataSource.setReadOnlyDataSource(HostTenantsTests.dataSource(url, "acme"));
			return dataSource;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class Routing {

		@Bean
		DataSource dataSource(DataSourceProperties properties) {
			return new TenantDataSource(properties.getUrl());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class LazyRouting {

		@Bean
		DataSource dataSource(DataSourceProperties properties) {
			TenantDataSource routing = new TenantDataSource(properties.getUrl());
			routing.afterPropertiesSet();
			return new LazyConnectionDataSourceProxy(routing);
		}

	}

	/**
	 * Each connection of the pool is led to the schema of the thread's tenant.
	 */
	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class SchemaByAdvice {

		@Bean
		static BeanPostProcessor tenants() {
			return new BeanPostProcessor() {

				@Override
				public Object postProcessAfterInitialization(Object bean, String beanName) {
					if (!(bean instanceof DataSource)) {
						return bean;
					}
					ProxyFactory proxy = new ProxyFactory(bean);
					proxy.addAdvice((AfterReturningAdvice) (result, method, arguments, target) -> {
						if (result instanceof Connection connection) {
							connection
								.setSchema(Objects.requireNonNullElse(TENANT.get(), "public").toUpperCase(Locale.ROOT));
						}
					});
					return proxy.getProxy();
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class SchemaInStatements {

		@Bean
		HibernatePropertiesCustomizer tenants() {
			return (properties) -> properties.put("hibernate.session_factory.statement_inspector",
					(StatementInspector) (sql) -> sql.replaceAll("(from|join|into|update) (?=api_key)",
							"$1 " + Objects.requireNonNullElse(TENANT.get(), "public") + "."));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class PrimaryOfSeveral {

		@Bean
		DataSource reporting(DataSourceProperties properties) {
			return HostTenantsTests.dataSource(properties.getUrl(), "public");
		}

		@Bean
		@Primary
		DataSource tenants(DataSourceProperties properties) {
			return new TenantDataSource(properties.getUrl());
		}

	}

	static class TenantDataSource extends AbstractRoutingDataSource {

		TenantDataSource(String database) {
			setTargetDataSources(Map.of("acme", HostTenantsTests.dataSource(database, "acme"), "globex",
					HostTenantsTests.dataSource(database, "globex")));
			setDefaultTargetDataSource(HostTenantsTests.dataSource(database, "public"));
		}

		@Override
		protected Object determineCurrentLookupKey() {
			return TENANT.get();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class SchemaForEachTenant {

		@Bean
		CurrentTenantIdentifierResolver<String> tenant() {
			return new CurrentTenant();
		}

		@Bean
		HibernatePropertiesCustomizer tenants(DataSourceProperties properties,
				CurrentTenantIdentifierResolver<String> tenant) {
			return (hibernate) -> {
				hibernate.put(MultiTenancySettings.MULTI_TENANT_CONNECTION_PROVIDER, new Schemas(properties.getUrl()));
				hibernate.put(MultiTenancySettings.MULTI_TENANT_IDENTIFIER_RESOLVER, tenant);
			};
		}

	}

	static class CurrentTenant implements CurrentTenantIdentifierResolver<String> {

		@Override
		public String resolveCurrentTenantIdentifier() {
			return (TENANT.get() != null) ? TENANT.get() : "public";
		}

		@Override
		public boolean validateExistingCurrentSessions() {
			return false;
		}

	}

	static class Schemas extends AbstractMultiTenantConnectionProvider<String> {

		private final String database;

		Schemas(String database) {
			this.database = database;
		}

		@Override
		protected ConnectionProvider getAnyConnectionProvider() {
			return new Connections(HostTenantsTests.dataSource(this.database, "public"));
		}

		@Override
		protected ConnectionProvider selectConnectionProvider(String tenant) {
			return new Connections(HostTenantsTests.dataSource(this.database, tenant));
		}

	}

	static class Connections implements ConnectionProvider {

		private final DataSource dataSource;

		Connections(DataSource dataSource) {
			this.dataSource = dataSource;
		}

		@Override
		public Connection getConnection() throws SQLException {
			return this.dataSource.getConnection();
		}

		@Override
		public void closeConnection(Connection connection) throws SQLException {
			connection.close();
		}

		@Override
		public boolean supportsAggressiveRelease() {
			return false;
		}

		@Override
		public boolean isUnwrappableAs(Class<?> type) {
			return false;
		}

		@Override
		public <T> T unwrap(Class<T> type) {
			throw new UnsupportedOperationException();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	@EntityScan(basePackageClasses = TenantNote.class)
	static class NotesForEachTenant {

		@Bean
		CurrentTenantIdentifierResolver<String> tenant() {
			return new CurrentTenant();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	@EntityScan(basePackageClasses = TenantKey.class)
	static class KeysForEachTenant {

		@Bean
		CurrentTenantIdentifierResolver<String> tenant() {
			return new CurrentTenant();
		}

	}

}
