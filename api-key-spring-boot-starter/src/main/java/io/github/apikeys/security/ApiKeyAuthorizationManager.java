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
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.RefusalLog;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.core.Authentication;
import org.springframework.util.Assert;
import org.springframework.util.ClassUtils;

/**
 * Requires that the caller presented a usable API key. It looks at the authentication
 * only: the key was verified when it was presented.
 *
 * @param <T> what is to be authorized, for example a request
 * @since 0.1.0
 */
public final class ApiKeyAuthorizationManager<T> implements AuthorizationManager<T> {

	private static final AuthorizationDecision GRANTED = new AuthorizationDecision(true);

	private static final ApiKeyDenial DENIED = new ApiKeyDenial(null);

	private final Class<? extends ApiKey> type;

	private final ScopeRequirement scopes;

	private final ApiKeyDenial insufficientScope;

	ApiKeyAuthorizationManager(Class<? extends ApiKey> type, List<String> allScopes, List<String> anyScope) {
		ApiKeyTypes.nameOf(type);
		this.type = type;
		this.scopes = new ScopeRequirement(allScopes, anyScope);
		this.insufficientScope = new ApiKeyDenial(this.scopes);
		RequiredScopes.note(type);
		RequiredScopes.note(allScopes);
		RequiredScopes.note(anyScope);
	}

	/**
	 * Requires what an annotation says.
	 * @throws IllegalArgumentException if no key can have that
	 */
	static <T> ApiKeyAuthorizationManager<T> of(HasApiKey hasApiKey) {
		return new ApiKeyAuthorizationManager<>(hasApiKey.type(), List.of(hasApiKey.value()),
				List.of(hasApiKey.anyScope()));
	}

	/**
	 * Requires a key that has scopes, for use in
	 * {@code authorizeHttpRequests((requests) -> requests.requestMatchers("/api/**").access(hasApiKey()))}.
	 * @param scopes all of them are needed; none means that any usable key will do
	 * @param <T> what is to be authorized
	 * @return the manager
	 * @throws IllegalArgumentException if one is not a scope
	 */
	public static <T> ApiKeyAuthorizationManager<T> hasApiKey(String... scopes) {
		return hasApiKey(ApiKey.class, scopes);
	}

	/**
	 * Requires a key of a type that has scopes.
	 * @param type the class of the key; a class that extends it will do, too
	 * @param scopes all of them are needed; none means that any usable key of the type
	 * will do
	 * @param <T> what is to be authorized
	 * @return the manager
	 * @throws IllegalArgumentException if one is not a scope, or the class has no
	 * discriminator value
	 */
	public static <T> ApiKeyAuthorizationManager<T> hasApiKey(Class<? extends ApiKey> type, String... scopes) {
		return new ApiKeyAuthorizationManager<>(type, List.of(scopes), List.of());
	}

	/**
	 * Requires a key that has at least one of some scopes.
	 * @param scopes one of them is needed
	 * @param <T> what is to be authorized
	 * @return the manager
	 * @throws IllegalArgumentException if one is not a scope, or there are none
	 */
	public static <T> ApiKeyAuthorizationManager<T> hasApiKeyWithAnyScope(String... scopes) {
		Assert.notEmpty(scopes, "scopes cannot be empty");
		return new ApiKeyAuthorizationManager<>(ApiKey.class, List.of(), List.of(scopes));
	}

	@Override
	public AuthorizationDecision authorize(Supplier<? extends @Nullable Authentication> authentication, T object) {
		ApiKeyPrincipal apiKey = ApiKeyFactor.find(authentication.get());
		boolean ofType = apiKey != null && apiKey.isOfType(this.type);
		if (apiKey != null && ofType && this.scopes.isMetBy(apiKey)) {
			return GRANTED;
		}
		if (RefusalLog.isEnabled()) {
			RefusalLog.write(explain(apiKey, object));
		}
		return ofType ? this.insufficientScope : DENIED;
	}

	private String explain(@Nullable ApiKeyPrincipal apiKey, T object) {
		String what = ((object instanceof MethodInvocation invocation)
				? ClassUtils.getQualifiedMethodName(invocation.getMethod()) : "the request")
				+ " requires "
				+ ((this.type == ApiKey.class) ? "an API key"
						: "an API key of type '" + ApiKeyTypes.nameOf(this.type) + "'")
				+ (this.scopes.isEmpty() ? "" : " with " + this.scopes);
		return (apiKey != null)
				? "API key '" + apiKey.keyId() + "' denied: " + what + ", it is of type '" + apiKey.type()
						+ "' and has " + apiKey.scopes()
				: "Caller without an API key denied: " + what + UnreadRequest.explain();
	}

	@Override
	public String toString() {
		return "ApiKeyAuthorizationManager [type=" + this.type.getSimpleName() + ", allScopes=" + this.scopes.all()
				+ ", anyScope=" + this.scopes.any() + "]";
	}

}
