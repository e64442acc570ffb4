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

import jakarta.persistence.EntityManagerFactory;
import org.hibernate.engine.spi.EntityEntry;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.event.service.spi.EventListenerRegistry;
import org.hibernate.event.spi.AbstractCollectionEvent;
import org.hibernate.event.spi.EventType;
import org.hibernate.event.spi.PreCollectionRecreateEvent;
import org.hibernate.event.spi.PreCollectionRecreateEventListener;
import org.hibernate.event.spi.PreCollectionRemoveEvent;
import org.hibernate.event.spi.PreCollectionRemoveEventListener;
import org.hibernate.event.spi.PreCollectionUpdateEvent;
import org.hibernate.event.spi.PreCollectionUpdateEventListener;

/**
 * Refuses to write scopes and metadata through a persistence context, as no column of a
 * key can be written there: it would be a change without version, time and history.
 */
final class KeyGuard implements PreCollectionUpdateEventListener, PreCollectionRemoveEventListener,
		PreCollectionRecreateEventListener {

	private static final String PREFIX = ApiKey.class.getName() + ".";

	private KeyGuard() {
	}

	/**
	 * Guards a persistence unit, once.
	 */
	static synchronized void install(EntityManagerFactory entityManagerFactory) {
		EventListenerRegistry registry = entityManagerFactory.unwrap(SessionFactoryImplementor.class)
			.getEventListenerRegistry();
		if (!isInstalled(registry)) {
			KeyGuard guard = new KeyGuard();
			registry.appendListeners(EventType.PRE_COLLECTION_UPDATE, guard);
			registry.appendListeners(EventType.PRE_COLLECTION_REMOVE, guard);
			registry.appendListeners(EventType.PRE_COLLECTION_RECREATE, guard);
		}
	}

	private static boolean isInstalled(EventListenerRegistry registry) {
		for (Object listener : registry.getEventListenerGroup(EventType.PRE_COLLECTION_UPDATE).listeners()) {
			if (listener instanceof KeyGuard) {
				return true;
			}
		}
		return false;
	}

	@Override
	public void onPreUpdateCollection(PreCollectionUpdateEvent event) {
		if (isOfKey(event) && !event.getCollection().equalsSnapshot(event.getCollectionPersister())) {
			refuse(event);
		}
	}

	@Override
	public void onPreRemoveCollection(PreCollectionRemoveEvent event) {
		// whether the key itself may go, it says itself
		if (isOfKey(event) && !isGone(event)) {
			refuse(event);
		}
	}

	private static boolean isGone(AbstractCollectionEvent event) {
		Object owner = event.getAffectedOwnerOrNull();
		EntityEntry entry = (owner != null) ? event.getSession().getPersistenceContextInternal().getEntry(owner) : null;
		return entry != null && entry.getStatus().isDeletedOrGone();
	}

	@Override
	public void onPreRecreateCollection(PreCollectionRecreateEvent event) {
		if (isOfKey(event) && !(event.getAffectedOwnerOrNull() instanceof ApiKey key && key.isBeingIssued())) {
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
