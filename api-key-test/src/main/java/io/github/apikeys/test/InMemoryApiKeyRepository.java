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

import java.lang.reflect.Modifier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyRow;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.ApiKeyUpdate;
import io.github.apikeys.core.Ended;
import io.github.apikeys.core.LockedKey;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.verification.RecentChange;
import io.github.apikeys.core.verification.RecentChanges;
import io.github.apikeys.core.verification.StoredApiKey;
import io.github.apikeys.core.verification.VerificationSource;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageImpl;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;
import org.springframework.util.ReflectionUtils;

/**
 * Keys in a map. One thread at a time reads or changes them, so nothing else needs to be
 * locked. A change that fails is undone.
 */
final class InMemoryApiKeyRepository implements ApiKeyRepository, ApiKeyQuotas, VerificationSource {

	private final ReentrantLock lock = new ReentrantLock();

	private final Consumer<ApiKeyEvent> committed;

	private State state = State.empty();

	private Set<String> principalMetadata = new TreeSet<>();

	/**
	 * Creates a repository without keys.
	 * @param committed is told of each change after it was made
	 */
	InMemoryApiKeyRepository(Consumer<ApiKeyEvent> committed) {
		this.committed = committed;
	}

	void setPrincipalMetadata(Set<String> names) {
		this.principalMetadata = names;
	}

	void clear() {
		inTransaction(() -> this.state = State.empty());
	}

	/**
	 * Notes that a key was used.
	 */
	void use(UUID id, Instant at, @Nullable String address) {
		inTransaction(() -> replace(id, (row) -> row.with("lastUsedAt", at).with("lastUsedFrom", address)));
	}

	@Override
	public <T> T inTransaction(Supplier<T> action) {
		return locked(action);
	}

