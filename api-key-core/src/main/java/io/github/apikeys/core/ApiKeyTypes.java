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

import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.Hibernate;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;

/**
 * How types of keys are called: by the {@link DiscriminatorValue} of their classes.
 *
 * @since 0.1.0
 */
public final class ApiKeyTypes {

	private final Map<String, Set<String>> lineages = new TreeMap<>();

	private final Map<String, Class<? extends ApiKey>> classes = new HashMap<>();

	private final Map<String, Class<?>> named = new TreeMap<>();

	private ApiKeyTypes() {
	}

	/**
	 * Returns the types of a persistence unit.
	 * @param entityManagerFactory the persistence unit
	 * @return the types
	 * @throws IllegalArgumentException if a class of keys has no
	 * {@link DiscriminatorValue} of its own, or the same as another one
	 */
	public static ApiKeyTypes of(EntityManagerFactory entityManagerFactory) {
		Assert.notNull(entityManagerFactory, "entityManagerFactory cannot be null");
		ApiKeyTypes types = new ApiKeyTypes();
		entityManagerFactory.getMetamodel()
			.getEntities()
			.stream()
			.map((entity) -> entity.getJavaType())
			.filter((type) -> type != null && ApiKey.class.isAssignableFrom(type)
					&& !Modifier.isAbstract(type.getModifiers()))
			.forEach((type) -> types.add(type.asSubclass(ApiKey.class)));
		return types;
	}

	private void add(Class<? extends ApiKey> type) {
		String name = nameOf(type);
		for (Class<?> current = type; ApiKey.class.isAssignableFrom(current); current = current.getSuperclass()) {
			checkUnique(current);
		}
		this.lineages.put(name, lineage(type));
		this.classes.put(name, type);
	}

	/**
	 * Otherwise a key would come back from the database as one of the other class, and be
	 * permitted what only those are.
	 */
	private void checkUnique(Class<?> type) {
		String name = declaredName(type);
		Class<?> other = (name != null) ? this.named.putIfAbsent(name, type) : null;
		if (other != null && other != type) {
			throw new IllegalArgumentException("The API key classes " + other.getName() + " and " + type.getName()
					+ " have the same @DiscriminatorValue(\"" + name + "\")");
		}
	}

	/**
	 * Returns the class of the keys of a type.
	 * @param type the name of the type
	 * @return the class, or {@code null} if this application does not know the type
	 */
	public @Nullable Class<? extends ApiKey> classOf(String type) {
		Assert.notNull(type, "type cannot be null");
		return this.classes.get(type);
	}

	/**
	 * Checks that a key can be stored: a class of keys need not be part of the
	 * persistence unit.
	 * @param apiKey the key
	 * @throws IllegalArgumentException if the persistence unit does not know its class
	 */
	public void checkStorable(ApiKey apiKey) {
		Assert.notNull(apiKey, "apiKey cannot be null");
		Class<?> type = classOf(apiKey);
		Assert.isTrue(this.classes.containsValue(type), () -> "No API key of the class " + type.getName()
				+ " can be stored: it must be an entity of the persistence unit to which API keys belong. Add its "
				+ "package to @EntityScan");
	}

	/**
	 * Returns the types whose keys are of a class, or of one that extends it.
	 * @param type the class
	 * @return their names, at least one
	 * @throws IllegalArgumentException if there are none
	 */
	public Set<String> namesOf(Class<? extends ApiKey> type) {
		Assert.notNull(type, "type cannot be null");
		Set<String> names = new TreeSet<>();
		this.classes.forEach((name, candidate) -> {
			if (type.isAssignableFrom(candidate)) {
				names.add(name);
			}
		});
		Assert.isTrue(!names.isEmpty(),
				() -> "No type of API keys is of the class " + type.getName()
						+ ": it must be an entity of the persistence unit to which API keys belong. Add its package to "
						+ "@EntityScan");
		return names;
	}

	/**
	 * Returns the names of a class and of what it extends. Classes in between that no key
	 * is of need no name.
	 * @param type the class
	 * @return the names
	 */
	public static Set<String> lineage(Class<? extends ApiKey> type) {
		Assert.notNull(type, "type cannot be null");
		Set<String> lineage = new TreeSet<>();
		for (Class<?> current = type; ApiKey.class.isAssignableFrom(current); current = current.getSuperclass()) {
			String name = declaredName(current);
			if (name != null) {
				lineage.add(name);
			}
		}
		return lineage;
	}

