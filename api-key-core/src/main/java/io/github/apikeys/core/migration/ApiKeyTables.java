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

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Tells whose the tables are that have the names of the tables of API keys: those that
 * the scripts of some version create, those that Hibernate makes from the entities, or
 * somebody else's.
 *
 * @since 0.1.0
 */
public final class ApiKeyTables {

	private final Map<String, Set<String>> versions;

	private final Set<String> names;

	private final Set<String> traits;

	ApiKeyTables(String platform, Set<String> names, Set<String> traits) {
		this.versions = versions(platform);
		this.names = Collections.unmodifiableSet(names);
		this.traits = traits;
	}

	/**
	 * Reads what the tables look like.
	 * @param connection a connection to their database, whose current schema they are in
	 * @param platform the folder of the scripts, {@code h2}, {@code postgresql},
	 * {@code mariadb} or {@code mysql}
	 * @return the tables, not all of which need to be there
	 * @throws SQLException if the database does not answer
	 */
	public static ApiKeyTables read(Connection connection, String platform) throws SQLException {
		return new TableReader(connection, platform).read();
	}

	/**
	 * Returns whether there is a table.
	 * @param connection a connection to the database, in whose current schema it may be
	 * @param platform as for {@link #read}
	 * @param table its name in lower case
	 * @return whether it is there, in whatever case
	 * @throws SQLException if the database does not answer
	 */
	public static boolean exists(Connection connection, String platform, String table) throws SQLException {
		return new TableReader(connection, platform).exists(table);
	}

	/**
	 * Looks which of the names of the tables are taken, by whomever and in whichever
	 * database.
	 * @param connection a connection whose current schema is looked at
	 * @param platform as for {@link #read}, or that of a database without scripts
	 * @return names in lower case, sorted, also of tables that may not be read as far as
	 * the database shows them
	 * @throws SQLException if the database does not answer
	 */
	public static Set<String> findNames(Connection connection, String platform) throws SQLException {
		return Collections.unmodifiableSet(new TreeSet<>(new TableReader(connection, platform).names().keySet()));
	}

	/**
	 * Returns the tables of that name that there are.
	 * @return names in lower case, sorted
	 */
	public Set<String> getNames() {
		return this.names;
	}

	/**
	 * Returns the version whose scripts create exactly these columns, types, collations,
	 * constraints and indexes.
	 * @return the version, such as {@code 2}, or {@code null} if the scripts of no
	 * version do
	 */
	public @Nullable String getVersion() {
		for (Map.Entry<String, Set<String>> version : this.versions.entrySet()) {
			if (version.getValue().equals(this.traits)) {
				return version.getKey();
			}
		}
		return null;
	}

	/**
	 * Returns whether the tables have our columns, and no index for the poll under
	 * whatever name, as those that Hibernate makes from the entities.
	 * @return whether Hibernate made them
	 */
	public boolean areMadeByHibernate() {
		Set<String> first = this.versions.getOrDefault("1", Set.of());
		return !first.isEmpty() && columns(this.traits).containsAll(columns(first)) && this.traits.stream()
			.noneMatch((trait) -> trait.startsWith("api_key index ") && trait.endsWith(" (changed_at)"));
	}

	/**
	 * Returns what is different from what the newest scripts create.
	 * @return differences for people to read, empty if there are none
	 */
	public List<String> getDifferences() {
		List<String> differences = new ArrayList<>();
		Set<String> newest = Set.of();
		for (Set<String> version : this.versions.values()) {
			newest = version;
		}
		Set<String> missing = new TreeSet<>(newest);
		missing.removeAll(this.traits);
		missing.forEach((trait) -> differences.add("lacks: " + trait));
		Set<String> added = new TreeSet<>(this.traits);
		added.removeAll(newest);
		added.forEach((trait) -> differences.add("has: " + trait));
		return differences;
	}

	Set<String> traits() {
		return this.traits;
	}

	private static Set<String> columns(Set<String> traits) {
		Set<String> columns = new TreeSet<>();
		for (String trait : traits) {
			String[] words = trait.split(" ", 4);
			if (words[1].equals("column")) {
				columns.add(words[0] + " " + words[2]);
			}
		}
		return columns;
	}

	/**
	 * Each file says what its version adds, and after a minus what it takes away.
	 */
	private static Map<String, Set<String>> versions(String platform) {
		Map<String, Set<String>> versions = new TreeMap<>();
		Set<String> traits = new TreeSet<>();
		for (int version = 1;; version++) {
			InputStream in = ApiKeyTables.class.getResourceAsStream(platform + "/tables-" + version + ".txt");
			if (in == null) {
				return versions;
			}
			try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
				lines.lines().forEach((line) -> {
					if (line.startsWith("-")) {
						traits.remove(line.substring(1));
					}
					else {
						traits.add(line);
					}
				});
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			versions.put(String.valueOf(version), new TreeSet<>(traits));
		}
	}

}
