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

package io.github.apikeys.guide;

import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.test.InMemoryApiKeyService;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * A test of code that manages keys, without Spring and a database.
 */
class KeyClerkTests {

	private final InMemoryApiKeyService apiKeys = new InMemoryApiKeyService();

	private final KeyClerk clerk = new KeyClerk(this.apiKeys, this.apiKeys, mock(ApiKeyReports.class));

	@Test
	void leaveThenTheKeysOfTheOwnerEnd() {
		String token = this.apiKeys.create(NewApiKey.named("billing-service").owner("org-42")).token();
		this.clerk.leave("org-42");
		assertThat(this.apiKeys.verify(token)).isEmpty();
	}

}
