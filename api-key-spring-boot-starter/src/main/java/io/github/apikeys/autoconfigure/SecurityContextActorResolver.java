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

package io.github.apikeys.autoconfigure;

import java.util.function.Supplier;

import io.github.apikeys.core.ApiKeyActor;
import io.github.apikeys.core.ApiKeyActorResolver;
import io.github.apikeys.core.ApiKeyPrincipal;
import org.jspecify.annotations.Nullable;

import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolderStrategy;

/**
 * Names whoever is authenticated. A key is named as such, since its id could be
 * somebody's name; and a user whose name could be taken for a key, or for the application
 * itself, is named as a user.
 */
final class SecurityContextActorResolver implements ApiKeyActorResolver {

	private static final String API_KEY_PREFIX = "api-key:";

	private static final String USER_PREFIX = "user:";

	private final AuthenticationTrustResolver trustResolver = new AuthenticationTrustResolverImpl();

	private final SecurityContextHolderStrategy securityContextHolderStrategy;

	private final Supplier<@Nullable String> address;

	SecurityContextActorResolver(SecurityContextHolderStrategy securityContextHolderStrategy,
			Supplier<@Nullable String> address) {
		this.securityContextHolderStrategy = securityContextHolderStrategy;
		this.address = address;
	}

	@Override
	public ApiKeyActor resolve() {
		return ApiKeyActor.of(name(this.securityContextHolderStrategy.getContext().getAuthentication()),
				this.address.get());
	}

	private @Nullable String name(@Nullable Authentication authentication) {
		if (authentication == null || !this.trustResolver.isAuthenticated(authentication)) {
			return null;
		}
		return (authentication.getPrincipal() instanceof ApiKeyPrincipal key) ? API_KEY_PREFIX + key.keyId()
				: USER_PREFIX + authentication.getName();
	}

}
