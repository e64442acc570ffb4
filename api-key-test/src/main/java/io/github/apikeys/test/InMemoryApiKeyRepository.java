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

package io.github.apikeys.test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyRow;
import io.github.apikeys.core.ApiKeyUpdate;
import io.github.apikeys.core.Ended;
import io.github.apikeys.core.LockedKey;
import io.github.apikeys.test.KeyMap.Entry;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageImpl;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;

/**
 * Keeps keys in memory. One thread at a time reads or changes them, so nothing else needs
 * to be locked.
 */
final class InMemoryApiKeyRepository implements ApiKeyRepository {

	private final KeyMap keys;

	InMemoryApiKeyRepository(KeyMap keys) {
		this.keys = keys;
	}

	@Override
	public <T> T inTransaction(Supplier<T> action) {
		return this.keys.read(action);
	}

	@Override
	public <T> T inChange(Supplier<T> action) {
		return this.keys.change(action);
	}

	@Override
	public boolean isInCallersTransaction() {
		return this.keys.isHeldByCurrentThread();
	}

	@Override
	public boolean isConflict(RuntimeException failure) {
		return failure instanceof DuplicateKeyException;
	}

	@Override
	public @Nullable ApiKey find(UUID id) {
		Entry entry = this.keys.find(id);
		return (entry != null) ? entry.toApiKey() : null;
	}

	@Override
	public <T extends ApiKey> @Nullable T find(Class<T> type, UUID id) {
		return this.keys.read(() -> as(type, find(id)));
	}

	@Override
	public @Nullable ApiKey findByKeyId(String keyId) {
		return this.keys.findByKeyId(keyId).map(Entry::toApiKey).orElse(null);
	}

	@Override
	public <T extends ApiKey> @Nullable T findByKeyId(Class<T> type, String keyId) {
		return this.keys.read(() -> as(type, findByKeyId(keyId)));
	}

	private static <T extends ApiKey> @Nullable T as(Class<T> type, @Nullable ApiKey apiKey) {
		return type.isInstance(apiKey) ? type.cast(apiKey) : null;
	}

	@Override
	public <T extends ApiKey> Page<T> findAll(Class<T> type, ApiKeyQuery query, Instant now, Pageable pageable) {
		Comparator<ApiKey> order = pageable.getSort()
			.stream()
			.map(InMemoryApiKeyRepository::comparator)
			.reduce(Comparator::thenComparing)
			.orElseGet(() -> Comparator.comparing(ApiKey::getId));
		List<T> found = this.keys.entries()
			.map(Entry::toApiKey)
			.filter(type::isInstance)
			.filter((apiKey) -> query.matches(apiKey, now))
			.sorted(order)
			.map(type::cast)
			.toList();
		List<T> page = pageable.isUnpaged() ? found
				: found.stream().skip(pageable.getOffset()).limit(pageable.getPageSize()).toList();
		return new PageImpl<>(page, pageable, found.size());
	}

	private static Comparator<ApiKey> comparator(Sort.Order order) {
		Comparator<ApiKey> comparator = switch (order.getProperty()) {
			case "name" -> comparing(ApiKey::getName);
			case "keyId" -> comparing(ApiKey::getKeyId);
			case "owner" -> comparing(ApiKey::getOwner);
			case "createdAt" -> comparing(ApiKey::getCreatedAt);
			case "expiresAt" -> comparing(ApiKey::getExpiresAt);
			default -> comparing(ApiKey::getId);
		};
		return order.isAscending() ? comparator : comparator.reversed();
	}

	private static <T extends Comparable<T>> Comparator<ApiKey> comparing(Function<ApiKey, @Nullable T> attribute) {
		return Comparator.comparing(attribute, Comparator.nullsLast(Comparator.naturalOrder()));
	}

	@Override
	public @Nullable UUID findId(String keyId) {
		return this.keys.findByKeyId(keyId).map((entry) -> entry.row().id()).orElse(null);
	}

	@Override
	public boolean existsKeyId(String keyId) {
		return findId(keyId) != null;
	}

	@Override
	public @Nullable String findOwner(UUID id) {
		ApiKeyRow row = this.keys.findRow(id);
		return (row != null) ? row.owner() : null;
	}

	@Override
	public List<UUID> findLine(UUID id, Instant now) {
		List<UUID> line = new ArrayList<>(List.of(id));
		ApiKeyRow row = this.keys.findRow(id);
		if (row != null && row.successorId() != null) {
			line.add(row.successorId());
		}
		ApiKeyRow predecessor = (row != null) ? this.keys.findRow(row.predecessorId()) : null;
		if (predecessor != null) {
			line.add(predecessor.id());
		}
		while (predecessor != null && !predecessor.hasEnded(now)) {
			predecessor = this.keys.findRow(predecessor.predecessorId());
			if (predecessor != null && !predecessor.hasEnded(now)) {
				line.add(predecessor.id());
			}
		}
		return line;
	}

