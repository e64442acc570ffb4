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

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;

/**
 * What a store of keys must do. {@link DefaultApiKeyService} decides what becomes of a
 * key; a store keeps it, and says whether a change was possible.
 * <p>
 * All methods but {@link #inTransaction}, {@link #inChange} and those about failures are
 * called within a transaction. What a method locks stays locked until its end, and locked
 * reads show what is committed. An owner is locked before its keys, and all keys of a
 * change at once, in the order of their ids, everywhere.
 *
 * @since 0.1.0
 */
public interface ApiKeyRepository {

	/**
	 * How much earlier than its commit the time of a change may be.
	 */
	Duration MAX_AGE_OF_CHANGE = Duration.ofSeconds(1);

	/**
	 * How long a commit may take for its change to be honoured in time.
	 */
	Duration MAX_COMMIT = Duration.ofSeconds(30);

	/**
	 * How long a node may have a key in its cache.
	 */
	Duration MAX_CACHED = Duration.ofSeconds(60);

	/**
	 * How long after the time of a change a node may remember what was before it: until
	 * the end of what was loaded right before the commit. The row must stay until then,
	 * since it is what tells.
	 */
	Duration MAX_MEMORY = MAX_AGE_OF_CHANGE.plus(MAX_COMMIT).plus(MAX_CACHED);

	/**
	 * Reads in the caller's transaction, or in one of its own.
	 * @param <T> the type of the result
	 * @param action what to do
	 * @return what the action returned
	 */
	<T> T inTransaction(Supplier<T> action);

	/**
	 * Makes a change in the caller's transaction, or in one of its own, which is made
	 * again if the database gave it up for the sake of another one.
	 * @param <T> the type of the result
	 * @param action what to do
	 * @return what the action returned
	 * @throws org.springframework.transaction.IllegalTransactionStateException if the
	 * caller's transaction is read-only
	 */
	<T> T inChange(Supplier<T> action);

	/**
	 * Whether a change joins the caller's transaction, which a failure dooms.
	 * @return whether there is a transaction of the caller
	 */
	boolean isInCallersTransaction();

	/**
	 * Whether a change failed because it contradicts what is stored.
	 * @param failure what the change threw
	 * @return whether a later attempt may succeed with other values
	 */
	boolean isConflict(RuntimeException failure);

	/**
	 * Finds a key, with what its type adds if that can be loaded.
	 * @param id the id of the row
	 * @return the key, or {@code null} if there is none
	 */
	@Nullable ApiKey find(UUID id);

	/**
	 * Finds a key of a type, in the caller's transaction or one of its own.
	 * @param <T> the class of the key
	 * @param type the class of the key
	 * @param id the id of the row
	 * @return the key, or {@code null} if there is none
	 */
	<T extends ApiKey> @Nullable T find(Class<T> type, UUID id);

	/**
	 * Finds a key, as {@link #find(UUID)} does.
	 * @param keyId the public id, case matters
	 * @return the key, or {@code null} if there is none
	 */
	@Nullable ApiKey findByKeyId(String keyId);

	/**
	 * Finds a key of a type, in the caller's transaction or one of its own.
	 * @param <T> the class of the key
	 * @param type the class of the key
	 * @param keyId the public id, case matters
	 * @return the key, or {@code null} if there is none
	 */
	<T extends ApiKey> @Nullable T findByKeyId(Class<T> type, String keyId);

	/**
	 * Finds a page of keys.
	 * @param <T> the class of the key
	 * @param type the class of the key
	 * @param query which keys
	 * @param now the present time
	 * @param pageable with a sort that is total
	 * @return the page
	 */
	<T extends ApiKey> Page<T> findAll(Class<T> type, ApiKeyQuery query, Instant now, Pageable pageable);

	/**
	 * Finds the id of the row of a key.
	 * @param keyId the public id, case matters
	 * @return the id of the row, or {@code null} if there is no such key
	 */
	@Nullable UUID findId(String keyId);

	/**
	 * Whether a key id is taken.
	 * @param keyId the public id, case matters
	 * @return whether there is such a key
	 */
	boolean existsKeyId(String keyId);

	/**
	 * Finds out whom a key belongs to. That never changes.
	 * @param id the id of the row
	 * @return the owner, or {@code null} if it has none, or there is no such key
	 */
	@Nullable String findOwner(UUID id);

	/**
	 * Finds the keys that may be changed along with a key: itself, what replaced it, what
	 * it replaced, and what that replaced, back to the first that has ended, without
	 * that.
	 * @param id the id of the row
	 * @param now the present time
	 * @return the ids of the rows
	 */
	List<UUID> findLine(UUID id, Instant now);

	/**
	 * Makes a new entity of the class of a key, with the attributes that the class itself
	 * adds. A store that knows no class but {@link ApiKey} need not implement it.
	 * @param id the id of the row
	 * @return the entity, or {@code null} if that of the key cannot be loaded
	 */
	default @Nullable ApiKey copyOfType(UUID id) {
		return (find(id) != null) ? new ApiKey() : null;
	}

