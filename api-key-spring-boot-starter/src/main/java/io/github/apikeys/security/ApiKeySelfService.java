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

import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyOwners;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyRotation;
import io.github.apikeys.core.ApiKeyScopes;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.ApiKeyUpdate;
import io.github.apikeys.core.ApiKeyVersionConflictException;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.RefusalLog;
import org.jspecify.annotations.Nullable;

import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.util.Assert;

/**
 * Lets authenticated users manage their own keys, and no others. An application calls it
 * from its self-service pages.
 * <p>
 * The owner is always the authenticated user. A key gets no scope that its creator does
 * not have, and one that has more than its owner has now is neither rotated nor enabled.
 * A caller that is authenticated by a key cannot manage keys. Keys of other owners are
 * not found: {@link ApiKeyNotFoundException}.
 *
 * @since 0.1.0
 */
public final class ApiKeySelfService {

	private static final String SCOPE_PREFIX = "SCOPE_";

	private static final Set<ApiKeyState> LIVE = EnumSet
		.complementOf(EnumSet.of(ApiKeyState.EXPIRED, ApiKeyState.REVOKED));

	private final ApiKeyService apiKeys;

	private final AuthenticationTrustResolver trustResolver = new AuthenticationTrustResolverImpl();

	private SecurityContextHolderStrategy securityContextHolderStrategy = SecurityContextHolder
		.getContextHolderStrategy();

	private Function<Authentication, String> owner = AuthenticatedUser::owner;

	private Function<Authentication, ? extends Collection<String>> grantableScopes = ApiKeySelfService::scopesOf;

	/**
	 * Creates a service.
	 * @param apiKeys where the keys are
	 */
	public ApiKeySelfService(ApiKeyService apiKeys) {
		this.apiKeys = apiKeys;
	}

	/**
	 * Sets where the authentication is found.
	 * @param securityContextHolderStrategy the strategy, the static one by default
	 */
	public void setSecurityContextHolderStrategy(SecurityContextHolderStrategy securityContextHolderStrategy) {
		Assert.notNull(securityContextHolderStrategy, "securityContextHolderStrategy cannot be null");
		this.securityContextHolderStrategy = securityContextHolderStrategy;
	}

	/**
	 * Sets how an owner is called.
	 * @param owner what {@link ApiKey#getOwner()} is for the keys of a user. By default
	 * {@link ApiKeyOwners#ofUser(String)} of the name, and for OAuth 2
	 * {@link ApiKeyOwners#ofUser(String, String)} of the client registration, or the
	 * issuer of a token, and the subject. Whatever it looks at must come from the
	 * authentication, never from a request.
	 */
	public void setOwner(Function<Authentication, String> owner) {
		Assert.notNull(owner, "owner cannot be null");
		this.owner = owner;
	}

	/**
	 * Sets which scopes a user may give to keys.
	 * @param grantableScopes scopes and wildcards, see {@link ApiKeyScopes}; by default
	 * what the authorities {@code SCOPE_...} name. Scopes that begin with
	 * {@code api-keys:} are never given here.
	 */
	public void setGrantableScopes(Function<Authentication, ? extends Collection<String>> grantableScopes) {
		Assert.notNull(grantableScopes, "grantableScopes cannot be null");
		this.grantableScopes = grantableScopes;
	}

	/**
	 * Lists the user's keys that are neither revoked nor expired.
	 * @param pageable as in {@link ApiKeyService#list}
	 * @return the page
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws AccessDeniedException if the caller is authenticated by a key
	 */
	public Page<ApiKey> list(Pageable pageable) {
		return list(LIVE, pageable);
	}

	/**
	 * Lists the user's keys in one of some states.
	 * @param states the states
	 * @param pageable as in {@link ApiKeyService#list}
	 * @return the page
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws AccessDeniedException if the caller is authenticated by a key
	 */
	public Page<ApiKey> list(Set<ApiKeyState> states, Pageable pageable) {
		return this.apiKeys.list(ApiKeyQuery.all().owner(owner(authentication())).states(states), pageable);
	}

