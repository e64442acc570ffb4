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

package io.github.apikeys.test;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyChange;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyImport;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.ApiKeyRevokedException;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyScopes;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.ApiKeyUpdate;
import io.github.apikeys.core.ApiKeyVersionConflictException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.ImportedHash;
import io.github.apikeys.core.hash.Sha256ApiKeyHasher;
import io.github.apikeys.core.token.ApiKeyToken;
import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.log.LogMessage;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.PageImpl;
import org.springframework.data.domain.Pageable;
import org.springframework.data.domain.Sort;
import org.springframework.security.web.util.matcher.IpAddressMatcher;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;

/**
 * An {@link ApiKeyService} that keeps keys in memory, for tests of code that creates,
 * verifies and manages keys. It does what the service on a database does, but for these:
 * <ul>
 * <li>There are no transactions: every change counts at once and stays.</li>
 * <li>Of the rules of an application it knows the declared scopes only, neither how long
 * keys and their grace periods may last nor how many keys an owner may have, and no
 * {@link io.github.apikeys.core.ApiKeyPolicy}.</li>
 * <li>A search looks at name, key id and owner, not at other places, which are conditions
 * for a database.</li>
 * </ul>
 * <p>
 * It fills in entities the way a persistence provider does, past their API. The core
 * could offer a way to do it; but who can say what a key is can say which token opens it,
 * and no application should find such a method beside those that it needs. The price is
 * that names of fields are repeated here. What both services promise is tested with the
 * same tests.
 *
 * @since 0.1.0
 */
public final class InMemoryApiKeyService implements ApiKeyService, ApiKeyTokenVerifier, ApiKeyQuotas {

	private static final Log logger = LogFactory.getLog(InMemoryApiKeyService.class);

	private static final int MAX_DETAIL_LENGTH = 1000;

	private static final Instant MAX_TIME = Instant.parse("9999-12-31T23:59:59.999999Z");

	private static final Fields KEY = new Fields(ApiKey.class);

	private static final Fields NEW_KEY = new Fields(NewApiKey.class);

	private static final Fields IMPORTED_KEY = new Fields(ImportedApiKey.class);

	private static final Fields UPDATE = new Fields(ApiKeyUpdate.class);

	private static final Fields EVENT = new Fields(ApiKeyEvent.class);

	private final Map<UUID, ApiKey> keys = new LinkedHashMap<>();

	private final Map<UUID, String> hashes = new HashMap<>();

	private final Set<UUID> deleted = new HashSet<>();

	private final ApiKeyTokenFormats tokenFormats;

	private final ApiKeyHashers hashers = new ApiKeyHashers(Sha256ApiKeyHasher.SCHEME,
			List.of(new Sha256ApiKeyHasher()));

	private Clock clock = Clock.systemUTC();

	private Set<String> declaredScopes = Set.of();

	private Set<String> principalMetadata = Set.of();

	private ApplicationEventPublisher eventPublisher = (event) -> {
	};

