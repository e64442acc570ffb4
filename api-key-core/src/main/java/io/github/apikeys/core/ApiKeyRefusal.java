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

/**
 * Why a presented key is refused. Callers are not told.
 *
 * @since 0.1.0
 */
public enum ApiKeyRefusal {

	/** The text is not a token. */
	MALFORMED("the text is no token of this application: its prefix, length or checksum is wrong"),

	/** There is no such key. */
	UNKNOWN("there is no such key"),

	/** There is a key with this id, and the secret is wrong. */
	WRONG_SECRET("there is a key with this id, and the secret is wrong"),

	/** The key is {@link ApiKeyState#NOT_YET_VALID}. */
	NOT_YET_VALID("it is not valid yet"),

	/** The key is {@link ApiKeyState#DISABLED}. */
	DISABLED("it is disabled"),

	/** The key is {@link ApiKeyState#EXPIRED}. */
	EXPIRED("it expired"),

	/** The key is {@link ApiKeyState#REVOKED}. */
	REVOKED("it was revoked"),

	/** The key may not be used from this address. */
	ADDRESS("it may not be used from this address"),

	/** An {@link ApiKeyPolicy} does not permit the key. */
	POLICY("an ApiKeyPolicy does not permit it"),

	/** The key made more requests than its rate limits allow. */
	RATE_LIMIT("it made more requests than its rate limits allow"),

	/** The quota of the key is used up. */
	QUOTA("its quota is used up"),

	/**
	 * The hash of the key is slow, and another token is being compared with it, or from
	 * the same address, or too many with others. The caller may try again.
	 */
	BUSY("another slow hash is being compared");

	private final String explanation;

	ApiKeyRefusal(String explanation) {
		this.explanation = explanation;
	}

	/**
	 * Returns what a developer is told in the log.
	 * @return the part of a sentence after the key
	 */
	public String explanation() {
		return this.explanation;
	}

	/**
	 * Returns the refusal of a key that cannot be used.
	 * @param state the state of the key, which is not active
	 * @return the reason
	 * @throws IllegalArgumentException if the key is active
	 */
	public static ApiKeyRefusal of(ApiKeyState state) {
		return switch (state) {
			case NOT_YET_VALID -> NOT_YET_VALID;
			case DISABLED -> DISABLED;
			case EXPIRED -> EXPIRED;
			case REVOKED -> REVOKED;
			case ACTIVE -> throw new IllegalArgumentException("An active key is not refused for its state");
		};
	}

}
