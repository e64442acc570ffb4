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
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.apikeys.core.hash.ImportedHash;
import org.jspecify.annotations.Nullable;

/**
 * A key that another system issued: its token, or what that system stored of it.
 *
 * @since 0.1.0
 * @see ApiKeyService#importKey(ImportedApiKey, NewApiKey)
 */
public final class ImportedApiKey {

	private static final Pattern ID = Pattern.compile("[!-~]{1,60}");

	/** The last four characters follow the key id. */
	private static final Pattern HASHED_TOKEN = Pattern
		.compile("([a-z][a-z0-9_]{1,47}_[0-9A-Za-z]{12}_[0-9A-Za-z]{4})\\{sha256}([0-9a-fA-F]{64})");

	// left out by libraries that write fields
	private final transient @Nullable String token;

	private final String format;

	private final String id;

	private final @Nullable ImportedHash hash;

	private final Past past;

	private ImportedApiKey(@Nullable String token, String format, String id, @Nullable ImportedHash hash, Past past) {
		this.token = token;
		this.format = format;
		this.id = id;
		this.hash = hash;
		this.past = past;
	}

	/**
	 * A key of which the plaintext is known.
	 * @param token the whole token as clients present it, in one of the formats that the
	 * application registered
	 * @return the key
	 */
	public static ImportedApiKey ofToken(String token) {
		return new ImportedApiKey(ApiKeyAttributes.present("token", token), "", "", null, Past.UNKNOWN);
	}

	/**
	 * A key of which only the hash is known.
	 * @param format the name of the registered format of its token
	 * @param id what finds the key in that format, 1 to 60 printable ASCII characters:
	 * the id that is a part of the token, or what
	 * {@link io.github.apikeys.core.token.OpaqueTokenFormat#idOf} of the format returns.
	 * Whether the id belongs to the hash, the import finds out only for that format and a
	 * SHA-256
	 * @param hash the hash
	 * @return the key
	 * @throws InvalidApiKeyAttributeException if the id is not of that form
	 */
	public static ImportedApiKey ofHash(String format, String id, ImportedHash hash) {
		if (!ID.matcher(ApiKeyAttributes.present("keyId", id)).matches()) {
			throw new InvalidApiKeyAttributeException("keyId",
					"The id of an imported key must have 1 to 60 printable ASCII characters and no spaces");
		}
		return new ImportedApiKey(null, ApiKeyAttributes.present("format", format), id,
				ApiKeyAttributes.present("hash", hash), Past.UNKNOWN);
	}

	/**
	 * A key of the application's own format that somebody made without the application,
	 * as {@link FirstKeyCommand} does.
	 * @param hashedToken <code>&lt;prefix&gt;_&lt;key id&gt;_&lt;last 4
	 * characters&gt;{sha256}&lt;64 hexadecimal digits&gt;</code>
	 * @return the key
	 * @throws InvalidApiKeyAttributeException if the text is not of that form; the
	 * message does not contain it
	 */
	public static ImportedApiKey ofHashedToken(String hashedToken) {
		Matcher matcher = HASHED_TOKEN.matcher(ApiKeyAttributes.present("hash", hashedToken));
		if (!matcher.matches()) {
			throw new InvalidApiKeyAttributeException("hash",
					"The hash of a token must look like '<prefix>_<key id>_<last 4 characters>{sha256}<64 hexadecimal"
							+ " digits>'");
		}
		return new ImportedApiKey(null, "", matcher.group(1), ImportedHash.sha256(matcher.group(2)), Past.UNKNOWN);
	}

	/**
	 * A row of djangorestframework-api-key.
	 * @param prefix its column {@code prefix}, not {@code id}, which holds the hash, too
	 * @param hashedKey its column {@code hashed_key}
	 * @return the key
	 * @throws InvalidApiKeyAttributeException if the prefix is not of the form that
	 * {@link #ofHash} asks for
	 * @throws IllegalArgumentException if {@link ImportedHash#django} does not understand
	 * the hash
	 */
	public static ImportedApiKey ofDjango(String prefix, String hashedKey) {
		String id = ApiKeyAttributes.present("keyId", prefix);
		return ofHash("django", id, ImportedHash.django(ApiKeyAttributes.present("hash", hashedKey)));
	}

	/**
	 * Says when the other system created the key. Without, it counts as created when it
	 * is imported. The lifetime of a key counts from its creation, and so does
	 * {@code api-key.expiry.max}.
	 * @param createdAt a time that is past, in the years 1970 to 9999
	 * @return the same key with this time
	 * @throws InvalidApiKeyAttributeException if it is in another year
	 */
	public ImportedApiKey withCreation(Instant createdAt) {
		return with(new Past(ApiKeyAttributes.time("createdAt", createdAt), revokedAt(), revocationReason()));
	}

	/**
	 * Says that the other system revoked the key. It can never be used, and needs no end.
	 * @param revokedAt a time that is past, in the years 1970 to 9999
	 * @param reason why, for its history, or {@code null}; what exceeds 1000 characters
	 * is cut
	 * @return the same key, revoked
	 * @throws InvalidApiKeyAttributeException if the time is in another year
	 */
	public ImportedApiKey withRevocation(Instant revokedAt, @Nullable String reason) {
		return with(new Past(createdAt(), ApiKeyAttributes.time("revokedAt", revokedAt), reason));
	}

	private ImportedApiKey with(Past past) {
		return new ImportedApiKey(this.token, this.format, this.id, this.hash, past);
	}

	@Nullable Instant createdAt() {
		return this.past.createdAt();
	}

	@Nullable Instant revokedAt() {
		return this.past.revokedAt();
	}

	@Nullable String revocationReason() {
		return this.past.revocationReason();
	}

	@Nullable String token() {
		return this.token;
	}

	String format() {
		return this.format;
	}

	String id() {
		return this.id;
	}

	@Nullable ImportedHash hash() {
		return this.hash;
	}

	/**
	 * The id of the row of a hashed token, which is always the same, so that it tells
	 * whether there is, or was, a key with this token, whatever became of its hash.
	 */
	Optional<UUID> rowId() {
		return (this.hash != null && this.format.isEmpty())
				? Optional.of(UUID.nameUUIDFromBytes((this.id + this.hash.value()).getBytes(StandardCharsets.UTF_8)))
				: Optional.empty();
	}

	@Override
	public String toString() {
		return "ImportedApiKey [format=" + this.format + "]";
	}

	/**
	 * What became of the key in the other system.
	 */
	private record Past(@Nullable Instant createdAt, @Nullable Instant revokedAt, @Nullable String revocationReason) {

		static final Past UNKNOWN = new Past(null, null, null);

	}

}
