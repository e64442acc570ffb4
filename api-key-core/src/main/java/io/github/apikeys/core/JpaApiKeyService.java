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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.log.LogMessage;
import org.springframework.dao.DataAccessException;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;
import org.springframework.data.jpa.repository.support.SimpleJpaRepository;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;

/**
 * The {@link ApiKeyService} on the application's own persistence unit. It is not final
 * only because an application's aspects may want to wrap every service.
 *
 * @since 0.1.0
 */
public class JpaApiKeyService implements ApiKeyService, AutoCloseable {

	private static final Log logger = LogFactory.getLog(JpaApiKeyService.class);

	private static final int MAX_ATTEMPTS = 5;

	private static final Set<String> SORTABLE = Set.of("name", "keyId", "owner", "createdAt", "expiresAt");

	private final ApiKeyStore store;

	private final SimpleJpaRepository<ApiKey, UUID> repository;

	private final ApiKeyTokenFormat tokenFormat;

	private final ApiKeyHashers hashers;

	private final HashUpgrader hashUpgrader;

	private final UsageRecorder usageRecorder;

	private final TransactionTemplate transaction;

	private final TransactionTemplate ownTransaction;

	private ApiKeyGenerator generator = new SecureRandomApiKeyGenerator();

	private Clock clock = Clock.systemUTC();

	private ApplicationEventPublisher eventPublisher = (event) -> {
	};

	private ApiKeyActorResolver actorResolver = () -> ApiKeyActor.APPLICATION;

	private Set<String> declaredScopes = Set.of();

	/**
	 * Creates a service.
	 * @param entityManagerFactory Hibernate's, with {@link ApiKey} among its entities
	 * @param transactionManager the transactions of that persistence unit
	 * @param tokenFormat how tokens are written
	 * @param hashers how they are stored
	 * @throws ApiKeyEntityNotManagedException if the persistence unit does not know
	 * {@link ApiKey}
	 */
	public JpaApiKeyService(EntityManagerFactory entityManagerFactory, PlatformTransactionManager transactionManager,
			ApiKeyTokenFormat tokenFormat, ApiKeyHashers hashers) {
		this.store = new ApiKeyStore(entityManagerFactory);
		this.repository = new SimpleJpaRepository<>(ApiKey.class, this.store.entityManager());
		this.tokenFormat = tokenFormat;
		this.hashers = hashers;
		this.transaction = new TransactionTemplate(transactionManager);
		// It sees what is committed now: neither the caller's uncommitted changes nor an
		// older snapshot. It is not read-only, since that may be routed to a replica.
		this.ownTransaction = new TransactionTemplate(transactionManager);
		this.ownTransaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		this.hashUpgrader = new HashUpgrader(hashers, this.store, this.ownTransaction);
		this.usageRecorder = new UsageRecorder(new UsageStore(entityManagerFactory), this.ownTransaction);
	}

	/**
	 * Sets what makes key ids and secrets.
	 * @param generator the generator, {@link SecureRandomApiKeyGenerator} by default
	 */
	public void setGenerator(ApiKeyGenerator generator) {
		Assert.notNull(generator, "generator cannot be null");
		this.generator = generator;
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
		this.actorResolver = actorResolver;
	}

	/**
	 * Sets how long the use of keys is summed up in memory before it is written.
	 * @param interval longer than zero, 10 seconds by default
	 */
	public void setUsageInterval(Duration interval) {
		Assert.isTrue(!interval.isNegative() && !interval.isZero(), "interval must be positive");
		this.usageRecorder.setInterval(interval);
	}

	/**
	 * Sets where {@link ApiKeyEvent}s go.
	 * @param eventPublisher the publisher; by default they go nowhere
	 */
	public void setApplicationEventPublisher(ApplicationEventPublisher eventPublisher) {
		Assert.notNull(eventPublisher, "eventPublisher cannot be null");
		this.eventPublisher = eventPublisher;
	}

