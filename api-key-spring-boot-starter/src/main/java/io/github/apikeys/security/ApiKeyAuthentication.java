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

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

import io.github.apikeys.core.ApiKeyPrincipal;
import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.Transient;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/**
 * A caller who presented a usable key. It carries no credentials and is never kept in a
 * session.
 *
 * @since 0.1.0
 * @serial exclude
 */
@Transient
public final class ApiKeyAuthentication extends AbstractAuthenticationToken {

	private static final long serialVersionUID = 1L;

	private static final String SCOPE_PREFIX = "SCOPE_";

	private final ApiKeyPrincipal principal;

	/**
	 * Creates an authentication.
	 * @param principal the verified key
	 * @param authorities what it may do
	 */
	public ApiKeyAuthentication(ApiKeyPrincipal principal, Collection<? extends GrantedAuthority> authorities) {
		super(authorities);
		this.principal = principal;
		super.setAuthenticated(true);
	}

	/**
	 * Creates what a caller becomes who presented a usable key: someone with
	 * {@link ApiKeyFactor} and an authority {@code SCOPE_...} for each scope.
	 * @param apiKey the verified key
	 * @param declaredScopes the scopes to which its wildcards expand
	 * @return the authentication, without details
	 */
	public static ApiKeyAuthentication of(ApiKeyPrincipal apiKey, Set<String> declaredScopes) {
		return new ApiKeyAuthentication(apiKey, authorities(apiKey, declaredScopes));
	}

	private static List<GrantedAuthority> authorities(ApiKeyPrincipal apiKey, Set<String> declaredScopes) {
		Set<String> granted = apiKey.scopes();
		List<GrantedAuthority> authorities = new ArrayList<>(1 + granted.size());
		authorities.add(new ApiKeyFactor(apiKey));
		for (String grant : granted) {
			authorities.add(new SimpleGrantedAuthority(SCOPE_PREFIX + grant));
		}
		// a rule like hasAuthority('SCOPE_orders:read') knows nothing of wildcards
		for (String scope : declaredScopes) {
			if (!granted.contains(scope) && apiKey.hasScope(scope)) {
				authorities.add(new SimpleGrantedAuthority(SCOPE_PREFIX + scope));
			}
		}
		return authorities;
	}

	@Override
	public ApiKeyPrincipal getPrincipal() {
		return this.principal;
	}

	@Override
	public @Nullable Object getCredentials() {
		return null;
	}

}
