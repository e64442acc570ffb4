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

package io.github.apikeys.jdbc;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@Service
class Customers {

	private final JdbcTemplate jdbc;

	private final ApiKeyService apiKeys;

	Customers(JdbcTemplate jdbc, ApiKeyService apiKeys) {
		this.jdbc = jdbc;
		this.apiKeys = apiKeys;
	}

	@Transactional
	String register(long id, String name) {
		this.jdbc.update("insert into customer (id, name) values (?, ?)", id, name);
		return this.apiKeys.create(NewApiKey.named(name).owner("customer-" + id)).token();
	}

	@Transactional
	void remove(long id) {
		this.jdbc.update("delete from customer where id = ?", id);
		this.apiKeys.revokeAll("customer-" + id, "Customer left");
	}

}
