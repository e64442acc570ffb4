package com.example.mapstore;

import java.nio.file.Path;
import java.util.List;

import io.github.apikeys.core.ApiKeyActorResolver;
import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.DefaultApiKeyService;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.verification.ApiKeyVerifier;
import io.github.apikeys.security.HasApiKey;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
public class MapStoreApplication {

	public static void main(String[] args) {
		SpringApplication.run(MapStoreApplication.class, args);
	}

	@Configuration(proxyBeanMethods = false)
	static class StoreConfiguration {

		@Bean
		KeyMap keyMap(@Value("${store.file}") Path file, ApplicationEventPublisher events) {
			return new KeyMap(file, events::publishEvent);
		}

		@Bean
		MapVerificationSource verificationSource(KeyMap keys) {
			return new MapVerificationSource(keys);
		}

		@Bean
		ApiKeyVerifier apiKeyVerifier(ApiKeyTokenFormats formats, ApiKeyHashers hashers, MapVerificationSource source,
				ObjectProvider<ApiKeyPolicy> policies, ApplicationEventPublisher events) {
			ApiKeyVerifier verifier = new ApiKeyVerifier(formats, hashers, source, source);
			verifier.setPolicies(List.of((apiKey) -> policies.stream().allMatch((policy) -> policy.permits(apiKey))));
			verifier.setEventPublisher(events);
			return verifier;
		}

		@Bean
		DefaultApiKeyService apiKeyService(ApiKeyTokenFormats formats, ApiKeyHashers hashers, KeyMap keys,
				ApiKeyVerifier verifier, ApiKeyActorResolver actors) {
			DefaultApiKeyService service = new DefaultApiKeyService(new MapKeyRepository(keys), formats, hashers,
					verifier::findIdByToken);
			service.setActorResolver(actors);
			return service;
		}

	}

	@RestController
	static class OrderController {

		@HasApiKey("orders:read")
		@GetMapping("/api/orders")
		String list(@AuthenticationPrincipal ApiKeyPrincipal key) {
			return "Orders of " + key.owner();
		}

	}

}
