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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the threads have of those that need them first, and what becomes of a repetition
 * if none can be started.
 */
class BackgroundThreadsTests {

	private static final Duration MILLISECOND = Duration.ofMillis(1);

	private BackgroundThreads threads = new BackgroundThreads("test", 1);

	@AfterEach
	void close() {
		this.threads.close(Duration.ZERO);
	}

	@Test
	void runThenTheThreadHasNothingOfTheOneThatStartedIt() throws Exception {
		InheritableThreadLocal<String> ofTheRequest = new InheritableThreadLocal<>();
		ofTheRequest.set("caller");
		try {
			CompletableFuture<String> inWorker = new CompletableFuture<>();
			CompletableFuture<String> inTimer = new CompletableFuture<>();
			this.threads.tryExecute(() -> inWorker.complete(ofTheRequest.get()));
			this.threads.repeat(MILLISECOND, () -> inTimer.complete(ofTheRequest.get()));
			assertThat(inWorker.get(2, TimeUnit.MINUTES)).isNull();
			assertThat(inTimer.get(2, TimeUnit.MINUTES)).isNull();
		}
		finally {
			ofTheRequest.remove();
		}
	}

	@Test
	void runThenTheThreadHasTheClassLoaderOfTheApplication() throws Exception {
		ClassLoader ofTheCaller = Thread.currentThread().getContextClassLoader();
		try {
			Thread.currentThread().setContextClassLoader(new ClassLoader(ofTheCaller) {
			});
			CompletableFuture<ClassLoader> inWorker = new CompletableFuture<>();
			this.threads.tryExecute(() -> inWorker.complete(Thread.currentThread().getContextClassLoader()));
			assertThat(inWorker.get(2, TimeUnit.MINUTES)).isSameAs(ofTheCaller);
		}
		finally {
			Thread.currentThread().setContextClassLoader(ofTheCaller);
		}
	}

	/**
	 * As with a limit of threads that others have reached for a moment.
	 */
	@Test
	void repeatWhenNoThreadCanBeStartedThenTheNextCallTriesAgain() {
		AtomicBoolean exhausted = new AtomicBoolean(true);
		this.threads = new BackgroundThreads("test", 1, (task) -> new Thread(null, task, "test", 0, false) {

			@Override
			public synchronized void start() {
				if (exhausted.get()) {
					throw new OutOfMemoryError("unable to create native thread");
				}
				super.start();
			}

		});
		AtomicInteger first = new AtomicInteger();
		CountDownLatch runs = new CountDownLatch(3);
		this.threads.repeat(MILLISECOND, first::incrementAndGet);
		assertThat(this.threads.isRepeating()).isFalse();
		exhausted.set(false);
		this.threads.repeat(MILLISECOND, runs::countDown);
		await().until(() -> runs.getCount() == 0);
		assertThat(this.threads.isRepeating()).isTrue();
		assertThat(first).as("what was not started").hasValue(0);
	}

	@Test
	void repeatWhenRepeatedAlreadyThenNotTwice() {
		AtomicInteger again = new AtomicInteger();
		CountDownLatch runs = new CountDownLatch(3);
		this.threads.repeat(MILLISECOND, runs::countDown);
		this.threads.repeat(MILLISECOND, again::incrementAndGet);
		await().until(() -> runs.getCount() == 0);
		assertThat(again).hasValue(0);
	}

}
