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

import java.nio.charset.StandardCharsets;
import java.util.Locale;

import org.springframework.util.Assert;

/**
 * Names users as owners of keys, so that no other owner can have the name of a user.
 *
 * @since 0.1.0
 * @see NewApiKey#userOwner
 */
public final class ApiKeyOwners {

	private static final String USER_PREFIX = "user:";

	private ApiKeyOwners() {
	}

	/**
	 * Names a user of the application's own.
	 * @param name the name under which the user signs in, not blank
	 * @return {@code user:<name>}; in the name, a colon, a percent sign, spaces and
	 * control characters are percent-encoded, and an unpaired surrogate is {@code %uD800}
	 */
	public static String ofUser(String name) {
		Assert.hasText(name, "name cannot be blank");
		return USER_PREFIX + encode(name);
	}

	/**
	 * Names a user whom somebody else signs in.
	 * @param issuer who signs the user in, for OAuth 2 the id of the client registration,
	 * for a token the issuer; empty only if the application knows that there is one
	 * @param subject what the issuer calls the user for ever, not blank
	 * @return {@code user:<issuer>:<subject>}, both encoded as in {@link #ofUser(String)}
	 */
	public static String ofUser(String issuer, String subject) {
		Assert.notNull(issuer, "issuer cannot be null");
		Assert.hasText(subject, "subject cannot be blank");
		return USER_PREFIX + encode(issuer) + ":" + encode(subject);
	}

	/**
	 * Whether an owner is a user.
	 * @param owner the owner of a key
	 * @return whether it begins with {@code user:}
	 */
	public static boolean isUser(String owner) {
		Assert.notNull(owner, "owner cannot be null");
		return owner.startsWith(USER_PREFIX);
	}

	/**
	 * Whether an owner is a user, or could be taken for one.
	 */
	static boolean isReserved(String owner) {
		return isUser(owner.strip().toLowerCase(Locale.ROOT));
	}

	private static String encode(String text) {
		StringBuilder encoded = new StringBuilder();
		text.codePoints().forEach((character) -> {
			if (character == ':' || character == '%' || Character.isWhitespace(character)
					|| Character.isSpaceChar(character) || ApiKeyAttributes.isControl(character)) {
				for (byte part : Character.toString(character).getBytes(StandardCharsets.UTF_8)) {
					encoded.append(String.format(Locale.ROOT, "%%%02X", part));
				}
			}
			else if (ApiKeyAttributes.isSurrogate(character)) {
				// has no bytes in UTF-8, and would look like any other
				encoded.append(String.format(Locale.ROOT, "%%u%04X", character));
			}
			else {
				encoded.appendCodePoint(character);
			}
		});
		return encoded.toString();
	}

}
