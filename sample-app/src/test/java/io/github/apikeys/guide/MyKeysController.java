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

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyRevokedException;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.ApiKeySelfService;
import io.github.apikeys.security.ScopeNotGrantableException;

import org.springframework.data.domain.Pageable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/my/keys")
class MyKeysController {

	private final ApiKeySelfService keys;

	MyKeysController(ApiKeyService apiKeys) {
		this.keys = new ApiKeySelfService(apiKeys);
		this.keys.setGrantableScopes((user) -> Set.of("reports:read"));
	}

	@GetMapping
	List<MyKey> list(@RequestParam Optional<ApiKeyState> state) {
		Pageable first = Pageable.ofSize(50);
		return state.map((only) -> this.keys.list(Set.of(only), first))
			.orElseGet(() -> this.keys.list(first))
			.map(MyKey::of)
			.getContent();
	}

	@PostMapping
	String create(@RequestBody NewKey input) {
		return this.keys.create(NewApiKey.named(input.name()).scopes(input.scopes())).token();
	}

	@PostMapping("/{id}/rotation")
	String rotate(@PathVariable UUID id) {
		return this.keys.rotate(id, Duration.ofHours(24)).token();
	}

	@DeleteMapping("/{id}")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void revoke(@PathVariable UUID id) {
		this.keys.revoke(id, "By its owner");
	}

	@ExceptionHandler(ApiKeyNotFoundException.class)
	@ResponseStatus(HttpStatus.NOT_FOUND)
	void notFound() {
	}

	@ExceptionHandler
	@ResponseStatus(HttpStatus.BAD_REQUEST)
	Map<String, String> invalid(InvalidApiKeyAttributeException ex) {
		return Map.of("field", ex.getAttribute(), "message", String.valueOf(ex.getMessage()));
	}

	@ExceptionHandler
	@ResponseStatus(HttpStatus.FORBIDDEN)
	Map<String, String> notGrantable(ScopeNotGrantableException ex) {
		return Map.of("field", "scopes", "message", "You cannot grant the scope '" + ex.getScope() + "'.");
	}

	@ExceptionHandler({ ApiKeyRevokedException.class, ApiKeyRotationException.class })
	@ResponseStatus(HttpStatus.CONFLICT)
	void conflict() {
	}

	record MyKey(UUID id, String keyId, String name, Set<String> scopes, ApiKeyState state) {

		static MyKey of(ApiKey key) {
			return new MyKey(key.getId(), key.getKeyId(), key.getName(), key.getScopes(), key.getState());
		}

	}

	record NewKey(String name, Set<String> scopes) {

	}

}
