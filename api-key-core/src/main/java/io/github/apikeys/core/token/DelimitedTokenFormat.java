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

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Tokens of an id and a secret with one delimiter between them. A text with more than one
 * delimiter, such as a JSON Web Token, is none of them.
 *
 * @since 0.1.0
 */
public final class DelimitedTokenFormat implements ForeignTokenFormat {

	private static final int MAX_ID_LENGTH = 60;

	private final String name;

	private final char delimiter;

	private final boolean wholeTokenHashed;

	private final @Nullable SecretShape secret;

	private final boolean bearer;

	/**
	 * Creates a format. Its secrets may be chosen by people, so they keep slow or keyed
	 * hashes: see {@link #withSecret}.
	 * @param name the name of the format
	 * @param delimiter what stands between id and secret, and in neither of them
	 * @param wholeTokenHashed whether the other system hashed the whole token, or only
	 * the secret behind the delimiter
	 */
	public DelimitedTokenFormat(String name, char delimiter, boolean wholeTokenHashed) {
		this(name, delimiter, wholeTokenHashed, null, false);
	}

	private DelimitedTokenFormat(String name, char delimiter, boolean wholeTokenHashed, @Nullable SecretShape secret,
			boolean bearer) {
		Assert.notNull(name, "name cannot be null");
		this.name = name;
		this.delimiter = delimiter;
		this.wholeTokenHashed = wholeTokenHashed;
		this.secret = secret;
		this.bearer = bearer;
	}

	/**
	 * Returns the tokens of djangorestframework-api-key, {@code <prefix>.<secret>}, of
	 * which it stores the prefix and a hash of the whole. Secrets have the 32 letters and
	 * digits that its {@code KeyGenerator} draws by default.
	 * @return the format, called {@code django}
	 * @see <a href=
	 * "https://florimondmanca.github.io/djangorestframework-api-key/security/">its
	 * documentation</a>
	 */
	public static DelimitedTokenFormat django() {
		return new DelimitedTokenFormat("django", '.', true).withSecret(SecretShape.of(32, SecretShape.ALPHANUMERIC));
	}

	/**
	 * Declares that secrets were drawn at random, so that a fast hash protects them. Only
	 * tokens with such a secret are of the format then.
	 * @param secret what they look like
	 * @return a format with the same name
	 */
	public DelimitedTokenFormat withSecret(SecretShape secret) {
		Assert.notNull(secret, "secret cannot be null");
		return new DelimitedTokenFormat(this.name, this.delimiter, this.wholeTokenHashed, secret, this.bearer);
	}

	/**
	 * Lets the format claim tokens behind the scheme word {@code Bearer}, too. No other
	 * mechanism sees them any more.
	 * @return a format with the same name
	 */
	public DelimitedTokenFormat withBearer() {
		return new DelimitedTokenFormat(this.name, this.delimiter, this.wholeTokenHashed, this.secret, true);
	}

	@Override
	public String getName() {
		return this.name;
	}

	@Override
	public @Nullable PresentedToken parse(String text) {
		int end = text.indexOf(this.delimiter);
		if (end < 1 || end > MAX_ID_LENGTH || end == text.length() - 1 || end != text.lastIndexOf(this.delimiter)
				|| JsonWebToken.isShapeOf(text) || (this.secret != null && !this.secret.matches(text, end + 1))) {
			return null;
		}
		return PresentedToken.of(text.substring(0, end), this.wholeTokenHashed ? text : text.substring(end + 1),
				this.secret != null);
	}

	/**
	 * A token as it may be presented.
	 */
	String example(String id) {
		String anySecret = (this.delimiter != 'x') ? "x" : "y";
		return id + this.delimiter + ((this.secret != null) ? this.secret.example(this.delimiter) : anySecret);
	}

	@Override
	public boolean isId(String id) {
		return id.length() <= MAX_ID_LENGTH && id.indexOf(this.delimiter) < 0;
	}

	@Override
	public boolean claimsBearer() {
		return this.bearer;
	}

}
