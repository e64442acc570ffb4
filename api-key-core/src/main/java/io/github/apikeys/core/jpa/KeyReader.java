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

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyRow;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.ApiKeyUpdate;
import jakarta.persistence.EntityManager;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.hibernate.FlushMode;
import org.hibernate.Session;
import org.hibernate.SessionBuilder;
import org.hibernate.collection.spi.PersistentCollection;
import org.hibernate.collection.spi.PersistentMap;
import org.hibernate.collection.spi.PersistentSet;
import org.hibernate.engine.spi.CollectionEntry;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.metamodel.mapping.AttributeMapping;
import org.hibernate.metamodel.mapping.PluralAttributeMapping;
import org.hibernate.metamodel.mapping.SelectableMapping;
import org.hibernate.query.NativeQuery;
import org.hibernate.type.BasicType;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;

/**
 * Reads keys, whatever became of what their types add to them: of a key whose entity
 * cannot be loaded it tells what the columns tell.
 * <p>
 * An entity cannot be loaded if this application does not know its type, if the row in
 * the table of its type is gone, or if the mapping of the type fails on what it finds
 * there.
 */
final class KeyReader {

	private static final Log logger = LogFactory.getLog(KeyReader.class);

	private final EntityManager entityManager;

	private final Statements statements;

	private final ApiKeyTable table;

	private final ApiKeyTypes types;

	private final KeyCollectionTable scopes;

	private final KeyCollectionTable metadata;

	private final List<AttributeMapping> attributes = new ArrayList<>();

	private final String select;

	private final String lock;

	KeyReader(EntityManager entityManager, ApiKeyTable table, ApiKeyTypes types) {
		this.entityManager = entityManager;
		this.statements = new Statements(entityManager);
		this.table = table;
		this.types = types;
		this.scopes = new KeyCollectionTable(entityManager, table, "scopes");
		this.metadata = new KeyCollectionTable(entityManager, table, "metadata");
		table.persister(ApiKey.class).forEachAttributeMapping((attribute) -> {
			if (!(attribute instanceof PluralAttributeMapping)) {
				this.attributes.add(attribute);
			}
		});
		this.select = "select k.id, " + this.attributes.stream()
			.map((attribute) -> "k." + attribute.getAttributeName())
			.collect(Collectors.joining(", ")) + " from io.github.apikeys.core.ApiKey k where k.id in :ids";
		this.lock = "select "
				+ IntStream.range(0, this.attributes.size())
					.mapToObj((i) -> column(this.attributes.get(i)).getSelectionExpression() + " as c" + i)
					.collect(Collectors.joining(", "))
				+ " from " + table.name() + " where " + table.column("id") + " = :id" + table.lockClause();
	}

	/**
	 * Locks a key, and reads its columns as an update would see them: whoever decides
	 * what becomes of a key must not decide on an older state, as a plain query of a
	 * transaction with a snapshot may show it. It neither joins the table of a type nor
	 * makes an entity of it. Its scopes and metadata are read without a lock, which would
	 * keep others from giving keys theirs on MySQL and MariaDB.
	 * @return the key, which belongs to no persistence context, or {@code null} if there
	 * is none
	 */
	@Nullable ApiKey lockAndReadColumns(UUID id) {
		return lockAndRead(id, this.scopes::read, this.metadata::read);
	}

	/**
	 * Locks a key with its scopes and metadata, for a change that they decide.
	 * @return as in {@link #lockAndReadColumns}
	 */
	@Nullable ApiKey lockAndReadAll(UUID id) {
		return lockAndRead(id, this.scopes::lockAndRead, this.metadata::lockAndRead);
	}

	private @Nullable ApiKey lockAndRead(UUID id, Function<UUID, List<Object[]>> readScopes,
			Function<UUID, List<Object[]>> readMetadata) {
		NativeQuery<?> query = this.statements.createNativeQueryOfKeys(this.lock);
		for (int i = 0; i < this.attributes.size(); i++) {
			query.addScalar("c" + i, (BasicType<?>) column(this.attributes.get(i)).getJdbcMapping());
		}
		List<?> rows = query.setParameter("id", id, this.table.<UUID>type("id")).getResultList();
		if (rows.isEmpty()) {
			return null;
		}
		Set<String> scopes = new HashSet<>();
		readScopes.apply(id).forEach((row) -> scopes.add((String) row[0]));
		Map<String, String> metadata = new HashMap<>();
		readMetadata.apply(id).forEach((row) -> metadata.put((String) row[1], (String) row[0]));
		return toKey(columns(id, (Object[]) rows.get(0), 0), scopes, metadata);
	}

	private static SelectableMapping column(AttributeMapping attribute) {
		return attribute.getSelectable(0);
	}

	private Map<String, @Nullable Object> columns(UUID id, Object[] row, int first) {
		Map<String, @Nullable Object> columns = new HashMap<>();
		columns.put("id", id);
		for (int i = 0; i < this.attributes.size(); i++) {
			columns.put(this.attributes.get(i).getAttributeName(), row[first + i]);
		}
		// what is derived from the others
		columns.keySet().retainAll(ApiKeyRow.columnTypes().keySet());
		return columns;
	}

