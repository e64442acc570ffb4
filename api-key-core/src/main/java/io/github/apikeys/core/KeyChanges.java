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

package io.github.apikeys.core;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.log.LogMessage;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What each transaction changes, and what follows from it: a new time for each change
 * right before the commit, eviction and events after it.
 */
final class KeyChanges {

	private static final Log logger = LogFactory.getLog(KeyChanges.class);

	private final ApiKeyStore store;

	private final OwnerStore ownerStore;

	private final ApiKeyVerifier verifier;

	// so much earlier than the commit a time may be
	private Duration maxAge = Duration.ofSeconds(1);

	private ApplicationEventPublisher eventPublisher = (event) -> {
	};

	KeyChanges(ApiKeyStore store, OwnerStore ownerStore, ApiKeyVerifier verifier) {
		this.store = store;
		this.ownerStore = ownerStore;
		this.verifier = verifier;
	}

	void setMaxAge(Duration maxAge) {
		this.maxAge = maxAge;
	}

	void setEventPublisher(ApplicationEventPublisher eventPublisher) {
		this.eventPublisher = eventPublisher;
	}

	/**
	 * Notes what is to be published, and of which keys nothing is to be remembered here.
	 */
	void addEvents(List<ApiKeyEvent> events) {
		OfTransaction changes = current();
		events.forEach((event) -> changes.changes.add(new Change(event, null, List.of())));
	}

	/**
	 * Notes a key whose change has a time.
	 */
	void addKey(UUID id) {
		current().changes.add(new Change(null, null, List.of(id)));
	}

	/**
	 * Notes that something about all keys of an owner changed.
	 * @param touched the keys that tell of it, if the row of the owner does not
	 */
	void addOwner(String owner, List<UUID> touched) {
		current().changes.add(new Change(null, owner, touched));
	}

	/**
	 * Says that a change begins. It comes before the first statement, which may wait for
	 * a lock: what is written then has the time at which it began to wait.
	 */
	void begin() {
		current();
	}

	private OfTransaction current() {
		if (TransactionSynchronizationManager.getResource(this) instanceof OfTransaction changes) {
			if (changes.isOfCurrentTransaction()) {
				return changes;
			}
			// what is changed by those who are told that a transaction is over
			changes.suspend();
		}
		OfTransaction changes = new OfTransaction();
		TransactionSynchronizationManager.registerSynchronization(changes);
		CallerTransaction.markChanged();
		changes.resume();
		return changes;
	}

	/**
	 * Of one key, or of an owner.
	 *
	 * @param stamped the keys that get a new time
	 */
	private record Change(@Nullable ApiKeyEvent event, @Nullable String owner, List<UUID> stamped) {

	}

	private final class OfTransaction implements TransactionSynchronization {

		private final List<Change> changes = new ArrayList<>();

		// by which the times of the changes were taken, or earlier
		private Moment stamped = Moment.now();

		private boolean completed;

		private @Nullable Deque<ApiKeyEvent> unpublished;

		/**
		 * A transaction that is rolled back forgets who is told before it tells them, and
		 * then nobody suspends what belongs to it.
		 */
		boolean isOfCurrentTransaction() {
			return !this.completed && TransactionSynchronizationManager.isSynchronizationActive()
					&& TransactionSynchronizationManager.getSynchronizations().contains(this);
		}

		@Override
		public void suspend() {
			TransactionSynchronizationManager.unbindResourceIfPossible(KeyChanges.this);
		}

		@Override
		public void resume() {
			TransactionSynchronizationManager.bindResource(KeyChanges.this, this);
		}

		/**
		 * The statements may have waited, and the transaction may have gone on: other
		 * nodes looked for these changes in vain, and do not look back far enough.
		 */
		@Override
		public void beforeCommit(boolean readOnly) {
			KeyChanges.this.store.flushBeforeCommit();
			stampIfLate();
		}

		/**
		 * Others may have waited before the commit, and those who changed a key then come
		 * too late for {@link #beforeCommit}. A failure is not thrown from here on, so it
		 * must not be committed.
		 */
		@Override
		public void beforeCompletion() {
			try {
				stampIfLate();
			}
			catch (RuntimeException ex) {
				logger.debug("The time of a change could not be set again", ex);
				KeyChanges.this.store.setRollbackOnly();
			}
		}

		private void stampIfLate() {
			Moment now = Moment.now();
			if (this.changes.isEmpty() || now.isWithin(KeyChanges.this.maxAge, this.stamped)) {
				return;
			}
			this.stamped = now;
			Set<UUID> stamped = new LinkedHashSet<>();
			this.changes.forEach((change) -> stamped.addAll(change.stamped()));
			KeyChanges.this.store.stamp(stamped);
			owners().forEach(KeyChanges.this.ownerStore::stamp);
		}

		@Override
		public void afterCommit() {
			this.completed = true;
			evict();
			publish();
		}

		/**
		 * Comes even if a synchronization of the application failed after the commit, or
		 * nobody knows whether there was one.
		 */
		@Override
		public void afterCompletion(int status) {
			this.completed = true;
			if (TransactionSynchronizationManager.getResource(KeyChanges.this) == this) {
				suspend();
			}
			if (status != STATUS_ROLLED_BACK) {
				evict();
			}
			if (status == STATUS_COMMITTED) {
				publish();
			}
		}

		private void evict() {
			events().forEach((event) -> KeyChanges.this.verifier.forget(event.getKeyId()));
			owners().forEach(KeyChanges.this.verifier::forgetOwner);
		}

		private void publish() {
			Deque<ApiKeyEvent> events = (this.unpublished != null) ? this.unpublished : new ArrayDeque<>(events());
			this.unpublished = events;
			for (ApiKeyEvent event = events.poll(); event != null; event = events.poll()) {
				try {
					KeyChanges.this.eventPublisher.publishEvent(event);
				}
				catch (RuntimeException ex) {
					// the change is made, and only the caller gets a new plaintext
					logger.error(LogMessage.format("A listener failed to handle %s", event), ex);
				}
			}
		}

		private List<ApiKeyEvent> events() {
			List<ApiKeyEvent> events = new ArrayList<>();
			for (Change change : this.changes) {
				if (change.event() != null) {
					events.add(change.event());
				}
			}
			return events;
		}

		private Set<String> owners() {
			Set<String> owners = new LinkedHashSet<>();
			for (Change change : this.changes) {
				if (change.owner() != null) {
					owners.add(change.owner());
				}
			}
			return owners;
		}

	}

}
