package com.example.existingproduct;

import java.util.Map;

import javax.crypto.spec.SecretKeySpec;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;
import jakarta.servlet.http.HttpSession;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.springframework.security.config.Customizer.withDefaults;

@SpringBootApplication
public class ExistingProductApplication {

	public static void main(String[] args) {
		SpringApplication.run(ExistingProductApplication.class, args);
	}

	@Bean
	SecurityFilterChain chain(HttpSecurity http) {
		return http
			.authorizeHttpRequests((requests) -> requests.requestMatchers("/orders")
				.hasAuthority("SCOPE_orders:read")
				.anyRequest()
				.authenticated())
			.oauth2ResourceServer((server) -> server.jwt(withDefaults()))
			.formLogin(withDefaults())
			.with(apiKey(), withDefaults())
			.build();
	}

	@Bean
	JwtDecoder jwtDecoder(@Value("${product.jwt-secret}") String secret) {
		return NimbusJwtDecoder.withSecretKey(new SecretKeySpec(secret.getBytes(), "HmacSHA256")).build();
	}

	@RestController
	static class OrderController {

		@GetMapping("/orders")
		String orders() {
			return "orders";
		}

		@PostMapping("/profile")
		String profile() {
			return "saved";
		}

		@HasApiKey
		@PostMapping("/last-caller")
		void keepCaller(@CurrentApiKey ApiKeyPrincipal key, Authentication authentication, HttpSession session) {
			session.setAttribute("caller", key);
			session.setAttribute("authentication", authentication);
			session.setAttribute("context", SecurityContextHolder.getContext());
		}

		@HasApiKey(type = PartnerApiKey.class)
		@GetMapping("/partner")
		Map<String, String> partner(@CurrentApiKey PartnerApiKey key) {
			return Map.of("name", key.getPartner().getName());
		}

	}

}
