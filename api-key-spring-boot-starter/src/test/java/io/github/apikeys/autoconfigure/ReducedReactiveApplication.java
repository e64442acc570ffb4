/*
 * Copyright 2026 the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.github.apikeys.autoconfigure;

import java.util.List;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.HasApiKey;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.context.reactive.AnnotationConfigReactiveWebApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.config.EnableWebFlux;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * An application for Spring WebFlux, which permits every request, started by
 * {@link ReducedClassPathTests} where there are no servlets.
 */
@EnableAutoConfiguration
@EnableWebFlux
@EnableWebFluxSecurity
@Import({ ReducedReactiveApplication.Handlers.class, ReducedReactiveApplication.Orders.class })
public class ReducedReactiveApplication {

	/**
	 * Starts the application, and asks it with a key.
	 * @return the statuses of its answers
	 */
	public static String start() {
		SpringApplication application = new SpringApplication(ReducedReactiveApplication.class);
		application.setRegisterShutdownHook(false);
		application.setApplicationContextFactory((type) -> new AnnotationConfigReactiveWebApplicationContext());
		try (ConfigurableApplicationContext context = application
			.run("--spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID())) {
			String token = context.getBean(ApiKeyService.class).create(NewApiKey.named("client")).token();
			WebTestClient client = WebTestClient.bindToApplicationContext(context).build();
			return List.of("/open", "/one", "/many", "/routed")
				.stream()
				.map((path) -> path + " "
						+ client.get()
							.uri(path)
							.header("X-API-Key", token)
							.exchange()
							.returnResult(Void.class)
							.getStatus()
							.value())
				.toList()
				.toString();
		}
	}

	@Bean
	SecurityWebFilterChain everything(ServerHttpSecurity http) {
		return http.authorizeExchange((exchanges) -> exchanges.anyExchange().permitAll()).build();
	}

	@Bean
	RouterFunction<ServerResponse> routes(Orders orders) {
		return RouterFunctions.route().GET("/routed", (request) -> orders.find()).build();
	}

	@RestController
	public static class Handlers {

		@GetMapping("/open")
		public Mono<String> open() {
			return Mono.just("open");
		}

		@HasApiKey
		@GetMapping("/one")
		public Mono<String> one() {
			return Mono.just("one");
		}

		@HasApiKey
		@GetMapping("/many")
		public Flux<String> many() {
			return Flux.just("many");
		}

	}

	public static class Orders {

		@HasApiKey
		public Mono<ServerResponse> find() {
			return ServerResponse.ok().build();
		}

	}

}
