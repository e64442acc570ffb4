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

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A database whose answer to a commit of a thread is a failure.
 */
final class FailingCommits extends DelegatingDataSource {

	private final AtomicReference<@Nullable Failure> next = new AtomicReference<>();

	FailingCommits(DataSource dataSource) {
		super(dataSource);
	}

	/**
	 * Lets the next commit succeed, and its answer fail.
	 */
	void failAfterNext(String thread, SQLException failure) {
		this.next.set(new Failure(thread, true, failure));
	}

	/**
	 * Rolls back instead of the next commit.
	 */
	void failNext(String thread, SQLException failure) {
		this.next.set(new Failure(thread, false, failure));
	}

	@Override
	public Connection getConnection() throws SQLException {
		Connection connection = super.getConnection();
		return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
				(proxy, method, arguments) -> {
					Failure failure = method.getName().equals("commit") ? take() : null;
					if (failure != null && !failure.committed()) {
						connection.rollback();
						throw failure.exception();
					}
					try {
						Object result = method.invoke(connection, arguments);
						if (failure != null) {
							throw failure.exception();
						}
						return result;
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
	}

	private @Nullable Failure take() {
		Failure failure = this.next.get();
		boolean own = failure != null && failure.thread().equals(Thread.currentThread().getName());
		return (own && this.next.compareAndSet(failure, null)) ? failure : null;
	}

	private record Failure(String thread, boolean committed, SQLException exception) {

	}

}
