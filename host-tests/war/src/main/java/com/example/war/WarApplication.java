package com.example.war;

import java.time.Instant;
import java.util.List;
import java.util.Map;

import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.gson.autoconfigure.GsonBuilderCustomizer;
import org.springframework.boot.web.servlet.support.SpringBootServletInitializer;
import org.springframework.context.annotation.Bean;
import org.springframework.data.domain.Pageable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
public class WarApplication extends SpringBootServletInitializer {

	@Override
	protected SpringApplicationBuilder configure(SpringApplicationBuilder builder) {
		return builder.sources(WarApplication.class);
	}

	@Bean
	GsonBuilderCustomizer timesAsText() {
		return (builder) -> builder.registerTypeAdapter(Instant.class,
				(JsonSerializer<Instant>) (time, type, context) -> new JsonPrimitive(time.toString()));
	}

	@RestController
	static class KeyController {

		private final ApiKeyService apiKeys;

		KeyController(ApiKeyService apiKeys) {
			this.apiKeys = apiKeys;
		}

		@GetMapping("/keys")
		List<ApiKey> list() {
			return this.apiKeys.list(ApiKeyQuery.all(), Pageable.ofSize(10)).getContent();
		}

		@GetMapping("/keys/new")
		Map<String, String> create() {
			return Map.of("token", this.apiKeys.create(NewApiKey.named("client").scopes("orders:read")).token());
		}

		@HasApiKey("orders:read")
		@GetMapping("/orders")
		Map<String, String> orders(@CurrentApiKey ApiKeyPrincipal key) {
			return Map.of("ordersOf", key.displayName());
		}

		@HasApiKey("orders:write")
		@GetMapping("/drafts")
		String drafts() {
			return "drafts";
		}

		@GetMapping("/broken")
		String broken() {
			throw new IllegalStateException("broken");
		}

	}

}
