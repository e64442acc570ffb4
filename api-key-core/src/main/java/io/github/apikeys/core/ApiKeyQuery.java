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

package io.github.apikeys.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.Expression;
import jakarta.persistence.criteria.Predicate;
import jakarta.persistence.criteria.Root;
import org.hibernate.query.criteria.HibernateCriteriaBuilder;
import org.jspecify.annotations.Nullable;

import org.springframework.data.jpa.domain.Specification;

/**
 * Which keys to list. Conditions add up.
 *
 * @since 0.1.0
 * @see ApiKeyService#list
 */
public final class ApiKeyQuery {

	private static final char LIKE_ESCAPE = '!';

	private @Nullable String namePrefix;

	private @Nullable String owner;

	private @Nullable String scope;

	private @Nullable ApiKeyState state;

	private ApiKeyQuery() {
	}

	/**
	 * Starts with all keys.
	 * @return a query without conditions
	 */
	public static ApiKeyQuery all() {
		return new ApiKeyQuery();
	}

	/**
	 * Keeps the keys whose name begins with a text.
	 * @param prefix the text, case does not matter
	 * @return this
	 */
	public ApiKeyQuery nameStartsWith(String prefix) {
		this.namePrefix = prefix;
		return this;
	}

	/**
	 * Keeps the keys of an owner.
	 * @param owner exactly this owner
	 * @return this
	 */
	public ApiKeyQuery owner(String owner) {
		this.owner = owner;
		return this;
	}

	/**
	 * Keeps the keys that were granted something.
	 * @param scope exactly this scope or wildcard
	 * @return this
	 */
	public ApiKeyQuery scope(String scope) {
		this.scope = scope;
		return this;
	}

	/**
	 * Keeps the keys in a state.
	 * @param state the state at the time of the query
	 * @return this
	 */
	public ApiKeyQuery state(ApiKeyState state) {
		this.state = state;
		return this;
	}

	Specification<ApiKey> toSpecification(Instant now) {
		return (root, query, builder) -> {
			List<Predicate> predicates = new ArrayList<>();
			if (this.namePrefix != null) {
				// the database lowers both: its lower case is not Java's
				Expression<String> prefix = ((HibernateCriteriaBuilder) builder)
					.value(escapeLike(this.namePrefix) + "%");
				predicates.add(builder.like(builder.lower(root.get("name")), builder.lower(prefix), LIKE_ESCAPE));
			}
			if (this.owner != null) {
				predicates.add(builder.equal(root.get("owner"), this.owner));
				// MySQL's equality disregards spaces at the end, its LIKE does not
				predicates.add(builder.like(root.get("owner"), escapeLike(this.owner), LIKE_ESCAPE));
			}
			if (this.scope != null) {
				predicates.add(builder.isMember(this.scope, root.get("scopes")));
			}
			if (this.state != null) {
				predicates.addAll(inState(this.state, now, root, builder));
			}
			return builder.and(predicates.toArray(Predicate[]::new));
		};
	}

	/**
	 * The same order of precedence as in {@link ApiKeyState#at}.
	 */
	private static List<Predicate> inState(ApiKeyState state, Instant now, Root<ApiKey> key, CriteriaBuilder builder) {
		if (state == ApiKeyState.REVOKED) {
			return List.of(builder.isNotNull(key.get("revokedAt")));
		}
		List<Predicate> predicates = new ArrayList<>();
		predicates.add(builder.isNull(key.get("revokedAt")));
		Predicate expired = builder.lessThanOrEqualTo(key.get("expiresAt"), now);
		if (state == ApiKeyState.EXPIRED) {
			predicates.add(expired);
			return predicates;
		}
		predicates.add(builder.or(builder.isNull(key.get("expiresAt")),
				builder.greaterThan(key.<Instant>get("expiresAt"), now)));
		if (state == ApiKeyState.DISABLED) {
			predicates.add(builder.isNotNull(key.get("disabledAt")));
			return predicates;
		}
		predicates.add(builder.isNull(key.get("disabledAt")));
		predicates.add((state == ApiKeyState.NOT_YET_VALID) ? builder.greaterThan(key.<Instant>get("notBefore"), now)
				: builder.or(builder.isNull(key.get("notBefore")),
						builder.lessThanOrEqualTo(key.<Instant>get("notBefore"), now)));
		return predicates;
	}

	private static String escapeLike(String text) {
		return text.replace("!", "!!").replace("%", "!%").replace("_", "!_");
	}

}
