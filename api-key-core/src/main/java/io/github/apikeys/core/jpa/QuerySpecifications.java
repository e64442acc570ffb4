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

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyValidity;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.Predicate;
import jakarta.persistence.criteria.Root;

import org.springframework.data.jpa.domain.Specification;

/**
 * Says in the terms of JPA which keys a query keeps.
 */
final class QuerySpecifications {

	private static final char LIKE_ESCAPE = '!';

	private final ApiKeyQuery query;

	private final Instant now;

	private final ApiKeyTable table;

	QuerySpecifications(ApiKeyQuery query, Instant now, ApiKeyTable table) {
		this.query = query;
		this.now = now;
		this.table = table;
	}

	private List<Specification<ApiKey>> places() {
		String text = this.query.getSearched();
		if (text == null) {
			return List.of();
		}
		List<Specification<ApiKey>> places = new ArrayList<>();
		for (String attribute : new String[] { "searchKeyId", "searchName", "searchOwner" }) {
			places.add((root, query, builder) -> startsWith(root, builder, attribute, text));
		}
		places.addAll(this.query.getAlternatives());
		return places;
	}

	/**
	 * One for each place that is searched, since a database can use one index at a time.
	 */
	List<Specification<ApiKey>> forEachPlace() {
		Specification<ApiKey> conditions = conditions();
		return (this.query.getSearched() == null) ? List.of(conditions)
				: places().stream().map(conditions::and).toList();
	}

	Specification<ApiKey> forAllPlaces() {
		Specification<ApiKey> conditions = conditions();
		return (this.query.getSearched() == null) ? conditions : conditions.and(Specification.anyOf(places()));
	}

	private Specification<ApiKey> conditions() {
		return (root, query, builder) -> {
			List<Predicate> predicates = new ArrayList<>();
			addAttributes(predicates, root, builder);
			addTimes(predicates, root, builder);
			String scope = this.query.getScope();
			if (scope != null) {
				// there is one row at most, so that nothing comes twice
				predicates.add(this.table.isExactly(root.join("scopes"), scope, builder));
			}
			Set<ApiKeyState> states = this.query.getStates();
			if (states != null) {
				predicates.add(builder.or(states.stream()
					.sorted()
					.map((state) -> builder.and(inState(state, this.now, root, builder).toArray(Predicate[]::new)))
					.toArray(Predicate[]::new)));
			}
			return builder.and(predicates.toArray(Predicate[]::new));
		};
	}

	private void addAttributes(List<Predicate> predicates, Root<ApiKey> key, CriteriaBuilder builder) {
		String namePrefix = this.query.getNamePrefix();
		if (namePrefix != null) {
			predicates.add(startsWith(key, builder, "searchName", namePrefix));
		}
		String type = this.query.getType();
		if (type != null) {
			predicates.add(this.table.isExactly(key.get("keyType"), type, builder));
		}
		String owner = this.query.getOwner();
		if (owner != null) {
			predicates.add(this.table.isExactly(key.get("owner"), owner, builder));
		}
	}

	private void addTimes(List<Predicate> predicates, Root<ApiKey> key, CriteriaBuilder builder) {
		Instant createdFrom = this.query.getCreatedFrom();
		if (createdFrom != null) {
			predicates.add(builder.greaterThanOrEqualTo(key.get("createdAt"), createdFrom));
		}
		Instant createdUntil = this.query.getCreatedUntil();
		if (createdUntil != null) {
			predicates.add(builder.lessThan(key.get("createdAt"), createdUntil));
		}
		Duration expiringWithin = this.query.getExpiringWithin();
		if (expiringWithin != null) {
			predicates.add(builder.isNull(key.get("revokedAt")));
			predicates.add(builder.greaterThan(key.<Instant>get("expiresAt"), this.now));
			predicates.add(builder.lessThanOrEqualTo(key.<Instant>get("expiresAt"), this.now.plus(expiringWithin)));
		}
		if (this.query.isNeverUsed()) {
			predicates.add(builder.isNull(key.get("lastUsedAt")));
		}
		Duration unusedFor = this.query.getUnusedFor();
		if (unusedFor != null) {
			Instant since = this.now.minus(unusedFor);
			predicates.add(builder.lessThan(key.<Instant>get("createdAt"), since));
			predicates.add(builder.or(builder.isNull(key.get("lastUsedAt")),
					builder.lessThan(key.<Instant>get("lastUsedAt"), since)));
		}
	}

	/**
	 * The same order of precedence as in {@link ApiKeyValidity#state}.
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

	private static Predicate startsWith(Root<ApiKey> key, CriteriaBuilder builder, String attribute, String prefix) {
		return builder.like(key.get(attribute), escapeLike(ApiKeyQuery.searchable(prefix)) + "%", LIKE_ESCAPE);
	}

	private static String escapeLike(String text) {
		return text.replace("!", "!!").replace("%", "!%").replace("_", "!_");
	}

}