	/**
	 * Sets which scopes exist. Only these can then be granted, and wildcards that cover
	 * at least one of them.
	 * @param declaredScopes scopes, no wildcards; if empty, as by default, every scope
	 * can be granted
	 * @throws IllegalArgumentException if one is not a scope
	 */
	public void setDeclaredScopes(Collection<String> declaredScopes) {
		for (String scope : declaredScopes) {
			Assert.isTrue(ApiKeyScopes.isScope(scope), () -> "'" + scope + "' is not a scope");
		}
		this.declaredScopes = new TreeSet<>(declaredScopes);
	}

	@Override
	public CreatedApiKey create(NewApiKey newApiKey) {
		return create(new ApiKey(), newApiKey);
	}

	@Override
	@SuppressWarnings("NullAway") // a new entity has no id
	public CreatedApiKey create(ApiKey apiKey, NewApiKey newApiKey) {
		Assert.isTrue(apiKey.getId() == null, "Only a new entity can become an API key");
		Instant now = now();
		newApiKey.scopes().forEach(this::checkDeclared);
		checkExpiry(newApiKey.end(now), newApiKey.notBefore(), now);
		return inTransaction(() -> insert(apiKey, UUID.randomUUID(), newApiKey, now, null));
	}

	private CreatedApiKey insert(ApiKey apiKey, UUID id, NewApiKey newApiKey, Instant now, @Nullable String detail) {
		ApiKeyToken token = generateToken();
		TokenHash hash = new TokenHash(this.hashers.hash(token.value()));
		apiKey.initialize(id, this.store.keyType(apiKey), newApiKey, token, hash, now);
		this.store.insert(apiKey);
		record(apiKey, ApiKeyChange.CREATED, detail);
		return new CreatedApiKey(apiKey, token);
	}

