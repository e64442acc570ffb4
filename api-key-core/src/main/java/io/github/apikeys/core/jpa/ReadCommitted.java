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
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.InvalidIsolationLevelException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * New transactions in which each statement sees what is committed then, whatever the
 * connections of a pool are set to, and whatever was left open on them. They are not
 * read-only, since that may be routed to a replica.
 * <p>
 * A transaction manager may refuse to set a level, as JTA does, or Hibernate if
 * connections are released early. Its transactions have the level of the connection: they
 * are short, so a snapshot in them is new. Only a level that shows what is not committed
 * is raised on the connection.
 */
final class ReadCommitted implements TransactionOperations {

	private static final Log logger = LogFactory.getLog(ReadCommitted.class);

	private final CallerTransaction callerTransaction;

	private final TransactionTemplate anyLevel;

	private volatile TransactionTemplate transaction;

	ReadCommitted(PlatformTransactionManager transactionManager, CallerTransaction callerTransaction) {
		this.callerTransaction = callerTransaction;
		this.anyLevel = newTransaction(transactionManager);
		this.transaction = newTransaction(transactionManager);
		if (transactionManager instanceof JpaTransactionManager) {
			this.transaction.setIsolationLevel(TransactionDefinition.ISOLATION_READ_COMMITTED);
		}
	}

	private static TransactionTemplate newTransaction(PlatformTransactionManager transactionManager) {
		TransactionTemplate transaction = new TransactionTemplate(transactionManager);
		transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		return transaction;
	}

	/**
	 * Sets how long a statement may take until it is cancelled.
	 */
	void setTimeout(Duration timeout) {
		int seconds = (int) Math.max(1, timeout.toSeconds());
		this.anyLevel.setTimeout(seconds);
		this.transaction.setTimeout(seconds);
	}

	@Override
	public <T extends @Nullable Object> T execute(TransactionCallback<T> action) {
		// that of a view is not ours, and may have been read with before
		boolean fresh = !this.callerTransaction.lendsConnection();
		if (fresh) {
			this.callerTransaction.snapshots().learn();
		}
		AtomicBoolean begun = new AtomicBoolean();
		try {
			return execute(this.transaction, fresh, begun, action);
		}
		catch (InvalidIsolationLevelException ex) {
			if (begun.get()) {
				throw ex;
			}
			logger.debug("Transactions about API keys have the isolation level of their connections", ex);
			this.transaction = this.anyLevel;
			return execute(this.anyLevel, fresh, begun, action);
		}
	}

	private <T extends @Nullable Object> T execute(TransactionTemplate transaction, boolean fresh, AtomicBoolean begun,
			TransactionCallback<T> action) {
		boolean readCommitted = transaction.getIsolationLevel() == TransactionDefinition.ISOLATION_READ_COMMITTED;
		return transaction.execute((status) -> {
			begun.set(true);
			this.callerTransaction.prepare(fresh, readCommitted);
			return action.doInTransaction(status);
		});
	}

}
