package com.example.plain;

import java.util.List;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.HasApiKey;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
public class PlainApplication {

	public static void main(String[] args) {
		SpringApplication.run(PlainApplication.class, args);
	}

	@RestController
	static class OrderController {

		@HasApiKey
		@GetMapping("/api/hello")
		String hello(@AuthenticationPrincipal ApiKeyPrincipal key) {
			return "Hello, " + key.displayName();
		}

		@HasApiKey("orders:read")
		@GetMapping("/api/orders")
		List<String> list() {
			return List.of("17", "18");
		}

	}

}
