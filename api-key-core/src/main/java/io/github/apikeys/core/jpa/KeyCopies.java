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

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.EntityManager;
import org.hibernate.Hibernate;
import org.hibernate.collection.spi.PersistentCollection;
import org.hibernate.metamodel.mapping.EmbeddableMappingType;
import org.hibernate.metamodel.mapping.ManagedMappingType;
import org.hibernate.persister.entity.EntityPersister;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;

/**
 * Copies what the type of a key adds, and the collections of a key.
 */
final class KeyCopies {

	private final EntityManager entityManager;

	private final ApiKeyTable table;

	KeyCopies(EntityManager entityManager, ApiKeyTable table) {
		this.entityManager = entityManager;
		this.table = table;
	}

	/**
	 * Copies a key with what its type adds as it is stored now: the persistence context
	 * may have loaded it long ago.
	 * @return a new key, or {@code null} if there is no such key
	 */
	@Nullable ApiKey copyOfType(UUID id) {
		ApiKey apiKey = this.entityManager.find(ApiKey.class, id);
		if (apiKey == null) {
			return null;
		}
		this.entityManager.flush();
		this.entityManager.refresh(apiKey);
		return copyOfType(apiKey);
	}

	/**
	 * A new key of the same class, with the attributes that the class itself adds.
	 */
	private ApiKey copyOfType(ApiKey apiKey) {
		EntityPersister persister = this.table.persister(Hibernate.getClass(apiKey));
		EntityPersister base = this.table.persister(ApiKey.class);
		Object original = Hibernate.unproxy(apiKey);
		ApiKey copy = (ApiKey) BeanUtils.instantiateClass(persister.getMappedClass());
		persister.forEachAttributeMapping((attribute) -> {
			if (base.findAttributeMapping(attribute.getAttributeName()) == null) {
				attribute.setValue(copy, copyOfCollection(attribute.getValue(original)));
			}
		});
		return copy;
	}

	/**
	 * Gives a key that is to be inserted collections of its own: those of an attempt that
	 * was rolled back look as if their rows were stored.
	 */
	void replaceCollections(ApiKey apiKey) {
		replaceCollections(this.table.persister(apiKey.getClass()), apiKey);
	}

	private static void replaceCollections(ManagedMappingType type, Object owner) {
		type.forEachAttributeMapping((attribute) -> {
			Object value = attribute.getValue(owner);
			if (value instanceof PersistentCollection) {
				attribute.setValue(owner, copyOfCollection(value));
			}
			else if (value != null && attribute.getMappedType() instanceof EmbeddableMappingType embeddable) {
				replaceCollections(embeddable, value);
			}
		});
	}

	/**
	 * A collection belongs to one entity.
	 */
	private static @Nullable Object copyOfCollection(@Nullable Object value) {
		if (value instanceof Map<?, ?> map) {
			return (value instanceof SortedMap<?, ?> sorted) ? new TreeMap<>(sorted) : new LinkedHashMap<>(map);
		}
		if (value instanceof Set<?> set) {
			return (value instanceof SortedSet<?> sorted) ? new TreeSet<>(sorted) : new LinkedHashSet<>(set);
		}
		return (value instanceof Collection<?> collection) ? new ArrayList<>(collection) : value;
	}

}
