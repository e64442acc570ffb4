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

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * The times that decide whether a key can be used.
 *
 * @since 0.1.0
 */
public final class ApiKeyValidity {

	private final @Nullable Instant notBefore;

	private final @Nullable Instant expiresAt;

	private final @Nullable Instant disabledAt;

	private final @Nullable Instant revokedAt;

	/**
	 * Creates the validity of a key.
	 * @param notBefore the first instant at which it can be used, if there is one
	 * @param expiresAt the first instant at which it cannot be used any more, or
	 * {@code null} if it never ends
	 * @param disabledAt since when it is disabled, or {@code null} if it is not
	 * @param revokedAt since when it is revoked, or {@code null} if it is not
	 */
	public ApiKeyValidity(@Nullable Instant notBefore, @Nullable Instant expiresAt, @Nullable Instant disabledAt,
			@Nullable Instant revokedAt) {
		this.notBefore = notBefore;
		this.expiresAt = expiresAt;
		this.disabledAt = disabledAt;
		this.revokedAt = revokedAt;
	}

	/**
	 * Returns the state of the key. Where several reasons apply, it is the more final
	 * one.
	 * @param now the instant to look at
	 * @return its state then, as far as is known now
	 */
	public ApiKeyState state(Instant now) {
		Assert.notNull(now, "now cannot be null");
		if (this.revokedAt != null) {
			return ApiKeyState.REVOKED;
		}
		if (this.expiresAt != null && !now.isBefore(this.expiresAt)) {
			return ApiKeyState.EXPIRED;
		}
		if (this.disabledAt != null) {
			return ApiKeyState.DISABLED;
		}
		return (this.notBefore != null && now.isBefore(this.notBefore)) ? ApiKeyState.NOT_YET_VALID
				: ApiKeyState.ACTIVE;
	}

	/**
	 * Returns why a key cannot be used, as a developer needs to know it.
	 * @param refusal the reason
	 * @return an explanation, with the time that decides if it is one of these
	 */
	public String explain(ApiKeyRefusal refusal) {
		Assert.notNull(refusal, "refusal cannot be null");
		return switch (refusal) {
			case NOT_YET_VALID -> "it is valid from " + this.notBefore;
			case DISABLED -> "it is disabled since " + this.disabledAt;
			case EXPIRED -> "it expired at " + this.expiresAt;
			case REVOKED -> "it was revoked at " + this.revokedAt;
			default -> refusal.explanation();
		};
	}

}
