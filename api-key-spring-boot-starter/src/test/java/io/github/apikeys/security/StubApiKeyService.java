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

package io.github.apikeys.security;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyImport;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRotation;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.ApiKeyUpdate;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.ImportedApiKey;
import io.github.apikeys.core.NewApiKey;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;

/**
 * Keys without a database, for tests of what happens around verification.
 */
public class StubApiKeyService implements ApiKeyService, ApiKeyTokenVerifier, ApiKeyQuotas {

	private final Map<String, ApiKeyPrincipal> keys = new ConcurrentHashMap<>();

	private final AtomicInteger verifications = new AtomicInteger();

	private final Map<UUID, AtomicInteger> quotas = new ConcurrentHashMap<>();

	private RuntimeException failure;

	private RuntimeException quotaFailure;

	private volatile String lastRemoteAddress;

	public StubApiKeyService accept(String token, String... scopes) {
		this.keys.put(token, principal(token, scopes));
		return this;
	}

	public StubApiKeyService accept(String token, ApiKeyPrincipal principal) {
		this.keys.put(token, principal);
		return this;
	}

	public ApiKeyPrincipal acceptWithQuota(String token, int quota, String... scopes) {
		ApiKeyPrincipal principal = new ApiKeyPrincipal(UUID.randomUUID(), "id-of-" + token, token, "owner",
				Set.of(scopes), "api_key", null, true);
		this.quotas.put(principal.id(), new AtomicInteger(quota));
		accept(token, principal);
		return principal;
	}

	public int quotaLeft(ApiKeyPrincipal principal) {
		return this.quotas.get(principal.id()).get();
	}

	@Override
	public boolean consumeQuota(UUID id) {
		if (this.quotaFailure != null) {
			throw this.quotaFailure;
		}
		return this.quotas.get(id).getAndUpdate((left) -> Math.max(0, left - 1)) > 0;
	}

	@Override
	public void refundQuota(UUID id) {
		this.quotas.get(id).incrementAndGet();
	}

	public void failQuotasWith(RuntimeException failure) {
		this.quotaFailure = failure;
	}

	public void failWith(RuntimeException failure) {
		this.failure = failure;
	}

	public String lastRemoteAddress() {
		return this.lastRemoteAddress;
	}

	public int verifications() {
		return this.verifications.get();
	}

	public static ApiKeyPrincipal principal(String name, String... scopes) {
		return new ApiKeyPrincipal(UUID.randomUUID(), "id-of-" + name, name, "owner", Set.of(scopes), "api_key");
	}

	@Override
	public Optional<ApiKeyPrincipal> verify(String token, String remoteAddress) {
		this.verifications.incrementAndGet();
		this.lastRemoteAddress = remoteAddress;
		if (this.failure != null) {
			throw this.failure;
		}
		return Optional.ofNullable(this.keys.get(token));
	}

	@Override
	public CreatedApiKey create(NewApiKey newApiKey) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Optional<ApiKey> find(UUID id) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Optional<ApiKey> findByKeyId(String keyId) {
		throw new UnsupportedOperationException();
	}

	@Override
	public <T extends ApiKey> Page<T> list(Class<T> type, ApiKeyQuery query, Pageable pageable) {
		throw new UnsupportedOperationException();
	}

	@Override
	public CreatedApiKey create(ApiKey apiKey, NewApiKey newApiKey) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ApiKey update(UUID id, Consumer<ApiKeyUpdate> changes) {
		throw new UnsupportedOperationException();
	}

	@Override
	public CreatedApiKey rotate(UUID id, ApiKeyRotation rotation) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ApiKey enable(UUID id, Consumer<ApiKey> check) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ApiKey disable(UUID id) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ApiKey enable(UUID id) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ApiKey revoke(UUID id, String reason) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ApiKeyImport importIfAbsent(ApiKey apiKey, ImportedApiKey imported, NewApiKey newApiKey) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ApiKey importKey(ApiKey apiKey, ImportedApiKey imported, NewApiKey newApiKey) {
		throw new UnsupportedOperationException();
	}

	@Override
	public <T extends ApiKey> Optional<T> find(Class<T> type, UUID id) {
		throw new UnsupportedOperationException();
	}

	@Override
	public int revokeAll(String owner, String reason) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Optional<ApiKey> revokeToken(String token, String reason) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ApiKey delete(UUID id) {
		throw new UnsupportedOperationException();
	}

	@Override
	public int purge(String owner, Duration retention) {
		throw new UnsupportedOperationException();
	}

	@Override
	public int purge(Duration retention) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void invalidateOwner(String owner) {
		throw new UnsupportedOperationException();
	}

}
