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

import java.time.Instant;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * Finds out without a database which keys a query keeps.
 */
final class KeyFilter implements Predicate<ApiKey> {

	private final ApiKeyQuery query;

	private final Instant now;

	KeyFilter(ApiKeyQuery query, Instant now) {
		this.query = query;
		this.now = now;
	}

	@Override
	public boolean test(ApiKey apiKey) {
		return isNamed(apiKey) && isFound(apiKey) && isCreatedInTime(apiKey) && isExpiringSoon(apiKey)
				&& isUnused(apiKey) && keeps(this.query.getOwner(), (owner) -> owner.equals(apiKey.getOwner()))
				&& keeps(this.query.getType(), (type) -> type.equals(apiKey.getKeyType()))
				&& keeps(this.query.getScope(), (scope) -> apiKey.getScopes().contains(scope))
				&& keeps(this.query.getStates(), (states) -> states.contains(apiKey.getState(this.now)));
	}

	private boolean isNamed(ApiKey apiKey) {
		return keeps(this.query.getNamePrefix(), (prefix) -> startsWith(apiKey.getName(), prefix));
	}

	private boolean isFound(ApiKey apiKey) {
		return keeps(this.query.getSearched(), (text) -> startsWith(apiKey.getName(), text)
				|| startsWith(apiKey.getKeyId(), text) || startsWith(apiKey.getOwner(), text));
	}

	private boolean isCreatedInTime(ApiKey apiKey) {
		return keeps(this.query.getCreatedFrom(), (from) -> !apiKey.getCreatedAt().isBefore(from))
				&& keeps(this.query.getCreatedUntil(), (until) -> apiKey.getCreatedAt().isBefore(until));
	}

	private boolean isExpiringSoon(ApiKey apiKey) {
		Instant expiresAt = apiKey.getExpiresAt();
		return keeps(this.query.getExpiringWithin(), (time) -> apiKey.getRevokedAt() == null && expiresAt != null
				&& expiresAt.isAfter(this.now) && !expiresAt.isAfter(this.now.plus(time)));
	}

	private boolean isUnused(ApiKey apiKey) {
		Instant lastUsedAt = apiKey.getLastUsedAt();
		return (!this.query.isNeverUsed() || lastUsedAt == null)
				&& keeps(this.query.getUnusedFor(), (time) -> apiKey.getCreatedAt().isBefore(this.now.minus(time))
						&& (lastUsedAt == null || lastUsedAt.isBefore(this.now.minus(time))));
	}

	/**
	 * Whether a condition is met, or not part of the query.
	 */
	private static <T> boolean keeps(@Nullable T value, Predicate<T> predicate) {
		return value == null || predicate.test(value);
	}

	private static boolean startsWith(@Nullable String text, String prefix) {
		return text != null && ApiKeyQuery.searchable(text).startsWith(ApiKeyQuery.searchable(prefix));
	}

}
