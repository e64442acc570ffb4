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

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;

import com.mchange.v2.c3p0.test.ConnectionCustomizer;
import com.mchange.v2.c3p0.test.HookedDataSource;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.IMetricsTracker;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.tenant.key.TenantIdApiKey;
import io.github.apikeys.tenant.note.TenantNote;
import jakarta.persistence.EntityManagerFactory;
import net.ttddyy.dsproxy.listener.NoOpQueryExecutionListener;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.aopalliance.aop.Advice;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.h2.jdbcx.JdbcConnectionPool;
import org.h2.jdbcx.JdbcDataSource;
import org.hibernate.Interceptor;
import org.hibernate.SessionEventListener;
import org.hibernate.context.spi.CurrentTenantIdentifierResolver;
import org.hibernate.context.spi.TenantSchemaMapper;
import org.hibernate.engine.jdbc.connections.internal.DatasourceConnectionProviderImpl;
import org.hibernate.engine.jdbc.connections.spi.AbstractDataSourceBasedMultiTenantConnectionProviderImpl;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.aop.AfterReturningAdvice;
import org.springframework.aop.Pointcut;
import org.springframework.aop.TargetSource;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.adapter.MethodBeforeAdviceInterceptor;
import org.springframework.aop.interceptor.PerformanceMonitorInterceptor;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.DefaultIntroductionAdvisor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.DelegatingIntroductionInterceptor;
import org.springframework.aop.support.NameMatchMethodPointcut;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.support.GenericBeanDefinition;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.UserCredentialsDataSourceAdapter;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.jdbc.datasource.lookup.IsolationLevelDataSourceRouter;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.samples.clinic.RoutingOfSample;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecutionListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What chooses by the thread is found, however it is wrapped; what does not is none.
 */
class TenantRoutingTests {

	private static final String PACKAGE = ApiKey.class.getPackageName();

