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

import java.util.Collections;

import org.junit.jupiter.api.Test;

import org.springframework.mock.web.MockHttpServletRequest;

import static org.assertj.core.api.Assertions.assertThat;

class ConsumedAuthorizationRequestTests {

	@Test
	void authorizationIsGoneAndEverythingElseIsThere() {
		MockHttpServletRequest original = new MockHttpServletRequest();
		original.addHeader("Authorization", "Bearer ak_x");
		original.addHeader("Accept", "text/plain");
		ConsumedAuthorizationRequest request = new ConsumedAuthorizationRequest(original);
		for (String name : new String[] { "Authorization", "authorization", "AUTHORIZATION" }) {
			assertThat(request.getHeader(name)).isNull();
			assertThat(Collections.list(request.getHeaders(name))).isEmpty();
		}
		assertThat(Collections.list(request.getHeaderNames())).containsExactly("Accept");
		assertThat(request.getHeader("Accept")).isEqualTo("text/plain");
		assertThat(Collections.list(request.getHeaders("Accept"))).containsExactly("text/plain");
	}

}
