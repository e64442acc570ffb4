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

package io.github.apikeys.core.verification;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKeyActor;
import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.RefusalLog;
import io.github.apikeys.core.RemoteAddress;
import io.github.apikeys.core.TokenHash;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.StoredHash;
import io.github.apikeys.core.support.Moment;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.util.Assert;

/**
 * The one path on which a presented text becomes a key that may be used, or does not.
 */
public final class ApiKeyVerifier implements ApiKeyTokenVerifier, AutoCloseable {

	private static final Log logger = LogFactory.getLog(ApiKeyVerifier.class);

	private static final Duration MAX_WAIT = Duration.ofSeconds(5);

	// after a longer one, the key is read again
	private static final Duration MAX_COMPARISON = Duration.ofSeconds(1);

	private static final Clock SYSTEM_CLOCK = Clock.systemUTC();

	private final ApiKeyTokenFormats tokenFormats;

	private final ApiKeyHashers hashers;

	private final VerificationSource source;

	private final HashUpgrader hashUpgrader;

	private final UsageRecorder usageRecorder;

	private final VerificationStatistics statistics;

	private final SlowComparisons slowComparisons = new SlowComparisons(
			Math.max(1, Runtime.getRuntime().availableProcessors() / 2), MAX_WAIT);

	private final Supplier<Moment> moments;

	private @Nullable VerificationCache cache;

	private Clock clock = SYSTEM_CLOCK;

	private List<ApiKeyPolicy> policies = List.of();

	private ApplicationEventPublisher eventPublisher = (event) -> {
	};

	/**
	 * Creates a verifier.
	 * @param tokenFormats how tokens are written
	 * @param hashers how tokens are stored
	 * @param source where keys are found
	 * @param usageSink what keeps the usage of keys
	 */
	public ApiKeyVerifier(ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers, VerificationSource source,
			UsageSink usageSink) {
		this(tokenFormats, hashers, source, new UsageRecorder(usageSink, Moment::now), Moment::now);
	}

