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

package io.github.apikeys.autoconfigure;

import java.sql.SQLException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;

import io.github.apikeys.autoconfigure.ApiKeyTablesException.Problem;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.boot.Metadata;
import org.hibernate.boot.registry.selector.spi.StrategySelector;
import org.hibernate.boot.spi.BootstrapContext;
import org.hibernate.cfg.SchemaToolingSettings;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.integrator.spi.Integrator;
import org.hibernate.mapping.Table;
import org.hibernate.service.spi.SessionFactoryServiceRegistry;
import org.hibernate.tool.schema.Action;
import org.hibernate.tool.schema.internal.DefaultSchemaFilterProvider;
import org.hibernate.tool.schema.spi.SchemaFilterProvider;
import org.hibernate.tool.schema.spi.SchemaManagementToolCoordinator.ActionGrouping;

/**
 * Stands between the tables of API keys and Hibernate's schema tool, before that does
 * anything. Hibernate finds it by {@code META-INF/services}, whoever builds the
 * persistence unit.
 *
 * @since 0.1.0
 */
public final class ApiKeyTableIntegrator implements Integrator {

	private static final Set<Action> HARMLESS = EnumSet.of(Action.NONE, Action.VALIDATE);

	/** The tables that were not looked at yet. */
	private static final Map<SessionFactoryImplementor, List<MappedTable>> unchecked = Collections
		.synchronizedMap(new WeakHashMap<>());

	/**
	 * Creates an integrator for one persistence unit.
	 */
	public ApiKeyTableIntegrator() {
	}

	@Override
	public void integrate(Metadata metadata, BootstrapContext bootstrapContext,
			SessionFactoryImplementor sessionFactory) {
		MappedTables tables = new MappedTables(metadata, sessionFactory);
		if (tables.isEmpty()) {
			return;
		}
		SchemaFilterProvider filter = filter(sessionFactory, tables);
		Set<Action> actions = EnumSet.noneOf(Action.class);
		ActionGrouping.interpret(metadata, sessionFactory.getProperties())
			.forEach((grouping) -> actions.add(grouping.databaseAction()));
		if (HARMLESS.containsAll(actions) && actions.contains(Action.VALIDATE)) {
			TableCheck.check(sessionFactory, tables.named());
			return;
		}
		unchecked.put(sessionFactory, tables.named());
		if (!HARMLESS.containsAll(actions)) {
			TableCheck.inspect(sessionFactory, tables.named(), (check) -> guard(check, tables, filter));
		}
	}

	/**
	 * The filter of the application, or else ours, which holds for what the application
	 * asks of the schema tool later, too.
	 */
	private static SchemaFilterProvider filter(SessionFactoryImplementor sessionFactory, MappedTables tables) {
		sessionFactory.getProperties()
			.putIfAbsent(SchemaToolingSettings.HBM2DDL_FILTER_PROVIDER, new KeptTables(tables::contains));
		return sessionFactory.getServiceRegistry()
			.requireService(StrategySelector.class)
			.resolveDefaultableStrategy(SchemaFilterProvider.class,
					sessionFactory.getProperties().get(SchemaToolingSettings.HBM2DDL_FILTER_PROVIDER),
					DefaultSchemaFilterProvider.INSTANCE);
	}

	private static void guard(TableCheck check, MappedTables tables, SchemaFilterProvider filter) throws SQLException {
		if (!tables.shared().isEmpty()) {
			throw check.failure(Problem.SHARED, tables.shared());
		}
		if (check.isMadeForTheRun()) {
			if (check.areMissing() && filter instanceof KeptTables kept) {
				kept.release();
			}
		}
		else if (tables.tables().stream().anyMatch((table) -> isChanged(table, filter))) {
			throw check.failure(Problem.CHANGED_BY_HIBERNATE, tables.named().stream().map(MappedTable::name).toList());
		}
	}

	private static boolean isChanged(Table table, SchemaFilterProvider filter) {
		return filter.getCreateFilter().includeTable(table) || filter.getMigrateFilter().includeTable(table)
				|| filter.getDropFilter().includeTable(table) || filter.getTruncatorFilter().includeTable(table);
	}

	@Override
	public void disintegrate(SessionFactoryImplementor sessionFactory, SessionFactoryServiceRegistry serviceRegistry) {
		unchecked.remove(sessionFactory);
	}

	/**
	 * Looks whether the tables can be used, unless that was done before Hibernate
	 * validated them.
	 * @throws ApiKeyTablesException if they cannot
	 */
	static void check(EntityManagerFactory entityManagerFactory) {
		SessionFactoryImplementor sessionFactory = entityManagerFactory.unwrap(SessionFactoryImplementor.class);
		List<MappedTable> tables = unchecked.remove(sessionFactory);
		if (tables != null) {
			TableCheck.check(sessionFactory, tables);
		}
	}

}
