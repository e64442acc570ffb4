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

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyScopes;

import org.springframework.util.Assert;

/**
 * The scopes that a rule requires. Each of them has the form of a scope, so that it needs
 * no quoting in a header, in JSON or in a log.
 *
 * @param all scopes of which a key needs all
 * @param any scopes of which a key needs one, none if it needs none of them
 */
record ScopeRequirement(List<String> all, List<String> any) {

	private static final int MAX_LENGTH = 1024;

	ScopeRequirement {
		Stream.concat(all.stream(), any.stream()).forEach(ScopeRequirement::check);
	}

	private static void check(String scope) {
		Assert.isTrue(ApiKeyScopes.isScope(scope), () -> "'" + scope
				+ "' cannot be required of an API key: a scope looks like 'orders:read', and wildcards can only be granted");
	}

	boolean isEmpty() {
		return this.all.isEmpty() && this.any.isEmpty();
	}

	boolean isMetBy(ApiKeyPrincipal apiKey) {
		for (String scope : this.all) {
			if (!apiKey.hasScope(scope)) {
				return false;
			}
		}
		for (String scope : this.any) {
			if (apiKey.hasScope(scope)) {
				return true;
			}
		}
		return this.any.isEmpty();
	}

	/**
	 * The challenges of RFC 6750, section 3: one for each set of scopes that would do.
	 * @return at most 1024 characters together; a single challenge that names no scope if
	 * they would be longer
	 */
	List<String> challenges(String scheme) {
		String error = scheme + " error=\"insufficient_scope\"";
		List<String> challenges = new ArrayList<>();
		int length = 0;
		for (String scopes : alternatives()) {
			String challenge = error + ", scope=\"" + scopes + "\"";
			length += challenge.length();
			challenges.add(challenge);
		}
		return (length <= MAX_LENGTH) ? challenges : List.of(error);
	}

	private List<String> alternatives() {
		if (this.any.isEmpty()) {
			return List.of(String.join(" ", this.all));
		}
		return this.any.stream()
			.map((one) -> Stream.concat(this.all.stream(), Stream.of(one)).distinct().collect(Collectors.joining(" ")))
			.toList();
	}

	/**
	 * The members of a problem.
	 * @return at most 1024 characters, none if they would be more
	 */
	String members() {
		String members = member("requiredScopes", this.all) + member("requiredAnyScope", this.any);
		return (members.length() <= MAX_LENGTH) ? members : "";
	}

	private static String member(String name, List<String> scopes) {
		return scopes.isEmpty() ? ""
				: scopes.stream().collect(Collectors.joining("\",\"", ",\"" + name + "\":[\"", "\"]"));
	}

	@Override
	public String toString() {
		return (this.any.isEmpty() ? "all of " + this.all
				: (this.all.isEmpty() ? "" : "all of " + this.all + " and ") + "one of " + this.any);
	}

}
