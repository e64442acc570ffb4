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

package io.github.apikeys.core.migration;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Describes the tables of a schema, one line for each column, constraint and index, in
 * words that do not depend on the version of the database or of its driver.
 */
final class TableReader {

	private static final List<String> TABLES = List.of("api_key", "api_key_scope", "api_key_metadata", "api_key_owner",
			"api_key_event", "api_key_usage", "api_key_usage_total");

	private static final String OURS = "lower(table_name) in ('" + String.join("', '", TABLES) + "')";

	private final Connection connection;

	private final String platform;

	private final boolean mysql;

	private final @Nullable String current;

	/**
	 * What JDBC wants to know instead of the current schema, depending on the database.
	 */
	private final @Nullable String catalog;

	private final @Nullable String schema;

	/** The names that the database knows, by our names. */
	private final Map<String, String> names = new TreeMap<>();

	private final Set<String> traits = new TreeSet<>();

	/**
	 * Creates a reader of the tables in the current schema.
	 * @throws SQLException if the database does not answer
	 */
	TableReader(Connection connection, String platform) throws SQLException {
		this.connection = connection;
		this.platform = platform;
		this.mysql = platform.equals("mysql") || platform.equals("mariadb");
		this.current = current();
		this.catalog = this.mysql ? this.current : null;
		this.schema = this.mysql ? null : this.current;
	}

	/**
	 * Read for every owner, and with every database: information_schema hides tables
	 * without a right on them.
	 * @return the names that the database knows, by our names
	 */
	Map<String, String> names() throws SQLException {
		Map<String, String> names = new TreeMap<>();
		try (ResultSet tables = this.connection.getMetaData().getTables(this.catalog, this.schema, "%", null)) {
			while (tables.next()) {
				String name = tables.getString("TABLE_NAME");
				// the schema that was asked for is a pattern
				if (TABLES.contains(lower(name))
						&& (this.schema == null || this.schema.equals(tables.getString("TABLE_SCHEM")))) {
					names.put(lower(name), name);
				}
			}
		}
		return names;
	}

	ApiKeyTables read() throws SQLException {
		this.names.putAll(names());
		readColumns();
		readChecks();
		for (Map.Entry<String, String> name : this.names.entrySet()) {
			readKeysAndIndexes(name.getKey(), name.getValue());
		}
		return new ApiKeyTables(this.platform, new TreeSet<>(this.names.keySet()), this.traits);
	}

	private void readColumns() throws SQLException {
		String identity = this.mysql ? "case when extra like '%auto_increment%' then 'YES' else 'NO' end"
				: "is_identity";
		query("select table_name, column_name, data_type, character_maximum_length, datetime_precision, is_nullable, "
				+ "collation_name, " + identity + " from information_schema.columns where table_schema = ? and " + OURS,
				(row) -> {
					String type = lower(row.getString(3));
					String length = row.getString(4);
					String precision = row.getString(5);
					String collation = this.platform.equals("h2") ? null : row.getString(7);
					this.traits.add(lower(row.getString(1)) + " column " + lower(row.getString(2)) + " " + type
							+ ((length != null && !type.equals("uuid")) ? "(" + length + ")" : "")
							+ ((precision != null && !type.equals("date")) ? "(" + precision + ")" : "")
							+ ((collation != null && !type.equals("uuid")) ? " collate " + collation : "")
							+ ("NO".equals(row.getString(6)) ? " not null" : "")
							+ ("YES".equals(row.getString(8)) ? " identity" : ""));
				});
	}

	private void readChecks() throws SQLException {
		query("select table_name, constraint_name from information_schema.table_constraints "
				+ "where constraint_type = 'CHECK' and table_schema = ? and " + OURS, (row) -> {
					String name = lower(row.getString(2));
					// what PostgreSQL makes of a column that is not null
					if (!name.endsWith("_not_null")) {
						this.traits.add(lower(row.getString(1)) + " check " + name);
					}
				});
	}

