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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.verification.RecentChanges;
import io.github.apikeys.core.verification.StoredApiKey;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.engine.spi.SessionImplementor;
import org.jspecify.annotations.Nullable;

import org.springframework.orm.jpa.SharedEntityManagerCreator;

/**
 * Puts together what finds and changes keys in their tables, and inserts and deletes
 * keys. Needs a transaction around it; starts none.
 */
final class ApiKeyStore {

	private final EntityManager entityManager;

	private final ApiKeyTypes types;

	private final KeyReader reader;

	private final KeyRemoval removal;

	private final KeyHistory history;

	private final Snapshots snapshots;

	private final KeyLocks locks;

	private final KeyCollectionTable scopes;

	private final KeyCollectionTable metadata;

	private final VerificationQuery verification;

	private final ChangeQuery changes;

	private final GuardedUpdates updates;

	private final KeySearch search;

	private final KeyCopies copies;

	ApiKeyStore(EntityManagerFactory entityManagerFactory) {
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory);
		ApiKeyTable table = ApiKeyTable.of(entityManagerFactory);
		ApiKeyTypes types = ApiKeyTypes.of(entityManagerFactory);
		this.types = types;
		this.removal = new KeyRemoval(this.entityManager, entityManagerFactory, table);
		this.history = new KeyHistory(this.entityManager, table);
		this.snapshots = new Snapshots(entityManagerFactory);
		this.locks = new KeyLocks(this.entityManager, table, this.snapshots);
		this.scopes = new KeyCollectionTable(this.entityManager, table, "scopes");
		this.metadata = new KeyCollectionTable(this.entityManager, table, "metadata");
		this.reader = new KeyReader(this.entityManager, table, types);
		Statements statements = new Statements(this.entityManager);
		NativeUpdates nativeUpdates = new NativeUpdates(statements, table);
		this.verification = new VerificationQuery(statements, table, types);
		this.changes = new ChangeQuery(statements, table, nativeUpdates);
		this.updates = new GuardedUpdates(table, nativeUpdates);
		this.search = new KeySearch(this.entityManager, statements, table, types);
		this.copies = new KeyCopies(this.entityManager, table);
		KeyGuard.install(entityManagerFactory);
	}

	EntityManager entityManager() {
		return this.entityManager;
	}

	KeyReader reader() {
		return this.reader;
	}

	KeyHistory history() {
		return this.history;
	}

	Snapshots snapshots() {
		return this.snapshots;
	}

	KeyLocks locks() {
		return this.locks;
	}

	ChangeQuery changes() {
		return this.changes;
	}

	GuardedUpdates updates() {
		return this.updates;
	}

	KeySearch search() {
		return this.search;
	}

	KeyCopies copies() {
		return this.copies;
	}

	void setPrincipalMetadata(Set<String> names) {
		this.verification.setPrincipalMetadata(names);
	}

	@Nullable StoredApiKey findForVerification(String keyId) {
		return this.verification.findForVerification(keyId);
	}

	RecentChanges findChanged(Duration window, @Nullable Instant earliest) {
		return this.changes.findChanged(window, earliest);
	}

	void updateHash(UUID id, TokenHash oldHash, TokenHash newHash) {
		this.updates.updateHash(id, oldHash, newHash);
	}

	<T extends ApiKey> @Nullable T find(Class<T> type, UUID id) {
		return this.entityManager.find(type, id);
	}

	/**
	 * The session of the transaction, and not what stands before it.
	 */
	SessionImplementor session() {
		return this.entityManager.unwrap(SessionImplementor.class);
	}

	void insert(ApiKey apiKey) {
		this.types.checkStorable(apiKey);
		this.copies.replaceCollections(apiKey);
		this.entityManager.persist(apiKey);
		this.entityManager.flush();
	}

	void replaceScopes(UUID id, Set<String> scopes) {
		this.scopes.delete(List.of(id));
		scopes.forEach((scope) -> this.scopes.insert(id, null, scope));
	}

	void replaceMetadata(UUID id, Map<String, String> metadata) {
		this.metadata.delete(List.of(id));
		metadata.forEach((name, value) -> this.metadata.insert(id, name, value));
	}

	/**
	 * Deletes keys with all that belongs to them but their history.
	 */
	void delete(List<UUID> ids) {
		this.removal.delete(ids);
	}

}
