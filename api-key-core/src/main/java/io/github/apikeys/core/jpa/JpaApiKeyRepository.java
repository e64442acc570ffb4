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
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyUpdate;
import io.github.apikeys.core.Ended;
import io.github.apikeys.core.LockedKey;
import io.github.apikeys.core.jpa.KeyReader.KeyRow;
import jakarta.persistence.EntityExistsException;
import jakarta.persistence.PersistenceException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.hibernate.Hibernate;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageImpl;
import org.springframework.data.domain.Pageable;

/**
 * The store of keys on the application's persistence unit.
 */
final class JpaApiKeyRepository implements ApiKeyRepository {

	private static final Log logger = LogFactory.getLog(JpaApiKeyRepository.class);

	private final ApiKeyStore store;

	private final KeyReader reader;

	private final KeyLocks locks;

	private final OwnerStore ownerStore;

	private final KeyChanges changes;

	private final KeyGuard guard;

	private final ChangeTransactions transactions;

	JpaApiKeyRepository(ApiKeyStore store, OwnerStore ownerStore, KeyChanges changes, KeyGuard guard,
			ChangeTransactions transactions) {
		this.store = store;
		this.reader = store.reader();
		this.locks = store.locks();
		this.ownerStore = ownerStore;
		this.changes = changes;
		this.guard = guard;
		this.transactions = transactions;
	}

	@Override
	public <T> T inTransaction(Supplier<T> action) {
		return this.transactions.read(action);
	}

	@Override
	public <T> T inChange(Supplier<T> action) {
		return this.transactions.change(() -> {
			this.changes.begin();
			return action.get();
		});
	}

	@Override
	public boolean isInCallersTransaction() {
		return this.transactions.isInCallers();
	}

	@Override
	public boolean isConflict(RuntimeException failure) {
		// the last one if the row has come since it was looked for, and was read
		return failure instanceof DataIntegrityViolationException || failure instanceof ConstraintViolationException
				|| failure instanceof EntityExistsException;
	}

	@Override
	public @Nullable ApiKey find(UUID id) {
		return this.reader.read(id);
	}

	@Override
	public <T extends ApiKey> @Nullable T find(Class<T> type, UUID id) {
		if (this.transactions.mayFail()) {
			try {
				return this.transactions.read(() -> Optional.ofNullable(this.store.find(type, id))).orElse(null);
			}
			catch (PersistenceException | DataAccessException | LinkageError ex) {
				logger.debug(LogMessage.format("The entity of the API key with id %s cannot be loaded", id), ex);
			}
		}
		return this.transactions.read(() -> Optional.ofNullable(find(id)).flatMap((key) -> as(type, key).findFirst()))
			.orElse(null);
	}

	@Override
	public @Nullable ApiKey findByKeyId(String keyId) {
		KeyRow row = this.store.search().findRow(keyId);
		return (row != null) ? this.reader.read(row) : null;
	}

	@Override
	public <T extends ApiKey> @Nullable T findByKeyId(Class<T> type, String keyId) {
		ApiKey apiKey = findByKeyId(keyId);
		return (apiKey != null) ? as(type, apiKey).findFirst().orElse(null) : null;
	}

	@Override
	public <T extends ApiKey> Page<T> findAll(Class<T> type, ApiKeyQuery query, Instant now, Pageable pageable) {
		Page<KeyRow> page = this.store.search().findRows(type, query, now, pageable);
		List<T> keys = this.reader.read(page.getContent()).stream().flatMap((apiKey) -> as(type, apiKey)).toList();
		return new PageImpl<>(keys, pageable, page.getTotalElements());
	}

	/**
	 * A caller may hold a reference to the key that hides its class.
	 */
	private static <T extends ApiKey> Stream<T> as(Class<T> type, ApiKey apiKey) {
		return Stream.of(Hibernate.unproxy(apiKey)).filter(type::isInstance).map(type::cast);
	}

	@Override
	public @Nullable UUID findId(String keyId) {
		KeyRow row = this.store.search().findRow(keyId);
		return (row != null) ? row.id() : null;
	}

	@Override
	public boolean existsKeyId(String keyId) {
		return this.store.search().existsKeyId(keyId);
	}

