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

import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Decides whether a token may be used now: the one path for filters, listeners and every
 * other transport.
 * <p>
 * An application adds behavior by a bean of this type that calls the verifier it gets
 * injected, which keeps its policies, cache, usage and events.
 *
 * @since 0.1.0
 * @see ApiKeyService
 */
public interface ApiKeyTokenVerifier {

	/**
	 * Verifies a token whose remote address is not known.
	 * @param token what the caller presented, may be {@code null} or any text
	 * @return as in {@link #verify(String, String)}
	 * @throws ApiKeyStoreException if the store does not answer
	 */
	default Optional<ApiKeyPrincipal> verify(@Nullable String token) {
		return verify(token, null);
	}

	/**
	 * Verifies a token. Looks the key up with one query in a transaction of its own, or
	 * on the connection of a transaction that sees what is committed; a malformed token
	 * costs no query.
	 * <p>
	 * A verification that starts more than {@code api-key.cache.max-staleness} (two
	 * seconds by default) after a change was committed honours it on every node, whatever
	 * fails, and on the node that made the change as soon as the commit has returned; it
	 * takes up to a minute only if the commit itself took longer than 30 seconds, if SQL
	 * other than the statements of the guide deleted or changed the row, or if, on
	 * databases other than PostgreSQL, MySQL and MariaDB, the clocks of the nodes differ
	 * by more than four minutes.
	 * @param token what the caller presented, may be {@code null} or any text
	 * @param remoteAddress the caller's IP address as the connection tells it, or
	 * {@code null} if it is not known
	 * @return the key, or empty for every {@link ApiKeyRefusal}
	 * @throws ApiKeyStoreException if the store does not answer
	 */
	Optional<ApiKeyPrincipal> verify(@Nullable String token, @Nullable String remoteAddress);

}
