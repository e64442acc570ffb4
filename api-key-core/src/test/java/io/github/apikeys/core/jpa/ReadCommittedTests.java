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
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.hibernate.dialect.MySQLDialect;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.transaction.CannotCreateTransactionException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What a transaction costs while there is no connection for it.
 */
class ReadCommittedTests {

	private final AtomicBoolean away = new AtomicBoolean();

	private final AtomicInteger asked = new AtomicInteger();

	/**
	 * On MySQL and MariaDB, a connection is looked at before the first transaction.
	 */
	@Test
	void executeWhenThePoolGivesNoConnectionThenItIsAskedOnce() {
		DelegatingDataSource dataSource = new DelegatingDataSource(new H2Database().start()) {

			@Override
			public Connection getConnection() throws SQLException {
				ReadCommittedTests.this.asked.incrementAndGet();
				if (ReadCommittedTests.this.away.get()) {
					throw new SQLTransientConnectionException("none is available");
				}
				return super.getConnection();
			}

		};
		try (PersistenceUnit unit = new PersistenceUnit(dataSource,
				Map.of("hibernate.dialect", MySQLDialect.class.getName()), "io.github.apikeys.core")) {
			Snapshots snapshots = new Snapshots(unit.entityManagerFactory());
			ReadCommitted transaction = new ReadCommitted(unit.transactionManager(),
					new CallerTransaction(unit.entityManagerFactory(), snapshots));
			this.away.set(true);
			this.asked.set(0);
			assertThatExceptionOfType(CannotCreateTransactionException.class)
				.isThrownBy(() -> transaction.execute((status) -> 1))
				.withStackTraceContaining("none is available");
			assertThat(this.asked).hasValue(1);
			this.away.set(false);
			assertThat(transaction.<Integer>execute((status) -> 1)).isEqualTo(1);
			assertThat(snapshots.mayOutlastLevel()).isFalse();
		}
	}

}
