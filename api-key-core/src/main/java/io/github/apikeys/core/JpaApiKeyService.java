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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKeyStore.Belongings;
import io.github.apikeys.core.ApiKeyStore.Ended;
import io.github.apikeys.core.ApiKeyStore.LockedKey;
import io.github.apikeys.core.KeyReader.KeyRow;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.hibernate.Hibernate;
import org.hibernate.exception.ConstraintViolationException;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.log.LogMessage;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageImpl;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;
import org.springframework.orm.jpa.EntityManagerFactoryUtils;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.Assert;

/**
 * Manages, verifies and counts keys on the application's own persistence unit. It is not
 * final only because an application's aspects may want to wrap every service.
 *
 * @since 0.1.0
 */
public class JpaApiKeyService implements ApiKeyService, ApiKeyTokenVerifier, ApiKeyQuotas, AutoCloseable {

	private static final Log logger = LogFactory.getLog(JpaApiKeyService.class);

	private static final int MAX_ATTEMPTS = 5;

	private static final int MAX_PRINCIPAL_METADATA = 10;

	private static final Duration MAX_REPEATING = Duration.ofSeconds(5);

	private static final int PURGE_BATCH = 100;

	private static final List<String> SORTABLE = List.of("name", "keyId", "owner", "createdAt", "expiresAt");

	private final ApiKeyStore store;

	private final KeyReader reader;

	private final OwnerStore ownerStore;

	private final ApiKeyTokenFormats tokenFormats;

	private final ApiKeyHashers hashers;

	private final ApiKeyVerifier verifier;

	private final UsageRecorder usageRecorder;

	private final Quotas quotas;

	private final KeyChanges changes;

	private final IssuanceRules rules = new IssuanceRules();

	private final KeyImports imports;

	private final TransactionTemplate transaction;

	private final TransactionTemplate newTransaction;

	private final CallerTransaction callerTransaction;

	private final @Nullable String tenantRouting;

	private boolean tenantsShareKeys;

	private ApiKeyGenerator generator = new SecureRandomApiKeyGenerator();

	private Clock clock = Clock.systemUTC();

	private ApiKeyActorResolver actorResolver = () -> ApiKeyActor.APPLICATION;

	/**
	 * Creates a service.
	 * @param entityManagerFactory Hibernate's, with {@link ApiKey} among its entities
	 * @param transactionManager the transactions of that persistence unit
	 * @param tokenFormats how tokens are written
	 * @param hashers how they are stored
	 * @throws ApiKeyEntityNotManagedException if the persistence unit does not know
	 * {@link ApiKey}
	 * @throws IllegalArgumentException if the class of a type of keys has no
	 * discriminator value
	 * @throws UnsupportedOperationException if the class of a type of keys has a
	 * {@link org.hibernate.annotations.TenantId}
	 */
	public JpaApiKeyService(EntityManagerFactory entityManagerFactory, PlatformTransactionManager transactionManager,
			ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers) {
		TenantRouting.refuseTenantIds(entityManagerFactory);
		this.store = new ApiKeyStore(entityManagerFactory);
		this.reader = this.store.reader();
		this.tokenFormats = tokenFormats;
		this.hashers = hashers;
		this.imports = new KeyImports(tokenFormats, hashers, this.rules);
		this.transaction = new TransactionTemplate(transactionManager);
		this.newTransaction = OwnTransactions.readCommitted(transactionManager);
		this.callerTransaction = new CallerTransaction(entityManagerFactory);
		OwnTransactions ownTransactions = new OwnTransactions(this.store.entityManager(), transactionManager);
		this.ownerStore = new OwnerStore(entityManagerFactory, ownTransactions);
		this.usageRecorder = new UsageRecorder(new UsageStore(entityManagerFactory), ownTransactions);
		this.verifier = new ApiKeyVerifier(tokenFormats, hashers, this.store, ownTransactions, this.callerTransaction,
				this.usageRecorder);
		this.quotas = new Quotas(this.store, ownTransactions);
		this.changes = new KeyChanges(this.store, this.ownerStore, this.verifier);
		this.callerTransaction.setChanged(this.changes.sessions());
		KeyGuard.install(entityManagerFactory).watch(this.changes);
		this.tenantRouting = TenantRouting.find(entityManagerFactory, transactionManager);
		setTenantsShareKeys(false);
	}

