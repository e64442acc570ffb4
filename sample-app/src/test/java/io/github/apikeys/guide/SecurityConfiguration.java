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

package io.github.apikeys.guide;

import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.springframework.security.config.Customizer.withDefaults;

@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

	static final SecretKey JWT_SECRET = new SecretKeySpec(new byte[32], "HmacSHA256");

	@Order(0)
	@Bean
	SecurityFilterChain machines(HttpSecurity http) {
		return http.securityMatcher("/machines/**")
			.authorizeHttpRequests((requests) -> requests.anyRequest().access(hasApiKey()))
			.with(apiKey(), withDefaults())
			.csrf((csrf) -> csrf.disable())
			.logout((logout) -> logout.disable())
			.requestCache((requestCache) -> requestCache.disable())
			.servletApi((servletApi) -> servletApi.disable())
			.anonymous((anonymous) -> anonymous.disable())
			.sessionManagement((sessions) -> sessions.disable())
			.headers((headers) -> headers.defaultsDisabled()
				.cacheControl(withDefaults())
				.contentTypeOptions(withDefaults())
				.httpStrictTransportSecurity(withDefaults()))
			.build();
	}

	@Order(1)
	@Bean
	SecurityFilterChain api(HttpSecurity http) {
		return http.securityMatcher("/api/**")
			.authorizeHttpRequests((requests) -> requests.requestMatchers("/api/reports/**")
				.access(hasApiKey("reports:read"))
				.anyRequest()
				.authenticated())
			.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
			.with(apiKey(), withDefaults())
			.build();
	}

	@Order(3)
	@Bean
	SecurityFilterChain partners(HttpSecurity http) {
		http.securityMatcher("/partner/**").httpBasic(withDefaults());
		http.with(apiKey(), (key) -> key.acceptOtherCredentials());
		return http.build();
	}

	@Order(4)
	@Bean
	SecurityFilterChain named(HttpSecurity http) {
		http.securityMatcher("/named/**").authorizeHttpRequests((requests) -> requests.anyRequest().authenticated());
		http.with(apiKey(), (key) -> key.headerNames("X-Partner-Key").schemes("Partner"));
		return http.build();
	}

	@Order(2)
	@Bean
	SecurityFilterChain clients(HttpSecurity http) {
		return http.securityMatcher("/clients/**")
			.authorizeHttpRequests((requests) -> requests.requestMatchers("/clients/reports/**")
				.hasAuthority("SCOPE_reports:read")
				.anyRequest()
				.denyAll())
			.oauth2ResourceServer((server) -> server.jwt(withDefaults()))
			.with(apiKey(), withDefaults())
			.build();
	}

	@Bean
	JwtDecoder jwtDecoder() {
		return NimbusJwtDecoder.withSecretKey(JWT_SECRET).build();
	}

	/**
	 * Beside a JwtDecoder, Spring Boot makes no users.
	 */
	@Bean
	UserDetailsService people() {
		return new InMemoryUserDetailsManager(
				User.withUsername("user").password("{noop}password").roles("USER").build());
	}

	@Order(5)
	@Bean
	SecurityFilterChain everythingElse(HttpSecurity http) {
		http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated());
		http.formLogin(withDefaults());
		http.with(apiKey(), withDefaults());
		return http.build();
	}

}
