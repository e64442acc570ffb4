package com.example.selfservice;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyNotFoundException;
import io.github.apikeys.core.ApiKeyRevokedException;
import io.github.apikeys.core.ApiKeyRotationException;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyState;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.InvalidApiKeyAttributeException;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.ApiKeySelfService;
import io.github.apikeys.security.ScopeNotGrantableException;

import org.springframework.data.domain.Pageable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
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
	}

	@GetMapping
	List<Key> list(@RequestParam Optional<ApiKeyState> state, Pageable pageable) {
		return state.map((only) -> this.keys.list(Set.of(only), pageable))
			.orElseGet(() -> this.keys.list(pageable))
			.map(Key::of)
			.getContent();
	}

	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	IssuedKey create(@RequestBody NewKey input) {
		return IssuedKey.of(this.keys.create(NewApiKey.named(input.name()).scopes(input.scopes())));
	}

	@PostMapping("/{id}/rotation")
	@ResponseStatus(HttpStatus.CREATED)
	IssuedKey rotate(@PathVariable UUID id, @RequestBody Rotation input) {
		return IssuedKey.of(this.keys.rotate(id, Duration.ofHours(input.graceHours())));
	}

	@DeleteMapping("/{id}")
	@ResponseStatus(HttpStatus.NO_CONTENT)
	void revoke(@PathVariable UUID id) {
		this.keys.revoke(id, "By its owner");
	}

	@ExceptionHandler
	ProblemDetail notFound(ApiKeyNotFoundException ex) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, "You have no such key.");
	}

	@ExceptionHandler
	ProblemDetail invalid(InvalidApiKeyAttributeException ex) {
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, ex.getMessage());
		problem.setProperty("attribute", ex.getAttribute());
		return problem;
	}

	@ExceptionHandler
	ProblemDetail unsortable(IllegalArgumentException ex) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, "Keys cannot be listed like this.");
	}

	@ExceptionHandler
	ProblemDetail notGrantable(ScopeNotGrantableException ex) {
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.FORBIDDEN, "You cannot grant this scope.");
		problem.setProperty("scope", ex.getScope());
		return problem;
	}

	@ExceptionHandler({ ApiKeyRevokedException.class, ApiKeyRotationException.class })
	ProblemDetail conflict() {
		return ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, "The key has ended or was rotated before.");
	}

	record NewKey(String name, Set<String> scopes) {

		NewKey {
			Objects.requireNonNull(name);
			scopes = Set.copyOf(scopes);
		}

	}

	record Rotation(long graceHours) {
	}

	record IssuedKey(UUID id, String token) {

		static IssuedKey of(CreatedApiKey created) {
			return new IssuedKey(created.apiKey().getId(), created.token());
		}

	}

	record Key(UUID id, String keyId, String name, Set<String> scopes, ApiKeyState state, Instant expiresAt) {

		static Key of(ApiKey key) {
			return new Key(key.getId(), key.getKeyId(), key.getName(), key.getScopes(), key.getState(Instant.now()),
					key.getExpiresAt());
		}

	}

}
