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

import org.jspecify.annotations.Nullable;

/**
 * How another system writes its tokens, so that keys which were imported from there go on
 * working. Implementations are thread-safe.
 *
 * @since 0.1.0
 * @see DelimitedTokenFormat
 * @see OpaqueTokenFormat
 */
public interface ForeignTokenFormat {

	/**
	 * Returns the name of the format, under which its keys are stored.
	 * @return {@code [a-z][a-z0-9-]{0,29}}, for example {@code django}
	 */
	String getName();

	/**
	 * Parses a token. The text comes from any client and is not trusted.
	 * @param text 1 to 500 characters
	 * @return the parts, or {@code null} if the text is not of this format
	 */
	@Nullable PresentedToken parse(String text);

	/**
	 * Whether a text can be the id of a token of this format.
	 * @param id 1 to 60 printable ASCII characters
	 * @return whether {@link #parse} may return it, {@code true} by default
	 */
	default boolean isId(String id) {
		return true;
	}

	/**
	 * Whether a text that this format recognises is a key behind the scheme word
	 * {@code Bearer}, too, where it takes it away from other mechanisms.
	 * @return whether it is, {@code false} by default
	 */
	default boolean claimsBearer() {
		return false;
	}

}
