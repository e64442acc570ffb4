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
package io.github.apikeys.core.token;

import java.util.regex.Pattern;

/**
 * The compact form of JSON Web Tokens, which belong to other mechanisms.
 */
final class JsonWebToken {

	/** Three parts of a JWS (RFC 7515, section 7.1), five of a JWE (RFC 7516). */
	private static final Pattern SHAPE = Pattern
		.compile("[0-9A-Za-z_-]++(\\.[0-9A-Za-z_-]*+){2}(?:(\\.[0-9A-Za-z_-]*+){2})?");

	private JsonWebToken() {
	}

	static boolean isShapeOf(String text) {
		return text.indexOf('.') > 0 && SHAPE.matcher(text).matches();
	}

}
