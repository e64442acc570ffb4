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

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

import io.github.apikeys.core.support.Causes;

import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What is known of the outcome of a transaction that failed. The failure alone does not
 * tell: it may be that of a callback after the commit, or the answer to the commit was
 * lost, which a transaction manager may call a rollback.
 */
final class TransactionOutcome implements TransactionSynchronization {

	private static final String ROLLBACK = "40";

	private static final List<String> UNKNOWN = List.of("08", "40003");

	private boolean observed;

	private boolean committing;

	private boolean committed;

	/**
	 * Says that everything is done but the commit. It is called within the transaction.
	 */
	void readyToCommit() {
		this.observed = TransactionSynchronizationManager.isSynchronizationActive();
		if (this.observed) {
			TransactionSynchronizationManager.registerSynchronization(this);
		}
		else {
			this.committing = true;
		}
	}

	@Override
	public void beforeCommit(boolean readOnly) {
		this.committing = true;
	}

	@Override
	public void afterCompletion(int status) {
		this.committed = status == STATUS_COMMITTED;
	}

	boolean isCommitted() {
		return this.committed;
	}

	/**
	 * Whether nothing was committed for sure: the commit was not sent, or was answered
	 * with a rollback.
	 * @param failure what the transaction threw
	 */
	boolean isRolledBack(Throwable failure) {
		return !this.committing || (this.observed && !this.committed && saysRollback(failure));
	}

	private static boolean saysRollback(Throwable failure) {
		List<Throwable> causes = Causes.of(failure);
		List<String> states = causes.stream()
			.flatMap((cause) -> (cause instanceof SQLException ex) ? Stream.ofNullable(ex.getSQLState())
					: Stream.empty())
			.toList();
		if (states.stream().anyMatch((state) -> UNKNOWN.stream().anyMatch(state::startsWith))) {
			return false;
		}
		return states.stream().anyMatch((state) -> state.startsWith(ROLLBACK))
				|| causes.stream().anyMatch(UnexpectedRollbackException.class::isInstance);
	}

}