	private static ApiKey toKey(Map<String, @Nullable Object> columns, Set<String> scopes,
			Map<String, String> metadata) {
		return ApiKeyRow.of(columns, scopes, metadata).toApiKey();
	}

	private Map<UUID, ApiKey> readColumns(Collection<UUID> ids) {
		Map<UUID, ApiKey> keys = new HashMap<>();
		if (ids.isEmpty()) {
			return keys;
		}
		Map<UUID, Map<String, @Nullable Object>> columns = new HashMap<>();
		for (Object[] row : query(this.select, ids)) {
			columns.put((UUID) row[0], columns((UUID) row[0], row, 1));
		}
		Map<UUID, Set<String>> scopes = new HashMap<>();
		for (Object[] row : query(
				"select k.id, s from io.github.apikeys.core.ApiKey k join k.scopes s where k.id in :ids", ids)) {
			scopes.computeIfAbsent((UUID) row[0], (id) -> new HashSet<>()).add((String) row[1]);
		}
		Map<UUID, Map<String, String>> metadata = new HashMap<>();
		for (Object[] row : query("""
				select k.id, key(m), value(m) from io.github.apikeys.core.ApiKey k join k.metadata m
				where k.id in :ids
				""", ids)) {
			metadata.computeIfAbsent((UUID) row[0], (id) -> new HashMap<>()).put((String) row[1], (String) row[2]);
		}
		columns.forEach((id, values) -> keys.put(id,
				toKey(values, scopes.getOrDefault(id, Set.of()), metadata.getOrDefault(id, Map.of()))));
		return keys;
	}

	private List<Object[]> query(String jpql, Collection<UUID> ids) {
		return this.statements.createQuery(jpql, Object[].class).setParameter("ids", ids).getResultList();
	}

	/**
	 * Passes on to the entity that the persistence context holds, if it holds one, what a
	 * statement changed in the columns. It is not refreshed: that could fail, and would
	 * undo what the caller has not flushed yet. With scopes or metadata of another
	 * version it keeps its version, or it would be taken for what it is not.
	 */
	void passOn(ApiKey columns) {
		ApiKey managed = managed(columns.getId());
		if (managed != null) {
			boolean alike = hasCollectionsOf(managed, columns);
			for (AttributeMapping attribute : this.attributes) {
				if (alike || !attribute.getAttributeName().equals("version")) {
					attribute.setValue(managed, attribute.getValue(columns));
				}
			}
		}
	}

	private static boolean hasCollectionsOf(ApiKey managed, ApiKey columns) {
		return managed.getScopes().equals(columns.getScopes()) && managed.getMetadata().equals(columns.getMetadata());
	}

	void passOn(Collection<UUID> ids) {
		Chunks.of(ids.stream().filter((id) -> managed(id) != null).toList())
			.forEach((some) -> readColumns(some).values().forEach(this::passOn));
	}

	/**
	 * Passes on to the entity that the persistence context holds, if it holds one, what
	 * statements wrote into its collections.
	 */
	void passOn(UUID id, ApiKeyUpdate changes) {
		ApiKey managed = managed(id);
		if (managed != null) {
			changes.getScopes().ifPresent((scopes) -> {
				PersistentSet<String> collection = collection(managed, "scopes");
				collection.clear();
				collection.addAll(scopes);
				markClean(collection);
			});
			changes.getMetadata().ifPresent((metadata) -> {
				PersistentMap<String, String> collection = collection(managed, "metadata");
				collection.clear();
				collection.putAll(metadata);
				markClean(collection);
			});
		}
	}

	@SuppressWarnings("unchecked")
	private <C extends PersistentCollection<?>> C collection(ApiKey managed, String attribute) {
		C collection = (C) Objects
			.requireNonNull(this.table.persister(ApiKey.class).findAttributeMapping(attribute).getValue(managed));
		collection.forceInitialization();
		return collection;
	}

	private void markClean(PersistentCollection<?> collection) {
		CollectionEntry entry = Objects
			.requireNonNull(session().getPersistenceContextInternal().getCollectionEntry(collection));
		entry.resetStoredSnapshot(collection,
				collection.getSnapshot(Objects.requireNonNull(entry.getLoadedPersister())));
		collection.clearDirty();
	}

	private @Nullable ApiKey managed(UUID id) {
		SessionImplementor session = session();
		return (ApiKey) session.getPersistenceContextInternal()
			.getEntity(session.generateEntityKey(id, this.table.persister(ApiKey.class)));
	}

	private SessionImplementor session() {
		return this.entityManager.unwrap(SessionImplementor.class);
	}

	/**
	 * Reads a key as an entity, if that is possible.
	 */
	@Nullable ApiKey read(UUID id) {
		KeyRow row = findRow(id);
		return (row != null) ? read(row) : null;
	}

	@Nullable ApiKey read(KeyRow row) {
		List<ApiKey> keys = read(List.of(row));
		return keys.isEmpty() ? null : keys.get(0);
	}

