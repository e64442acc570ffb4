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

package io.github.apikeys.autoconfigure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.data.domain.KeysetScrollPosition;
import org.springframework.data.domain.ScrollPosition;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Window;

/**
 * Shows keys to those who run the application, and lets them revoke or delete one if the
 * application permits more than reading.
 */
@Endpoint(id = "apikeys", defaultAccess = Access.READ_ONLY)
final class ApiKeysEndpoint {

	private static final int DEFAULT_LIMIT = 50;

	private static final int MAX_LIMIT = 500;

	private final ApiKeyService apiKeys;

	private final ApiKeyReports reports;

	private final Clock clock = Clock.systemUTC();

	ApiKeysEndpoint(ApiKeyService apiKeys, ApiKeyReports reports) {
		this.apiKeys = apiKeys;
		this.reports = reports;
	}

	/**
	 * The newest keys first; with the first page, how many there are.
	 */
	@ReadOperation
	ApiKeysDescriptor apiKeys(@Nullable String after, @Nullable Integer limit) {
		int size = (limit != null) ? Math.max(1, Math.min(limit, MAX_LIMIT)) : DEFAULT_LIMIT;
		Window<ApiKey> keys = this.reports.scroll(ApiKeyQuery.all(), Sort.Order.desc("createdAt"), position(after),
				size);
		Instant now = this.clock.instant();
		List<ApiKeyDescriptor> page = keys.stream().map((apiKey) -> ApiKeyDescriptor.of(apiKey, now)).toList();
		return new ApiKeysDescriptor((after == null) ? states() : null, page,
				keys.hasNext() ? page.get(page.size() - 1).keyId() : null);
	}

	private KeysetScrollPosition position(@Nullable String after) {
		if (after == null) {
			return ScrollPosition.keyset();
		}
		ApiKey last = this.apiKeys.findByKeyId(after)
			.orElseThrow(() -> new InvalidEndpointRequestException("There is no API key to go on after",
					"There is no such API key"));
		return ScrollPosition.forward(Map.of("id", last.getId()));
	}

	private Map<ApiKeyState, Long> states() {
		return this.reports.statistics(Duration.ZERO).getStates();
	}

	@ReadOperation
	@Nullable ApiKeyDescriptor apiKey(@Selector String keyId) {
		return this.apiKeys.findByKeyId(keyId)
			.map((apiKey) -> ApiKeyDescriptor.of(apiKey, this.clock.instant()))
			.orElse(null);
	}

	/**
	 * Revokes a key, and lets a purge delete its row if that is asked for, too.
	 */
	@DeleteOperation
	WebEndpointResponse<ApiKeyDescriptor> revoke(@Selector String keyId, @Nullable String reason,
			@Nullable Boolean delete) {
		Optional<ApiKey> found = this.apiKeys.findByKeyId(keyId);
		if (found.isEmpty()) {
			return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
		}
		ApiKey revoked = this.apiKeys.revoke(found.get().getId(), reason);
		if (Boolean.TRUE.equals(delete)) {
			revoked = this.apiKeys.delete(revoked.getId());
		}
		return new WebEndpointResponse<>(ApiKeyDescriptor.of(revoked, this.clock.instant()));
	}

	/**
	 * A part of the list.
	 *
	 * @param states how many keys are in each state, on the first page only
	 * @param keys some keys
	 * @param next the key after which the next page begins, if there is one
	 */
	record ApiKeysDescriptor(@Nullable Map<ApiKeyState, Long> states, List<ApiKeyDescriptor> keys,
			@Nullable String next) {

	}

	/**
	 * What people may see of a key: nothing that helps to use it.
	 */
	record ApiKeyDescriptor(String keyId, String name, @Nullable String owner, String type, ApiKeyState state,
			Set<String> scopes, Instant createdAt, @Nullable Instant expiresAt, @Nullable Instant lastUsedAt) {

		static ApiKeyDescriptor of(ApiKey apiKey, Instant now) {
			return new ApiKeyDescriptor(apiKey.getKeyId(), apiKey.getName(), apiKey.getOwner(), apiKey.getKeyType(),
					apiKey.getState(now), apiKey.getScopes(), apiKey.getCreatedAt(), apiKey.getExpiresAt(),
					apiKey.getLastUsedAt());
		}

	}

}
