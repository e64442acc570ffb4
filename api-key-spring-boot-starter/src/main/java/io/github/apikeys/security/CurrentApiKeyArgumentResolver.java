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

import java.util.function.Supplier;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyService;
import org.jspecify.annotations.Nullable;

import org.springframework.core.MethodParameter;
import org.springframework.security.access.AccessDeniedException;
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

	@Override
	public boolean supportsParameter(MethodParameter parameter) {
		Class<?> type = parameter.getParameterType();
		return parameter.hasParameterAnnotation(CurrentApiKey.class)
				&& (type == ApiKeyPrincipal.class || ApiKey.class.isAssignableFrom(type));
	}

	@Override
	public @Nullable Object resolveArgument(MethodParameter parameter, @Nullable ModelAndViewContainer container,
			NativeWebRequest request, @Nullable WebDataBinderFactory binderFactory) {
		return resolveArgument(parameter);
	}

	/**
	 * Resolves an argument of a method that need not be one of Spring MVC.
	 * @param parameter a parameter that is supported
	 * @return the key or its principal, {@code null} if there is none and none is
	 * required
	 * @throws AccessDeniedException if one is required
	 */
	public @Nullable Object resolveArgument(MethodParameter parameter) {
		ApiKeyPrincipal principal = ApiKeyFactor
			.find(this.securityContextHolderStrategy.getContext().getAuthentication());
		Object argument = (principal != null) ? find(principal, parameter.getParameterType()) : null;
		if (argument == null && !parameter.isOptional()) {
			throw new AccessDeniedException("The request needs an API key of the right type");
		}
		return argument;
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
