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

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Statement;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * A connection that tells of each statement, and of each look for tables, before it is
 * sent, and may be called otherwise.
 */
final class SpiedConnection {

	private SpiedConnection() {
	}

	/**
	 * Returns a connection that does the same.
	 * @param sql is told each statement
	 * @param product what the database calls itself, if not by its name
	 */
	static Connection of(Connection connection, Consumer<String> sql, @Nullable String product) {
		return of(connection, sql, product, null);
	}

	/**
	 * Returns a connection that does the same.
	 * @param sql is told each statement
	 * @param product what the database calls itself, if not by its name
	 * @param url where it seems to lead, if not where it does
	 */
	static Connection of(Connection connection, Consumer<String> sql, @Nullable String product, @Nullable String url) {
		return spy(Connection.class, connection, sql, product, url);
	}

	private static <T> T spy(Class<T> type, T target, Consumer<String> sql, @Nullable String product,
			@Nullable String url) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, arguments) -> {
				if (method.getName().equals("getDatabaseProductName") && product != null) {
					return product;
				}
				if (method.getName().equals("getURL") && url != null) {
					return url;
				}
				if (method.getName().equals("getTables")) {
					sql.accept("getTables " + arguments[2]);
				}
				if (Map.of("prepareStatement", true, "execute", true, "executeQuery", true, "executeUpdate", true)
					.containsKey(method.getName()) && arguments != null && arguments[0] instanceof String text) {
					sql.accept(text);
				}
				try {
					Object result = method.invoke(target, arguments);
					if (result instanceof DatabaseMetaData metaData) {
						return spy(DatabaseMetaData.class, metaData, sql, product, url);
					}
					return method.getName().equals("createStatement")
							? spy(Statement.class, (Statement) result, sql, product, url) : result;
				}
				catch (InvocationTargetException ex) {
					throw ex.getTargetException();
				}
			}));
	}

}