	private @Nullable KeyRow findRow(UUID id) {
		List<Object[]> rows = query("select k.id, k.keyType from io.github.apikeys.core.ApiKey k where k.id in :ids",
				List.of(id));
		return rows.isEmpty() ? null : new KeyRow((UUID) rows.get(0)[0], (String) rows.get(0)[1]);
	}

	/**
	 * Reads keys, each as an entity, if that is possible.
	 * @param rows any number of them, as of a list without pages
	 * @return the keys in the order of their rows, without those that do not exist any
	 * more
	 */
	List<ApiKey> read(List<KeyRow> rows) {
		return Chunks.of(rows).stream().map(this::readAtOnce).flatMap(List::stream).toList();
	}

	private List<ApiKey> readAtOnce(List<KeyRow> rows) {
		Set<UUID> loadable = findLoadable(rows);
		Map<UUID, ApiKey> keys = new HashMap<>();
		if (!loadable.isEmpty()) {
			// what the caller has removed is read no more
			this.entityManager
				.createQuery("select k from io.github.apikeys.core.ApiKey k where k.id in :ids", ApiKey.class)
				.setParameter("ids", loadable)
				.getResultList()
				.forEach((key) -> keys.put(key.getId(), key));
		}
		List<UUID> ids = rows.stream().map(KeyRow::id).toList();
		keys.putAll(readColumns(ids.stream().filter((id) -> !loadable.contains(id)).toList()));
		return ids.stream().filter(keys::containsKey).map(keys::get).toList();
	}

	/**
	 * Whether the entity of a key can be loaded.
	 */
	boolean isLoadable(UUID id) {
		KeyRow row = findRow(id);
		return row != null && !findLoadable(List.of(row)).isEmpty();
	}

	private Set<UUID> findLoadable(List<KeyRow> rows) {
		Set<UUID> loadable = new HashSet<>();
		Map<Class<? extends ApiKey>, Set<UUID>> byType = new LinkedHashMap<>();
		for (KeyRow row : rows) {
			Class<? extends ApiKey> type = this.types.classOf(row.type());
			if (type == ApiKey.class || managed(row.id()) != null) {
				loadable.add(row.id());
			}
			else if (type != null) {
				byType.computeIfAbsent(type, (name) -> new LinkedHashSet<>()).add(row.id());
			}
		}
		byType.forEach((type, candidates) -> loadable.addAll(tryToLoad(type, candidates)));
		return loadable;
	}

	/**
	 * Loads on the caller's connection, but not in the caller's persistence context: a
	 * failure there would doom the caller's transaction. What the database refuses, such
	 * as an expression of a type, would doom it, too, without a savepoint.
	 */
	private Set<UUID> tryToLoad(Class<? extends ApiKey> type, Set<UUID> ids) {
		SessionImplementor session = session();
		return session.doReturningWork((connection) -> {
			SessionFactoryImplementor factory = session.getFactory();
			SessionBuilder builder = factory.withOptions().connection(connection).flushMode(FlushMode.MANUAL);
			if (factory.getSessionFactoryOptions().isMultiTenancyEnabled()) {
				builder.tenantIdentifier(session.getTenantIdentifierValue());
			}
			return tryToLoad(builder, connection, factory.getJpaMetamodel().entity(type).getName(), ids);
		});
	}

	private static Set<UUID> tryToLoad(SessionBuilder builder, Connection connection, String entityName,
			Set<UUID> ids) {
		Savepoint savepoint = setSavepoint(connection);
		try (Session session = builder.openSession()) {
			Set<UUID> loadable = session
				.createSelectionQuery("select k from " + entityName + " k where k.id in :ids", ApiKey.class)
				.setParameter("ids", ids)
				.getResultList()
				.stream()
				.map(ApiKey::getId)
				.collect(Collectors.toCollection(LinkedHashSet::new));
			end(connection, savepoint, false);
			return loadable;
		}
		catch (RuntimeException | LinkageError ex) {
			end(connection, savepoint, true);
			if (ids.size() == 1) {
				logger.warn(LogMessage.format("The entity of the API key with id %s cannot be loaded", ids), ex);
				return Set.of();
			}
		}
		return ids.stream()
			.flatMap((id) -> tryToLoad(builder, connection, entityName, Set.of(id)).stream())
			.collect(Collectors.toCollection(LinkedHashSet::new));
	}

	/**
	 * A connection of a global transaction may have none.
	 */
	private static @Nullable Savepoint setSavepoint(Connection connection) {
		try {
			return connection.getAutoCommit() ? null : connection.setSavepoint();
		}
		catch (SQLException ex) {
			logger.debug("There is no savepoint", ex);
			return null;
		}
	}

	private static void end(Connection connection, @Nullable Savepoint savepoint, boolean failed) {
		if (savepoint == null) {
			return;
		}
		try {
			if (failed) {
				connection.rollback(savepoint);
			}
			connection.releaseSavepoint(savepoint);
		}
		catch (SQLException ex) {
			logger.debug("The savepoint could not be used", ex);
		}
	}

	/**
	 * What must be known of a key to read it.
	 *
	 * @param id the id of its row
	 * @param type its type, known here or not
	 */
	record KeyRow(UUID id, String type) {

	}

}
