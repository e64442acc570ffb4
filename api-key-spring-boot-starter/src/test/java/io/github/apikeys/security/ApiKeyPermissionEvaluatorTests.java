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

import org.junit.jupiter.api.Test;

import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;

import static org.assertj.core.api.Assertions.assertThat;

class ApiKeyPermissionEvaluatorTests {

	private final ApiKeyPermissionEvaluator evaluator = new ApiKeyPermissionEvaluator();

	private final Authentication key = new ApiKeyAuthentication(StubApiKeyService.principal("k", "orders:read"),
			List.of());

	@Test
	void hasPermissionWhenScopeThenTrue() {
		assertThat(this.evaluator.hasPermission(this.key, "orders", "read")).isTrue();
		assertThat(this.evaluator.hasPermission(this.key, 42, "orders", "read")).isTrue();
	}

	@Test
	void hasPermissionWhenWildcardThenTrueForWhatItCovers() {
		Authentication wide = new ApiKeyAuthentication(StubApiKeyService.principal("k", "orders:*"), List.of());
		assertThat(this.evaluator.hasPermission(wide, "orders", "read")).isTrue();
		assertThat(this.evaluator.hasPermission(wide, "orders", "archive:read")).isTrue();
		assertThat(this.evaluator.hasPermission(wide, "users", "read")).isFalse();
	}

	@Test
	void hasPermissionWhenNoScopeThenFalse() {
		assertThat(this.evaluator.hasPermission(this.key, "orders", "write")).isFalse();
		assertThat(this.evaluator.hasPermission(this.key, 42, "users", "read")).isFalse();
	}

	@Test
	void hasPermissionWhenTheQuestionMakesNoSenseThenFalse() {
		assertThat(this.evaluator.hasPermission(this.key, null, "read")).isFalse();
		assertThat(this.evaluator.hasPermission(this.key, new Object(), "read")).isFalse();
		assertThat(this.evaluator.hasPermission(this.key, "orders", null)).isFalse();
		assertThat(this.evaluator.hasPermission(this.key, "orders:read", "")).isFalse();
		assertThat(this.evaluator.hasPermission(this.key, 42, null, "read")).isFalse();
		assertThat(this.evaluator.hasPermission(null, "orders", "read")).isFalse();
	}

	@Test
	void hasPermissionWhenTheQuestionMakesNoSenseThenFalseEvenForAllScopes() {
		Authentication all = new ApiKeyAuthentication(StubApiKeyService.principal("k", "*"), List.of());
		assertThat(this.evaluator.hasPermission(all, "orders", "read")).isTrue();
		assertThat(this.evaluator.hasPermission(all, "orders", null)).isFalse();
		assertThat(this.evaluator.hasPermission(all, "orders", "*")).isFalse();
		assertThat(this.evaluator.hasPermission(all, "Orders", "read")).isFalse();
		assertThat(this.evaluator.hasPermission(all, 42, null, "read")).isFalse();
		assertThat(this.evaluator.hasPermission(all, 42, "orders", null)).isFalse();
	}

	@Test
	void hasPermissionWhenNoLongerAuthenticatedThenFalse() {
		this.key.setAuthenticated(false);
		assertThat(this.evaluator.hasPermission(this.key, "orders", "read")).isFalse();
	}

	/**
	 * The rights of the key and those of the user do not mix.
	 */
	@Test
	void hasPermissionWhenUserWithAKeyBesidesThenFalse() {
		ApiKeyFactor factor = new ApiKeyFactor(StubApiKeyService.principal("k", "orders:read"));
		assertThat(this.evaluator.hasPermission(new TestingAuthenticationToken("user", "", List.of(factor)), "orders",
				"read"))
			.isFalse();
	}

	@Test
	void hasPermissionWhenNoKeyThenFalse() {
		assertThat(this.evaluator.hasPermission(new TestingAuthenticationToken("user", "", "SCOPE_orders:read"),
				"orders", "read"))
			.isFalse();
	}

}
