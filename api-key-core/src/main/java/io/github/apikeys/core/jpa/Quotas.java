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

import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKeyStoreException;
import jakarta.persistence.PersistenceException;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Counts requests against the quotas of keys. A key that was replaced draws on the quota
 * of its successor, so that a rotation grants nothing.
 */
final class Quotas {

	private final ApiKeyStore store;

	private final TransactionOperations transaction;

	/**
	 * Creates the counter.
	 * @param transaction transactions of its own: what is used is used, even if the
	 * caller rolls back
	 */
	Quotas(ApiKeyStore store, TransactionOperations transaction) {
		this.store = store;
		this.transaction = transaction;
	}

	boolean consume(UUID id) {
		return changeLast(id, this.store.updates()::consumeQuota);
	}

	void refund(UUID id) {
		changeLast(id, this.store.updates()::refundQuota);
	}

	/**
	 * Changes the count of the last successor. The statement finds only a key that was
	 * not replaced until then, and no transaction waits for a key while it has locked
	 * another.
	 * @param statement tells whether it changed something
	 */
	private boolean changeLast(UUID id, Predicate<UUID> statement) {
		UUID current = id;
		while (current != null) {
			UUID key = current;
			current = inTransaction(() -> statement.test(key) ? key : this.store.search().findSuccessor(key));
			if (key.equals(current)) {
				return true;
			}
		}
		return false;
	}

	private <T extends @Nullable Object> T inTransaction(Supplier<T> action) {
		try {
			return this.transaction.execute((status) -> action.get());
		}
		catch (DataAccessException | TransactionException | PersistenceException ex) {
			throw new ApiKeyStoreException(ex);
		}
	}

}
