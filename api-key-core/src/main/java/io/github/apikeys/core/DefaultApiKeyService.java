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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageRequest;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;
import org.springframework.util.Assert;

/**
 * Manages keys in an {@link ApiKeyRepository}: the rules, what becomes of a key, and what
 * its history says of it.
 */
public class DefaultApiKeyService implements ApiKeyService {

	private static final int MAX_ATTEMPTS = 5;

	private static final int MAX_PRINCIPAL_METADATA = 10;

	private static final List<String> SORTABLE = List.of("name", "keyId", "owner", "createdAt", "expiresAt");

	private final ApiKeyRepository repository;

	private final ApiKeyTokenFormats tokenFormats;

	private final ApiKeyHashers hashers;

	private final Function<@Nullable String, @Nullable UUID> holder;

	private final IssuanceRules rules = new IssuanceRules();

	private final ImportMapping imports;

	private final KeyPurge purge;

	private ApiKeyGenerator generator = new SecureRandomApiKeyGenerator();

	private Clock clock = Clock.systemUTC();

	private ApiKeyActorResolver actorResolver = () -> ApiKeyActor.APPLICATION;

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
		this.tokenFormats = tokenFormats;
		this.hashers = hashers;
		this.holder = holder;
		this.imports = new ImportMapping(tokenFormats, hashers, this.rules);
		this.purge = new KeyPurge(repository, (keys) -> record(keys, ApiKeyChange.PURGED, null));
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

	/**
	 * Checks which metadata of a key its principal has.
	 * @param names of 1 to 100 characters each, at most 10
	 * @return the names
	 * @throws IllegalArgumentException if there are more, or one is not of that form
	 */
	protected static Set<String> checkPrincipalMetadata(Collection<String> names) {
		Assert.isTrue(names.size() <= MAX_PRINCIPAL_METADATA,
				() -> "a principal has at most " + MAX_PRINCIPAL_METADATA + " entries of metadata");
		Set<String> checked = new TreeSet<>();
		names.forEach((name) -> checked.add(ApiKeyAttributes.metadataName(name)));
		return checked;
	}

	@Override
	public CreatedApiKey create(NewApiKey newApiKey) {
		return create(new ApiKey(), newApiKey);
	}

	@Override
	public CreatedApiKey create(ApiKey apiKey, NewApiKey newApiKey) {
		apiKey.checkNew();
		Instant now = now();
		newApiKey.getScopes().forEach(this.rules::checkScope);
		Instant expiresAt = this.rules.end(newApiKey, now);
		return this.repository.inChange(() -> {
			String owner = ApiKeyTypes.ownerOf(apiKey, newApiKey);
			lockAndCheckRoom(owner);
			return issue(apiKey, new Issuance(UUID.randomUUID(), newApiKey, owner, now, expiresAt), null);
		});
	}

	/**
	 * Adds keys to the same owner one at a time, so that two do not take the last place,
	 * and {@code revokeAll} misses none.
	 */
	private void lockAndCheckRoom(@Nullable String owner) {
		if (owner != null) {
			this.repository.lockOwner(owner);
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
			this.rules.checkRoom(this.repository.lockLive(owner, now(), List.of()), existing);
		}
	}

	private CreatedApiKey issue(ApiKey apiKey, Issuance issuance, @Nullable String detail) {
		ApiKeyToken token = generateToken(ApiKeyTypes.nameOf(apiKey));
		PresentedToken presented = PresentedToken.of(token);
		TokenHash hash = new TokenHash(this.hashers.hash(presented.hashedText(), presented.isGenerated()));
		apiKey.initialize(issuance, presented, hash);
		insert(apiKey, ApiKeyChange.CREATED, detail);
		return new CreatedApiKey(apiKey, token);
	}

	private void insert(ApiKey apiKey, ApiKeyChange change, @Nullable String detail) {
		try {
			this.repository.insert(apiKey);
		}
		finally {
			apiKey.markIssued();
		}
		record(List.of(LockedKey.of(apiKey)), change, detail);
	}

