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
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import java.util.WeakHashMap;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyLifecycle;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.FlushModeType;
import org.hibernate.collection.spi.AbstractPersistentCollection;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.event.service.spi.EventListenerRegistry;
import org.hibernate.event.spi.AbstractCollectionEvent;
import org.hibernate.event.spi.EventType;
import org.hibernate.event.spi.PreCollectionRecreateEvent;
import org.hibernate.event.spi.PreCollectionRecreateEventListener;
import org.hibernate.event.spi.PreCollectionRemoveEvent;
import org.hibernate.event.spi.PreCollectionRemoveEventListener;
import org.hibernate.event.spi.PreCollectionUpdateEvent;
import org.hibernate.event.spi.PreCollectionUpdateEventListener;
import org.hibernate.event.spi.PreDeleteEvent;
import org.hibernate.event.spi.PreDeleteEventListener;
import org.hibernate.event.spi.PreInsertEvent;
import org.hibernate.event.spi.PreInsertEventListener;
import org.hibernate.event.spi.PreUpsertEvent;
import org.hibernate.event.spi.PreUpsertEventListener;
import org.hibernate.query.NativeQuery;
import org.jspecify.annotations.Nullable;

/**
 * Refuses to write scopes and metadata through a persistence context, as no column of a
 * key can be written there: it would be a change without version, time and history.
 */
final class KeyGuard implements PreCollectionUpdateEventListener, PreCollectionRemoveEventListener,
		PreCollectionRecreateEventListener, PreInsertEventListener, PreDeleteEventListener, PreUpsertEventListener {

	private static final String PREFIX = ApiKey.class.getName() + ".";

	private final ApiKeyTable table;

	// of services that are in use
	private final Set<KeyChanges> changes = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	private KeyGuard(ApiKeyTable table) {
		this.table = table;
	}

	/**
	 * Guards a persistence unit, once.
	 * @return its guard
	 */
	static synchronized KeyGuard install(EntityManagerFactory entityManagerFactory) {
		EventListenerRegistry registry = entityManagerFactory.unwrap(SessionFactoryImplementor.class)
			.getEventListenerRegistry();
		KeyGuard installed = find(registry);
		if (installed != null) {
			return installed;
		}
		KeyGuard guard = new KeyGuard(ApiKeyTable.of(entityManagerFactory));
		registry.appendListeners(EventType.PRE_COLLECTION_UPDATE, guard);
		registry.appendListeners(EventType.PRE_COLLECTION_REMOVE, guard);
		registry.appendListeners(EventType.PRE_COLLECTION_RECREATE, guard);
		registry.appendListeners(EventType.PRE_INSERT, guard);
		registry.appendListeners(EventType.PRE_DELETE, guard);
		registry.appendListeners(EventType.PRE_UPSERT, guard);
		return guard;
	}

	private static @Nullable KeyGuard find(EventListenerRegistry registry) {
		for (Object listener : registry.getEventListenerGroup(EventType.PRE_COLLECTION_UPDATE).listeners()) {
			if (listener instanceof KeyGuard guard) {
				return guard;
			}
		}
		return null;
	}

	/**
	 * Keeps what a transaction changes from being removed meanwhile, by whichever service
	 * or session.
	 */
	void watch(KeyChanges changes) {
		this.changes.add(changes);
	}

	/**
	 * The keys that transactions changed which have not ended.
	 */
	Set<UUID> changing() {
		Set<UUID> changing = new LinkedHashSet<>();
		synchronized (this.changes) {
			this.changes.forEach((changes) -> changing.addAll(changes.changing()));
		}
		return changing;
	}

	/**
	 * The key says so itself, and earlier, unless callbacks of entities are switched off,
	 * or there is no persistence context.
	 */
	@Override
	public boolean onPreInsert(PreInsertEvent event) {
		if (event.getEntity() instanceof ApiKey key) {
			ApiKeyLifecycle.checkInsert(key);
		}
		return false;
	}

	@Override
	public boolean onPreDelete(PreDeleteEvent event) {
		if (event.getEntity() instanceof ApiKey key) {
			SharedSessionContractImplementor session = event.getSession();
			if (!ApiKeyLifecycle.isRemovable(key) || changing().contains(key.getId()) || !isToldToAll(key, session)
					|| isNeeded(key, session)) {
				throw ApiKeyLifecycle.notRemovable();
			}
		}
		return false;
	}

	/**
	 * The database knows, by its clock. The key knows only what was read.
	 */
	private boolean isToldToAll(ApiKey key, SharedSessionContractImplementor session) {
		NativeQuery<?> query = session
			.createNativeQuery("select 1 from " + this.table.name() + " where " + this.table.column("id")
					+ " = :id and " + this.table.isToldToAll(), Integer.class)
			.setParameter("id", key.getId(), this.table.<UUID>type("id"))
			// it is asked during a flush
			.setFlushMode(FlushModeType.COMMIT);
		this.table.toldToAll()
			.forEach((name, time) -> query.setParameter(name, time, this.table.<Instant>type("changedAt")));
		return !query.getResultList().isEmpty();
	}

	/**
	 * Whether it replaced a key that has not ended, and counts its requests here.
	 */
	private static boolean isNeeded(ApiKey key, SharedSessionContractImplementor session) {
		UUID predecessor = key.getPredecessorId();
		return predecessor != null && !session.createSelectionQuery("""
				select 1 from io.github.apikeys.core.ApiKey k where k.id = :id
					and k.revokedAt is null and (k.expiresAt is null or k.expiresAt > :now)
				""", Integer.class)
			.setParameter("id", predecessor)
			.setParameter("now", Instant.now())
			.setFlushMode(FlushModeType.COMMIT)
			.getResultList()
			.isEmpty();
	}

	@Override
	public boolean onPreUpsert(PreUpsertEvent event) {
		if (event.getEntity() instanceof ApiKey key) {
			ApiKeyLifecycle.checkInsert(key);
		}
		return false;
	}

	@Override
	public void onPreUpdateCollection(PreCollectionUpdateEvent event) {
		if (isOfKey(event) && !isUnchanged(event)) {
			refuse(event);
		}
	}

	private static boolean isUnchanged(PreCollectionUpdateEvent event) {
		// without a persistence context nobody knows
		return event.getCollection() instanceof AbstractPersistentCollection<?> collection
				&& collection.getSession() != null && collection.equalsSnapshot(event.getCollectionPersister());
	}

	@Override
	public void onPreRemoveCollection(PreCollectionRemoveEvent event) {
		if (isOfKey(event)
				&& !(event.getAffectedOwnerOrNull() instanceof ApiKey key && ApiKeyLifecycle.isRemovable(key))) {
			refuse(event);
		}
	}

	@Override
	public void onPreRecreateCollection(PreCollectionRecreateEvent event) {
		if (isOfKey(event)
				&& !(event.getAffectedOwnerOrNull() instanceof ApiKey key && ApiKeyLifecycle.isBeingIssued(key))) {
			refuse(event);
		}
	}

	private static boolean isOfKey(AbstractCollectionEvent event) {
		return event.getCollectionPersister().getRole().startsWith(PREFIX);
	}

	private static void refuse(AbstractCollectionEvent event) {
		throw new IllegalStateException("The " + event.getCollectionPersister().getAttributeMapping().getAttributeName()
				+ " of an API key cannot be changed through the persistence context: use ApiKeyService.update");
	}

}
