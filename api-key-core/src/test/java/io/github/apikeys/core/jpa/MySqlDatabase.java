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

import com.mysql.cj.jdbc.MysqlDataSource;

class MySqlDatabase implements TestDatabase {

	@Override
	public DataSource start() throws Exception {
		MysqlDataSource dataSource = new MysqlDataSource();
		// the time zone of a session must not matter
		dataSource.setURL(InstalledServer.MYSQL.createDatabase() + "?sessionVariables=time_zone='%2B05:00'");
		dataSource.setUser("root");
		return dataSource;
	}

	@Override
	public String platform() {
		return "mysql";
	}

	@Override
	public String uuidType() {
		return "binary(16)";
	}

}
