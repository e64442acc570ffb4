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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.Ended;
import io.github.apikeys.core.jpa.KeyReader.KeyRow;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.CriteriaQuery;
import jakarta.persistence.criteria.Predicate;
import jakarta.persistence.criteria.Root;
import org.hibernate.query.SelectionQuery;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.data.jpa.repository.query.QueryUtils;
import org.springframework.data.support.PageableExecutionUtils;

/**
 * Finds keys without loading them.
 */
final class KeySearch {

	private static final String DELETED = """
			k.revokedAt < :time and exists (select 1 from io.github.apikeys.core.ApiKeyEvent e
				where e.apiKeyId = k.id and e.change = io.github.apikeys.core.ApiKeyChange.DELETED)""";

	/**
	 * The key that it replaced, and that names it as its successor, has not ended.
	 */
	private static final String NEEDED = """
			exists (select 1 from io.github.apikeys.core.ApiKey p where p.id = k.predecessorId
				and (p.revokedAt is null or p.revokedAt >= :time) and (p.expiresAt is null or p.expiresAt >= :time))""";

	private final EntityManager entityManager;

	private final Statements statements;

	private final ApiKeyTable table;

	private final ApiKeyTypes types;

	KeySearch(EntityManager entityManager, Statements statements, ApiKeyTable table, ApiKeyTypes types) {
		this.entityManager = entityManager;
		this.statements = statements;
		this.table = table;
		this.types = types;
	}

	@Nullable KeyRow findRow(String keyId) {
		List<Object[]> rows = this.statements
			.createQuery("select k.id, k.keyType, k.keyId from io.github.apikeys.core.ApiKey k where k.keyId = :keyId",
					Object[].class)
			.unwrap(SelectionQuery.class)
			.setParameter("keyId", keyId, this.table.presentedKeyId())
			.getResultList();
		return (rows.isEmpty() || !keyId.equals(rows.get(0)[2])) ? null : row(rows.get(0));
	}

	private static KeyRow row(Object[] columns) {
		return new KeyRow((UUID) columns[0], (String) columns[1]);
	}

	/**
	 * Finds a page of keys.
	 */
	Page<KeyRow> findRows(Class<? extends ApiKey> type, ApiKeyQuery query, Instant now, Pageable pageable) {
		Specification<ApiKey> specification = new QuerySpecifications(query, now, this.table).forAllPlaces()
			.and(isOf(type));
		CriteriaBuilder builder = this.entityManager.getCriteriaBuilder();
		CriteriaQuery<Object[]> select = builder.createQuery(Object[].class);
		Root<ApiKey> key = select.from(ApiKey.class);
		select.multiselect(key.get("id"), key.get("keyType"))
			.orderBy(QueryUtils.toOrders(pageable.getSort(), key, builder));
		where(select, specification.toPredicate(key, select, builder));
		TypedQuery<Object[]> rows = this.entityManager.createQuery(select);
		if (pageable.isPaged()) {
			// a page behind all keys is empty, however far behind
			rows.setFirstResult((int) Math.min(pageable.getOffset(), Integer.MAX_VALUE))
				.setMaxResults(pageable.getPageSize());
		}
		return PageableExecutionUtils.getPage(rows.getResultList().stream().map(KeySearch::row).toList(), pageable,
				() -> count(specification));
	}

	/**
	 * Every key is an {@link ApiKey}, also one of a type that is not known here.
	 */
	private Specification<ApiKey> isOf(Class<? extends ApiKey> type) {
		if (type == ApiKey.class) {
			return Specification.unrestricted();
		}
		Set<String> names = this.types.namesOf(type);
		return (root, query,
				builder) -> builder.or(names.stream()
					.map((name) -> this.table.isExactly(root.get("keyType"), name, builder))
					.toArray(Predicate[]::new));
	}

	private long count(Specification<ApiKey> specification) {
		CriteriaBuilder builder = this.entityManager.getCriteriaBuilder();
		CriteriaQuery<Long> select = builder.createQuery(Long.class);
		Root<ApiKey> key = select.from(ApiKey.class);
		select.select(builder.count(key));
		where(select, specification.toPredicate(key, select, builder));
		return this.entityManager.createQuery(select).getSingleResult();
	}

