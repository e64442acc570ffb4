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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKeyChangedEvent.Change;
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

	private final TransactionTemplate transaction;

	private final TransactionTemplate ownTransaction;

	private ApiKeyGenerator generator = new SecureRandomApiKeyGenerator();

	private Clock clock = Clock.systemUTC();

	private ApplicationEventPublisher eventPublisher = (event) -> {
	};

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
	 * Sets where {@link ApiKeyChangedEvent}s go.
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
		Instant now = now();
		newApiKey.scopes().forEach(this::checkDeclared);
		checkExpiry(newApiKey.end(now), newApiKey.notBefore(), now);
		return inTransaction(() -> {
			ApiKeyToken token = generateToken();
			ApiKey apiKey = new ApiKey();
			apiKey.initialize(newApiKey, token, new TokenHash(this.hashers.hash(token.value())), now);
			this.store.insert(apiKey);
			publishAfterCommit(apiKey, Change.CREATED);
			return new CreatedApiKey(apiKey, token);
		});
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
	public Optional<ApiKeyPrincipal> verify(@Nullable String text) {
		ApiKeyToken token = this.tokenFormat.parse(text);
		if (token == null) {
			logger.debug("API key refused: malformed");
			return Optional.empty();
		}
		StoredApiKey stored = load(token.keyId());
		// The secret comes first: who does not have it learns nothing of the key, neither
		// from the answer nor from the work done for it.
		if (!this.hashers.matches(token.value(), (stored != null) ? stored.hash().value() : null) || stored == null) {
			logger.debug(LogMessage.format("API key '%s' refused: %s", token.keyId(),
					(stored != null) ? "wrong secret" : "unknown"));
			return Optional.empty();
		}
		ApiKeyState state = stored.state(this.clock.instant());
		if (state != ApiKeyState.ACTIVE) {
			logger.debug(LogMessage.format("API key '%s' refused: %s", token.keyId(), state));
			return Optional.empty();
		}
		if (this.hashers.needsUpgrade(stored.hash().value())) {
			this.hashUpgrader.upgrade(stored.principal().id(), stored.hash(), token);
		}
		return Optional.of(stored.principal());
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
	public ApiKey rename(UUID id, String name) {
		String checked = ApiKeyAttributes.name(name);
		return change(id, Change.RENAMED, () -> this.store.update(id, "name", checked));
	}

	@Override
	public ApiKey changeExpiry(UUID id, @Nullable Instant expiresAt) {
		Instant end = (expiresAt != null) ? ApiKeyAttributes.time("expiresAt", expiresAt) : null;
		return change(id, Change.EXPIRY_CHANGED, () -> {
			// found, not refreshed: that would undo what the caller has not flushed yet
			ApiKey apiKey = this.store.find(id);
			if (apiKey == null) {
				throw new ApiKeyNotFoundException(id);
			}
			checkExpiry(end, apiKey.getNotBefore(), now());
			return this.store.update(id, "expiresAt", end);
		});
	}

	@Override
	public ApiKey disable(UUID id) {
		return change(id, Change.DISABLED, () -> this.store.updateIfNull(id, "disabledAt", now()));
	}

	@Override
	public ApiKey enable(UUID id) {
		return change(id, Change.ENABLED, () -> this.store.clearIfPresent(id, "disabledAt"));
	}

	@Override
	public ApiKey revoke(UUID id) {
		return inTransaction(() -> afterStatement(id, Change.REVOKED, this.store.update(id, "revokedAt", now())));
	}

	/**
	 * Applies a change that a revoked key refuses.
	 */
	private ApiKey change(UUID id, Change change, BooleanSupplier statement) {
		return inTransaction(() -> {
			boolean changed = statement.getAsBoolean();
			if (!changed && this.store.isRevoked(id)) {
				throw new ApiKeyRevokedException(id);
			}
			return afterStatement(id, change, changed);
		});
	}

	private ApiKey afterStatement(UUID id, Change change, boolean changed) {
		ApiKey apiKey = existing(id);
		if (changed) {
			publishAfterCommit(apiKey, change);
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

	private void publishAfterCommit(ApiKey apiKey, Change change) {
		ApiKeyChangedEvent event = new ApiKeyChangedEvent(apiKey, change, now());
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
	}

}