	/**
	 * Returns the type that keys of a class have.
	 * @param type the class
	 * @return the value of its {@link DiscriminatorValue}
	 * @throws IllegalArgumentException if the class has none of its own: without, the
	 * type would depend on the name of the class, and change with it. Only JPA knows
	 * classes of keys other than {@link ApiKey}.
	 */
	public static String nameOf(Class<? extends ApiKey> type) {
		Assert.notNull(type, "type cannot be null");
		String name = declaredName(type);
		if (name == null) {
			throw new IllegalArgumentException("The API key class " + type.getName() + " needs an annotation "
					+ (Persistence.isEntity(type) ? "" : "@Entity, and an annotation ")
					+ "@DiscriminatorValue(\"...\")");
		}
		return name;
	}

	static String nameOf(ApiKey apiKey) {
		return nameOf(classOf(apiKey));
	}

	/**
	 * Returns the class of a key.
	 * @param apiKey the key, which may be a proxy of Hibernate
	 * @return the class of its entity
	 */
	public static Class<? extends ApiKey> classOf(ApiKey apiKey) {
		Assert.notNull(apiKey, "apiKey cannot be null");
		return (apiKey.getClass() == ApiKey.class) ? ApiKey.class : Persistence.classOf(apiKey);
	}

	private static @Nullable String declaredName(Class<?> type) {
		return (type == ApiKey.class) ? ApiKey.TYPE : Persistence.declaredName(type);
	}

	/**
	 * Returns whom a new key will belong to.
	 * @param apiKey the new entity, which may {@link ApiKey#ownerOfNewKey() say it}
	 * @param newApiKey what else is known about the key
	 * @return the owner, or {@code null} if neither says one
	 * @throws InvalidApiKeyAttributeException if they say different owners, or the entity
	 * says one that {@link NewApiKey#owner} refuses
	 */
	public static @Nullable String ownerOf(ApiKey apiKey, NewApiKey newApiKey) {
		Assert.notNull(apiKey, "apiKey cannot be null");
		Assert.notNull(newApiKey, "newApiKey cannot be null");
		String given = newApiKey.getOwner();
		String owner = apiKey.ownerOfNewKey();
		if (owner == null || owner.equals(given)) {
			return given;
		}
		if (given != null) {
			throw new InvalidApiKeyAttributeException("owner", "The owner of an API key of type '" + nameOf(apiKey)
					+ "' follows from its entity, which says another");
		}
		return NewApiKey.checkedOwner(owner);
	}

	/**
	 * Returns the classes of keys that the persistence unit knows.
	 * @return the classes of entities, without abstract ones, unmodifiable
	 */
	public Collection<Class<? extends ApiKey>> classes() {
		return Collections.unmodifiableCollection(this.classes.values());
	}

	/**
	 * Returns how the types are called.
	 * @return the names, unmodifiable
	 */
	public Set<String> names() {
		return Collections.unmodifiableSet(this.lineages.keySet());
	}

	/**
	 * Returns a type and those that its class extends.
	 * @param type the name of the type, known to this application or not
	 * @return their names
	 */
	public Set<String> lineage(String type) {
		Assert.notNull(type, "type cannot be null");
		return this.lineages.getOrDefault(type, Set.of(type));
	}

	/**
	 * What is asked of JPA and Hibernate, where they are on the class path.
	 */
	private static final class Persistence {

		private static final boolean PRESENT = ClassUtils.isPresent("jakarta.persistence.DiscriminatorValue",
				ApiKeyTypes.class.getClassLoader())
				&& ClassUtils.isPresent("org.hibernate.Hibernate", ApiKeyTypes.class.getClassLoader());

		static @Nullable String declaredName(Class<?> type) {
			DiscriminatorValue value = PRESENT ? type.getDeclaredAnnotation(DiscriminatorValue.class) : null;
			return (value != null) ? value.value() : null;
		}

		static boolean isEntity(Class<?> type) {
			return PRESENT && type.isAnnotationPresent(Entity.class);
		}

		static Class<? extends ApiKey> classOf(ApiKey apiKey) {
			return PRESENT ? Hibernate.getClass(apiKey) : apiKey.getClass();
		}

	}

}
