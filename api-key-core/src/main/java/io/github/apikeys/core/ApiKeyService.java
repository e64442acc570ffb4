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
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;

/**
 * Issues and manages keys. {@link ApiKeyTokenVerifier} verifies their tokens.
 * <p>
 * Every change joins the caller's transaction, or makes one of its own, and publishes an
 * {@link ApiKeyEvent} after the commit. In a read-only transaction it is refused with an
 * {@link org.springframework.transaction.IllegalTransactionStateException}, and nothing
 * is written.
 * <p>
 * A change returns the columns of the key: no entity of a type is loaded for it. If a key
 * is read and its entity cannot be loaded, because its type is unknown here, or the row
 * that its type adds is gone or cannot be read, the key is an {@link ApiKey} with the
 * values of its columns and its {@link ApiKey#getKeyType() type}. The service checks no
 * permissions: the calling code decides who may call.
 * <p>
 * An application adds behavior by a bean of this type that calls the service it gets
 * injected, which keeps its policies, rules and events.
 *
 * @since 0.1.0
 */
public interface ApiKeyService {

	/**
	 * Creates a key.
	 * @param newApiKey the attributes of the key
	 * @return the key with its plaintext, which is returned only here
	 * @throws InvalidApiKeyAttributeException if it would end in the past, before it
	 * begins or later than the application permits, be granted a scope that the
	 * application does not declare, or be one too many for its owner
	 */
	CreatedApiKey create(NewApiKey newApiKey);

	/**
	 * Creates a key of the application's own type.
	 * @param apiKey a new entity, of which only what its class adds to {@link ApiKey} is
	 * set
	 * @param newApiKey the other attributes of the key
	 * @return the entity with its plaintext, which is returned only here
	 * @throws InvalidApiKeyAttributeException as in {@link #create(NewApiKey)}
	 * @throws IllegalArgumentException if the entity is not new
	 */
	CreatedApiKey create(ApiKey apiKey, NewApiKey newApiKey);

	/**
	 * Takes over a key that another system issued, so that its clients need not change. A
	 * key that ended there, because it is {@linkplain ImportedApiKey#withRevocation
	 * revoked} or has an {@linkplain NewApiKey#expiresAt(Instant) expiry} that is past,
	 * is taken over as it is: it cannot be used, and counts among the keys of no owner.
	 * @param imported the key
	 * @param newApiKey what it should be like besides
	 * @return the key
	 * @throws InvalidApiKeyAttributeException as in {@link #create(NewApiKey)}, or if the
	 * format of the token is not registered, its tokens have no such id, the scheme of
	 * its hash is not known, it would be created or revoked in the future, or is there
	 * already
	 */
	default ApiKey importKey(ImportedApiKey imported, NewApiKey newApiKey) {
		return importKey(new ApiKey(), imported, newApiKey);
	}

	/**
	 * Takes over a key as one of the application's own type.
	 * @param apiKey a new entity, of which only what its class adds to {@link ApiKey} is
	 * set
	 * @param imported the key
	 * @param newApiKey what it should be like besides
	 * @return the entity
	 * @throws InvalidApiKeyAttributeException as in
	 * {@link #importKey(ImportedApiKey, NewApiKey)}
	 * @throws IllegalArgumentException if the entity is not new
	 */
	default ApiKey importKey(ApiKey apiKey, ImportedApiKey imported, NewApiKey newApiKey) {
		ApiKeyImport outcome = importIfAbsent(apiKey, imported, newApiKey);
		if (!outcome.isCreated()) {
			String present = "There is an API key '" + outcome.getApiKey().getKeyId() + "'";
			throw new InvalidApiKeyAttributeException("keyId", outcome.getDifferences().contains("keyId")
					? present + " of this token already: its key id was made with another secret of the token format. "
							+ "Only that secret finds the keys that were imported with it"
					: present + " already: importIfAbsent leaves such a key as it is");
		}
		return outcome.getApiKey();
	}