	/**
	 * Returns what may send the same statement to the tables of different tenants,
	 * depending on the thread: Hibernate's multi-tenancy, a data source that routes, or
	 * any other code between a statement and the driver that is not known to do the same
	 * on every thread.
	 * @return a description, or {@code null} if nothing was found
	 */
	public @Nullable String getTenantRouting() {
		return this.tenantRouting;
	}

	/**
	 * Sets whether all tenants share one set of keys. It matters only where
	 * {@link #getTenantRouting() something} tells tenants apart. Unless they share their
	 * keys, keys are not cached, and nothing is written by a thread that has no tenant:
	 * use is not counted, and hashes are not replaced. A key is then always verified on a
	 * connection of its own.
	 * @param tenantsShareKeys whether every thread finds the same keys, {@code false} by
	 * default; call it before {@link #setCache}
	 */
	public void setTenantsShareKeys(boolean tenantsShareKeys) {
		this.tenantsShareKeys = tenantsShareKeys;
		this.verifier.setTenantsApart(!tenantsShareKeys && this.tenantRouting != null);
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
		this.verifier.setClock(clock);
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
	 * Sets where {@link ApiKeyEvent}s and {@link ApiKeyRefusedEvent}s go.
	 * @param eventPublisher the publisher; by default they go nowhere
	 */
	public void setApplicationEventPublisher(ApplicationEventPublisher eventPublisher) {
		Assert.notNull(eventPublisher, "eventPublisher cannot be null");
		this.changes.setEventPublisher(eventPublisher);
		this.verifier.setEventPublisher(eventPublisher);
	}

	/**
	 * Sets by how much the time of a change may be earlier than its commit. Other nodes
	 * look back for a minute.
	 */
	void setMaxAgeOfChanges(Duration maxAge) {
		this.changes.setMaxAge(maxAge);
	}

	/**
	 * Sets the application's rules for the use of keys.
	 * @param policies all of them must permit a key; none by default
	 */
	public void setPolicies(Collection<? extends ApiKeyPolicy> policies) {
		this.verifier.setPolicies(List.copyOf(policies));
	}

	/**
	 * Sets which metadata of a key its principal has. It is read with each key that is
	 * verified, and cached with it.
	 * @param names of 1 to 100 characters each, at most 10; none by default
	 * @throws IllegalArgumentException if there are more, or one is not of that form
	 */
	public void setPrincipalMetadata(Collection<String> names) {
		Assert.isTrue(names.size() <= MAX_PRINCIPAL_METADATA,
				() -> "a principal has at most " + MAX_PRINCIPAL_METADATA + " entries of metadata");
		this.store.setPrincipalMetadata(
				names.stream().map(ApiKeyAttributes::metadataName).collect(Collectors.toCollection(TreeSet::new)));
	}

	/**
	 * Remembers keys instead of reading them for each verification. Changes are honoured
	 * by every verification that starts later than {@code maxStaleness} after their
	 * commit, on every node; those made by this node at once.
	 * @param maxEntries how many keys at most, at least 1
	 * @param maxStaleness longer than zero, at most 15 seconds
	 * @throws IllegalStateException if each tenant may have keys of its own
	 */
	public void setCache(int maxEntries, Duration maxStaleness) {
		Assert.state(this.tenantsShareKeys || this.tenantRouting == null, () -> "API keys cannot be cached because of "
				+ this.tenantRouting + ": each tenant may have keys of its own");
		this.verifier.setCache(maxEntries, maxStaleness);
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
		for (String scope : declaredScopes) {
			Assert.isTrue(ApiKeyScopes.isScope(scope), () -> "'" + scope + "' is not a scope");
		}
		this.rules.setDeclaredScopes(new TreeSet<>(declaredScopes));
	}

	@Override
	public CreatedApiKey create(NewApiKey newApiKey) {
		return create(new ApiKey(), newApiKey);
	}

	@Override
	public CreatedApiKey create(ApiKey apiKey, NewApiKey newApiKey) {
		checkNew(apiKey);
		Instant now = now();
		newApiKey.getScopes().forEach(this.rules::checkScope);
		Instant expiresAt = this.rules.end(newApiKey, now);
		return inChange(() -> {
			String owner = ApiKeyTypes.ownerOf(apiKey, newApiKey);
			lockAndCheckRoom(owner);
			return issue(apiKey, UUID.randomUUID(), newApiKey, owner, now, expiresAt, null);
		});
	}

	@SuppressWarnings("NullAway") // a new entity has no id
	private static void checkNew(ApiKey apiKey) {
		Assert.isTrue(apiKey.getId() == null, "Only a new entity can become an API key");
	}

	/**
	 * Adds keys to the same owner one at a time, so that two do not take the last place,
	 * and {@code revokeAll} misses none.
	 */
	private void lockAndCheckRoom(@Nullable String owner) {
		if (owner != null) {
			this.ownerStore.lock(owner);
			checkRoom(owner, null);
		}
	}

	/**
	 * Counts the keys that live now, after waiting for the lock of the owner.
	 * @param existing the id of a key that is to live longer, or {@code null} if there is
	 * to be another one
	 */
	private void checkRoom(@Nullable String owner, @Nullable UUID existing) {
		if (owner != null && this.rules.limitsKeysPerOwner()) {
			this.rules.checkRoom(this.store.lockAndReadLive(owner, now()), existing);
		}
	}

	private CreatedApiKey issue(ApiKey apiKey, UUID id, NewApiKey newApiKey, @Nullable String owner, Instant now,
			@Nullable Instant expiresAt, @Nullable String detail) {
		ApiKeyToken token = generateToken(ApiKeyTypes.nameOf(apiKey));
		PresentedToken presented = PresentedToken.of(token);
		TokenHash hash = new TokenHash(this.hashers.hash(presented.hashedText(), presented.isGenerated()));
		apiKey.initialize(id, newApiKey, owner, presented, hash, now, expiresAt);
		insert(apiKey, ApiKeyChange.CREATED, detail);
		return new CreatedApiKey(apiKey, token);
	}

	private void insert(ApiKey apiKey, ApiKeyChange change, @Nullable String detail) {
		this.store.insert(apiKey);
		record(List.of(new LockedKey(apiKey.getId(), apiKey.getKeyId())), change, detail);
	}

	/**
	 * Looks before it inserts: a violated constraint would doom the caller's transaction.
	 * Should two creators pick the same of 62^12 ids in the same instant, the constraint
	 * lets one of them fail.
	 */
	private ApiKeyToken generateToken(String type) {
		for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
			ApiKeyToken token = this.tokenFormats.issued().generate(this.generator, type);
			if (!this.store.existsKeyId(token.keyId())) {
				return token;
			}
		}
		throw new IllegalStateException(
				"The API key generator returned " + MAX_ATTEMPTS + " key ids in a row that exist already");
	}

