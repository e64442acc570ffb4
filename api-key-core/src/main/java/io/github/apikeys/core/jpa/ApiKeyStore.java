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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.ApiKeyValidity;
import io.github.apikeys.core.Ended;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.jpa.KeyReader.KeyRow;
import io.github.apikeys.core.verification.RecentChange;
import io.github.apikeys.core.verification.RecentChanges;
import io.github.apikeys.core.verification.StoredApiKey;
import io.github.apikeys.core.verification.StoredLimits;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.TypedQuery;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.CriteriaQuery;
import jakarta.persistence.criteria.Predicate;
import jakarta.persistence.criteria.Root;
import org.hibernate.Hibernate;
import org.hibernate.collection.spi.PersistentCollection;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.metamodel.mapping.EmbeddableMappingType;
import org.hibernate.metamodel.mapping.ManagedMappingType;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.query.NativeQuery;
import org.hibernate.query.SelectionQuery;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;
import org.springframework.data.jpa.domain.Specification;
import org.springframework.data.jpa.repository.query.QueryUtils;
import org.springframework.data.support.PageableExecutionUtils;
import org.springframework.orm.jpa.SharedEntityManagerCreator;

/**
 * The statements on the table of keys. Needs a transaction around it; starts none.
 */
final class ApiKeyStore {

	/**
	 * A time that is not set is read as another one, and marked: to read a time takes
	 * longer than to read none, and that would tell the state of the key.
	 */
	private static final String SELECT_FOR_VERIFICATION = """
			select k.id, k.keyId, k.name, k.owner, k.keyType, k.hash, k.allowedAddresses, k.version, k.rateLimits,
				k.quota, s,
				coalesce(k.notBefore, k.createdAt), case when k.notBefore is null then 0 else 1 end,
				coalesce(k.expiresAt, k.createdAt), case when k.expiresAt is null then 0 else 1 end,
				coalesce(k.disabledAt, k.createdAt), case when k.disabledAt is null then 0 else 1 end,
				coalesce(k.revokedAt, k.createdAt), case when k.revokedAt is null then 0 else 1 end,
				coalesce(k.lineId, k.id)
			from io.github.apikeys.core.ApiKey k left join k.scopes s
			where k.keyId = :keyId
			""";

	private static final String DELETED = """
			k.revokedAt < :time and exists (select 1 from io.github.apikeys.core.ApiKeyEvent e
				where e.apiKeyId = k.id and e.change = io.github.apikeys.core.ApiKeyChange.DELETED)""";

	/**
	 * The key that it replaced, and that names it as its successor, has not ended.
	 */
	private static final String NEEDED = """
			exists (select 1 from io.github.apikeys.core.ApiKey p where p.id = k.predecessorId
				and (p.revokedAt is null or p.revokedAt >= :time) and (p.expiresAt is null or p.expiresAt >= :time))""";

	/**
	 * How far the clocks of nodes may be apart that stamp changes with their own.
	 */
	static final Duration MAX_SKEW = Duration.ofMinutes(4);

	// in place of a version
	private static final long OF_OWNER = -1;

	private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

	/**
	 * It is asked again after a second; a question that waits for a lock gives its
	 * connection back.
	 */
	private static final int POLL_TIMEOUT_SECONDS = 1;

	// fewer than any database permits in one statement
	private static final int CHUNK = 500;

	private final EntityManager entityManager;

	private final Statements statements;

	private final ApiKeyTable table;

	private final ApiKeyTypes types;

	private final KeyReader reader;

	private final KeyRemoval removal;

	private final KeyHistory history;

	private final Snapshots snapshots;

	private final KeyLocks locks;

	private final KeyCollectionTable scopes;

	private final KeyCollectionTable metadata;

	private Set<String> principalMetadata = Set.of();

