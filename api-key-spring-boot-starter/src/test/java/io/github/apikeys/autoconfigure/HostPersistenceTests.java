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
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.jpa.ApiKeyEntityNotManagedException;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.host.CustomerRepository;
import io.github.apikeys.host.entity.Customer;
import jakarta.persistence.EntityManagerFactory;
import net.bytebuddy.ByteBuddy;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.JdkRegexpMethodPointcut;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static io.github.apikeys.autoconfigure.HostRunner.get;
import static io.github.apikeys.autoconfigure.HostRunner.key;
import static io.github.apikeys.autoconfigure.HostRunner.mvc;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Entities, repositories, tables and migrations of the application stay as they are.
 */
class HostPersistenceTests {

	@Test
	void applicationWithoutAnnotations() {
		HostRunner.application().run(HostPersistenceTests::assertBothWork);
	}

	@Test
	void applicationWithEntityScan() {
		HostRunner.application().withUserConfiguration(WithEntityScan.class).run(HostPersistenceTests::assertBothWork);
	}

	@Test
	void applicationWithEntityScanAndJpaRepositories() {
		HostRunner.application()
			.withUserConfiguration(WithEntityScan.class, WithJpaRepositories.class)
			.run(HostPersistenceTests::assertBothWork);
	}

	@Test
	void entityScanOnALaterAutoConfigurationOfSomebodyElse() {
		HostRunner.application()
			.withConfiguration(AutoConfigurations.of(ZzzLateAutoConfiguration.class))
			.run(HostPersistenceTests::assertBothWork);
	}

	private static void assertBothWork(AssertableWebApplicationContext context) {
		assertThat(context).hasNotFailed().hasSingleBean(Flyway.class).hasSingleBean(CustomerRepository.class);
		CustomerRepository customers = context.getBean(CustomerRepository.class);
		customers.save(new Customer());
		assertThat(customers.count()).isEqualTo(1);
		JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
		assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client")).token())).isPresent();
		assertThat(context.getBean(EntityManagerFactory.class).getMetamodel().getEntities())
			.extracting((entity) -> entity.getJavaType().getName())
			.contains(Customer.class.getName(), ApiKey.class.getName(),
					io.github.apikeys.host.entity.ApiKey.class.getName());
	}

