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

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

import org.hibernate.collection.spi.PersistentCollection;
import org.hibernate.collection.spi.PersistentMap;
import org.hibernate.collection.spi.PersistentSet;
import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.metamodel.CollectionClassification;
import org.hibernate.persister.collection.CollectionPersister;
import org.hibernate.usertype.UserCollectionType;
import org.jspecify.annotations.Nullable;

/**
 * A collection that a merge leaves as it is in the database, as it does with columns that
 * cannot be updated: a copy that is written back may be outdated.
 */
abstract class UnmergedCollectionType implements UserCollectionType {

	@Override
	public Object replaceElements(Object original, Object target, CollectionPersister persister, Object owner,
			Map copyCache, SharedSessionContractImplementor session) {
		return target;
	}

	@Override
	public @Nullable Object indexOf(Object collection, Object entity) {
		return null;
	}

	static final class OfSet extends UnmergedCollectionType {

		@Override
		public CollectionClassification getClassification() {
			return CollectionClassification.SET;
		}

		@Override
		public Class<?> getCollectionClass() {
			return Set.class;
		}

		@Override
		public PersistentCollection<?> instantiate(SharedSessionContractImplementor session,
				CollectionPersister persister) {
			return new PersistentSet<>(session);
		}

		@Override
		public PersistentCollection<?> wrap(SharedSessionContractImplementor session, Object collection) {
			return new PersistentSet<>(session, (Set<?>) collection);
		}

		@Override
		public Iterator<?> getElementsIterator(Object collection) {
			return ((Collection<?>) collection).iterator();
		}

		@Override
		public boolean contains(Object collection, Object entity) {
			return ((Collection<?>) collection).contains(entity);
		}

		@Override
		public Object instantiate(int anticipatedSize) {
			return new HashSet<>();
		}

	}

	static final class OfMap extends UnmergedCollectionType {

		@Override
		public CollectionClassification getClassification() {
			return CollectionClassification.MAP;
		}

		@Override
		public Class<?> getCollectionClass() {
			return Map.class;
		}

		@Override
		public PersistentCollection<?> instantiate(SharedSessionContractImplementor session,
				CollectionPersister persister) {
			return new PersistentMap<>(session);
		}

		@Override
		public PersistentCollection<?> wrap(SharedSessionContractImplementor session, Object collection) {
			return new PersistentMap<>(session, (Map<?, ?>) collection);
		}

		@Override
		public Iterator<?> getElementsIterator(Object collection) {
			return ((Map<?, ?>) collection).values().iterator();
		}

		@Override
		public boolean contains(Object collection, Object entity) {
			return ((Map<?, ?>) collection).containsValue(entity);
		}

		@Override
		public Object instantiate(int anticipatedSize) {
			return new HashMap<>();
		}

	}

}
