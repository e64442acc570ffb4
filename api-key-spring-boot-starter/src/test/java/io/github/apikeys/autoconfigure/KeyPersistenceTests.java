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

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import javax.sql.DataSource;

import jakarta.persistence.EntityManagerFactory;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.jta.JtaTransactionManager;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;

class KeyPersistenceTests {

	private final EntityManagerFactory entityManagerFactory = mock(EntityManagerFactory.class);

	private final JpaTransactionManager ofAnother = new JpaTransactionManager(mock(EntityManagerFactory.class));

	private final JdbcTransactionManager jdbc = new JdbcTransactionManager(mock(DataSource.class));

	private final PseudoTransactionManager pseudo = new PseudoTransactionManager();

	private final JtaTransactionManager jta = new JtaTransactionManager();

	@Test
	void transactionManagerWhenOneIsOfThePersistenceUnitThenThatOneInAnyOrder() {
		JpaTransactionManager right = new JpaTransactionManager(this.entityManagerFactory);
		List<PlatformTransactionManager> all = new ArrayList<>(
				List.of(this.pseudo, this.jdbc, this.jta, this.ofAnother, right));
		for (int i = 0; i < all.size(); i++) {
			assertThat(find(false, all)).isSameAs(right);
			Collections.rotate(all, 1);
		}
	}

	@Test
	void transactionManagerWhenNoneIsOfThePersistenceUnitThenOneThatLeavesTheDataSourceAlone() {
		PlatformTransactionManager found = find(false, List.of(this.pseudo, this.jdbc, this.jta, this.ofAnother));
		assertThat(found).isInstanceOfSatisfying(JpaTransactionManager.class, (manager) -> {
			assertThat(manager.getEntityManagerFactory()).isSameAs(this.entityManagerFactory);
			assertThat(manager.getDataSource()).isNull();
		});
		assertThat(found).isNotSameAs(this.ofAnother);
	}

	@Test
	void transactionManagerWhenThePersistenceUnitHasGlobalOnesThenJtaAndElseWhateverIsGlobal() {
		assertThat(find(true, List.of(this.pseudo, this.jdbc, this.jta, this.ofAnother))).isSameAs(this.jta);
		assertThat(find(true, List.of(this.jdbc, this.pseudo))).isSameAs(this.pseudo);
		assertThatExceptionOfType(ApiKeyConfigurationException.class).isThrownBy(() -> find(true, List.of(this.jdbc)));
	}

	private PlatformTransactionManager find(boolean global, List<PlatformTransactionManager> candidates) {
		return KeyPersistence.transactionManager(this.entityManagerFactory, global, candidates);
	}

	/**
	 * Has the shape of a global one, and manages nothing.
	 */
	private static final class PseudoTransactionManager extends AbstractPlatformTransactionManager {

		@Override
		protected Object doGetTransaction() {
			return new Object();
		}

		@Override
		protected void doBegin(Object transaction, org.springframework.transaction.TransactionDefinition definition) {
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
		}

	}

}
