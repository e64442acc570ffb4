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

package io.github.apikeys.security;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AbstractAuthenticationToken;

/**
 * A presented key, not verified yet. The plaintext is neither printed nor serialized, and
 * is erased after verification.
 *
 * @since 0.1.0
 * @serial exclude
 */
public final class ApiKeyAuthenticationToken extends AbstractAuthenticationToken {

	private static final long serialVersionUID = 1L;

	private static final String PRINCIPAL = "api-key";

	private transient @Nullable String token;

	private final @Nullable String header;

	private final boolean alone;

	private @Nullable String remoteAddress;

	/**
	 * Creates a token.
	 * @param token what the caller presented, any text
	 */
	public ApiKeyAuthenticationToken(String token) {
		this(token, null, false);
	}

	/**
	 * Creates a token that was read from a header.
	 * @param header the name of the header, or {@code null} if it is not known
	 * @param alone whether {@code Authorization} holds nothing else
	 */
	ApiKeyAuthenticationToken(String token, @Nullable String header, boolean alone) {
		super(List.of());
		this.token = token;
		this.header = header;
		this.alone = alone;
	}

	/**
	 * The header in which the key came, if one of our converters has read it.
	 */
	@Nullable String header() {
		return this.header;
	}

	/**
	 * Whether the key came in a header, and nothing else that could authenticate the
	 * request by a header: no other site can send such a request.
	 */
	boolean isAlone() {
		return this.alone;
	}

	/**
	 * Where the request came from that presented the key. Details say it too, but only if
	 * a converter sets them.
	 */
	@Nullable String remoteAddress() {
		return this.remoteAddress;
	}

	void setRemoteAddress(@Nullable String remoteAddress) {
		this.remoteAddress = remoteAddress;
	}

	/**
	 * Returns what the caller presented.
	 * @return the plaintext, or {@code null} after it was erased
	 */
	@Override
	public @Nullable String getCredentials() {
		return this.token;
	}

	/**
	 * Returns a constant: who it is remains to be seen.
	 * @return {@code api-key}
	 */
	@Override
	public Object getPrincipal() {
		return PRINCIPAL;
	}

	@Override
	public void eraseCredentials() {
		super.eraseCredentials();
		this.token = null;
	}

	// Two presented keys are the same only if they are the same object: comparing
	// plaintexts here would not be done in constant time.
	@Override
	public boolean equals(@Nullable Object other) {
		return this == other;
	}

	@Override
	public int hashCode() {
		return System.identityHashCode(this);
	}

}
