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

package io.github.apikeys.core.verification;

import io.github.apikeys.core.AllowedAddresses;
import io.github.apikeys.core.RateLimits;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;
import org.springframework.util.Assert;

/**
 * What limits the use of a key, read from its columns. What nobody can read permits
 * nothing, but the key can still be ended by its token.
 *
 * @since 0.1.0
 */
public final class StoredLimits {

	private static final Log logger = LogFactory.getLog(StoredLimits.class);

	private final @Nullable RateLimits rateLimits;

	private final AllowedAddresses allowedAddresses;

	private StoredLimits(@Nullable RateLimits rateLimits, AllowedAddresses allowedAddresses) {
		this.rateLimits = rateLimits;
		this.allowedAddresses = allowedAddresses;
	}

	/**
	 * Reads the limits of a key.
	 * @param keyId the public id, for the log
	 * @param rateLimits the rate limits as they are stored, or {@code null} if there are
	 * none
	 * @param allowedAddresses the allowed addresses as they are stored, or {@code null}
	 * if there are none
	 * @return the limits
	 */
	public static StoredLimits read(String keyId, @Nullable String rateLimits, @Nullable String allowedAddresses) {
		Assert.notNull(keyId, "keyId cannot be null");
		try {
			return new StoredLimits((rateLimits != null) ? RateLimits.parse(rateLimits) : null,
					AllowedAddresses.of(allowedAddresses));
		}
		catch (RuntimeException ex) {
			logger.warn(LogMessage.format("The API key '%s' is refused: its rate limits or its allowed addresses cannot"
					+ " be read. Revoke it, or set them again by ApiKeyService.update", keyId), ex);
			return new StoredLimits(null, AllowedAddresses.NOWHERE);
		}
	}

	/**
	 * Returns how many requests the key may make in a time.
	 * @return the limits, or {@code null} if there are none, or they cannot be read
	 */
	public @Nullable RateLimits rateLimits() {
		return this.rateLimits;
	}

	/**
	 * Returns from where the key may be used.
	 * @return the ranges of addresses, none of which permits anybody if one of the limits
	 * cannot be read
	 */
	public AllowedAddresses allowedAddresses() {
		return this.allowedAddresses;
	}

}
