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
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import io.github.apikeys.autoconfigure.ApiKeyTablesException.Problem;
import io.github.apikeys.core.migration.ApiKeyTables;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.hibernate.engine.jdbc.connections.spi.JdbcConnectionAccess;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;

/**
 * Finds out whether the tables of API keys can be used, with statements that touch no
 * row.
 */
final class TableCheck {

	private static final Log logger = LogFactory.getLog(TableCheck.class);

	private static final List<String> NO_TABLE = List.of("42P01", "3F000", "42S02", "42S03", "42S04", "90079");

	private static final List<String> NO_COLUMN = List.of("42703", "42S22");

	private static final List<String> NO_PRIVILEGE = List.of("42501", "90096");

	/** What MySQL and MariaDB say where the state of the error does not tell. */
	private static final List<Integer> NO_PRIVILEGE_CODES = List.of(1044, 1142, 1143);

	private static final Pattern QUOTES = Pattern.compile("[\"`\\[\\]]");

	private final Connection connection;

	private final DatabaseLocation location;

	private final List<MappedTable> tables;

	private final Set<String> missing = new TreeSet<>();

	private final Set<String> incomplete = new TreeSet<>();

	private final Set<String> unreadable = new TreeSet<>();

	private final Set<String> unwritable = new TreeSet<>();

	private TableCheck(Connection connection, List<MappedTable> tables) throws SQLException {
		this.connection = connection;
		this.location = DatabaseLocation.of(connection);
		this.tables = tables;
	}

	/**
	 * Looks at the tables of a persistence unit.
	 * @throws ApiKeyTablesException if a table is missing, incomplete or unreadable
	 */
	static void check(SessionFactoryImplementor sessionFactory, List<MappedTable> tables) {
		inspect(sessionFactory, tables, TableCheck::report);
	}

	/**
	 * Looks at the tables of a persistence unit, and has the findings judged. Says so if
	 * the database does not answer: that is no fault of the tables.
	 */
	static void inspect(SessionFactoryImplementor sessionFactory, List<MappedTable> tables, Judge judge) {
		JdbcConnectionAccess connections = sessionFactory.getJdbcServices().getBootstrapJdbcConnectionAccess();
		Connection connection = null;
		try {
			connection = connections.obtainConnection();
			TableCheck check = new TableCheck(connection, tables);
			if (check.location.isSupported()) {
				check.look();
			}
			judge.judge(check);
		}
		catch (ApiKeyTablesException ex) {
			throw ex;
		}
		// a data source that routes says in such a way that no tenant is there
		catch (SQLException | RuntimeException ex) {
			logger.warn(LogMessage.format("It is not known whether the tables of API keys can be used, because the "
					+ "database did not say: %s", ex.getMessage()));
		}
		finally {
			release(connections, connection);
		}
	}

	private static void release(JdbcConnectionAccess connections, @Nullable Connection connection) {
		try {
			if (connection != null) {
				// not every pool ends what its connection began
				if (!connection.getAutoCommit()) {
					connection.rollback();
				}
				connections.releaseConnection(connection);
			}
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("Connection was not released", ex);
		}
	}

	private void look() throws SQLException {
		boolean autoCommit = this.connection.getAutoCommit();
		this.connection.setAutoCommit(false);
		try {
			for (MappedTable table : this.tables) {
				read(table);
			}
			if (areReadable()) {
				for (MappedTable table : this.tables) {
					write(table);
				}
			}
		}
		finally {
			this.connection.rollback();
			this.connection.setAutoCommit(autoCommit);
		}
	}

	private boolean areReadable() {
		return this.missing.isEmpty() && this.incomplete.isEmpty() && this.unreadable.isEmpty();
	}

	/**
	 * Whether tables are missing, and none is there that could be somebody else's.
	 */
	boolean areMissing() {
		return !this.missing.isEmpty() && this.incomplete.isEmpty();
	}

	/**
	 * Whether the database goes when the application ends.
	 */
	boolean isMadeForTheRun() throws SQLException {
		return String.valueOf(this.connection.getMetaData().getURL()).contains(":h2:mem:");
	}

	private void read(MappedTable table) throws SQLException {
		SQLException failure = execute(table.select());
		if (failure == null) {
			return;
		}
		if (isOneOf(NO_TABLE, failure)) {
			this.missing.add(table.name());
		}
		else if (isOneOf(NO_COLUMN, failure)) {
			this.incomplete.add(table.name() + " lacks " + missingColumns(table));
		}
		else if (isPrivilege(failure)) {
			this.unreadable.add(table.name());
		}
		else {
			throw failure;
		}
	}

