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

import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyStatistics;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.ApiKeyUsage;
import io.github.apikeys.core.jpa.KeyReader.KeyRow;
import io.github.apikeys.core.jpa.KeysetOrder.Boundary;
import io.github.apikeys.core.jpa.KeysetOrder.Segment;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Tuple;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.CriteriaQuery;
import jakarta.persistence.criteria.Predicate;
import jakarta.persistence.criteria.Root;
import org.hibernate.Session;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.query.criteria.HibernateCriteriaBuilder;
import org.hibernate.query.criteria.JpaCriteriaQuery;
import org.hibernate.query.criteria.JpaDerivedRoot;
import org.hibernate.query.criteria.JpaSubQuery;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.KeysetScrollPosition;
import org.springframework.data.domain.ScrollPosition;
import org.springframework.data.domain.ScrollPosition.Direction;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Window;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;

/**
 * Reports on the keys that {@link JpaApiKeyService} keeps.
 *
 * @since 0.1.0
 */
public final class JpaApiKeyReports implements ApiKeyReports {

	private static final String STATISTICS = """
			select
				count(*),
				count(k.revokedAt),
				sum(case when k.revokedAt is null and k.expiresAt <= :now then 1 else 0 end),
				sum(case when k.revokedAt is null and (k.expiresAt is null or k.expiresAt > :now)
					and k.disabledAt is not null then 1 else 0 end),
				sum(case when k.revokedAt is null and (k.expiresAt is null or k.expiresAt > :now)
					and k.disabledAt is null and k.notBefore > :now then 1 else 0 end),
				sum(case when k.revokedAt is null and k.expiresAt > :now and k.expiresAt <= :soon then 1 else 0 end),
				sum(case when k.revokedAt is null and (k.expiresAt is null or k.expiresAt > :now)
					and k.lastUsedAt is null then 1 else 0 end)
			from io.github.apikeys.core.ApiKey k
			""";

	private final EntityManager entityManager;

	private final ApiKeyTable table;

	private final KeyReader reader;

	private final TransactionTemplate transaction;

	// where the application demands strict JPA, the first keys of few may take longer
	private final boolean strict;

	private int maxSorted = 20_000;

	private Clock clock = Clock.systemUTC();

