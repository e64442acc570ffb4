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

package io.github.apikeys.test;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.security.ApiKeyFactor;
import io.github.apikeys.security.CurrentApiKey;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.MethodParameter;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Fails a request with a key that a test only described, where the handler wants its
 * entity: it would be denied, and nobody would know why.
 */
final class CurrentApiKeyCheck implements HandlerInterceptor {

	private final ObjectProvider<ApiKeyService> apiKeys;

	private final ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy;

	CurrentApiKeyCheck(ObjectProvider<ApiKeyService> apiKeys,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) {
		this.apiKeys = apiKeys;
		this.securityContextHolderStrategy = securityContextHolderStrategy;
	}

	@Override
	public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
		if (handler instanceof HandlerMethod method) {
			for (MethodParameter parameter : method.getMethodParameters()) {
				if (wantsEntity(parameter)) {
					check(parameter);
				}
			}
		}
		return true;
	}

	/**
	 * Whether a parameter is filled with the entity of the key.
	 */
	static boolean wantsEntity(MethodParameter parameter) {
		return parameter.hasParameterAnnotation(CurrentApiKey.class)
				&& ApiKey.class.isAssignableFrom(parameter.nestedIfOptional().getNestedParameterType());
	}

	/**
	 * Checks the key of the request.
	 * @param parameter one that wants its entity
	 * @throws IllegalStateException if the test described it, and there is no entity
	 */
	void check(MethodParameter parameter) {
		Class<? extends ApiKey> type = parameter.nestedIfOptional().getNestedParameterType().asSubclass(ApiKey.class);
		ApiKeyPrincipal key = ApiKeyFactor
			.find(this.securityContextHolderStrategy.getIfUnique(SecurityContextHolder::getContextHolderStrategy)
				.getContext()
				.getAuthentication());
		ApiKeyService apiKeys = this.apiKeys.getIfUnique();
		if (key != null && MockApiKey.isDescribed(key) && key.isOfType(type) && apiKeys != null
				&& apiKeys.find(type, key.id()).isEmpty()) {
			throw new IllegalStateException(parameter.getExecutable() + " has a parameter @CurrentApiKey "
					+ type.getSimpleName() + ", and there is no entity of the API key '" + key.keyId()
					+ "' that this test described. Create one with ApiKeyService, and pass the entity: "
					+ "apiKey(created.apiKey()), or present created.token() in a header");
		}
	}

}
