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
package io.github.apikeys.core.support;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Runs what is done beside the requests, on daemon threads. Whatever a task throws, an
 * {@link Error} too, ends neither the thread nor the repetition. Work that may hang goes
 * to workers, of which there are few.
 *
 * @since 0.1.0
 */
public class BackgroundThreads {

	private static final Log logger = LogFactory.getLog(BackgroundThreads.class);

	private static final int IDLE_SECONDS = 10;

	// after a failure to start one
	private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final String name;

	private final ScheduledThreadPoolExecutor timer;

	private final ThreadPoolExecutor workers;

	private final LongSupplier nanos;

	// until a thread can be started again
	private final AtomicBoolean told = new AtomicBoolean();

	private volatile boolean repeating;

	private volatile @Nullable Long lastFailure;

	/**
	 * Creates threads; none is started yet. They have the class loader of the caller.
	 * @param name of the threads
	 * @param maxWorkers how many workers at most, those that hang included
	 */
	public BackgroundThreads(String name, int maxWorkers) {
		this(name, maxWorkers, threads(name, Thread.currentThread().getContextClassLoader()), System::nanoTime);
	}

	BackgroundThreads(String name, int maxWorkers, ThreadFactory threads, LongSupplier nanos) {
		Assert.notNull(name, "name cannot be null");
		this.name = name;
		this.nanos = nanos;
		this.timer = new ScheduledThreadPoolExecutor(1, threads);
		this.workers = new ThreadPoolExecutor(0, maxWorkers, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(),
				threads);
	}

	/**
	 * They have nothing of the request that needs them first: user, tenant, entries of a
	 * log. Since JDK 19 such a thread does not see the classes of the application unless
	 * it is told where they are.
	 */
	private static ThreadFactory threads(String name, @Nullable ClassLoader classLoader) {
		return (task) -> {
			Thread thread = new Thread(null, task, name, 0, false);
			thread.setContextClassLoader(classLoader);
			thread.setDaemon(true);
			return thread;
		};
	}

	/**
	 * Repeats a short task until the end, unless something is repeated already. If no
	 * thread can be started, this is logged once, and the first call after a second tries
	 * again.
	 * @param interval the time between two runs, at least a millisecond
	 * @param task the task, which must not wait for the database
	 */
	public void repeat(Duration interval, Runnable task) {
		Assert.notNull(interval, "interval cannot be null");
		Assert.notNull(task, "task cannot be null");
		if (mayBegin()) {
			Throwable failure = begin(Math.max(1, interval.toMillis()), () -> survive(task));
			if (failure != null) {
				tell(failure);
			}
		}
	}

	private boolean mayBegin() {
		Long lastFailure = this.lastFailure;
		return !this.repeating && (lastFailure == null || this.nanos.getAsLong() - lastFailure >= PAUSE_NANOS);
	}

	private synchronized @Nullable Throwable begin(long millis, Runnable task) {
		if (!mayBegin()) {
			return null;
		}
		try {
			this.timer.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
			this.told.set(false);
		}
		catch (RejectedExecutionException ex) {
			// keys are verified until the end, and even after it
		}
		catch (Throwable ex) {
			// a thread that is started later would find it, too
			this.timer.getQueue().clear();
			this.lastFailure = this.nanos.getAsLong();
			return ex;
		}
		this.repeating = true;
		return null;
	}

	private void tell(Throwable failure) {
		if (this.told.compareAndSet(false, true)) {
			log("'" + this.name + "' cannot start a thread, and will try again", failure);
		}
	}

	/**
	 * Returns whether something is repeated.
	 * @return whether it is, or was until the end
	 */
	public boolean isRepeating() {
		return this.repeating;
	}

	/**
	 * Lets a worker do something. If no thread can be started for it, this is logged
	 * once.
	 * @param task the task
	 * @return whether there was one that is not busy, or could be started
	 */
	public boolean tryExecute(Runnable task) {
		Assert.notNull(task, "task cannot be null");
		try {
			this.workers.execute(() -> survive(task));
			this.told.set(false);
			return true;
		}
		catch (RejectedExecutionException ex) {
			return false;
		}
		catch (Throwable ex) {
			tell(ex);
			return false;
		}
	}

	/**
	 * A failure is the business of the task; what it did not catch is logged.
	 */
	private void survive(Runnable task) {
		try {
			task.run();
		}
		catch (Throwable ex) {
			log("A task of '" + this.name + "' failed; the thread continues", ex);
		}
	}

	private static void log(String message, Throwable failure) {
		try {
			logger.error(message, failure);
		}
		catch (Throwable loggingFailure) {
			// there may be no memory for it, and what comes next matters more
		}
	}

	/**
	 * Repeats nothing any more.
	 */
	public void stop() {
		this.timer.shutdownNow();
	}

	/**
	 * Starts nothing any more, and waits for what is being done, but not for ever.
	 * @param patience the longest time to wait
	 */
	public void close(Duration patience) {
		Assert.notNull(patience, "patience cannot be null");
		stop();
		this.workers.shutdown();
		try {
			this.workers.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
