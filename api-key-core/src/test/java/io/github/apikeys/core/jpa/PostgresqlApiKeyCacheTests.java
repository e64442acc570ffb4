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

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PostgresqlApiKeyCacheTests extends AbstractApiKeyCacheTests {

	@Override
	TestDatabase database() {
		return PostgresqlDatabase.newest();
	}

	/**
	 * However many keys there are, and every second.
	 */
	@Test
	void questionWhatChangedThenAnIndexAnswersIt() {
		ApiKeyStore store = new ApiKeyStore(unit().entityManagerFactory());
		String sql = unit().statementsOf(() -> transaction().execute((status) -> store.findChanged(LOOK_BACK, null)))
			.get(0);
		List<String> plan = transaction().execute((status) -> {
			unit().jdbc().execute("set local enable_seqscan = off");
			return unit().jdbc().queryForList("explain " + sql.replace("?", "now()"), String.class);
		});
		assertThat(String.join("\n", plan)).contains("idx_api_key_changed_at", "idx_api_key_owner_invalidated_at")
			.doesNotContain("Seq Scan");
	}

}
