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

package io.github.apikeys.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.security.HasApiKey;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.filter.OncePerRequestFilter;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * The applications that are compared. Each prints the header that opens its endpoint.
 */
final class HttpApplications {

	private HttpApplications() {
	}

	/**
	 * Starts one of them.
	 * @param args its name, and arguments for Spring Boot
	 */
	public static void main(String[] args) {
		Class<?> application = switch (args[0]) {
			case "none" -> WithoutSecurity.class;
			case "keys" -> Keys.class;
			case "lean" -> LeanChain.class;
			case "empty" -> EmptyChain.class;
			case "authorization" -> AuthorizationChain.class;
			case "keys-only" -> KeysChain.class;
			case "jwt" -> Jwt.class;
			case "basic" -> Basic.class;
			case "query" -> Query.class;
			default -> throw new IllegalArgumentException(args[0]);
		};
		SpringApplication.run(application, args);
	}

	static void print(String header) {
		System.out.println("HEADER <" + header + ">");
	}

	/**
	 * What all of them answer.
	 */
	@RestController
	static class Endpoints {

		@GetMapping({ "/hello", "/open" })
		Map<String, String> hello() {
			return Map.of("message", "hello");
		}

	}

	/**
	 * The same, with the annotation.
	 */
	@RestController
	static class AnnotatedEndpoints {

		@HasApiKey
		@GetMapping("/annotated")
		Map<String, String> hello() {
			return Map.of("message", "hello");
		}

	}

	/**
	 * An application without Spring Security.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(excludeName = {
			"org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
			"org.springframework.boot.security.oauth2.server.resource.autoconfigure.servlet.OAuth2ResourceServerAutoConfiguration",
			"io.github.apikeys.autoconfigure.ApiKeySecurityAutoConfiguration",
			"io.github.apikeys.autoconfigure.ApiKeyMethodSecurityAutoConfiguration",
			"io.github.apikeys.admin.ApiKeyAdminAutoConfiguration" })
	@Import(Endpoints.class)
	static class WithoutSecurity {

	}

	/**
	 * Creates the key that is presented.
	 */
	@Component
	static class Client {

		Client(ApiKeyService apiKeys) {
			print("X-API-Key: " + apiKeys.create(NewApiKey.named("benchmark")).token());
		}

	}

