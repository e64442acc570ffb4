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

package io.github.apikeys.core;

import java.util.regex.Pattern;

/**
 * What scopes look like and which of them a grant covers.
 * <p>
 * A scope is <code>[a-z][a-z0-9._-]*(:[a-z0-9._-]+)*</code>, for example
 * {@code orders:read}. A grant is a scope, or a scope followed by {@code :*} for
 * everything below it, or {@code *} for everything.
 *
 * @since 0.1.0
 */
public final class ApiKeyScopes {

	/**
	 * The grant that covers every scope.
	 */
	public static final String ALL = "*";

	private static final int MAX_LENGTH = 100;

	private static final String WILDCARD_SUFFIX = ":*";

	private static final Pattern SCOPE = Pattern.compile("[a-z][a-z0-9._-]*(:[a-z0-9._-]+)*");

	private ApiKeyScopes() {
	}

	/**
	 * Whether a text is a scope.
	 * @param text the text
	 * @return whether it has the form of a scope and at most 100 characters
	 */
	public static boolean isScope(String text) {
		return text.length() <= MAX_LENGTH && SCOPE.matcher(text).matches();
	}

	/**
	 * Whether a text can be granted to a key.
	 * @param text the text
	 * @return whether it is a scope or a wildcard
	 */
	public static boolean isGrant(String text) {
		if (text.endsWith(WILDCARD_SUFFIX)) {
			return text.length() <= MAX_LENGTH && isScope(text.substring(0, text.length() - WILDCARD_SUFFIX.length()));
		}
		return text.equals(ALL) || isScope(text);
	}

	/**
	 * Whether a grant covers a scope.
	 * @param grant what a key was granted
	 * @param scope what is asked for
	 * @return whether the grant is the scope itself or a wildcard above it
	 */
	public static boolean covers(String grant, String scope) {
		if (grant.equals(scope) || grant.equals(ALL)) {
			return true;
		}
		return grant.endsWith(WILDCARD_SUFFIX) && scope.length() >= grant.length()
				&& scope.startsWith(grant.substring(0, grant.length() - 1));
	}

}