	ApiKeyStore(EntityManagerFactory entityManagerFactory) {
		this.entityManager = SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory);
		this.statements = new Statements(this.entityManager);
		this.table = ApiKeyTable.of(entityManagerFactory);
		this.types = ApiKeyTypes.of(entityManagerFactory);
		this.removal = new KeyRemoval(this.entityManager, entityManagerFactory, this.table);
		this.history = new KeyHistory(this.entityManager, this.table);
		this.snapshots = new Snapshots(entityManagerFactory);
		this.locks = new KeyLocks(this.entityManager, this.table, this.snapshots);
		this.scopes = new KeyCollectionTable(this.entityManager, this.table, "scopes");
		this.metadata = new KeyCollectionTable(this.entityManager, this.table, "metadata");
		this.reader = new KeyReader(this.entityManager, this.table, this.types);
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

	/**
	 * Sets which metadata is read with each key for its verification.
	 */
	void setPrincipalMetadata(Set<String> names) {
		this.principalMetadata = names;
	}

	/**
	 * Reads plain columns, the type among them: it neither joins the tables of subclasses
	 * nor fails on a type that this application does not know.
	 */
	@Nullable StoredApiKey findForVerification(String keyId) {
		List<Object[]> rows = this.statements.createQuery(SELECT_FOR_VERIFICATION, Object[].class)
			.unwrap(SelectionQuery.class)
			.setParameter("keyId", keyId, this.table.presentedKeyId())
			.getResultList();
		// equals, since a column's collation may treat as equal two ids that Java does
		// not
		if (rows.isEmpty() || !keyId.equals(rows.get(0)[1])) {
			return null;
		}
		Set<String> scopes = new HashSet<>();
		for (Object[] row : rows) {
			if (row[10] != null) {
				scopes.add((String) row[10]);
			}
		}
		Object[] key = rows.get(0);
		StoredLimits limits = StoredLimits.read(keyId, (String) key[8], (String) key[6]);
		String type = (String) key[4];
		ApiKeyPrincipal principal = new ApiKeyPrincipal((UUID) key[0], keyId, (String) key[2], (String) key[3], scopes,
				type, limits.rateLimits(), key[9] != null)
			.ofTypes(this.types.lineage(type))
			.ofLine((UUID) key[19]);
		if (!this.principalMetadata.isEmpty()) {
			principal = principal.withMetadata(findMetadata(principal.id()));
		}
		ApiKeyValidity validity = new ApiKeyValidity(time(key, 11), time(key, 13), time(key, 15), time(key, 17));
		return new StoredApiKey(principal, (Long) key[7], (TokenHash) key[5], validity, limits.allowedAddresses());
	}

	/**
	 * After the key, so that what is remembered of it is not older than its version.
	 */
	private Map<String, String> findMetadata(UUID id) {
		Map<String, String> metadata = new TreeMap<>();
		this.statements.createQuery("""
				select key(m), value(m) from io.github.apikeys.core.ApiKey k join k.metadata m
				where k.id = :id and key(m) in :names
				""", Object[].class)
			.setParameter("id", id)
			.setParameter("names", this.principalMetadata)
			.getResultList()
			.forEach((row) -> metadata.put((String) row[0], (String) row[1]));
		// the collation of the column may treat as equal two names that Java does not
		metadata.keySet().retainAll(this.principalMetadata);
		return metadata;
	}

	private static @Nullable Instant time(Object[] row, int column) {
		return row[column + 1].equals(1) ? (Instant) row[column] : null;
	}

	/**
	 * Takes one request from a quota, if there is one left. It is no change of the key,
	 * so its version stays.
	 * @return whether there was; a key without a quota has always one left
	 */
	boolean consumeQuota(UUID id) {
		String used = column("quotaUsed");
		return nativeUpdate("update " + this.table.name() + " set " + used + " = " + used + " + 1 where " + column("id")
				+ " = :id and " + isNull("successorId") + " and (" + column("quota") + " is null or " + used + " < "
				+ column("quota") + ")")
			.setParameter("id", id, this.table.<UUID>type("id"))
			.executeUpdate() == 1;
	}