	@Override
	public ApiKeyImport importIfAbsent(ApiKey apiKey, ImportedApiKey imported, NewApiKey newApiKey) {
		checkNew(apiKey);
		PresentedToken token = this.imports.token(imported);
		String owner = ApiKeyTypes.ownerOf(apiKey, newApiKey);
		Supplier<Optional<ApiKeyImport>> present = () -> findImported(ApiKeyTypes.nameOf(apiKey), token, imported,
				newApiKey, owner);
		try {
			return inChange(() -> {
				if (owner != null) {
					this.ownerStore.lock(owner);
				}
				return present.get().orElseGet(() -> importNow(apiKey, token, imported, newApiKey, owner));
			});
		}
		catch (DataIntegrityViolationException | ConstraintViolationException ex) {
			if (this.callerTransaction.isActive()) {
				throw ex;
			}
			// another node was faster, or it is something else
			return inTransaction(present).orElseThrow(() -> ex);
		}
	}

	private Optional<ApiKeyImport> findImported(String type, PresentedToken token, ImportedApiKey imported,
			NewApiKey newApiKey, @Nullable String owner) {
		KeyRow row = this.store.findRow(token.keyId());
		ApiKey columns = (row != null) ? this.reader.lockAndReadAll(row.id()) : null;
		ApiKey present = (row != null) ? this.reader.read(row) : null;
		return (columns != null && present != null) ? Optional.of(new ApiKeyImport(present, false,
				this.imports.differences(columns, type, token, imported, newApiKey, owner))) : Optional.empty();
	}