	/**
	 * Takes over a key unless that was done before, so that an import can run again, also
	 * on several nodes at once. A key that is there is not changed.
	 * @param imported the key
	 * @param newApiKey what it should be like besides
	 * @return the key, and whether it was there, and with which differences
	 * @throws InvalidApiKeyAttributeException as in
	 * {@link #importKey(ImportedApiKey, NewApiKey)}, but for a key that is there already
	 */
	default ApiKeyImport importIfAbsent(ImportedApiKey imported, NewApiKey newApiKey) {
		return importIfAbsent(new ApiKey(), imported, newApiKey);
	}

	/**
	 * Takes over a key as one of the application's own type, unless that was done before.
	 * @param apiKey as in {@link #importKey(ApiKey, ImportedApiKey, NewApiKey)}
	 * @param imported the key
	 * @param newApiKey what it should be like besides
	 * @return as in {@link #importIfAbsent(ImportedApiKey, NewApiKey)}
	 * @throws InvalidApiKeyAttributeException as there
	 * @throws IllegalArgumentException if the entity is not new
	 */
	ApiKeyImport importIfAbsent(ApiKey apiKey, ImportedApiKey imported, NewApiKey newApiKey);

	/**
	 * Finds a key.
	 * @param id the id of its row
	 * @return the key, or empty if there is none
	 */
	Optional<ApiKey> find(UUID id);

	/**
	 * Finds a key of a type.
	 * @param type the class of keys
	 * @param id the id of its row
	 * @param <T> the class of keys
	 * @return the key with what its class adds, or empty if there is none of this type
	 */
	<T extends ApiKey> Optional<T> find(Class<T> type, UUID id);

	/**
	 * Finds a key by what people see of it.
	 * @param keyId the public id, case matters
	 * @return the key, or empty if there is none
	 */
	Optional<ApiKey> findByKeyId(String keyId);

	/**
	 * Finds a key of a type by what people see of it.
	 * @param type the class of keys
	 * @param keyId the public id, case matters
	 * @param <T> the class of keys
	 * @return the key with what its class adds, or empty if there is none of this type
	 */
	default <T extends ApiKey> Optional<T> findByKeyId(Class<T> type, String keyId) {
		return findByKeyId(keyId).filter(type::isInstance).map(type::cast);
	}

	/**
	 * Lists keys.
	 * @param query which keys
	 * @param pageable which page; can be sorted by {@code name}, {@code keyId},
	 * {@code owner}, {@code createdAt} and {@code expiresAt}; unsorted means newest first
	 * @return the page
	 * @throws InvalidApiKeyAttributeException if it is to be sorted by something else
	 */
	default Page<ApiKey> list(ApiKeyQuery query, Pageable pageable) {
		return list(ApiKey.class, query, pageable);
	}

	/**
	 * Lists keys of a type.
	 * @param type the class of keys, to which those of its subclasses belong
	 * @param query which of them
	 * @param pageable as in {@link #list(ApiKeyQuery, Pageable)}
	 * @param <T> the class of keys
	 * @return the page, of keys with what their class adds; without those whose entity
	 * cannot be loaded, unless the class is {@link ApiKey} itself
	 * @throws InvalidApiKeyAttributeException if it is to be sorted by something else
	 * @throws IllegalArgumentException if the application has no type of keys of this
	 * class
	 */
	<T extends ApiKey> Page<T> list(Class<T> type, ApiKeyQuery query, Pageable pageable);

	/**
	 * Changes what is written on a key: name, description, expiry, scopes, metadata. Does
	 * nothing if all of it is so already.
	 * @param id the id of its row
	 * @param changes says what is to be different
	 * @return the key
	 * @throws InvalidApiKeyAttributeException if an attribute is not of its form, a scope
	 * is added that the application does not declare, or a changed expiry is past, before
	 * the key begins, or later than that of a key that was rotated
	 * @throws ApiKeyNotFoundException if there is no such key
	 * @throws ApiKeyRevokedException if it is revoked
	 * @throws ApiKeyVersionConflictException if it has not the expected version any more
	 */
	ApiKey update(UUID id, Consumer<ApiKeyUpdate> changes);