	/**
	 * Gives a request back, if one was taken. A key that was replaced has handed its
	 * count over.
	 * @return whether it was given back
	 */
	boolean refundQuota(UUID id) {
		String used = column("quotaUsed");
		return nativeUpdate("update " + this.table.name() + " set " + used + " = " + used + " - 1 where " + column("id")
				+ " = :id and " + isNull("successorId") + " and " + used + " > 0")
			.setParameter("id", id, this.table.<UUID>type("id"))
			.executeUpdate() == 1;
	}

	/**
	 * Which key replaced another.
	 * @return the id of its row, or {@code null} if none did
	 */
	@Nullable UUID findSuccessor(UUID id) {
		List<UUID> successors = this.statements.createQuery("""
				select k.successorId from io.github.apikeys.core.ApiKey k
				where k.id = :id and k.successorId is not null
				""", UUID.class).setParameter("id", id).getResultList();
		return successors.isEmpty() ? null : successors.get(0);
	}

	/**
	 * What changed in a time before now, and before an earlier time, by the clock that
	 * stamps the changes.
	 */
	RecentChanges findChanged(Duration window, @Nullable Instant earliest) {
		return this.table.hasClock() ? findChangedByDatabaseClock(window, earliest)
				: findChangedByOwnClock(window, earliest);
	}

	private RecentChanges findChangedByDatabaseClock(Duration window, @Nullable Instant earliest) {
		List<Object[]> rows = changesSince("function('least', " + this.table.before(window) + ", :since)", """
				union all
				select '', -2L, %s
				""".formatted(ApiKeyTable.sqlTime(this.table.now())))
			.setParameter("since", (earliest != null) ? earliest.minus(window) : NEVER,
					this.table.<Instant>type("changedAt"))
			.setTimeout(POLL_TIMEOUT_SECONDS)
			.getResultList();
		Instant now = NEVER;
		List<RecentChange> changes = new ArrayList<>();
		for (Object[] row : rows) {
			if (row[0].equals("") && row[1].equals(-2L)) {
				now = (Instant) row[2];
			}
			else {
				changes.add(change(row));
			}
		}
		return new RecentChanges(now, changes);
	}

	/**
	 * The clocks of other nodes are not quite the same.
	 */
	private RecentChanges findChangedByOwnClock(Duration window, @Nullable Instant earliest) {
		Instant now = Instant.now();
		Instant start = (earliest != null && earliest.isBefore(now)) ? earliest : now;
		List<Object[]> rows = changesSince(":since", "").setParameter("since", start.minus(window).minus(MAX_SKEW))
			.getResultList();
		return new RecentChanges(now, rows.stream().map(ApiKeyStore::change).toList());
	}

	private SelectionQuery<Object[]> changesSince(String since, String more) {
		return this.statements.createQuery("""
				select k.keyId, k.version, k.changedAt from io.github.apikeys.core.ApiKey k
				where k.changedAt >= %1$s
				union all
				select o.owner, -1L, o.invalidatedAt from io.github.apikeys.core.jpa.KeyOwner o
				where o.invalidatedAt >= %1$s
				%2$s""".formatted(since, more), Object[].class).unwrap(SelectionQuery.class);
	}

	private static RecentChange change(Object[] row) {
		long version = (Long) row[1];
		return (version == OF_OWNER) ? RecentChange.ofOwner((String) row[0], (Instant) row[2])
				: RecentChange.ofKey((String) row[0], version, (Instant) row[2]);
	}

	/**
	 * Says again, and later, that keys changed.
	 */
	void stamp(EntityManager entityManager, Collection<UUID> ids) {
		Statements statements = new Statements(entityManager);
		inChunks(ids, (chunk) -> {
			NativeQuery<?> query = nativeUpdate(statements, "update " + this.table.name() + " set "
					+ column("changedAt") + " = " + this.table.now() + " where " + column("id") + " in (:ids)");
			bindNow(query);
			query.setParameterList("ids", chunk, this.table.<UUID>type("id")).executeUpdate();
		});
	}

