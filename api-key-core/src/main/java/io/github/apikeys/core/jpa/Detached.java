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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import jakarta.persistence.EntityManager;
import org.hibernate.StatelessSession;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.ResourceHolder;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Runs an action as if the caller had neither a transaction nor a persistence context,
 * whoever manages them: what the action reads is what is committed, and what it finds out
 * may be remembered for everybody. An open persistence context without a transaction, as
 * in a view, does not take part either, and is not flushed.
 */
final class Detached {

	private final Map<Object, Object> resources = new HashMap<>();

	private @Nullable List<TransactionSynchronization> synchronizations;

	private final @Nullable String name = TransactionSynchronizationManager.getCurrentTransactionName();

	private final boolean readOnly = TransactionSynchronizationManager.isCurrentTransactionReadOnly();

	private final @Nullable Integer isolation = TransactionSynchronizationManager.getCurrentTransactionIsolationLevel();

	private final boolean active = TransactionSynchronizationManager.isActualTransactionActive();

	private Detached() {
	}

	static <T extends @Nullable Object> T run(Supplier<T> action) {
		if (!hasContext()) {
			return action.get();
		}
		Detached context = new Detached();
		try {
			context.suspend();
			return action.get();
		}
		finally {
			context.resume();
		}
	}

	/**
	 * Whether the caller may hold a connection.
	 */
	static boolean hasContext() {
		return TransactionSynchronizationManager.isActualTransactionActive()
				|| TransactionSynchronizationManager.isSynchronizationActive()
				|| TransactionSynchronizationManager.getResourceMap()
					.values()
					.stream()
					.anyMatch(Detached::mayHoldConnection);
	}

	/**
	 * Anything else that is bound to the thread, such as its tenant, belongs to the
	 * thread and not to a transaction.
	 */
	private static boolean mayHoldConnection(Object resource) {
		return resource instanceof ResourceHolder || resource instanceof EntityManager
				|| resource instanceof StatelessSession || resource instanceof Connection;
	}

	private void suspend() {
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			this.synchronizations = TransactionSynchronizationManager.getSynchronizations();
			this.synchronizations.forEach(TransactionSynchronization::suspend);
			TransactionSynchronizationManager.clearSynchronization();
		}
		for (Object key : List.copyOf(TransactionSynchronizationManager.getResourceMap().keySet())) {
			Object resource = TransactionSynchronizationManager.getResource(key);
			if (resource != null && mayHoldConnection(resource)) {
				this.resources.put(key, TransactionSynchronizationManager.unbindResource(key));
			}
		}
		describe(null, false, null, false);
	}

	private void resume() {
		this.resources.forEach(TransactionSynchronizationManager::bindResource);
		describe(this.name, this.readOnly, this.isolation, this.active);
		List<TransactionSynchronization> synchronizations = this.synchronizations;
		if (synchronizations != null) {
			TransactionSynchronizationManager.initSynchronization();
			for (TransactionSynchronization synchronization : synchronizations) {
				synchronization.resume();
				TransactionSynchronizationManager.registerSynchronization(synchronization);
			}
		}
	}

	private static void describe(@Nullable String name, boolean readOnly, @Nullable Integer isolation, boolean active) {
		TransactionSynchronizationManager.setCurrentTransactionName(name);
		TransactionSynchronizationManager.setCurrentTransactionReadOnly(readOnly);
		TransactionSynchronizationManager.setCurrentTransactionIsolationLevel(isolation);
		TransactionSynchronizationManager.setActualTransactionActive(active);
	}

}