	/**
	 * Keys in an ordinary chain.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ Endpoints.class, AnnotatedEndpoints.class, Client.class })
	static class Keys {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http
				.authorizeHttpRequests(
						(requests) -> requests.requestMatchers("/hello").access(hasApiKey()).anyRequest().permitAll())
				.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
				.with(apiKey(), withDefaults())
				.build();
		}

	}

	/**
	 * Keys in a chain without what only browsers need, as in docs/guide.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ Endpoints.class, Client.class })
	static class LeanChain {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return lean(http).authorizeHttpRequests((requests) -> requests.anyRequest().access(hasApiKey()))
				.with(apiKey(), withDefaults())
				.headers((headers) -> headers.defaultsDisabled()
					.cacheControl(withDefaults())
					.contentTypeOptions(withDefaults())
					.httpStrictTransportSecurity(withDefaults()))
				.build();
		}

		static HttpSecurity lean(HttpSecurity http) {
			return http.csrf((csrf) -> csrf.disable())
				.logout((logout) -> logout.disable())
				.requestCache((requestCache) -> requestCache.disable())
				.servletApi((servletApi) -> servletApi.disable())
				.anonymous((anonymous) -> anonymous.disable())
				.sessionManagement((sessions) -> sessions.disable());
		}

	}

	/**
	 * The least that Spring Security does for a request.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Endpoints.class)
	static class EmptyChain {

		@Bean
		SecurityFilterChain chain() {
			return new DefaultSecurityFilterChain(AnyRequestMatcher.INSTANCE, List.of());
		}

	}

	/**
	 * The lean chain without keys and headers.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Endpoints.class)
	static class AuthorizationChain {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return LeanChain.lean(http)
				.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.headers((headers) -> headers.disable())
				.build();
		}

	}

	/**
	 * The lean chain without headers.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ Endpoints.class, Client.class })
	static class KeysChain {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return LeanChain.lean(http)
				.authorizeHttpRequests(
						(requests) -> requests.requestMatchers("/open").permitAll().anyRequest().access(hasApiKey()))
				.with(apiKey(), withDefaults())
				.headers((headers) -> headers.disable())
				.build();
		}

	}

	/**
	 * Spring Security's resource server, with a public key in memory.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Endpoints.class)
	static class Jwt {

		@Bean
		JwtDecoder jwtDecoder() throws Exception {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
			generator.initialize(2048);
			KeyPair keys = generator.generateKeyPair();
			print("Authorization: Bearer " + sign(keys.getPrivate()));
			return NimbusJwtDecoder.withPublicKey((RSAPublicKey) keys.getPublic()).build();
		}

		private static String sign(PrivateKey key) throws Exception {
			Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
			String content = base64.encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.UTF_8)) + "."
					+ base64.encodeToString(("{\"sub\":\"client\",\"scope\":\"orders:read\",\"exp\":"
							+ Instant.now().plusSeconds(86_400).getEpochSecond() + "}")
						.getBytes(StandardCharsets.UTF_8));
			Signature signature = Signature.getInstance("SHA256withRSA");
			signature.initSign(key);
			signature.update(content.getBytes(StandardCharsets.US_ASCII));
			return content + "." + base64.encodeToString(signature.sign());
		}

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.oauth2ResourceServer((server) -> server.jwt(withDefaults()))
				.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
				.build();
		}

	}

	/**
	 * HTTP Basic with bcrypt, cost 10.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Endpoints.class)
	static class Basic {

		@Bean
		PasswordEncoder passwordEncoder() {
			return new BCryptPasswordEncoder();
		}

		@Bean
		UserDetailsService users(PasswordEncoder passwordEncoder) {
			print("Authorization: Basic "
					+ Base64.getEncoder().encodeToString("client:password".getBytes(StandardCharsets.UTF_8)));
			return new InMemoryUserDetailsManager(
					User.withUsername("client").password(passwordEncoder.encode("password")).roles("USER").build());
		}

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic(withDefaults())
				.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
				.build();
		}

	}

	/**
	 * What is often written by hand: a filter before everything else, and a query by hash
	 * for each request.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = FlywayAutoConfiguration.class, excludeName = {
			"org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
			"org.springframework.boot.security.oauth2.server.resource.autoconfigure.servlet.OAuth2ResourceServerAutoConfiguration",
			"io.github.apikeys.autoconfigure.ApiKeySecurityAutoConfiguration",
			"io.github.apikeys.autoconfigure.ApiKeyMethodSecurityAutoConfiguration",
			"io.github.apikeys.admin.ApiKeyAdminAutoConfiguration" })
	@Import({ Endpoints.class, QueryFilter.class })
	static class Query {

	}

	/**
	 * The filter written by hand.
	 */
	@Component
	static class QueryFilter extends OncePerRequestFilter {

		private final JdbcTemplate jdbc;

		QueryFilter(JdbcTemplate jdbc) throws NoSuchAlgorithmException {
			this.jdbc = jdbc;
			jdbc.execute(
					"create table if not exists handwritten_key (hash varchar(64) primary key, client varchar(100))");
			jdbc.update("delete from handwritten_key");
			jdbc.update("insert into handwritten_key values (?, 'client')", hash("handwritten-key"));
			print("X-API-Key: handwritten-key");
		}

		private static String hash(String key) throws NoSuchAlgorithmException {
			return HexFormat.of()
				.formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
		}

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response,
				FilterChain filterChain) throws ServletException, IOException {
			try {
				List<String> clients = this.jdbc.queryForList("select client from handwritten_key where hash = ?",
						String.class, hash(String.valueOf(request.getHeader("X-API-Key"))));
				if (clients.isEmpty()) {
					response.sendError(401);
					return;
				}
			}
			catch (NoSuchAlgorithmException ex) {
				throw new ServletException(ex);
			}
			filterChain.doFilter(request, response);
		}

	}

}