	static Stream<Arguments> routing() {
		return Stream.of(arguments("plain", new Routing()),
				arguments("lazy", new LazyConnectionDataSourceProxy(new Routing())),
				arguments("transaction-aware", new TransactionAwareDataSourceProxy(new Routing())),
				arguments("several layers",
						new TransactionAwareDataSourceProxy(
								new LazyConnectionDataSourceProxy(new DelegatingDataSource(new Routing())))),
				arguments("by isolation level", new IsolationLevelDataSourceRouter()),
				arguments("by credentials", new UserCredentialsDataSourceAdapter()),
				arguments("wrapper of somebody else", new Wrapper(new Routing())),
				arguments("layers below a wrapper of somebody else",
						new Wrapper(new LazyConnectionDataSourceProxy(new Routing()))),
				arguments("wrapper below layers", new DelegatingDataSource(new Wrapper(new Routing()))),
				arguments("proxy of the interface", interfaceProxy(new Routing())),
				arguments("advised class", proxy(new Routing(), true)),
				arguments("advised interface", proxy(new Routing(), false)),
				arguments("own connections", new SchemaOfThread(h2())),
				arguments("own connections, inherited", new HeirOfSchemaOfThread(h2())),
				arguments("own connections below layers", new LazyConnectionDataSourceProxy(new SchemaOfThread(h2()))),
				arguments("own connections below a wrapper", new Wrapper(new SchemaOfThread(h2()))),
				arguments("own connections, advised", proxy(new SchemaOfThread(h2()), true)),
				arguments("own target", new TargetOfThread(h2())),
				arguments("own connections of a driver", new SimpleDriverDataSource() {

					@Override
					public Connection getConnection() {
						throw new UnsupportedOperationException();
					}

				}), arguments("own connections, of an abstract class", new ConnectionsOfThread(h2())),
				arguments("own connections, of an abstract class below layers",
						new DelegatingDataSource(new LazyConnectionDataSourceProxy(new ConnectionsOfThread(h2())))),
				arguments("another target for each call", targetOfEachCall(h2())),
				arguments("in the scope of a thread", scoped("thread")),
				arguments("written from scratch", new Wrapper(h2())),
				arguments("of an application in a package like Spring's", new RoutingOfSample()),
				arguments("written from scratch, which shows nothing", new Closed(h2())),
				arguments("written from scratch, of a pool", pool(new Closed(h2()))),
				arguments("written from scratch, which is watched", watched(new Closed(h2())).build()),
				arguments("written from scratch, for reading", lazy(h2(), new Closed(h2()))),
				arguments("advice around", advised(h2(), pointcut("getConnection"), new SchemaByAdvice())),
				arguments("advice after",
						advised(h2(), Pointcut.TRUE,
								(AfterReturningAdvice) (result, method, arguments, target) -> ((Connection) result)
									.setSchema("PUBLIC"))),
				arguments("advice below layers",
						new LazyConnectionDataSourceProxy(
								advised(h2(), pointcut("getConnection"), new SchemaByAdvice()))),
				arguments("advice of somebody else's",
						advised(h2(), Pointcut.TRUE, new MethodBeforeAdviceInterceptor((method, arguments, target) -> {
						}))),
				arguments("introduction", introduced(h2())),
				arguments("advice that is not shown", proxy(new DelegatingDataSource(h2()), true)),
				arguments("advice that is not shown, of an interface", proxy(h2(), false)),
				arguments("proxy of the interface of a plain one", interfaceProxy(h2())),
				arguments("statements that are rewritten",
						watched(h2()).queryTransformer((information) -> "select 1").build()),
				arguments("listener of statements", watched(h2()).beforeQuery((execution, queries) -> {
				}).build()), arguments("listener of calls", watched(h2()).beforeMethod((execution) -> {
				}).build()),
				arguments("one of many listeners",
						watched(h2()).logQueryBySlf4j().listener(new ListenerOfStatements()).build()),
				arguments("watched, of a pool", pool(watched(h2()).listener(new ListenerOfStatements()).build())),
				arguments("class that a pool calls, by its name", hooked(SchemaOfBorrow.class.getName())),
				arguments("class that a pool calls, among others",
						hooked("ConnectionState;" + SchemaOfBorrow.class.getName() + "(schema=PUBLIC)")),
				arguments("class that a pool calls, as a class", hooked(List.of(SchemaOfBorrow.class))),
				arguments("object that a pool calls, in a list", hooked(List.of("", new SchemaOfBorrow()))),
				arguments("object that a pool calls, in an array", hooked(new Object[] { new SchemaOfBorrow() })),
				arguments("object that a pool calls, by a name", hooked(Map.of("customizer", new SchemaOfBorrow()))),
				arguments("object that a pool calls, through a proxy", hooked(List.of(customizerProxy()))),
				arguments("object that a pool calls, and nobody knows with what",
						labelled((HookedDataSource.LabelingCallback) (connection) -> true)),
				arguments("class in the address of a database",
						labelled("jdbc:x://host?interceptors=" + Labelling.class.getName())),
				arguments("driver of the application, by its name", hooked(DriverOfThread.class.getName())),
				arguments("driver of the application", new SimpleDriverDataSource(new DriverOfThread(), "jdbc:own:x")),
				arguments("own user", new SimpleDriverDataSource() {

					@Override
					public String getUsername() {
						throw new UnsupportedOperationException();
					}

				}), arguments("own preparation", new SingleConnectionDataSource() {

					@Override
					protected void prepareConnection(Connection connection) throws SQLException {
						connection.setSchema("PUBLIC");
					}

				}));
	}

	@ParameterizedTest(name = "{0}", autoCloseArguments = false)
	@MethodSource("routing")
	void findWhenItChoosesByTheThreadThenFound(String name, DataSource dataSource) {
		assertThat(DataSourceRouting.find(dataSource)).isNotNull();
	}

	static Stream<Arguments> plain() {
		return Stream.of(arguments("driver", h2()), arguments("pool", JdbcConnectionPool.create(h2())),
				arguments("single connection", new SingleConnectionDataSource()),
				arguments("lazy", new LazyConnectionDataSourceProxy(h2())),
				arguments("transaction-aware", new TransactionAwareDataSourceProxy(h2())),
				arguments("lazy, with another one for reading", lazy(pool(h2()), pool(h2()))),
				arguments("pool", pool(h2())), arguments("pool that is used", used(pool(h2()))),
				arguments("pool with names", hooked("ConnectionState;StatementFinalizer(a=b) jdbc:h2:mem:com.Acme")),
				arguments("pool with known classes", hooked(List.of("org.h2.Driver", org.h2.Driver.class))),
				arguments("pool with what cannot reach a connection",
						hooked(List.of(TenantRoutingTests.class.getName(), new SilentHook(), "com.acme.Gone"))),
				arguments("pool with a factory of threads", threads(pool(h2()))),
				arguments("pool whose metrics the application takes", measured(pool(h2()))),
				arguments("watched", watched(pool(h2())).logQueryBySlf4j().build()),
				arguments("advised", advised(pool(h2()), Pointcut.TRUE, new PerformanceMonitorInterceptor())),
				arguments("advised elsewhere", advised(h2(), pointcut("close"), new SchemaByAdvice())),
				arguments("without a target", new DelegatingDataSource()),
				arguments("subclass that only configures", new Configured(h2())),
				arguments("subclass with passwords that change", new HikariDataSource() {

					@Override
					public String getPassword() {
						return "changes";
					}

				}), arguments("in the scope of a refresh", scoped("refresh")));
	}

