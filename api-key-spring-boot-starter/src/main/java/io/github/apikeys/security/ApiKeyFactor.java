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

import io.github.apikeys.core.ApiKeyPrincipal;
import org.jspecify.annotations.Nullable;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;

/**
 * The authority {@code FACTOR_API_KEY}, which says that an API key was presented, and
 * which one. It stays with the request where another credential decides who the user is,
 * so that the rights of the key and the rights of the user never mix.
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

	private final ApiKeyPrincipal apiKey;

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
				return factor.apiKey;
			}
		}
		return null;
	}

	@Override
	public String getAuthority() {
		return AUTHORITY;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof ApiKeyFactor that && this.apiKey.equals(that.apiKey));
	}

	@Override
	public int hashCode() {
		return this.apiKey.hashCode();
	}

	@Override
	public String toString() {
		return AUTHORITY;
	}

}
