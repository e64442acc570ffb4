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

package org.springframework.samples.clinic;

import java.sql.Connection;

import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * A data source of an application whose package begins like Spring's.
 */
public final class RoutingOfSample extends AbstractDataSource {

	@Override
	public Connection getConnection() {
		throw new UnsupportedOperationException("no tenant");
	}

	@Override
	public Connection getConnection(String username, String password) {
		return getConnection();
	}

}
