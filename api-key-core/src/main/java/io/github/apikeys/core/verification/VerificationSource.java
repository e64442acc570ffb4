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
import java.time.Instant;
import java.util.UUID;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.TokenHash;
import org.jspecify.annotations.Nullable;

/**
 * Where verification finds keys. Each call sees what is committed now, and ends within
 * {@link #MAX_DURATION}.
 *
 * @since 0.1.0
 */
public interface VerificationSource {

	/**
	 * How long a call may take. What takes longer is given up, so that a server that is
	 * gone without a word occupies no thread for ever.
	 */
	Duration MAX_DURATION = Duration.ofSeconds(30);

	/**
	 * How long a caller waits that holds a connection for which others may wait. They
	 * must not take the store for silent meanwhile.
	 */
	Duration MAX_WAIT_WITH_CONNECTION = Duration.ofMillis(500);

	/**
	 * Finds a key in a transaction of its own.
	 * @param keyId the public id, case matters
	 * @return the key, or {@code null} if there is none
	 * @throws ApiKeyStoreException if the store does not answer
	 */
	@Nullable StoredApiKey find(String keyId);

	/**
	 * Finds what changed in a time before now, by the clock that stamps the changes. That
	 * clock may have been set while a change was being made.
	 * @param window how far to look back
	 * @param earliest the earliest time that the clock would say now if it had not been
	 * set since some answer of that window, or {@code null} if there was none
	 * @return the changes, with the present time by that clock
	 */
	RecentChanges findChanged(Duration window, @Nullable Instant earliest);

	/**
	 * Replaces the hash of a key, unless it was replaced since.
	 * @param id the id of the key's row
	 * @param oldHash the hash that was verified
	 * @param newHash the hash that is to replace it
	 */
	void replaceHash(UUID id, TokenHash oldHash, TokenHash newHash);

	/**
	 * Whether the caller has a transaction that sees what is committed now, so that a key
	 * can be read in it. What is read in it is cached for nobody.
	 * @return whether {@link #findAsCaller} is to be used
	 * @throws ApiKeyStoreException if the store does not answer
	 */
	default boolean isReadableByCaller() {
		return false;
	}

	/**
	 * Finds a key in the caller's transaction.
	 * @param keyId as in {@link #find}
	 * @return as in {@link #find}
	 * @throws ApiKeyStoreException if the store does not answer
	 */
	default @Nullable StoredApiKey findAsCaller(String keyId) {
		return find(keyId);
	}

	/**
	 * Whether the caller may hold a connection, and must not wait for another one for
	 * long.
	 * @return whether the caller may
	 */
	default boolean mayCallerHoldConnection() {
		return false;
	}

	/**
	 * Runs an action outside of the caller's transaction.
	 * @param <T> the type of the result
	 * @param action what to do
	 * @return what the action returned
	 * @throws ApiKeyStoreException if the store does not answer
	 */
	default <T extends @Nullable Object> T outside(Supplier<T> action) {
		return action.get();
	}

}
