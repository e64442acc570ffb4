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

import org.springframework.security.core.Authentication;
import org.springframework.security.core.Transient;
import org.springframework.security.core.context.SecurityContextImpl;

/**
 * The security context of a request with a key, which no repository keeps. The annotation
 * stands here as well as on {@link ApiKeyAuthentication}, because the authentication of a
 * user beside a key keeps the type of the other mechanism.
 */
@Transient
final class RequestSecurityContext extends SecurityContextImpl {

	private static final long serialVersionUID = 1L;

	RequestSecurityContext(Authentication authentication) {
		super(authentication);
	}

}
