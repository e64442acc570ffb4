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
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyStoreException;
import io.github.apikeys.core.ApiKeyTokenVerifier;

import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.InternalAuthenticationServiceException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;

/**
 * Turns a presented key into an {@link ApiKeyAuthentication} by asking the
 * {@link ApiKeyTokenVerifier}. The presented one is erased.
 */
final class ApiKeyAuthenticationProvider implements AuthenticationProvider {

	private final Supplier<ApiKeyTokenVerifier> tokenVerifier;

	private final Set<String> declaredScopes;

	/** By identity: a key that was loaded anew may have other scopes. */
	private final Cache<ApiKeyPrincipal, List<GrantedAuthority>> scopeAuthorities = Caffeine.newBuilder()
		.weakKeys()
		.build();

	ApiKeyAuthenticationProvider(Supplier<ApiKeyTokenVerifier> tokenVerifier, Set<String> declaredScopes) {
		this.tokenVerifier = tokenVerifier;
		this.declaredScopes = declaredScopes;
	}

	@Override
	public Authentication authenticate(Authentication authentication) {
		ApiKeyPrincipal apiKey = verify((ApiKeyAuthenticationToken) authentication);
		ApiKeyAuthentication result = ApiKeyAuthentication.of(apiKey, this.scopeAuthorities.get(apiKey,
				(key) -> ApiKeyAuthentication.scopeAuthorities(key, this.declaredScopes)));
		result.setDetails(authentication.getDetails());
		return result;
	}

	private ApiKeyPrincipal verify(ApiKeyAuthenticationToken presented) {
		ApiKeyTokenVerifier tokenVerifier = this.tokenVerifier.get();
		Optional<ApiKeyPrincipal> verified;
		try {
			verified = tokenVerifier.verify(presented.getCredentials(), presented.remoteAddress());
		}
		catch (ApiKeyStoreException ex) {
			throw new InternalAuthenticationServiceException(ex.getMessage(), ex);
		}
		catch (Throwable ex) {
			// a policy's, for example: on an error page another mechanism would ask for a
			// login
			throw new InternalAuthenticationServiceException("The verification of an API key failed", ex);
		}
		finally {
			// before an event about it is published
			presented.eraseCredentials();
		}
		return verified.orElseThrow(() -> new BadCredentialsException("The API key is not usable"));
	}

	@Override
	public boolean supports(Class<?> authentication) {
		return ApiKeyAuthenticationToken.class.isAssignableFrom(authentication);
	}

}
