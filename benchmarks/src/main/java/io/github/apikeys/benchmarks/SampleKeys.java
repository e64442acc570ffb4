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

package io.github.apikeys.benchmarks;

import java.util.ArrayList;
import java.util.List;

import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Keys as a large application may have them: of several owners, in every state, some of
 * them used. Every tenth is of a type of its own.
 */
final class SampleKeys {

	private static final String INSERT = """
			insert into api_key (id, key_type, key_id, prefix, last_characters, hash, name, owner, created_at,
				not_before, expires_at, disabled_at, revoked_at, last_used_at, last_used_from, search_key_id,
				search_name, search_owner, changed_at, version, quota_used)
			select gen_random_uuid(), case when i % 10 = 3 then 'partner' else 'api_key' end, key_id, 'ak', 'abcd',
				'{sha256}' || encode(sha256(i::text::bytea), 'hex'), name, owner, created_at,
				case when i % 1000 = 7 then now() + interval '1 day' end,
				case when i % 5 < 3 then created_at + (i % 1100 + 30) * interval '1 day' end,
				case when i % 97 = 5 then now() end, case when i % 19 = 4 then now() end,
				case when i % 10 < 5 then now() - (i % 90) * interval '1 day'
					when i % 10 < 7 then created_at + interval '1 hour' end,
				case when i % 10 < 7 then '192.0.2.1' end, lower(key_id), name, owner, created_at, 0, 0
			from (select i,
					substr(translate(encode(sha256(('k' || i)::bytea), 'base64'), '+/=', 'xyz'), 1, 12) as key_id,
					(array['billing', 'warehouse', 'reporting', 'partner', 'export', 'import', 'monitoring', 'shop'])
						[i % 8 + 1] || '-' || i as name,
					case when i % 10 = 9 then null when i % 10 = 8 then 'big' else 'org-' || i % 40000 end as owner,
					now() - (? - i) * interval '100 seconds' as created_at
				from generate_series(?::int, ?::int) as i) as numbers
			""";

	private SampleKeys() {
	}

	/**
	 * Inserts rows into the table of keys.
	 * @param from the first number
	 * @param to the last number
	 * @param newest the number of the key that is created now; those before it are older
	 */
	static void insert(JdbcTemplate jdbc, int from, int to, int newest) {
		jdbc.update(INSERT, newest, from, to);
	}

	/**
	 * Tokens of keys that exist, with wrong secrets: the query is the same, and so is the
	 * work for the hash.
	 */
	static List<String> tokens(JdbcTemplate jdbc, int count) {
		ApiKeyTokenFormat format = new ApiKeyTokenFormat("ak", List.of());
		SecureRandomApiKeyGenerator random = new SecureRandomApiKeyGenerator();
		List<String> tokens = new ArrayList<>();
		for (String keyId : jdbc.queryForList("select key_id from api_key order by random() limit " + count,
				String.class)) {
			tokens.add(format.generate(new ApiKeyGenerator() {

				@Override
				public String generateKeyId() {
					return keyId;
				}

				@Override
				public String generateSecret() {
					return random.generateSecret();
				}

			}).value());
		}
		return tokens;
	}

}
