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

import org.springframework.security.core.AuthenticationException;

/**
 * Thrown when a key is not even looked at because too many were refused before.
 */
final class TooManyFailedAttemptsException extends AuthenticationException {

	private static final long serialVersionUID = 1L;

	private final Duration retryAfter;

	TooManyFailedAttemptsException(Duration retryAfter) {
		super("Too many API keys from this address were refused");
		this.retryAfter = retryAfter;
	}

	Duration retryAfter() {
		return this.retryAfter;
	}

}