	@ParameterizedTest(name = "{0}", autoCloseArguments = false)
	@MethodSource("plain")
	void findWhenItIsTheSameForAllThreadsThenNothing(String name, DataSource dataSource) {
		assertThat(DataSourceRouting.find(dataSource)).isNull();
	}

	@Test
	void findWhenADataSourceWrapsItselfThenItEnds() {
		DelegatingDataSource dataSource = new DelegatingDataSource();
		dataSource.setTargetDataSource(dataSource);
		assertThat(DataSourceRouting.find(dataSource)).isNull();
	}

	@Test
	void findThenTheDataSourceOfThePersistenceUnit() {
		assertThat(find(new SchemaOfThread(h2()), Map.of())).contains(SchemaOfThread.class.getName());
		assertThat(find(h2(), Map.of())).isNull();
	}

	@Test
	void findWhenHibernateHasTenantsThenFound() {
		assertThat(find(h2(),
				Map.of("hibernate.multi_tenant_connection_provider", new ConnectionsOfTenants(),
						"hibernate.tenant_identifier_resolver", new Tenant())))
			.isEqualTo("the multi-tenancy of Hibernate");
		assertThat(find(h2(), Map.of("hibernate.tenant_identifier_resolver", new Tenant())))
			.isEqualTo("the tenant identifier resolver of Hibernate");
		assertThat(find(h2(), Map.of("hibernate.multi_tenant.schema_mapper", new Schemas())))
			.isEqualTo("the tenant mapper of Hibernate");
		assertThat(find(h2(), Map.of(), TenantNote.class.getPackageName())).isEqualTo("an entity with a @TenantId");
	}

	static Stream<Arguments> parts() {
		return Stream.of(arguments("hibernate.connection.provider_class", new OwnProvider()),
				arguments("hibernate.connection.provider_class", new SchemaOfProvider()),
				arguments("hibernate.session_factory.statement_inspector", (StatementInspector) (sql) -> sql),
				arguments("hibernate.session_factory.interceptor", new OwnInterceptor()),
				arguments("hibernate.session_factory.session_scoped_interceptor",
						(Supplier<Interceptor>) OwnInterceptor::new),
				arguments("hibernate.session.events.auto", SchemaOfSession.class.getName()));
	}

	@ParameterizedTest(name = "{0}", autoCloseArguments = false)
	@MethodSource("parts")
	void findWhenHibernateCallsTheApplicationForAStatementThenFound(String property, Object part) {
		assertThat(find(h2(), Map.of(property, part))).contains(TenantRoutingTests.class.getSimpleName());
	}

	static Stream<Arguments> transactions() {
		return Stream
			.of(arguments("transaction manager", (Transactions) (factory) -> new JpaTransactionManager(factory) {

				@Override
				protected void doBegin(Object transaction, TransactionDefinition definition) {
					super.doBegin(transaction, definition);
				}

			}), arguments("dialect", (Transactions) (factory) -> {
				JpaTransactionManager manager = new JpaTransactionManager(factory);
				manager.setJpaDialect(new HibernateJpaDialect() {
				});
				return manager;
			}), arguments("initializer", (Transactions) (factory) -> {
				JpaTransactionManager manager = new JpaTransactionManager(factory);
				manager.setEntityManagerInitializer((entityManager) -> {
				});
				return manager;
			}), arguments("listener", (Transactions) (factory) -> {
				JpaTransactionManager manager = new JpaTransactionManager(factory);
				manager.addListener(new TransactionExecutionListener() {
				});
				return manager;
			}), arguments("advice", (Transactions) (factory) -> {
				ProxyFactory proxy = new ProxyFactory(new JpaTransactionManager(factory));
				proxy.addAdvice(new SchemaByAdvice());
				return (PlatformTransactionManager) proxy.getProxy();
			}));
	}

