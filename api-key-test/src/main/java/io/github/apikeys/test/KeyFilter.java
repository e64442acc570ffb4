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

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyState;
import org.jspecify.annotations.Nullable;

/**
 * Finds out without a database which keys a query keeps.
 */
final class KeyFilter implements Predicate<ApiKey> {

	private static final Fields QUERY = new Fields(ApiKeyQuery.class);

	private final ApiKeyQuery query;

	private final Instant now;

	KeyFilter(ApiKeyQuery query, Instant now) {
		this.query = query;
		this.now = now;
	}

	@Override
	public boolean test(ApiKey apiKey) {
		return isNamed(apiKey) && isFound(apiKey) && isCreatedInTime(apiKey) && isExpiringSoon(apiKey)
				&& isUnused(apiKey) && keeps("owner", (owner) -> owner.equals(apiKey.getOwner()))
				&& keeps("type", (type) -> type.equals(apiKey.getKeyType()))
				&& keeps("scope", (scope) -> apiKey.getScopes().contains(scope))
				&& this.<Set<ApiKeyState>>keeps("states", (states) -> states.contains(apiKey.getState(this.now)));
	}

	private boolean isNamed(ApiKey apiKey) {
		return this.<String>keeps("namePrefix", (prefix) -> startsWith(apiKey.getName(), prefix));
	}

	private boolean isFound(ApiKey apiKey) {
		return this.<String>keeps("searched", (text) -> startsWith(apiKey.getName(), text)
				|| startsWith(apiKey.getKeyId(), text) || startsWith(apiKey.getOwner(), text));
	}

	private boolean isCreatedInTime(ApiKey apiKey) {
		return this.<Instant>keeps("createdFrom", (from) -> !apiKey.getCreatedAt().isBefore(from))
				&& this.<Instant>keeps("createdUntil", (until) -> apiKey.getCreatedAt().isBefore(until));
	}

	private boolean isExpiringSoon(ApiKey apiKey) {
		Instant expiresAt = apiKey.getExpiresAt();
		return this.<Duration>keeps("expiringWithin", (time) -> apiKey.getRevokedAt() == null && expiresAt != null
				&& expiresAt.isAfter(this.now) && !expiresAt.isAfter(this.now.plus(time)));
	}

	private boolean isUnused(ApiKey apiKey) {
		Instant lastUsedAt = apiKey.getLastUsedAt();
		return this.<Boolean>keeps("neverUsed", (neverUsed) -> !neverUsed || lastUsedAt == null)
				&& this.<Duration>keeps("unusedFor", (time) -> apiKey.getCreatedAt().isBefore(this.now.minus(time))
						&& (lastUsedAt == null || lastUsedAt.isBefore(this.now.minus(time))));
	}

	/**
	 * Whether a condition is met, or not part of the query.
	 */
	private <T> boolean keeps(String condition, Predicate<T> predicate) {
		T value = QUERY.read(this.query, condition);
		return value == null || predicate.test(value);
	}

	private static boolean startsWith(@Nullable String text, String prefix) {
		return text != null && text.toLowerCase(Locale.ROOT).startsWith(prefix.toLowerCase(Locale.ROOT));
	}

}
