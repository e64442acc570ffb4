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

import org.springframework.security.access.AccessDeniedException;

/**
 * Thrown by {@link ApiKeySelfService} when a key would get, or keep, a scope that its
 * user cannot grant, or that does not exist. Nothing was written.
 *
 * @since 0.1.0
 * @serial exclude
 */
public final class ScopeNotGrantableException extends AccessDeniedException {

	private static final long serialVersionUID = 1L;

	private final String scope;

	ScopeNotGrantableException(String scope) {
		super("The scope '" + scope + "' is not yours to give");
		this.scope = scope;
	}

	/**
	 * Returns the scope, the first one if there are several.
	 * @return a scope or a wildcard, see {@link io.github.apikeys.core.ApiKeyScopes}
	 */
	public String getScope() {
		return this.scope;
	}

}
