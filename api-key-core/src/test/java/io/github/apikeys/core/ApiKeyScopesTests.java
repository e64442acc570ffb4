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

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ApiKeyScopesTests {

	@ParameterizedTest
	@ValueSource(strings = { "orders", "orders:read", "a", "a.b-c_d:1:2", "orders:read:own" })
	void isScopeWhenWellFormedThenTrue(String scope) {
		assertThat(ApiKeyScopes.isScope(scope)).isTrue();
		assertThat(ApiKeyScopes.isGrant(scope)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "Orders", "1a", ":read", "orders:", "orders::read", "orders read", "orders:Read",
			"orders,read", "\u00e4", "orders:read\n" })
	void isScopeWhenMalformedThenFalse(String scope) {
		assertThat(ApiKeyScopes.isScope(scope)).isFalse();
		assertThat(ApiKeyScopes.isGrant(scope)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "*", "orders:*", "orders:read:*" })
	void wildcardIsAGrantButNoScope(String grant) {
		assertThat(ApiKeyScopes.isGrant(grant)).isTrue();
		assertThat(ApiKeyScopes.isScope(grant)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "**", "orders*", "*:read", "orders:*:read", ":*", "orders:r*" })
	void isGrantWhenWildcardIsElsewhereThenFalse(String grant) {
		assertThat(ApiKeyScopes.isGrant(grant)).isFalse();
	}

	@Test
	void isScopeWhenTooLongThenFalse() {
		assertThat(ApiKeyScopes.isScope("a".repeat(100))).isTrue();
		assertThat(ApiKeyScopes.isScope("a".repeat(101))).isFalse();
		assertThat(ApiKeyScopes.isGrant("a".repeat(98) + ":*")).isTrue();
		assertThat(ApiKeyScopes.isGrant("a".repeat(99) + ":*")).isFalse();
		assertThat(ApiKeyScopes.isScope(":a".repeat(500_000))).isFalse();
	}

	/**
	 * A pattern that backtracks would not come back from these.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "a", ":a", "a:", "a.", ".-_" })
	@Timeout(300)
	void isScopeWhenAsLongAsAllowedThenAnsweredAtOnce(String part) {
		String scope = ("a" + part.repeat(100)).substring(0, 99);
		for (int i = 0; i < 10_000; i++) {
			assertThat(ApiKeyScopes.isScope(scope + "!")).isFalse();
			assertThat(ApiKeyScopes.isGrant(scope + "!")).isFalse();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "api-keys:*", "api-keys:manage:*" })
	void isGrantWhenWildcardOfReservedScopesThenFalse(String grant) {
		assertThat(ApiKeyScopes.isGrant(grant)).isFalse();
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> NewApiKey.named("key").scopes(grant))
			.withMessageContaining("whole name");
	}

	@ParameterizedTest
	@ValueSource(strings = { "*", "api-keys:*", "api-keys", "api-keys:manage:*", "api:*", "api*" })
	void coversWhenReservedThenOnlyItself(String grant) {
		assertThat(ApiKeyScopes.covers(grant, "api-keys:manage")).isFalse();
		assertThat(ApiKeyScopes.covers("api-keys:manage", "api-keys:manage")).isTrue();
		assertThat(ApiKeyScopes.covers(grant, "api-keysx:manage")).isEqualTo(grant.equals("*"));
	}

	@Test
	void scopeThatVerifiesStandsAlone() {
		assertThat(NewApiKey.named("key").scopes("api-keys:verify").scopes("api-keys:verify").getScopes())
			.containsExactly("api-keys:verify");
		NewApiKey verifies = NewApiKey.named("key").scopes("api-keys:verify");
		for (String other : List.of("orders:read", "*", "api-keys:manage")) {
			assertThatExceptionOfType(InvalidApiKeyAttributeException.class).isThrownBy(() -> verifies.scopes(other));
			assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
				.isThrownBy(() -> NewApiKey.named("key").scopes(other, "api-keys:verify"));
			assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
				.isThrownBy(() -> new ApiKeyUpdate().scopes(other, "api-keys:verify"));
		}
		assertThat(verifies.getScopes()).containsExactly("api-keys:verify");
	}

	/**
	 * What covers a pattern covers whatever the pattern covers, and what does not cover
	 * it lacks something of it.
	 */
	@Test
	void coversWhenPatternThenAsMuchAsThePatternCovers() {
		Random random = new Random(5);
		int covered = 0;
		for (int round = 0; round < 20_000; round++) {
			String grant = grant(random);
			String pattern = grant(random);
			boolean covers = ApiKeyScopes.covers(grant, pattern);
			covered += covers ? 1 : 0;
			String below = pattern.equals("*") ? "z:z" : pattern.replace("*", "z:z");
			assertThat(ApiKeyScopes.covers(pattern, below)).isTrue();
			assertThat(ApiKeyScopes.covers(grant, below)).as("%s, %s", grant, pattern)
				.isEqualTo(covers || grant.equals(below));
		}
		assertThat(covered).isGreaterThan(1000);
	}

	private static String grant(Random random) {
		StringBuilder grant = new StringBuilder();
		int parts = random.nextInt(4);
		for (int i = 0; i < parts; i++) {
			grant.append((i > 0) ? ":" : "").append(List.of("a", "b", "api-keys").get(random.nextInt(3)));
		}
		if (parts == 0) {
			return "*";
		}
		boolean wildcard = random.nextBoolean() && !ApiKeyScopes.isReserved(grant + ":");
		return wildcard ? grant + ":*" : grant.toString();
	}

	@Test
	@Timeout(300)
	void coversWhenLongThenAnsweredAtOnce() {
		String scope = "a:".repeat(1_000_000);
		assertThat(ApiKeyScopes.covers(scope + "*", scope + "b")).isTrue();
		assertThat(ApiKeyScopes.covers(scope + "b:*", scope + "c")).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "orders:read,orders:read,true", "orders:read,orders:write,false", "orders,orders:read,false",
			"orders:read,orders,false", "orders:*,orders:read,true", "orders:*,orders:read:own,true",
			"orders:*,orders,false", "orders:*,orders:,false", "orders:*,ordersx:read,false",
			"orders:read:*,orders:read,false", "orders:*,orders:x,true", "*,orders,true", "*,orders:read,true",
			"orders:re,orders:read,false" })
	void coversWhenSameOrWildcardAboveThenTrue(String grant, String scope, boolean expected) {
		assertThat(ApiKeyScopes.covers(grant, scope)).isEqualTo(expected);
	}

}
