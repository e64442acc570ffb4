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

import org.springframework.util.Assert;

/**
 * What a client presented, taken apart for its verification. It carries the secret, so it
 * is neither serializable nor printable: {@link #toString()} shows the public part only.
 *
 * @since 0.1.0
 * @see ForeignTokenFormat
 */
public final class PresentedToken {

	private final boolean issued;

	private final Shown shown;

	// left out by libraries that write fields
	private final transient String hashedText;

	private final boolean generated;

	private PresentedToken(boolean issued, Shown shown, String hashedText, boolean generated) {
		this.issued = issued;
		this.shown = shown;
		this.hashedText = hashedText;
		this.generated = generated;
	}

	/**
	 * Takes a token of another system apart.
	 * @param id what finds the key, unique within its format: 1 to 60 ASCII characters
	 * @param hashedText the part of the token of which the other system stored the hash:
	 * all of it, or the secret alone
	 * @param generated whether the secret was drawn at random and has at least 128 bits,
	 * so that a fast hash protects it; {@code false} if people may have chosen it,
	 * however long it is
	 * @return the parts
	 * @throws IllegalArgumentException if the id is empty or too long
	 */
	public static PresentedToken of(String id, String hashedText, boolean generated) {
		Assert.notNull(id, "id cannot be null");
		Assert.notNull(hashedText, "hashedText cannot be null");
		Assert.isTrue(!id.isEmpty() && id.length() <= 60, "id must have 1 to 60 characters");
		return new PresentedToken(false, new Shown("", id, ""), hashedText, generated);
	}

	/**
	 * Takes a token of our own apart.
	 * @param token the token
	 * @return the parts
	 */
	public static PresentedToken of(ApiKeyToken token) {
		Assert.notNull(token, "token cannot be null");
		return new PresentedToken(true, new Shown(token.prefix(), token.keyId(), token.lastCharacters()), token.value(),
				true);
	}

	/**
	 * A token of our own whose secret is unknown.
	 */
	static PresentedToken withoutSecret(String prefix, String keyId, String lastCharacters) {
		return new PresentedToken(false, new Shown(prefix, keyId, lastCharacters), "", true);
	}

	/**
	 * The same token, its id told apart from those of other formats.
	 */
	PresentedToken inFormat(String format) {
		return new PresentedToken(false, new Shown(format, format + ":" + keyId(), ""), this.hashedText,
				this.generated);
	}

	/**
	 * Returns the beginning of the token, or the name of its format if that is another
	 * system's.
	 * @return the prefix, without separator
	 */
	public String prefix() {
		return this.shown.prefix();
	}

	/**
	 * Returns the public id of the key.
	 * @return 12 base62 characters, or {@code <format>:<id>} for a foreign token
	 */
	public String keyId() {
		return this.shown.keyId();
	}

	/**
	 * Returns the end of the token, by which its holder recognises it in a list.
	 * @return 4 base62 characters, or nothing for a foreign token: it may be a part of
	 * the secret
	 */
	public String lastCharacters() {
		return this.shown.lastCharacters();
	}

	/**
	 * Returns what is hashed and compared.
	 * @return the token or a part of it, secret
	 */
	public String hashedText() {
		return this.hashedText;
	}

	/**
	 * Returns whether nobody can guess the secret.
	 * @return whether it was drawn at random and has at least 128 bits
	 */
	public boolean isGenerated() {
		return this.generated;
	}

	/**
	 * Returns whether the token has the form of tokens that the application issues, its
	 * checksum included. Of any other text the id is only a guess: it may be a part of a
	 * secret, and must not be shown unless there is such a key.
	 * @return whether it is one of the application's own
	 */
	public boolean isIssued() {
		return this.issued;
	}

	@Override
	public String toString() {
		return "PresentedToken [" + (isIssued() ? "keyId=" + keyId() : "format=" + prefix()) + "]";
	}

	/**
	 * What everybody may see of a token.
	 */
	private record Shown(String prefix, String keyId, String lastCharacters) {

	}

}
