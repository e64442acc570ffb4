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
import java.util.HashMap;
import java.util.Map;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyRepository;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Timeout;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.Expression;
import jakarta.persistence.criteria.Predicate;
import org.hibernate.dialect.Dialect;
import org.hibernate.dialect.MariaDBDialect;
import org.hibernate.dialect.H2Dialect;
import org.hibernate.dialect.MySQLDialect;
import org.hibernate.dialect.PostgreSQLDialect;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.metamodel.mapping.SelectableMapping;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.query.criteria.HibernateCriteriaBuilder;
import org.hibernate.type.BasicType;
import org.jspecify.annotations.Nullable;

/**
 * Where {@link ApiKey} lies in this application's database: its schema and its naming
 * strategy may have changed every name.
 */
final class ApiKeyTable {

	static final String NOW_PARAMETER = ":now";

	private static final Timeout SECOND = Timeout.seconds(1);

	private final String name;

	private final Map<String, SelectableMapping> columns;

	private final String now;

	private final SessionFactoryImplementor sessionFactory;

	private final BasicType<String> presentedKeyId;

	private ApiKeyTable(SessionFactoryImplementor sessionFactory, String name, Map<String, SelectableMapping> columns,
			String now) {
		this.sessionFactory = sessionFactory;
		this.name = name;
		this.columns = columns;
		this.now = now;
		this.presentedKeyId = sessionFactory.getTypeConfiguration()
			.getBasicTypeRegistry()
			.resolve(new UnprintedText(), type("keyId").getJdbcType());
	}

	static ApiKeyTable of(EntityManagerFactory entityManagerFactory) {
		SessionFactoryImplementor sessionFactory = entityManagerFactory.unwrap(SessionFactoryImplementor.class);
		EntityPersister persister = findPersister(sessionFactory);
		if (persister == null) {
			throw new ApiKeyEntityNotManagedException();
		}
		Map<String, SelectableMapping> columns = new HashMap<>();
		SelectableMapping id = persister.getIdentifierMapping().getSelectable(0);
		columns.put("id", id);
		for (String attribute : new String[] { "keyId", "hash", "name", "searchName", "description", "owner",
				"allowedAddresses", "rateLimits", "quota", "quotaUsed", "expiresAt", "disabledAt", "revokedAt",
				"successorId", "lastUsedAt", "lastUsedFrom", "changedAt", "version" }) {
			columns.put(attribute, persister.findAttributeMapping(attribute).getSelectable(0));
		}
		return new ApiKeyTable(sessionFactory, id.getContainingTableExpression(), columns,
				now(sessionFactory.getJdbcServices().getDialect()));
	}

	private static @Nullable EntityPersister findPersister(SessionFactoryImplementor sessionFactory) {
		return sessionFactory.getMappingMetamodel().findEntityDescriptor(ApiKey.class);
	}

	/**
	 * The end of a query that locks rows. On PostgreSQL, rows of the application that
	 * refer to a key may be written meanwhile: none of our changes is one of the id.
	 */
	String lockClause() {
		return isOnPostgresql() ? " for no key update" : " for update";
	}

	/**
	 * The end of a query that locks rows, but does not wait for those that are locked, if
	 * the database can do that.
	 */
	String lockFreeClause() {
		return lockClause() + (dialect().supportsSkipLocked() ? " skip locked" : "");
	}

	/**
	 * The end of a query that locks rows to delete them, but does not wait for those that
	 * are locked, also by rows of the application that refer to them, if the database can
	 * do that. MariaDB now and then skips a row that was changed a moment ago and is not
	 * locked any more, so it waits for a second.
	 */
	String lockToDeleteClause() {
		if (dialect() instanceof MariaDBDialect) {
			return lockClause(SECOND);
		}
		return " for update" + (dialect().supportsSkipLocked() ? " skip locked" : "");
	}

	/**
	 * The end of a query that locks rows, and waits for them no longer than a time, if
	 * the database can be told so in the query.
	 */
	String lockClause(Timeout max) {
		String clause = dialect().getWriteLockString(max);
		return clause.startsWith(lockClause()) ? clause : lockClause();
	}

	/**
	 * The database's own clock at the statement, not at the start of the transaction.
	 */
	private static String now(Dialect dialect) {
		if (dialect instanceof PostgreSQLDialect) {
			return "clock_timestamp()";
		}
		return (dialect instanceof MySQLDialect) ? "utc_timestamp(6)" : NOW_PARAMETER;
	}

