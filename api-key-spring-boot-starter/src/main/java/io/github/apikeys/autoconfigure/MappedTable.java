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

import java.util.List;
import java.util.regex.Pattern;

/**
 * A table of API keys, named as in the statements that Hibernate sends: naming strategy,
 * default schema and quoting have had their say.
 *
 * @param name the table, qualified and quoted where needed
 * @param columns its columns, quoted where needed
 */
record MappedTable(String name, List<String> columns) {

	private static final Pattern NAME_IN_SCRIPTS = Pattern.compile("api_key(_[a-z_]+)?", Pattern.CASE_INSENSITIVE);

	/**
	 * Whether it has the name that our scripts give it.
	 */
	boolean isNamedAsInScripts() {
		return NAME_IN_SCRIPTS.matcher(this.name).matches();
	}

	/**
	 * Reads no row, but fails as a statement would that reads all of them.
	 */
	String select() {
		return "select " + String.join(", ", this.columns) + " from " + this.name + " where 1 = 0";
	}

	/**
	 * Write no row, but fail as statements would that do.
	 */
	List<String> writes() {
		String column = this.columns.get(0);
		return List.of("insert into " + this.name + " (" + String.join(", ", this.columns) + ") " + select(),
				"update " + this.name + " set " + column + " = " + column + " where 1 = 0",
				"delete from " + this.name + " where 1 = 0");
	}

}