	/**
	 * Says that keys changed, though no column of theirs did.
	 */
	void touch(Collection<UUID> ids) {
		inChunks(ids, (chunk) -> {
			NativeQuery<?> query = nativeUpdate("update " + this.table.name() + " set " + nextVersion() + ", "
					+ column("changedAt") + " = " + this.table.now() + " where " + column("id") + " in (:ids)");
			bindNow(query);
			query.setParameterList("ids", chunk, this.table.<UUID>type("id")).executeUpdate();
		});
	}

	private static void inChunks(Collection<UUID> ids, Consumer<List<UUID>> action) {
		List<UUID> all = List.copyOf(ids);
		for (int start = 0; start < all.size(); start += CHUNK) {
			action.accept(all.subList(start, Math.min(all.size(), start + CHUNK)));
		}
	}

	/**
	 * Another one, even if somebody wrote the greatest there is.
	 */
	private String nextVersion() {
		return column("version") + " = case when " + column("version") + " < " + Long.MAX_VALUE + " then "
				+ column("version") + " + 1 else 0 end";
	}

	private void bindNow(NativeQuery<?> query) {
		if (this.table.now().equals(ApiKeyTable.NOW_PARAMETER)) {
			query.setParameter("now", Instant.now(), this.table.<Instant>type("changedAt"));
		}
	}

	<T extends ApiKey> @Nullable T find(Class<T> type, UUID id) {
		return this.entityManager.find(type, id);
	}

	/**
	 * Finds a key with what its type adds as it is stored now: the persistence context
	 * may have loaded it long ago.
	 */
	@Nullable ApiKey findAnew(UUID id) {
		ApiKey apiKey = find(ApiKey.class, id);
		if (apiKey != null) {
			this.entityManager.flush();
			this.entityManager.refresh(apiKey);
		}
		return apiKey;
	}

	@Nullable KeyRow findRow(String keyId) {
		List<Object[]> rows = this.statements
			.createQuery("select k.id, k.keyType, k.keyId from io.github.apikeys.core.ApiKey k where k.keyId = :keyId",
					Object[].class)
			.unwrap(SelectionQuery.class)
			.setParameter("keyId", keyId, this.table.presentedKeyId())
			.getResultList();
		return (rows.isEmpty() || !keyId.equals(rows.get(0)[2])) ? null : row(rows.get(0));
	}

	private static KeyRow row(Object[] columns) {
		return new KeyRow((UUID) columns[0], (String) columns[1]);
	}

	/**
	 * Finds a page of keys.
	 */
	Page<KeyRow> findRows(Class<? extends ApiKey> type, ApiKeyQuery query, Instant now, Pageable pageable) {
		Specification<ApiKey> specification = new QuerySpecifications(query, now, this.table).forAllPlaces()
			.and(isOf(type));
		CriteriaBuilder builder = this.entityManager.getCriteriaBuilder();
		CriteriaQuery<Object[]> select = builder.createQuery(Object[].class);
		Root<ApiKey> key = select.from(ApiKey.class);
		select.multiselect(key.get("id"), key.get("keyType"))
			.orderBy(QueryUtils.toOrders(pageable.getSort(), key, builder));
		where(select, specification.toPredicate(key, select, builder));
		TypedQuery<Object[]> rows = this.entityManager.createQuery(select);
		if (pageable.isPaged()) {
			// a page behind all keys is empty, however far behind
			rows.setFirstResult((int) Math.min(pageable.getOffset(), Integer.MAX_VALUE))
				.setMaxResults(pageable.getPageSize());
		}
		return PageableExecutionUtils.getPage(rows.getResultList().stream().map(ApiKeyStore::row).toList(), pageable,
				() -> count(specification));
	}

