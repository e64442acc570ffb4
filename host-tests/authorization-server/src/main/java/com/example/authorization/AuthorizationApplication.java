package com.example.authorization;

import io.github.apikeys.security.HasApiKey;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.hateoas.EntityModel;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.springframework.hateoas.server.mvc.WebMvcLinkBuilder.linkTo;
import static org.springframework.hateoas.server.mvc.WebMvcLinkBuilder.methodOn;
import static org.springframework.security.config.Customizer.withDefaults;

@SpringBootApplication
public class AuthorizationApplication {

	public static void main(String[] args) {
		SpringApplication.run(AuthorizationApplication.class, args);
	}

	@Order(0)
	@Bean
	SecurityFilterChain authorizationServer(HttpSecurity http) {
		return http.oauth2AuthorizationServer((server) -> http.securityMatcher(server.getEndpointsMatcher()))
			.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
			.build();
	}

	@Order(1)
	@Bean
	SecurityFilterChain api(HttpSecurity http) {
		return http.securityMatcher("/orders/**")
			.authorizeHttpRequests((requests) -> requests.anyRequest().hasAuthority("SCOPE_orders:read"))
			.oauth2ResourceServer((resourceServer) -> resourceServer.jwt(withDefaults()))
			.with(apiKey(), withDefaults())
			.build();
	}

	@RestController
	static class OrderController {

		@GetMapping("/orders/{id}")
		EntityModel<Purchase> order(@PathVariable int id) {
			return EntityModel.of(new Purchase(id), linkTo(methodOn(OrderController.class).order(id)).withSelfRel(),
					linkTo(methodOn(OrderController.class).invoice(id)).withRel("invoice"));
		}

		@HasApiKey("invoices:read")
		@GetMapping("/orders/{id}/invoice")
		EntityModel<Purchase> invoice(@PathVariable int id) {
			return EntityModel.of(new Purchase(id), linkTo(methodOn(OrderController.class).invoice(id)).withSelfRel());
		}

	}

	record Purchase(int number) {

	}

}