	@Test
	void ownPersistenceUnitWithoutTheEntityThenAdvice() {
		HostRunner.application().withUserConfiguration(OwnPersistenceUnit.class).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).rootCause().isInstanceOf(ApiKeyEntityNotManagedException.class);
			assertThat(new ApiKeyEntityNotManagedFailureAnalyzer().analyze(context.getStartupFailure()).getAction())
				.contains("\"io.github.apikeys.core\"");
		});
	}

	@Test
	void twoPersistenceUnitsThenAdvice() {
		HostRunner.bare().withUserConfiguration(TwoPersistenceUnits.class).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure()).getAction())
				.contains("@Primary", "@ApiKeyEntityManagerFactory", "'api-key.jpa.entity-manager-factory'")
				.contains("\"io.github.apikeys.core\"");
		});
	}

	/**
	 * Whatever names the persistence unit, rules and reports come along.
	 */
	@ParameterizedTest
	@ValueSource(classes = { TwoPersistenceUnits.class, TwoPersistenceUnitsOneQualified.class })
	void twoPersistenceUnitsAndOneNamedThenWithItsRules(Class<?> units) {
		WebApplicationContextRunner application = HostRunner.bare()
			.withUserConfiguration(units)
			.withBean("deny", ApiKeyPolicy.class, () -> (key) -> !key.displayName().equals("denied"))
			.withPropertyValues("api-key.owner.max-keys=1");
		if (units == TwoPersistenceUnits.class) {
			application = application.withPropertyValues("api-key.jpa.entity-manager-factory=one");
		}
		application.run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(ApiKeyReports.class);
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client").owner("org")).token())).isPresent();
			assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("denied")).token())).isEmpty();
			assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
				.isThrownBy(() -> apiKeys.create(NewApiKey.named("second").owner("org")));
			assertThat(context.getBean(ApiKeyReports.class).statistics(Duration.ofDays(1))).isNotNull();
		});
	}

	@Test
	void persistenceUnitWhenThereIsNoneOfTheNameThenAdvice() {
		HostRunner.application().withPropertyValues("api-key.jpa.entity-manager-factory=other").run((context) -> {
			assertThat(context).hasFailed();
			assertThat(new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure()).getDescription())
				.contains("'other'");
		});
	}

	/**
	 * A transaction that another manager began on the same data source is none of ours.
	 */
	@Test
	void transactionsOfJdbcThenKeysHaveTheirOwn() {
		HostRunner.application().withUserConfiguration(WithTransactionsOfJdbc.class).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(PlatformTransactionManager.class);
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			String token = new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
				.execute((status) -> {
					context.getBean(JdbcTemplate.class).queryForObject("select count(*) from customer", Long.class);
					status.setRollbackOnly();
					CreatedApiKey created = apiKeys.create(NewApiKey.named("client"));
					apiKeys.disable(created.apiKey().getId());
					apiKeys.enable(created.apiKey().getId());
					return created.token();
				});
			assertThat(apiKeys.verify(token)).isPresent();
			apiKeys.revokeToken(token, null);
			assertThat(apiKeys.verify(token)).isEmpty();
		});
	}

	/**
	 * As one of Spring Boot was there before API keys brought JPA.
	 */
	@ParameterizedTest
	@ValueSource(classes = { InjectsDataSourceTransactionManager.class, InjectsJdbcTransactionManager.class,
			LooksUpJdbcTransactionManager.class })
	void transactionManagerOfJdbcWhenInjectedAndJpaReplacedItThenTheAdviceWorks(Class<?> user) {
		AtomicReference<ConfigurableApplicationContext> started = new AtomicReference<>();
		HostRunner.bare().withInitializer(started::set).withUserConfiguration(KeysOnly.class, user).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis advice = new MissingJdbcTransactionManagerFailureAnalyzer(started.get().getBeanFactory())
				.analyze(context.getStartupFailure());
			assertThat(advice).isNotNull();
			assertThat(advice.getDescription()).contains("There is no bean of type", "API keys require JPA");
			assertThat(advice.getAction()).contains("Inject a PlatformTransactionManager")
				.contains("publish a bean 'transactionManager' of type JdbcTransactionManager");
		});
		HostRunner.bare().withUserConfiguration(KeysOnly.class, user, WithTransactionsOfJdbc.class).run((context) -> {
			assertThat(context).hasNotFailed();
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client")).token())).isPresent();
		});
	}

	@Test
	void beanWhenMissingForAnotherReasonThenNothingIsSaidOfTransactions() {
		HostRunner.withoutFlyway().run((context) -> {
			var analyzer = new MissingJdbcTransactionManagerFailureAnalyzer(context.getBeanFactory());
			assertThat(analyzer.analyze(new NoSuchBeanDefinitionException(JdbcTransactionManager.class))).isNotNull();
			assertThat(analyzer.analyze(new NoSuchBeanDefinitionException(JdbcTemplate.class))).isNull();
			assertThat(analyzer.analyze(new NoSuchBeanDefinitionException("transactionManager"))).isNull();
			assertThat(
					analyzer.analyze(new NoUniqueBeanDefinitionException(JdbcTransactionManager.class, "one", "two")))
				.isNull();
		});
		HostRunner.bare().withUserConfiguration(WithoutJpa.class, WithTransactionsOfJdbc.class).run((context) -> {
			var analyzer = new MissingJdbcTransactionManagerFailureAnalyzer(context.getBeanFactory());
			assertThat(analyzer.analyze(new NoSuchBeanDefinitionException(JdbcTransactionManager.class))).isNull();
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { WithTemplate.class, WithClient.class, WithNamedParameters.class })
	@ExtendWith(OutputCaptureExtension.class)
	void applicationOfJdbcAloneThenToldOfItsTransactions(Class<?> user, CapturedOutput output) {
		HostRunner.bare().withUserConfiguration(KeysOnly.class, user).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce("PROPAGATION_NESTED")
				.contains("JdbcTransactionManager", "commit together",
						"publish the JpaTransactionManager as a bean of your own");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.jooq.DSLContext", "org.apache.ibatis.session.SqlSessionFactory" })
	@ExtendWith(OutputCaptureExtension.class)
	void applicationWithALibraryOfJdbcThenToldOfItsTransactions(String library, CapturedOutput output) {
		ClassLoader classLoader = new ByteBuddy().makeInterface()
			.name(library)
			.make()
			.load(getClass().getClassLoader())
			.getLoaded()
			.getClassLoader();
		HostRunner.bare().withClassLoader(classLoader).withUserConfiguration(KeysOnly.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce("PROPAGATION_NESTED");
		});
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void applicationWithEntitiesOrWithoutJdbcOrWithItsOwnTransactionsThenNotAWord(CapturedOutput output) {
		HostRunner.bare().withUserConfiguration(KeysOnly.class).run((context) -> assertThat(context).hasNotFailed());
		HostRunner.application()
			.withUserConfiguration(WithTemplate.class)
			.run((context) -> assertThat(context).hasNotFailed());
		HostRunner.bare()
			.withUserConfiguration(KeysOnly.class, WithTemplate.class, WithTransactionsOfJdbc.class)
			.run((context) -> assertThat(context).hasNotFailed());
		HostRunner.bare()
			.withUserConfiguration(KeysOnly.class, WithTemplate.class, WithTransactionsOfJpa.class)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("PROPAGATION_NESTED");
	}

	/**
	 * Neither Flyway nor the scripts know the database of the persistence unit that is
	 * named.
	 */
	@Test
	void persistenceUnitOnASecondDatabaseThenItsTablesAreLookedAt() {
		String second = HostRunner.database();
		AtomicReference<ConfigurableApplicationContext> started = new AtomicReference<>();
		for (Class<?> unit : List.of(UnitOnASecondDatabase.class, QualifiedUnitOnASecondDatabase.class)) {
			WebApplicationContextRunner application = HostRunner.bare()
				.withUserConfiguration(unit)
				.withInitializer(started::set)
				.withPropertyValues("second=" + second);
			if (unit == UnitOnASecondDatabase.class) {
				application = application.withPropertyValues("api-key.jpa.entity-manager-factory=keys");
			}
			application.run((context) -> {
				assertThat(context).hasFailed();
				FailureAnalysis advice = new ApiKeyTablesFailureAnalyzer(started.get().getBeanFactory(),
						started.get().getEnvironment())
					.analyze(context.getStartupFailure());
				assertThat(advice.getDescription()).contains("missing: api_key, ")
					.contains("H2, database '" + second.split("[:;]")[3].toUpperCase() + "'")
					.contains("several beans of type DataSource")
					.contains("create our tables in another: H2, database '");
				assertThat(advice.getAction()).doesNotContain("three ways")
					.contains("h2/V1__create_api_key_tables.sql")
					.contains("'api-key.database.flyway.enabled=false'")
					.contains("'api-key.database.initialize-schema=never'");
			});
		}
		for (String script : List.of("V1__create_api_key_tables.sql", "V2__add_line_of_successors.sql")) {
			new ResourceDatabasePopulator(new ClassPathResource("io/github/apikeys/core/migration/h2/" + script))
				.execute(new DriverManagerDataSource(second));
		}
		HostRunner.bare()
			.withUserConfiguration(UnitOnASecondDatabase.class)
			.withPropertyValues("second=" + second, "api-key.jpa.entity-manager-factory=keys",
					"api-key.database.flyway.enabled=false", "api-key.database.initialize-schema=never")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
				assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client")).token())).isPresent();
				assertThat(tables(context)).doesNotContain("API_KEY");
			});
	}

	/**
	 * As Spring decides where one is injected.
	 */
	@Test
	void twoPersistenceUnitsThatAreMarkedWhenOneIsPrimaryThenThatOne() {
		HostRunner.bare().withUserConfiguration(TwoPersistenceUnitsBothQualifiedOnePrimary.class).run((context) -> {
			assertThat(context).hasNotFailed();
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client")).token())).isPresent();
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { TwoPersistenceUnitsBothQualified.class, TwoPersistenceUnitsBothQualifiedAndPrimary.class })
	void twoPersistenceUnitsThatAreMarkedThenAdvice(Class<?> configuration) {
		HostRunner.bare().withUserConfiguration(configuration).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis advice = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(advice).isNotNull();
			assertThat(advice.getDescription()).contains("@ApiKeyEntityManagerFactory");
			assertThat(advice.getAction()).contains("'api-key.jpa.entity-manager-factory'");
		});
		HostRunner.bare()
			.withUserConfiguration(configuration)
			.withPropertyValues("api-key.jpa.entity-manager-factory=one")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void twoPersistenceUnitsAndOnePrimary() {
		HostRunner.bare().withUserConfiguration(TwoPersistenceUnitsOnePrimary.class).run((context) -> {
			assertThat(context).hasNotFailed();
			JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
			assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client")).token())).isPresent();
		});
	}

	@Test
	void aspectsOfTheApplicationMayWrapTheService() {
		HostRunner.application().withUserConfiguration(WrapEveryService.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(AopUtils.isAopProxy(context.getBean(ApiKeyService.class))).isTrue();
			assertThat(get(mvc(context), "/orders", "X-API-Key", key(context, "orders:read"))).hasStatus(200);
		});
	}

	@Test
	void ownServiceThenItCallsOursWhichKeepsItsRules() {
		HostRunner.application()
			.withUserConfiguration(CountingService.class)
			.withBean(ApiKeyPolicy.class, () -> (apiKey) -> !apiKey.displayName().equals("unwanted"))
			.withPropertyValues("api-key.expiry.max=30d", "api-key.expiry.default=1d")
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.hasSingleBean(JpaApiKeyService.class)
					.hasSingleBean(ApiKeyReports.class);
				ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
				CreatedApiKey created = apiKeys.create(NewApiKey.named("client").scopes("orders:read"));
				assertThat(created.apiKey().getExpiresAt()).isNotNull();
				assertThat(get(mvc(context), "/orders", "X-API-Key", created.token())).hasStatus(200);
				String unwanted = apiKeys.create(NewApiKey.named("unwanted").scopes("orders:read")).token();
				assertThat(get(mvc(context), "/orders", "X-API-Key", unwanted)).hasStatus(401);
				assertThat(context.getBean(CountingService.class).calls).contains("create");
			});
	}

	@Test
	void ownVerifierThenItCallsOursWhichKeepsItsPolicies() {
		HostRunner.application()
			.withUserConfiguration(CountingVerifier.class)
			.withBean(ApiKeyPolicy.class, () -> (apiKey) -> !apiKey.displayName().equals("unwanted"))
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(JpaApiKeyService.class);
				assertThat(context.getBean(ApiKeyService.class)).isInstanceOf(JpaApiKeyService.class);
				assertThat(get(mvc(context), "/orders", "X-API-Key", key(context, "orders:read"))).hasStatus(200);
				String unwanted = context.getBean(ApiKeyService.class)
					.create(NewApiKey.named("unwanted").scopes("orders:read"))
					.token();
				assertThat(get(mvc(context), "/orders", "X-API-Key", unwanted)).hasStatus(401);
				assertThat(context.getBean(CountingVerifier.class).verifications).hasValue(2);
			});
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void selfBuiltJpaServiceThenOursBacksOffAndWhatHasNoEffectIsTold(CapturedOutput output) {
		HostRunner.application().withUserConfiguration(SelfBuiltService.class).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(ApiKeyService.class).hasSingleBean(ApiKeyReports.class);
			assertThat(output).contains("The bean 'selfBuilt' replaces the JpaApiKeyService of the auto-configuration");
		});
		assertThat(output.toString().split("replaces the JpaApiKeyService")).hasSize(2);
	}

	@Test
	void withoutJpaThenStartsWithoutService() {
		HostRunner.bare()
			.withUserConfiguration(WithoutJpa.class)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ApiKeyService.class));
		HostRunner.bare()
			.withClassLoader(new FilteredClassLoader("jakarta.persistence", "org.hibernate"))
			.withUserConfiguration(WithoutJpa.class)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ApiKeyService.class));
	}

	@Test
	void ownFlywayAndValidation() {
		HostRunner.application().withPropertyValues("spring.jpa.hibernate.ddl-auto=validate").run((context) -> {
			assertBothWork(context);
			assertThat(tables(context)).contains("flyway_schema_history", "api_key_schema_history", "CUSTOMER",
					"API_KEY");
			assertThat(versions(context, "flyway_schema_history")).containsExactly("1");
			assertThat(versions(context, "api_key_schema_history")).containsExactly("0", "1", "2");
		});
	}

	@Test
	void secondStartChangesNothing() {
		String database = "spring.datasource.url=" + HostRunner.database();
		for (int start = 0; start < 2; start++) {
			HostRunner.application()
				.withPropertyValues(database, "spring.jpa.hibernate.ddl-auto=validate")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(versions(context, "api_key_schema_history")).containsExactly("0", "1", "2");
				});
		}
	}

	@Test
	void flywayInAnotherSchema() {
		HostRunner.application()
			.withPropertyValues("spring.flyway.default-schema=SHOP", "spring.flyway.schemas=SHOP",
					"spring.jpa.properties.hibernate.default_schema=SHOP", "spring.jpa.hibernate.ddl-auto=validate")
			.run((context) -> {
				assertBothWork(context);
				assertThat(context.getBean(JdbcTemplate.class)
					.queryForObject("select count(*) from shop.api_key", Integer.class)).isEqualTo(1);
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "api_key", "api_key_scope", "api_key_metadata", "api_key_owner", "api_key_event",
			"api_key_usage", "api_key_usage_total" })
	void tableOfTheSameNameThenAdviceAndNothingIsChanged(String table) {
		String database = HostRunner.database();
		JdbcTemplate jdbc = new JdbcTemplate(new DriverManagerDataSource(database, "sa", ""));
		jdbc.execute("create table " + table + " (theirs integer)");
		HostRunner.application()
			.withPropertyValues("spring.datasource.url=" + database, "spring.flyway.baseline-on-migrate=true",
					"spring.flyway.baseline-version=0")
			.run((context) -> {
				assertThat(context).hasFailed();
				FailureAnalysis advice = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
				assertThat(advice.getDescription()).contains("[" + table + "]");
				assertThat(advice.getAction()).contains("Rename your table");
			});
		assertThat(jdbc.queryForList("select theirs from " + table)).isEmpty();
		assertThat(jdbc.queryForList(
				"select lower(table_name) from information_schema.tables where lower(table_name) like 'api_key%'",
				String.class))
			.containsExactly(table);
	}

	@Test
	void tableOfTheSameNameWhenRenamedThenStarts() {
		String database = HostRunner.database();
		JdbcTemplate jdbc = new JdbcTemplate(new DriverManagerDataSource(database, "sa", ""));
		jdbc.execute("create table api_key (theirs integer)");
		WebApplicationContextRunner application = HostRunner.application()
			.withPropertyValues("spring.datasource.url=" + database, "spring.flyway.baseline-on-migrate=true",
					"spring.flyway.baseline-version=0");
		application.run((context) -> assertThat(context).hasFailed());
		jdbc.execute("alter table api_key rename to their_key");
		application.run(HostPersistenceTests::assertBothWork);
	}

	@Test
	void tableOfTheSameNameInAnotherSchema() {
		String database = HostRunner.database();
		new JdbcTemplate(new DriverManagerDataSource(database, "sa", ""))
			.execute("create schema SHOPX; create table SHOPX.api_key (theirs integer)");
		HostRunner.application()
			.withPropertyValues("spring.datasource.url=" + database, "spring.flyway.default-schema=SHOP_",
					"spring.flyway.schemas=SHOP_", "spring.jpa.properties.hibernate.default_schema=SHOP_")
			.run(HostPersistenceTests::assertBothWork);
	}

	@Test
	void flywayButNotForUs(@TempDir Path copied) throws IOException {
		for (Resource script : new PathMatchingResourcePatternResolver()
			.getResources("classpath:io/github/apikeys/core/migration/h2/V*.sql")) {
			Files.copy(script.getInputStream(), copied.resolve(script.getFilename().replace("V", "V10_")));
		}
		HostRunner.application()
			.withPropertyValues("api-key.database.flyway.enabled=false", "api-key.database.initialize-schema=never",
					"spring.jpa.hibernate.ddl-auto=none",
					"spring.flyway.locations=classpath:db/migration,filesystem:" + copied)
			.run((context) -> {
				assertBothWork(context);
				assertThat(tables(context)).contains("CUSTOMER", "API_KEY").doesNotContain("api_key_schema_history");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "none", "create-drop", "update" })
	void withoutFlywayThenScripts(String ddlAuto) {
		HostRunner.bare()
			.withUserConfiguration(KeysOnly.class)
			.withPropertyValues("spring.flyway.enabled=false", "spring.jpa.hibernate.ddl-auto=" + ddlAuto)
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.doesNotHaveBean("flyway")
					.hasSingleBean(ApiKeySchemaInitializer.class);
				JpaApiKeyService apiKeys = context.getBean(JpaApiKeyService.class);
				assertThat(apiKeys.verify(apiKeys.create(NewApiKey.named("client")).token())).isPresent();
			});
	}

	@Test
	void withoutFlywayAndWithBootsDefaults() {
		HostRunner.withoutFlyway().run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(CustomerRepository.class).save(new Customer());
			assertThat(get(mvc(context), "/orders", "X-API-Key", key(context, "orders:read"))).hasStatus(200);
		});
	}

	@Test
	void scriptsAlwaysTwice() {
		String database = "spring.datasource.url=" + HostRunner.database();
		for (int start = 0; start < 2; start++) {
			HostRunner.bare()
				.withUserConfiguration(KeysOnly.class)
				.withPropertyValues(database, "spring.flyway.enabled=false", "spring.jpa.hibernate.ddl-auto=validate",
						"api-key.database.initialize-schema=always")
				.run((context) -> assertThat(context).hasNotFailed());
		}
	}

	@Test
	void scriptsOfTheApplicationAfterHibernate() {
		HostRunner.withoutFlyway()
			.withPropertyValues("spring.jpa.defer-datasource-initialization=true",
					"spring.sql.init.data-locations=classpath:db/other/data.sql")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(CustomerRepository.class).count()).isEqualTo(1);
				assertThat(get(mvc(context), "/orders", "X-API-Key", key(context, "orders:read"))).hasStatus(200);
			});
	}

	@Test
	void lazyInitialization() {
		HostRunner.application()
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(get(mvc(context), "/orders", "X-API-Key", key(context, "orders:read"))).hasStatus(200);
				assertThat(get(mvc(context), "/orders", "X-API-Key", key(context))).hasStatus(403);
			});
	}

	private static List<String> tables(ApplicationContext context) {
		return context.getBean(JdbcTemplate.class)
			.queryForList("select table_name from information_schema.tables", String.class);
	}

	private static List<String> versions(ApplicationContext context, String table) {
		return context.getBean(JdbcTemplate.class)
			.queryForList("select \"version\" from \"" + table
					+ "\" where \"version\" is not null order by \"installed_rank\"", String.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = Customer.class)
	static class WithEntityScan {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableJpaRepositories(basePackageClasses = CustomerRepository.class)
	static class WithJpaRepositories {

	}

	@AutoConfiguration(afterName = "io.github.apikeys.autoconfigure.ApiKeyJpaAutoConfiguration")
	@EntityScan(basePackageClasses = Customer.class)
	static class ZzzLateAutoConfiguration {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class KeysOnly {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			excludeName = { "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
					"org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration" })
	static class WithoutJpa {

	}

	@Configuration(proxyBeanMethods = false)
	static class WrapEveryService {

		@Bean
		static DefaultPointcutAdvisor advisor() {
			JdkRegexpMethodPointcut pointcut = new JdkRegexpMethodPointcut();
			pointcut.setPattern(".*Service\\..*");
			return new DefaultPointcutAdvisor(pointcut, (MethodInterceptor) MethodInvocation::proceed);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnPersistenceUnit {

		@Bean
		LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource dataSource) {
			return unit(dataSource, "own", Customer.class.getPackageName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(WithoutJpa.class)
	static class TwoPersistenceUnits {

		@Bean
		LocalContainerEntityManagerFactoryBean one(DataSource dataSource) {
			return unit(dataSource, "one", ApiKey.class.getPackageName());
		}

		@Bean
		LocalContainerEntityManagerFactoryBean two(DataSource dataSource) {
			return unit(dataSource, "two", Customer.class.getPackageName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithTemplate {

		WithTemplate(JdbcTemplate jdbc) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithClient {

		@Autowired
		JdbcClient jdbc;

	}

	@Configuration(proxyBeanMethods = false)
	static class WithNamedParameters {

		@Bean
		Customer customer(NamedParameterJdbcOperations jdbc) {
			return new Customer();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ WithoutJpa.class, TwoDatabases.class })
	static class UnitOnASecondDatabase {

		@Bean
		LocalContainerEntityManagerFactoryBean keys(@Qualifier("second") DataSource dataSource) {
			return unit(dataSource, "keys", ApiKey.class.getPackageName());
		}

		@Bean
		LocalContainerEntityManagerFactoryBean customers(DataSource dataSource) {
			return unit(dataSource, "customers", Customer.class.getPackageName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import({ WithoutJpa.class, TwoDatabases.class })
	static class QualifiedUnitOnASecondDatabase {

		@Bean
		@ApiKeyEntityManagerFactory
		LocalContainerEntityManagerFactoryBean keys(@Qualifier("second") DataSource dataSource) {
			return unit(dataSource, "keys", ApiKey.class.getPackageName());
		}

		@Bean
		LocalContainerEntityManagerFactoryBean customers(DataSource dataSource) {
			return unit(dataSource, "customers", Customer.class.getPackageName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDatabases {

		@Bean
		@Primary
		DataSource first(@Value("${spring.datasource.url}") String url) {
			return new DriverManagerDataSource(url);
		}

		@Bean
		DataSource second(@Value("${second}") String url) {
			return new DriverManagerDataSource(url);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithTransactionsOfJdbc {

		@Bean
		JdbcTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithTransactionsOfJpa {

		@Bean
		JpaTransactionManager transactionManager(EntityManagerFactory entityManagerFactory) {
			return new JpaTransactionManager(entityManagerFactory);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InjectsDataSourceTransactionManager {

		@Bean
		Object reports(DataSourceTransactionManager transactions) {
			return new TransactionTemplate(transactions);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InjectsJdbcTransactionManager {

		@Autowired
		JdbcTransactionManager transactions;

	}

	@Configuration(proxyBeanMethods = false)
	static class LooksUpJdbcTransactionManager {

		@Bean
		Object reports(ApplicationContext context) {
			return new TransactionTemplate(context.getBean(JdbcTransactionManager.class));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(WithoutJpa.class)
	static class TwoPersistenceUnitsOneQualified {

		@Bean
		@ApiKeyEntityManagerFactory
		LocalContainerEntityManagerFactoryBean one(DataSource dataSource) {
			return unit(dataSource, "one", ApiKey.class.getPackageName());
		}

		@Bean
		LocalContainerEntityManagerFactoryBean two(DataSource dataSource) {
			return unit(dataSource, "two", Customer.class.getPackageName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(WithoutJpa.class)
	static class TwoPersistenceUnitsBothQualified {

		@Bean
		@ApiKeyEntityManagerFactory
		LocalContainerEntityManagerFactoryBean one(DataSource dataSource) {
			return unit(dataSource, "one", ApiKey.class.getPackageName());
		}

		@Bean
		@ApiKeyEntityManagerFactory
		LocalContainerEntityManagerFactoryBean two(DataSource dataSource) {
			return unit(dataSource, "two", Customer.class.getPackageName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(WithoutJpa.class)
	static class TwoPersistenceUnitsBothQualifiedOnePrimary {

		@Bean
		@Primary
		@ApiKeyEntityManagerFactory
		LocalContainerEntityManagerFactoryBean one(DataSource dataSource) {
			return unit(dataSource, "one", ApiKey.class.getPackageName());
		}

		@Bean
		@ApiKeyEntityManagerFactory
		LocalContainerEntityManagerFactoryBean two(DataSource dataSource) {
			return unit(dataSource, "two", Customer.class.getPackageName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(WithoutJpa.class)
	static class TwoPersistenceUnitsBothQualifiedAndPrimary {

		@Bean
		@Primary
		@ApiKeyEntityManagerFactory
		LocalContainerEntityManagerFactoryBean one(DataSource dataSource) {
			return unit(dataSource, "one", ApiKey.class.getPackageName());
		}

		@Bean
		@Primary
		@ApiKeyEntityManagerFactory
		LocalContainerEntityManagerFactoryBean two(DataSource dataSource) {
			return unit(dataSource, "two", Customer.class.getPackageName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CountingService {

		private final List<String> calls = new CopyOnWriteArrayList<>();

		@Bean
		ApiKeyService countingApiKeyService(ApiKeyService apiKeys) {
			return (ApiKeyService) Proxy.newProxyInstance(getClass().getClassLoader(),
					new Class<?>[] { ApiKeyService.class }, (proxy, method, arguments) -> {
						this.calls.add(method.getName());
						return method.invoke(apiKeys, arguments);
					});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CountingVerifier {

		private final AtomicInteger verifications = new AtomicInteger();

		@Bean
		ApiKeyTokenVerifier countingVerifier(ApiKeyTokenVerifier verifier) {
			return (token, remoteAddress) -> {
				this.verifications.incrementAndGet();
				return verifier.verify(token, remoteAddress);
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SelfBuiltService {

		@Bean
		JpaApiKeyService selfBuilt(EntityManagerFactory entityManagerFactory,
				PlatformTransactionManager transactionManager, ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers) {
			return new JpaApiKeyService(entityManagerFactory, transactionManager, tokenFormats, hashers);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(WithoutJpa.class)
	static class TwoPersistenceUnitsOnePrimary {

		@Bean
		@Primary
		LocalContainerEntityManagerFactoryBean one(DataSource dataSource) {
			return unit(dataSource, "one", ApiKey.class.getPackageName());
		}

		@Bean
		LocalContainerEntityManagerFactoryBean two(DataSource dataSource) {
			return unit(dataSource, "two", Customer.class.getPackageName());
		}

	}

	private static LocalContainerEntityManagerFactoryBean unit(DataSource dataSource, String name, String packageName) {
		LocalContainerEntityManagerFactoryBean unit = new LocalContainerEntityManagerFactoryBean();
		unit.setDataSource(dataSource);
		unit.setPersistenceUnitName(name);
		unit.setPackagesToScan(packageName);
		unit.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
		return unit;
	}

}