	private ApiKeyImport importNow(ApiKey apiKey, PresentedToken token, ImportedApiKey imported, NewApiKey newApiKey,
			@Nullable String owner) {
		Instant now = now();
		this.imports.initialize(apiKey, token, imported, newApiKey, owner, now);
		ApiKeyState state = apiKey.getState(now);
		if (state != ApiKeyState.REVOKED && state != ApiKeyState.EXPIRED) {
			checkRoom(owner, null);
		}
		insert(apiKey, ApiKeyChange.IMPORTED, imported.revocationReason());
		return new ApiKeyImport(apiKey, true, List.of());
	}

	@Override
	public Optional<ApiKeyPrincipal> verify(@Nullable String text, @Nullable String remoteAddress) {
		try {
			return this.verifier.verify(text, remoteAddress);
		}
		catch (ApiKeyStoreException ex) {
			this.verifier.statistics().unanswered();
			throw ex;
		}
	}

	/**
	 * Returns what this node's verifications tell those who watch it.
	 * @return always the same object, whose numbers change
	 */
	public VerificationStatistics getVerificationStatistics() {
		return this.verifier.statistics();
	}

	@Override
	public boolean consumeQuota(UUID id) {
		return this.quotas.consume(id);
	}

	@Override
	public void refundQuota(UUID id) {
		this.quotas.refund(id);
	}

	@Override
	public Optional<ApiKey> find(UUID id) {
		return inTransaction(() -> Optional.ofNullable(this.reader.read(id)));
	}

	@Override
	public <T extends ApiKey> Optional<T> find(Class<T> type, UUID id) {
		return inTransaction(() -> Optional.ofNullable(this.store.find(type, id)));
	}

	@Override
	public Optional<ApiKey> findByKeyId(String keyId) {
		return inTransaction(() -> Optional.ofNullable(this.store.findRow(keyId)).map(this.reader::read));
	}

	@Override
	public <T extends ApiKey> Optional<T> findByKeyId(Class<T> type, String keyId) {
		return findByKeyId(keyId).flatMap((apiKey) -> as(type, apiKey).findFirst());
	}

	@Override
	public <T extends ApiKey> Page<T> list(Class<T> type, ApiKeyQuery query, Pageable pageable) {
		for (Sort.Order order : pageable.getSort()) {
			if (!SORTABLE.contains(order.getProperty())) {
				throw ApiKeyAttributes.unsortable(order.getProperty(), SORTABLE);
			}
		}
		Sort sort = pageable.getSortOr(Sort.by(Sort.Direction.DESC, "createdAt")).and(Sort.by("id"));
		Pageable sorted = pageable.isPaged() ? PageRequest.of(pageable.getPageNumber(), pageable.getPageSize(), sort)
				: Pageable.unpaged(sort);
		return inTransaction(() -> {
			Page<KeyRow> page = this.store.findRows(type, query, this.clock.instant(), sorted);
			List<T> keys = this.reader.read(page.getContent()).stream().flatMap((apiKey) -> as(type, apiKey)).toList();
			return new PageImpl<>(keys, sorted, page.getTotalElements());
		});
	}