	@Override
	public @Nullable String findOwner(UUID id) {
		return this.store.search().findOwner(id);
	}

	@Override
	public List<UUID> findLine(UUID id, Instant now) {
		return this.store.search().findLine(id, now);
	}

	@Override
	public @Nullable ApiKey copyOfType(UUID id) {
		return this.reader.isLoadable(id) ? this.store.copies().copyOfType(id) : null;
	}

	@Override
	public boolean isDeleted(UUID id) {
		return this.store.history().contains(id, ApiKeyChange.DELETED);
	}

	@Override
	public boolean hasHistory(UUID id) {
		return this.store.history().contains(id);
	}

	@Override
	public void lockOwner(String owner) {
		this.ownerStore.lock(owner);
	}

	@Override
	public @Nullable ApiKey lock(UUID id) {
		return passedOn(this.reader.lockAndReadColumns(id));
	}

	@Override
	public void lock(Collection<UUID> ids) {
		this.locks.lock(ids);
	}

	@Override
	public @Nullable ApiKey lockWithCollections(UUID id) {
		return passedOn(this.reader.lockAndReadAll(id));
	}

	private @Nullable ApiKey passedOn(@Nullable ApiKey apiKey) {
		if (apiKey != null) {
			this.reader.passOn(apiKey);
		}
		return apiKey;
	}

	@Override
	public Map<UUID, @Nullable UUID> lockLive(String owner, Instant now, Collection<UUID> others) {
		return this.locks.lockLive(owner, now, others);
	}

	@Override
	public List<LockedKey> lockUnrevoked(String owner) {
		this.ownerStore.lock(owner);
		return this.locks.lockUnrevoked(owner);
	}

	@Override
	public void insert(ApiKey apiKey) {
		this.store.insert(apiKey);
	}

	@Override
	public boolean update(UUID id, ApiKeyUpdate changes) {
		if (!this.store.updates().update(id, changes.getColumns())) {
			return false;
		}
		changes.getScopes().ifPresent((scopes) -> this.store.replaceScopes(id, scopes));
		changes.getMetadata().ifPresent((metadata) -> this.store.replaceMetadata(id, metadata));
		this.reader.passOn(id, changes);
		return true;
	}

	@Override
	public boolean rotate(UUID id, UUID successorId, Instant now, Instant end) {
		return this.store.updates().rotate(id, successorId, now, end);
	}

	@Override
	public boolean end(UUID id, Instant now) {
		return this.store.updates().end(id, now);
	}

	@Override
	public boolean disable(UUID id, Instant now) {
		return this.store.updates().disable(id, now);
	}

	@Override
	public boolean enable(UUID id) {
		return this.store.updates().enable(id);
	}

	@Override
	public boolean revoke(UUID id, Instant now) {
		return this.store.updates().revoke(id, now);
	}

	@Override
	public void revokeAll(String owner, Collection<UUID> ids, Instant now) {
		this.store.updates().revokeAll(ids, now);
		invalidateOwner(owner);
		this.reader.passOn(ids);
	}

	/**
	 * One row for all keys. Where that is not this owner's alone, each key tells of
	 * itself.
	 */
	@Override
	public void invalidateOwner(String owner) {
		List<UUID> touched = List.of();
		if (!this.ownerStore.invalidate(owner)) {
			touched = this.locks.lockAll(owner).stream().map(LockedKey::id).toList();
			this.store.changes().touch(touched);
		}
		this.changes.addOwner(owner, touched);
	}

	@Override
	public List<UUID> findEnded(Ended ended, @Nullable UUID after, int max) {
		return this.store.search().findEnded(ended, after, max);
	}

	@Override
	public List<LockedKey> lockEnded(Ended ended, List<UUID> ids) {
		Set<UUID> changing = this.guard.changing();
		return this.locks.lockEnded(ended, ids.stream().filter((id) -> !changing.contains(id)).toList());
	}

	@Override
	public void delete(List<UUID> ids) {
		this.store.delete(ids);
	}

	@Override
	public void record(List<ApiKeyEvent> events) {
		this.store.history().insert(events);
		this.changes.addEvents(events);
	}

	@Override
	public void noteChange(UUID id) {
		this.changes.addKey(id);
	}

}