	private void write(MappedTable table) {
		for (String statement : table.writes()) {
			SQLException failure = execute(statement);
			if (failure != null && isPrivilege(failure)) {
				this.unwritable.add(table.name());
			}
		}
	}

	/**
	 * Each in a transaction of its own: some databases refuse everything after a failure.
	 */
	private @Nullable SQLException execute(String sql) {
		try (Statement statement = this.connection.createStatement()) {
			statement.execute(sql);
			return null;
		}
		catch (SQLException ex) {
			return ex;
		}
		finally {
			rollback();
		}
	}

	private void rollback() {
		try {
			this.connection.rollback();
		}
		catch (SQLException ex) {
			logger.debug("Transaction was not rolled back", ex);
		}
	}

	private static boolean isOneOf(List<String> states, SQLException failure) {
		String state = failure.getSQLState();
		return state != null && states.contains(state);
	}

	static boolean isPrivilege(SQLException failure) {
		return isOneOf(NO_PRIVILEGE, failure) || NO_PRIVILEGE_CODES.contains(failure.getErrorCode());
	}

	private String missingColumns(MappedTable table) throws SQLException {
		Set<String> missing = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
		table.columns().forEach((column) -> missing.add(QUOTES.matcher(column).replaceAll("")));
		try (Statement statement = this.connection.createStatement();
				ResultSet none = statement.executeQuery("select * from " + table.name() + " where 1 = 0")) {
			ResultSetMetaData columns = none.getMetaData();
			for (int i = 1; i <= columns.getColumnCount(); i++) {
				missing.remove(columns.getColumnName(i));
			}
			return missing.toString();
		}
		catch (SQLException ex) {
			if (!isPrivilege(ex)) {
				throw ex;
			}
			return "columns, and may not be read";
		}
		finally {
			rollback();
		}
	}

	void report() throws SQLException {
		if (!this.location.isSupported()) {
			logger.warn(
					LogMessage.format("It is not known whether the tables of API keys can be used, because nothing is "
							+ "known about this database (%s).", this.location));
			return;
		}
		if (!this.incomplete.isEmpty()) {
			boolean outdated = areNamedAsInScripts() && recognised().getVersion() != null;
			throw failure(outdated ? Problem.OUTDATED : Problem.INCOMPLETE, this.incomplete);
		}
		if (!this.missing.isEmpty()) {
			throw failure(Problem.MISSING, this.missing);
		}
		if (!this.unreadable.isEmpty()) {
			throw failure(Problem.UNREADABLE, this.unreadable);
		}
		if (areNamedAsInScripts() && !isMadeForTheRun() && !isMigratedByFlyway()) {
			ApiKeyTables recognised = recognised();
			if (recognised.areMadeByHibernate()) {
				throw failure(Problem.MADE_BY_HIBERNATE, recognised.getNames());
			}
		}
		if (!this.unwritable.isEmpty()) {
			logger.warn(LogMessage.format(
					"User '%s' has no right to insert, update or delete rows of %s. API keys "
							+ "cannot be changed here, and what needs such a right fails.",
					this.location.user(), this.unwritable));
		}
	}

	private boolean areNamedAsInScripts() {
		return this.tables.stream().allMatch(MappedTable::isNamedAsInScripts);
	}

	/**
	 * Looked up, since a statement that fails is a warning in the log of some drivers.
	 */
	private boolean isMigratedByFlyway() throws SQLException {
		return ApiKeyTables.exists(this.connection, this.location.platform(), ApiKeySchemaMigrator.HISTORY_TABLE);
	}

	private ApiKeyTables recognised() throws SQLException {
		return ApiKeyTables.read(this.connection, this.location.platform());
	}

	ApiKeyTablesException failure(Problem problem, Collection<String> tables) {
		List<String> renamed = new ArrayList<>();
		for (MappedTable table : this.tables) {
			if (!table.isNamedAsInScripts()) {
				renamed.add(table.name());
			}
		}
		return new ApiKeyTablesException(problem, tables, renamed, this.location);
	}

	/**
	 * What to make of what was found.
	 */
	interface Judge {

		void judge(TableCheck check) throws SQLException;

	}

}
