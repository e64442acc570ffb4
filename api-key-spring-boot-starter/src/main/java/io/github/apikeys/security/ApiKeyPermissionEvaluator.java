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

import java.io.Serializable;

import io.github.apikeys.core.ApiKeyScopes;
import org.jspecify.annotations.Nullable;

import org.springframework.security.access.PermissionEvaluator;
import org.springframework.security.core.Authentication;

/**
 * Answers {@code hasPermission('orders', 'read')} from the scope {@code orders:read} of
 * the caller's key. A scope is about a kind of thing, so
 * {@code hasPermission(42, 'orders',
 * 'read')} is answered alike for every id. Callers without a key have no permission.
 *
 * @since 0.1.0
 */
public final class ApiKeyPermissionEvaluator implements PermissionEvaluator {

	@Override
	public boolean hasPermission(@Nullable Authentication authentication, @Nullable Object target,
			@Nullable Object permission) {
		return target instanceof String type && hasScope(authentication, type, permission);
	}

	@Override
	public boolean hasPermission(@Nullable Authentication authentication, @Nullable Serializable targetId,
			@Nullable String targetType, @Nullable Object permission) {
		return targetType != null && hasScope(authentication, targetType, permission);
	}

	private static boolean hasScope(@Nullable Authentication authentication, String type, @Nullable Object permission) {
		if (permission == null) {
			return false;
		}
		String scope = type + ":" + permission;
		return authentication instanceof ApiKeyAuthentication apiKey && apiKey.isAuthenticated()
				&& ApiKeyScopes.isScope(scope) && apiKey.getPrincipal().hasScope(scope);
	}

}
