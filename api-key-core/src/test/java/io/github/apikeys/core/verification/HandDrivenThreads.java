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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.apikeys.core.support.BackgroundThreads;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A timer that goes when it is told to, and workers that are awaited unless they hang.
 */
final class HandDrivenThreads extends BackgroundThreads {

	private final ThreadLocal<CountDownLatch> settled = new ThreadLocal<>();

	private final CountDownLatch release = new CountDownLatch(1);

	private final AtomicInteger busy = new AtomicInteger();

	private final int maxWorkers;

	private Runnable timer = () -> {
	};

	HandDrivenThreads(int maxWorkers) {
		super("by-hand", maxWorkers);
		this.maxWorkers = maxWorkers;
	}

	void tick() {
		this.timer.run();
	}

	/**
	 * What a worker does that hangs.
	 */
	void hang() {
		this.settled.get().countDown();
		await(this.release);
	}

	/**
	 * Those that hang go on.
	 */
	void release() {
		this.release.countDown();
	}

	int busy() {
		return this.busy.get();
	}

	@Override
	public void repeat(Duration interval, Runnable task) {
		this.timer = task;
	}

	@Override
	public boolean tryExecute(Runnable task) {
		if (this.busy.incrementAndGet() > this.maxWorkers) {
			this.busy.decrementAndGet();
			return false;
		}
		CountDownLatch settled = new CountDownLatch(1);
		Thread worker = new Thread(() -> {
			this.settled.set(settled);
			try {
				task.run();
			}
			finally {
				this.busy.decrementAndGet();
				settled.countDown();
			}
		});
		worker.setDaemon(true);
		worker.start();
		await(settled);
		return true;
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