	/**
	 * Creates reports.
	 * @param entityManagerFactory the same as {@link JpaApiKeyService} has
	 * @param transactionManager the transactions of that persistence unit
	 */
	public JpaApiKeyReports(EntityManagerFactory entityManagerFactory, PlatformTransactionManager transactionManager) {
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory);
		this.table = ApiKeyTable.of(entityManagerFactory);
		this.strict = entityManagerFactory.unwrap(SessionFactoryImplementor.class)
			.getSessionFactoryOptions()
			.getJpaCompliance()
			.isJpaQueryComplianceEnabled();
		this.reader = new KeyReader(this.entityManager, this.table, ApiKeyTypes.of(entityManagerFactory));
		this.transaction = new TransactionTemplate(transactionManager);
		this.transaction.setReadOnly(true);
	}

	/**
	 * Sets the clock by which keys begin and end.
	 * @param clock the clock, the system's by default
	 */
	public void setClock(Clock clock) {
		Assert.notNull(clock, "clock cannot be null");
		this.clock = clock;
	}

	/**
	 * Sets how many matches are sorted rather than looked for in order.
	 */
	void setMaxSorted(int maxSorted) {
		this.maxSorted = maxSorted;
	}

	@Override
	public Window<ApiKey> scroll(ApiKeyQuery query, Sort.Order order, KeysetScrollPosition position, int limit) {
		Assert.isTrue(limit > 0, "limit must be positive");
		boolean forward = position.getDirection() == Direction.FORWARD;
		KeysetOrder keyset = new KeysetOrder(order, forward);
		List<ApiKey> keys = inTransaction(() -> {
			planForTheseParameters();
			Boundary boundary = boundary(keyset, position);
			Set<UUID> ids = new LinkedHashSet<>();
			for (Specification<ApiKey> specification : new QuerySpecifications(query, this.clock.instant(), this.table)
				.forEachPlace()) {
				ids.addAll(ids(specification, query.isSelective(), keyset.segmentsAfter(boundary), limit + 1));
			}
			return ids.isEmpty() ? new ArrayList<>() : load(ids, keyset, limit + 1);
		});
		boolean more = keys.size() > limit;
		List<ApiKey> content = more ? keys.subList(0, limit) : keys;
		if (!forward) {
			Collections.reverse(content);
		}
		return Window.from(content,
				(index) -> ScrollPosition.of(Map.of("id", content.get(index).getId()), position.getDirection()), more);
	}

	/**
	 * One letter or one name, one owner of many keys or of few: what is best for some is
	 * slow for others. It holds for this transaction only.
	 */
	private void planForTheseParameters() {
		if (this.table.isOnPostgresql()) {
			this.entityManager.unwrap(Session.class).doWork((connection) -> {
				try (Statement statement = connection.createStatement()) {
					statement.execute("set local plan_cache_mode = force_custom_plan");
				}
			});
		}
	}

	private @Nullable Boundary boundary(KeysetOrder keyset, KeysetScrollPosition position) {
		if (!(position.getKeys().get("id") instanceof UUID id)) {
			return null;
		}
		CriteriaBuilder builder = this.entityManager.getCriteriaBuilder();
		CriteriaQuery<Object[]> criteria = builder.createQuery(Object[].class);
		Root<ApiKey> key = criteria.from(ApiKey.class);
		criteria.multiselect(key.get("id"), key.get(keyset.attribute())).where(builder.equal(key.get("id"), id));
		List<Object[]> rows = this.entityManager.createQuery(criteria).getResultList();
		return rows.isEmpty() ? null : new Boundary(id, rows.get(0)[1]);
	}

	/**
	 * Ids only, so that tables of subclasses are joined for what is shown and no more.
	 */
	private List<UUID> ids(Specification<ApiKey> specification, boolean selective, List<Segment> segments, int limit) {
		List<UUID> ids = new ArrayList<>();
		for (Segment segment : segments) {
			int missing = limit - ids.size();
			if (missing > 0) {
				List<UUID> few = (selective && !this.strict) ? sortFew(specification, segment, missing) : null;
				ids.addAll((few != null) ? few : walk(specification, segment, missing));
			}
		}
		return ids;
	}

	/**
	 * Collects what matches, and sorts it. A database that is asked for the first of many
	 * likes to walk through an index in that order until it has found enough, which takes
	 * for ever if there are few, or all of them at the other end.
	 * @return the first ids, or {@code null} if too many match
	 */
	private @Nullable List<UUID> sortFew(Specification<ApiKey> specification, Segment segment, int limit) {
		HibernateCriteriaBuilder builder = (HibernateCriteriaBuilder) this.entityManager.getCriteriaBuilder();
		JpaCriteriaQuery<Object[]> criteria = builder.createQuery(Object[].class);
		JpaSubQuery<Tuple> matches = criteria.subquery(Tuple.class);
		Root<ApiKey> key = matches.from(ApiKey.class);
		matches.multiselect(key.get("id").alias("id"), key.get(segment.attribute()).alias("sorted"));
		matches.where(condition(specification, segment, key, criteria, builder));
		matches.fetch(this.maxSorted + 1);
		JpaDerivedRoot<Tuple> match = criteria.from(matches);
		criteria.multiselect(match.get("id"), builder.count(match.get("id"), builder.createWindow()));
		criteria.orderBy(segment.toOrders(match.get("sorted"), match.get("id"), builder));
		List<Object[]> rows = this.entityManager.createQuery(criteria).setMaxResults(limit).getResultList();
		if (!rows.isEmpty() && (long) rows.get(0)[1] > this.maxSorted) {
			return null;
		}
		return rows.stream().map((row) -> (UUID) row[0]).toList();
	}

	/**
	 * Walks through an index in order: there is enough on the way.
	 */
	private List<UUID> walk(Specification<ApiKey> specification, Segment segment, int limit) {
		CriteriaBuilder builder = this.entityManager.getCriteriaBuilder();
		CriteriaQuery<UUID> criteria = builder.createQuery(UUID.class);
		Root<ApiKey> key = criteria.from(ApiKey.class);
		criteria.select(key.get("id"))
			.where(condition(specification, segment, key, criteria, builder))
			.orderBy(segment.toOrders(key.get(segment.attribute()), key.get("id"), builder));
		return this.entityManager.createQuery(criteria).setMaxResults(limit).getResultList();
	}

	private static Predicate condition(Specification<ApiKey> specification, Segment segment, Root<ApiKey> key,
			CriteriaQuery<?> criteria, CriteriaBuilder builder) {
		Predicate condition = specification.toPredicate(key, criteria, builder);
		Predicate range = segment.toPredicate(key, builder);
		return (condition != null) ? builder.and(condition, range) : range;
	}

	private List<ApiKey> load(Collection<UUID> ids, KeysetOrder keyset, int limit) {
		List<KeyRow> sorted = new ArrayList<>();
		CriteriaBuilder builder = this.entityManager.getCriteriaBuilder();
		for (Segment segment : keyset.segmentsAfter(null)) {
			CriteriaQuery<Object[]> criteria = builder.createQuery(Object[].class);
			Root<ApiKey> key = criteria.from(ApiKey.class);
			criteria.multiselect(key.get("id"), key.get("keyType"))
				.where(builder.and(key.get("id").in(ids), segment.toPredicate(key, builder)))
				.orderBy(segment.toOrders(key.get(segment.attribute()), key.get("id"), builder));
			this.entityManager.createQuery(criteria)
				.getResultList()
				.forEach((row) -> sorted.add(new KeyRow((UUID) row[0], (String) row[1])));
		}
		return new ArrayList<>(this.reader.read(sorted.subList(0, Math.min(sorted.size(), limit))));
	}

	@Override
	public ApiKeyStatistics statistics(Duration expiringWithin) {
		Instant now = this.clock.instant();
		Object[] row = inTransaction(() -> this.entityManager.createQuery(STATISTICS, Object[].class)
			.setParameter("now", now)
			.setParameter("soon", now.plus(expiringWithin))
			.getSingleResult());
		long revoked = number(row[1]);
		long expired = number(row[2]);
		long disabled = number(row[3]);
		long notYetValid = number(row[4]);
		Map<ApiKeyState, Long> states = new EnumMap<>(ApiKeyState.class);
		states.put(ApiKeyState.REVOKED, revoked);
		states.put(ApiKeyState.EXPIRED, expired);
		states.put(ApiKeyState.DISABLED, disabled);
		states.put(ApiKeyState.NOT_YET_VALID, notYetValid);
		states.put(ApiKeyState.ACTIVE, number(row[0]) - revoked - expired - disabled - notYetValid);
		return new ApiKeyStatistics(states, number(row[5]), number(row[6]));
	}

	/**
	 * The sum of nothing is null.
	 */
	private static long number(@Nullable Object sum) {
		return (sum instanceof Number number) ? number.longValue() : 0;
	}

	@Override
	public List<ApiKeyEvent> history(UUID id) {
		return inTransaction(() -> this.entityManager
			.createQuery("select e from io.github.apikeys.core.ApiKeyEvent e where e.apiKeyId = :id order by e.id desc",
					ApiKeyEvent.class)
			.setParameter("id", id)
			.getResultList());
	}

	@Override
	public List<ApiKeyUsage> usage(UUID id, LocalDate from, LocalDate to) {
		return everyDay(from, to,
				inTransaction(() -> this.entityManager.createQuery("""
						select u.usageDay, u.requests, u.refusals from io.github.apikeys.core.jpa.DailyUsage u
						where u.apiKeyId = :id and u.usageDay between :from and :to
						""", Object[].class)
					.setParameter("id", id)
					.setParameter("from", from)
					.setParameter("to", to)
					.getResultList()));
	}

	@Override
	public List<ApiKeyUsage> usage(LocalDate from, LocalDate to) {
		return everyDay(from, to, inTransaction(() -> this.entityManager.createQuery("""
				select u.usageDay, u.requests, u.refusals from io.github.apikeys.core.jpa.DailyTotal u
				where u.usageDay between :from and :to
				""", Object[].class).setParameter("from", from).setParameter("to", to).getResultList()));
	}

	private static List<ApiKeyUsage> everyDay(LocalDate from, LocalDate to, List<Object[]> rows) {
		Map<LocalDate, ApiKeyUsage> days = new LinkedHashMap<>();
		from.datesUntil(to.plusDays(1)).forEach((day) -> days.put(day, new ApiKeyUsage(day, 0, 0)));
		for (Object[] row : rows) {
			days.put((LocalDate) row[0], new ApiKeyUsage((LocalDate) row[0], (long) row[1], (long) row[2]));
		}
		return List.copyOf(days.values());
	}

	private <T> T inTransaction(Supplier<T> action) {
		T result = this.transaction.execute((status) -> action.get());
		Assert.state(result != null, "A transaction must have a result");
		return result;
	}

}
