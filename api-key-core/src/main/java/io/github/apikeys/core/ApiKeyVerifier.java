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
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.hash.StoredHash;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.PresentedToken;
import jakarta.persistence.PersistenceException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * The one path on which a presented text becomes a key that may be used, or does not.
 */
final class ApiKeyVerifier implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(ApiKeyVerifier.class);

	private static final Duration MAX_WAIT = Duration.ofSeconds(1);

	private static final Clock SYSTEM_CLOCK = Clock.systemUTC();

	private final ApiKeyTokenFormats tokenFormats;

	private final ApiKeyHashers hashers;

	private final StoredHash hashOfNoKey;

	private final ApiKeyStore store;

	private final OwnTransactions transactions;

	private final CallerTransaction callerTransaction;

	private final HashUpgrader hashUpgrader;

	private final UsageRecorder usageRecorder;

	private final VerificationStatistics statistics;

	private final SlowComparisons slowComparisons = new SlowComparisons(
			Math.max(1, Runtime.getRuntime().availableProcessors() / 2), MAX_WAIT);

	/** Not all callers may hold a connection and wait for another one. */
	private final Semaphore secondConnections = new Semaphore(1);

	private @Nullable VerificationCache cache;

	private boolean tenantsApart;

	private Clock clock = SYSTEM_CLOCK;

	private List<ApiKeyPolicy> policies = List.of();

	private ApplicationEventPublisher eventPublisher = (event) -> {
	};

	/**
	 * Creates a verifier.
	 * @param callerTransaction the transaction in which a key is verified
	 */
	ApiKeyVerifier(ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers, ApiKeyStore store,
			OwnTransactions transactions, CallerTransaction callerTransaction, UsageRecorder usageRecorder) {
		this.tokenFormats = tokenFormats;
		this.hashers = hashers;
		this.hashOfNoKey = hashers.read(null);
		this.store = store;
		this.transactions = transactions;
		this.callerTransaction = callerTransaction;
		this.usageRecorder = usageRecorder;
		this.statistics = new VerificationStatistics(usageRecorder);
		this.hashUpgrader = new HashUpgrader(hashers, this.slowComparisons, store, transactions, this::forget);
	}

	void setClock(Clock clock) {
		this.clock = clock;
	}

	void setPolicies(List<ApiKeyPolicy> policies) {
		this.policies = policies;
	}

	void setEventPublisher(ApplicationEventPublisher eventPublisher) {
		this.eventPublisher = eventPublisher;
	}

	/**
	 * Remembers keys from now on.
	 * @param maxStaleness see {@link VerificationCache}
	 */
	void setCache(int maxEntries, Duration maxStaleness) {
		VerificationCache cache = new VerificationCache(this::load, this::changedSince, maxEntries, maxStaleness);
		this.cache = cache;
		this.statistics.watch(cache);
	}

	/**
	 * Sets whether each tenant may have keys of its own. Then threads without a caller
	 * write nothing, and the connection of a caller may be that of another tenant.
	 */
	void setTenantsApart(boolean tenantsApart) {
		this.tenantsApart = tenantsApart;
		this.hashUpgrader.setEnabled(!tenantsApart);
		this.usageRecorder.setEnabled(!tenantsApart);
	}

	VerificationStatistics statistics() {
		return this.statistics;
	}

	void forget(String keyId) {
		VerificationCache cache = this.cache;
		if (cache != null) {
			cache.evict(keyId);
		}
	}

	void forgetOwner(String owner) {
		VerificationCache cache = this.cache;
		if (cache != null) {
			cache.evictOwner(owner);
		}
	}

	Optional<ApiKeyPrincipal> verify(@Nullable String text, @Nullable String remoteAddress) {
		Moment start = Moment.now();
		PresentedToken token = this.tokenFormats.parse(text);
		LoadedApiKey remembered = (token != null) ? remembered(token.keyId(), start) : null;
		LoadedApiKey loaded = (token != null && remembered == null) ? find(token.keyId(), start) : remembered;
		StoredApiKey stored = (loaded != null) ? loaded.key() : null;
		// after a query, time has passed
		Instant now = (remembered != null && this.clock == SYSTEM_CLOCK) ? start.wallTime() : this.clock.instant();
		ApiKeyRefusal refusal = (token != null) ? refusal(token, loaded, remoteAddress, now) : ApiKeyRefusal.MALFORMED;
		UUID id = (stored != null) ? stored.principal().id() : null;
		if (refusal != null || loaded == null || stored == null || token == null) {
			ApiKeyRefusal reason = (refusal != null) ? refusal : ApiKeyRefusal.UNKNOWN;
			this.statistics.refused(reason, remembered != null);
			refused(reason, shownId(token, stored), stored, remoteAddress, now);
			this.usageRecorder.refused(id, now);
			return Optional.empty();
		}
		if (loaded.hash(this.hashers).needsUpgrade(token.isGenerated())) {
			this.hashUpgrader.upgrade(stored.principal().id(), stored.hash(), token);
		}
		this.statistics.accepted(remembered != null);
		this.usageRecorder.accepted(stored.principal().id(), now, ApiKeyActor.cutAddress(remoteAddress));
		return Optional.of(stored.principal());
	}

	/**
	 * The key whose token somebody holds, whatever its state.
	 * @return the id of its row, or {@code null} if there is no such key
	 */
	@Nullable UUID holds(@Nullable String text) {
		PresentedToken token = this.tokenFormats.parse(text);
		StoredApiKey stored = (token != null) ? load(token.keyId()) : null;
		return (token != null && stored != null
				&& matches(token, this.hashers.read(stored.hash().value()), stored, null)) ? stored.principal().id()
						: null;
	}

	/**
	 * Why a key is refused. The secret comes first: who does not have it learns nothing
	 * of the key, neither from the answer nor from the work done for it.
	 */
	private @Nullable ApiKeyRefusal refusal(PresentedToken token, @Nullable LoadedApiKey loaded,
			@Nullable String remoteAddress, Instant now) {
		StoredApiKey stored = (loaded != null) ? loaded.key() : null;
		boolean matches = matches(token, (loaded != null) ? loaded.hash(this.hashers) : this.hashOfNoKey, stored,
				ApiKeyActor.cutAddress(remoteAddress));
		if (loaded == null || stored == null) {
			return ApiKeyRefusal.UNKNOWN;
		}
		if (!matches) {
			return ApiKeyRefusal.WRONG_SECRET;
		}
		ApiKeyState state = stored.state(now);
		if (state != ApiKeyState.ACTIVE) {
			return ApiKeyRefusal.of(state);
		}
		if (!stored.allowedAddresses().permit(remoteAddress)) {
			return ApiKeyRefusal.ADDRESS;
		}
		return loaded.isPermitted(this::isPermitted) ? null : ApiKeyRefusal.POLICY;
	}

	/**
	 * What they say is remembered for everybody, so it must not depend on what the caller
	 * has read before.
	 */
	private boolean isPermitted(ApiKeyPrincipal apiKey) {
		if (this.policies.isEmpty()) {
			return true;
		}
		return translate(() -> this.transactions
			.outside(() -> this.policies.stream().allMatch((policy) -> policy.permits(apiKey))));
	}

	private boolean matches(PresentedToken token, StoredHash hash, @Nullable StoredApiKey stored,
			@Nullable String remoteAddress) {
		if (!hash.isSlow()) {
			return hash.matches(token.hashedText());
		}
		try {
			return this.slowComparisons.matches(token.keyId(), (stored != null) ? stored.hash() : TokenHash.NONE,
					token.hashedText(), remoteAddress, hash::matches);
		}
		catch (SlowComparisons.TooManySlowComparisonsException ex) {
			refused(ApiKeyRefusal.BUSY, shownId(token, stored), null, remoteAddress, this.clock.instant());
			throw new ApiKeyStoreException(String.valueOf(ex.getMessage()));
		}
	}

	/**
	 * The id that may be shown. In a text that only looks like another system's token, it
	 * may be half of a secret, so there must be such a key.
	 */
	private static @Nullable String shownId(@Nullable PresentedToken token, @Nullable StoredApiKey stored) {
		return (token != null && (token.isIssued() || stored != null)) ? token.keyId() : null;
	}

	private void refused(ApiKeyRefusal reason, @Nullable String keyId, @Nullable StoredApiKey stored,
			@Nullable String remoteAddress, Instant now) {
		if (RefusalLog.isEnabled()) {
			RefusalLog.write("API key " + ((keyId != null) ? "'" + keyId + "'" : "of unknown id") + " refused: "
					+ reason + ", " + explain(reason, stored, remoteAddress));
		}
		try {
			this.eventPublisher.publishEvent(new ApiKeyRefusedEvent(this, reason, keyId, remoteAddress, now));
		}
		catch (RuntimeException ex) {
			// the caller is refused all the same
			logger.error("A listener failed to handle the refusal of an API key", ex);
		}
	}

	private static String explain(ApiKeyRefusal reason, @Nullable StoredApiKey stored, @Nullable String remoteAddress) {
		return (stored != null) ? stored.explain(reason, remoteAddress) : reason.explanation();
	}

	private @Nullable LoadedApiKey remembered(String keyId, Moment start) {
		VerificationCache cache = this.cache;
		return (cache != null) ? cache.getIfRemembered(keyId, start) : null;
	}

	private @Nullable LoadedApiKey find(String keyId, Moment start) {
		VerificationCache cache = this.cache;
		boolean onCallersConnection = !this.tenantsApart && translate(this.callerTransaction::seesWhatIsCommitted);
		if (cache != null && !onCallersConnection) {
			return cache.loadOnce(keyId, this.callerTransaction.mayHoldConnection());
		}
		// what is read on the caller's connection is remembered for nobody
		StoredApiKey stored = onCallersConnection ? translate(() -> this.store.findForVerification(keyId))
				: load(keyId);
		return (stored != null) ? new LoadedApiKey(stored, start) : null;
	}

	private RecentChanges changedSince(@Nullable Instant last) {
		return this.transactions.execute((status) -> this.store.findChanged(VerificationCache.WINDOW, last));
	}

	/**
	 * Reads a key in a transaction of its own.
	 */
	private @Nullable StoredApiKey load(String keyId) {
		if (!this.callerTransaction.mayHoldConnection()) {
			return read(keyId);
		}
		acquire(this.secondConnections, VerificationCache.MAX_WAIT_WITH_CONNECTION,
				"Too many transactions verify API keys at the same time: verify them before the transaction begins");
		try {
			return read(keyId);
		}
		finally {
			this.secondConnections.release();
		}
	}

	private @Nullable StoredApiKey read(String keyId) {
		return translate(
				() -> this.transactions.execute((status) -> Optional.ofNullable(this.store.findForVerification(keyId))))
			.orElse(null);
	}

	private static <T extends @Nullable Object> T translate(Supplier<T> action) {
		try {
			return action.get();
		}
		catch (DataAccessException | TransactionException | PersistenceException ex) {
			throw new ApiKeyStoreException(ex);
		}
	}

	private static void acquire(Semaphore semaphore, Duration patience, String message) {
		try {
			if (!semaphore.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
				throw new ApiKeyStoreException(message);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new ApiKeyStoreException(ex);
		}
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
		this.transactions.close();
	}

}
