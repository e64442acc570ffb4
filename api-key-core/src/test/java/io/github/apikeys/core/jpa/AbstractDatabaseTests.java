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

import java.io.IOException;
import java.time.Duration;
import java.util.Map;

import javax.sql.DataSource;

import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Starts a database. The tables come from the shipped migrations, and Hibernate validates
 * them against the mapping.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class AbstractDatabaseTests {

	/**
	 * How far a node looks back when it asks what changed.
	 */
	static final Duration LOOK_BACK = Duration.ofMinutes(1);

	private TestDatabase database;

	private PersistenceUnit unit;

	private TransactionTemplate transaction;

	abstract TestDatabase database();

	final PersistenceUnit unit() {
		return this.unit;
	}

	final TransactionTemplate transaction() {
		return this.transaction;
	}

	@BeforeAll
	final void startDatabase() throws Exception {
		this.database = database();
		DataSource dataSource = this.database.start();
		createTables(dataSource, this.database);
		this.unit = new PersistenceUnit(dataSource, Map.of("hibernate.hbm2ddl.auto", "validate"),
				"io.github.apikeys.core");
		this.transaction = new TransactionTemplate(this.unit.transactionManager());
	}

	void createTables(DataSource dataSource, TestDatabase database) throws IOException {
		flyway(dataSource, shipped(database)).migrate();
		createTypeTables(dataSource, database);
	}

	/**
	 * Configured as by the starter.
	 */
	static Flyway flyway(DataSource dataSource, String... locations) {
		return Flyway.configure()
			.dataSource(dataSource)
			.locations(locations)
			.failOnMissingLocations(true)
			.table("api_key_schema_history")
			.baselineOnMigrate(true)
			.baselineVersion("0")
			.load();
	}

	static String shipped(TestDatabase database) {
		return "classpath:io/github/apikeys/core/migration/" + database.platform();
	}

	/**
	 * What applications with types of their own would create.
	 */
	static void createTypeTables(DataSource dataSource, TestDatabase database) {
		JdbcTemplate jdbc = new JdbcTemplate(dataSource);
		jdbc.execute("create table tenant_api_key (id " + database.uuidType()
				+ " not null primary key references api_key (id), tenant varchar(100))");
		jdbc.execute("create table application_api_key (id bigint not null primary key)");
	}

	@AfterAll
	final void stopDatabase() throws Exception {
		try {
			if (this.unit != null) {
				this.unit.close();
			}
		}
		finally {
			this.database.close();
		}
	}

}
