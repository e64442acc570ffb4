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

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import javax.sql.DataSource;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Writes the rows of a database as SQL, and counts them.
 */
final class SchemaDump {

	private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");

	/**
	 * The columns by which rows are sorted, by table, in the order of their foreign keys.
	 */
	static final Map<String, String> TABLES = new LinkedHashMap<>();
	static {
		TABLES.put("api_key", "key_id");
		TABLES.put("tenant_api_key", "id");
		TABLES.put("api_key_scope", "api_key_id, scope");
		TABLES.put("api_key_metadata", "api_key_id, name");
		TABLES.put("api_key_event", "id");
		TABLES.put("api_key_usage", "api_key_id, usage_day");
		TABLES.put("api_key_usage_total", "usage_day");
		TABLES.put("api_key_owner", "owner");
	}

	private final JdbcTemplate jdbc;

	private final boolean zoned;

	SchemaDump(DataSource dataSource, String platform) {
		this.jdbc = new JdbcTemplate(dataSource);
		this.zoned = platform.equals("h2") || platform.equals("postgresql");
	}

	String sql() {
		StringBuilder sql = new StringBuilder();
		TABLES.forEach((table, order) -> this.jdbc.query("select * from " + table + " order by " + order, (row) -> {
			sql.append(insert(table, row));
		}));
		return sql.toString();
	}

	private String insert(String table, ResultSet row) throws SQLException {
		ResultSetMetaData metaData = row.getMetaData();
		StringBuilder columns = new StringBuilder();
		StringBuilder values = new StringBuilder();
		for (int i = 1; i <= metaData.getColumnCount(); i++) {
			String column = metaData.getColumnLabel(i).toLowerCase(Locale.ROOT);
			// numbered again when it is read, so that the numbers that come next are free
			boolean generated = table.equals("api_key_event") && column.equals("id");
			if (!generated && row.getObject(i) != null) {
				columns.append(columns.isEmpty() ? "" : ", ").append(column);
				values.append(values.isEmpty() ? "" : ", ").append(literal(row, i, column));
			}
		}
		return "insert into " + table + " (" + columns + ")\n\tvalues (" + values + ");\n";
	}

	private String literal(ResultSet row, int index, String column) throws SQLException {
		if (column.endsWith("_at") || column.equals("not_before")) {
			return this.zoned ? "'"
					+ row.getObject(index, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC).format(TIME)
					+ "+00'" : "'" + row.getObject(index, LocalDateTime.class).format(TIME) + "'";
		}
		Object value = row.getObject(index);
		if (value instanceof byte[] bytes) {
			return "x'" + HexFormat.of().formatHex(bytes) + "'";
		}
		return (value instanceof Number) ? value.toString() : "'" + value.toString().replace("'", "''") + "'";
	}

	Map<String, Long> rows() {
		Map<String, Long> rows = new LinkedHashMap<>();
		TABLES.keySet()
			.forEach((table) -> rows.put(table, this.jdbc.queryForObject("select count(*) from " + table, Long.class)));
		return rows;
	}

}