	/**
	 * Replaces a key. The new one has the type, name, owner, scopes, metadata and times
	 * of the old one, which goes on working for a while, so that clients can change over.
	 * The key that the old one replaced ends at once: of a key and its successors, two
	 * can be used at most.
	 * @param id the id of its row
	 * @param grace how long the old key goes on working, if it does not end before; with
	 * zero it ends at once
	 * @return the new key with its plaintext, which is returned only here
	 * @throws InvalidApiKeyAttributeException if the grace is negative, or longer than
	 * the application permits
	 * @throws ApiKeyNotFoundException if there is no such key
	 * @throws ApiKeyRevokedException if it is revoked
	 * @throws ApiKeyRotationException if it is expired or disabled, or was rotated before
	 */
	default CreatedApiKey rotate(UUID id, Duration grace) {
		return rotate(id, ApiKeyRotation.withGrace(grace));
	}

	/**
	 * Replaces a key as {@link #rotate(UUID, Duration)} does, with another expiry of the
	 * new key, or if a check does not object to the old one.
	 * @param id the id of its row
	 * @param rotation how it is to be replaced
	 * @return the new key with its plaintext, which is returned only here
	 * @throws InvalidApiKeyAttributeException if the grace is longer than the application
	 * permits, or the expiry of the new key is one that is not permitted for a key that
	 * is created now
	 * @throws ApiKeyNotFoundException if there is no such key
	 * @throws ApiKeyRevokedException if it is revoked
	 * @throws ApiKeyRotationException as in {@link #rotate(UUID, Duration)}
	 */
	CreatedApiKey rotate(UUID id, ApiKeyRotation rotation);

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
	 * Switches a key on again if a check does not object to it as it is then. Nobody else
	 * changes the key between the check and the change. Does nothing but the check if it
	 * is not switched off.
	 * @param id the id of its row
	 * @param check called with the key as in {@link ApiKeyUpdate#check}
	 * @return the key
	 * @throws ApiKeyNotFoundException if there is no such key
	 * @throws ApiKeyRevokedException if it is revoked
	 */
	ApiKey enable(UUID id, Consumer<ApiKey> check);

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

	/**
	 * Revokes all keys of an owner that are not revoked yet. Keys that are created or
	 * rotated at the same time are revoked, too, or created after.
	 * @param owner whom they belong to
	 * @param reason as in {@link #revoke(UUID, String)}
	 * @return how many
	 */
	int revokeAll(String owner, @Nullable String reason);

	/**
	 * Revokes the key whose token somebody found: presenting it is enough. It works
	 * whatever the state of the key, and regardless of policies and addresses.
	 * @param token the whole token, may be {@code null} or any text
	 * @param reason as in {@link #revoke(UUID, String)}
	 * @return the revoked key, or empty if the token belongs to none
	 * @throws ApiKeyStoreException if the database does not answer
	 */
	Optional<ApiKey> revokeToken(@Nullable String token, @Nullable String reason);

	/**
	 * Deletes a key: revokes it, unless it is revoked already, and lets the first purge
	 * from a minute and a half later on (five and a half minutes on databases other than
	 * PostgreSQL, MySQL and MariaDB) delete its row, whatever the retention of that
	 * purge. Until then nodes may still have the key in their cache, and the row tells
	 * them. Its history stays. Does nothing if it is to be deleted already.
	 * @param id the id of its row
	 * @return the key
	 * @throws ApiKeyNotFoundException if there is no such key
	 */
	ApiKey delete(UUID id);

	/**
	 * Deletes the rows of keys that were revoked or expired long ago, with their use, and
	 * those of keys that were {@linkplain #delete deleted}. Their history stays. A key
	 * without an end goes only if it was revoked. Keys that ended less than a minute and
	 * a half ago stay, whatever the retention: nodes may still have them in their cache.
	 * So does a successor whose predecessor has not ended, since the requests of both are
	 * counted in its row. A key to which a table of the application refers stays, too,
	 * unless this joins the caller's transaction, which then fails.
	 * @param retention how long ago, not negative; a deleted key goes without
	 * @return how many
	 */
	int purge(Duration retention);

	/**
	 * Deletes the rows of keys of one owner, and of no other.
	 * @param owner exactly this owner
	 * @param retention as in {@link #purge(Duration)}
	 * @return how many
	 */
	int purge(String owner, Duration retention);

	/**
	 * Says that something outside changed on which an {@link ApiKeyPolicy} decides about
	 * the keys of an owner: no node goes on with what it remembers.
	 * @param owner whose keys
	 */
	void invalidateOwner(String owner);

}