	/**
	 * Looks before it inserts: a violated constraint would doom the caller's transaction.
	 * Should two creators pick the same of 62^12 ids in the same instant, the constraint
	 * lets one of them fail.
	 */
	private ApiKeyToken generateToken(String type) {
		for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
			ApiKeyToken token = this.tokenFormats.issued().generate(this.generator, type);
			if (!this.repository.existsKeyId(token.keyId())) {
				return token;
			}
		}
		throw new IllegalStateException(
				"The API key generator returned " + MAX_ATTEMPTS + " key ids in a row that exist already");
	}

	@Override
	public ApiKeyImport importIfAbsent(ApiKey apiKey, ImportedApiKey imported, NewApiKey newApiKey) {
		apiKey.checkNew();
		ImportRequest request = new ImportRequest(apiKey, this.imports.token(imported), imported, newApiKey,
				ApiKeyTypes.ownerOf(apiKey, newApiKey));
		Supplier<Optional<ApiKeyImport>> present = () -> findImported(request);
		try {
			return this.repository.inChange(() -> {
				if (request.owner() != null) {
					this.repository.lockOwner(request.owner());
				}
				return present.get().orElseGet(() -> importNow(request));
			});
		}
		catch (RuntimeException ex) {
			if (!this.repository.isConflict(ex) || this.repository.isInCallersTransaction()) {
				throw ex;
			}
			// another node was faster, or it is something else
			return this.repository.inTransaction(present).orElseThrow(() -> ex);
		}
	}

	private Optional<ApiKeyImport> findImported(ImportRequest request) {
		String type = ApiKeyTypes.nameOf(request.apiKey());
		String keyId = request.token().keyId();
		UUID id = this.repository.findId(keyId);
		ApiKey columns = (id != null) ? this.repository.lockWithCollections(id) : null;
		ApiKey present = (columns != null) ? this.repository.findByKeyId(keyId) : null;
		return (columns != null && present != null)
				? Optional.of(new ApiKeyImport(present, false, this.imports.differences(columns, type, request)))
				: Optional.empty();
	}

	private ApiKeyImport importNow(ImportRequest request) {
		Instant now = now();
		ApiKey apiKey = request.apiKey();
		this.imports.initialize(request, rowId(request.imported()), now);
		ApiKeyState state = apiKey.getState(now);
		if (state != ApiKeyState.REVOKED && state != ApiKeyState.EXPIRED) {
			checkRoom(request.owner(), null);
		}
		insert(apiKey, ApiKeyChange.IMPORTED, request.imported().revocationReason());
		return new ApiKeyImport(apiKey, true, List.of());
	}

	/**
	 * The history of a key that was purged is not the history of the one that takes its
	 * place, least of all that it was to be deleted.
	 */
	private UUID rowId(ImportedApiKey imported) {
		return imported.rowId().filter((id) -> !this.repository.hasHistory(id)).orElseGet(UUID::randomUUID);
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
		for (Sort.Order order : pageable.getSort()) {
			if (!SORTABLE.contains(order.getProperty())) {
				throw InvalidApiKeyAttributeException.unsortable(order.getProperty(), SORTABLE);
			}
		}
		Sort sort = pageable.getSortOr(Sort.by(Sort.Direction.DESC, "createdAt")).and(Sort.by("id"));
		Pageable sorted = pageable.isPaged() ? PageRequest.of(pageable.getPageNumber(), pageable.getPageSize(), sort)
				: Pageable.unpaged(sort);
		return this.repository.inTransaction(() -> this.repository.findAll(type, query, this.clock.instant(), sorted));
	}

	@Override
	public ApiKey update(UUID id, Consumer<ApiKeyUpdate> changes) {
		ApiKeyUpdate update = new ApiKeyUpdate();
		changes.accept(update);
		return this.repository.inChange(() -> {
			Function<UUID, ApiKey> existing = update.readsCollections() ? this::existingWithAll : this::existing;
			ApiKey current = (update.changesExpiry() || update.changesLimits())
					? existingInLine(id, now(), update.changesExpiry(), existing).apiKey() : existing.apply(id);
			checkUnrevoked(current);
			if (!update.expects(current)) {
				throw new ApiKeyVersionConflictException(id);
			}
			update.checkCurrent(current);
			ApiKeyUpdate difference = update.reducedTo(current);
			check(difference, current);
			List<String> changed = difference.attributes();
			if (!changed.isEmpty()) {
				if (!this.repository.update(id, difference)) {
					throw new ApiKeyVersionConflictException(id);
				}
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
		ApiKey other = (id != null && difference.changesLimits()) ? this.repository.lock(id) : null;
		if (other == null || isEnded(current) || isEnded(other)) {
			return;
		}
		ApiKeyUpdate limits = difference.limitsOf(other);
		if (!limits.attributes().isEmpty() && this.repository.update(other.getId(), limits)) {
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
			Instant expiresAt = (Instant) difference.getColumns().get("expiresAt");
			this.rules.checkExpiry(expiresAt, current.getNotBefore(), current.getCreatedAt(), now);
			IssuanceRules.checkReplaced(current, expiresAt);
			// if it has expired, it comes back among the living
			checkRoom(current.getOwner(), current.getId());
		}
		difference.getScopes().ifPresent((scopes) -> {
			// what it has it may keep, even if it is not declared any more
			scopes.stream().filter((scope) -> !current.getScopes().contains(scope)).forEach(this.rules::checkScope);
		});
	}

	@Override
	public CreatedApiKey rotate(UUID id, Duration grace) {
		return rotate(id, grace, (old) -> {
		});
	}

	@Override
	public CreatedApiKey rotate(UUID id, Duration grace, Consumer<ApiKey> check) {
		this.rules.checkGrace(grace);
		return this.repository.inChange(() -> {
			// the owner first, as everybody does, and whoever revokes all keys misses no
			// successor
			Instant now = now();
			InLine inLine = existingInLine(id, now, false, this::existingWithAll);
			ApiKey old = inLine.apiKey();
			checkUnrevoked(old);
			check.accept(old);
			Instant expiresAt = old.getExpiresAt();
			Instant end = ApiKeyAttributes.end("grace", now, grace);
			UUID successorId = UUID.randomUUID();
			if (!this.repository.rotate(id, successorId, now,
					(expiresAt != null && expiresAt.isBefore(end)) ? expiresAt : end)) {
				throw notRotatable(old, now);
			}
			endPredecessors(inLine, now);
			NewApiKey newApiKey = NewApiKey.successorOf(old, expiresAt);
			ApiKey successor = this.repository.copyOfType(id);
			if (successor == null) {
				throw new ApiKeyRotationException(id, ApiKeyRotationException.Reason.TYPE_NOT_LOADABLE);
			}
			CreatedApiKey created = issue(successor,
					new Issuance(successorId, newApiKey, old.getOwner(), now, expiresAt), old.getKeyId());
			record(old, ApiKeyChange.ROTATED, created.apiKey().getKeyId());
			existing(id);
			return created;
		});
	}

	/**
	 * A key and its successor may be used at the same time, but nothing that is older.
	 */
	private void endPredecessors(InLine rotated, Instant now) {
		UUID id = rotated.apiKey().getPredecessorId();
		while (id != null && this.repository.end(id, now)) {
			ApiKey ended = existing(id);
			record(ended, ApiKeyChange.UPDATED, "expiresAt");
			UUID older = ended.getPredecessorId();
			// one that is not in the line has ended, and is not locked
			id = (older != null && rotated.line().contains(older)) ? older : null;
		}
	}

	private ApiKeyException notRotatable(ApiKey apiKey, Instant now) {
		if (apiKey.getRevokedAt() != null) {
			return new ApiKeyRevokedException(apiKey.getId());
		}
		if (apiKey.getSuccessorId() != null) {
			return new ApiKeyRotationException(apiKey.getId(), ApiKeyRotationException.Reason.ROTATED);
		}
		return new ApiKeyRotationException(apiKey.getId(), (apiKey.getState(now) == ApiKeyState.EXPIRED)
				? ApiKeyRotationException.Reason.EXPIRED : ApiKeyRotationException.Reason.DISABLED);
	}

	@Override
	public ApiKey disable(UUID id) {
		return change(id, ApiKeyChange.DISABLED, () -> this.repository.disable(id, now()));
	}

	@Override
	public ApiKey enable(UUID id) {
		return change(id, ApiKeyChange.ENABLED, () -> this.repository.enable(id));
	}

	@Override
	public ApiKey enable(UUID id, Consumer<ApiKey> check) {
		return change(id, ApiKeyChange.ENABLED, () -> {
			ApiKey current = existingWithAll(id);
			checkUnrevoked(current);
			check.accept(current);
			return this.repository.enable(id);
		});
	}

	private static void checkUnrevoked(ApiKey apiKey) {
		if (apiKey.getRevokedAt() != null) {
			throw new ApiKeyRevokedException(apiKey.getId());
		}
	}

	@Override
	public ApiKey revoke(UUID id, @Nullable String reason) {
		return this.repository.inChange(() -> {
			boolean revoked = this.repository.revoke(id, now());
			return refreshAndRecord(id, revoked, ApiKeyChange.REVOKED, reason);
		});
	}

	@Override
	public int revokeAll(String owner, @Nullable String reason) {
		return this.repository.inChange(() -> {
			List<LockedKey> keys = this.repository.lockUnrevoked(owner);
			if (!keys.isEmpty()) {
				this.repository.revokeAll(owner, keys.stream().map(LockedKey::id).toList(), now());
				record(keys, ApiKeyChange.REVOKED, reason);
			}
			return keys.size();
		});
	}

	@Override
	public Optional<ApiKey> revokeToken(@Nullable String token, @Nullable String reason) {
		UUID id = this.holder.apply(token);
		return (id != null) ? Optional.of(revoke(id, reason)) : Optional.empty();
	}

	@Override
	public ApiKey delete(UUID id) {
		return this.repository.inChange(() -> {
			boolean revoked = this.repository.revoke(id, now());
			ApiKey apiKey = refreshAndRecord(id, revoked, ApiKeyChange.REVOKED, null);
			if (!this.repository.isDeleted(id)) {
				record(apiKey, ApiKeyChange.DELETED, null);
			}
			return apiKey;
		});
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
	 * Applies a change that a revoked key refuses.
	 */
	private ApiKey change(UUID id, ApiKeyChange change, BooleanSupplier statement) {
		return this.repository.inChange(() -> {
			boolean changed = statement.getAsBoolean();
			ApiKey apiKey = refreshAndRecord(id, changed, change, null);
			if (apiKey.getRevokedAt() != null) {
				throw new ApiKeyRevokedException(id);
			}
			return apiKey;
		});
	}

	private ApiKey refreshAndRecord(UUID id, boolean changed, ApiKeyChange change, @Nullable String detail) {
		ApiKey apiKey = existing(id);
		if (changed) {
			record(apiKey, change, detail);
		}
		return apiKey;
	}

	/**
	 * The key, after the row of its owner, and with all keys that may be changed along
	 * with it, or are counted: the owner and then all keys at once, as everywhere.
	 * @param counting whether the keys of the owner are counted
	 */
	private InLine existingInLine(UUID id, Instant now, boolean counting, Function<UUID, ApiKey> existing) {
		String owner = this.repository.findOwner(id);
		if (owner != null) {
			this.repository.lockOwner(owner);
		}
		List<UUID> line = this.repository.findLine(id, now);
		if (owner != null && counting && this.rules.limitsKeysPerOwner()) {
			this.repository.lockLive(owner, now(), line);
		}
		else if (line.size() > 1) {
			this.repository.lock(line);
		}
		ApiKey apiKey = existing.apply(id);
		if (!Objects.equals(owner, apiKey.getOwner())) {
			// it was created after what the caller's transaction sees
			throw new ApiKeyNotFoundException(id);
		}
		return new InLine(apiKey, line);
	}

	/**
	 * The key as its columns tell: what its type adds is not needed to change it, and may
	 * be impossible to load. Nobody else can change it now.
	 */
	private ApiKey existing(UUID id) {
		return present(id, this.repository.lock(id));
	}

	private ApiKey existingWithAll(UUID id) {
		return present(id, this.repository.lockWithCollections(id));
	}

	private static ApiKey present(UUID id, @Nullable ApiKey apiKey) {
		if (apiKey == null) {
			throw new ApiKeyNotFoundException(id);
		}
		return apiKey;
	}

	/**
	 * Microseconds, because that is what the databases keep: what is returned now equals
	 * what is read later.
	 */
	private Instant now() {
		return this.clock.instant().truncatedTo(ChronoUnit.MICROS);
	}

	private void record(ApiKey apiKey, ApiKeyChange change, @Nullable String detail) {
		record(List.of(LockedKey.of(apiKey)), change, detail);
		this.repository.noteChange(apiKey.getId());
	}

	/**
	 * Writes a line of history with each change, and publishes it when that is committed.
	 */
	private void record(List<LockedKey> keys, ApiKeyChange change, @Nullable String detail) {
		Instant now = now();
		ApiKeyActor actor = this.actorResolver.resolve();
		List<ApiKeyEvent> events = keys.stream()
			.map((key) -> ApiKeyEvent.of(key.id(), key.keyId(), change, now).by(actor).withDetail(detail))
			.toList();
		this.repository.record(events);
	}

	/**
	 * A key, and the ids of the keys that are locked with it.
	 */
	private record InLine(ApiKey apiKey, List<UUID> line) {

	}

}
