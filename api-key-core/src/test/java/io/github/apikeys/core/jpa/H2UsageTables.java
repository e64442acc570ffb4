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

import java.util.UUID;

import io.github.apikeys.core.verification.UsageSink;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The tables of usage on H2, for tests of what is counted.
 */
public final class H2UsageTables extends AbstractDatabaseTests implements AutoCloseable {

	public H2UsageTables() throws Exception {
		startDatabase();
	}

	@Override
	TestDatabase database() {
		return new H2Database();
	}

	public UsageSink sink(TransactionOperations transaction) {
		return new UsageStore(unit().entityManagerFactory(), transaction);
	}

	/**
	 * Adds a key.
	 * @return the id of its row
	 */
	public UUID newKey() {
		UUID id = UUID.randomUUID();
		jdbc().update("""
				insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, quota_used, created_at,
					search_key_id, search_name, changed_at, version)
				values (?, 'ApiKey', ?, 'ak', 'abcd', 'none', 'key', 0, current_timestamp, 'key', 'key',
					current_timestamp, 0)
				""", id, id.toString());
		return id;
	}

	public TransactionOperations transactions() {
		return transaction();
	}

	public JdbcTemplate jdbc() {
		return unit().jdbc();
	}

	public void failStatements(String begin) {
		unit().failStatements(begin);
	}

	@Override
	public void close() throws Exception {
		stopDatabase();
	}

}
