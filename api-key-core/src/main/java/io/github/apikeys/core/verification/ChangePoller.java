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
package io.github.apikeys.core.verification;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import io.github.apikeys.core.support.BackgroundThreads;
import io.github.apikeys.core.support.Moment;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Asks the database again and again what changed, and knows from the answers whether it
 * makes sense to ask it for a key.
 * <p>
 * A question that is not answered soon is asked again on another thread and connection,
 * and then the database is asked for a key, too: one connection that hangs says nothing
 * about the others.
 */
final class ChangePoller implements AutoCloseable {

	static final int MAX_THREADS = 3;

	private static final int MAX_QUESTIONS = MAX_THREADS - 1;

	private static final Log logger = LogFactory.getLog(ChangePoller.class);

	private final Questions questions;

	private final Supplier<Moment> clock;

	private final BackgroundThreads threads;

	private final Duration interval;

	// after which time the question is asked again
	private final Duration patience;

	// shorter than it takes until keys lose their trust
	private final Duration maxSilence;

	private final AtomicBoolean probing = new AtomicBoolean();

	// starts of the questions that are not answered, the oldest first; also the lock
	private final List<Moment> unanswered = new ArrayList<>();

	// only the timer touches it, after the start
	private volatile @Nullable Moment lastAsked;

	// since when questions are not answered, and no later one was
	private volatile @Nullable Moment silentSince;

	// when the database told about a key while questions were not answered
	private volatile @Nullable Moment lastLookup;

	// when the last question was asked that was answered, or nothing was to be asked
	private volatile @Nullable Moment confirmed;

	private volatile boolean failing;

	ChangePoller(Questions questions, Duration maxStaleness, Supplier<Moment> clock, BackgroundThreads threads) {
		this.questions = questions;
		this.clock = clock;
		this.threads = threads;
		this.interval = maxStaleness.dividedBy(2);
		this.patience = maxStaleness.dividedBy(5);
		this.maxSilence = maxStaleness.multipliedBy(2).dividedBy(5);
	}

	void start() {
		if (this.confirmed == null) {
			noteStart(this.clock.get());
		}
		if (!this.threads.isRepeating()) {
			this.threads.repeat(this.patience.dividedBy(2), this::tick);
		}
	}

	/**
	 * A second one that is late says nothing: at its time nobody asked.
	 */
	private void noteStart(Moment now) {
		synchronized (this.unanswered) {
			if (this.confirmed == null) {
				this.lastAsked = now;
				this.confirmed = now;
			}
		}
	}

	/**
	 * Asks, if it is time to.
	 */
	void tick() {
		Moment now = this.clock.get();
		int open = openQuestions();
		if (isOver((open == 0) ? this.interval : this.patience, this.lastAsked, now) && open < MAX_QUESTIONS) {
			ask(now);
		}
		Moment silentSince = this.silentSince;
		if (silentSince != null && isOver(this.patience, silentSince, now)) {
			askForAKey();
		}
	}

	private static boolean isOver(Duration duration, @Nullable Moment since, Moment now) {
		return since == null || !now.isWithin(duration, since);
	}

	private int openQuestions() {
		synchronized (this.unanswered) {
			return this.unanswered.size();
		}
	}

	private void ask(Moment start) {
		this.lastAsked = start;
		// a database that did not answer is asked until it does, so that it is known
		if (!this.failing && this.silentSince == null && !this.questions.isNeeded()) {
			this.confirmed = start;
			return;
		}
		this.threads.tryExecute(() -> awaitAnswer(start));
	}

	private void awaitAnswer(Moment start) {
		boolean answered = false;
		begin(start);
		try {
			this.questions.poll();
			answered = true;
			this.confirmed = start;
			this.failing = false;
		}
		catch (Throwable ex) {
			// who is told fast that there is no answer need not wait for it
			answered = !this.clock.get().isLongAfter(start, this.maxSilence);
			boolean known = this.failing;
			this.failing = true;
			if (!known) {
				logger.warn("Changes of API keys cannot be read; until they can, keys are looked up one by one", ex);
			}
		}
		finally {
			end(start, answered);
		}
	}

	private void begin(Moment start) {
		synchronized (this.unanswered) {
			this.unanswered.add(start);
			if (this.silentSince == null) {
				this.silentSince = start;
			}
		}
	}

	private void end(Moment start, boolean answered) {
		synchronized (this.unanswered) {
			this.unanswered.remove(start);
			if (answered) {
				this.silentSince = this.unanswered.stream()
					.filter((other) -> other.isAfter(start))
					.findFirst()
					.orElse(null);
			}
		}
	}

	private void askForAKey() {
		if (!this.probing.compareAndSet(false, true)) {
			return;
		}
		boolean begun = false;
		try {
			begun = this.threads.tryExecute(this::awaitKey);
		}
		finally {
			if (!begun) {
				this.probing.set(false);
			}
		}
	}

	private void awaitKey() {
		try {
			this.questions.probe();
			lookedUp();
		}
		catch (RuntimeException ex) {
			logger.debug("API keys cannot be looked up either", ex);
		}
		finally {
			this.probing.set(false);
		}
	}

	/**
	 * Notes that the database told about a key.
	 */
	void lookedUp() {
		if (this.silentSince != null) {
			this.lastLookup = this.clock.get();
		}
	}

	/**
	 * Whether nobody would wait in vain who asks for a key.
	 */
	boolean isAnswered() {
		Moment silentSince = this.silentSince;
		if (silentSince == null) {
			return true;
		}
		Moment now = this.clock.get();
		Moment lastLookup = this.lastLookup;
		return !now.isLongAfter(silentSince, this.maxSilence)
				|| (lastLookup != null && !now.isLongAfter(lastLookup, this.maxSilence));
	}

	/**
	 * How long ago the database confirmed what is remembered; zero before the start.
	 */
	Duration staleness() {
		Moment confirmed = this.confirmed;
		return (confirmed != null) ? this.clock.get().since(confirmed) : Duration.ZERO;
	}

	@Override
	public void close() {
		this.threads.close(Duration.ZERO);
	}

	/**
	 * What the database is asked.
	 */
	interface Questions {

		/**
		 * Returns whether there is anything that could have changed.
		 */
		boolean isNeeded();

		/**
		 * Asks what changed, and applies it.
		 */
		void poll();

		/**
		 * Asks for a key that does not exist.
		 */
		void probe();

	}

}