	/**
	 * Whether the database has a clock that goes on during a transaction.
	 */
	boolean hasClock() {
		return !this.now.equals(NOW_PARAMETER);
	}

	/**
	 * The time before now by the database's clock, as JPQL.
	 */
	String before(Duration duration) {
		return sqlTime(sqlBefore(duration).replace("'", "''"));
	}

	private String sqlBefore(Duration duration) {
		// PostgreSQL asks a clock that moves for each row, and uses no index, unless it
		// is in a query of its own
		return isOnPostgresql() ? "(select " + this.now + " - interval '" + duration.toSeconds() + " seconds')"
				: this.now + " - interval " + duration.toSeconds() + " second";
	}

	/**
	 * The condition, as SQL, that no node needs to be told any more of the last change of
	 * a key, by the clock that gives changes their time.
	 */
	String isToldToAll() {
		return column("changedAt") + " < " + (hasClock() ? sqlBefore(ApiKeyRepository.MAX_MEMORY) : ":told");
	}

	/**
	 * The parameters of {@link #isToldToAll}, as of now.
	 */
	Map<String, Instant> toldToAll() {
		return hasClock() ? Map.of()
				: Map.of("told", Instant.now().minus(ApiKeyRepository.MAX_MEMORY).minus(ChangeQuery.MAX_SKEW));
	}

	/**
	 * A time that only SQL can say, as JPQL: standard enough for applications that demand
	 * it, and not cast to whatever the application stores times as.
	 */
	static String sqlTime(String sql) {
		return "function('sql' as Instant, '" + sql + "')";
	}

	/**
	 * Whether the database plans a statement for some parameters, and may then use that
	 * plan for all others.
	 */
	boolean isOnPostgresql() {
		return dialect() instanceof PostgreSQLDialect;
	}

	private Dialect dialect() {
		return this.sessionFactory.getJdbcServices().getDialect();
	}

	/**
	 * Compares as Java does: the collation of a column may disregard case, accents, or
	 * blanks at the end. It comes beside an ordinary comparison, which an index can
	 * serve.
	 */
	Predicate isExactly(Expression<String> column, String value, CriteriaBuilder builder) {
		Predicate equal = builder.equal(column, value);
		String bytes = bytes();
		if (bytes == null) {
			return equal;
		}
		HibernateCriteriaBuilder hibernate = (HibernateCriteriaBuilder) builder;
		return builder.and(equal, builder.equal(hibernate.sql(bytes, byte[].class, column),
				hibernate.sql(bytes, byte[].class, hibernate.value(value))));
	}

	/**
	 * The bytes of a text.
	 * @return a pattern, or {@code null} on a database that is not known
	 */
	private @Nullable String bytes() {
		Dialect dialect = dialect();
		if (dialect instanceof MySQLDialect) {
			return "cast(convert(? using utf8mb4) as binary)";
		}
		if (dialect instanceof H2Dialect) {
			return "cast(? as varbinary)";
		}
		return (dialect instanceof PostgreSQLDialect) ? "convert_to(cast(? as text), 'UTF8')" : null;
	}

	/**
	 * How Hibernate persists a class of keys, or another of our entities.
	 */
	EntityPersister persister(Class<?> type) {
		return this.sessionFactory.getMappingMetamodel().getEntityDescriptor(type);
	}

	String name() {
		return this.name;
	}

	/**
	 * A condition for which no index serves. Found by an index of such a column, as
	 * MariaDB may do, a row is locked with the gap beside it, where others insert.
	 */
	String isNull(String attribute) {
		return "case when " + column(attribute) + " is null then 1 else 0 end = 1";
	}

	String column(String attribute) {
		return mapping(attribute).getSelectionExpression();
	}

	@SuppressWarnings("unchecked")
	<T> BasicType<T> type(String attribute) {
		return (BasicType<T>) mapping(attribute).getJdbcMapping();
	}

	/**
	 * The type of a key id that a client presented, whose value no log shows.
	 */
	BasicType<String> presentedKeyId() {
		return this.presentedKeyId;
	}

	String now() {
		return this.now;
	}

	private SelectableMapping mapping(String attribute) {
		SelectableMapping mapping = this.columns.get(attribute);
		if (mapping == null) {
			throw new IllegalArgumentException("No such attribute: " + attribute);
		}
		return mapping;
	}

}