	/**
	 * Creates a service whose tokens begin with {@code ak}.
	 */
	public InMemoryApiKeyService() {
		this(new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of())));
	}

	/**
	 * Creates a service.
	 * @param tokenFormats how tokens are written
	 */
	public InMemoryApiKeyService(ApiKeyTokenFormats tokenFormats) {
		this.tokenFormats = tokenFormats;
	}

	/**
	 * Sets the clock by which keys begin and end.
	 * @param clock the clock, the system's by default
	 */
	public synchronized void setClock(Clock clock) {
		this.clock = clock;
	}

	/**
	 * Sets which scopes exist. Only these can then be granted, and wildcards that cover
	 * at least one of them.
	 * @param declaredScopes scopes, no wildcards; if empty, as by default, every scope
	 * can be granted
	 */
	public synchronized void setDeclaredScopes(Collection<String> declaredScopes) {
		this.declaredScopes = new TreeSet<>(declaredScopes);
	}

	/**
	 * Sets which metadata of a key its principal has.
	 * @param names none by default
	 */
	public synchronized void setPrincipalMetadata(Collection<String> names) {
		this.principalMetadata = new TreeSet<>(names);
	}

	/**
	 * Sets where {@link ApiKeyEvent}s and {@link ApiKeyRefusedEvent}s go.
	 * @param eventPublisher the publisher; by default they go nowhere
	 */
	public synchronized void setApplicationEventPublisher(ApplicationEventPublisher eventPublisher) {
		this.eventPublisher = eventPublisher;
	}

	/**
	 * Forgets every key, as if there had never been one.
	 */
	public synchronized void clear() {
		this.keys.clear();
		this.hashes.clear();
		this.deleted.clear();
	}

	@Override
	public CreatedApiKey create(NewApiKey newApiKey) {
		return create(BeanUtils.instantiateClass(ApiKey.class), newApiKey);
	}

	@Override
	public synchronized CreatedApiKey create(ApiKey apiKey, NewApiKey newApiKey) {
		checkNew(apiKey);
		Instant now = now();
		newApiKey.getScopes().forEach(this::checkScope);
		Instant expiresAt = end(newApiKey, now);
		describe(apiKey, newApiKey);
		return issue(apiKey, now, expiresAt, null);
	}

	@SuppressWarnings("NullAway") // a new entity has no id
	private static void checkNew(ApiKey apiKey) {
		Assert.isTrue(apiKey.getId() == null, "Only a new entity can become an API key");
	}

	private void checkScope(String grant) {
		if (!this.declaredScopes.isEmpty()
				&& this.declaredScopes.stream().noneMatch((scope) -> ApiKeyScopes.covers(grant, scope))) {
			throw new InvalidApiKeyAttributeException("scopes",
					"The scope '" + grant + "' is not one of the declared scopes " + this.declaredScopes);
		}
	}

	private static @Nullable Instant end(NewApiKey newApiKey, Instant now) {
		Duration lifetime = NEW_KEY.read(newApiKey, "lifetime");
		Instant end = (lifetime != null) ? plus("expiresAt", now, lifetime) : NEW_KEY.read(newApiKey, "expiresAt");
		checkExpiry(end, NEW_KEY.read(newApiKey, "notBefore"), now);
		return end;
	}

	private static Instant plus(String attribute, Instant time, Duration duration) {
		if (duration.compareTo(Duration.between(time, MAX_TIME)) > 0) {
			throw new InvalidApiKeyAttributeException(attribute,
					"The " + attribute + " must be in the years 1970 to 9999");
		}
		return time.plus(duration).truncatedTo(ChronoUnit.MICROS);
	}

	private static void checkExpiry(@Nullable Instant expiresAt, @Nullable Instant notBefore, Instant now) {
		if (expiresAt != null && !expiresAt.isAfter(now)) {
			throw new InvalidApiKeyAttributeException("expiresAt", "The expiry of an API key must be in the future");
		}
		if (expiresAt != null && notBefore != null && !expiresAt.isAfter(notBefore)) {
			throw new InvalidApiKeyAttributeException("expiresAt", "An API key must begin before it expires");
		}
	}

	private static void checkReplaced(ApiKey apiKey, @Nullable Instant expiresAt) {
		Instant current = apiKey.getExpiresAt();
		if (apiKey.getSuccessorId() != null && (expiresAt == null || (current != null && expiresAt.isAfter(current)))) {
			throw new InvalidApiKeyAttributeException("expiresAt", "An API key that was replaced cannot expire later");
		}
	}

	private static void describe(ApiKey apiKey, NewApiKey newApiKey) {
		for (String attribute : List.of("name", "description", "allowedAddresses", "rateLimits", "quota",
				"notBefore")) {
			KEY.write(apiKey, attribute, NEW_KEY.read(newApiKey, attribute));
		}
		KEY.write(apiKey, "owner", ApiKeyTypes.ownerOf(apiKey, newApiKey));
		KEY.write(apiKey, "scopes", new HashSet<>(newApiKey.getScopes()));
		Map<String, String> metadata = NEW_KEY.read(newApiKey, "metadata");
		KEY.write(apiKey, "metadata", new HashMap<>(Objects.requireNonNull(metadata)));
	}

	private CreatedApiKey issue(ApiKey apiKey, Instant now, @Nullable Instant expiresAt, @Nullable String detail) {
		ApiKeyToken token = this.tokenFormats.issued()
			.generate(new SecureRandomApiKeyGenerator(), ApiKeyTypes.nameOf(apiKey.getClass()));
		PresentedToken presented = PresentedToken.of(token);
		insert(apiKey, presented, this.hashers.hash(presented.hashedText(), presented.isGenerated()), now, expiresAt);
		publish(apiKey, ApiKeyChange.CREATED, detail);
		return new CreatedApiKey(apiKey, token);
	}

	private void insert(ApiKey apiKey, PresentedToken token, String hash, Instant now, @Nullable Instant expiresAt) {
		KEY.write(apiKey, "id", UUID.randomUUID());
		KEY.write(apiKey, "keyType", ApiKeyTypes.nameOf(apiKey.getClass()));
		KEY.write(apiKey, "keyId", token.keyId());
		KEY.write(apiKey, "prefix", token.prefix());
		KEY.write(apiKey, "lastCharacters", token.lastCharacters());
		KEY.write(apiKey, "createdAt", now);
		KEY.write(apiKey, "expiresAt", expiresAt);
		this.keys.put(apiKey.getId(), copy(apiKey));
		this.hashes.put(apiKey.getId(), hash);
	}

	/**
	 * What callers have in hand is a copy, and does not change with the key.
	 */
	private static <T extends ApiKey> T copy(T apiKey) {
		@SuppressWarnings("unchecked")
		T copy = (T) BeanUtils.instantiateClass(apiKey.getClass());
		ReflectionUtils.shallowCopyFieldState(apiKey, copy);
		return copy;
	}

	@Override
	public synchronized ApiKeyImport importIfAbsent(ApiKey apiKey, ImportedApiKey imported, NewApiKey newApiKey) {
		checkNew(apiKey);
		PresentedToken token = token(imported);
		Instant now = now();
		Instant createdAt = IMPORTED_KEY.read(imported, "createdAt");
		Instant revokedAt = IMPORTED_KEY.read(imported, "revokedAt");
		ApiKey present = stored((key) -> key.getKeyId().equals(token.keyId()));
		if (present != null) {
			ApiKey wanted = BeanUtils.instantiateClass(ApiKey.class);
			describe(wanted, newApiKey);
			KEY.write(wanted, "owner", ApiKeyTypes.ownerOf(apiKey, newApiKey));
			fillInTimes(wanted, newApiKey, (createdAt != null) ? createdAt : present.getCreatedAt(), revokedAt);
			return new ApiKeyImport(copy(present), false,
					differences(present, wanted, ApiKeyTypes.nameOf(apiKey.getClass()), token, imported));
		}
		checkPast("createdAt", createdAt, now);
		checkPast("revokedAt", revokedAt, now);
		ImportedHash given = IMPORTED_KEY.read(imported, "hash");
		String hash = (given != null) ? given.value() : this.hashers.hash(token.hashedText(), token.isGenerated());
		if (!this.hashers.read(hash).isKnown()) {
			throw new InvalidApiKeyAttributeException("hash", "There is no hasher for the scheme of the imported hash");
		}
		describe(apiKey, newApiKey);
		fillInTimes(apiKey, newApiKey, (createdAt != null) ? createdAt : now, revokedAt);
		if (revokedAt == null) {
			newApiKey.getScopes().forEach(this::checkScope);
			checkImportedEnd(newApiKey, apiKey, now);
		}
		insert(apiKey, token, hash, apiKey.getCreatedAt(), apiKey.getExpiresAt());
		publish(apiKey, ApiKeyChange.IMPORTED, IMPORTED_KEY.read(imported, "revocationReason"));
		return new ApiKeyImport(apiKey, true, List.of());
	}

	private static void checkPast(String attribute, @Nullable Instant time, Instant now) {
		if (time != null && time.isAfter(now)) {
			throw new InvalidApiKeyAttributeException(attribute,
					"The " + attribute + " of an imported key must not be in the future");
		}
	}

	private static void fillInTimes(ApiKey apiKey, NewApiKey newApiKey, Instant createdAt,
			@Nullable Instant revokedAt) {
		Duration lifetime = NEW_KEY.read(newApiKey, "lifetime");
		KEY.write(apiKey, "createdAt", createdAt);
		KEY.write(apiKey, "expiresAt", (lifetime != null) ? plus("expiresAt", createdAt, lifetime)
				: NEW_KEY.<Instant>read(newApiKey, "expiresAt"));
		KEY.write(apiKey, "revokedAt", revokedAt);
	}

	/**
	 * A key may have ended where it comes from, but not by a lifetime that is over.
	 */
	private static void checkImportedEnd(NewApiKey newApiKey, ApiKey apiKey, Instant now) {
		Instant expiresAt = NEW_KEY.read(newApiKey, "expiresAt");
		if (expiresAt == null || expiresAt.isAfter(now)) {
			checkExpiry(apiKey.getExpiresAt(), apiKey.getNotBefore(), now);
		}
	}

	private Set<String> differences(ApiKey present, ApiKey wanted, String type, PresentedToken token,
			ImportedApiKey imported) {
		Set<String> differences = new TreeSet<>();
		for (String attribute : List.of("name", "description", "owner", "scopes", "metadata", "allowedAddresses",
				"rateLimits", "quota", "createdAt", "notBefore", "expiresAt", "revokedAt")) {
			if (!Objects.equals(KEY.read(wanted, attribute), KEY.read(present, attribute))) {
				differences.add(attribute);
			}
		}
		if (!type.equals(present.getKeyType())) {
			differences.add("keyType");
		}
		ImportedHash given = IMPORTED_KEY.read(imported, "hash");
		String hash = Objects.requireNonNull(this.hashes.get(present.getId()));
		boolean sameScheme = given != null && scheme(hash).equals(scheme(given.value()));
		if ((given != null) ? (sameScheme && !hash.equals(given.value())) : !opens(token, present)) {
			differences.add("hash");
		}
		return differences;
	}

	private static String scheme(String hash) {
		return hash.substring(0, hash.indexOf('}') + 1);
	}

	private PresentedToken token(ImportedApiKey imported) {
		String text = IMPORTED_KEY.read(imported, "token");
		if (text != null) {
			PresentedToken token = this.tokenFormats.parse(text);
			if (token == null) {
				throw new InvalidApiKeyAttributeException("token",
						"The token of the imported key is of no format that is registered");
			}
			return token;
		}
		String format = Objects.requireNonNull(IMPORTED_KEY.read(imported, "format"));
		String id = Objects.requireNonNull(IMPORTED_KEY.read(imported, "id"));
		try {
			return this.tokenFormats.identified(format, id, null);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidApiKeyAttributeException("format",
					"The imported key could not be found by its token: " + ex.getMessage());
		}
	}

	@Override
	public synchronized Optional<ApiKeyPrincipal> verify(@Nullable String text, @Nullable String remoteAddress) {
		PresentedToken token = this.tokenFormats.parse(text);
		ApiKey apiKey = (token != null) ? stored((key) -> key.getKeyId().equals(token.keyId())) : null;
		Instant now = this.clock.instant();
		ApiKeyRefusal refusal = refusal(token, apiKey, remoteAddress, now);
		if (refusal != null || apiKey == null) {
			publish(new ApiKeyRefusedEvent(this, (refusal != null) ? refusal : ApiKeyRefusal.UNKNOWN,
					(token != null && (token.isIssued() || apiKey != null)) ? token.keyId() : null, remoteAddress,
					now));
			return Optional.empty();
		}
		KEY.write(apiKey, "lastUsedAt", now.truncatedTo(ChronoUnit.MICROS));
		KEY.write(apiKey, "lastUsedFrom", remoteAddress);
		return Optional.of(MockApiKey.of(apiKey).principal(this.principalMetadata));
	}

	private @Nullable ApiKeyRefusal refusal(@Nullable PresentedToken token, @Nullable ApiKey apiKey,
			@Nullable String remoteAddress, Instant now) {
		if (token == null) {
			return ApiKeyRefusal.MALFORMED;
		}
		if (apiKey == null) {
			return ApiKeyRefusal.UNKNOWN;
		}
		if (!opens(token, apiKey)) {
			return ApiKeyRefusal.WRONG_SECRET;
		}
		ApiKeyState state = apiKey.getState(now);
		if (state != ApiKeyState.ACTIVE) {
			return ApiKeyRefusal.valueOf(state.name());
		}
		return isAllowed(apiKey.getAllowedAddresses(), remoteAddress) ? null : ApiKeyRefusal.ADDRESS;
	}

	private boolean opens(PresentedToken token, ApiKey apiKey) {
		return this.hashers.read(this.hashes.get(apiKey.getId())).matches(token.hashedText());
	}

	private static boolean isAllowed(Set<String> ranges, @Nullable String remoteAddress) {
		if (ranges.isEmpty() || remoteAddress == null) {
			return ranges.isEmpty();
		}
		try {
			return ranges.stream().anyMatch((range) -> new IpAddressMatcher(range).matches(remoteAddress));
		}
		catch (IllegalArgumentException ex) {
			// it is no address
			return false;
		}
	}

	@Override
	public synchronized boolean consumeQuota(UUID id) {
		ApiKey apiKey = lastSuccessor(id);
		if (apiKey == null) {
			return false;
		}
		Long quota = apiKey.getQuota();
		if (quota != null && apiKey.getQuotaUsed() >= quota) {
			return false;
		}
		KEY.write(apiKey, "quotaUsed", apiKey.getQuotaUsed() + 1);
		return true;
	}

	@Override
	public synchronized void refundQuota(UUID id) {
		ApiKey apiKey = lastSuccessor(id);
		if (apiKey != null && apiKey.getQuotaUsed() > 0) {
			KEY.write(apiKey, "quotaUsed", apiKey.getQuotaUsed() - 1);
		}
	}

	private @Nullable ApiKey lastSuccessor(UUID id) {
		ApiKey apiKey = this.keys.get(id);
		while (apiKey != null && apiKey.getSuccessorId() != null) {
			apiKey = this.keys.get(apiKey.getSuccessorId());
		}
		return apiKey;
	}

	@Override
	public synchronized Optional<ApiKey> find(UUID id) {
		return Optional.ofNullable(this.keys.get(id)).map(InMemoryApiKeyService::copy);
	}

	@Override
	public <T extends ApiKey> Optional<T> find(Class<T> type, UUID id) {
		return find(id).filter(type::isInstance).map(type::cast);
	}

	@Override
	public synchronized Optional<ApiKey> findByKeyId(String keyId) {
		return Optional.ofNullable(stored((apiKey) -> apiKey.getKeyId().equals(keyId)))
			.map(InMemoryApiKeyService::copy);
	}

	private @Nullable ApiKey stored(Predicate<ApiKey> predicate) {
		return this.keys.values().stream().filter(predicate).findFirst().orElse(null);
	}

	private ApiKey existing(UUID id) {
		ApiKey apiKey = this.keys.get(id);
		if (apiKey == null) {
			throw new ApiKeyNotFoundException(id);
		}
		return apiKey;
	}

	private ApiKey unrevoked(UUID id) {
		ApiKey apiKey = existing(id);
		if (apiKey.getRevokedAt() != null) {
			throw new ApiKeyRevokedException(id);
		}
		return apiKey;
	}

	@Override
	public synchronized <T extends ApiKey> Page<T> list(Class<T> type, ApiKeyQuery query, Pageable pageable) {
		Comparator<ApiKey> order = Comparator.comparing(ApiKey::getId);
		List<Sort.Order> sort = pageable.getSortOr(Sort.by(Sort.Direction.DESC, "createdAt")).toList();
		for (int i = sort.size() - 1; i >= 0; i--) {
			order = comparator(sort.get(i)).thenComparing(order);
		}
		List<T> found = this.keys.values()
			.stream()
			.filter(type::isInstance)
			.filter(new KeyFilter(query, this.clock.instant()))
			.sorted(order)
			.map((apiKey) -> copy(type.cast(apiKey)))
			.toList();
		if (pageable.isUnpaged()) {
			return new PageImpl<>(found);
		}
		List<T> page = found.stream().skip(pageable.getOffset()).limit(pageable.getPageSize()).toList();
		return new PageImpl<>(page, pageable, found.size());
	}

	private static Comparator<ApiKey> comparator(Sort.Order order) {
		Comparator<ApiKey> comparator = switch (order.getProperty()) {
			case "name" -> comparing(ApiKey::getName);
			case "keyId" -> comparing(ApiKey::getKeyId);
			case "owner" -> comparing(ApiKey::getOwner);
			case "createdAt" -> comparing(ApiKey::getCreatedAt);
			case "expiresAt" -> comparing(ApiKey::getExpiresAt);
			default -> throw new InvalidApiKeyAttributeException("sort", "API keys cannot be sorted by '"
					+ order.getProperty() + "', only by name, keyId, owner, createdAt, expiresAt");
		};
		return order.isAscending() ? comparator : comparator.reversed();
	}

	private static <T extends Comparable<T>> Comparator<ApiKey> comparing(Function<ApiKey, @Nullable T> attribute) {
		return Comparator.comparing(attribute, Comparator.nullsLast(Comparator.naturalOrder()));
	}

	@Override
	public synchronized ApiKey update(UUID id, Consumer<ApiKeyUpdate> changes) {
		ApiKeyUpdate update = BeanUtils.instantiateClass(ApiKeyUpdate.class);
		changes.accept(update);
		ApiKey apiKey = unrevoked(id);
		Long expectedVersion = UPDATE.read(update, "expectedVersion");
		if (expectedVersion != null && expectedVersion != apiKey.getVersion()) {
			throw new ApiKeyVersionConflictException(id);
		}
		Consumer<ApiKey> check = UPDATE.read(update, "check");
		if (check != null) {
			check.accept(copy(apiKey));
		}
		Map<String, @Nullable Object> values = values(update);
		values.entrySet().removeIf((value) -> Objects.equals(value.getValue(), KEY.read(apiKey, value.getKey())));
		if (values.containsKey("expiresAt")) {
			Instant expiresAt = (Instant) values.get("expiresAt");
			checkExpiry(expiresAt, apiKey.getNotBefore(), now());
			checkReplaced(apiKey, expiresAt);
		}
		update.getScopes().ifPresent((scopes) -> {
			// what it has it may keep, even if it is not declared any more
			scopes.stream().filter((scope) -> !apiKey.getScopes().contains(scope)).forEach(this::checkScope);
		});
		if (!values.isEmpty()) {
			change(apiKey, values, ApiKeyChange.UPDATED, String.join(", ", values.keySet()));
			limitAlike(apiKey, values);
		}
		return copy(apiKey);
	}

	/**
	 * A key and its successors count as one, so the two of them that can be used have the
	 * same limits.
	 */
	private void limitAlike(ApiKey updated, Map<String, @Nullable Object> values) {
		UUID successor = updated.getSuccessorId();
		UUID id = (successor != null) ? successor : updated.getPredecessorId();
		ApiKey other = (id != null) ? this.keys.get(id) : null;
		if (other == null || isEnded(updated) || isEnded(other)) {
			return;
		}
		Map<String, @Nullable Object> limits = new LinkedHashMap<>(values);
		limits.keySet().retainAll(List.of("rateLimits", "quota"));
		Long quota = other.getQuota();
		if (!(limits.get("quota") instanceof Long newQuota && (quota == null || newQuota < quota))) {
			limits.remove("quota");
		}
		limits.entrySet().removeIf((limit) -> Objects.equals(limit.getValue(), KEY.read(other, limit.getKey())));
		if (!limits.isEmpty()) {
			change(other, limits, ApiKeyChange.UPDATED, String.join(", ", limits.keySet()));
		}
	}

	private boolean isEnded(ApiKey apiKey) {
		ApiKeyState state = apiKey.getState(now());
		return state == ApiKeyState.REVOKED || state == ApiKeyState.EXPIRED;
	}

	private static Map<String, @Nullable Object> values(ApiKeyUpdate update) {
		Map<String, @Nullable Object> values = new LinkedHashMap<>(update.getColumns());
		update.getScopes().ifPresent((scopes) -> values.put("scopes", new HashSet<>(scopes)));
		update.getMetadata().ifPresent((metadata) -> values.put("metadata", new HashMap<>(metadata)));
		return values;
	}

	private void change(ApiKey apiKey, Map<String, ? extends @Nullable Object> values, ApiKeyChange change,
			@Nullable String detail) {
		values.forEach((attribute, value) -> KEY.write(apiKey, attribute, value));
		KEY.write(apiKey, "version", apiKey.getVersion() + 1);
		publish(apiKey, change, detail);
	}

	@Override
	public synchronized CreatedApiKey rotate(UUID id, Duration grace) {
		if (grace.isNegative()) {
			throw new InvalidApiKeyAttributeException("grace", "The grace of a rotation must not be negative");
		}
		Instant now = now();
		ApiKey old = existing(id);
		Instant end = plus("grace", now, grace);
		checkRotatable(old, now);
		endPredecessor(old, now);
		Instant expiresAt = old.getExpiresAt();
		ApiKey successor = copy(old);
		KEY.write(successor, "predecessorId", id);
		KEY.write(successor, "lineId", old.getLineId());
		KEY.write(successor, "lastUsedAt", null);
		KEY.write(successor, "lastUsedFrom", null);
		KEY.write(successor, "version", 0L);
		CreatedApiKey created = issue(successor, now, expiresAt, old.getKeyId());
		Map<String, @Nullable Object> columns = new LinkedHashMap<>();
		columns.put("successorId", successor.getId());
		columns.put("expiresAt", (expiresAt != null && expiresAt.isBefore(end)) ? expiresAt : end);
		change(old, columns, ApiKeyChange.ROTATED, successor.getKeyId());
		return created;
	}

	@Override
	public synchronized CreatedApiKey rotate(UUID id, Duration grace, Consumer<ApiKey> check) {
		check.accept(copy(unrevoked(id)));
		return rotate(id, grace);
	}

	private void endPredecessor(ApiKey rotated, Instant now) {
		ApiKey predecessor = (rotated.getPredecessorId() != null) ? this.keys.get(rotated.getPredecessorId()) : null;
		if (predecessor != null && predecessor.getRevokedAt() == null && isLive(predecessor.getExpiresAt(), now)) {
			change(predecessor, Map.of("expiresAt", now), ApiKeyChange.UPDATED, "expiresAt");
		}
	}

	private void checkRotatable(ApiKey apiKey, Instant now) {
		UUID id = apiKey.getId();
		if (unrevoked(id).getSuccessorId() != null) {
			throw new ApiKeyRotationException(id, "was rotated before; rotate its successor");
		}
		ApiKeyState state = apiKey.getState(now);
		if (state == ApiKeyState.EXPIRED) {
			throw new ApiKeyRotationException(id, "is expired; create a new one");
		}
		if (state == ApiKeyState.DISABLED) {
			throw new ApiKeyRotationException(id, "is disabled; enable it first");
		}
	}

	@Override
	public synchronized ApiKey disable(UUID id) {
		ApiKey apiKey = unrevoked(id);
		if (apiKey.getDisabledAt() == null) {
			change(apiKey, Map.of("disabledAt", now()), ApiKeyChange.DISABLED, null);
		}
		return copy(apiKey);
	}

	@Override
	public synchronized ApiKey enable(UUID id) {
		ApiKey apiKey = unrevoked(id);
		if (apiKey.getDisabledAt() != null) {
			KEY.write(apiKey, "disabledAt", null);
			change(apiKey, Map.of(), ApiKeyChange.ENABLED, null);
		}
		return copy(apiKey);
	}

	@Override
	public synchronized ApiKey enable(UUID id, Consumer<ApiKey> check) {
		check.accept(copy(unrevoked(id)));
		return enable(id);
	}

	@Override
	public synchronized ApiKey revoke(UUID id, @Nullable String reason) {
		ApiKey apiKey = existing(id);
		if (apiKey.getRevokedAt() == null) {
			change(apiKey, Map.of("revokedAt", now()), ApiKeyChange.REVOKED, reason);
		}
		return copy(apiKey);
	}

	@Override
	public synchronized int revokeAll(String owner, @Nullable String reason) {
		List<UUID> ids = ids((apiKey) -> owner.equals(apiKey.getOwner()) && apiKey.getRevokedAt() == null);
		ids.forEach((id) -> revoke(id, reason));
		return ids.size();
	}

	private List<UUID> ids(Predicate<ApiKey> predicate) {
		return this.keys.values().stream().filter(predicate).map(ApiKey::getId).toList();
	}

	@Override
	public synchronized Optional<ApiKey> revokeToken(@Nullable String token, @Nullable String reason) {
		PresentedToken presented = this.tokenFormats.parse(token);
		ApiKey apiKey = (presented != null)
				? stored((key) -> key.getKeyId().equals(presented.keyId()) && opens(presented, key)) : null;
		return Optional.ofNullable(apiKey).map((key) -> revoke(key.getId(), reason));
	}

	@Override
	public synchronized ApiKey delete(UUID id) {
		ApiKey apiKey = revoke(id, null);
		if (this.deleted.add(id)) {
			publish(apiKey, ApiKeyChange.DELETED, null);
		}
		return apiKey;
	}

	@Override
	public synchronized int purge(Duration retention) {
		return purge((apiKey) -> true, retention);
	}

	@Override
	public synchronized int purge(String owner, Duration retention) {
		Assert.notNull(owner, "owner cannot be null");
		return purge((apiKey) -> owner.equals(apiKey.getOwner()), retention);
	}

	private int purge(Predicate<ApiKey> condition, Duration retention) {
		Assert.isTrue(!retention.isNegative(), "retention cannot be negative");
		// as on a database, where nodes may still have in their cache what ended just now
		Instant last = now().minus(Duration.ofSeconds(91));
		Instant time = (retention.compareTo(Duration.between(Instant.EPOCH, last)) < 0) ? now().minus(retention)
				: Instant.EPOCH;
		Instant first = time.isBefore(last) ? time : last;
		List<UUID> ids = ids(condition
			.and((key) -> isEnded(key, first)
					|| (this.deleted.contains(key.getId()) && isBefore(key.getRevokedAt(), last)))
			.and((key) -> !isNeeded(key, this.deleted.contains(key.getId()) ? last : first)));
		for (UUID id : ids) {
			publish(existing(id), ApiKeyChange.PURGED, null);
			this.keys.remove(id);
			this.hashes.remove(id);
			this.deleted.remove(id);
		}
		return ids.size();
	}

	private static boolean isEnded(ApiKey key, Instant time) {
		return isBefore(key.getRevokedAt(), time) || isBefore(key.getExpiresAt(), time);
	}

	/**
	 * Whether it counts the requests of the key that it replaced.
	 */
	private boolean isNeeded(ApiKey key, Instant time) {
		UUID id = key.getPredecessorId();
		ApiKey predecessor = (id != null) ? this.keys.get(id) : null;
		return predecessor != null && !isEnded(predecessor, time);
	}

	private static boolean isLive(@Nullable Instant end, Instant now) {
		return end == null || end.isAfter(now);
	}

	private static boolean isBefore(@Nullable Instant end, Instant time) {
		return end != null && end.isBefore(time);
	}

	/**
	 * Does nothing: what is remembered elsewhere is known here.
	 */
	@Override
	public void invalidateOwner(String owner) {
	}

	private Instant now() {
		return this.clock.instant().truncatedTo(ChronoUnit.MICROS);
	}

	private void publish(ApiKey apiKey, ApiKeyChange change, @Nullable String detail) {
		ApiKeyEvent event = BeanUtils.instantiateClass(ApiKeyEvent.class);
		EVENT.write(event, "apiKeyId", apiKey.getId());
		EVENT.write(event, "keyId", apiKey.getKeyId());
		EVENT.write(event, "change", change);
		EVENT.write(event, "occurredAt", now());
		EVENT.write(event, "detail", (detail != null && detail.length() > MAX_DETAIL_LENGTH)
				? detail.substring(0, MAX_DETAIL_LENGTH) : detail);
		publish(event);
	}

	private void publish(Object event) {
		try {
			this.eventPublisher.publishEvent(event);
		}
		catch (RuntimeException ex) {
			// what happened has happened, and only the caller gets a new plaintext
			logger.error(LogMessage.format("A listener failed to handle %s", event), ex);
		}
	}

}
