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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.github.apikeys.autoconfigure.ApiKeyProperties.Database.SchemaInitialization;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A node may start while another one is making the tables, on a database that shows what
 * is made before all of it is.
 */
class TwoNodesAtStartTests {

	private static final String LOOK = "getTables %";

	private static final String LAST_TABLE = "api_key_usage_total";

	private final DataSource dataSource = new DriverManagerDataSource(HostRunner.database());

	private final JdbcTemplate jdbc = new JdbcTemplate(this.dataSource);

	@Test
	void migrateWhenAnotherNodeIsMigratingThenItIsWaitedFor() {
		this.jdbc.execute("create table customer (id bigint)");
		DataSource second = new Overtaken(this.dataSource, LOOK, true, () -> {
			migrate(this.dataSource);
			this.jdbc.execute("drop table " + LAST_TABLE);
		});
		migrate(second);
		assertThat(versions()).containsExactly("0", "1", "2");
	}

	@Test
	void migrateWhenAnotherNodeTakesTablesOfScriptsOverThenBothDo() {
		script("V1__create_api_key_tables.sql");
		DataSource second = new Overtaken(this.dataSource, LOOK, true, () -> migrate(this.dataSource));
		migrate(second);
		assertThat(versions()).containsExactly("1", "2");
	}

	@Test
	void scriptsWhenAnotherNodeIsRunningThemThenTheyAreWaitedFor() {
		DataSource second = new Overtaken(this.dataSource, "create table", true, () -> {
			script("V1__create_api_key_tables.sql");
			script("V2__add_line_of_successors.sql");
		});
		assertThat(initialize(second)).isFalse();
		assertThat(count()).isZero();
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 5, 9 })
	void scriptsWhenTheTablesAreNotCompleteYetThenTheyAreWaitedFor(int statements) {
		List<String> ddl = statements();
		run(ddl.subList(0, statements));
		AtomicInteger looks = new AtomicInteger();
		DataSource second = new Overtaken(this.dataSource, LOOK, false, () -> {
			int look = looks.incrementAndGet();
			if (look == 3) {
				run(ddl.subList(statements, ddl.size()));
			}
		});
		assertThat(initialize(second)).isFalse();
		assertThat(looks).hasValueGreaterThanOrEqualTo(3);
		assertThat(count()).isZero();
	}

	@Test
	void scriptsWhenTheOtherNodeDiedOnTheWayThenNotForEver() {
		run(statements().subList(0, 3));
		assertThat(initialize(this.dataSource)).isFalse();
		DataSource other = new DriverManagerDataSource(HostRunner.database());
		DataSource second = new Overtaken(other, "create table", true,
				() -> new JdbcTemplate(other).execute(statements().get(0)));
		assertThatExceptionOfType(ApiKeyTablesException.class).isThrownBy(() -> initialize(second));
	}

	private static void migrate(DataSource dataSource) {
		new ApiKeySchemaMigrator(Flyway.configure().dataSource(dataSource).locations("classpath:db/none").load())
			.afterPropertiesSet();
	}

	private static boolean initialize(DataSource dataSource) {
		ApiKeyProperties.Database properties = new ApiKeyProperties.Database();
		properties.setInitializeSchema(SchemaInitialization.ALWAYS);
		return new ApiKeySchemaInitializer(dataSource, properties).initializeDatabase();
	}

	private List<String> versions() {
		return this.jdbc
			.queryForList("select \"version\" from \"api_key_schema_history\" where \"version\" is not null "
					+ "order by \"installed_rank\"", String.class);
	}

	private Integer count() {
		return this.jdbc.queryForObject("select count(*) from " + LAST_TABLE, Integer.class);
	}

	private void script(String name) {
		run(migration(name));
	}

	private void run(List<String> statements) {
		run(new ByteArrayResource((String.join(";\n", statements) + ";").getBytes()));
	}

	private void run(Resource script) {
		new ResourceDatabasePopulator(script).execute(this.dataSource);
	}

	private static Resource migration(String name) {
		return new ClassPathResource("io/github/apikeys/core/migration/h2/" + name);
	}

	private static List<String> statements() {
		try {
			String all = new String(migration("V1__create_api_key_tables.sql").getContentAsByteArray()) + "\n"
					+ new String(migration("V2__add_line_of_successors.sql").getContentAsByteArray());
			return List.of(all.strip().split(";\\s*"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Does something right before a statement that begins like that, once or each time.
	 */
	private static final class Overtaken extends DelegatingDataSource {

		private final String begin;

		private final Runnable action;

		private final boolean once;

		private boolean acting;

		Overtaken(DataSource target, String begin, boolean once, Runnable action) {
			super(target);
			this.once = once;
			this.begin = begin;
			this.action = action;
		}

		@Override
		public Connection getConnection() throws SQLException {
			return SpiedConnection.of(super.getConnection(), this::before, null);
		}

		private void before(String sql) {
			if (!this.acting && sql.strip().startsWith(this.begin)) {
				this.acting = true;
				this.action.run();
				this.acting = this.once;
			}
		}

	}

}
