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

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;
import org.springframework.util.Assert;

/**
 * Manages keys in an {@link ApiKeyRepository}: the rules, what becomes of a key, and what
 * its history says of it.
 */
public class DefaultApiKeyService implements ApiKeyService {

	private final ApiKeyRepository repository;

	private final Function<@Nullable String, @Nullable UUID> holder;

	private final IssuanceRules rules = new IssuanceRules();

	private final ChangeLog log;

	private final KeyIssuer issuer;

	private final KeyCreation creation;

	private final KeyImports imports;

	private final KeyUpdates updates;

	private final KeyRotation rotation;

	private final KeyStates states;

	private final KeyPurge purge;

	private Clock clock = Clock.systemUTC();

	/**
	 * Creates a service.
	 * @param repository the store of the keys
	 * @param tokenFormats how tokens are written
	 * @param hashers how tokens are stored
	 * @param holder finds the id of the key whose token somebody holds, whatever its
	 * state, or {@code null} if there is none
	 */
	public DefaultApiKeyService(ApiKeyRepository repository, ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers,
			Function<@Nullable String, @Nullable UUID> holder) {
		this.repository = repository;
		this.holder = holder;
		this.log = new ChangeLog(repository, this::now);
		this.issuer = new KeyIssuer(repository, tokenFormats, hashers, this.log);
		ExistingKeys existing = new ExistingKeys(repository, this.rules, this::now);
		this.creation = new KeyCreation(repository, this.rules, existing, this.issuer, this.log);
		this.imports = new KeyImports(repository, new ImportMapping(tokenFormats, hashers, this.rules), existing,
				this.issuer, this.log);
		this.updates = new KeyUpdates(repository, this.rules, existing, this.log);
		this.rotation = new KeyRotation(repository, this.rules, existing, this.issuer, this.log);
		this.states = new KeyStates(repository, existing, this.log);
		this.purge = new KeyPurge(repository, this.log);
	}

	/**
	 * Sets what makes key ids and secrets.
	 * @param generator the generator, {@link SecureRandomApiKeyGenerator} by default
	 */
	public void setGenerator(ApiKeyGenerator generator) {
		Assert.notNull(generator, "generator cannot be null");
		this.issuer.setGenerator(generator);
	}

	/**
	 * Sets the clock by which keys begin and end.
	 * @param clock the clock, the system's by default
	 */
	public void setClock(Clock clock) {
		Assert.notNull(clock, "clock cannot be null");
		this.clock = clock;
	}

	/**
	 * Sets what finds out who changes a key.
	 * @param actorResolver the resolver; by default it is always the application
	 */
	public void setActorResolver(ApiKeyActorResolver actorResolver) {
		Assert.notNull(actorResolver, "actorResolver cannot be null");
		this.log.setActorResolver(actorResolver);
	}

	/**
	 * Sets the lifetimes of keys.
	 * @param defaultLifetime the lifetime of a key whose creator sets no expiry, or
	 * {@code null}, as by default, if such a key never expires
	 * @param maxLifetime the longest time from a key's creation to its end, or
	 * {@code null}, as by default, if there is none; if there is one, every key must have
	 * an end
	 * @param required whether every key must have an end, {@code false} by default
	 * @throws IllegalArgumentException if a time is not positive, or the default longer
	 * than the longest
	 */
	public void setLifetime(@Nullable Duration defaultLifetime, @Nullable Duration maxLifetime, boolean required) {
		this.rules.setLifetime(defaultLifetime, maxLifetime, required);
	}

	/**
	 * Sets how long a key may go on working after it was rotated.
	 * @param maxGrace the longest grace period, zero or more, or {@code null}, as by
	 * default, if there is none
	 * @throws IllegalArgumentException if it is negative
	 */
	public void setMaxGrace(@Nullable Duration maxGrace) {
		this.rules.setMaxGrace(maxGrace);
	}

	/**
	 * Sets how many keys an owner may have that are neither revoked nor expired. A key
	 * and those that replaced it by rotation count as one.
	 * @param maxKeysPerOwner at least 1, unlimited by default
	 */
	public void setMaxKeysPerOwner(int maxKeysPerOwner) {
		this.rules.setMaxKeysPerOwner(maxKeysPerOwner);
	}

