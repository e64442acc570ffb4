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

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * All formats in which an application accepts tokens: its own, in which it issues them,
 * and those of systems from which it imported keys.
 *
 * @since 0.1.0
 */
public final class ApiKeyTokenFormats {

	private static final int MAX_LENGTH = 500;

	private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,29}");

	private final ApiKeyTokenFormat issued;

	private final List<ForeignTokenFormat> foreign;

	/**
	 * Creates the formats of an application that imported nothing.
	 * @param issued how it writes tokens
	 */
	public ApiKeyTokenFormats(ApiKeyTokenFormat issued) {
		this(issued, List.of());
	}

	/**
	 * Creates the formats of an application.
	 * @param issued how it writes tokens
	 * @param foreign how other systems wrote tokens that it accepts; where several
	 * recognise a text, the first one counts, and those without a prefix come last
	 * @throws IllegalArgumentException if two have the same name, one has an illegal
	 * name, or opaque tokens begin like those that the application issues, or a token may
	 * be of two opaque formats
	 */
	public ApiKeyTokenFormats(ApiKeyTokenFormat issued, Collection<? extends ForeignTokenFormat> foreign) {
		Assert.notNull(issued, "issued cannot be null");
		Assert.notNull(foreign, "foreign cannot be null");
		Set<String> names = new HashSet<>();
		List<OpaqueTokenFormat> opaques = new ArrayList<>();
		for (ForeignTokenFormat format : foreign) {
			String name = format.getName();
			Assert.isTrue(NAME.matcher(name).matches(),
					() -> "the name '" + name + "' must be 1 to 30 lower case letters, digits and hyphens");
			Assert.isTrue(names.add(name), () -> "two formats have the name '" + name + "'");
			Assert.isTrue(!(format instanceof OpaqueTokenFormat opaque) || !issued.claims(opaque.prefix() + "x"),
					() -> "tokens of the format '" + name + "' begin like those that the application issues");
			if (format instanceof OpaqueTokenFormat opaque) {
				opaques
					.forEach((other) -> Assert.isTrue(!opaque.overlaps(other), () -> "a token may be of the formats '"
							+ other.getName() + "' and '" + name + "', so that only one of them would find its keys"));
				opaques.add(opaque);
			}
		}
		this.issued = issued;
		// a format without a prefix takes what no other format recognises
		this.foreign = foreign.stream()
			.sorted(Comparator
				.comparing((format) -> format instanceof OpaqueTokenFormat opaque && opaque.prefix().isEmpty()))
			.map(ForeignTokenFormat.class::cast)
			.toList();
	}

	/**
	 * Returns the format of tokens that the application issues.
	 * @return the format
	 */
	public ApiKeyTokenFormat issued() {
		return this.issued;
	}

	/**
	 * Returns what is known of a token of which only the id is known.
	 * @param format the name of a foreign format, or an empty text for tokens of the
	 * application's own
	 * @param id what finds the key in that format, 1 to 60 printable ASCII characters;
	 * for the application's own {@code <prefix>_<key id>_<last characters>}
	 * @param sha256 the SHA-256 of the whole token in 64 hexadecimal digits, or
	 * {@code null} if it is not known
	 * @return the token without its secret
	 * @throws IllegalArgumentException if there is no such format, its tokens have no
	 * such ids, or the one with this SHA-256 has another; the message contains neither
	 * the id nor the hash
	 */
	public PresentedToken identified(String format, String id, @Nullable String sha256) {
		Assert.notNull(format, "format cannot be null");
		Assert.notNull(id, "id cannot be null");
		if (format.isEmpty()) {
			PresentedToken token = this.issued.identify(id);
			Assert.isTrue(token != null, () -> "the token does not begin with a prefix that the application knows, "
					+ this.issued.knownPrefixes());
			return token;
		}
		for (ForeignTokenFormat candidate : this.foreign) {
			if (candidate.getName().equals(format)) {
				PresentedToken token = PresentedToken.of(id, "", candidate instanceof OpaqueTokenFormat);
				Assert.isTrue(candidate.isId(id) && isFound(candidate, id),
						() -> "the id is not one of the token format '" + format + "'" + advice(candidate));
				Assert.isTrue(
						sha256 == null || !(candidate instanceof OpaqueTokenFormat opaque)
								|| id.equals(opaque.idOf(sha256)),
						() -> "the id is that of a token with another hash" + advice(candidate));
				return token.inFormat(format);
			}
		}
		throw new IllegalArgumentException("the token format '" + format + "' is not registered, only " + getNames()
				+ " are: publish a bean of type ForeignTokenFormat with this name"
				+ (format.equals("django") ? ", DelimitedTokenFormat.django()" : ""));
	}

	/**
	 * Returns the names of the foreign formats.
	 * @return in the order in which the formats are asked, unmodifiable, may be empty
	 */
	public List<String> getNames() {
		return this.foreign.stream().map(ForeignTokenFormat::getName).toList();
	}

	private static String advice(ForeignTokenFormat format) {
		if (format instanceof OpaqueTokenFormat) {
			return ": pass what OpaqueTokenFormat.idOf returns for the SHA-256 of the token";
		}
		return (format instanceof DelimitedTokenFormat)
				? ": pass what stands before the delimiter in the token, "
						+ "without a delimiter in it, and not like the beginning of a token of another format"
				: ": pass one for which its method isId returns true";
	}

	/**
	 * Whether a token with an id comes to its format, and to no other one.
	 */
	private boolean isFound(ForeignTokenFormat format, String id) {
		if (!(format instanceof DelimitedTokenFormat delimited)) {
			return true;
		}
		PresentedToken token = parseForeign(delimited.example(id));
		return token != null && token.keyId().equals(format.getName() + ":" + id);
	}

	/**
	 * Parses what a client presented. Never throws, as long as no foreign format does,
	 * and looks at no more than 500 characters. A text that holds a token of the
	 * application's own, damaged or with something around it, is of no other format.
	 * @param text the presented text, may be {@code null}
	 * @return the token, or {@code null} if the text is of none of the formats
	 */
	public @Nullable PresentedToken parse(@Nullable String text) {
		ApiKeyToken token = this.issued.parse(text);
		if (token != null) {
			return PresentedToken.of(token);
		}
		return (text != null) ? parseForeign(text) : null;
	}

	/**
	 * Whether a text behind the scheme word {@code Bearer} is a token: one of the
	 * application's own, a damaged one included, or of a foreign format that claims such
	 * texts. The shape of a JSON Web Token never is.
	 * @param text the presented text
	 * @return whether it is to be read as a token, and not by other mechanisms
	 */
	public boolean claims(String text) {
		Assert.notNull(text, "text cannot be null");
		if (this.issued.claims(text)) {
			return true;
		}
		ForeignTokenFormat format = formatOf(text);
		return format != null && format.claimsBearer();
	}

	/**
	 * Returns the foreign format whose tokens a text looks like. The shape of a JSON Web
	 * Token is of none.
	 * @param text the presented text
	 * @return the name of the format, or {@code null} if no foreign format recognises the
	 * text
	 */
	public @Nullable String foreignFormatOf(String text) {
		Assert.notNull(text, "text cannot be null");
		ForeignTokenFormat format = formatOf(text);
		return (format != null) ? format.getName() : null;
	}

	private @Nullable ForeignTokenFormat formatOf(String text) {
		PresentedToken token = JsonWebToken.isShapeOf(text) ? null : parseForeign(text);
		for (ForeignTokenFormat format : this.foreign) {
			if (token != null && format.getName().equals(token.prefix())) {
				return format;
			}
		}
		return null;
	}

	private @Nullable PresentedToken parseForeign(String text) {
		if (this.foreign.isEmpty() || text.isEmpty() || text.length() > MAX_LENGTH || !isPrintable(text)
				|| this.issued.claims(text) || this.issued.isContainedIn(text)) {
			return null;
		}
		for (ForeignTokenFormat format : this.foreign) {
			PresentedToken token = format.parse(text);
			if (token != null) {
				return token.inFormat(format.getName());
			}
		}
		return null;
	}

	/**
	 * Key ids are stored, shown and logged, so they must be of characters that every
	 * column and every log can take.
	 */
	private static boolean isPrintable(String text) {
		return text.chars().allMatch((c) -> c > ' ' && c < 0x7f);
	}

}
