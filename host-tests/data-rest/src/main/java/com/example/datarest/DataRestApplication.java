package com.example.datarest;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Permits every request: the repositories decide.
 */
@SpringBootApplication
public class DataRestApplication {

	public static void main(String[] args) {
		SpringApplication.run(DataRestApplication.class, args);
	}

	@Bean
	SecurityFilterChain chain(HttpSecurity http) {
		return http.with(apiKey(), withDefaults())
			.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
			.build();
	}

}
