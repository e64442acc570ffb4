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
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.verification.RecentChanges;
import io.github.apikeys.core.verification.StoredApiKey;
import io.github.apikeys.core.verification.VerificationSource;
import jakarta.persistence.PersistenceException;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Finds keys for verification in transactions of its own, or on the caller's connection.
 */
final class JpaVerificationSource implements VerificationSource {

	private final ApiKeyStore store;

	private final OwnTransactions transactions;

	private final CallerTransaction callerTransaction;

	private boolean tenantsApart;

	JpaVerificationSource(ApiKeyStore store, OwnTransactions transactions, CallerTransaction callerTransaction) {
		this.store = store;
		this.transactions = transactions;
		this.callerTransaction = callerTransaction;
	}

	/**
	 * Sets whether each tenant may have keys of its own. Then the connection of a caller
	 * may be that of another tenant.
	 */
	void setTenantsApart(boolean tenantsApart) {
		this.tenantsApart = tenantsApart;
	}

	@Override
	public @Nullable StoredApiKey find(String keyId) {
		return translate(
				() -> this.transactions.execute((status) -> Optional.ofNullable(this.store.findForVerification(keyId))))
			.orElse(null);
	}

	@Override
	public RecentChanges findChanged(Duration window, @Nullable Instant earliest) {
		return this.transactions.execute((status) -> this.store.findChanged(window, earliest));
	}

	@Override
	public void replaceHash(UUID id, TokenHash oldHash, TokenHash newHash) {
		this.transactions.executeWithoutResult((status) -> this.store.updateHash(id, oldHash, newHash));
	}

	@Override
	public boolean isReadableByCaller() {
		return !this.tenantsApart && translate(this.callerTransaction::seesWhatIsCommitted);
	}

	@Override
	public @Nullable StoredApiKey findAsCaller(String keyId) {
		return translate(() -> this.store.findForVerification(keyId));
	}

	@Override
	public boolean mayCallerHoldConnection() {
		return this.callerTransaction.mayHoldConnection();
	}

	@Override
	public <T extends @Nullable Object> T outside(Supplier<T> action) {
		return translate(() -> this.transactions.outside(action));
	}

	private static <T extends @Nullable Object> T translate(Supplier<T> action) {
		try {
			return action.get();
		}
		catch (DataAccessException | TransactionException | PersistenceException ex) {
			throw new ApiKeyStoreException(ex);
		}
	}

}
