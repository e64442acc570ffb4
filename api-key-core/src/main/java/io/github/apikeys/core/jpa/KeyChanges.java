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

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.WeakHashMap;

import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.support.Moment;
import io.github.apikeys.core.verification.ApiKeyVerifier;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.hibernate.FlushMode;
import org.hibernate.Session;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.resource.transaction.spi.TransactionStatus;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.log.LogMessage;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What each transaction changes, and what follows from it: a new time for each change
 * right before the commit, eviction and events after it.
 * <p>
 * The transaction that decides is that of the session which sent the statements. What
 * Spring synchronizes with may be a transaction of another manager, which began inside of
 * it.
 */
final class KeyChanges {

	private static final Log logger = LogFactory.getLog(KeyChanges.class);

	private final ApiKeyStore store;

	private final OwnerStore ownerStore;

	private final ApiKeyVerifier verifier;

	// a session may be closed without a word about the transaction
	private final Map<SessionImplementor, OfTransaction> running = Collections.synchronizedMap(new WeakHashMap<>());

	private Duration maxAge = ApiKeyRepository.MAX_AGE_OF_CHANGE;

	private ApplicationEventPublisher eventPublisher = (event) -> {
	};

	KeyChanges(ApiKeyStore store, OwnerStore ownerStore, ApiKeyVerifier verifier) {
		this.store = store;
		this.ownerStore = ownerStore;
		this.verifier = verifier;
	}

	/**
	 * Those in which a transaction that has not ended changes keys, whenever it is asked.
	 */
	Collection<SessionImplementor> sessions() {
		return this.running.keySet();
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
	 * The keys that transactions changed which have not ended. Their rows get a new time
	 * right before the commit, so they must not be gone by then. A global transaction may
	 * have several sessions, one for each call.
	 */
	Set<UUID> changing() {
		Set<UUID> changing = new LinkedHashSet<>();
		synchronized (this.running) {
			this.running.values().forEach((changes) -> changing.addAll(changes.stampedKeys()));
		}
		return changing;
	}

	/**
	 * Says that a change begins. It comes before the first statement, which may wait for
	 * a lock: what is written then has the time at which it began to wait.
	 */
	void begin() {
		current();
	}

	/**
	 * Whether the transaction is to be committed, as far as is known.
	 */
	private static boolean isCommitPossible(SessionImplementor session) {
		return session.getTransactionCoordinator()
			.getTransactionDriverControl()
			.getStatus() == TransactionStatus.ACTIVE;
	}

	private OfTransaction current() {
		SessionImplementor session = this.store.session();
		OfTransaction changes = this.running.get(session);
		if (changes == null) {
			changes = new OfTransaction(session);
			session.getTransactionCoordinator().getLocalSynchronizations().registerSynchronization(changes);
			this.running.put(session, changes);
		}
		return changes;
	}

	/**
	 * Of one key, or of an owner.
	 *
	 * @param stamped the keys that get a new time
	 */
	private record Change(@Nullable ApiKeyEvent event, @Nullable String owner, List<UUID> stamped) {

	}

	private final class OfTransaction implements Synchronization {

		// other transactions look at them
		private final List<Change> changes = Collections.synchronizedList(new ArrayList<>());

		// it is also what tells that nobody needs this any more
		private final WeakReference<SessionImplementor> session;

		// by which the times of the changes were taken, or earlier
		private Moment stamped = Moment.now();

		// what became of the transaction, as the session was told
		private int status = Status.STATUS_NO_TRANSACTION;

		private boolean awaitsManager;

		private @Nullable Deque<ApiKeyEvent> unpublished;

		OfTransaction(SessionImplementor session) {
			this.session = new WeakReference<>(session);
		}

		/**
		 * The statements may have waited, and the transaction may have gone on: other
		 * nodes looked for these changes in vain, and do not look back far enough. This
		 * comes after everybody else who is called before the commit, and not at all
		 * before a rollback; what fails here rolls back.
		 */
		@Override
		public void beforeCompletion() {
			SessionImplementor session = this.session.get();
			if (session != null && isCommitPossible(session)) {
				stampIfLate(session);
			}
			if (TransactionSynchronizationManager.isSynchronizationActive()) {
				// its manager commits it, and listeners are called when that has ended it
				TransactionSynchronizationManager.registerSynchronization(new AfterCommit(this));
				this.awaitsManager = true;
			}
		}

		private void stampIfLate(SessionImplementor session) {
			Moment now = Moment.now();
			if (this.changes.isEmpty() || now.isWithin(KeyChanges.this.maxAge, this.stamped)) {
				return;
			}
			this.stamped = now;
			// that of a global transaction takes no statements any more
			try (Session open = session.sessionWithOptions().connection().flushMode(FlushMode.MANUAL).openSession()) {
				KeyChanges.this.store.changes().stamp(open, stampedKeys());
				owners().forEach((owner) -> KeyChanges.this.ownerStore.stamp(open, owner));
			}
		}

		private Set<UUID> stampedKeys() {
			Set<UUID> stamped = new LinkedHashSet<>();
			synchronized (this.changes) {
				this.changes.forEach((change) -> stamped.addAll(change.stamped()));
			}
			return stamped;
		}

		/**
		 * What is said to be rolled back may be committed, if the connection broke
		 * meanwhile.
		 */
		@Override
		public void afterCompletion(int status) {
			this.status = status;
			KeyChanges.this.running.values().remove(this);
			evict();
			if (status == Status.STATUS_COMMITTED && !this.awaitsManager) {
				publish();
			}
		}

		/**
		 * Says what the manager of the transaction knows of its end. If the session was
		 * told nothing, nobody knows whether there was a commit.
		 */
		void end(int status) {
			if (this.status == Status.STATUS_NO_TRANSACTION) {
				afterCompletion(status);
			}
			boolean unknown = this.status == Status.STATUS_UNKNOWN;
			if ((unknown ? status : this.status) == Status.STATUS_COMMITTED) {
				publish();
			}
		}

		private void evict() {
			events().forEach((event) -> KeyChanges.this.verifier.evict(event.getKeyId()));
			owners().forEach(KeyChanges.this.verifier::evictOwner);
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

	/**
	 * Waits for the manager of a transaction to end it, even if a synchronization of the
	 * application fails after the commit.
	 */
	private record AfterCommit(OfTransaction changes) implements TransactionSynchronization {

		@Override
		public void afterCommit() {
			this.changes.end(Status.STATUS_COMMITTED);
		}

		@Override
		public void afterCompletion(int status) {
			this.changes.end(switch (status) {
				case STATUS_COMMITTED -> Status.STATUS_COMMITTED;
				case STATUS_ROLLED_BACK -> Status.STATUS_ROLLEDBACK;
				default -> Status.STATUS_UNKNOWN;
			});
		}

	}

}