	/**
	 * Creates a verifier.
	 * @param moments reads the clocks by which cached keys and waiting work grow old
	 */
	ApiKeyVerifier(ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers, VerificationSource source,
			UsageRecorder usageRecorder, Supplier<Moment> moments) {
		this.tokenFormats = tokenFormats;
		this.hashers = hashers;
		this.source = source;
		this.usageRecorder = usageRecorder;
		this.moments = moments;
		this.statistics = new VerificationStatistics(usageRecorder);
		this.hashUpgrader = new HashUpgrader(hashers, this.slowComparisons, source, this::evict, moments);
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
	 * Sets the application's rules for the use of keys.
	 * @param policies all of them must permit a key; none by default
	 */
	public void setPolicies(Collection<? extends ApiKeyPolicy> policies) {
		this.policies = List.copyOf(policies);
	}

	/**
	 * Sets where {@link ApiKeyRefusedEvent}s go.
	 * @param eventPublisher the publisher; by default they go nowhere
	 */
	public void setEventPublisher(ApplicationEventPublisher eventPublisher) {
		Assert.notNull(eventPublisher, "eventPublisher cannot be null");
		this.eventPublisher = eventPublisher;
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
	 * Caches keys from now on.
	 * @param maxEntries how many keys at most, at least 1
	 * @param maxStaleness how old a cached answer may be: longer than zero, at most 15
	 * seconds
	 */
	public void setCache(int maxEntries, Duration maxStaleness) {
		VerificationCache cache = new VerificationCache(this.source, maxEntries, maxStaleness, this.moments);
		this.cache = cache;
		this.statistics.watch(cache);
	}

	/**
	 * Sets whether threads without a caller may write: usage and new hashes.
	 * @param enabled whether they may, {@code true} by default
	 */
	public void setDeferredWrites(boolean enabled) {
		this.hashUpgrader.setEnabled(enabled);
		this.usageRecorder.setEnabled(enabled);
	}

	/**
	 * Returns what the verifications of this node tell those who watch it.
	 * @return always the same object, whose numbers change
	 */
	public VerificationStatistics getStatistics() {
		return this.statistics;
	}

	/**
	 * Evicts a key that this node changed, once the change is committed.
	 * @param keyId the public id
	 */
	public void evict(String keyId) {
		VerificationCache cache = this.cache;
		if (cache != null) {
			cache.evict(keyId);
		}
	}

	/**
	 * Evicts the keys of an owner, once a change about the owner is committed.
	 * @param owner the owner
	 */
	public void evictOwner(String owner) {
		VerificationCache cache = this.cache;
		if (cache != null) {
			cache.evictOwner(owner);
		}
	}

	@Override
	public Optional<ApiKeyPrincipal> verify(@Nullable String text, @Nullable String remoteAddress) {
		try {
			return decide(text, remoteAddress);
		}
		catch (ApiKeyStoreException ex) {
			this.statistics.unanswered();
			throw ex;
		}
	}

	private Optional<ApiKeyPrincipal> decide(@Nullable String text, @Nullable String remoteAddress) {
		PresentedToken token = this.tokenFormats.parse(text);
		if (token == null) {
			return refuse(ApiKeyRefusal.MALFORMED, new Attempt(null, null, false, remoteAddress, this.clock.instant()));
		}
		return decide(token, remoteAddress);
	}

	private Optional<ApiKeyPrincipal> decide(PresentedToken token, @Nullable String remoteAddress) {
		Moment start = this.moments.get();
		LoadedApiKey cached = cached(token.keyId(), start);
		LoadedApiKey key = (cached != null) ? cached : find(token.keyId(), start);
		// after a query, time has passed
		Instant now = (cached != null && this.clock == SYSTEM_CLOCK) ? start.wallTime() : this.clock.instant();
		Attempt attempt = new Attempt(token, key, cached != null, remoteAddress, now);
		if (key == null) {
			// as much work as for a wrong secret
			matches(token, this.hashers.read(null), attempt);
			return refuse(ApiKeyRefusal.UNKNOWN, attempt);
		}
		// The secret comes first: who does not have it learns nothing of the key, neither
		// from the answer nor from the work done for it.
		StoredHash hash = key.hash(this.hashers);
		Moment compared = hash.isSlow() ? this.moments.get() : start;
		if (!matches(token, hash, attempt)) {
			return refuse(ApiKeyRefusal.WRONG_SECRET, attempt);
		}
		if (hash.isSlow() && !this.moments.get().isWithin(MAX_COMPARISON, compared)) {
			// The key may have ended while others were compared. The token is known now.
			return decide(token, remoteAddress);
		}
		ApiKeyRefusal refusal = refusal(key, attempt);
		return (refusal != null) ? refuse(refusal, attempt) : accept(token, key, attempt);
	}

	/**
	 * Why a key whose secret was presented is refused.
	 */
	private @Nullable ApiKeyRefusal refusal(LoadedApiKey key, Attempt attempt) {
		ApiKeyState state = key.key().state(attempt.now());
		if (state != ApiKeyState.ACTIVE) {
			return ApiKeyRefusal.of(state);
		}
		if (!key.key().isPermittedFrom(attempt.remoteAddress())) {
			return ApiKeyRefusal.ADDRESS;
		}
		return key.isPermitted(this::isPermitted) ? null : ApiKeyRefusal.POLICY;
	}

	private Optional<ApiKeyPrincipal> accept(PresentedToken token, LoadedApiKey key, Attempt attempt) {
		ApiKeyPrincipal principal = key.key().principal();
		if (key.hash(this.hashers).needsUpgrade(token.isGenerated())) {
			this.hashUpgrader.upgrade(principal.id(), key.key().hash(), token);
		}
		this.statistics.accepted(attempt.cached());
		this.usageRecorder.accepted(principal.id(), attempt.now(), ApiKeyActor.cutAddress(attempt.remoteAddress()));
		return Optional.of(principal);
	}

	private Optional<ApiKeyPrincipal> refuse(ApiKeyRefusal reason, Attempt attempt) {
		StoredApiKey stored = attempt.stored();
		this.statistics.refused(reason, attempt.cached());
		publish(reason, stored, attempt);
		this.usageRecorder.refused((stored != null) ? stored.principal().id() : null, attempt.now());
		return Optional.empty();
	}

	/**
	 * Finds the key whose token somebody holds, whatever its state.
	 * @param text the token as it was presented, or {@code null}
	 * @return the id of the key's row, or {@code null} if there is no such key
	 * @throws ApiKeyStoreException if the store does not answer
	 */
	public @Nullable UUID findIdByToken(@Nullable String text) {
		PresentedToken token = this.tokenFormats.parse(text);
		StoredApiKey stored = (token != null) ? this.source.find(token.keyId()) : null;
		if (token == null || stored == null) {
			return null;
		}
		LoadedApiKey key = new LoadedApiKey(stored, this.moments.get());
		StoredHash hash = key.hash(this.hashers);
		Attempt attempt = new Attempt(token, key, false, null, this.clock.instant());
		boolean matches = compare(hash, token, attempt,
				() -> this.slowComparisons.compare(token.hashedText(), hash::matches));
		return matches ? stored.principal().id() : null;
	}

	/**
	 * What they say is remembered for everybody, so it must not depend on what the caller
	 * has read before.
	 */
	private boolean isPermitted(ApiKeyPrincipal apiKey) {
		if (this.policies.isEmpty()) {
			return true;
		}
		return this.source.outside(() -> this.policies.stream().allMatch((policy) -> policy.permits(apiKey)));
	}

	private boolean matches(PresentedToken token, StoredHash hash, Attempt attempt) {
		StoredApiKey stored = attempt.stored();
		String address = attempt.remoteAddress();
		return compare(hash, token, attempt,
				() -> this.slowComparisons.matches(token.keyId(), (stored != null) ? stored.hash() : TokenHash.NONE,
						token.hashedText(), (address != null) ? RemoteAddress.source(address) : null, hash::matches));
	}

	private boolean compare(StoredHash hash, PresentedToken token, Attempt attempt, BooleanSupplier slowly) {
		if (!hash.isSlow()) {
			return hash.matches(token.hashedText());
		}
		try {
			return slowly.getAsBoolean();
		}
		catch (SlowComparisons.TooManySlowComparisonsException ex) {
			// who waits for others is not told about the key
			publish(ApiKeyRefusal.BUSY, null, attempt);
			throw new ApiKeyStoreException(String.valueOf(ex.getMessage()));
		}
	}

	/**
	 * The id that may be shown. In a text that only looks like another system's token, it
	 * may be half of a secret, so there must be such a key.
	 */
	private static @Nullable String shownId(Attempt attempt) {
		PresentedToken token = attempt.token();
		return (token != null && (token.isIssued() || attempt.key() != null)) ? token.keyId() : null;
	}

	/**
	 * Tells developers and listeners of a refusal.
	 * @param stored the key, if it is to be explained
	 */
	private void publish(ApiKeyRefusal reason, @Nullable StoredApiKey stored, Attempt attempt) {
		String keyId = shownId(attempt);
		if (RefusalLog.isEnabled()) {
			RefusalLog.write("API key " + ((keyId != null) ? "'" + keyId + "'" : "of unknown id") + " refused: "
					+ reason + ", " + explain(reason, stored, attempt.remoteAddress()));
		}
		try {
			this.eventPublisher
				.publishEvent(new ApiKeyRefusedEvent(this, reason, keyId, attempt.remoteAddress(), attempt.now()));
		}
		catch (RuntimeException ex) {
			// the caller is refused all the same
			logger.error("A listener failed to handle the refusal of an API key", ex);
		}
	}

	private static String explain(ApiKeyRefusal reason, @Nullable StoredApiKey stored, @Nullable String remoteAddress) {
		return (stored != null) ? stored.explain(reason, remoteAddress) : reason.explanation();
	}

	private @Nullable LoadedApiKey cached(String keyId, Moment start) {
		VerificationCache cache = this.cache;
		return (cache != null) ? cache.getIfRemembered(keyId, start) : null;
	}

	private @Nullable LoadedApiKey find(String keyId, Moment start) {
		VerificationCache cache = this.cache;
		boolean asCaller = this.source.isReadableByCaller();
		if (cache != null && !asCaller) {
			return cache.loadOnce(keyId, this.source.mayCallerHoldConnection());
		}
		StoredApiKey stored = asCaller ? this.source.findAsCaller(keyId) : this.source.find(keyId);
		return (stored != null) ? new LoadedApiKey(stored, start) : null;
	}

	/**
	 * Finishes what was put off.
	 */
	@Override
	public void close() {
		if (this.cache != null) {
			this.cache.close();
		}
		this.hashUpgrader.close();
		this.usageRecorder.close();
	}

	/**
	 * A token that is presented, and the key that is found for it.
	 *
	 * @param token the token, or {@code null} if it is malformed
	 * @param key the key, or {@code null} if there is none
	 * @param cached whether the key was cached
	 * @param now when it is decided
	 */
	private record Attempt(@Nullable PresentedToken token, @Nullable LoadedApiKey key, boolean cached,
			@Nullable String remoteAddress, Instant now) {

		@Nullable StoredApiKey stored() {
			return (this.key != null) ? this.key.key() : null;
		}

	}

}
