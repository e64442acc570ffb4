package com.example.withoutjpa;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.security.ApiKeyConfigurer;
import io.github.apikeys.security.HasApiKey;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;

@SpringBootApplication
public class WithoutJpaApplication {

	public static void main(String[] args) {
		SpringApplication.run(WithoutJpaApplication.class, args);
	}

	@Bean
	SecurityFilterChain chain(HttpSecurity http) throws Exception {
		return http.with(ApiKeyConfigurer.apiKey(), Customizer.withDefaults())
			.authorizeHttpRequests((requests) -> requests.requestMatchers("/api/reports")
				.access(hasApiKey("reports:read"))
				.anyRequest()
				.authenticated())
			.build();
	}

	/**
	 * Stands for a remote service that knows the keys.
	 */
	@Component
	static class PartnerVerifier implements ApiKeyTokenVerifier {

		private final Map<String, ApiKeyPrincipal> partners = Map.of("token-of-orders", partner("orders:read"),
				"token-of-reports", partner("reports:read"));

		@Override
		public Optional<ApiKeyPrincipal> verify(String token, String remoteAddress) {
			return Optional.ofNullable(token).map(this.partners::get);
		}

		private static ApiKeyPrincipal partner(String scope) {
			return new ApiKeyPrincipal(UUID.randomUUID(), "partner", "Partner", "org-42", Set.of(scope), "api_key");
		}

	}

	@RestController
	static class OrderController {

		@HasApiKey("orders:read")
		@GetMapping("/api/orders")
		String orders(@AuthenticationPrincipal ApiKeyPrincipal key) {
			return "Orders of " + key.owner();
		}

		@GetMapping("/api/reports")
		String reports() {
			return "Reports";
		}

	}

}