	@Override
	public @Nullable ApiKey copyOfType(UUID id) {
		Entry entry = this.keys.find(id);
		return (entry != null) ? entry.newEntity() : null;
	}

	@Override
	public boolean isDeleted(UUID id) {
		return this.keys.history()
			.stream()
			.anyMatch((event) -> event.getApiKeyId().equals(id) && event.getChange() == ApiKeyChange.DELETED);
	}

	@Override
	public boolean hasHistory(UUID id) {
		return this.keys.history().stream().anyMatch((event) -> event.getApiKeyId().equals(id));
	}

	@Override
	public void lockOwner(String owner) {
	}

	@Override
	public @Nullable ApiKey lock(UUID id) {
		return find(id);
	}

	@Override
	public void lock(Collection<UUID> ids) {
	}

	@Override
	public @Nullable ApiKey lockWithCollections(UUID id) {
		return find(id);
	}

	@Override
	public Map<UUID, @Nullable UUID> lockLive(String owner, Instant now, Collection<UUID> others) {
		Map<UUID, @Nullable UUID> live = new LinkedHashMap<>();
		this.keys.rows()
			.filter((row) -> owner.equals(row.owner()) && !row.hasEnded(now))
			.forEach((row) -> live.put(row.id(), row.successorId()));
		return live;
	}

	@Override
	public List<LockedKey> lockUnrevoked(String owner) {
		return this.keys.rows()
			.filter((row) -> owner.equals(row.owner()) && !row.isRevoked())
			.map(InMemoryApiKeyRepository::toLockedKey)
			.toList();
	}

	private static LockedKey toLockedKey(ApiKeyRow row) {
		return new LockedKey(row.id(), row.keyId());
	}

	@Override
	public void insert(ApiKey apiKey) {
		ApiKeyRow row = ApiKeyRow.ofNew(apiKey);
		if (existsKeyId(row.keyId()) || this.keys.findRow(row.id()) != null) {
			throw new DuplicateKeyException("There is an API key '" + row.keyId() + "' already");
		}
		this.keys.put(new Entry(row, new Entry(row, apiKey).newEntity()));
	}

	@Override
	public boolean update(UUID id, ApiKeyUpdate changes) {
		return this.keys.change(id, (row) -> row.update(changes));
	}

	@Override
	public boolean rotate(UUID id, UUID successorId, Instant now, Instant end) {
		return this.keys.change(id, (row) -> row.rotate(successorId, now, end));
	}

	@Override
	public boolean end(UUID id, Instant now) {
		return this.keys.change(id, (row) -> row.end(now));
	}

	@Override
	public boolean disable(UUID id, Instant now) {
		return this.keys.change(id, (row) -> row.disable(now));
	}

	@Override
	public boolean enable(UUID id) {
		return this.keys.change(id, ApiKeyRow::enable);
	}

	@Override
	public boolean revoke(UUID id, Instant now) {
		return this.keys.change(id, (row) -> row.revoke(now));
	}

	@Override
	public void revokeAll(String owner, Collection<UUID> ids, Instant now) {
		ids.forEach((id) -> revoke(id, now));
	}

	@Override
	public void invalidateOwner(String owner) {
		this.keys.invalidatedOwners().put(owner, Instant.now());
	}

	@Override
	public List<UUID> findEnded(Ended ended, @Nullable UUID after, int max) {
		return this.keys.rows()
			.filter((row) -> isEnded(row, ended) && !isNeeded(row, ended.time()))
			.map(ApiKeyRow::id)
			.filter((id) -> after == null || id.compareTo(after) > 0)
			.sorted()
			.limit(max)
			.toList();
	}

	@Override
	public List<LockedKey> lockEnded(Ended ended, List<UUID> ids) {
		return this.keys.rows()
			.filter((row) -> ids.contains(row.id()) && isEnded(row, ended))
			.map(InMemoryApiKeyRepository::toLockedKey)
			.toList();
	}

	private boolean isEnded(ApiKeyRow row, Ended ended) {
		boolean before = ended.deleted() ? (row.revokedBefore(ended.time()) && isDeleted(row.id()))
				: row.endedBefore(ended.time());
		return before && (ended.owner() == null || ended.owner().equals(row.owner()));
	}

	/**
	 * Whether it counts the requests of the key that it replaced.
	 */
	private boolean isNeeded(ApiKeyRow row, Instant time) {
		ApiKeyRow predecessor = this.keys.findRow(row.predecessorId());
		return predecessor != null && !predecessor.endedBefore(time);
	}

	@Override
	public void delete(List<UUID> ids) {
		this.keys.remove(ids);
	}

	@Override
	public void record(List<ApiKeyEvent> events) {
		this.keys.history().addAll(events);
	}

	@Override
	public void noteChange(UUID id) {
	}

}
