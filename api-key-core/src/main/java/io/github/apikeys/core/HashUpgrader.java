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

import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.token.PresentedToken;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.transaction.support.TransactionOperations;

/**
 * Replaces outdated hashes, after the request that noticed them. It has one thread of its
 * own, which ends when there is nothing to do, and forgets what does not fit into its
 * queue: the next use of the key asks again.
 */
final class HashUpgrader implements AutoCloseable {

	private static final int MAX_WAITING = 1000;

	private static final Log logger = LogFactory.getLog(HashUpgrader.class);

	private final ThreadPoolExecutor executor;

	private final ApiKeyHashers hashers;

	private final ApiKeyStore store;

	private final TransactionOperations transaction;

	private final Consumer<String> upgraded;

	/**
	 * Creates an upgrader.
	 * @param upgraded is told the ids of keys whose hash was replaced
	 */
	HashUpgrader(ApiKeyHashers hashers, ApiKeyStore store, TransactionOperations transaction,
			Consumer<String> upgraded) {
		this.upgraded = upgraded;
		this.hashers = hashers;
		this.store = store;
		this.transaction = transaction;
		this.executor = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MAX_WAITING),
				(task) -> {
					Thread thread = new Thread(task, "api-key-hash-upgrade");
					thread.setDaemon(true);
					return thread;
				}, new ThreadPoolExecutor.DiscardPolicy());
		this.executor.allowCoreThreadTimeOut(true);
	}

	void upgrade(UUID id, TokenHash oldHash, PresentedToken token) {
		this.executor.execute(() -> {
			try {
				TokenHash newHash = new TokenHash(this.hashers.hash(token.hashedText(), token.secretLength()));
				this.transaction.executeWithoutResult((status) -> this.store.updateHash(id, oldHash, newHash));
				this.upgraded.accept(token.keyId());
			}
			catch (RuntimeException ex) {
				logger.warn("The hash of API key '" + token.keyId() + "' was not upgraded; its next use tries again",
						ex);
			}
		});
	}

	@Override
	public void close() {
		this.executor.shutdown();
		try {
			this.executor.awaitTermination(5, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
