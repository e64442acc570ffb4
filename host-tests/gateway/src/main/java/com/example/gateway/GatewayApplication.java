package com.example.gateway;

import java.net.URI;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.springframework.cloud.gateway.server.mvc.filter.BeforeFilterFunctions.uri;
import static org.springframework.cloud.gateway.server.mvc.handler.GatewayRouterFunctions.route;
import static org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctions.http;
import static org.springframework.security.config.Customizer.withDefaults;

@SpringBootApplication
public class GatewayApplication {

	public static void main(String[] args) {
		SpringApplication.run(GatewayApplication.class, args);
	}

	@Bean
	SecurityFilterChain keys(HttpSecurity http) {
		return http.securityMatcher("/orders/**")
			.authorizeHttpRequests((requests) -> requests.anyRequest().access(hasApiKey("orders:read")))
			.with(apiKey(), withDefaults())
			.build();
	}

	@Bean
	SecurityFilterChain others(HttpSecurity http) {
		return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll()).build();
	}

	@Bean
	RouterFunction<ServerResponse> routes(@Value("${orders}") URI orders) {
		return route("orders").GET("/orders/**", http()).before(uri(orders)).build();
	}

	@Bean
	RouterFunction<ServerResponse> partners(@Value("${orders}") URI orders) {
		return route("partners").GET("/partners/**", http()).before(uri(orders)).build();
	}

}
