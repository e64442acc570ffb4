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

/**
 * What verification needs of a row, read as plain columns.
 */
record StoredApiKey(ApiKeyPrincipal principal, long version, TokenHash hash, @Nullable Instant notBefore,
		@Nullable Instant expiresAt, @Nullable Instant disabledAt, @Nullable Instant revokedAt,
		AllowedAddresses allowedAddresses) {

	ApiKeyState state(Instant now) {
		return ApiKeyState.at(now, this.notBefore, this.expiresAt, this.disabledAt, this.revokedAt);
	}

	/**
	 * Whether its row may have been purged, and may be followed by another one of the
	 * same key id and version.
	 */
	boolean isExpired(Instant now) {
		return state(now) == ApiKeyState.EXPIRED;
	}

	/**
	 * What a developer needs to know besides the reason.
	 */
	String explain(ApiKeyRefusal reason, @Nullable String remoteAddress) {
		return switch (reason) {
			case NOT_YET_VALID -> "it is valid from " + this.notBefore;
			case DISABLED -> "it is disabled since " + this.disabledAt;
			case EXPIRED -> "it expired at " + this.expiresAt;
			case REVOKED -> "it was revoked at " + this.revokedAt;
			case ADDRESS ->
				"it may be used from " + this.allowedAddresses + " only, and was presented from " + remoteAddress;
			default -> reason.explanation();
		};
	}

}