	private void readKeysAndIndexes(String table, String name) throws SQLException {
		DatabaseMetaData metaData = this.connection.getMetaData();
		Keys primaryKey = new Keys();
		try (ResultSet keys = metaData.getPrimaryKeys(this.catalog, this.schema, name)) {
			while (keys.next()) {
				primaryKey.add("primary key", keys.getInt("KEY_SEQ"), keys.getString("COLUMN_NAME"));
			}
		}
		Keys foreignKeys = new Keys();
		try (ResultSet keys = metaData.getImportedKeys(this.catalog, this.schema, name)) {
			while (keys.next()) {
				String action = (keys.getInt("DELETE_RULE") == DatabaseMetaData.importedKeyCascade)
						? " on delete cascade" : "";
				foreignKeys.add(
						"foreign key " + lower(keys.getString("FK_NAME")) + " to "
								+ lower(keys.getString("PKTABLE_NAME")) + action,
						keys.getInt("KEY_SEQ"), keys.getString("FKCOLUMN_NAME"));
			}
		}
		Keys indexes = new Keys();
		try (ResultSet index = metaData.getIndexInfo(this.catalog, this.schema, name, false, true)) {
			while (index.next()) {
				if (index.getString("COLUMN_NAME") != null) {
					indexes.add((index.getBoolean("NON_UNIQUE") ? "index " : "unique ") + indexName(index),
							index.getInt("ORDINAL_POSITION"), index.getString("COLUMN_NAME")
									+ ("D".equals(index.getString("ASC_OR_DESC")) ? " desc" : ""));
				}
			}
		}
		primaryKey.describe().forEach((key) -> this.traits.add(table + " " + key));
		foreignKeys.describe().forEach((key) -> this.traits.add(table + " " + key));
		Set<String> primaryColumns = new TreeSet<>(primaryKey.columns().values());
		indexes.columns().forEach((index, columns) -> {
			// the index of the primary key, which each database calls in its own way
			if (!index.startsWith("unique ") || !primaryColumns.contains(columns)) {
				this.traits.add(table + " " + index + " (" + columns + ")");
			}
		});
	}

	/**
	 * H2 numbers the indexes of its constraints.
	 */
	private String indexName(ResultSet index) throws SQLException {
		String name = lower(index.getString("INDEX_NAME"));
		String filter = index.getString("FILTER_CONDITION");
		return (this.platform.equals("h2") ? name.replaceFirst("_index_[0-9a-f]+$", "") : name)
				+ ((filter != null && !filter.isEmpty()) ? " where " + filter : "");
	}

	boolean exists(String table) throws SQLException {
		Set<String> found = new TreeSet<>();
		query("select table_name from information_schema.tables where table_schema = ?",
				(row) -> found.add(lower(row.getString(1))));
		return found.contains(table);
	}

	private void query(String sql, RowReader reader) throws SQLException {
		try (PreparedStatement statement = this.connection.prepareStatement(sql)) {
			statement.setString(1, this.current);
			try (ResultSet rows = statement.executeQuery()) {
				while (rows.next()) {
					reader.read(rows);
				}
			}
		}
	}

	/**
	 * What JDBC calls a schema is a catalog in MySQL and MariaDB. The database is asked,
	 * since not every connection that stands before it knows {@code getSchema}.
	 */
	private @Nullable String current() throws SQLException {
		if (!this.mysql && !this.platform.equals("h2") && !this.platform.equals("postgresql")) {
			return this.connection.getSchema();
		}
		try (PreparedStatement statement = this.connection
			.prepareStatement(this.mysql ? "select database()" : "select current_schema");
				ResultSet row = statement.executeQuery()) {
			return row.next() ? row.getString(1) : null;
		}
	}

	private static String lower(@Nullable String name) {
		return String.valueOf(name).toLowerCase(Locale.ROOT);
	}

	private interface RowReader {

		void read(ResultSet row) throws SQLException;

	}

	/**
	 * Constraints or indexes, with their columns in order.
	 */
	private static final class Keys {

		private final Map<String, Map<Integer, String>> columns = new HashMap<>();

		void add(String key, int position, String column) {
			this.columns.computeIfAbsent(key, (name) -> new TreeMap<>()).put(position, lower(column));
		}

		Map<String, String> columns() {
			Map<String, String> joined = new TreeMap<>();
			this.columns.forEach((key, columns) -> joined.put(key, String.join(", ", columns.values())));
			return joined;
		}

		Set<String> describe() {
			Set<String> described = new TreeSet<>();
			columns().forEach((key, columns) -> described.add(key + " (" + columns + ")"));
			return described;
		}

	}

}
