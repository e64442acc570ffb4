package com.example.migration;

import java.nio.charset.StandardCharsets;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.token.DelimitedTokenFormat;
import io.github.apikeys.core.token.OpaqueTokenFormat;
import io.github.apikeys.core.token.SecretShape;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
public class MigrationApplication {

	public static void main(String[] args) {
		SpringApplication.run(MigrationApplication.class, args);
	}

	@Bean
	DelimitedTokenFormat djangoTokens() {
		return DelimitedTokenFormat.django();
	}

	@Bean
	OpaqueTokenFormat customerTokens(@Value("${customer-tokens.id-secret}") String idSecret) {
		return new OpaqueTokenFormat("customer", "sk_", SecretShape.of(40, SecretShape.HEXADECIMAL),
				idSecret.getBytes(StandardCharsets.UTF_8));
	}

	@RestController
	static class OrderController {

		@HasApiKey("orders:read")
		@GetMapping("/orders")
		String orders(@CurrentApiKey ApiKeyPrincipal key) {
			return "Orders of " + key.owner();
		}

		@HasApiKey("orders:read")
		@GetMapping("/orders/key")
		ApiKey key(@CurrentApiKey ApiKey key) {
			return key;
		}

	}

}