	/**
	 * A caller may hold a reference to the key that hides its class.
	 */
	private static <T extends ApiKey> Stream<T> as(Class<T> type, ApiKey apiKey) {
		return Stream.of(Hibernate.unproxy(apiKey)).filter(type::isInstance).map(type::cast);
	}

	@Override
	public ApiKey update(UUID id, Consumer<ApiKeyUpdate> changes) {
		ApiKeyUpdate update = new ApiKeyUpdate();
		changes.accept(update);
		return inChange(() -> {
			Function<UUID, ApiKey> existing = update.changesCollections() ? this::existingWithAll : this::existing;
			ApiKey current = (update.changesExpiry() || update.changesLimits()) ? existingAfterOwner(id, existing)
					: existing.apply(id);
			if (current.getRevokedAt() != null) {
				throw new ApiKeyRevokedException(id);
			}
			if (!update.expects(current)) {
				throw new ApiKeyVersionConflictException(id);
			}
			ApiKeyUpdate difference = update.reducedTo(current);
			check(difference, current);
			List<String> changed = difference.attributes();
			if (!changed.isEmpty()) {
				if (!this.store.update(id, difference.columns())) {
					throw new ApiKeyVersionConflictException(id);
				}
				replaceCollections(id, difference);
				record(current, ApiKeyChange.UPDATED, String.join(", ", changed));
				limitAlike(current, difference);
			}
			return existing.apply(id);
		});
	}

	/**
	 * A key and its successors count as one, so the two of them that can be used have the
	 * same limits.
	 */
	private void limitAlike(ApiKey current, ApiKeyUpdate difference) {
		UUID successor = current.getSuccessorId();
		UUID id = (successor != null) ? successor : current.getPredecessorId();
		ApiKey other = (id != null && difference.changesLimits()) ? this.reader.lockAndReadColumns(id) : null;
		if (other == null || isEnded(current) || isEnded(other)) {
			return;
		}
		ApiKeyUpdate limits = difference.limitsOf(other);
		if (!limits.attributes().isEmpty() && this.store.update(other.getId(), limits.columns())) {
			record(other, ApiKeyChange.UPDATED, String.join(", ", limits.attributes()));
			existing(other.getId());
		}
	}

	private boolean isEnded(ApiKey apiKey) {
		ApiKeyState state = apiKey.getState(now());
		return state == ApiKeyState.REVOKED || state == ApiKeyState.EXPIRED;
	}

	private void check(ApiKeyUpdate difference, ApiKey current) {
		if (difference.changesExpiry()) {
			Instant now = now();
			Instant expiresAt = (Instant) difference.columns().get("expiresAt");
			this.rules.checkExpiry(expiresAt, current.getNotBefore(), current.getCreatedAt(), now);
			IssuanceRules.checkReplaced(current, expiresAt);
			// if it has expired, it comes back among the living
			checkRoom(current.getOwner(), current.getId());
		}
		Set<String> scopes = difference.newScopes();
		if (scopes != null) {
			// what it has it may keep, even if it is not declared any more
			scopes.stream().filter((scope) -> !current.getScopes().contains(scope)).forEach(this.rules::checkScope);
		}
	}

	private void replaceCollections(UUID id, ApiKeyUpdate update) {
		Set<String> scopes = update.newScopes();
		if (scopes != null) {
			this.store.replaceScopes(id, scopes);
		}
		Map<String, String> metadata = update.newMetadata();
		if (metadata != null) {
			this.store.replaceMetadata(id, metadata);
		}
		if (scopes != null || metadata != null) {
			this.reader.refresh(id);
		}
	}

	@Override
	public CreatedApiKey rotate(UUID id, Duration grace) {
		return rotate(id, grace, (old) -> {
		});
	}

	@Override
	public CreatedApiKey rotate(UUID id, Duration grace, long expectedVersion) {
		return rotate(id, grace, (old) -> checkUnchanged(old, expectedVersion));
	}

