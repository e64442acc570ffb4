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

package io.github.apikeys.core;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import jakarta.persistence.EntityManagerFactory;
import org.hibernate.binder.internal.TenantIdBinder;
import org.hibernate.boot.spi.SessionFactoryOptions;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.generator.internal.TenantIdGeneration;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.TargetSource;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.target.AbstractBeanFactoryBasedTargetSource;
import org.springframework.aop.target.HotSwappableTargetSource;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.ShardingKeyDataSourceAdapter;
import org.springframework.jdbc.datasource.UserCredentialsDataSourceAdapter;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Looks for what may send the same statement to one tenant's tables on one thread, and to
 * another's on the next.
 */
final class TenantRouting {

	private static final List<Class<? extends DataSource>> ROUTING = List.of(AbstractRoutingDataSource.class,
			UserCredentialsDataSourceAdapter.class, ShardingKeyDataSourceAdapter.class);

	/** What a data source that hides another one is asked for. */
	private static final List<Class<? extends DataSource>> HIDDEN = List.of(AbstractRoutingDataSource.class,
			DelegatingDataSource.class, AbstractDataSource.class);

	/** A refreshed data source is another one, but the same for all threads. */
	private static final List<String> SCOPES_OF_ALL_THREADS = List.of("", BeanDefinition.SCOPE_SINGLETON, "refresh");

	private TenantRouting() {
	}

	/**
	 * Looks at a persistence unit and at the data sources that lie behind it.
	 * @return what was found, for people to read, or {@code null} if nothing was
	 */
	static @Nullable String find(EntityManagerFactory entityManagerFactory) {
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
		return find(sessionFactory.getServiceRegistry().getService(ConnectionProvider.class));
	}

	private static @Nullable String find(@Nullable ConnectionProvider provider) {
		if (provider == null) {
			return null;
		}
		if (provider.isUnwrappableAs(DataSource.class)) {
			return find(provider.unwrap(DataSource.class));
		}
		// nobody knows where a provider of the application connects to
		boolean known = root(provider.getClass()).equals("org.hibernate");
		return known ? null : "the connection provider " + provider.getClass().getName();
	}

	static @Nullable String find(DataSource dataSource) {
		return find(dataSource, new ArrayList<>());
	}

	private static @Nullable String find(DataSource dataSource, List<DataSource> seen) {
		if (seen.stream().anyMatch((one) -> one == dataSource)) {
			return null;
		}
		seen.add(dataSource);
		if (ROUTING.stream().anyMatch((type) -> type.isInstance(dataSource))
				|| connectsInItsOwnWay(ClassUtils.getUserClass(dataSource)) || isScoped(dataSource)) {
			return "the data source " + ClassUtils.getUserClass(dataSource).getName();
		}
		if (dataSource instanceof DelegatingDataSource delegating) {
			DataSource target = delegating.getTargetDataSource();
			return (target != null) ? find(target, seen) : null;
		}
		for (Class<? extends DataSource> type : HIDDEN) {
			DataSource hidden = unwrap(dataSource, type);
			String found = (hidden != null) ? find(hidden, seen) : null;
			if (found != null) {
				return found;
			}
		}
		return null;
	}

	private static @Nullable DataSource unwrap(DataSource dataSource, Class<? extends DataSource> type) {
		try {
			return dataSource.isWrapperFor(type) ? dataSource.unwrap(type) : null;
		}
		catch (SQLException | RuntimeException ex) {
			// it hides nothing that it could show
			return null;
		}
	}

	/**
	 * Whether somebody extended a data source of somebody else, and changed where
	 * connections come from.
	 */
	private static boolean connectsInItsOwnWay(Class<?> type) {
		Class<?> parent = type.getSuperclass();
		if (parent == null || !DataSource.class.isAssignableFrom(parent)) {
			return false;
		}
		return (isExtension(type) && overridesConnections(type)) || connectsInItsOwnWay(parent);
	}

	private static boolean isExtension(Class<?> type) {
		for (Class<?> ancestor = type.getSuperclass(); ancestor != null; ancestor = ancestor.getSuperclass()) {
			if (DataSource.class.isAssignableFrom(ancestor) && !root(ancestor).equals(root(type))) {
				return true;
			}
		}
		return false;
	}

	private static boolean overridesConnections(Class<?> type) {
		for (Method method : type.getDeclaredMethods()) {
			Class<?> result = method.getReturnType();
			if (!Modifier.isStatic(method.getModifiers())
					&& (Connection.class.isAssignableFrom(result) || DataSource.class.isAssignableFrom(result))
					&& (isOfInterface(method) || ReflectionUtils.findMethod(type.getSuperclass(), method.getName(),
							method.getParameterTypes()) != null)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * A superclass may leave it to its subclasses.
	 */
	private static boolean isOfInterface(Method method) {
		return ReflectionUtils.findMethod(DataSource.class, method.getName(), method.getParameterTypes()) != null;
	}

	/**
	 * Whose class it is: the first two parts of its package.
	 */
	private static String root(Class<?> type) {
		String[] parts = type.getPackageName().split("\\.", 3);
		return (parts.length > 1) ? parts[0] + "." + parts[1] : parts[0];
	}

	/**
	 * Whether a proxy finds its target anew for each call, request, session or thread. A
	 * target that somebody swaps is another one for all threads.
	 */
	private static boolean isScoped(DataSource dataSource) {
		TargetSource targetSource = (dataSource instanceof Advised advised) ? advised.getTargetSource() : null;
		if (!(targetSource instanceof AbstractBeanFactoryBasedTargetSource scoped)) {
			return targetSource != null && !targetSource.isStatic()
					&& !(targetSource instanceof HotSwappableTargetSource);
		}
		String scope = (scoped.getBeanFactory() instanceof ConfigurableBeanFactory beanFactory)
				? beanFactory.getMergedBeanDefinition(scoped.getTargetBeanName()).getScope() : null;
		return scope == null || !SCOPES_OF_ALL_THREADS.contains(scope);
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
