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

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * What an application lays down for new API keys, for those who offer a choice to a user.
 * The {@link ApiKeyService} enforces it.
 *
 * @since 0.1.0
 */
public final class IssuanceTerms {

	private final Map<String, String> declaredScopes;

	private final @Nullable Duration maxLifetime;

	private final boolean expiryRequired;

	private final @Nullable Duration maxGrace;

	/**
	 * Creates the terms.
	 * @param declaredScopes the scopes that can be granted, with their descriptions,
	 * empty if every scope can be granted
	 * @param maxLifetime the longest time from the creation of a key to its expiry,
	 * {@code null} if there is none
	 * @param expiryRequired whether every key must have an expiry; a longest lifetime
	 * requires it as well
	 * @param maxGrace how long a key may go on working after it was rotated, zero or
	 * more, {@code null} if there is no limit
	 */
	public IssuanceTerms(Map<String, String> declaredScopes, @Nullable Duration maxLifetime, boolean expiryRequired,
			@Nullable Duration maxGrace) {
		Assert.notNull(declaredScopes, "declaredScopes must not be null");
		this.declaredScopes = Collections.unmodifiableMap(new LinkedHashMap<>(declaredScopes));
		this.maxLifetime = maxLifetime;
		this.expiryRequired = expiryRequired || maxLifetime != null;
		this.maxGrace = maxGrace;
	}

	/**
	 * Returns the scopes that can be granted.
	 * @return scopes with their descriptions, in the order of their declaration; empty if
	 * every scope can be granted
	 */
	public Map<String, String> getDeclaredScopes() {
		return this.declaredScopes;
	}

	/**
	 * Returns the longest lifetime.
	 * @return the time from the creation of a key to its latest expiry, or {@code null}
	 * if there is none
	 */
	public @Nullable Duration getMaxLifetime() {
		return this.maxLifetime;
	}

	/**
	 * Returns whether every key must have an expiry.
	 * @return {@code true} if a key without one is refused
	 */
	public boolean isExpiryRequired() {
		return this.expiryRequired;
	}

	/**
	 * Returns the longest grace of a rotation.
	 * @return how long a key may go on working after it was rotated, or {@code null} if
	 * there is no limit
	 */
	public @Nullable Duration getMaxGrace() {
		return this.maxGrace;
	}

}
