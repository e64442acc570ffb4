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
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.verification.UnknownOutcomeException;
import io.github.apikeys.core.verification.UsageCount;
import io.github.apikeys.core.verification.UsageSink;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.hibernate.query.NativeQuery;
import org.jspecify.annotations.Nullable;

import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Adds to what is known of the usage of keys. Each statement can be repeated by several
 * nodes in any order.
 */
final class UsageStore implements UsageSink {

	private static final String ADD_TO_DAY = """
			insert into io.github.apikeys.core.jpa.DailyUsage as u (apiKeyId, usageDay, requests, refusals)
			values (:id, :day, :requests, :refusals)
			on conflict (apiKeyId, usageDay) do update
			set requests = u.requests + excluded.requests, refusals = u.refusals + excluded.refusals
			""";

	private static final String ADD_TO_TOTAL = """
			insert into io.github.apikeys.core.jpa.DailyTotal as u (usageDay, requests, refusals)
			values (:day, :requests, :refusals)
			on conflict (usageDay) do update
			set requests = u.requests + excluded.requests, refusals = u.refusals + excluded.refusals
			""";

	private static final Log logger = LogFactory.getLog(UsageStore.class);

	private final EntityManager entityManager;

	private final ApiKeyTable table;

	private final KeyLocks locks;

	private final TransactionOperations transaction;

	UsageStore(EntityManagerFactory entityManagerFactory, TransactionOperations transaction) {
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory);
		this.table = ApiKeyTable.of(entityManagerFactory);
		this.locks = new KeyLocks(this.entityManager, this.table, new Snapshots(entityManagerFactory));
		this.transaction = transaction;
	}

	@Override
	public List<UsageCount> add(List<UsageCount> counts) {
		return add(counts, this.locks::lockFree);
	}

	@Override
	public List<UsageCount> addWaiting(List<UsageCount> counts) {
		return add(counts, this.locks::lockSoon);
	}

	/**
	 * In one transaction, so that a failure neither loses nor doubles anything.
	 */
	private List<UsageCount> add(List<UsageCount> counts, UnaryOperator<Set<UUID>> lock) {
		TransactionOutcome outcome = new TransactionOutcome();
		List<UsageCount> left = new ArrayList<>();
		try {
			this.transaction.executeWithoutResult((status) -> {
				left.addAll(addAll(counts, lock));
				outcome.readyToCommit();
			});
		}
		catch (RuntimeException | Error ex) {
			if (outcome.isRolledBack(ex)) {
				throw ex;
			}
			if (!outcome.isCommitted()) {
				throw new UnknownOutcomeException(ex, left);
			}
			logger.warn("The use of API keys is written, but a listener to the commit failed", ex);
		}
		return left;
	}

	/**
	 * The rows of keys come before those of their usage, as where keys are deleted, and
	 * those that all keys share come last.
	 * @return the counts of keys that something else holds
	 */
	private List<UsageCount> addAll(List<UsageCount> counts, UnaryOperator<Set<UUID>> lock) {
		Set<UUID> ids = new LinkedHashSet<>();
		counts.stream().map(UsageCount::getApiKeyId).filter(Objects::nonNull).forEach(ids::add);
		Set<UUID> locked = lock.apply(ids);
		ids.removeAll(locked);
		Set<UUID> held = this.locks.findExisting(ids);
		List<UsageCount> left = new ArrayList<>();
		SortedMap<LocalDate, Total> totals = new TreeMap<>();
		for (UsageCount count : counts) {
			UUID id = count.getApiKeyId();
			if (id != null && held.contains(id)) {
				left.add(count);
				continue;
			}
			totals.merge(count.getDay(), new Total(count.getRequests(), count.getRefusals()), Total::plus);
			if (id != null && locked.contains(id)) {
				moveLastUse(id, count.getLastUsedAt(), count.getLastUsedFrom());
				addToDay(id, count.getDay(), count.getRequests(), count.getRefusals());
			}
		}
		totals.forEach((day, total) -> addToTotal(day, total.requests(), total.refusals()));
		return left;
	}

	private void addToDay(UUID id, LocalDate day, long requests, long refusals) {
		this.entityManager.createQuery(ADD_TO_DAY)
			.setParameter("id", id)
			.setParameter("day", day)
			.setParameter("requests", requests)
			.setParameter("refusals", refusals)
			.executeUpdate();
	}

	private void addToTotal(LocalDate day, long requests, long refusals) {
		this.entityManager.createQuery(ADD_TO_TOTAL)
			.setParameter("day", day)
			.setParameter("requests", requests)
			.setParameter("refusals", refusals)
			.executeUpdate();
	}

	/**
	 * Moves the last use forward, never back. It is no change of the key, so its version
	 * stays.
	 */
	void moveLastUse(UUID id, @Nullable Instant lastUsedAt, @Nullable String address) {
		if (lastUsedAt == null) {
			return;
		}
		String column = this.table.column("lastUsedAt");
		this.entityManager
			.createNativeQuery("update " + this.table.name() + " set " + column + " = :at, "
					+ this.table.column("lastUsedFrom") + " = :address where " + this.table.column("id")
					+ " = :id and (" + column + " is null or " + column + " < :at)")
			.unwrap(NativeQuery.class)
			.addSynchronizedEntityClass(ApiKey.class)
			.setParameter("id", id, this.table.<UUID>type("id"))
			.setParameter("at", lastUsedAt, this.table.<Instant>type("lastUsedAt"))
			.setParameter("address", address, this.table.<String>type("lastUsedFrom"))
			.executeUpdate();
	}

	/**
	 * How often all keys were presented on a day.
	 */
	private record Total(long requests, long refusals) {

		Total plus(Total other) {
			return new Total(this.requests + other.requests, this.refusals + other.refusals);
		}

	}

}
