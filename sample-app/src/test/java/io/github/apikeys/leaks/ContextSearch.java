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
package io.github.apikeys.leaks;

import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;

import javax.sql.DataSource;

import jakarta.servlet.http.HttpSession;
import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Session;

import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;

/**
 * Reads the whole database and all sessions of an application.
 */
final class ContextSearch {

	private ContextSearch() {
	}

	static void search(ApplicationContext context) throws Exception {
		for (DataSource dataSource : context.getBeanProvider(DataSource.class)) {
			search(dataSource);
		}
		if (context instanceof WebServerApplicationContext web
				&& web.getWebServer() instanceof TomcatWebServer server) {
			for (Container application : server.getTomcat().getHost().findChildren()) {
				for (Session session : ((Context) application).getManager().findSessions()) {
					search(session.getSession());
				}
			}
		}
	}

	/**
	 * Returns how many values were read.
	 */
	static int search(DataSource dataSource) throws SQLException {
		int values = 0;
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			for (String table : tables(connection)) {
				try (ResultSet rows = statement.executeQuery("select * from \"" + table + "\"")) {
					while (rows.next()) {
						values += search(table, rows);
					}
				}
			}
		}
		return values;
	}

	private static List<String> tables(Connection connection) throws SQLException {
		List<String> tables = new ArrayList<>();
		try (ResultSet rows = connection.getMetaData()
			.getTables(connection.getCatalog(), connection.getSchema(), "%", new String[] { "TABLE", "BASE TABLE" })) {
			while (rows.next()) {
				tables.add(rows.getString("TABLE_NAME"));
			}
		}
		return tables;
	}

	private static int search(String table, ResultSet row) throws SQLException {
		ResultSetMetaData columns = row.getMetaData();
		for (int i = 1; i <= columns.getColumnCount(); i++) {
			String value = row.getString(i);
			String column = table + "." + columns.getColumnName(i);
			if (value != null && column.equalsIgnoreCase("api_key.hash")) {
				Leaks.searchForSecrets("the column " + column, value);
			}
			else if (value != null) {
				Leaks.search("the column " + column, value);
			}
		}
		return columns.getColumnCount();
	}

	/**
	 * As a store outside the process would see them: serialized.
	 */
	static void search(HttpSession session) throws Exception {
		for (Enumeration<String> names = session.getAttributeNames(); names.hasMoreElements();) {
			String name = names.nextElement();
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			try (ObjectOutputStream output = new ObjectOutputStream(bytes)) {
				output.writeObject(session.getAttribute(name));
			}
			String text = bytes.toString(StandardCharsets.ISO_8859_1);
			Leaks.search("the session's " + name, text);
			// an array of characters
			Leaks.search("the session's " + name, text.replace("\0", ""));
		}
	}

}
