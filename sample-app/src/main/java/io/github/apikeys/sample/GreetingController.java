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

package io.github.apikeys.sample;

import java.util.Map;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.HasApiKey;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Greetings for everybody, for keys, and for keys and people alike.
 */
@RestController
class GreetingController {

	@GetMapping("/api/public")
	Map<String, String> everybody() {
		return Map.of("message", "Hello, everybody");
	}

	@HasApiKey
	@GetMapping("/api/hello")
	Map<String, String> key(@AuthenticationPrincipal ApiKeyPrincipal key) {
		return Map.of("message", "Hello, " + key.displayName());
	}

	@GetMapping("/api/shared")
	Map<String, String> keyOrPerson(Authentication authentication) {
		String name = (authentication.getPrincipal() instanceof ApiKeyPrincipal key) ? key.displayName()
				: authentication.getName();
		return Map.of("message", "Hello, " + name);
	}

	@GetMapping(path = "/", produces = "text/plain")
	String person(Authentication authentication) {
		return "Signed in as " + authentication.getName();
	}

}
