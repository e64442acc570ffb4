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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.CurrentApiKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.graphql.data.method.HandlerMethodArgumentResolver;
import org.springframework.graphql.data.method.annotation.QueryMapping;
import org.springframework.graphql.data.method.annotation.SchemaMapping;
import org.springframework.graphql.data.method.annotation.support.AnnotatedControllerConfigurer;
import org.springframework.http.MediaType;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Controller;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.web.context.WebApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;

/**
 * Methods of GraphQL get the key as those of Spring MVC do.
 */
class HostGraphQlTests {

	private final WebApplicationContextRunner application = HostRunner.withoutFlyway()
		.withPropertyValues("spring.graphql.schema.locations=classpath:io/github/apikeys/host/")
		.withBean(Fields.class);

	@Test
	void keyOrPrincipalIsAnArgument() {
		this.application.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(query(context, "{ principal key optional }", "X-API-Key", HostRunner.key(context))).bodyJson()
				.isStrictlyEqualTo("{\"data\":{\"principal\":\"client\",\"key\":\"client\",\"optional\":\"client\"}}");
		});
	}

	@Test
	void fieldOnAnotherThreadGetsTheKeyOfItsRequest() {
		this.application
			.run((context) -> assertThat(query(context, "{ later { key } }", "X-API-Key", HostRunner.key(context)))
				.bodyJson()
				.isStrictlyEqualTo("{\"data\":{\"later\":{\"key\":\"client\"}}}"));
	}

	@Test
	void withoutAKeyThenRequiredFieldsAreForbiddenAndOptionalOnesAreCalled() {
		this.application.run((context) -> {
			MvcTestResult result = query(context, "{ principal key optional later { key } }", "Authorization",
					HostRunner.BASIC);
			assertThat(result).bodyJson()
				.extractingPath("$.data")
				.asMap()
				.containsEntry("principal", null)
				.containsEntry("key", null)
				.containsEntry("optional", "nobody");
			assertThat(result).bodyJson()
				.extractingPath("$.errors[*].extensions.classification")
				.isEqualTo(List.of("FORBIDDEN", "FORBIDDEN", "FORBIDDEN"));
		});
	}

	@Test
	void configurerOfTheApplicationThenKeysAreArgumentsThere() {
		this.application.withUserConfiguration(OwnConfigurer.class).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(AnnotatedControllerConfigurer.class);
			assertThat(query(context, "{ principal }", "X-API-Key", HostRunner.key(context))).bodyJson()
				.isStrictlyEqualTo("{\"data\":{\"principal\":\"client\"}}");
		});
	}

	@Test
	void resolversOfArgumentsAreOnlyTheApplications() {
		this.application.run((context) -> assertThat(context).doesNotHaveBean(HandlerMethodArgumentResolver.class));
	}

	private static MvcTestResult query(WebApplicationContext context, String query, String header, String value) {
		return HostRunner.mvc(context)
			.post()
			.uri("/graphql")
			.with(csrf())
			.header(header, value)
			.contentType(MediaType.APPLICATION_JSON)
			.accept(MediaType.APPLICATION_JSON)
			.content("{\"query\":\"" + query + "\"}")
			.exchange();
	}

	@Controller
	static class Fields {

		@QueryMapping
		String principal(@CurrentApiKey ApiKeyPrincipal key) {
			return key.displayName();
		}

		@QueryMapping
		String key(@CurrentApiKey ApiKey key) {
			return key.getName();
		}

		@QueryMapping
		String optional(@CurrentApiKey @Nullable ApiKey key) {
			return (key != null) ? key.getName() : "nobody";
		}

		/**
		 * The fields of what comes later are fetched by the thread that brings it.
		 */
		@QueryMapping
		CompletableFuture<Later> later() {
			Executor ownThread = (task) -> new Thread(() -> {
				SecurityContextHolder.clearContext();
				task.run();
			}).start();
			return CompletableFuture.supplyAsync(Later::new, ownThread);
		}

		@SchemaMapping
		String key(Later later, @CurrentApiKey ApiKey key) {
			return key.getName();
		}

	}

	static final class Later {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnConfigurer {

		@Bean
		AnnotatedControllerConfigurer ownAnnotatedControllerConfigurer() {
			return new AnnotatedControllerConfigurer();
		}

	}

}
