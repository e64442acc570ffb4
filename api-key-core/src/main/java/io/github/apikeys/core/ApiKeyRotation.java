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
import java.time.Instant;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * How a key is to be replaced. Unless anything is said about its expiry, the new key
 * expires when the old one would have expired.
 *
 * @since 0.1.0
 * @see ApiKeyService#rotate(java.util.UUID, ApiKeyRotation)
 */
public final class ApiKeyRotation {

	private final Duration grace;

	private boolean ownExpiry;

	private @Nullable Instant expiresAt;

	private Consumer<ApiKey> check = (old) -> {
	};

	private ApiKeyRotation(Duration grace) {
		this.grace = grace;
	}

	/**
	 * Starts the description of a rotation.
	 * @param grace how long the old key goes on working, zero or more, if it does not end
	 * before; with zero it ends at once
	 * @return the description
	 * @throws InvalidApiKeyAttributeException if it is negative or {@code null}
	 */
	public static ApiKeyRotation withGrace(Duration grace) {
		if (ApiKeyAttributes.present("grace", grace).isNegative()) {
			throw new InvalidApiKeyAttributeException("grace", "The grace of a rotation must not be negative");
		}
		return new ApiKeyRotation(grace);
	}

	/**
	 * Lets the new key end at a time of its own, which must be permitted for a key that
	 * is created now.
	 * @param expiresAt the first instant at which it cannot be used any more, in the
	 * years 1970 to 9999
	 * @return this
	 * @throws InvalidApiKeyAttributeException if it is in another year or {@code null}
	 */
	public ApiKeyRotation expiresAt(Instant expiresAt) {
		this.expiresAt = ApiKeyAttributes.time("expiresAt", expiresAt);
		this.ownExpiry = true;
		return this;
	}

	/**
	 * Lets the new key never end, which must be permitted for a key that is created now.
	 * @return this
	 */
	public ApiKeyRotation neverExpires() {
		this.expiresAt = null;
		this.ownExpiry = true;
		return this;
	}

	/**
	 * Rotates only if a check does not object to the old key as it is then. Nobody else
	 * changes that key between the check and the rotation.
	 * @param check called as in {@link ApiKeyUpdate#check}
	 * @return this
	 */
	public ApiKeyRotation check(Consumer<ApiKey> check) {
		this.check = this.check.andThen(ApiKeyAttributes.present("check", check));
		return this;
	}

	Duration grace() {
		return this.grace;
	}

	void checkOld(ApiKey old) {
		this.check.accept(old);
	}

	/**
	 * When the new key ends.
	 * @return the time, or {@code null} for never
	 */
	@Nullable Instant end(ApiKey old, IssuanceRules rules, Instant now) {
		if (!this.ownExpiry) {
			return old.getExpiresAt();
		}
		rules.checkExpiry(this.expiresAt, old.getNotBefore(), now, now);
		return this.expiresAt;
	}

}