	/**
	 * Whether a key is to be deleted.
	 * @param id the id of the row
	 * @return whether it is to be deleted
	 */
	boolean isDeleted(UUID id);

	/**
	 * Whether something is known of a key, which may be gone.
	 * @param id the id of the row
	 * @return whether there is history of it
	 */
	boolean hasHistory(UUID id);

	/**
	 * Makes other changes of the owner's keys wait for the end of the transaction.
	 * @param owner exactly whose keys
	 */
	void lockOwner(String owner);

	/**
	 * Locks a key. Its scopes and metadata are read without a lock.
	 * @param id the id of the row
	 * @return the key as its columns tell, or {@code null} if there is none
	 */
	@Nullable ApiKey lock(UUID id);

	/**
	 * Locks keys in the order of their ids.
	 * @param ids the ids of the rows
	 */
	void lock(Collection<UUID> ids);

	/**
	 * Locks a key with its scopes and metadata, for a change that they decide.
	 * @param id the id of the row
	 * @return as in {@link #lock}
	 */
	@Nullable ApiKey lockWithCollections(UUID id);

	/**
	 * Locks the keys of an owner that are neither revoked nor expired, and some others,
	 * all of them in the order of their ids.
	 * @param owner exactly whose keys
	 * @param now the present time
	 * @param others the ids of the rows of some other keys
	 * @return the ids of the rows of those of the owner, with those of their successors
	 */
	Map<UUID, @Nullable UUID> lockLive(String owner, Instant now, Collection<UUID> others);

	/**
	 * Locks an owner, and those of the owner's keys that are not revoked.
	 * @param owner exactly whose keys
	 * @return the keys that are locked
	 */
	List<LockedKey> lockUnrevoked(String owner);

	/**
	 * Inserts a key.
	 * @param apiKey the key, which is being issued
	 */
	void insert(ApiKey apiKey);

	/**
	 * Changes attributes of a key that is not revoked, and does not let a key that was
	 * replaced end later.
	 * @param id the id of the row
	 * @param changes the new values
	 * @return whether there was such a key
	 */
	boolean update(UUID id, ApiKeyUpdate changes);

	/**
	 * Links a key to its successor, and lets it end, if it is neither revoked, disabled,
	 * expired nor replaced.
	 * @param id the id of the row
	 * @param successorId the id of the row of the successor
	 * @param now the present time
	 * @param end when the key is to end
	 * @return whether there was such a key
	 */
	boolean rotate(UUID id, UUID successorId, Instant now, Instant end);

	/**
	 * Lets a key end that is neither revoked nor expired.
	 * @param id the id of the row
	 * @param now the present time
	 * @return whether there was such a key
	 */
	boolean end(UUID id, Instant now);

	/**
	 * Disables a key that is neither disabled nor revoked.
	 * @param id the id of the row
	 * @param now the present time
	 * @return whether there was such a key
	 */
	boolean disable(UUID id, Instant now);

	/**
	 * Enables a key that is disabled and not revoked.
	 * @param id the id of the row
	 * @return whether there was such a key
	 */
	boolean enable(UUID id);

	/**
	 * Revokes a key that is not revoked.
	 * @param id the id of the row
	 * @param now the present time
	 * @return whether there was such a key
	 */
	boolean revoke(UUID id, Instant now);

	/**
	 * Revokes keys of an owner that are {@linkplain #lockUnrevoked locked}, and tells all
	 * nodes.
	 * @param owner exactly whose keys
	 * @param ids the ids of the rows
	 * @param now the present time
	 */
	void revokeAll(String owner, Collection<UUID> ids, Instant now);

	/**
	 * Tells all nodes to evict the keys of an owner.
	 * @param owner exactly whose keys
	 */
	void invalidateOwner(String owner);

	/**
	 * Finds some keys that ended, but none that replaced a key that has not: that one
	 * counts its requests there.
	 * @param ended which keys
	 * @param after the last one that was found before, or {@code null}
	 * @param max how many at most
	 * @return the ids of the rows, in the order in which they are found
	 */
	List<UUID> findEnded(Ended ended, @Nullable UUID after, int max);

	/**
	 * Locks those of some keys that still are what was looked for, and of whose last
	 * change all nodes have been told.
	 * @param ended which keys
	 * @param ids the ids of the rows
	 * @return the keys that are locked; a store need not wait for those that somebody
	 * else has locked
	 */
	List<LockedKey> lockEnded(Ended ended, List<UUID> ids);

	/**
	 * Deletes keys with all that belongs to them but their history.
	 * @param ids the ids of the rows
	 */
	void delete(List<UUID> ids);

	/**
	 * Writes lines of history, and publishes them when they are committed.
	 * @param events the lines
	 */
	void record(List<ApiKeyEvent> events);

	/**
	 * Notes that the current transaction changed a key, whose change gets its time right
	 * before the commit.
	 * @param id the id of the row
	 */
	void noteChange(UUID id);

}