	/**
	 * Looks before it inserts: a violated constraint would doom the caller's transaction.
	 * Should two creators pick the same of 62^12 ids in the same instant, the constraint
	 * lets one of them fail.
	 */
	private ApiKeyToken generateToken() {
		for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
			ApiKeyToken token = this.tokenFormat.generate(this.generator);
			if (!this.store.existsKeyId(token.keyId())) {
				return token;
			}
		}
		throw new IllegalStateException(
				"The API key generator returned " + MAX_ATTEMPTS + " key ids in a row that exist already");
	}

	@Override
	public Optional<ApiKeyPrincipal> verify(@Nullable String text, @Nullable String remoteAddress) {
		ApiKeyToken token = this.tokenFormat.parse(text);
		if (token == null) {
			return refuse("API key refused: malformed", null);
		}
		StoredApiKey stored = load(token.keyId());
		// The secret comes first: who does not have it learns nothing of the key, neither
		// from the answer nor from the work done for it.
		boolean matches = this.hashers.matches(token.value(), (stored != null) ? stored.hash().value() : null);
		if (stored == null) {
			return refuse(LogMessage.format("API key '%s' refused: unknown", token.keyId()), null);
		}
		UUID id = stored.principal().id();
		if (!matches) {
			return refuse(LogMessage.format("API key '%s' refused: wrong secret", token.keyId()), id);
		}
		Instant now = now();
		ApiKeyState state = stored.state(now);
		if (state != ApiKeyState.ACTIVE) {
			return refuse(LogMessage.format("API key '%s' refused: %s", token.keyId(), state), id);
		}
		if (this.hashers.needsUpgrade(stored.hash().value())) {
			this.hashUpgrader.upgrade(id, stored.hash(), token);
		}
		this.usageRecorder.accepted(id, now, ApiKeyActor.cutAddress(remoteAddress));
		return Optional.of(stored.principal());
	}

	private Optional<ApiKeyPrincipal> refuse(CharSequence reason, @Nullable UUID id) {
		logger.debug(reason);
		this.usageRecorder.refused(id, now());
		return Optional.empty();
	}

	private @Nullable StoredApiKey load(String keyId) {
		try {
			return execute(this.ownTransaction, () -> Optional.ofNullable(this.store.findForVerification(keyId)))
				.orElse(null);
		}
		catch (DataAccessException | TransactionException | PersistenceException ex) {
			throw new ApiKeyStoreException(ex);
		}
	}

	@Override
	public Optional<ApiKey> find(UUID id) {
		return inTransaction(() -> Optional.ofNullable(this.store.find(id)));
	}

	@Override
	public Optional<ApiKey> findByKeyId(String keyId) {
		return inTransaction(() -> Optional.ofNullable(this.store.findByKeyId(keyId)));
	}

	@Override
	public Page<ApiKey> list(ApiKeyQuery query, Pageable pageable) {
		for (Sort.Order order : pageable.getSort()) {
			Assert.isTrue(SORTABLE.contains(order.getProperty()),
					() -> "API keys cannot be sorted by '" + order.getProperty() + "', only by " + SORTABLE);
		}
		Sort sort = pageable.getSortOr(Sort.by(Sort.Direction.DESC, "createdAt")).and(Sort.by("id"));
		Pageable sorted = pageable.isPaged() ? PageRequest.of(pageable.getPageNumber(), pageable.getPageSize(), sort)
				: Pageable.unpaged(sort);
		return inTransaction(() -> this.repository.findAll(query.toSpecification(this.clock.instant()), sorted));
	}

	@Override
	public ApiKey update(UUID id, Consumer<ApiKeyUpdate> changes) {
		ApiKeyUpdate update = new ApiKeyUpdate();
		changes.accept(update);
		return inTransaction(() -> {
			// found, not refreshed: that would undo what the caller has not flushed yet
			ApiKey current = this.store.find(id);
			if (current == null) {
				throw new ApiKeyNotFoundException(id);
			}
			List<String> changed = update.reduceTo(current);
			check(update, current);
			boolean applied = changed.isEmpty() ? !this.store.isRevoked(id)
					: this.store.update(id, update.columns(), update.expectedVersion());
			if (!applied) {
				throw refused(id);
			}
			ApiKey apiKey = existing(id);
			if (!changed.isEmpty()) {
				replaceCollections(apiKey, update);
				record(apiKey, ApiKeyChange.UPDATED, String.join(", ", changed));
			}
			return apiKey;
		});
	}

	private void check(ApiKeyUpdate update, ApiKey current) {
		if (update.columns().containsKey("expiresAt")) {
			checkExpiry((Instant) update.columns().get("expiresAt"), current.getNotBefore(), now());
		}
		Set<String> scopes = update.newScopes();
		if (scopes != null) {
			// what it has it may keep, even if it is not declared any more
			scopes.stream().filter((scope) -> !current.getScopes().contains(scope)).forEach(this::checkDeclared);
		}
	}

	private void replaceCollections(ApiKey apiKey, ApiKeyUpdate update) {
		Set<String> scopes = update.newScopes();
		if (scopes != null) {
			apiKey.replaceScopes(scopes);
		}
		Map<String, String> metadata = update.newMetadata();
		if (metadata != null) {
			apiKey.replaceMetadata(metadata);
		}
		this.store.flush();
	}

	private RuntimeException refused(UUID id) {
		if (this.store.isRevoked(id)) {
			return new ApiKeyRevokedException(id);
		}
		return this.store.lockAndReadExpiry(id).isEmpty() ? new ApiKeyNotFoundException(id)
				: new ApiKeyVersionConflictException(id);
	}

	@Override
	public CreatedApiKey rotate(UUID id, Duration grace) {
		if (grace.isNegative()) {
			throw new InvalidApiKeyAttributeException("grace", "The grace of a rotation must not be negative");
		}
		return inTransaction(() -> {
			Instant now = now();
			List<@Nullable Instant> expiry = this.store.lockAndReadExpiry(id);
			if (expiry.isEmpty()) {
				throw new ApiKeyNotFoundException(id);
			}
			Instant expiresAt = expiry.get(0);
			Instant end = ApiKeyAttributes.end("grace", now, grace);
			ApiKey old = existing(id);
			UUID successorId = UUID.randomUUID();
			if (!this.store.rotate(id, successorId, now,
					(expiresAt != null && expiresAt.isBefore(end)) ? expiresAt : end)) {
				throw notRotatable(old, now);
			}
			NewApiKey newApiKey = NewApiKey.successorOf(old, expiresAt);
			CreatedApiKey created = insert(this.store.copy(old), successorId, newApiKey, now, old.getKeyId());
			record(existing(id), ApiKeyChange.ROTATED, created.apiKey().getKeyId());
			return created;
		});
	}

	private static RuntimeException notRotatable(ApiKey apiKey, Instant now) {
		if (apiKey.getRevokedAt() != null) {
			return new ApiKeyRevokedException(apiKey.getId());
		}
		if (apiKey.getSuccessorId() != null) {
			return new ApiKeyRotationException(apiKey.getId(), "was rotated before; rotate its successor");
		}
		return new ApiKeyRotationException(apiKey.getId(), (apiKey.getState(now) == ApiKeyState.EXPIRED)
				? "is expired; create a new one" : "is disabled; enable it first");
	}

	@Override
	public ApiKey disable(UUID id) {
		return change(id, ApiKeyChange.DISABLED, () -> this.store.disable(id, now()));
	}

	@Override
	public ApiKey enable(UUID id) {
		return change(id, ApiKeyChange.ENABLED, () -> this.store.enable(id));
	}

	@Override
	public ApiKey revoke(UUID id, @Nullable String reason) {
		return inTransaction(() -> afterStatement(id, ApiKeyChange.REVOKED, reason, this.store.revoke(id, now())));
	}

	/**
	 * Applies a change that a revoked key refuses.
	 */
	private ApiKey change(UUID id, ApiKeyChange change, BooleanSupplier statement) {
		return inTransaction(() -> {
			boolean changed = statement.getAsBoolean();
			if (!changed && this.store.isRevoked(id)) {
				throw new ApiKeyRevokedException(id);
			}
			return afterStatement(id, change, null, changed);
		});
	}

	private ApiKey afterStatement(UUID id, ApiKeyChange change, @Nullable String detail, boolean changed) {
		ApiKey apiKey = existing(id);
		if (changed) {
			record(apiKey, change, detail);
		}
		return apiKey;
	}

	private ApiKey existing(UUID id) {
		ApiKey apiKey = this.store.refresh(id);
		if (apiKey == null) {
			throw new ApiKeyNotFoundException(id);
		}
		return apiKey;
	}

	private void checkDeclared(String grant) {
		boolean known = this.declaredScopes.isEmpty()
				|| this.declaredScopes.stream().anyMatch((scope) -> ApiKeyScopes.covers(grant, scope));
		if (!known) {
			throw new InvalidApiKeyAttributeException("scopes",
					"The scope '" + grant + "' is not one of the declared scopes " + this.declaredScopes);
		}
	}

	private static void checkExpiry(@Nullable Instant expiresAt, @Nullable Instant notBefore, Instant now) {
		if (expiresAt != null && !expiresAt.isAfter(now)) {
			throw new InvalidApiKeyAttributeException("expiresAt", "The expiry of an API key must be in the future");
		}
		if (expiresAt != null && notBefore != null && !expiresAt.isAfter(notBefore)) {
			throw new InvalidApiKeyAttributeException("expiresAt", "An API key must begin before it expires");
		}
	}

	/**
	 * Microseconds, because that is what the databases keep: what is returned now equals
	 * what is read later.
	 */
	private Instant now() {
		return this.clock.instant().truncatedTo(ChronoUnit.MICROS);
	}

	private <T> T inTransaction(Supplier<T> action) {
		return execute(this.transaction, action);
	}

	private static <T> T execute(TransactionTemplate transaction, Supplier<T> action) {
		T result = transaction.execute((status) -> action.get());
		Assert.state(result != null, "A transaction must have a result");
		return result;
	}

	/**
	 * Writes a line of history with the change, and publishes it when that is committed.
	 */
	private void record(ApiKey apiKey, ApiKeyChange change, @Nullable String detail) {
		ApiKeyEvent event = new ApiKeyEvent(apiKey, change, now(), this.actorResolver.resolve(), detail);
		this.store.insert(event);
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCommit() {
				try {
					JpaApiKeyService.this.eventPublisher.publishEvent(event);
				}
				catch (RuntimeException ex) {
					// the change is made, and only the caller gets a new plaintext
					logger.error(LogMessage.format("A listener failed to handle %s", event), ex);
				}
			}

		});
	}

	/**
	 * Finishes what was put off.
	 */
	@Override
	public void close() {
		this.hashUpgrader.close();
		this.usageRecorder.close();
	}

}
