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
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

import org.springframework.util.Assert;

/**
 * Paths on which no API key is read unless the application says so. A module with pages
 * or endpoints that no key may reach publishes a bean of this type.
 *
 * @since 0.1.0
 */
public final class UnreadPaths {

	private final Set<String> patterns;

	/**
	 * Creates the paths.
	 * @param patterns patterns of paths behind the path of the servlet, as
	 * {@code PathPattern} of Spring Web understands them, for example
	 * {@code /admin/api-keys/**}
	 * @throws IllegalArgumentException if there is none
	 */
	public UnreadPaths(Collection<String> patterns) {
		Assert.notEmpty(patterns, "patterns must not be empty");
		this.patterns = Collections.unmodifiableSet(new TreeSet<>(patterns));
	}

	/**
	 * Returns the patterns of the paths.
	 * @return the patterns, in alphabetical order
	 */
	public Set<String> getPatterns() {
		return this.patterns;
	}

}
