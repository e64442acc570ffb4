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
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.jdbc.DatabaseDriver;
import org.springframework.jdbc.support.JdbcUtils;

/**
 * Where a connection leads. What people read of it does not come from the URL, which may
 * contain a password.
 *
 * @param platform the folder of the scripts
 * @param product what the database calls itself
 * @param catalog the database
 * @param schema the schema in which unqualified tables are created
 * @param user the user of the database
 * @param address the URL without its parameters, only for comparison
 */
record DatabaseLocation(String platform, String product, @Nullable String catalog, @Nullable String schema,
		@Nullable String user, @Nullable String address) {

	/** Where a connection that was not made would have led. */
	static final DatabaseLocation UNKNOWN = new DatabaseLocation("", "a database that did not answer", null, null, null,
			null);

	private static final Pattern PARAMETERS = Pattern.compile("[?;].*", Pattern.DOTALL);

	private static final List<String> SUPPORTED = List.of("h2", "postgresql", "mysql", "mariadb");

	static DatabaseLocation of(Connection connection) throws SQLException {
		DatabaseMetaData metaData = connection.getMetaData();
		String product = metaData.getDatabaseProductName();
		return new DatabaseLocation(platform(product), product, connection.getCatalog(), schema(connection),
				metaData.getUserName(), address(metaData.getURL()));
	}

	/**
	 * Not every connection that stands before one of a database knows it.
	 */
	private static @Nullable String schema(Connection connection) {
		try {
			return connection.getSchema();
		}
		catch (SQLException ex) {
			return null;
		}
	}

	/**
	 * Where a data source leads, with nothing but the platform if it does not answer.
	 */
	static DatabaseLocation of(DataSource dataSource, String platform) {
		try (Connection connection = dataSource.getConnection()) {
			return of(connection);
		}
		catch (SQLException ex) {
			return new DatabaseLocation(platform, platform, null, null, null, null);
		}
	}

	static String platform(String product) {
		return DatabaseDriver.fromProductName(JdbcUtils.commonDatabaseName(product)).getId();
	}

	private static @Nullable String address(@Nullable String url) {
		return (url != null) ? PARAMETERS.matcher(url).replaceFirst("") : null;
	}

	/**
	 * Whether there are scripts for that database, and its errors are known.
	 */
	boolean isSupported() {
		return isSupported(this.platform);
	}

	static boolean isSupported(String platform) {
		return SUPPORTED.contains(platform);
	}

	/**
	 * Whether tables that are made there are found here, whoever connects, and through
	 * whatever the connection was made.
	 */
	boolean isSamePlaceAs(DatabaseLocation other) {
		return Objects.equals(this.address, other.address) && Objects.equals(this.catalog, other.catalog)
				&& Objects.equals(this.schema, other.schema);
	}

	@Override
	public String toString() {
		return this.product + ((this.catalog != null) ? ", database '" + this.catalog + "'" : "")
				+ ((this.schema != null) ? ", schema '" + this.schema + "'" : "")
				+ ((this.user != null) ? ", as user '" + this.user + "'" : "");
	}

}
