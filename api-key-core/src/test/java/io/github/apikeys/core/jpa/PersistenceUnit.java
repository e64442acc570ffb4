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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.resource.jdbc.spi.StatementInspector;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * A persistence unit as an application would have one, which notes every statement.
 */
final class PersistenceUnit implements AutoCloseable, StatementInspector {

	/**
	 * The property with a resource as {@code META-INF/orm.xml}.
	 */
	static final String MAPPING = "test.mapping";

	/**
	 * The property that says whether transactions may set up their connections.
	 */
	static final String PREPARE_CONNECTION = "test.prepare-connection";

	private final List<String> statements = new CopyOnWriteArrayList<>();

	private final List<JpaApiKeyService> services = new CopyOnWriteArrayList<>();

	private volatile String failing;

	private final DataSource dataSource;

	private final LocalContainerEntityManagerFactoryBean factoryBean = new LocalContainerEntityManagerFactoryBean();

	private final JpaTransactionManager transactionManager;

	PersistenceUnit(DataSource dataSource, Map<String, Object> properties, String... packages) {
		this.dataSource = dataSource;
		this.factoryBean.setDataSource(dataSource);
		this.factoryBean.setPackagesToScan(packages);
		HibernateJpaVendorAdapter vendorAdapter = new HibernateJpaVendorAdapter();
		vendorAdapter.setPrepareConnection(!Boolean.FALSE.equals(properties.get(PREPARE_CONNECTION)));
		this.factoryBean.setJpaVendorAdapter(vendorAdapter);
		this.factoryBean.getJpaPropertyMap().put("hibernate.session_factory.statement_inspector", this);
		this.factoryBean.getJpaPropertyMap().putAll(properties);
		if (properties.get(MAPPING) instanceof String mapping) {
			this.factoryBean.setMappingResources(mapping);
		}
		this.factoryBean.getJpaPropertyMap().values().removeIf(Objects::isNull);
		this.factoryBean.afterPropertiesSet();
		this.transactionManager = new JpaTransactionManager(entityManagerFactory());
	}

	EntityManagerFactory entityManagerFactory() {
		return this.factoryBean.getObject();
	}

	JpaTransactionManager transactionManager() {
		return this.transactionManager;
	}

	DataSource dataSource() {
		return this.dataSource;
	}

	JdbcTemplate jdbc() {
		return new JdbcTemplate(this.dataSource);
	}

	/**
	 * Creates a service, which ends with this persistence unit at the latest: its threads
	 * must not go on while other tests run.
	 */
	JpaApiKeyService service(PlatformTransactionManager transactionManager, ApiKeyTokenFormats tokenFormats,
			ApiKeyHashers hashers) {
		JpaApiKeyService service = new JpaApiKeyService(entityManagerFactory(), transactionManager, tokenFormats,
				hashers);
		this.services.add(service);
		return service;
	}

	JpaApiKeyService service(ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers) {
		return service(this.transactionManager, tokenFormats, hashers);
	}

	/**
	 * Returns what is sent to the database while an action runs.
	 */
	List<String> statementsOf(Runnable action) {
		this.statements.clear();
		action.run();
		return new ArrayList<>(this.statements);
	}

	void clearStatements() {
		this.statements.clear();
	}

	/**
	 * Lets statements fail that begin like that, or none.
	 */
	void failStatements(String begin) {
		this.failing = begin;
	}

	@Override
	public String inspect(String sql) {
		this.statements.add(sql);
		if (this.failing != null && sql.startsWith(this.failing)) {
			throw new IllegalStateException("as the test wants it");
		}
		return sql;
	}

	@Override
	public void close() {
		this.services.forEach(JpaApiKeyService::close);
		this.factoryBean.destroy();
	}

}
