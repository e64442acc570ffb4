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
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the threads have of those that need them first, and what becomes of a task if none
 * can be started.
 */
@ExtendWith(OutputCaptureExtension.class)
class BackgroundThreadsTests {

	private static final Duration MILLISECOND = Duration.ofMillis(1);

	private final AtomicBoolean exhausted = new AtomicBoolean(true);

	private final AtomicInteger attempts = new AtomicInteger();

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 10);

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
	void repeatWhenNoThreadCanBeStartedThenTriedOnceInASecondAndToldOnce(CapturedOutput output) {
		exhaustThreads();
		AtomicInteger first = new AtomicInteger();
		CountDownLatch runs = new CountDownLatch(3);
		for (int i = 0; i < 10; i++) {
			this.threads.repeat(MILLISECOND, first::incrementAndGet);
		}
		assertThat(this.attempts).hasValue(1);
		this.nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
		this.threads.repeat(MILLISECOND, first::incrementAndGet);
		assertThat(this.attempts).hasValue(2);
		assertThat(this.threads.isRepeating()).isFalse();
		assertThat(output).containsOnlyOnce("'exhausted' cannot start a thread");
		this.exhausted.set(false);
		this.nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
		this.threads.repeat(MILLISECOND, runs::countDown);
		await().until(() -> runs.getCount() == 0);
		assertThat(this.threads.isRepeating()).isTrue();
		assertThat(first).as("what was not started").hasValue(0);
	}

	@Test
	void tryExecuteWhenNoThreadCanBeStartedThenFalseUntilOneCan(CapturedOutput output) {
		exhaustThreads();
		CountDownLatch runs = new CountDownLatch(1);
		assertThat(this.threads.tryExecute(runs::countDown)).isFalse();
		assertThat(this.threads.tryExecute(runs::countDown)).isFalse();
		assertThat(output).containsOnlyOnce("'exhausted' cannot start a thread");
		assertThat(runs.getCount()).isOne();
		this.exhausted.set(false);
		assertThat(this.threads.tryExecute(runs::countDown)).isTrue();
		await().until(() -> runs.getCount() == 0);
	}

	private void exhaustThreads() {
		// from JDK 21 on, a pool does not call Thread.start()
		this.threads = new BackgroundThreads("exhausted", 1, (task) -> {
			this.attempts.incrementAndGet();
			if (this.exhausted.get()) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			return new Thread(null, task, "exhausted", 0, false);
		}, this.nanos::get);
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