	private CreatedApiKey rotate(UUID id, Duration grace, Consumer<ApiKey> check) {
		this.rules.checkGrace(grace);
		return inChange(() -> {
			// the owner first, as everybody does, and whoever revokes all keys misses no
			// successor
			Instant now = now();
			ApiKey old = existingAfterOwner(id, this::existingWithAll);
			check.accept(old);
			Instant expiresAt = old.getExpiresAt();
			Instant end = ApiKeyAttributes.end("grace", now, grace);
			UUID successorId = UUID.randomUUID();
			if (!this.store.rotate(id, successorId, now,
					(expiresAt != null && expiresAt.isBefore(end)) ? expiresAt : end)) {
				throw notRotatable(old, now);
			}
			endPredecessors(old, now);
			NewApiKey newApiKey = NewApiKey.successorOf(old, expiresAt);
			ApiKey entity = this.reader.isLoadable(id) ? this.store.findAnew(id) : null;
			if (entity == null) {
				throw new ApiKeyRotationException(id, "cannot be loaded with what its type adds; create a new one");
			}
			CreatedApiKey created = issue(this.store.copy(entity), successorId, newApiKey, old.getOwner(), now,
					expiresAt, old.getKeyId());
			record(old, ApiKeyChange.ROTATED, created.apiKey().getKeyId());
			existing(id);
			return created;
		});
	}

	/**
	 * A key and its successor may be used at the same time, but nothing that is older.
	 */
	private void endPredecessors(ApiKey rotated, Instant now) {
		UUID id = rotated.getPredecessorId();
		while (id != null && this.store.end(id, now)) {
			ApiKey ended = existing(id);
			record(ended, ApiKeyChange.UPDATED, "expiresAt");
			id = ended.getPredecessorId();
		}
	}

