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

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

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
	 * Creates a key of the application's own type.
	 * @param apiKey a new entity, of which only what its class adds to {@link ApiKey} is
	 * set
	 * @param newApiKey what it should be like besides
	 * @return the entity with its plaintext, which cannot be had again
	 * @throws InvalidApiKeyAttributeException as in {@link #create(NewApiKey)}
	 * @throws IllegalArgumentException if the entity is not new
	 */
	CreatedApiKey create(ApiKey apiKey, NewApiKey newApiKey);

	/**
	 * Verifies a token of which nobody knows where it comes from.
	 * @param token what the caller presented, may be {@code null} or any text
	 * @return as in {@link #verify(String, String)}
	 * @throws ApiKeyStoreException if the database does not answer
	 */
	default Optional<ApiKeyPrincipal> verify(@Nullable String token) {
		return verify(token, null);
	}

	/**
	 * Verifies a token: the one way to find out whether a caller may come in, whatever
	 * the transport. Looks the key up with one query in a transaction of its own; for a
	 * text that is not a token it asks nobody.
	 * @param token what the caller presented, may be {@code null} or any text
	 * @param remoteAddress the caller's IP address as the connection tells it, or
	 * {@code null} if it is not known
	 * @return the key, or empty if the token is malformed, its key is unknown, its secret
	 * wrong, or the key is not {@link ApiKeyState#ACTIVE}
	 * @throws ApiKeyStoreException if the database does not answer
	 */
	Optional<ApiKeyPrincipal> verify(@Nullable String token, @Nullable String remoteAddress);

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
	 * Changes what is written on a key: name, description, expiry, scopes, metadata. Does
	 * nothing if all of it is so already.
	 * @param id the id of its row
	 * @param changes says what is to be different
	 * @return the key
	 * @throws InvalidApiKeyAttributeException if an attribute is not of its form, a scope
	 * is added that the application does not declare, or a changed expiry is past or
	 * before the key begins
	 * @throws ApiKeyNotFoundException if there is no such key
	 * @throws ApiKeyRevokedException if it is revoked
	 * @throws ApiKeyVersionConflictException if it has not the expected version any more
	 */
	ApiKey update(UUID id, Consumer<ApiKeyUpdate> changes);

	/**
	 * Replaces a key. The new one has the type, name, owner, scopes, metadata and times
	 * of the old one, which goes on working for a while, so that clients can change over.
	 * @param id the id of its row
	 * @param grace how long the old key goes on working, if it does not end before; with
	 * zero it ends at once
	 * @return the new key with its plaintext, which cannot be had again
	 * @throws InvalidApiKeyAttributeException if the grace is negative
	 * @throws ApiKeyNotFoundException if there is no such key
	 * @throws ApiKeyRevokedException if it is revoked
	 * @throws ApiKeyRotationException if it is expired or disabled, or was rotated before
	 */
	CreatedApiKey rotate(UUID id, Duration grace);

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
	 * Switches a key off for ever, without giving a reason.
	 * @param id the id of its row
	 * @return the key
	 * @throws ApiKeyNotFoundException if there is no such key
	 */
	default ApiKey revoke(UUID id) {
		return revoke(id, null);
	}

	/**
	 * Switches a key off for ever. Does nothing if it is revoked already; the time of the
	 * first revocation stands.
	 * @param id the id of its row
	 * @param reason why, for its history, or {@code null}; what exceeds 1000 characters
	 * is cut
	 * @return the key
	 * @throws ApiKeyNotFoundException if there is no such key
	 */
	ApiKey revoke(UUID id, @Nullable String reason);

}