	@ParameterizedTest(name = "{0}", autoCloseArguments = false)
	@MethodSource("transactions")
	void findWhenATransactionCallsTheApplicationThenFound(String name, Transactions transactions) {
		try (PersistenceUnit unit = new PersistenceUnit(h2(), properties(Map.of()), PACKAGE)) {
			EntityManagerFactory factory = unit.entityManagerFactory();
			assertThat(TenantRouting.find(factory, transactions.of(factory)))
				.contains(TenantRoutingTests.class.getSimpleName());
			assertThat(TenantRouting.find(factory, new JpaTransactionManager(factory))).isNull();
		}
	}

	@Test
	void findWhenEntityManagersComeFromTheApplicationThenFound() {
		try (PersistenceUnit unit = new PersistenceUnit(h2(), properties(Map.of()), PACKAGE)) {
			ProxyFactory proxy = new ProxyFactory(unit.entityManagerFactory());
			proxy.addAdvice(new SchemaByAdvice());
			assertThat(TenantRouting.find((EntityManagerFactory) proxy.getProxy(), unit.transactionManager()))
				.contains(SchemaByAdvice.class.getName());
		}
		LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
		factory.setDataSource(h2());
		factory.setPackagesToScan(PACKAGE);
		factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
		factory.setEntityManagerInitializer((entityManager) -> {
		});
		factory.afterPropertiesSet();
		try {
			EntityManagerFactory initialized = Objects.requireNonNull(factory.getObject());
			assertThat(TenantRouting.find(initialized, new JpaTransactionManager(initialized)))
				.contains(TenantRoutingTests.class.getSimpleName());
		}
		finally {
			factory.destroy();
		}
	}

