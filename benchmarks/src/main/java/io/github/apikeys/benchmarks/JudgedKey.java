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
package io.github.apikeys.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

import io.github.apikeys.core.ApiKey;
import org.jspecify.annotations.Nullable;

/**
 * A key, all that was done to it, and all answers to it. Times are those of
 * {@link System#nanoTime()} in the process that makes the changes and sends the requests.
 * When exactly a change was committed is not known, only when it was begun and when it
 * was certainly done; in between, both answers are right.
 */
final class JudgedKey {

	private final @Nullable UUID id;

	private final String token;

	private final boolean genuine;

	private final long created;

	private final List<Change> changes = new ArrayList<>();

	private final List<Answer> answers = new ArrayList<>();

	private JudgedKey(@Nullable UUID id, String token, boolean genuine, long created) {
		this.id = id;
		this.token = token;
		this.genuine = genuine;
		this.created = created;
	}

	static JudgedKey genuine(UUID id, String token, long begun) {
		return new JudgedKey(id, token, true, begun);
	}

	/**
	 * A token with the id of a key and another secret.
	 */
	static JudgedKey forged(String token) {
		return new JudgedKey(null, token, false, 0);
	}

	UUID id() {
		if (this.id == null) {
			throw new IllegalStateException("It is forged");
		}
		return this.id;
	}

	String token() {
		return this.token;
	}

	boolean isGenuine() {
		return this.genuine;
	}

	/**
	 * A change is about to be made.
	 * @param usable whether the key is usable after it
	 * @param delay after which time it takes effect
	 * @param staleness how long after it a verification may still not know it
	 * @param isDone how to see at the stored key, or at its absence, that it was done
	 */
	synchronized Change begin(boolean usable, long delay, long staleness, Predicate<@Nullable ApiKey> isDone) {
		Change change = new Change(usable, delay, staleness, isDone, System.nanoTime());
		this.changes.add(change);
		return change;
	}

	synchronized void forget(Change change) {
		this.changes.remove(change);
	}

	synchronized void answered(Answer answer) {
		this.answers.add(answer);
	}

	synchronized List<Answer> answers() {
		return List.copyOf(this.answers);
	}

	/**
	 * Whether an accepted key is right at the time of the answer.
	 */
	boolean mayBeAccepted(Answer answer) {
		return this.genuine && overlaps(answer, true, this.created);
	}

	/**
	 * Whether a refused key is right at the time of the answer.
	 */
	boolean mayBeRefused(Answer answer) {
		return !this.genuine || overlaps(answer, false, Long.MAX_VALUE);
	}

	/**
	 * Whether the key could have been in that state at any time of the answer. A key that
	 * ends after a delay can be ended earlier.
	 */
	private synchronized boolean overlaps(Answer answer, boolean usable, long initially) {
		long from = initially;
		long until = Long.MAX_VALUE;
		for (Change change : this.changes) {
			if (change.usable != usable) {
				until = Math.min(until, change.end());
			}
			else if (until == Long.MAX_VALUE) {
				from = Math.min(from, change.begun + change.delay);
			}
			else if (from <= answer.end() && answer.start() <= until) {
				return true;
			}
			else {
				from = change.begun + change.delay;
				until = Long.MAX_VALUE;
			}
		}
		return from <= answer.end() && answer.start() <= until;
	}

	/**
	 * Whether the row of the key was deleted, or may have been: use of such a key is
	 * counted with that of all keys only.
	 */
	synchronized boolean mayBeDeleted() {
		return this.changes.stream().anyMatch((change) -> change.staleness == KeyChanges.LIFE);
	}

	/**
	 * How long after the key had become unusable for certain the last request began that
	 * was accepted, in nanoseconds; negative if there was none.
	 * @param promised what is promised for the change that is asked for
	 */
	synchronized long staleness(long promised) {
		if (this.changes.size() != 1 || this.changes.get(0).usable || this.changes.get(0).done == Long.MAX_VALUE
				|| this.changes.get(0).staleness != promised) {
			return -1;
		}
		long unusable = this.changes.get(0).done + this.changes.get(0).delay;
		return this.answers.stream()
			.filter((answer) -> answer.status() == 200)
			.mapToLong((answer) -> answer.start() - unusable)
			.max()
			.orElse(-1);
	}

	/**
	 * Says what is known of the key, without the token.
	 */
	synchronized String describe() {
		return ((this.genuine) ? "key " + this.id : "a forged key") + ", created at " + this.created + ", "
				+ this.changes.stream().map(Change::describe).toList();
	}

	/**
	 * One answer to a request with the key.
	 */
	record Answer(long start, long end, int status, boolean toQuery) {

	}

	/**
	 * What was done to the key.
	 */
	static final class Change {

		private final boolean usable;

		private final long delay;

		private final long staleness;

		private final Predicate<@Nullable ApiKey> isDone;

		private final long begun;

		private volatile long done = Long.MAX_VALUE;

		private Change(boolean usable, long delay, long staleness, Predicate<@Nullable ApiKey> isDone, long begun) {
			this.usable = usable;
			this.delay = delay;
			this.staleness = staleness;
			this.isDone = isDone;
			this.begun = begun;
		}

		/**
		 * When the state before it was certainly over.
		 */
		long end() {
			return (this.done == Long.MAX_VALUE) ? Long.MAX_VALUE : this.done + Math.max(this.delay, this.staleness);
		}

		boolean isDone(@Nullable ApiKey apiKey) {
			return this.isDone.test(apiKey);
		}

		String describe() {
			return (this.usable ? "usable" : "unusable") + " after " + this.delay + ", begun " + this.begun + ", done "
					+ this.done;
		}

		void done() {
			this.done = System.nanoTime();
		}

	}

}