	private RuntimeException notRotatable(ApiKey apiKey, Instant now) {
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
	public ApiKey enable(UUID id, long expectedVersion) {
		return change(id, ApiKeyChange.ENABLED, () -> {
			checkUnchanged(existing(id), expectedVersion);
			return this.store.enable(id);
		});
	}

	/**
	 * A revoked key will never be what the caller expects.
	 */
	private static void checkUnchanged(ApiKey apiKey, long expectedVersion) {
		if (apiKey.getRevokedAt() != null) {
			throw new ApiKeyRevokedException(apiKey.getId());
		}
		if (apiKey.getVersion() != expectedVersion) {
			throw new ApiKeyVersionConflictException(apiKey.getId());
		}
	}

	@Override
	public ApiKey revoke(UUID id, @Nullable String reason) {
		return inChange(() -> afterStatement(id, ApiKeyChange.REVOKED, reason, this.store.revoke(id, now())));
	}

	@Override
	public int revokeAll(String owner, @Nullable String reason) {
		return inChange(() -> {
			this.ownerStore.lock(owner);
			List<LockedKey> keys = this.store.lockUnrevoked(owner);
			if (!keys.isEmpty()) {
				List<UUID> ids = keys.stream().map(LockedKey::id).toList();
				this.store.revokeAll(ids, now());
				record(keys, ApiKeyChange.REVOKED, reason);
				tell(owner);
				this.reader.passOn(ids);
			}
			return keys.size();
		});
	}

	/**
	 * One row for all keys. Where that is not this owner's alone, each key tells of
	 * itself.
	 */
	private void tell(String owner) {
		List<UUID> touched = List.of();
		if (!this.ownerStore.invalidate(owner)) {
			touched = this.store.lock(owner).stream().map(LockedKey::id).toList();
			this.store.touch(touched);
		}
		this.changes.addOwner(owner, touched);
	}

	@Override
	public Optional<ApiKey> revokeToken(@Nullable String token, @Nullable String reason) {
		UUID id = this.verifier.holds(token);
		return (id != null) ? Optional.of(revoke(id, reason)) : Optional.empty();
	}

	@Override
	public ApiKey delete(UUID id) {
		return inChange(() -> {
			ApiKey apiKey = afterStatement(id, ApiKeyChange.REVOKED, null, this.store.revoke(id, now()));
			if (!this.store.history().contains(id, ApiKeyChange.DELETED)) {
				record(apiKey, ApiKeyChange.DELETED, null);
			}
			return apiKey;
		});
	}

	@Override
	public int purge(Duration retention) {
		return purge(null, retention, now());
	}

	@Override
	public int purge(String owner, Duration retention) {
		Assert.notNull(owner, "owner cannot be null");
		return purge(owner, retention, now());
	}

	private int purge(@Nullable String owner, Duration retention, Instant now) {
		Assert.isTrue(!retention.isNegative(), "retention cannot be negative");
		// the row of a key that ended just now still has to tell other nodes
		Instant last = now.minus(VerificationCache.MAX_MEMORY);
		Instant time = (retention.compareTo(Duration.between(Instant.EPOCH, last)) < 0) ? now.minus(retention)
				: Instant.EPOCH;
		return purge(new Ended(time.isBefore(last) ? time : last, owner, false)) + purge(new Ended(last, owner, true));
	}

	private int purge(Ended ended) {
		int purged = 0;
		UUID last = null;
		List<UUID> ids;
		do {
			UUID after = last;
			ids = inChange(() -> this.store.findEnded(ended, after, PURGE_BATCH));
			purged += purge(ended, ids);
			last = ids.isEmpty() ? null : ids.get(ids.size() - 1);
		}
		while (ids.size() == PURGE_BATCH);
		return purged;
	}

	/**
	 * One key that cannot be deleted, since a table of the application refers to it, does
	 * not keep the others.
	 */
	private int purge(Ended ended, List<UUID> ids) {
		try {
			return inChange(() -> purgeAtOnce(ended, ids));
		}
		catch (DataIntegrityViolationException | ConstraintViolationException ex) {
			if (this.callerTransaction.isActive()) {
				throw ex;
			}
			if (ids.size() == 1) {
				logger.warn(LogMessage.format("The API key with id %s cannot be purged", ids.get(0)), ex);
				return 0;
			}
		}
		return ids.stream().mapToInt((id) -> purge(ended, List.of(id))).sum();
	}

	private int purgeAtOnce(Ended ended, List<UUID> ids) {
		List<LockedKey> keys = this.store.lockEnded(ended, this.changes.withoutChanged(ids));
		if (!keys.isEmpty()) {
			record(keys, ApiKeyChange.PURGED, null);
			this.store.delete(keys.stream().map(LockedKey::id).toList());
		}
		return keys.size();
	}

	@Override
	public void invalidateOwner(String owner) {
		inChange(() -> {
			tell(owner);
			return owner;
		});
	}

	/**
	 * Applies a change that a revoked key refuses.
	 */
	private ApiKey change(UUID id, ApiKeyChange change, BooleanSupplier statement) {
		return inChange(() -> {
			ApiKey apiKey = afterStatement(id, change, null, statement.getAsBoolean());
			if (apiKey.getRevokedAt() != null) {
				throw new ApiKeyRevokedException(id);
			}
			return apiKey;
		});
	}

	private ApiKey afterStatement(UUID id, ApiKeyChange change, @Nullable String detail, boolean changed) {
		ApiKey apiKey = existing(id);
		if (changed) {
			record(apiKey, change, detail);
		}
		return apiKey;
	}

	/**
	 * The key, after the row of its owner, and with those of its line that may be changed
	 * along with it: all are locked in this order everywhere.
	 */
	private ApiKey existingAfterOwner(UUID id, Function<UUID, ApiKey> existing) {
		Belongings belongings = this.store.findBelongings(id);
		String owner = belongings.owner();
		if (owner != null) {
			this.ownerStore.lock(owner);
		}
		if (!belongings.neighbours().isEmpty()) {
			this.store.lock(Stream.concat(Stream.of(id), belongings.neighbours().stream()).toList());
		}
		ApiKey apiKey = existing.apply(id);
		if (!Objects.equals(owner, apiKey.getOwner())) {
			// it was created after what the caller's transaction sees
			throw new ApiKeyNotFoundException(id);
		}
		return apiKey;
	}

	/**
	 * The key as its columns tell: what its type adds is not needed to change it, and may
	 * be impossible to load. Nobody else can change it now.
	 */
	private ApiKey existing(UUID id) {
		return passedOn(id, this.reader.lockAndReadColumns(id));
	}

	private ApiKey existingWithAll(UUID id) {
		return passedOn(id, this.reader.lockAndReadAll(id));
	}

	private ApiKey passedOn(UUID id, @Nullable ApiKey apiKey) {
		if (apiKey == null) {
			throw new ApiKeyNotFoundException(id);
		}
		this.reader.passOn(apiKey);
		return apiKey;
	}

	/**
	 * Microseconds, because that is what the databases keep: what is returned now equals
	 * what is read later.
	 */
	private Instant now() {
		return this.clock.instant().truncatedTo(ChronoUnit.MICROS);
	}

	/**
	 * A read-only transaction would write a part, and lose the rest, as the database and
	 * the persistence provider like it. A transaction that is over would lose it all, so
	 * listeners that are told of a commit change keys in a new one.
	 */
	private <T> T inChange(Supplier<T> action) {
		boolean isOver = this.callerTransaction.isOver();
		if (!isOver && this.callerTransaction.isReadOnly()) {
			throw new IllegalTransactionStateException("API keys cannot be changed in a read-only transaction");
		}
		boolean joins = !isOver && this.callerTransaction.isActive();
		Supplier<T> change = () -> {
			this.changes.begin();
			return action.get();
		};
		if (joins) {
			return in(this.transaction, change);
		}
		int attempts = this.callerTransaction.lendsPersistenceContext() ? 1 : MAX_ATTEMPTS;
		return repeat(attempts, () -> in(this.newTransaction, change));
	}

	/**
	 * Makes a change again that the database gave up, so that somebody else could go on,
	 * unless it waited for long. It is not made again where each rollback takes the
	 * caller's entities away, or the caller would not hear of that.
	 */
	private static <T> T repeat(int attempts, Supplier<T> change) {
		Moment start = Moment.now();
		for (int attempt = 1; true; attempt++) {
			try {
				return change.get();
			}
			catch (DataAccessException | PersistenceException ex) {
				if (attempt == attempts || !isLockFailure(ex) || !Moment.now().isWithin(MAX_REPEATING, start)) {
					throw ex;
				}
				logger.debug("A change of an API key is made again", ex);
			}
		}
	}

	private static boolean isLockFailure(RuntimeException ex) {
		return ex instanceof PessimisticLockingFailureException || EntityManagerFactoryUtils
			.convertJpaAccessExceptionIfPossible(ex) instanceof PessimisticLockingFailureException;
	}

	private <T> T inTransaction(Supplier<T> action) {
		return in(this.transaction, action);
	}

	private static <T> T in(TransactionOperations transaction, Supplier<T> action) {
		T result = transaction.execute((status) -> action.get());
		Assert.state(result != null, "A transaction must have a result");
		return result;
	}

	private void record(ApiKey apiKey, ApiKeyChange change, @Nullable String detail) {
		record(List.of(new LockedKey(apiKey.getId(), apiKey.getKeyId())), change, detail);
		this.changes.addKey(apiKey.getId());
	}

	/**
	 * Writes a line of history with each change, and publishes it when that is committed.
	 */
	private void record(List<LockedKey> keys, ApiKeyChange change, @Nullable String detail) {
		Instant now = now();
		ApiKeyActor actor = this.actorResolver.resolve();
		List<ApiKeyEvent> events = keys.stream()
			.map((key) -> new ApiKeyEvent(key.id(), key.keyId(), change, now, actor, detail))
			.toList();
		this.store.history().insert(events);
		this.changes.addEvents(events);
	}

	/**
	 * Finishes what was put off.
	 */
	@Override
	public void close() {
		this.verifier.close();
	}

}