	@Test
	void createWhenATypeOfKeysHasATenantThenRefused() {
		try (PersistenceUnit unit = new PersistenceUnit(h2(), Map.of(), PACKAGE,
				TenantIdApiKey.class.getPackageName())) {
			assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> service(unit))
				.withMessageContaining(TenantIdApiKey.class.getName())
				.withMessageContaining("@TenantId");
		}
	}

	private static String find(DataSource dataSource, Map<String, Object> properties, String... packages) {
		String[] all = Stream.concat(Stream.of(PACKAGE), Stream.of(packages)).toArray(String[]::new);
		try (PersistenceUnit unit = new PersistenceUnit(dataSource, properties(properties), all)) {
			return TenantRouting.find(unit.entityManagerFactory(), unit.transactionManager());
		}
	}

	/**
	 * Without what the unit notes its statements by.
	 */
	private static Map<String, Object> properties(Map<String, Object> properties) {
		Map<String, Object> all = new HashMap<>();
		all.put("hibernate.session_factory.statement_inspector", null);
		all.putAll(properties);
		return all;
	}

	private static JpaApiKeyService service(PersistenceUnit unit) {
		return unit.service(new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of()), List.of()),
				new ApiKeyHashers("sha256", Set.of(new Sha256ApiKeyHasher())));
	}

	private static JdbcDataSource h2() {
		JdbcDataSource dataSource = new JdbcDataSource();
		dataSource.setURL("jdbc:h2:mem:");
		return dataSource;
	}

	private static HikariDataSource pool(DataSource target) {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(target);
		return pool;
	}

	private static DataSource used(HikariDataSource pool) {
		try (Connection connection = pool.getConnection()) {
			assertThat(connection).isNotNull();
			return pool;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static DataSource threads(HikariDataSource pool) {
		pool.setThreadFactory((task) -> new Thread(task));
		return pool;
	}

	private static DataSource measured(HikariDataSource pool) {
		pool.setMetricsTrackerFactory((name, statistics) -> new IMetricsTracker() {
		});
		return used(pool);
	}

	/**
	 * A pool that has a hook of the application's among its settings.
	 */
	private static DataSource hooked(Object hook) {
		return new HookedDataSource(h2(), hook);
	}

	private static DataSource labelled(Object label) {
		HookedDataSource dataSource = new HookedDataSource(h2(), "");
		dataSource.setLabel(label);
		return dataSource;
	}

	private static Object customizerProxy() {
		return Proxy.newProxyInstance(ConnectionCustomizer.class.getClassLoader(),
				new Class<?>[] { ConnectionCustomizer.class }, (proxy, method, arguments) -> null);
	}

	private static DataSource lazy(DataSource target, DataSource ofReaders) {
		LazyConnectionDataSourceProxy lazy = new LazyConnectionDataSourceProxy(target);
		lazy.setReadOnlyDataSource(ofReaders);
		return lazy;
	}

	private static ProxyDataSourceBuilder watched(DataSource target) {
		return ProxyDataSourceBuilder.create(target);
	}

	private static Pointcut pointcut(String method) {
		NameMatchMethodPointcut pointcut = new NameMatchMethodPointcut();
		pointcut.addMethodName(method);
		return pointcut;
	}

	private static DataSource advised(DataSource target, Pointcut pointcut, Advice advice) {
		ProxyFactory factory = new ProxyFactory(target);
		factory.addAdvisor(new DefaultPointcutAdvisor(pointcut, advice));
		return (DataSource) factory.getProxy();
	}

	private static DataSource introduced(DataSource target) {
		ProxyFactory factory = new ProxyFactory(target);
		factory.addAdvisor(new DefaultIntroductionAdvisor(new DelegatingIntroductionInterceptor(new Closed(target))));
		return (DataSource) factory.getProxy();
	}

	private static DataSource proxy(DataSource target, boolean ofClass) {
		ProxyFactory factory = new ProxyFactory(target);
		factory.setProxyTargetClass(ofClass);
		factory.setOpaque(true);
		return (DataSource) factory.getProxy();
	}

	private static DataSource targetOfEachCall(DataSource target) {
		return ProxyFactory.getProxy(DataSource.class, new TargetSource() {

			@Override
			public Class<?> getTargetClass() {
				return target.getClass();
			}

			@Override
			public boolean isStatic() {
				return false;
			}

			@Override
			public Object getTarget() {
				return target;
			}

			@Override
			public void releaseTarget(Object released) {
			}

		});
	}

	private static DataSource interfaceProxy(DataSource target) {
		return (DataSource) Proxy.newProxyInstance(DataSource.class.getClassLoader(),
				new Class<?>[] { DataSource.class }, (proxy, method, arguments) -> {
					try {
						return method.invoke(target, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
	}

	private static DataSource scoped(String scope) {
		GenericApplicationContext context = new GenericApplicationContext();
		context.getBeanFactory().registerScope(scope, new SimpleThreadScope());
		GenericBeanDefinition definition = new GenericBeanDefinition();
		definition.setBeanClass(DataSource.class);
		definition.setInstanceSupplier(TenantRoutingTests::h2);
		definition.setScope(scope);
		BeanDefinitionHolder holder = ScopedProxyUtils
			.createScopedProxy(new BeanDefinitionHolder(definition, "dataSource"), context, false);
		context.registerBeanDefinition(holder.getBeanName(), holder.getBeanDefinition());
		context.refresh();
		return context.getBean("dataSource", DataSource.class);
	}

	static class Routing extends AbstractRoutingDataSource {

		@Override
		protected Object determineCurrentLookupKey() {
			throw new IllegalStateException("no tenant");
		}

	}

	/**
	 * Schema for each tenant, as it is done without Hibernate.
	 */
	static class SchemaOfThread extends DelegatingDataSource {

		SchemaOfThread(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			connection.setSchema("PUBLIC");
			return connection;
		}

	}

	private static final class HeirOfSchemaOfThread extends SchemaOfThread {

		HeirOfSchemaOfThread(DataSource target) {
			super(target);
		}

	}

	private static final class TargetOfThread extends DelegatingDataSource {

		private final DataSource target;

		TargetOfThread(DataSource target) {
			this.target = target;
		}

		@Override
		public DataSource getTargetDataSource() {
			return this.target;
		}

	}

	private static final class Configured extends DelegatingDataSource {

		Configured(DataSource target) {
			super(target);
		}

		@Override
		public PrintWriter getLogWriter() {
			return new PrintWriter(System.out);
		}

		DataSource getRealDataSource() {
			return getTargetDataSource();
		}

	}

	/**
	 * As of a library that watches statements.
	 */
	private static class Wrapper implements DataSource {

		final DataSource target;

		Wrapper(DataSource target) {
			this.target = target;
		}

		@Override
		public Connection getConnection() throws SQLException {
			return this.target.getConnection();
		}

		@Override
		public Connection getConnection(String username, String password) throws SQLException {
			return this.target.getConnection(username, password);
		}

		@Override
		public PrintWriter getLogWriter() throws SQLException {
			return this.target.getLogWriter();
		}

		@Override
		public void setLogWriter(PrintWriter out) throws SQLException {
			this.target.setLogWriter(out);
		}

		@Override
		public void setLoginTimeout(int seconds) throws SQLException {
			this.target.setLoginTimeout(seconds);
		}

		@Override
		public int getLoginTimeout() throws SQLException {
			return this.target.getLoginTimeout();
		}

		@Override
		public java.util.logging.Logger getParentLogger() {
			return java.util.logging.Logger.getGlobal();
		}

		@Override
		public <T> T unwrap(Class<T> type) throws SQLException {
			return type.isInstance(this.target) ? type.cast(this.target) : this.target.unwrap(type);
		}

		@Override
		public boolean isWrapperFor(Class<?> type) throws SQLException {
			return type.isInstance(this.target) || this.target.isWrapperFor(type);
		}

	}

	private static final class ConnectionsOfThread extends AbstractDataSource {

		private final DataSource target;

		ConnectionsOfThread(DataSource target) {
			this.target = target;
		}

		@Override
		public Connection getConnection() throws SQLException {
			return this.target.getConnection();
		}

		@Override
		public Connection getConnection(String username, String password) throws SQLException {
			return this.target.getConnection(username, password);
		}

	}

	private static final class Closed extends Wrapper {

		Closed(DataSource target) {
			super(target);
		}

		@Override
		public boolean isWrapperFor(Class<?> type) throws SQLException {
			throw new SQLException("nothing to see here");
		}

	}

	private static final class Tenant implements CurrentTenantIdentifierResolver<String> {

		@Override
		public String resolveCurrentTenantIdentifier() {
			return "acme";
		}

		@Override
		public boolean validateExistingCurrentSessions() {
			return false;
		}

	}

	private static final class Schemas implements TenantSchemaMapper<String> {

		@Override
		public String schemaName(String tenant) {
			return tenant;
		}

	}

	private static final class ConnectionsOfTenants
			extends AbstractDataSourceBasedMultiTenantConnectionProviderImpl<String> {

		@Override
		protected DataSource selectAnyDataSource() {
			return h2();
		}

		@Override
		protected DataSource selectDataSource(String tenant) {
			return h2();
		}

	}

	private static final class SchemaByAdvice implements MethodInterceptor {

		@Override
		public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
			return invocation.proceed();
		}

	}

	private static final class OwnInterceptor implements Interceptor {

	}

	public static final class SchemaOfSession implements SessionEventListener {

	}

	private static final class SchemaOfProvider extends DatasourceConnectionProviderImpl {

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			connection.setSchema("PUBLIC");
			return connection;
		}

	}

	private static final class SchemaOfBorrow implements ConnectionCustomizer {

		@Override
		public void onCheckOut(Connection connection) throws SQLException {
			connection.setSchema("PUBLIC");
		}

	}

	private static final class Labelling implements HookedDataSource.LabelingCallback {

		@Override
		public boolean configure(Object connection) {
			return true;
		}

	}

	private static final class SilentHook implements HookedDataSource.Hook {

		@Override
		public void borrowed(int connections) {
		}

	}

	private static final class ListenerOfStatements extends NoOpQueryExecutionListener {

	}

	private static final class DriverOfThread implements Driver {

		@Override
		public Connection connect(String url, Properties properties) {
			throw new UnsupportedOperationException();
		}

		@Override
		public boolean acceptsURL(String url) {
			return url.startsWith("jdbc:own:");
		}

		@Override
		public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
			return new DriverPropertyInfo[0];
		}

		@Override
		public int getMajorVersion() {
			return 1;
		}

		@Override
		public int getMinorVersion() {
			return 0;
		}

		@Override
		public boolean jdbcCompliant() {
			return false;
		}

		@Override
		public java.util.logging.Logger getParentLogger() {
			return java.util.logging.Logger.getGlobal();
		}

	}

	@FunctionalInterface
	private interface Transactions {

		PlatformTransactionManager of(EntityManagerFactory entityManagerFactory);

	}

	private static final class OwnProvider extends DatasourceConnectionProviderImpl {

		@Override
		public boolean isUnwrappableAs(Class<?> type) {
			return false;
		}

	}

}
