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
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;
import org.springframework.util.Assert;

/**
 * Deletes the rows of keys that ended long ago, some at a time.
 */
final class KeyPurge {

	private static final Log logger = LogFactory.getLog(KeyPurge.class);

	private static final int BATCH = 100;

	private final ApiKeyRepository repository;

	private final ChangeLog log;

	KeyPurge(ApiKeyRepository repository, ChangeLog log) {
		this.repository = repository;
		this.log = log;
	}

	int purge(@Nullable String owner, Duration retention, Instant now) {
		Assert.notNull(retention, "retention cannot be null");
		Assert.isTrue(!retention.isNegative(), "retention cannot be negative");
		// the row of a key that ended just now still has to tell other nodes
		Instant last = now.minus(ApiKeyRepository.MAX_MEMORY);
		Instant time = (retention.compareTo(Duration.between(Instant.EPOCH, last)) < 0) ? now.minus(retention)
				: Instant.EPOCH;
		Failures failures = new Failures();
		int number;
		try {
			number = purge(new Ended(time.isBefore(last) ? time : last, owner, false), failures)
					+ purge(new Ended(last, owner, true), failures);
		}
		finally {
			failures.logRest();
		}
		if (number == 0 && failures.number() >= BATCH) {
			throw failures.first();
		}
		return number;
	}

	private int purge(Ended ended, Failures failures) {
		failures.beginPass();
		int number = 0;
		UUID last = null;
		List<UUID> ids;
		do {
			UUID after = last;
			failures.beginBatch();
			ids = this.repository.inChange(() -> this.repository.findEnded(ended, after, BATCH));
			int some = purge(ended, ids, failures);
			failures.endBatch(some > 0);
			number += some;
			last = ids.isEmpty() ? null : ids.get(ids.size() - 1);
		}
		while (ids.size() == BATCH);
		return number;
	}

	/**
	 * One key that cannot be deleted, whatever keeps it, does not keep the others. To
	 * find it costs many transactions, which are spared for most batches after some
	 * without any other: if one is there, so may more be.
	 */
	private int purge(Ended ended, List<UUID> ids, Failures failures) {
		if (ids.isEmpty()) {
			return 0;
		}
		try {
			int number = this.repository.inChange(() -> purgeAtOnce(ended, ids));
			failures.remove(ids);
			return number;
		}
		catch (RuntimeException ex) {
			if (this.repository.isInCallersTransaction()) {
				throw ex;
			}
			checkAnswers(ids.get(0), ex);
			if (ids.size() == 1 || !failures.areSought()) {
				failures.add(ids, ex);
				return 0;
			}
		}
		int half = ids.size() / 2;
		return purge(ended, ids.subList(0, half), failures) + purge(ended, ids.subList(half, ids.size()), failures);
	}

	/**
	 * A store that does not answer keeps all keys, and says so.
	 */
	private void checkAnswers(UUID id, RuntimeException failure) {
		try {
			this.repository.inTransaction(() -> this.repository.hasHistory(id));
		}
		catch (RuntimeException ex) {
			failure.addSuppressed(ex);
			throw failure;
		}
	}

	private int purgeAtOnce(Ended ended, List<UUID> ids) {
		List<LockedKey> keys = this.repository.lockEnded(ended, ids);
		if (!keys.isEmpty()) {
			this.log.record(keys, ApiKeyChange.PURGED, null);
			this.repository.delete(keys.stream().map(LockedKey::id).toList());
		}
		return keys.size();
	}

	/**
	 * The keys that cannot be deleted. If these are all, and many, the reason is hardly
	 * one of a single key.
	 */
	private static final class Failures {

		private static final int MAX_LOGGED = 10;

		private static final int MAX_BATCHES = 3;

		// of so many batches, about one is looked through all the same
		private static final int SELDOM = 32;

		private final Set<UUID> ids = new HashSet<>();

		private @Nullable RuntimeException first;

		private int logged;

		// in a row, of which keys could not be deleted, and no other was
		private int batches;

		private boolean sought;

		private boolean found;

		void add(List<UUID> ids, RuntimeException failure) {
			for (UUID id : ids) {
				if (this.ids.add(id) && this.logged < MAX_LOGGED) {
					logger.warn(LogMessage.format("The API key with id %s cannot be purged", id),
							(this.logged++ == 0) ? failure : null);
				}
			}
			this.first = (this.first != null) ? this.first : failure;
			this.found = true;
		}

		/**
		 * Notes what was not sought in one pass, and deleted in the other.
		 */
		void remove(List<UUID> ids) {
			ids.forEach(this.ids::remove);
		}

		int number() {
			return this.ids.size();
		}

		void logRest() {
			if (number() > this.logged) {
				logger.warn(LogMessage.format("%d other API keys were not purged", number() - this.logged));
			}
		}

		/**
		 * What keeps the keys of one pass may not keep those of the other.
		 */
		void beginPass() {
			this.batches = 0;
		}

		void beginBatch() {
			this.found = false;
			this.sought = this.batches < MAX_BATCHES || ThreadLocalRandom.current().nextInt(SELDOM) == 0;
		}

		void endBatch(boolean othersDeleted) {
			if (othersDeleted) {
				this.batches = 0;
			}
			else if (this.found) {
				this.batches++;
			}
		}

		/**
		 * Whether those of the batch are sought, and the others deleted.
		 */
		boolean areSought() {
			return this.sought;
		}

		RuntimeException first() {
			return Objects.requireNonNull(this.first);
		}

	}

}
