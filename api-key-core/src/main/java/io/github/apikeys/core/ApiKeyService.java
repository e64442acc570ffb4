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

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;

/**
 * Issues, verifies and manages keys.
 * <p>
 * Every change joins the caller's transaction, or makes one of its own, and publishes an
 * {@link ApiKeyChangedEvent} after the commit. Whoever calls decides who may call: the
 * service itself asks nobody for permission.
 *
 * @since 0.1.0
 */
public interface ApiKeyService {

	/**
	 * Creates a key.
	 * @param newApiKey what it should be like
	 * @return the key with its plaintext, which cannot be had again
	 * @throws InvalidApiKeyAttributeException if it would end in the past or before it
	 * begins, or be granted a scope that the application does not declare
	 */
	CreatedApiKey create(NewApiKey newApiKey);

	/**
	 * Verifies a token: the one way to find out whether a caller may come in, whatever
	 * the transport. Looks the key up with one query in a transaction of its own; for a
	 * text that is not a token it asks nobody.
	 * @param token what the caller presented, may be {@code null} or any text
	 * @return the key, or empty if the token is malformed, its key is unknown, its secret
	 * wrong, or the key is not {@link ApiKeyState#ACTIVE}
	 * @throws ApiKeyStoreException if the database does not answer
	 */
	Optional<ApiKeyPrincipal> verify(@Nullable String token);

	/**
	 * Finds a key.
	 * @param id the id of its row
	 * @return the key, or empty if there is none
	 */
	Optional<ApiKey> find(UUID id);

	/**
	 * Finds a key by what people see of it.
	 * @param keyId the public id, case matters
	 * @return the key, or empty if there is none
	 */
	Optional<ApiKey> findByKeyId(String keyId);

	/**
	 * Lists keys.
	 * @param query which keys
	 * @param pageable which page; can be sorted by {@code name}, {@code keyId},
	 * {@code owner}, {@code createdAt} and {@code expiresAt}; unsorted means newest first
	 * @return the page
	 * @throws IllegalArgumentException if it is to be sorted by something else
	 */
	Page<ApiKey> list(ApiKeyQuery query, Pageable pageable);

	/**
	 * Gives a key another name.
	 * @param id the id of its row
	 * @param name the name, as in {@link NewApiKey#named}
	 * @return the changed key
	 * @throws InvalidApiKeyAttributeException if the name is not of that form
	 * @throws ApiKeyNotFoundException if there is no such key
	 * @throws ApiKeyRevokedException if it is revoked
	 */
	ApiKey rename(UUID id, String name);

	/**
	 * Lets a key end at another time. An expired key can be given time again.
	 * @param id the id of its row
	 * @param expiresAt the first instant at which it cannot be used any more, or
	 * {@code null} for never
	 * @return the changed key
	 * @throws InvalidApiKeyAttributeException if the time is past or before the key
	 * begins
	 * @throws ApiKeyNotFoundException if there is no such key
	 * @throws ApiKeyRevokedException if it is revoked
	 */
	ApiKey changeExpiry(UUID id, @Nullable Instant expiresAt);

	/**
	 * Switches a key off for a while. Does nothing if it is switched off already.
	 * @param id the id of its row
	 * @return the key
	 * @throws ApiKeyNotFoundException if there is no such key
	 * @throws ApiKeyRevokedException if it is revoked
	 */
	ApiKey disable(UUID id);

	/**
	 * Switches a key on again. Does nothing if it is not switched off.
	 * @param id the id of its row
	 * @return the key
	 * @throws ApiKeyNotFoundException if there is no such key
	 * @throws ApiKeyRevokedException if it is revoked
	 */
	ApiKey enable(UUID id);

	/**
	 * Switches a key off for ever. Does nothing if it is revoked already; the time of the
	 * first revocation stands.
	 * @param id the id of its row
	 * @return the key
	 * @throws ApiKeyNotFoundException if there is no such key
	 */
	ApiKey revoke(UUID id);

}