	private static void where(CriteriaQuery<?> query, @Nullable Predicate condition) {
		if (condition != null) {
			query.where(condition);
		}
	}

	/**
	 * Finds out whom a key belongs to. That never changes, so any snapshot tells it.
	 */
	@Nullable String findOwner(UUID id) {
		List<String> owners = this.statements
			.createQuery("select k.owner from io.github.apikeys.core.ApiKey k where k.id = :id", String.class)
			.setParameter("id", id)
			.getResultList();
		return owners.isEmpty() ? null : owners.get(0);
	}

	/**
	 * Finds the keys that may be changed along with a key. One that ended never comes
	 * back once it was replaced, so any snapshot tells of all that have not.
	 */
	List<UUID> findLine(UUID id, Instant now) {
		List<UUID> line = new ArrayList<>(List.of(id));
		Link key = findLink(id, now);
		if (key.successorId() != null) {
			line.add(key.successorId());
		}
		UUID predecessor = key.predecessorId();
		if (predecessor != null) {
			line.add(predecessor);
			Link link = findLink(predecessor, now);
			predecessor = link.ended() ? null : link.predecessorId();
		}
		while (predecessor != null) {
			Link link = findLink(predecessor, now);
			if (!link.ended()) {
				line.add(predecessor);
			}
			predecessor = link.ended() ? null : link.predecessorId();
		}
		return line;
	}

	private Link findLink(UUID id, Instant now) {
		List<Object[]> rows = this.statements.createQuery("""
				select k.predecessorId, k.successorId,
					case when k.revokedAt is not null or k.expiresAt <= :now then 1 else 0 end
				from io.github.apikeys.core.ApiKey k where k.id = :id
				""", Object[].class).setParameter("id", id).setParameter("now", now).getResultList();
		return rows.isEmpty() ? Link.NONE
				: new Link((UUID) rows.get(0)[0], (UUID) rows.get(0)[1], rows.get(0)[2].equals(1));
	}

	boolean existsKeyId(String keyId) {
		return !this.statements
			.createQuery("select 1 from io.github.apikeys.core.ApiKey k where k.keyId = :keyId", Integer.class)
			.setParameter("keyId", keyId)
			.getResultList()
			.isEmpty();
	}

	/**
	 * Which key replaced another.
	 * @return the id of its row, or {@code null} if none did
	 */
	@Nullable UUID findSuccessor(UUID id) {
		List<UUID> successors = this.statements.createQuery("""
				select k.successorId from io.github.apikeys.core.ApiKey k
				where k.id = :id and k.successorId is not null
				""", UUID.class).setParameter("id", id).getResultList();
		return successors.isEmpty() ? null : successors.get(0);
	}

	/**
	 * Finds some keys that ended, and that no other one needs. A key that was replaced
	 * never comes back, so it is not looked for again.
	 * @param after the last one that was found before, or {@code null}
	 */
	List<UUID> findEnded(Ended ended, @Nullable UUID after, int max) {
		if (after == null && !ended.deleted()) {
			// once for each purge: a row that is deleted first cannot take what the
			// caller has changed in it
			this.entityManager.flush();
		}
		TypedQuery<UUID> query = this.statements
			.createQuery("""
					select k.id from io.github.apikeys.core.ApiKey k
					where %s and not %s%s%s
					order by k.id
					""".formatted(ended.deleted() ? DELETED : "(k.revokedAt < :time or k.expiresAt < :time)", NEEDED,
					(ended.owner() != null) ? " and k.owner = :owner" : "",
					(after != null) ? " and k.id > :after" : ""), UUID.class)
			.setParameter("time", ended.time())
			.setMaxResults(max);
		if (ended.owner() != null) {
			query.setParameter("owner", ended.owner());
		}
		if (after != null) {
			query.setParameter("after", after);
		}
		return query.getResultList();
	}

	/**
	 * Between which others a key stands in its line, and whether it can be used no more.
	 */
	private record Link(@Nullable UUID predecessorId, @Nullable UUID successorId, boolean ended) {

		static final Link NONE = new Link(null, null, true);

	}

}
