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

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever is granted and asked for, the answer is that of a comparison of the parts
 * between the colons. The first line is what is asked for, each other one a grant.
 */
class ApiKeyScopesFuzzTests {

	private static final SlowestInput slowest = new SlowestInput();

	@AfterAll
	static void printSlowest() {
		slowest.print(ApiKeyScopesFuzzTests.class);
	}

	@FuzzTest
	void hasScope(FuzzedDataProvider data) {
		slowest.run(data, 250, ApiKeyScopesFuzzTests::check);
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "a:", ":a", "a:*", "a.-_", "a\n", "a:b\na:*\n" })
	@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void hasScopeWhenAMillionCharactersThenAnswered(String part) {
		check(part.repeat(1_000_000 / part.length()));
	}

	private static void check(String text) {
		List<String> lines = List.of(text.split("\n", -1));
		String asked = lines.get(0);
		Set<String> grants = new HashSet<>(lines.subList(1, lines.size()));
		boolean granted = principal(grants).hasScope(asked);
		assertThat(ApiKeyScopes.isScope(asked)).isEqualTo(isScope(asked));
		for (String grant : grants) {
			assertThat(ApiKeyScopes.isGrant(grant)).isEqualTo(isGrant(grant));
		}
		if (isScope(asked) && grants.stream().allMatch(ApiKeyScopesFuzzTests::isGrant)) {
			assertThat(granted).isEqualTo(grants.stream().anyMatch((grant) -> isCovered(parts(asked), parts(grant))));
		}
		else if (!granted) {
			assertThat(grants).doesNotContain(asked);
			assertThat(isReserved(asked) || !grants.contains("*")).isTrue();
		}
	}

	private static ApiKeyPrincipal principal(Set<String> grants) {
		return new ApiKeyPrincipal(new UUID(0, 0), "keyId", "key", null, grants, "api_key");
	}

	private static boolean isCovered(List<String> asked, List<String> grant) {
		int last = grant.size() - 1;
		if (!grant.get(last).equals("*") || isReserved(String.join(":", asked))) {
			return grant.equals(asked);
		}
		return asked.size() > last && asked.subList(0, last).equals(grant.subList(0, last));
	}

	private static boolean isGrant(String text) {
		if (text.equals("*")) {
			return true;
		}
		List<String> parts = parts(text);
		int last = parts.size() - 1;
		return parts.get(last).equals("*")
				? text.length() <= 100 && isScope(String.join(":", parts.subList(0, last))) && !isReserved(text)
				: isScope(text);
	}

	// no wildcard has to do with it
	private static boolean isReserved(String text) {
		return text.startsWith("api-keys:");
	}

	private static boolean isScope(String text) {
		return text.length() <= 100 && !text.isEmpty() && text.charAt(0) >= 'a' && text.charAt(0) <= 'z'
				&& parts(text).stream().allMatch(ApiKeyScopesFuzzTests::isPart);
	}

	private static boolean isPart(String text) {
		return !text.isEmpty()
				&& text.chars().allMatch((c) -> "abcdefghijklmnopqrstuvwxyz0123456789._-".indexOf(c) >= 0);
	}

	private static List<String> parts(String text) {
		return List.of(text.split(":", -1));
	}

}