	private <T extends @Nullable Object> T locked(Supplier<T> action) {
		this.lock.lock();
		try {
			return action.get();
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public <T> T inChange(Supplier<T> action) {
		List<ApiKeyEvent> events = new ArrayList<>();
		T result = locked(() -> {
			State before = this.state;
			State after = before.copy();
			this.state = after;
			boolean succeeded = false;
			try {
				T value = action.get();
				succeeded = true;
				if (this.lock.getHoldCount() == 1) {
					events.addAll(after.history().subList(before.history().size(), after.history().size()));
				}
				return value;
			}
			finally {
				if (!succeeded) {
					this.state = before;
				}
			}
		});
		events.forEach(this.committed);
		return result;
	}

	@Override
	public boolean isInCallersTransaction() {
		return this.lock.isHeldByCurrentThread();
	}

	@Override
	public boolean isConflict(RuntimeException failure) {
		return failure instanceof DuplicateKeyException;
	}

	@Override
	public @Nullable ApiKey find(UUID id) {
		Entry entry = this.state.keys().get(id);
		return (entry != null) ? entry.toApiKey() : null;
	}

	@Override
	public <T extends ApiKey> @Nullable T find(Class<T> type, UUID id) {
		return locked(() -> as(type, find(id)));
	}

	@Override
	public @Nullable ApiKey findByKeyId(String keyId) {
		return entries().filter((entry) -> entry.row().keyId().equals(keyId))
			.findFirst()
			.map(Entry::toApiKey)
			.orElse(null);
	}

	@Override
	public <T extends ApiKey> @Nullable T findByKeyId(Class<T> type, String keyId) {
		return locked(() -> as(type, findByKeyId(keyId)));
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
		List<T> found = entries().map(Entry::toApiKey)
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
		return rows().filter((row) -> row.keyId().equals(keyId)).map(ApiKeyRow::id).findFirst().orElse(null);
	}

	@Override
	public boolean existsKeyId(String keyId) {
		return findId(keyId) != null;
	}

	@Override
	public @Nullable String findOwner(UUID id) {
		ApiKeyRow row = findRow(id);
		return (row != null) ? row.owner() : null;
	}

	@Override
	public List<UUID> findLine(UUID id, Instant now) {
		List<UUID> line = new ArrayList<>(List.of(id));
		ApiKeyRow row = findRow(id);
		if (row != null && row.successorId() != null) {
			line.add(row.successorId());
		}
		ApiKeyRow predecessor = (row != null) ? findRow(row.predecessorId()) : null;
		if (predecessor != null) {
			line.add(predecessor.id());
		}
		while (predecessor != null && !predecessor.hasEnded(now)) {
			predecessor = findRow(predecessor.predecessorId());
			if (predecessor != null && !predecessor.hasEnded(now)) {
				line.add(predecessor.id());
			}
		}
		return line;
	}

	@Override
	public @Nullable ApiKey copyOfType(UUID id) {
		Entry entry = this.state.keys().get(id);
		return (entry != null) ? entry.newEntity() : null;
	}

	@Override
	public boolean isDeleted(UUID id) {
		return this.state.history()
			.stream()
			.anyMatch((event) -> event.getApiKeyId().equals(id) && event.getChange() == ApiKeyChange.DELETED);
	}

	@Override
	public boolean hasHistory(UUID id) {
		return this.state.history().stream().anyMatch((event) -> event.getApiKeyId().equals(id));
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
		rows().filter((row) -> owner.equals(row.owner()) && !row.hasEnded(now))
			.forEach((row) -> live.put(row.id(), row.successorId()));
		return live;
	}

	@Override
	public List<LockedKey> lockUnrevoked(String owner) {
		return rows().filter((row) -> owner.equals(row.owner()) && !row.isRevoked())
			.map(InMemoryApiKeyRepository::toLockedKey)
			.toList();
	}

	private static LockedKey toLockedKey(ApiKeyRow row) {
		return new LockedKey(row.id(), row.keyId());
	}

	@Override
	public void insert(ApiKey apiKey) {
		ApiKeyRow row = ApiKeyRow.ofNew(apiKey);
		if (existsKeyId(row.keyId()) || findRow(row.id()) != null) {
			throw new DuplicateKeyException("There is an API key '" + row.keyId() + "' already");
		}
		this.state.keys().put(row.id(), new Entry(row, new Entry(row, apiKey).newEntity()));
	}

	@Override
	public boolean update(UUID id, ApiKeyUpdate changes) {
		return change(id, (row) -> row.update(changes));
	}

	@Override
	public boolean rotate(UUID id, UUID successorId, Instant now, Instant end) {
		return change(id, (row) -> row.rotate(successorId, now, end));
	}

	@Override
	public boolean end(UUID id, Instant now) {
		return change(id, (row) -> row.end(now));
	}

	@Override
	public boolean disable(UUID id, Instant now) {
		return change(id, (row) -> row.disable(now));
	}

	@Override
	public boolean enable(UUID id) {
		return change(id, ApiKeyRow::enable);
	}

	@Override
	public boolean revoke(UUID id, Instant now) {
		return change(id, (row) -> row.revoke(now));
	}

	@Override
	public void revokeAll(String owner, Collection<UUID> ids, Instant now) {
		ids.forEach((id) -> revoke(id, now));
	}

	@Override
	public void invalidateOwner(String owner) {
		this.state.invalidatedOwners().put(owner, Instant.now());
	}

	private boolean change(UUID id, Function<ApiKeyRow, @Nullable ApiKeyRow> change) {
		return replace(id, (row) -> {
			ApiKeyRow changed = change.apply(row);
			return (changed != null) ? changed.with("changedAt", Instant.now()) : null;
		});
	}

	private boolean replace(UUID id, Function<ApiKeyRow, @Nullable ApiKeyRow> change) {
		Entry entry = this.state.keys().get(id);
		ApiKeyRow replacement = (entry != null) ? change.apply(entry.row()) : null;
		if (entry == null || replacement == null) {
			return false;
		}
		this.state.keys().put(id, new Entry(replacement, entry.entity()));
		return true;
	}

	@Override
	public List<UUID> findEnded(Ended ended, @Nullable UUID after, int max) {
		return rows().filter((row) -> isEnded(row, ended) && !isNeeded(row, ended.time()))
			.map(ApiKeyRow::id)
			.filter((id) -> after == null || id.compareTo(after) > 0)
			.sorted()
			.limit(max)
			.toList();
	}

	@Override
	public List<LockedKey> lockEnded(Ended ended, List<UUID> ids) {
		return rows().filter((row) -> ids.contains(row.id()) && isEnded(row, ended))
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
		ApiKeyRow predecessor = findRow(row.predecessorId());
		return predecessor != null && !predecessor.endedBefore(time);
	}

	@Override
	public void delete(List<UUID> ids) {
		this.state.keys().keySet().removeAll(ids);
	}

	@Override
	public void record(List<ApiKeyEvent> events) {
		this.state.history().addAll(events);
	}

	@Override
	public void noteChange(UUID id) {
	}

	@Override
	public boolean consumeQuota(UUID id) {
		return inTransaction(() -> replace(lastSuccessor(id), ApiKeyRow::consumeQuota));
	}

	@Override
	public void refundQuota(UUID id) {
		inTransaction(() -> replace(lastSuccessor(id), ApiKeyRow::refundQuota));
	}

	private UUID lastSuccessor(UUID id) {
		ApiKeyRow row = findRow(id);
		return (row != null && row.successorId() != null) ? lastSuccessor(row.successorId()) : id;
	}

	@Override
	public @Nullable StoredApiKey find(String keyId) {
		return locked(() -> entries().filter((entry) -> entry.row().keyId().equals(keyId))
			.findFirst()
			.map((entry) -> StoredApiKey.of(entry.row(), ApiKeyTypes.lineage(entry.entity().getClass()),
					this.principalMetadata))
			.orElse(null));
	}

	@Override
	public RecentChanges findChanged(Duration window, @Nullable Instant last) {
		return inTransaction(() -> {
			Instant now = Instant.now();
			Instant since = ((last != null && last.isBefore(now)) ? last : now).minus(window);
			List<RecentChange> changes = new ArrayList<>();
			rows().forEach((row) -> changes.add(RecentChange.ofKey(row.keyId(), row.version(), row.changedAt())));
			this.state.invalidatedOwners().forEach((owner, at) -> changes.add(RecentChange.ofOwner(owner, at)));
			return new RecentChanges(now, changes.stream().filter((change) -> !change.at().isBefore(since)).toList());
		});
	}

	@Override
	public void replaceHash(UUID id, TokenHash oldHash, TokenHash newHash) {
		inTransaction(() -> change(id, (row) -> row.hash().equals(oldHash) ? row.with("hash", newHash) : null));
	}

	private Stream<Entry> entries() {
		return this.state.keys().values().stream();
	}

	private Stream<ApiKeyRow> rows() {
		return entries().map(Entry::row);
	}

	private @Nullable ApiKeyRow findRow(@Nullable UUID id) {
		Entry entry = this.state.keys().get(id);
		return (entry != null) ? entry.row() : null;
	}

	/**
	 * A key.
	 *
	 * @param entity what its class adds to its row
	 */
	private record Entry(ApiKeyRow row, ApiKey entity) {

		/**
		 * What callers have in hand is theirs, and does not change with the key.
		 */
		ApiKey toApiKey() {
			return this.row.fillIn(newEntity());
		}

		/**
		 * The columns of {@link ApiKey} are the row's business.
		 */
		ApiKey newEntity() {
			ApiKey copy = BeanUtils.instantiateClass(this.entity.getClass());
			ReflectionUtils.doWithFields(this.entity.getClass(), (field) -> {
				ReflectionUtils.makeAccessible(field);
				field.set(copy, field.get(this.entity));
			}, (field) -> field.getDeclaringClass() != ApiKey.class && !Modifier.isStatic(field.getModifiers()));
			return copy;
		}

	}

	/**
	 * What is stored at a time.
	 */
	private record State(Map<UUID, Entry> keys, List<ApiKeyEvent> history, Map<String, Instant> invalidatedOwners) {

		static State empty() {
			return new State(new LinkedHashMap<>(), new ArrayList<>(), new LinkedHashMap<>());
		}

		State copy() {
			return new State(new LinkedHashMap<>(this.keys), new ArrayList<>(this.history),
					new LinkedHashMap<>(this.invalidatedOwners));
		}

	}

}
