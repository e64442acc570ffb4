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

import io.github.apikeys.core.token.ApiKeyTokenFormat;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import org.junit.jupiter.api.Test;

import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.web.firewall.StrictHttpFirewall;

import static org.assertj.core.api.Assertions.assertThatCode;

class MisplacedKeyTests {

	@Test
	void explainWhenTheFirewallRejectsAHeaderThenNothingChangesForTheRequest() {
		MockHttpServletRequest request = new MockHttpServletRequest("GET", "/");
		request.addHeader("X-Name", "Strau\u00c3\u009f");
		MisplacedKey misplaced = new MisplacedKey(List.of("X-API-Key"), List.of("Api-Key"),
				new ApiKeyTokenFormats(new ApiKeyTokenFormat("ak", List.of())));
		assertThatCode(() -> misplaced.explain(new StrictHttpFirewall().getFirewalledRequest(request)))
			.doesNotThrowAnyException();
	}

}
