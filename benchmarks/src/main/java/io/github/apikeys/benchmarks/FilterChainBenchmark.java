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
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.NewApiKey;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;

import static io.github.apikeys.security.ApiKeyAuthorizationManager.hasApiKey;
import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Measures what each part of a chain costs, by leaving it out. The request and the answer
 * are mocks, so what the headers cost on the wire is not in it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@SuppressWarnings("NullAway.Init")
public class FilterChainBenchmark {

	@Param({ "nothing", "apiKey", "headers", "csrf", "logout", "requestCache", "servletApi", "anonymous",
			"sessionManagement", "authorization", "everything but the lean chain" })
	private String without;

	private ConfigurableApplicationContext context;

	private Filter chain;

	private String token;

	private final FilterChain endpoint = (request, response) -> {
	};

	/**
	 * Runs the benchmark.
	 * @param arguments none
	 * @throws RunnerException if it fails
	 */
	public static void main(String[] arguments) throws RunnerException {
		new Runner(new OptionsBuilder().include(FilterChainBenchmark.class.getName())
			.addProfiler(GCProfiler.class)
			.shouldFailOnError(true)
			.build()).run();
	}

	@Setup
	public void start() {
		this.context = new SpringApplicationBuilder(Application.class)
			.properties("server.port=0", "spring.flyway.enabled=false", "without=" + this.without,
					"spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID())
			.run();
		this.chain = this.context.getBean("springSecurityFilterChain", Filter.class);
		this.token = this.context.getBean(ApiKeyService.class).create(NewApiKey.named("client")).token();
	}

	@TearDown
	public void stop() {
		this.context.close();
	}

	@Benchmark
	public int request() throws ServletException, IOException {
		MockHttpServletRequest request = new MockHttpServletRequest("GET", "/hello");
		request.addHeader("X-API-Key", this.token);
		MockHttpServletResponse response = new MockHttpServletResponse();
		this.chain.doFilter(request, response, this.endpoint);
		if (response.getStatus() != 200) {
			throw new IllegalStateException("Refused: " + response.getStatus());
		}
		return response.getStatus();
	}

	/**
	 * An application whose chain lacks something.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		SecurityFilterChain chain(HttpSecurity http, @Value("${without}") String without) {
			boolean lean = without.startsWith("everything");
			if (!without.equals("apiKey")) {
				http.with(apiKey(), withDefaults());
			}
			if (!without.equals("authorization")) {
				http.authorizeHttpRequests((requests) -> {
					if (without.equals("apiKey")) {
						requests.anyRequest().permitAll();
					}
					else {
						requests.anyRequest().access(hasApiKey());
					}
				});
			}
			http.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
			if (lean || without.equals("csrf")) {
				http.csrf((csrf) -> csrf.disable());
			}
			if (lean || without.equals("logout")) {
				http.logout((logout) -> logout.disable());
			}
			if (lean || without.equals("requestCache")) {
				http.requestCache((requestCache) -> requestCache.disable());
			}
			if (lean || without.equals("servletApi")) {
				http.servletApi((servletApi) -> servletApi.disable());
			}
			if (lean || without.equals("anonymous")) {
				http.anonymous((anonymous) -> anonymous.disable());
			}
			if (lean || without.equals("sessionManagement")) {
				http.sessionManagement((sessions) -> sessions.disable());
			}
			if (without.equals("headers")) {
				http.headers((headers) -> headers.disable());
			}
			if (lean) {
				http.headers((headers) -> headers.defaultsDisabled()
					.cacheControl(withDefaults())
					.contentTypeOptions(withDefaults())
					.httpStrictTransportSecurity(withDefaults()));
			}
			return http.build();
		}

	}

}