	/**
	 * Sets which scopes exist. Only these can then be granted, and wildcards that cover
	 * at least one of them.
	 * @param declaredScopes scopes, no wildcards; if empty, as by default, every scope
	 * can be granted
	 * @throws IllegalArgumentException if one is not a scope
	 */
	public void setDeclaredScopes(Collection<String> declaredScopes) {
		this.rules.setDeclaredScopes(declaredScopes);
	}

	/**
	 * Checks which metadata of a key its principal has.
	 * @param names of 1 to 100 characters each, at most 10
	 * @return the names
	 * @throws IllegalArgumentException if there are more, or one is not of that form
	 */
	protected static Set<String> checkPrincipalMetadata(Collection<String> names) {
		return IssuanceRules.principalMetadata(names);
	}

	@Override
	public CreatedApiKey create(NewApiKey newApiKey) {
		return create(new ApiKey(), newApiKey);
	}

	@Override
	public CreatedApiKey create(ApiKey apiKey, NewApiKey newApiKey) {
		return this.creation.create(apiKey, newApiKey);
	}

	@Override
	public ApiKeyImport importIfAbsent(ApiKey apiKey, ImportedApiKey imported, NewApiKey newApiKey) {
		return this.imports.importIfAbsent(apiKey, imported, newApiKey);
	}

	@Override
	public Optional<ApiKey> find(UUID id) {
		return this.repository.inTransaction(() -> Optional.ofNullable(this.repository.find(id)));
	}

	@Override
	public <T extends ApiKey> Optional<T> find(Class<T> type, UUID id) {
		return Optional.ofNullable(this.repository.find(type, id));
	}

	@Override
	public Optional<ApiKey> findByKeyId(String keyId) {
		return this.repository.inTransaction(() -> Optional.ofNullable(this.repository.findByKeyId(keyId)));
	}

	@Override
	public <T extends ApiKey> Optional<T> findByKeyId(Class<T> type, String keyId) {
		return this.repository.inTransaction(() -> Optional.ofNullable(this.repository.findByKeyId(type, keyId)));
	}

	@Override
	public <T extends ApiKey> Page<T> list(Class<T> type, ApiKeyQuery query, Pageable pageable) {
		Pageable sorted = ApiKeyQuery.inTotalOrder(pageable);
		return this.repository.inTransaction(() -> this.repository.findAll(type, query, this.clock.instant(), sorted));
	}

	@Override
	public ApiKey update(UUID id, Consumer<ApiKeyUpdate> changes) {
		ApiKeyUpdate update = new ApiKeyUpdate();
		changes.accept(update);
		return this.updates.update(id, update);
	}

	@Override
	public CreatedApiKey rotate(UUID id, ApiKeyRotation rotation) {
		return this.rotation.rotate(id, rotation);
	}

	@Override
	public ApiKey disable(UUID id) {
		return this.states.disable(id);
	}

	@Override
	public ApiKey enable(UUID id) {
		return this.states.enable(id);
	}

	@Override
	public ApiKey enable(UUID id, Consumer<ApiKey> check) {
		return this.states.enable(id, check);
	}

	@Override
	public ApiKey revoke(UUID id, @Nullable String reason) {
		return this.states.revoke(id, reason);
	}

	@Override
	public int revokeAll(String owner, @Nullable String reason) {
		return this.states.revokeAll(owner, reason);
	}

	@Override
	public Optional<ApiKey> revokeToken(@Nullable String token, @Nullable String reason) {
		UUID id = this.holder.apply(token);
		if (id == null) {
			return Optional.empty();
		}
		ApiKey revoked = revoke(id, reason);
		return Optional.of(revoked);
	}

	@Override
	public ApiKey delete(UUID id) {
		return this.states.delete(id);
	}

	@Override
	public int purge(Duration retention) {
		return this.purge.purge(null, retention, now());
	}

	@Override
	public int purge(String owner, Duration retention) {
		Assert.notNull(owner, "owner cannot be null");
		return this.purge.purge(owner, retention, now());
	}

	@Override
	public void invalidateOwner(String owner) {
		this.repository.inChange(() -> {
			this.repository.invalidateOwner(owner);
			return owner;
		});
	}

	/**
	 * Microseconds, because that is what the databases keep: what is returned now equals
	 * what is read later.
	 */
	private Instant now() {
		return this.clock.instant().truncatedTo(ChronoUnit.MICROS);
	}

}
