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

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.ApiKeyConfigurer;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;

/**
 * Verifies keys without the store on JPA. Started by {@link ReducedClassPathTests} in a
 * class loader of its own.
 */
@EnableAutoConfiguration
@Import(ReducedVerifyingApplication.OrderController.class)
public class ReducedVerifyingApplication {

	/**
	 * Starts the application, and stops it again.
	 * @return what it answered
	 * @throws Exception if it could not start
	 */
	public static String start() throws Exception {
		ReducedApplication.disableUrlsOfTomcat();
		SpringApplication application = new SpringApplication(ReducedVerifyingApplication.class);
		application.setRegisterShutdownHook(false);
		try (ConfigurableApplicationContext context = application.run("--server.port=0",
				"--spring.security.user.password=password")) {
			String port = context.getEnvironment().getProperty("local.server.port");
			List<String> answers = new ArrayList<>();
			for (String path : List.of("/chain", "/annotated")) {
				for (String key : List.of("orders:read", "orders:write", "")) {
					answers.add(path + " " + status(port + path, key));
				}
			}
			return answers.toString();
		}
	}

	private static int status(String portAndPath, String key) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + portAndPath))
			.header("X-API-Key", key)
			.build();
		return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
	}

	@Bean
	ApiKeyTokenVerifier verifier() {
		return (token, remoteAddress) -> (token == null || token.isEmpty()) ? Optional.empty()
				: Optional.of(new ApiKeyPrincipal(UUID.randomUUID(), "key", "client", null, Set.of(token), "api_key"));
	}

	@Bean
	SecurityFilterChain chain(HttpSecurity http) throws Exception {
		return http.with(ApiKeyConfigurer.apiKey(), Customizer.withDefaults())
			.authorizeHttpRequests((requests) -> requests.requestMatchers("/chain")
				.access(hasApiKey("orders:read"))
				.anyRequest()
				.authenticated())
			.build();
	}

	@RestController
	static class OrderController {

		@GetMapping("/chain")
		String chain() {
			return "chain";
		}

		@HasApiKey("orders:read")
		@GetMapping("/annotated")
		String annotated() {
			return "annotated";
		}

	}

}
