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
import java.util.Objects;
import java.util.Set;

import io.github.apikeys.core.ApiKeyPrincipal;
import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.Transient;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.util.Assert;

/**
 * A caller who presented a usable key. It carries no credentials. It lives as long as its
 * request, work that is handed on from there included: nobody keeps it in a session, and
 * in another request, or as a serialized copy, it is not authenticated.
 *
 * @since 0.1.0
 * @serial exclude
 */
@Transient
public final class ApiKeyAuthentication extends AbstractAuthenticationToken {

	private static final long serialVersionUID = 1L;

	private static final String SCOPE_PREFIX = "SCOPE_";

	private final ApiKeyPrincipal principal;

	private final transient @Nullable ApiKeyFactor factor;

	/**
	 * Creates an authentication.
	 * @param principal the verified key
	 * @param authorities what it may do
	 */
	public ApiKeyAuthentication(ApiKeyPrincipal principal, Collection<? extends GrantedAuthority> authorities) {
		super(authorities);
		this.principal = principal;
		this.factor = factor(principal);
		super.setAuthenticated(true);
	}

	private ApiKeyAuthentication(Builder builder) {
		super(builder);
		this.principal = builder.principal;
		this.factor = builder.factor;
	}

	private ApiKeyFactor factor(ApiKeyPrincipal principal) {
		for (GrantedAuthority authority : super.getAuthorities()) {
			if (authority instanceof ApiKeyFactor factor) {
				return factor;
			}
		}
		return new ApiKeyFactor(principal);
	}

	/**
	 * Creates what a caller becomes who presented a usable key: someone with
	 * {@link ApiKeyFactor} and an authority {@code SCOPE_...} for each scope.
	 * @param apiKey the verified key
	 * @param declaredScopes the scopes to which its wildcards expand
	 * @return the authentication, without details
	 */
	public static ApiKeyAuthentication of(ApiKeyPrincipal apiKey, Set<String> declaredScopes) {
		return of(apiKey, scopeAuthorities(apiKey, declaredScopes));
	}

	static ApiKeyAuthentication of(ApiKeyPrincipal apiKey, List<GrantedAuthority> scopeAuthorities) {
		List<GrantedAuthority> authorities = new ArrayList<>(1 + scopeAuthorities.size());
		authorities.add(new ApiKeyFactor(apiKey));
		authorities.addAll(scopeAuthorities);
		return new ApiKeyAuthentication(apiKey, authorities);
	}

	/**
	 * The authorities that depend on nothing but the grants of a key.
	 */
	static List<GrantedAuthority> scopeAuthorities(ApiKeyPrincipal apiKey, Set<String> declaredScopes) {
		Set<String> granted = apiKey.scopes();
		List<GrantedAuthority> authorities = new ArrayList<>(granted.size());
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
	public Collection<GrantedAuthority> getAuthorities() {
		return isInForce() ? super.getAuthorities() : List.of();
	}

	@Override
	public boolean isAuthenticated() {
		return super.isAuthenticated() && isInForce();
	}

	/**
	 * What tells its request from others, whether or not it is one of the authorities.
	 */
	@Nullable ApiKeyFactor factor() {
		return this.factor;
	}

	private boolean isInForce() {
		return this.factor != null && this.factor.isInForce();
	}

	/**
	 * Begins a copy, which lives as long as this does.
	 * @return the builder of an {@code ApiKeyAuthentication} with the same principal
	 */
	@Override
	public Authentication.Builder<?> toBuilder() {
		return new Builder(this);
	}

	@Override
	public ApiKeyPrincipal getPrincipal() {
		return this.principal;
	}

	@Override
	public @Nullable Object getCredentials() {
		return null;
	}

	/**
	 * Returns whether this is the same key with the same authorities, whatever the
	 * request, and whether or not it is over: others may keep something under a caller.
	 */
	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof ApiKeyAuthentication that && this.principal.equals(that.principal)
				&& granted().equals(that.granted()) && isPermitted() == that.isPermitted());
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.principal, granted());
	}

	private Collection<GrantedAuthority> granted() {
		return super.getAuthorities();
	}

	private boolean isPermitted() {
		return super.isAuthenticated();
	}

	/**
	 * Copies keep the type: another one would not be transient.
	 */
	private static final class Builder extends AbstractAuthenticationBuilder<Builder> {

		private final ApiKeyPrincipal principal;

		private final @Nullable ApiKeyFactor factor;

		private Builder(ApiKeyAuthentication original) {
			super(original);
			this.principal = original.principal;
			this.factor = original.factor;
		}

		@Override
		public Builder principal(@Nullable Object principal) {
			Assert.isTrue(this.principal.equals(principal), "the principal of an API key cannot be replaced");
			return this;
		}

		@Override
		public Authentication build() {
			return new ApiKeyAuthentication(this);
		}

	}

}