	/**
	 * Every key is an {@link ApiKey}, also one of a type that is not known here.
	 */
	private Specification<ApiKey> isOf(Class<? extends ApiKey> type) {
		if (type == ApiKey.class) {
			return Specification.unrestricted();
		}
		Set<String> names = this.types.namesOf(type);
		return (root, query,
				builder) -> builder.or(names.stream()
					.map((name) -> this.table.isExactly(root.get("keyType"), name, builder))
					.toArray(Predicate[]::new));
	}

	private long count(Specification<ApiKey> specification) {
		CriteriaBuilder builder = this.entityManager.getCriteriaBuilder();
		CriteriaQuery<Long> select = builder.createQuery(Long.class);
		Root<ApiKey> key = select.from(ApiKey.class);
		select.select(builder.count(key));
		where(select, specification.toPredicate(key, select, builder));
		return this.entityManager.createQuery(select).getSingleResult();
	}

	private static void where(CriteriaQuery<?> query, @Nullable Predicate condition) {
		if (condition != null) {
			query.where(condition);
		}
	}

	/**
	 * Finds out whom a key belongs to. That never changes, so any snapshot tells it.
	 */
	@Nullable String findOwner(UUID id) {
		List<String> owners = this.statements
			.createQuery("select k.owner from io.github.apikeys.core.ApiKey k where k.id = :id", String.class)
			.setParameter("id", id)
			.getResultList();
		return owners.isEmpty() ? null : owners.get(0);
	}

	/**
	 * Finds the keys that may be changed along with a key. One that ended never comes
	 * back once it was replaced, so any snapshot tells of all that have not.
	 */
	List<UUID> findLine(UUID id, Instant now) {
		List<UUID> line = new ArrayList<>(List.of(id));
		Link key = findLink(id, now);
		if (key.successorId() != null) {
			line.add(key.successorId());
		}
		UUID predecessor = key.predecessorId();
		if (predecessor != null) {
			line.add(predecessor);
			Link link = findLink(predecessor, now);
			predecessor = link.ended() ? null : link.predecessorId();
		}
		while (predecessor != null) {
			Link link = findLink(predecessor, now);
			if (!link.ended()) {
				line.add(predecessor);
			}
			predecessor = link.ended() ? null : link.predecessorId();
		}
		return line;
	}

	private Link findLink(UUID id, Instant now) {
		List<Object[]> rows = this.statements.createQuery("""
				select k.predecessorId, k.successorId,
					case when k.revokedAt is not null or k.expiresAt <= :now then 1 else 0 end
				from io.github.apikeys.core.ApiKey k where k.id = :id
				""", Object[].class).setParameter("id", id).setParameter("now", now).getResultList();
		return rows.isEmpty() ? Link.NONE
				: new Link((UUID) rows.get(0)[0], (UUID) rows.get(0)[1], rows.get(0)[2].equals(1));
	}

	boolean existsKeyId(String keyId) {
		return !this.statements
			.createQuery("select 1 from io.github.apikeys.core.ApiKey k where k.keyId = :keyId", Integer.class)
			.setParameter("keyId", keyId)
			.getResultList()
			.isEmpty();
	}

