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

package io.github.apikeys.core.jpa;

import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyEvent;
import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.ApiKeyRepository;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.DefaultApiKeyService;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.verification.ApiKeyVerifier;
import io.github.apikeys.core.verification.VerificationSource;
import io.github.apikeys.core.verification.VerificationStatistics;
import jakarta.persistence.EntityManagerFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.util.Assert;

/**
 * Manages, verifies and counts keys on the application's own persistence unit. It is not
 * final only because an application's aspects may want to wrap every service.
 *
 * @since 0.1.0
 */
public class JpaApiKeyService extends DefaultApiKeyService implements ApiKeyTokenVerifier, ApiKeyQuotas, AutoCloseable {

	private final Parts parts;

	private final @Nullable String tenantRouting;

	private boolean tenantsShareKeys;

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
		this(new Parts(entityManagerFactory, transactionManager, tokenFormats, hashers), tokenFormats, hashers);
	}

	private JpaApiKeyService(Parts parts, ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers) {
		super(parts.repository, tokenFormats, hashers, parts.verifier::findIdByToken);
		this.parts = parts;
		this.tenantRouting = parts.tenantRouting;
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
		boolean tenantsApart = !tenantsShareKeys && this.tenantRouting != null;
		this.parts.source.setTenantsApart(tenantsApart);
		this.parts.verifier.setDeferredWrites(!tenantsApart);
	}

	@Override
	public void setClock(Clock clock) {
		super.setClock(clock);
		this.parts.verifier.setClock(clock);
	}

	/**
	 * Sets how long the use of keys is summed up in memory before it is written.
	 * @param interval longer than zero, 10 seconds by default
	 */
	public void setUsageInterval(Duration interval) {
		this.parts.verifier.setUsageInterval(interval);
	}

	/**
	 * Sets where {@link ApiKeyEvent}s and {@link ApiKeyRefusedEvent}s go.
	 * @param eventPublisher the publisher; by default they go nowhere
	 */
	public void setApplicationEventPublisher(ApplicationEventPublisher eventPublisher) {
		Assert.notNull(eventPublisher, "eventPublisher cannot be null");
		this.parts.changes.setEventPublisher(eventPublisher);
		this.parts.verifier.setEventPublisher(eventPublisher);
	}

	/**
	 * Sets by how much the time of a change may be earlier than its commit. Other nodes
	 * look back for a minute.
	 */
	void setMaxAgeOfChanges(Duration maxAge) {
		this.parts.changes.setMaxAge(maxAge);
	}

	/**
	 * Sets the application's rules for the use of keys.
	 * @param policies all of them must permit a key; none by default
	 */
	public void setPolicies(Collection<? extends ApiKeyPolicy> policies) {
		this.parts.verifier.setPolicies(policies);
	}

	/**
	 * Sets which metadata of a key its principal has. It is read with each key that is
	 * verified, and cached with it.
	 * @param names of 1 to 100 characters each, at most 10; none by default
	 * @throws IllegalArgumentException if there are more, or one is not of that form
	 */
	public void setPrincipalMetadata(Collection<String> names) {
		this.parts.store.setPrincipalMetadata(checkPrincipalMetadata(names));
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
		this.parts.verifier.setCache(maxEntries, maxStaleness);
	}

	@Override
	public Optional<ApiKeyPrincipal> verify(@Nullable String text, @Nullable String remoteAddress) {
		return this.parts.verifier.verify(text, remoteAddress);
	}

	/**
	 * Returns what this node's verifications tell those who watch it.
	 * @return always the same object, whose numbers change
	 */
	public VerificationStatistics getVerificationStatistics() {
		return this.parts.verifier.getStatistics();
	}

	@Override
	public boolean consumeQuota(UUID id) {
		return this.parts.quotas.consume(id);
	}

	@Override
	public void refundQuota(UUID id) {
		this.parts.quotas.refund(id);
	}

	ApiKeyRepository repository() {
		return this.parts.repository;
	}

	VerificationSource verificationSource() {
		return this.parts.source;
	}

	/**
	 * Finishes what was put off.
	 */
	@Override
	public void close() {
		this.parts.verifier.close();
		this.parts.ownTransactions.close();
	}

	/**
	 * What verifies and keeps the keys of a persistence unit.
	 */
	private static final class Parts {

		private final ApiKeyStore store;

		private final OwnTransactions ownTransactions;

		private final JpaVerificationSource source;

		private final ApiKeyVerifier verifier;

		private final Quotas quotas;

		private final KeyChanges changes;

		private final ApiKeyRepository repository;

		private final @Nullable String tenantRouting;

		Parts(EntityManagerFactory entityManagerFactory, PlatformTransactionManager transactionManager,
				ApiKeyTokenFormats tokenFormats, ApiKeyHashers hashers) {
			TenantRouting.refuseTenantIds(entityManagerFactory);
			this.store = new ApiKeyStore(entityManagerFactory);
			CallerTransaction callerTransaction = new CallerTransaction(entityManagerFactory, this.store.snapshots());
			this.ownTransactions = new OwnTransactions(this.store.entityManager(), transactionManager,
					callerTransaction);
			OwnerStore ownerStore = new OwnerStore(entityManagerFactory, this.ownTransactions, this.store.snapshots());
			this.source = new JpaVerificationSource(this.store, this.ownTransactions, callerTransaction);
			this.verifier = new ApiKeyVerifier(tokenFormats, hashers, this.source,
					new UsageStore(entityManagerFactory, this.ownTransactions));
			this.quotas = new Quotas(this.store, this.ownTransactions);
			this.changes = new KeyChanges(this.store, ownerStore, this.verifier);
			callerTransaction.setChanged(this.changes.sessions());
			KeyGuard guard = KeyGuard.install(entityManagerFactory);
			guard.watch(this.changes);
			this.repository = new JpaApiKeyRepository(this.store, ownerStore, this.changes, guard,
					new ChangeTransactions(transactionManager, callerTransaction));
			this.tenantRouting = TenantRouting.find(entityManagerFactory, transactionManager);
		}

	}

}
