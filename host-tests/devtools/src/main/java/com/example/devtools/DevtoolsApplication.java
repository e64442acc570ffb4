package com.example.devtools;

import java.util.List;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyQuery;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.data.domain.Pageable;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.springframework.security.config.Customizer.withDefaults;

@SpringBootApplication
public class DevtoolsApplication {

	public static void main(String[] args) {
		SpringApplication.run(DevtoolsApplication.class, args);
	}

	@Bean
	SecurityFilterChain chain(HttpSecurity http) {
		return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
			.with(apiKey(), withDefaults())
			.build();
	}

	@RestController
	static class ProjectController {

		private final ApiKeyService apiKeys;

		ProjectController(ApiKeyService apiKeys) {
			this.apiKeys = apiKeys;
		}

		@GetMapping("/new")
		String create() {
			return this.apiKeys.create(new ProjectApiKey("moon"), NewApiKey.named("client")).token();
		}

		@GetMapping("/keys")
		List<ApiKey> list() {
			return this.apiKeys.list(ApiKeyQuery.all(), Pageable.ofSize(10)).getContent();
		}

		@HasApiKey(type = ProjectApiKey.class)
		@GetMapping("/project")
		String project(@CurrentApiKey ProjectApiKey key) {
			return key.getProject() + " " + getClass().getClassLoader().getClass().getSimpleName();
		}

	}

}
