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

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.ApiKeyFactor;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;

import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class PartnerController {

	@GetMapping("/machines/hello")
	String machine(@CurrentApiKey ApiKeyPrincipal key) {
		return key.displayName();
	}

	@PostMapping("/machines/hello")
	String change(@CurrentApiKey ApiKeyPrincipal key) {
		return key.displayName();
	}

	@PreAuthorize("hasAuthority('FACTOR_API_KEY') or hasRole('USER')")
	@GetMapping("/partner/either")
	String either(Authentication caller) {
		return caller.getName();
	}

	@HasApiKey("orders:read")
	@PreAuthorize("hasAuthority('FACTOR_API_KEY') and hasRole('USER')")
	@GetMapping("/partner/both")
	String both(Authentication user) {
		ApiKeyPrincipal key = ApiKeyFactor.find(user);
		return user.getName() + " through " + key.displayName();
	}

}
