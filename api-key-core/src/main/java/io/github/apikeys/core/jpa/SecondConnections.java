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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.verification.VerificationSource;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.engine.jdbc.connections.spi.ConnectionProvider;
import org.hibernate.engine.spi.SessionFactoryImplementor;

import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeanWrapperImpl;
import org.springframework.beans.BeansException;

/**
 * Permits callers that hold a connection to wait for another one: fewer than the pool has
 * connections, so that not all of them are held by those who wait.
 */
final class SecondConnections {

	private static final int MAX = 3;

	private static final int UNKNOWN = Integer.MAX_VALUE;

	/** What pools call how many connections they have. */
	private static final List<String> SIZES = List.of("maximumPoolSize", "maxTotal", "maxActive", "maxPoolSize");

	// ours are short, and take turns
	private final Permits transactions = new Permits(1);

	// code of the application may need a connection, too, and nobody knows when
	private final Permits applicationCode;

	private SecondConnections(int poolSize) {
		int permits = Math.min(MAX, poolSize - 1);
		// in a small pool, both take turns with each other
		this.applicationCode = (permits > 1) ? new Permits(permits - 1) : this.transactions;
	}

	static SecondConnections of(EntityManagerFactory entityManagerFactory) {
		ConnectionProvider provider = entityManagerFactory.unwrap(SessionFactoryImplementor.class)
			.getServiceRegistry()
			.getService(ConnectionProvider.class);
		DataSource dataSource = (provider != null && provider.isUnwrappableAs(DataSource.class))
				? provider.unwrap(DataSource.class) : null;
		return new SecondConnections((dataSource != null) ? size(dataSource, new HashSet<>()) : UNKNOWN);
	}

	/**
	 * Finds the size of a pool, or the smallest of several.
	 */
	private static int size(DataSource dataSource, Set<Integer> seen) {
		Object target = AopProxyUtils.getSingletonTarget(dataSource);
		Object holder = (target != null) ? target : dataSource;
		if (!seen.add(System.identityHashCode(holder))) {
			return UNKNOWN;
		}
		BeanWrapper properties = new BeanWrapperImpl(holder);
		return SIZES.stream()
			.flatMapToInt((name) -> size(properties, name))
			.findFirst()
			.orElseGet(() -> PoolParts
				.of(Proxy.isProxyClass(holder.getClass()) ? Proxy.getInvocationHandler(holder) : holder)
				.dataSources()
				.stream()
				.mapToInt((inside) -> size(inside, seen))
				.min()
				.orElse(UNKNOWN));
	}

	private static IntStream size(BeanWrapper properties, String name) {
		try {
			return (properties.isReadableProperty(name) && properties.getPropertyValue(name) instanceof Integer size
					&& size > 0) ? IntStream.of(size) : IntStream.empty();
		}
		catch (BeansException | LinkageError ex) {
			// a pool that cannot tell its size may have any
			return IntStream.empty();
		}
	}

	Permit forTransaction() {
		return this.transactions.acquire();
	}

	Permit forApplicationCode() {
		return this.applicationCode.acquire();
	}

	/**
	 * How many threads may wait at a time. A thread that may needs no other permit, for
	 * which it would wait for itself: code of the application may verify keys, too.
	 */
	private static final class Permits {

		private final Semaphore free;

		private final Set<Thread> holders = ConcurrentHashMap.newKeySet();

		Permits(int number) {
			this.free = new Semaphore(number);
		}

		Permit acquire() {
			Thread thread = Thread.currentThread();
			if (this.holders.contains(thread)) {
				return () -> {
				};
			}
			try {
				if (!this.free.tryAcquire(VerificationSource.MAX_WAIT_WITH_CONNECTION.toMillis(),
						TimeUnit.MILLISECONDS)) {
					throw new ApiKeyStoreException("Too many transactions verify API keys at the same time: verify "
							+ "them before the transaction begins");
				}
			}
			catch (InterruptedException ex) {
				thread.interrupt();
				throw new ApiKeyStoreException(ex);
			}
			this.holders.add(thread);
			return () -> release(thread);
		}

		private void release(Thread holder) {
			if (this.holders.remove(holder)) {
				this.free.release();
			}
		}

	}

	/**
	 * A permit that is returned once.
	 */
	@FunctionalInterface
	interface Permit extends AutoCloseable {

		@Override
		void close();

	}

}
