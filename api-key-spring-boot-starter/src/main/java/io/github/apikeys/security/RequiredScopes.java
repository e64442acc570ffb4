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

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

import io.github.apikeys.core.ApiKey;
import org.jspecify.annotations.Nullable;

/**
 * The scopes and types that rules such as {@code hasApiKey("orders:read")} require, as
 * far as the thread makes them on which an application starts: nobody else knows what the
 * rules of a chain require.
 *
 * @since 0.1.0
 */
public final class RequiredScopes {

	private static final ThreadLocal<RequiredScopes> STARTING = new ThreadLocal<>();

	private final Set<String> scopes = new TreeSet<>();

	private final Set<Class<? extends ApiKey>> types = new LinkedHashSet<>();

	private final @Nullable RequiredScopes outer = STARTING.get();

	private RequiredScopes() {
	}

	/**
	 * Begins to note scopes, as an application starts on the current thread. One that
	 * starts while another does has its own.
	 * @return the scopes, to be {@linkplain #end() ended} on the same thread
	 */
	public static RequiredScopes begin() {
		RequiredScopes scopes = new RequiredScopes();
		STARTING.set(scopes);
		return scopes;
	}

	/**
	 * Ends what {@link #begin()} began, if it has not ended.
	 * @return the scopes in alphabetical order
	 */
	public Set<String> end() {
		RequiredScopes starting = STARTING.get();
		while (starting != null && starting != this) {
			// one that has failed
			starting = starting.outer;
		}
		if (starting != null && this.outer != null) {
			STARTING.set(this.outer);
		}
		else if (starting != null) {
			STARTING.remove();
		}
		return new TreeSet<>(this.scopes);
	}

	/**
	 * Returns the types of keys that were noted until now.
	 * @return the classes in the order of the rules
	 */
	public Set<Class<? extends ApiKey>> types() {
		return new LinkedHashSet<>(this.types);
	}

	static void note(Class<? extends ApiKey> type) {
		RequiredScopes starting = STARTING.get();
		if (starting != null) {
			starting.types.add(type);
		}
	}

	static void note(Collection<String> scopes) {
		RequiredScopes starting = STARTING.get();
		if (starting != null) {
			starting.scopes.addAll(scopes);
		}
	}

}
