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

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import javax.sql.CommonDataSource;
import javax.sql.DataSource;

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
import org.springframework.util.ReflectionUtils;

/**
 * Looks for what may choose a connection by the thread: in a data source, in what stands
 * before it, and in what it gets its connections from.
 */
final class DataSourceRouting {

	private static final List<Class<? extends DataSource>> ROUTING = List.of(AbstractRoutingDataSource.class,
			UserCredentialsDataSourceAdapter.class, ShardingKeyDataSourceAdapter.class);

	/** What a data source is asked for that shows its fields to nobody. */
	private static final List<Class<? extends DataSource>> HIDDEN = List.of(AbstractRoutingDataSource.class,
			DelegatingDataSource.class, AbstractDataSource.class);

	/** A refreshed data source is another one, but the same for all threads. */
	private static final List<String> SCOPES_OF_ALL_THREADS = List.of("", BeanDefinition.SCOPE_SINGLETON, "refresh");

	private final List<DataSource> seen = new ArrayList<>();

	private DataSourceRouting() {
	}

	/**
	 * Looks at a data source.
	 * @return what was found, for people to read, or {@code null} if nothing was
	 */
	static @Nullable String find(DataSource dataSource) {
		return new DataSourceRouting().search(dataSource);
	}

	private @Nullable String search(DataSource dataSource) {
		if (this.seen.stream().anyMatch((one) -> one == dataSource)) {
			return null;
		}
		this.seen.add(dataSource);
		String interposed = KnownCode.findInterposed(dataSource, DataSource.class);
		if (interposed != null) {
			return "the proxy of a data source with " + interposed;
		}
		if (dataSource instanceof Advised advised) {
			return searchTarget(advised.getTargetSource());
		}
		if (Proxy.isProxyClass(dataSource.getClass())) {
			return searchInside(dataSource, Proxy.getInvocationHandler(dataSource));
		}
		if (ROUTING.stream().anyMatch((type) -> type.isInstance(dataSource))
				|| connectsInItsOwnWay(dataSource.getClass())) {
			return "the data source " + dataSource.getClass().getName();
		}
		return searchInside(dataSource, dataSource);
	}

	private @Nullable String searchTarget(TargetSource targetSource) {
		if (isScoped(targetSource)) {
			return "a data source in a scope, " + targetSource.getTargetClass();
		}
		try {
			return (targetSource.getTarget() instanceof DataSource target) ? search(target) : null;
		}
		catch (Exception ex) {
			return "a data source that cannot be found, " + targetSource.getTargetClass();
		}
	}

	/**
	 * Whether a proxy finds its target anew for each call, request, session or thread. A
	 * target that somebody swaps is another one for all threads.
	 */
	private static boolean isScoped(TargetSource targetSource) {
		if (!(targetSource instanceof AbstractBeanFactoryBasedTargetSource scoped)) {
			return !targetSource.isStatic() && !(targetSource instanceof HotSwappableTargetSource);
		}
		String scope = (scoped.getBeanFactory() instanceof ConfigurableBeanFactory beanFactory)
				? beanFactory.getMergedBeanDefinition(scoped.getTargetBeanName()).getScope() : null;
		return scope == null || !SCOPES_OF_ALL_THREADS.contains(scope);
	}

	private @Nullable String searchInside(DataSource dataSource, Object holder) {
		PoolParts parts = PoolParts.of(holder);
		if (parts.foreign() != null) {
			return parts.foreign();
		}
		List<DataSource> inside = new ArrayList<>(parts.dataSources());
		if (inside.isEmpty()) {
			HIDDEN.forEach((type) -> unwrap(dataSource, type).ifPresent(inside::add));
		}
		for (DataSource one : inside) {
			String found = search(one);
			if (found != null) {
				return found;
			}
		}
		return null;
	}

	private static Optional<DataSource> unwrap(DataSource dataSource, Class<? extends DataSource> type) {
		try {
			return dataSource.isWrapperFor(type) ? Optional.of(dataSource.unwrap(type)) : Optional.empty();
		}
		catch (SQLException | RuntimeException ex) {
			// it hides nothing that it could show
			return Optional.empty();
		}
	}

	/**
	 * Whether a class is not known, or extends a known one and has its own way to a
	 * connection.
	 */
	private static boolean connectsInItsOwnWay(Class<?> type) {
		Class<?> parent = type;
		while (!KnownCode.contains(parent)) {
			for (Method method : parent.getDeclaredMethods()) {
				if (!isHarmless(method) && overrides(method, parent)) {
					return true;
				}
			}
			parent = parent.getSuperclass();
			if (parent == null || !DataSource.class.isAssignableFrom(parent)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * A password alone leads nobody to another database.
	 */
	private static boolean isHarmless(Method method) {
		return Modifier.isStatic(method.getModifiers()) || Modifier.isPrivate(method.getModifiers())
				|| method.getName().equals("getPassword") || isOf(CommonDataSource.class, method)
				|| isOf(Object.class, method)
				|| (method.getReturnType() == void.class && method.getParameterCount() == 0);
	}

	private static boolean overrides(Method method, Class<?> type) {
		return isOf(DataSource.class, method) || isOf(type.getSuperclass(), method);
	}

	private static boolean isOf(Class<?> type, Method method) {
		return ReflectionUtils.findMethod(type, method.getName(), method.getParameterTypes()) != null;
	}

}
