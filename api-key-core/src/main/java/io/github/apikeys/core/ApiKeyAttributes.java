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
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * The form that attributes of a key must have.
 */
final class ApiKeyAttributes {

	private static final int MAX_NAME_LENGTH = 100;

	private static final int MAX_DESCRIPTION_LENGTH = 1000;

	private static final int MAX_SCOPES = 100;

	private static final int MAX_METADATA = 50;

	private static final Instant MAX_TIME = Instant.parse("9999-12-31T23:59:59.999999Z");

	private ApiKeyAttributes() {
	}

	/**
	 * Checks that there is a value. JSON leaves out what its sender forgot, so a
	 * {@code null} gets here in spite of the declared type.
	 */
	static <T> T present(String attribute, @Nullable T value) {
		if (value == null) {
			throw new InvalidApiKeyAttributeException(attribute, "The " + attribute + " must not be null");
		}
		return value;
	}

	static String name(String name) {
		return line("name", present("name", name).strip(), MAX_NAME_LENGTH);
	}

	static String description(String description) {
		return text("description", description, MAX_DESCRIPTION_LENGTH);
	}

	static String rateLimits(String rateLimits) {
		present("rateLimits", rateLimits);
		try {
			return RateLimits.parse(rateLimits).toString();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidApiKeyAttributeException("rateLimits",
					"The rate limits are not valid: " + ex.getMessage());
		}
	}

	static long quota(long quota) {
		if (quota < 0) {
			throw new InvalidApiKeyAttributeException("quota", "The quota must not be negative");
		}
		return quota;
	}

	/**
	 * Checks whether there is room for one more scope. Scopes are read with each look-up,
	 * and become authorities.
	 */
	static void roomForScope(Set<String> scopes, String scope) {
		if (scopes.size() >= MAX_SCOPES && !scopes.contains(scope)) {
			throw new InvalidApiKeyAttributeException("scopes",
					"An API key must have at most " + MAX_SCOPES + " scopes");
		}
	}

	static void roomForMetadata(Map<String, String> metadata, String name) {
		if (metadata.size() >= MAX_METADATA && !metadata.containsKey(name)) {
			throw new InvalidApiKeyAttributeException("metadata",
					"An API key must have at most " + MAX_METADATA + " entries of metadata");
		}
	}

	static String metadataName(String name) {
		return line("metadata", name, 100);
	}

	static String metadataValue(String value) {
		return text("metadata", value, 1000);
	}

	/**
	 * Checks a text that appears on one line: in a table, a log, a header.
	 */
	static String line(String attribute, String text, int maxLength) {
		present(attribute, text).codePoints().filter(ApiKeyAttributes::isControl).findFirst().ifPresent((character) -> {
			throw new InvalidApiKeyAttributeException(attribute, "The " + attribute
					+ " must not contain the control character " + String.format(Locale.ROOT, "U+%04X", character));
		});
		return text(attribute, text, maxLength);
	}

	/**
	 * Whether a character controls how others are shown: with one that turns their
	 * direction, a name looks like another. Marks of direction and joiners stay, which
	 * ordinary languages need.
	 */
	static boolean isControl(int character) {
		return Character.isISOControl(character) || (character >= 0x202a && character <= 0x202e)
				|| (character >= 0x2066 && character <= 0x2069);
	}

	static String text(String attribute, String text, int maxLength) {
		if (present(attribute, text).isBlank()) {
			throw new InvalidApiKeyAttributeException(attribute, "The " + attribute + " must not be blank");
		}
		if (text.length() > maxLength) {
			throw new InvalidApiKeyAttributeException(attribute,
					"The " + attribute + " must have at most " + maxLength + " characters");
		}
		if (text.indexOf('\0') >= 0) {
			throw new InvalidApiKeyAttributeException(attribute,
					"The " + attribute + " must not contain the character U+0000");
		}
		if (!isWellFormed(text)) {
			throw new InvalidApiKeyAttributeException(attribute,
					"The " + attribute + " must not contain unpaired surrogates");
		}
		return text;
	}

	/**
	 * Whether a database keeps a text as it is: drivers replace an unpaired surrogate,
	 * and no comparison finds the text again.
	 */
	private static boolean isWellFormed(String text) {
		return text.codePoints().noneMatch(ApiKeyAttributes::isSurrogate);
	}

	static boolean isSurrogate(int codePoint) {
		return Character.getType(codePoint) == Character.SURROGATE;
	}

	/**
	 * Checks a time, and cuts it to the microseconds that databases keep. The years are
	 * those that every supported database can store.
	 */
	static Instant time(String attribute, Instant time) {
		if (present(attribute, time).isBefore(Instant.EPOCH) || time.isAfter(MAX_TIME)) {
			throw new InvalidApiKeyAttributeException(attribute,
					"The " + attribute + " must be in the years 1970 to 9999");
		}
		return time.truncatedTo(ChronoUnit.MICROS);
	}

	static Instant end(String attribute, Instant now, Duration lifetime) {
		// compared first, since the sum of two large times would overflow
		if (lifetime.compareTo(Duration.between(now, MAX_TIME)) > 0) {
			return time(attribute, Instant.MAX);
		}
		return time(attribute, now.plus(lifetime));
	}

	/**
	 * What can be stored of a text that is not worth a refusal.
	 */
	static @Nullable String storable(@Nullable String text, int maxLength) {
		if (text == null) {
			return null;
		}
		// nearly always as it is
		String storable = (text.indexOf('\0') < 0 && isWellFormed(text)) ? text
				: text.codePoints()
					.filter((codePoint) -> codePoint != 0 && !isSurrogate(codePoint))
					.collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
					.toString();
		if (storable.length() <= maxLength) {
			return storable;
		}
		boolean cutsPair = Character.isHighSurrogate(storable.charAt(maxLength - 1));
		return storable.substring(0, cutsPair ? maxLength - 1 : maxLength);
	}

	/**
	 * Checks what is granted together.
	 */
	static Set<String> grants(Collection<String> scopes) {
		Set<String> grants = new TreeSet<>();
		for (String scope : present("scopes", scopes)) {
			roomForScope(grants, grant(present("scopes", scope)));
			grants.add(scope);
		}
		if (grants.size() > 1 && grants.contains(ApiKeyScopes.VERIFY)) {
			throw new InvalidApiKeyAttributeException("scopes",
					"The scope '" + ApiKeyScopes.VERIFY + "' cannot be granted together with others");
		}
		return grants;
	}

	private static String grant(String scope) {
		if (ApiKeyScopes.isReserved(scope) && !ApiKeyScopes.isScope(scope)) {
			throw new InvalidApiKeyAttributeException("scopes",
					"A scope that begins with 'api-keys:' must be granted by its whole name");
		}
		if (!ApiKeyScopes.isGrant(scope)) {
			throw new InvalidApiKeyAttributeException("scopes",
					"A scope must look like 'orders:read', 'orders:*' or '*'");
		}
		return scope;
	}

}
