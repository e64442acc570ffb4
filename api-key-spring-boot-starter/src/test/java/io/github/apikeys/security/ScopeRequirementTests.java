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

import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What a client is told of required scopes.
 */
class ScopeRequirementTests {

	@Test
	void challengesWhenAllAreNeededThenOne() {
		assertThat(new ScopeRequirement(List.of("a:read", "b"), List.of()).challenges("Api-Key"))
			.containsExactly("Api-Key error=\"insufficient_scope\", scope=\"a:read b\"");
	}

	@Test
	void challengesWhenOneIsNeededThenEachSetThatWouldDo() {
		assertThat(new ScopeRequirement(List.of("a"), List.of("b", "c", "a")).challenges("Key")).containsExactly(
				"Key error=\"insufficient_scope\", scope=\"a b\"", "Key error=\"insufficient_scope\", scope=\"a c\"",
				"Key error=\"insufficient_scope\", scope=\"a\"");
	}

	@Test
	void challengesAndMembersWhenTooLongThenWithoutScopes() {
		List<String> many = IntStream.range(0, 100).mapToObj((i) -> "scope:number-" + i).toList();
		for (ScopeRequirement requirement : List.of(new ScopeRequirement(many, List.of()),
				new ScopeRequirement(List.of(), many))) {
			assertThat(requirement.challenges("Api-Key")).containsExactly("Api-Key error=\"insufficient_scope\"");
			assertThat(requirement.members()).isEmpty();
		}
	}

	@Test
	void membersThenWhatTheRuleSays() {
		assertThat(new ScopeRequirement(List.of("a", "b"), List.of("c")).members())
			.isEqualTo(",\"requiredScopes\":[\"a\",\"b\"],\"requiredAnyScope\":[\"c\"]");
	}

	@Test
	void scopeThatIsNoneIsNeverPartOfAHeader() {
		for (String scope : List.of("a\"", "a b", "a\r\nX: y", "orders:*", "", "\u00e4")) {
			assertThatIllegalArgumentException().isThrownBy(() -> new ScopeRequirement(List.of(scope), List.of()));
			assertThatIllegalArgumentException().isThrownBy(() -> new ScopeRequirement(List.of(), List.of(scope)));
		}
	}

}
