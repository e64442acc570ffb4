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

import java.util.Optional;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.RefusalLog;
import org.jspecify.annotations.Nullable;

import org.springframework.core.MethodParameter;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.util.Assert;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/**
 * Resolves {@link CurrentApiKey}.
 *
 * @since 0.1.0
 */
public final class CurrentApiKeyArgumentResolver implements HandlerMethodArgumentResolver {

	private final Supplier<ApiKeyService> apiKeys;

	private SecurityContextHolderStrategy securityContextHolderStrategy = SecurityContextHolder
		.getContextHolderStrategy();

	/**
	 * Creates a resolver.
	 * @param apiKeys where keys are read from, asked when one is needed
	 */
	public CurrentApiKeyArgumentResolver(Supplier<ApiKeyService> apiKeys) {
		this.apiKeys = apiKeys;
	}

	/**
	 * Sets where the authentication of the request is found.
	 * @param securityContextHolderStrategy the strategy, the static one by default
	 */
	public void setSecurityContextHolderStrategy(SecurityContextHolderStrategy securityContextHolderStrategy) {
		Assert.notNull(securityContextHolderStrategy, "securityContextHolderStrategy cannot be null");
		this.securityContextHolderStrategy = securityContextHolderStrategy;
	}

	/**
	 * Claims every parameter with the annotation. One that cannot be filled must not be
	 * left to another resolver, which would take it from the request.
	 */
	@Override
	public boolean supportsParameter(MethodParameter parameter) {
		return parameter.hasParameterAnnotation(CurrentApiKey.class);
	}

	/**
	 * Checks whether a parameter can be filled with a key.
	 * @param parameter a parameter with {@link CurrentApiKey}
	 * @throws IllegalArgumentException if its type is neither {@link ApiKeyPrincipal},
	 * nor {@link ApiKey} or one that extends it and has a discriminator value, nor an
	 * {@link Optional} of one of these
	 */
	public static void check(MethodParameter parameter) {
		Class<?> type = parameter.nestedIfOptional().getNestedParameterType();
		if (type == ApiKeyPrincipal.class || type == ApiKey.class) {
			return;
		}
		if (!ApiKey.class.isAssignableFrom(type)) {
			throw new IllegalArgumentException("@CurrentApiKey cannot fill parameter " + parameter.getParameterIndex()
					+ " of " + parameter.getExecutable() + ": it must be an ApiKeyPrincipal, an ApiKey, a type that "
					+ "extends it, or an Optional of one of these");
		}
		ApiKeyTypes.nameOf(type.asSubclass(ApiKey.class));
	}

	@Override
	public @Nullable Object resolveArgument(MethodParameter parameter, @Nullable ModelAndViewContainer container,
			NativeWebRequest request, @Nullable WebDataBinderFactory binderFactory) {
		return resolveArgument(parameter);
	}

	/**
	 * Resolves an argument of a method that need not be one of Spring MVC.
	 * @param parameter a parameter that is supported
	 * @return the key or its principal, {@code null} or an empty {@link Optional} if
	 * there is none and none is required
	 * @throws AccessDeniedException if one is required
	 * @throws IllegalArgumentException if the parameter cannot be filled, as in
	 * {@link #check}
	 */
	public @Nullable Object resolveArgument(MethodParameter parameter) {
		check(parameter);
		Class<?> type = parameter.nestedIfOptional().getNestedParameterType();
		ApiKeyPrincipal principal = ApiKeyFactor
			.find(this.securityContextHolderStrategy.getContext().getAuthentication());
		Object argument = (principal != null) ? find(principal, type) : null;
		if (argument == null && !parameter.isOptional()) {
			if (RefusalLog.isEnabled()) {
				RefusalLog.write(explain(parameter, type, principal));
			}
			throw new AuthorizationDeniedException("The request needs an API key of the right type",
					new ApiKeyDenial(null));
		}
		return (parameter.getParameterType() == Optional.class) ? Optional.ofNullable(argument) : argument;
	}

	private static String explain(MethodParameter parameter, Class<?> type, @Nullable ApiKeyPrincipal principal) {
		String what = parameter.getDeclaringClass().getName() + "." + parameter.getExecutable().getName()
				+ " requires a @CurrentApiKey " + type.getSimpleName();
		return (principal != null)
				? "API key '" + principal.keyId() + "' denied: " + what + ", it is of type '" + principal.type()
						+ "', or there is no such key any more"
				: "Caller without an API key denied: " + what + UnreadRequest.explain();
	}

	private @Nullable Object find(ApiKeyPrincipal principal, Class<?> type) {
		if (type == ApiKeyPrincipal.class) {
			return principal;
		}
		Class<? extends ApiKey> keyType = type.asSubclass(ApiKey.class);
		// asked first: another type needs no query
		return principal.isOfType(keyType) ? this.apiKeys.get().find(keyType, principal.id()).orElse(null) : null;
	}

}
