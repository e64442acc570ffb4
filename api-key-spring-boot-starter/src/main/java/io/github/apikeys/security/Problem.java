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

import org.springframework.http.HttpStatus;

/**
 * What a client is told in the format of RFC 9457, by a type that programs can tell from
 * others. The guide lists them.
 */
enum Problem {

	MALFORMED_REQUEST("malformed-request", HttpStatus.BAD_REQUEST, "The parameters of the request cannot be read."),

	CONTENT_TOO_LARGE("content-too-large", HttpStatus.CONTENT_TOO_LARGE, "The content of the request is too large."),

	UNAUTHORIZED("unauthorized", HttpStatus.UNAUTHORIZED, "A usable API key is required."),

	INSUFFICIENT_SCOPE("insufficient-scope", HttpStatus.FORBIDDEN, "The API key does not have the required scopes."),

	FORBIDDEN("forbidden", HttpStatus.FORBIDDEN, "The API key does not permit this request."),

	RATE_LIMIT("rate-limit", HttpStatus.TOO_MANY_REQUESTS, "Too many requests with this API key. Try again later."),

	QUOTA("quota", HttpStatus.TOO_MANY_REQUESTS, "The quota of this API key is used up."),

	FAILED_ATTEMPTS("failed-attempts", HttpStatus.TOO_MANY_REQUESTS,
			"Too many API keys from your address were refused. Try again later."),

	UNAVAILABLE("unavailable", HttpStatus.SERVICE_UNAVAILABLE,
			"API keys cannot be verified at the moment. Try again later.");

	private static final String PREFIX = "urn:problem-type:api-key:";

	private final String type;

	private final HttpStatus status;

	private final String detail;

	Problem(String name, HttpStatus status, String detail) {
		this.type = PREFIX + name;
		this.status = status;
		this.detail = detail;
	}

	String type() {
		return this.type;
	}

	HttpStatus status() {
		return this.status;
	}

	String detail() {
		return this.detail;
	}

}
