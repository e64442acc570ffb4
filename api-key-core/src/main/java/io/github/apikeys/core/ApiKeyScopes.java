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

import java.util.Collection;
import java.util.regex.Pattern;

import org.springframework.util.Assert;

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

	/**
	 * The scope of a service that verifies the keys of others. It stands alone: a key
	 * that has it has no other.
	 */
	static final String VERIFY = "api-keys:verify";

	private static final String RESERVED_PREFIX = "api-keys:";

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
		Assert.notNull(text, "text cannot be null");
		return text.length() <= MAX_LENGTH && SCOPE.matcher(text).matches();
	}

	/**
	 * Whether a text can be granted to a key.
	 * @param text the text
	 * @return whether it is a scope or a wildcard
	 */
	public static boolean isGrant(String text) {
		Assert.notNull(text, "text cannot be null");
		if (text.endsWith(WILDCARD_SUFFIX)) {
			return !isReserved(text) && text.length() <= MAX_LENGTH
					&& isScope(text.substring(0, text.length() - WILDCARD_SUFFIX.length()));
		}
		return text.equals(ALL) || isScope(text);
	}

	/**
	 * Whether a scope is about keys themselves: it begins with {@code api-keys:}. No
	 * wildcard covers such a scope, and only the application grants it, never a user in
	 * self-service.
	 * @param scope a scope or wildcard
	 * @return whether it begins so
	 */
	public static boolean isReserved(String scope) {
		Assert.notNull(scope, "scope cannot be null");
		return scope.startsWith(RESERVED_PREFIX);
	}

	/**
	 * Whether one of some grants covers a scope.
	 * @param grants what a key was granted, or a user has
	 * @param scope what is asked for, a scope or a wildcard
	 * @return whether one of the grants alone covers it: a wildcard is never the sum of
	 * the scopes that are declared today
	 */
	public static boolean covers(Collection<String> grants, String scope) {
		Assert.notNull(grants, "grants cannot be null");
		Assert.notNull(scope, "scope cannot be null");
		for (String grant : grants) {
			if (covers(grant, scope)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Whether a grant covers a scope.
	 * @param grant what a key was granted
	 * @param scope what is asked for, a scope or a wildcard
	 * @return whether the grant is the scope itself, or a wildcard above it that may
	 * cover it
	 */
	public static boolean covers(String grant, String scope) {
		Assert.notNull(grant, "grant cannot be null");
		Assert.notNull(scope, "scope cannot be null");
		if (grant.equals(scope)) {
			return true;
		}
		if (isReserved(scope)) {
			return false;
		}
		if (grant.equals(ALL)) {
			return true;
		}
		return grant.endsWith(WILDCARD_SUFFIX) && scope.length() >= grant.length()
				&& scope.startsWith(grant.substring(0, grant.length() - 1));
	}

}
