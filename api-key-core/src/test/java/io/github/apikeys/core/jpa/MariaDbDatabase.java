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

import javax.sql.DataSource;

import org.mariadb.jdbc.MariaDbDataSource;

class MariaDbDatabase implements TestDatabase {

	@Override
	public DataSource start() throws Exception {
		// the time zone of a session must not matter
		MariaDbDataSource dataSource = new MariaDbDataSource(
				InstalledServer.MARIADB.createDatabase() + "?sessionVariables=time_zone='+05:00'");
		dataSource.setUser("root");
		return dataSource;
	}

	@Override
	public String platform() {
		return "mariadb";
	}

}
