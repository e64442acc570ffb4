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

import java.time.Instant;

import org.hibernate.query.NativeQuery;

/**
 * Creates native updates of rows of keys, and the parts that they have in common.
 */
final class NativeUpdates {

	private final Statements statements;

	private final ApiKeyTable table;

	NativeUpdates(Statements statements, ApiKeyTable table) {
		this.statements = statements;
		this.table = table;
	}

	NativeQuery<?> of(String sql) {
		return this.statements.createNativeQueryOfKeys(sql);
	}

	/**
	 * Binds the time of a change, where nodes stamp changes with their own clocks.
	 */
	void bindNow(NativeQuery<?> query) {
		if (this.table.now().equals(ApiKeyTable.NOW_PARAMETER)) {
			query.setParameter("now", Instant.now(), this.table.<Instant>type("changedAt"));
		}
	}

	/**
	 * Another one, even if somebody wrote the greatest there is.
	 */
	String nextVersion() {
		String version = this.table.column("version");
		return version + " = case when " + version + " < " + Long.MAX_VALUE + " then " + version + " + 1 else 0 end";
	}

}