	/**
	 * Creates a key for the user.
	 * @param newApiKey what it should be like, which stays as it is; its owner need not
	 * be said
	 * @return as in {@link ApiKeyService#create(NewApiKey)}
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws ScopeNotGrantableException if it would be granted a scope that the user
	 * does not have
	 * @throws AccessDeniedException if it would belong to somebody else, or the caller is
	 * authenticated by a key
	 */
	public CreatedApiKey create(NewApiKey newApiKey) {
		return this.apiKeys.create(own(newApiKey));
	}

	/**
	 * Creates a key of the application's own type for the user.
	 * @param apiKey a new entity, of which nothing may come from input that the user
	 * could not choose
	 * @param newApiKey what it should be like besides, which stays as it is; its owner
	 * need not be said
	 * @return as in {@link ApiKeyService#create(ApiKey, NewApiKey)}
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws ScopeNotGrantableException as in {@link #create(NewApiKey)}
	 * @throws AccessDeniedException as there
	 */
	public CreatedApiKey create(ApiKey apiKey, NewApiKey newApiKey) {
		return this.apiKeys.create(apiKey, own(newApiKey));
	}

	private NewApiKey own(NewApiKey newApiKey) {
		Authentication user = authentication();
		String owner = owner(user);
		if (newApiKey.getOwner() != null && !newApiKey.getOwner().equals(owner)) {
			if (RefusalLog.isEnabled()) {
				RefusalLog.write("Self-service of '" + owner + "' denied: the API key would have another owner");
			}
			throw new AccessDeniedException("An API key can be created for oneself only");
		}
		checkGrantable(user, newApiKey.getScopes());
		NewApiKey own = newApiKey.copy();
		return ApiKeyOwners.isUser(owner) ? own.userOwner(owner) : own.owner(owner);
	}

	/**
	 * Finds a key of the user.
	 * @param id the id of its row
	 * @return the key
	 * @throws ApiKeyNotFoundException if the user has no such key
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws AccessDeniedException if the caller is authenticated by a key
	 */
	public ApiKey find(UUID id) {
		return find(authentication(), id);
	}

	private ApiKey find(Authentication user, UUID id) {
		// an owner never changes, so what is found here holds for what is done then
		return this.apiKeys.find(id)
			.filter((apiKey) -> owner(user).equals(apiKey.getOwner()))
			.orElseThrow(() -> new ApiKeyNotFoundException(id));
	}

	/**
	 * Changes a key of the user. As long as the user has every scope of the key, all of
	 * it can be changed. Otherwise scopes can be taken away and descriptions changed, but
	 * the key cannot be used for longer, from other addresses or more often. The user can
	 * also change attributes that an administrator set: pass on only those that users may
	 * change.
	 * @param id the id of its row
	 * @param changes as in {@link ApiKeyService#update}
	 * @return the key
	 * @throws ApiKeyNotFoundException if the user has no such key
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws ScopeNotGrantableException if a scope is added that the user does not have,
	 * or the key is extended and keeps such a scope
	 * @throws AccessDeniedException if the caller is authenticated by a key
	 * @throws ApiKeyVersionConflictException if another version of it is expected
	 */
	public ApiKey update(UUID id, Consumer<ApiKeyUpdate> changes) {
		Authentication user = authentication();
		find(user, id);
		return this.apiKeys.update(id, (update) -> {
			changes.accept(update);
			update.check((current) -> {
				Set<String> scopes = new TreeSet<>(update.getScopes().orElseGet(current::getScopes));
				if (!update.extendsUse(current)) {
					// what is only kept is not given
					scopes.removeAll(current.getScopes());
				}
				checkGrantable(user, scopes);
			});
		});
	}

