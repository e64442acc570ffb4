package com.example.selfservice;

import io.github.apikeys.security.HasApiKey;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
public class SelfServiceApplication {

	public static void main(String[] args) {
		SpringApplication.run(SelfServiceApplication.class, args);
	}

	@Bean
	UserDetailsService users() {
		return new InMemoryUserDetailsManager(
				User.withUsername("alice")
					.password("{noop}password")
					.authorities("SCOPE_reports:read", "SCOPE_reports:write")
					.build(),
				User.withUsername("bob").password("{noop}password").authorities("SCOPE_reports:read").build());
	}

	@RestController
	static class ReportController {

		@HasApiKey("reports:read")
		@GetMapping("/reports")
		String reports() {
			return "reports";
		}

	}

}
