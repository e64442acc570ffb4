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

package io.github.apikeys.test;

import io.github.apikeys.security.ApiKeyFactor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.test.context.junit.jupiter.SpringExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A test of a class that asks who is calling, and of nothing else.
 */
@ExtendWith(SpringExtension.class)
@WithMockApiKey(scopes = "orders:*", owner = "org-42")
class WithMockApiKeyWithoutApplicationTests {

	@Test
	void onTheClassThenForEachTest() {
		Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
		assertThat(ApiKeyFactor.find(authentication).owner()).isEqualTo("org-42");
	}

	@Test
	@WithMockApiKey(owner = "org-43")
	void onTheMethodThenInsteadOfTheOneOnTheClass() {
		Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
		assertThat(ApiKeyFactor.find(authentication).owner()).isEqualTo("org-43");
		assertThat(ApiKeyFactor.find(authentication).scopes()).isEmpty();
	}

	/**
	 * Spring Boot gives each test an application context, if an empty one. Others do not.
	 */
	@Test
	void withoutApplicationContextThenTheSame() {
		SecurityContext context = new WithMockApiKeySecurityContextFactory()
			.createSecurityContext(getClass().getAnnotation(WithMockApiKey.class));
		assertThat(ApiKeyFactor.find(context.getAuthentication()).owner()).isEqualTo("org-42");
		assertThat(context.getAuthentication().getAuthorities()).extracting(GrantedAuthority::getAuthority)
			.containsExactly("FACTOR_API_KEY", "SCOPE_orders:*");
	}

}