	/**
	 * Replaces a key of the user.
	 * @param id the id of its row
	 * @param grace as in {@link ApiKeyService#rotate}
	 * @return as there
	 * @throws ApiKeyNotFoundException if the user has no such key
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws ScopeNotGrantableException if the key has a scope that the user does not
	 * have
	 * @throws AccessDeniedException if the caller is authenticated by a key
	 */
	public CreatedApiKey rotate(UUID id, Duration grace) {
		Authentication user = authentication();
		find(user, id);
		return this.apiKeys.rotate(id,
				ApiKeyRotation.withGrace(grace).check((current) -> checkGrantable(user, current.getScopes())));
	}

	/**
	 * Switches a key of the user off for a while.
	 * @param id the id of its row
	 * @return the key
	 * @throws ApiKeyNotFoundException if the user has no such key
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws AccessDeniedException if the caller is authenticated by a key
	 */
	public ApiKey disable(UUID id) {
		find(id);
		return this.apiKeys.disable(id);
	}

	/**
	 * Switches a key of the user on again, whoever switched it off. A key that its owner
	 * must not use any more has to be revoked.
	 * @param id the id of its row
	 * @return the key
	 * @throws ApiKeyNotFoundException if the user has no such key
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws ScopeNotGrantableException as in {@link #rotate}
	 * @throws AccessDeniedException as there
	 */
	public ApiKey enable(UUID id) {
		Authentication user = authentication();
		find(user, id);
		return this.apiKeys.enable(id, (current) -> checkGrantable(user, current.getScopes()));
	}

	/**
	 * Switches a key of the user off for ever.
	 * @param id the id of its row
	 * @param reason as in {@link ApiKeyService#revoke(UUID, String)}
	 * @return the key
	 * @throws ApiKeyNotFoundException if the user has no such key
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws AccessDeniedException if the caller is authenticated by a key
	 */
	public ApiKey revoke(UUID id, @Nullable String reason) {
		find(id);
		return this.apiKeys.revoke(id, reason);
	}

	/**
	 * Deletes a key of the user.
	 * @param id the id of its row
	 * @return as in {@link ApiKeyService#delete}
	 * @throws ApiKeyNotFoundException if the user has no such key
	 * @throws AuthenticationCredentialsNotFoundException if nobody is signed in
	 * @throws AccessDeniedException if the caller is authenticated by a key
	 */
	public ApiKey delete(UUID id) {
		find(id);
		return this.apiKeys.delete(id);
	}

	private Authentication authentication() {
		Authentication authentication = this.securityContextHolderStrategy.getContext().getAuthentication();
		if (authentication == null || !this.trustResolver.isAuthenticated(authentication)) {
			throw new AuthenticationCredentialsNotFoundException("Sign in to manage API keys");
		}
		if (ApiKeyFactor.find(authentication) != null) {
			throw new AccessDeniedException("API keys cannot be managed with an API key");
		}
		return authentication;
	}

	private String owner(Authentication user) {
		String owner = this.owner.apply(user);
		Assert.hasText(owner, "The owner of API keys must have a name");
		return owner;
	}

	private void checkGrantable(Authentication user, Collection<String> scopes) {
		Collection<String> grantable = this.grantableScopes.apply(user);
		for (String scope : scopes) {
			if (ApiKeyScopes.isReserved(scope) || !ApiKeyScopes.covers(grantable, scope)) {
				if (RefusalLog.isEnabled()) {
					RefusalLog.write("Self-service of '" + owner(user) + "' denied: the scope '" + scope
							+ "' is missing, the user can grant " + new TreeSet<>(grantable));
				}
				throw new ScopeNotGrantableException(scope);
			}
		}
	}

	private static Set<String> scopesOf(Authentication user) {
		Set<String> scopes = new TreeSet<>();
		user.getAuthorities().forEach((authority) -> {
			String name = authority.getAuthority();
			if (name != null && name.startsWith(SCOPE_PREFIX)) {
				scopes.add(name.substring(SCOPE_PREFIX.length()));
			}
		});
		return scopes;
	}

}
