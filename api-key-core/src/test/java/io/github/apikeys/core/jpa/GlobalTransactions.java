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

import jakarta.transaction.RollbackException;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.Transaction;
import jakarta.transaction.TransactionManager;
import jakarta.transaction.UserTransaction;
import org.hibernate.engine.transaction.jta.platform.internal.AbstractJtaPlatform;
import org.jspecify.annotations.Nullable;

/**
 * Global transactions that tell everybody of their ends, and leave resources alone.
 */
final class GlobalTransactions extends AbstractJtaPlatform implements TransactionManager, UserTransaction {

	private final ThreadLocal<GlobalTransaction> current = new ThreadLocal<>();

	@Override
	protected TransactionManager locateTransactionManager() {
		return this;
	}

	@Override
	protected UserTransaction locateUserTransaction() {
		return this;
	}

	@Override
	public void begin() {
		this.current.set(new GlobalTransaction());
	}

	@Override
	public void commit() throws RollbackException {
		GlobalTransaction transaction = this.current.get();
		try {
			transaction.commit();
		}
		finally {
			this.current.remove();
		}
	}

	@Override
	public void rollback() {
		GlobalTransaction transaction = this.current.get();
		try {
			transaction.rollback();
		}
		finally {
			this.current.remove();
		}
	}

	@Override
	public void setRollbackOnly() {
		this.current.get().setRollbackOnly();
	}

	@Override
	public int getStatus() {
		GlobalTransaction transaction = this.current.get();
		return (transaction != null) ? transaction.getStatus() : Status.STATUS_NO_TRANSACTION;
	}

	@Override
	public @Nullable Transaction getTransaction() {
		return this.current.get();
	}

	@Override
	public Transaction suspend() {
		Transaction suspended = this.current.get();
		this.current.remove();
		return suspended;
	}

	@Override
	public void resume(Transaction transaction) {
		this.current.set((GlobalTransaction) transaction);
	}

	@Override
	public void setTransactionTimeout(int seconds) {
	}

	private static final class GlobalTransaction implements Transaction {

		private final List<Synchronization> synchronizations = new ArrayList<>();

		private int status = Status.STATUS_ACTIVE;

		@Override
		public void commit() throws RollbackException {
			if (this.status != Status.STATUS_ACTIVE) {
				rollback();
				throw new RollbackException();
			}
			List.copyOf(this.synchronizations).forEach(Synchronization::beforeCompletion);
			end(Status.STATUS_COMMITTED);
		}

		@Override
		public void rollback() {
			end(Status.STATUS_ROLLEDBACK);
		}

		private void end(int status) {
			this.status = status;
			this.synchronizations.forEach((synchronization) -> synchronization.afterCompletion(status));
		}

		@Override
		public void setRollbackOnly() {
			this.status = Status.STATUS_MARKED_ROLLBACK;
		}

		@Override
		public int getStatus() {
			return this.status;
		}

		@Override
		public void registerSynchronization(Synchronization synchronization) {
			if (this.status != Status.STATUS_ACTIVE && this.status != Status.STATUS_MARKED_ROLLBACK) {
				throw new IllegalStateException("The transaction is over");
			}
			this.synchronizations.add(synchronization);
		}

		@Override
		public boolean enlistResource(javax.transaction.xa.XAResource resource) {
			return false;
		}

		@Override
		public boolean delistResource(javax.transaction.xa.XAResource resource, int flag) {
			return false;
		}

	}

}
