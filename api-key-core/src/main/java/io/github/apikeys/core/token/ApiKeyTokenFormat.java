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

package io.github.apikeys.core.token;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * The one way keys of this library are written:
 * {@code <prefix>_<key id:12>_<secret:32><checksum:6>}. It assembles tokens of the
 * current prefix and parses those of the current and of former ones.
 *
 * @since 0.1.0
 */
public final class ApiKeyTokenFormat {

	/**
	 * Length of a key id in characters.
	 */
	public static final int KEY_ID_LENGTH = 12;

	/**
	 * Length of a secret in characters, checksum not included.
	 */
	public static final int SECRET_LENGTH = 32;

	static final char SEPARATOR = '_';

	private static final int MAX_PREFIX_LENGTH = 48;

	/** Separator, key id, separator, secret and checksum. */
	private static final int LENGTH_AFTER_PREFIX = 1 + KEY_ID_LENGTH + 1 + SECRET_LENGTH + Base62.CHECKSUM_LENGTH;

	private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9]{1,15}(_[a-z0-9]{1,15}){0,2}");

	private final String prefix;

	private final String[] knownPrefixes;

	private final Map<String, String> prefixesByType;

	/**
	 * Creates a format.
	 * @param prefix the prefix of new tokens: {@code [a-z][a-z0-9]{1,15}}, optionally
	 * followed by one or two {@code _[a-z0-9]{1,15}}
	 * @param acceptedPrefixes former prefixes whose tokens are still parsed, may be empty
	 * @throws IllegalArgumentException if a prefix is not of that form
	 */
	public ApiKeyTokenFormat(String prefix, Collection<String> acceptedPrefixes) {
		this(prefix, acceptedPrefixes, Map.of());
	}

	/**
	 * Creates a format in which some types of keys have a prefix of their own.
	 * @param prefix the prefix of new tokens of all other types
	 * @param acceptedPrefixes former prefixes whose tokens are still parsed, may be empty
	 * @param prefixesByType prefixes of new tokens by the type of the key
	 * @throws IllegalArgumentException if a prefix is not of the form that the other
	 * constructor asks for
	 */
	public ApiKeyTokenFormat(String prefix, Collection<String> acceptedPrefixes, Map<String, String> prefixesByType) {
		Assert.notNull(acceptedPrefixes, "acceptedPrefixes cannot be null");
		Assert.notNull(prefixesByType, "prefixesByType cannot be null");
		Set<String> known = new LinkedHashSet<>();
		known.add(prefix);
		known.addAll(prefixesByType.values());
		known.addAll(acceptedPrefixes);
		for (String candidate : known) {
			Assert.isTrue(isPrefix(candidate),
					() -> "prefix '" + candidate + "' must be 2 to 16 lower case letters and digits "
							+ "starting with a letter, optionally followed by one or two parts like '_live'");
		}
		this.prefix = prefix;
		this.knownPrefixes = known.toArray(String[]::new);
		this.prefixesByType = new TreeMap<>(prefixesByType);
	}

	/**
	 * Whether a text can be a prefix.
	 * @param text the text
	 * @return whether the constructor would accept it
	 */
	public static boolean isPrefix(@Nullable String text) {
		return text != null && text.length() <= MAX_PREFIX_LENGTH && PREFIX.matcher(text).matches();
	}

	/**
	 * Returns the prefix of new tokens whose type has none of its own.
	 * @return the prefix, without separator
	 */
	public String getPrefix() {
		return this.prefix;
	}

	/**
	 * Returns the prefix of new tokens.
	 * @param type the type of the key
	 * @return the prefix, without separator
	 */
	public String getPrefix(String type) {
		Assert.notNull(type, "type cannot be null");
		return this.prefixesByType.getOrDefault(type, this.prefix);
	}

	/**
	 * Assembles a new token whose type has no prefix of its own.
	 * @param generator what makes the key id and the secret
	 * @return the token, with its checksum
	 * @throws IllegalStateException if the generator returns a part of the wrong length
	 * or alphabet
	 */
	public ApiKeyToken generate(ApiKeyGenerator generator) {
		return assemble(this.prefix, generator);
	}

	/**
	 * Assembles a new token.
	 * @param generator what makes the key id and the secret
	 * @param type the type of the key
	 * @return the token, with its checksum
	 * @throws IllegalStateException if the generator returns a part of the wrong length
	 * or alphabet
	 */
	public ApiKeyToken generate(ApiKeyGenerator generator, String type) {
		return assemble(getPrefix(type), generator);
	}

	private static ApiKeyToken assemble(String prefix, ApiKeyGenerator generator) {
		Assert.notNull(generator, "generator cannot be null");
		String keyId = generator.generateKeyId();
		String secret = generator.generateSecret();
		Assert.state(isBase62(keyId, KEY_ID_LENGTH), "A generated key id must be 12 base62 characters");
		Assert.state(isBase62(secret, SECRET_LENGTH), "A generated secret must be 32 base62 characters");
		String unchecked = prefix + SEPARATOR + keyId + SEPARATOR + secret;
		return new ApiKeyToken(unchecked + Base62.checksum(unchecked), prefix.length());
	}

	/**
	 * Parses what a client presented. Never throws, and looks at no more than 100
	 * characters.
	 * @param text the presented text, may be {@code null}
	 * @return the token, or {@code null} if the text is not one: wrong length, unknown
	 * prefix, foreign characters or wrong checksum
	 */
	public @Nullable ApiKeyToken parse(@Nullable String text) {
		if (text == null) {
			return null;
		}
		int prefixLength = text.length() - LENGTH_AFTER_PREFIX;
		if (prefixLength < 1 || prefixLength > MAX_PREFIX_LENGTH || !startsWithKnownPrefix(text, prefixLength)) {
			return null;
		}
		int keyIdStart = prefixLength + 1;
		int secretStart = keyIdStart + KEY_ID_LENGTH + 1;
		byte[] ascii = ascii(text);
		boolean wellFormed = ascii.length == text.length() && ascii[prefixLength] == SEPARATOR
				&& ascii[secretStart - 1] == SEPARATOR && Base62.consistsOf(ascii, keyIdStart, secretStart - 1)
				&& Base62.consistsOf(ascii, secretStart, ascii.length) && Base62.endsWithChecksum(ascii);
		return wellFormed ? new ApiKeyToken(text, prefixLength) : null;
	}

	List<String> knownPrefixes() {
		return List.of(this.knownPrefixes);
	}

	/**
	 * Reads what is known of a token without its secret.
	 * @param text {@code <prefix>_<key id>_<last characters>}
	 * @return the token without its secret, or {@code null} if the text is not of that
	 * form, or tokens with this prefix are not parsed
	 */
	@Nullable PresentedToken identify(String text) {
		int lastStart = text.length() - ApiKeyToken.LAST_CHARACTERS;
		int keyIdStart = lastStart - 1 - KEY_ID_LENGTH;
		int prefixLength = keyIdStart - 1;
		if (prefixLength < 1 || !startsWithKnownPrefix(text, prefixLength) || text.charAt(prefixLength) != SEPARATOR
				|| text.charAt(lastStart - 1) != SEPARATOR) {
			return null;
		}
		String keyId = text.substring(keyIdStart, lastStart - 1);
		String lastCharacters = text.substring(lastStart);
		return (isBase62(keyId, KEY_ID_LENGTH) && isBase62(lastCharacters, ApiKeyToken.LAST_CHARACTERS))
				? PresentedToken.withoutSecret(text.substring(0, prefixLength), keyId, lastCharacters) : null;
	}

	/**
	 * Whether a text has the shape of a token of a known prefix, its checksum unseen.
	 * Tells tokens apart from what other mechanisms put into the same header.
	 * @param text the presented text
	 * @return whether the text starts with a known prefix and a separator
	 */
	public boolean claims(String text) {
		Assert.notNull(text, "text cannot be null");
		for (String known : this.knownPrefixes) {
			if (text.length() > known.length() && text.startsWith(known) && text.charAt(known.length()) == SEPARATOR) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Whether a text contains a token of a known prefix, damaged or not, whatever stands
	 * around it: quotes, the name of a file, another token.
	 */
	boolean isContainedIn(String text) {
		for (String known : this.knownPrefixes) {
			int start = text.indexOf(known);
			while (start >= 0) {
				if ((start == 0 || Base62.ALPHABET.indexOf(text.charAt(start - 1)) < 0)
						&& isBeginOfToken(text, start + known.length())) {
					return true;
				}
				start = text.indexOf(known, start + 1);
			}
		}
		return false;
	}

	/**
	 * A prefix and a separator could be chance, so a key id must follow.
	 */
	private static boolean isBeginOfToken(String text, int separator) {
		if (separator >= text.length() || text.charAt(separator) != SEPARATOR) {
			return false;
		}
		int end = separator + 1 + KEY_ID_LENGTH;
		return end < text.length() && text.charAt(end) == SEPARATOR
				&& isBase62(text.substring(separator + 1, end), KEY_ID_LENGTH);
	}

	private boolean startsWithKnownPrefix(String text, int prefixLength) {
		for (String known : this.knownPrefixes) {
			if (known.length() == prefixLength && text.startsWith(known)) {
				return true;
			}
		}
		return false;
	}

	private static boolean isBase62(String text, int length) {
		byte[] ascii = ascii(text);
		return ascii.length == length && Base62.consistsOf(ascii, 0, length);
	}

	/**
	 * What does not fit becomes a question mark, which a token does not contain either;
	 * two characters may become one.
	 */
	private static byte[] ascii(String text) {
		// not as US_ASCII, for which there is no shortcut: other bytes are foreign as
		// well
		return text.getBytes(StandardCharsets.ISO_8859_1);
	}

}