	/**
	 * A new key of the same class, with the attributes that the class itself adds.
	 */
	ApiKey copy(ApiKey apiKey) {
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

	/**
	 * The session of the transaction, and not what stands before it.
	 */
	SessionImplementor session() {
		return this.entityManager.unwrap(SessionImplementor.class);
	}

	void insert(ApiKey apiKey) {
		this.types.checkStorable(apiKey);
		replaceCollections(this.table.persister(apiKey.getClass()), apiKey);
		this.entityManager.persist(apiKey);
		this.entityManager.flush();
	}

	/**
	 * Those of an attempt that was rolled back look as if their rows were stored.
	 */
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

	void replaceScopes(UUID id, Set<String> scopes) {
		this.scopes.delete(List.of(id));
		scopes.forEach((scope) -> this.scopes.insert(id, null, scope));
	}

	void replaceMetadata(UUID id, Map<String, String> metadata) {
		this.metadata.delete(List.of(id));
		metadata.forEach((name, value) -> this.metadata.insert(id, name, value));
	}

	/**
	 * Changes attributes of a key that is not revoked, and does not let a key that was
	 * replaced end later.
	 * @return whether there was such a key
	 */
	boolean update(UUID id, Map<String, @Nullable Object> attributes) {
		Map<String, @Nullable Object> values = new LinkedHashMap<>(attributes);
		if (attributes.get("name") instanceof String name) {
			values.put("searchName", ApiKeyQuery.searchable(name));
		}
		StringBuilder condition = new StringBuilder();
		Map<String, Instant> parameters = new LinkedHashMap<>();
		if (values.containsKey("expiresAt")) {
			condition.append(" and (" + column("successorId") + " is null");
			if (values.get("expiresAt") instanceof Instant end) {
				condition.append(" or " + column("expiresAt") + " > :end");
				parameters.put("end", end);
			}
			condition.append(")");
		}
		return change(id, values, condition.toString(), parameters);
	}

	/**
	 * Lets a key end that is neither revoked nor expired.
	 * @return whether there was such a key
	 */
	boolean end(UUID id, Instant now) {
		return change(id, Map.of("expiresAt", now),
				" and (" + column("expiresAt") + " is null or " + column("expiresAt") + " > :expiresAfter)",
				Map.of("expiresAfter", now));
	}

	/**
	 * Revokes a key that is not revoked.
	 * @return whether there was such a key
	 */
	boolean revoke(UUID id, Instant now) {
		return change(id, Map.of("revokedAt", now), "", Map.of());
	}

	/**
	 * Disables a key that is neither disabled nor revoked.
	 * @return whether there was such a key
	 */
	boolean disable(UUID id, Instant now) {
		return change(id, Map.of("disabledAt", now), " and " + isNull("disabledAt"), Map.of());
	}

	/**
	 * Enables a key that is disabled and not revoked.
	 * @return whether there was such a key
	 */
	boolean enable(UUID id) {
		return change(id, Collections.singletonMap("disabledAt", null), " and not (" + isNull("disabledAt") + ")",
				Map.of());
	}

	/**
	 * Revokes keys that are locked and not revoked. They get no new time: whoever does
	 * this tells all nodes of their owner, which is one row to be asked for instead of
	 * many.
	 */
	void revokeAll(Collection<UUID> ids, Instant now) {
		inChunks(ids,
				(chunk) -> nativeUpdate("update " + this.table.name() + " set " + column("revokedAt") + " = :now, "
						+ nextVersion() + " where " + column("id") + " in (:ids) and " + isNull("revokedAt"))
					.setParameter("now", now, this.table.<Instant>type("revokedAt"))
					.setParameterList("ids", chunk, this.table.<UUID>type("id"))
					.executeUpdate());
	}

	/**
	 * Finds some keys that ended, and that no other one needs. A key that was replaced
	 * never comes back, so it is not looked for again.
	 * @param after the last one that was found before, or {@code null}
	 */
	List<UUID> findEnded(Ended ended, @Nullable UUID after, int max) {
		if (after == null && !ended.deleted()) {
			// once for each purge: a row that is deleted first cannot take what the
			// caller has changed in it
			this.entityManager.flush();
		}
		TypedQuery<UUID> query = this.statements
			.createQuery("""
					select k.id from io.github.apikeys.core.ApiKey k
					where %s and not %s%s%s
					order by k.id
					""".formatted(ended.deleted() ? DELETED : "(k.revokedAt < :time or k.expiresAt < :time)", NEEDED,
					(ended.owner() != null) ? " and k.owner = :owner" : "",
					(after != null) ? " and k.id > :after" : ""), UUID.class)
			.setParameter("time", ended.time())
			.setMaxResults(max);
		if (ended.owner() != null) {
			query.setParameter("owner", ended.owner());
		}
		if (after != null) {
			query.setParameter("after", after);
		}
		return query.getResultList();
	}

	private String column(String attribute) {
		return this.table.column(attribute);
	}

	private String isNull(String attribute) {
		return this.table.isNull(attribute);
	}

	/**
	 * Deletes keys with all that belongs to them but their history.
	 */
	void delete(List<UUID> ids) {
		this.removal.delete(ids);
	}

	/**
	 * Links a key to its successor, and lets it end, if it can be rotated.
	 * @return whether there was such a key
	 */
	boolean rotate(UUID id, UUID successorId, Instant now, Instant end) {
		String expiresAt = this.table.column("expiresAt");
		Map<String, @Nullable Object> columns = new LinkedHashMap<>();
		columns.put("successorId", successorId);
		columns.put("expiresAt", end);
		return change(id, columns, " and " + isNull("successorId") + " and " + isNull("disabledAt") + " and ("
				+ expiresAt + " is null or " + expiresAt + " > :expiresAfter)", Map.of("expiresAfter", now));
	}

	/**
	 * Replaces the hash of a key, if it still is the one that was verified. It is no
	 * change of the key, so its version stays.
	 */
	void updateHash(UUID id, TokenHash oldHash, TokenHash newHash) {
		String hash = this.table.column("hash");
		nativeUpdate("update " + this.table.name() + " set " + hash + " = :newHash where " + this.table.column("id")
				+ " = :id and " + hash + " = :oldHash and " + isNull("revokedAt"))
			.setParameter("id", id, this.table.<UUID>type("id"))
			.setParameter("oldHash", oldHash, this.table.<TokenHash>type("hash"))
			.setParameter("newHash", newHash, this.table.<TokenHash>type("hash"))
			.executeUpdate();
	}

	/**
	 * One native statement whose row count decides: JPQL would collect the ids of a
	 * hierarchy first and count those. The column of the revocation guards every change,
	 * so that a revoked key stays as it is.
	 */
	private boolean change(UUID id, Map<String, @Nullable Object> values, String condition,
			Map<String, Instant> parameters) {
		StringBuilder assignments = new StringBuilder();
		values.keySet()
			.forEach((attribute) -> assignments.append(this.table.column(attribute) + " = :" + attribute + ", "));
		String sql = "update " + this.table.name() + " set " + assignments + nextVersion() + ", "
				+ this.table.column("changedAt") + " = " + this.table.now() + " where " + this.table.column("id")
				+ " = :id and " + isNull("revokedAt") + condition;
		NativeQuery<?> query = nativeUpdate(sql).setParameter("id", id, this.table.<UUID>type("id"));
		values.forEach((attribute, value) -> query.setParameter(attribute, value, this.table.<Object>type(attribute)));
		parameters.forEach((name, value) -> query.setParameter(name, value, this.table.<Object>type("changedAt")));
		bindNow(query);
		return query.executeUpdate() == 1;
	}

	private NativeQuery<?> nativeUpdate(String sql) {
		return nativeUpdate(this.statements, sql);
	}

	private static NativeQuery<?> nativeUpdate(Statements statements, String sql) {
		NativeQuery<?> query = statements.createNativeQuery(sql).unwrap(NativeQuery.class);
		// what is to be evicted from a second level cache after
		return query.addSynchronizedEntityClass(ApiKey.class);
	}

	/**
	 * Between which others a key stands in its line, and whether it can be used no more.
	 */
	private record Link(@Nullable UUID predecessorId, @Nullable UUID successorId, boolean ended) {

		static final Link NONE = new Link(null, null, true);

	}

}
