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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.ApiKeyValidity;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.verification.StoredApiKey;
import io.github.apikeys.core.verification.StoredLimits;
import org.hibernate.query.SelectionQuery;
import org.jspecify.annotations.Nullable;

/**
 * Reads what verification needs of a key.
 */
final class VerificationQuery {

	/**
	 * A time that is not set is read as another one, and marked: to read a time takes
	 * longer than to read none, and that would tell the state of the key.
	 */
	private static final String SELECT_FOR_VERIFICATION = """
			select k.id, k.keyId, k.name, k.owner, k.keyType, k.hash, k.allowedAddresses, k.version, k.rateLimits,
				k.quota, s,
				coalesce(k.notBefore, k.createdAt), case when k.notBefore is null then 0 else 1 end,
				coalesce(k.expiresAt, k.createdAt), case when k.expiresAt is null then 0 else 1 end,
				coalesce(k.disabledAt, k.createdAt), case when k.disabledAt is null then 0 else 1 end,
				coalesce(k.revokedAt, k.createdAt), case when k.revokedAt is null then 0 else 1 end,
				coalesce(k.lineId, k.id)
			from io.github.apikeys.core.ApiKey k left join k.scopes s
			where k.keyId = :keyId
			""";

	private final Statements statements;

	private final ApiKeyTable table;

	private final ApiKeyTypes types;

	private Set<String> principalMetadata = Set.of();

	VerificationQuery(Statements statements, ApiKeyTable table, ApiKeyTypes types) {
		this.statements = statements;
		this.table = table;
		this.types = types;
	}

	/**
	 * Sets which metadata is read with each key for its verification.
	 */
	void setPrincipalMetadata(Set<String> names) {
		this.principalMetadata = names;
	}

	/**
	 * Reads plain columns, the type among them: it neither joins the tables of subclasses
	 * nor fails on a type that this application does not know.
	 */
	@Nullable StoredApiKey findForVerification(String keyId) {
		List<Object[]> rows = this.statements.createQuery(SELECT_FOR_VERIFICATION, Object[].class)
			.unwrap(SelectionQuery.class)
			.setParameter("keyId", keyId, this.table.presentedKeyId())
			.getResultList();
		// equals, since a column's collation may treat as equal two ids that Java does
		// not
		if (rows.isEmpty() || !keyId.equals(rows.get(0)[1])) {
			return null;
		}
		Set<String> scopes = new HashSet<>();
		for (Object[] row : rows) {
			if (row[10] != null) {
				scopes.add((String) row[10]);
			}
		}
		Object[] key = rows.get(0);
		StoredLimits limits = StoredLimits.read(keyId, (String) key[8], (String) key[6]);
		String type = (String) key[4];
		ApiKeyPrincipal principal = new ApiKeyPrincipal((UUID) key[0], keyId, (String) key[2], (String) key[3], scopes,
				type, limits.rateLimits(), key[9] != null)
			.ofTypes(this.types.lineage(type))
			.ofLine((UUID) key[19]);
		if (!this.principalMetadata.isEmpty()) {
			principal = principal.withMetadata(findMetadata(principal.id()));
		}
		ApiKeyValidity validity = new ApiKeyValidity(time(key, 11), time(key, 13), time(key, 15), time(key, 17));
		return new StoredApiKey(principal, (Long) key[7], (TokenHash) key[5], validity, limits.allowedAddresses());
	}

	/**
	 * After the key, so that what is remembered of it is not older than its version.
	 */
	private Map<String, String> findMetadata(UUID id) {
		Map<String, String> metadata = new TreeMap<>();
		this.statements.createQuery("""
				select key(m), value(m) from io.github.apikeys.core.ApiKey k join k.metadata m
				where k.id = :id and key(m) in :names
				""", Object[].class)
			.setParameter("id", id)
			.setParameter("names", this.principalMetadata)
			.getResultList()
			.forEach((row) -> metadata.put((String) row[0], (String) row[1]));
		// the collation of the column may treat as equal two names that Java does not
		metadata.keySet().retainAll(this.principalMetadata);
		return metadata;
	}

	private static @Nullable Instant time(Object[] row, int column) {
		return row[column + 1].equals(1) ? (Instant) row[column] : null;
	}

}
