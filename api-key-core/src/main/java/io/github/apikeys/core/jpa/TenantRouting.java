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
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.sql.DataSource;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.Interceptor;
import org.hibernate.SessionEventListener;
import org.hibernate.binder.internal.TenantIdBinder;
import org.hibernate.boot.spi.SessionFactoryOptions;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.generator.internal.TenantIdGeneration;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.jspecify.annotations.Nullable;

import org.springframework.orm.jpa.AbstractEntityManagerFactoryBean;
import org.springframework.orm.jpa.JpaDialect;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.util.ReflectionUtils;

/**
 * Looks for what may send the same statement to one tenant's tables on one thread, and to
 * another's on the next. That is whatever stands between a statement and the driver, and
 * is not {@link KnownCode known} to do the same on every thread.
 */
final class TenantRouting {

	private @Nullable String foreign;

	private TenantRouting() {
	}

	/**
	 * Looks at a persistence unit, its transactions, and the data sources that lie behind
	 * it.
	 * @return what was found, for people to read, or {@code null} if nothing was
	 */
	static @Nullable String find(EntityManagerFactory entityManagerFactory,
			PlatformTransactionManager transactionManager) {
		SessionFactoryImplementor sessionFactory = entityManagerFactory.unwrap(SessionFactoryImplementor.class);
		SessionFactoryOptions options = sessionFactory.getSessionFactoryOptions();
		if (options.isMultiTenancyEnabled()) {
			return "the multi-tenancy of Hibernate";
		}
		if (options.getCurrentTenantIdentifierResolver() != null) {
			return "the tenant identifier resolver of Hibernate";
		}
		if (options.getTenantSchemaMapper() != null || options.getTenantCredentialsMapper() != null) {
			return "the tenant mapper of Hibernate";
		}
		if (sessionFactory.getDefinedFilterNames().contains(TenantIdBinder.FILTER_NAME)) {
			return "an entity with a @TenantId";
		}
		ConnectionProvider provider = sessionFactory.getServiceRegistry().getService(ConnectionProvider.class);
		TenantRouting parts = new TenantRouting();
		parts.addFactory(entityManagerFactory);
		parts.addTransactions(transactionManager);
		parts.addSessions(options);
		parts.add(provider, ConnectionProvider.class);
		if (parts.foreign != null || provider == null || !provider.isUnwrappableAs(DataSource.class)) {
			return parts.foreign;
		}
		return DataSourceRouting.find(provider.unwrap(DataSource.class));
	}

	private void addFactory(EntityManagerFactory entityManagerFactory) {
		add(entityManagerFactory, EntityManagerFactory.class);
		if (Proxy.isProxyClass(entityManagerFactory.getClass())) {
			Object handler = Proxy.getInvocationHandler(entityManagerFactory);
			fields(handler, AbstractEntityManagerFactoryBean.class)
				.flatMap((factory) -> fields(factory, Consumer.class))
				.forEach((initializer) -> add(initializer, Consumer.class));
		}
	}

	private void addTransactions(PlatformTransactionManager transactionManager) {
		add(transactionManager, PlatformTransactionManager.class);
		if (transactionManager instanceof ConfigurableTransactionManager configurable) {
			configurable.getTransactionExecutionListeners()
				.forEach((listener) -> add(listener, TransactionExecutionListener.class));
		}
		if (transactionManager instanceof JpaTransactionManager jpa) {
			add(jpa.getJpaDialect(), JpaDialect.class);
			fields(jpa, Consumer.class).forEach((initializer) -> add(initializer, Consumer.class));
		}
	}

	private void addSessions(SessionFactoryOptions options) {
		add(options.getStatementInspector(), StatementInspector.class);
		add(options.getInterceptor(), Interceptor.class);
		if (options.getStatelessInterceptorImplementorSupplier() != null) {
			add(options.getStatelessInterceptorImplementorSupplier().get(), Interceptor.class);
		}
		Arrays.stream(options.buildSessionEventListeners())
			.forEach((listener) -> add(listener, SessionEventListener.class));
	}

	private void add(@Nullable Object part, Class<?> contract) {
		String name = (part != null && this.foreign == null) ? KnownCode.findForeign(part, contract) : null;
		if (name != null) {
			this.foreign = "the " + contract.getSimpleName() + " " + name;
		}
	}

	/**
	 * There is no other way to what was set.
	 */
	private static <T> Stream<T> fields(Object object, Class<T> type) {
		Stream.Builder<T> values = Stream.builder();
		ReflectionUtils.doWithFields(object.getClass(), (field) -> {
			if (type.isAssignableFrom(field.getType()) && field.trySetAccessible()
					&& type.isInstance(field.get(object))) {
				values.add(type.cast(field.get(object)));
			}
		});
		return values.build();
	}

	/**
	 * Refuses types of keys that have a tenant: the statements on our own table know
	 * nothing of it.
	 * @throws UnsupportedOperationException if there is one
	 */
	static void refuseTenantIds(EntityManagerFactory entityManagerFactory) {
		entityManagerFactory.unwrap(SessionFactoryImplementor.class)
			.getMappingMetamodel()
			.forEachEntityDescriptor((type) -> {
				if (ApiKey.class.isAssignableFrom(type.getMappedClass()) && hasTenantId(type)) {
					throw new UnsupportedOperationException(
							"The API key class " + type.getMappedClass().getName() + " has a @TenantId");
				}
			});
	}

	private static boolean hasTenantId(EntityPersister type) {
		boolean[] found = new boolean[1];
		type.forEachAttributeMapping((attribute) -> found[0] |= attribute.getGenerator() instanceof TenantIdGeneration);
		return found[0];
	}

}
