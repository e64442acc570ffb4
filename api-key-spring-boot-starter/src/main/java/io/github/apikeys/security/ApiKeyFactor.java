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

import java.util.Objects;

import io.github.apikeys.core.ApiKeyPrincipal;
import org.jspecify.annotations.Nullable;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;

/**
 * The authority {@code FACTOR_API_KEY}, which says that an API key was presented, and
 * which one. It stays with the request where another credential decides who the user is,
 * so that the rights of the key and the rights of the user never mix.
 * <p>
 * It counts in all dispatches of the request that presented the key, and in work that is
 * handed on from there. In another request, where an application may have put it by way
 * of a session, it is neither this authority nor a key, and a serialized copy never is.
 *
 * @since 0.1.0
 * @serial exclude
 */
public final class ApiKeyFactor implements GrantedAuthority {

	/**
	 * What {@link #getAuthority()} returns.
	 */
	public static final String AUTHORITY = ApiKeyPrincipal.FACTOR_AUTHORITY;

	private static final long serialVersionUID = 1L;

	private static final String LAPSED = "LAPSED_" + AUTHORITY;

	private final transient @Nullable ApiKeyPrincipal apiKey;

	private transient @Nullable VerifiedRequest verifiedRequest;

	ApiKeyFactor(ApiKeyPrincipal apiKey) {
		this.apiKey = apiKey;
	}

	/**
	 * Finds the key that was presented.
	 * @param authentication the authentication of the request, may be {@code null}
	 * @return the key, or {@code null} if none was presented
	 */
	public static @Nullable ApiKeyPrincipal find(@Nullable Authentication authentication) {
		if (authentication == null || !authentication.isAuthenticated()) {
			return null;
		}
		for (GrantedAuthority authority : authentication.getAuthorities()) {
			if (authority instanceof ApiKeyFactor factor) {
				return factor.isInForce() ? factor.apiKey : null;
			}
		}
		return null;
	}

	static @Nullable ApiKeyFactor of(Authentication authentication) {
		for (GrantedAuthority authority : authentication.getAuthorities()) {
			if (authority instanceof ApiKeyFactor factor) {
				return factor;
			}
		}
		return null;
	}

	/**
	 * Says which request presented the key. Without one, it was verified by the
	 * application, for example for a message.
	 */
	void verifiedIn(VerifiedRequest request) {
		this.verifiedRequest = request;
	}

	/**
	 * Whether another request presented the key, as far as a request did.
	 */
	boolean isOfAnotherThan(@Nullable VerifiedRequest request) {
		return this.apiKey == null || (this.verifiedRequest != null && this.verifiedRequest != request);
	}

	boolean isInForce() {
		VerifiedRequest request = this.verifiedRequest;
		return this.apiKey != null && (request == null || request.isCurrent());
	}

	/**
	 * Returns {@link #AUTHORITY} where the authority counts.
	 * @return {@code FACTOR_API_KEY}, or another text in another request
	 */
	@Override
	public String getAuthority() {
		return isInForce() ? AUTHORITY : LAPSED;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof ApiKeyFactor that && Objects.equals(this.apiKey, that.apiKey));
	}

	@Override
	public int hashCode() {
		return Objects.hashCode(this.apiKey);
	}

	@Override
	public String toString() {
		return getAuthority();
	}

}
