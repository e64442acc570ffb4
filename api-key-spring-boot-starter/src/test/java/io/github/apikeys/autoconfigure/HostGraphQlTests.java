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
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import graphql.ExecutionResult;
import graphql.GraphQL;
import graphql.GraphQLContext;
import graphql.Scalars;
import graphql.execution.instrumentation.InstrumentationState;
import graphql.execution.instrumentation.SimplePerformantInstrumentation;
import graphql.execution.instrumentation.parameters.InstrumentationExecutionParameters;
import graphql.schema.Coercing;
import graphql.schema.DataFetcher;
import graphql.schema.DataFetchingEnvironment;
import graphql.schema.FieldCoordinates;
import graphql.schema.GraphQLCodeRegistry;
import graphql.schema.GraphQLObjectType;
import graphql.schema.GraphQLScalarType;
import graphql.schema.GraphQLSchema;
import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.host.HostApplication;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.type.outside.PartnerKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

import org.springframework.boot.graphql.autoconfigure.GraphQlSourceBuilderCustomizer;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.graphql.data.method.HandlerMethodArgumentResolver;
import org.springframework.graphql.data.method.annotation.QueryMapping;
import org.springframework.graphql.data.method.annotation.SchemaMapping;
import org.springframework.graphql.data.method.annotation.support.AnnotatedControllerConfigurer;
import org.springframework.graphql.execution.BatchLoaderRegistry;
import org.springframework.graphql.execution.RuntimeWiringConfigurer;
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

	/**
	 * The engine calls an object, whoever gave it to it.
	 */
	@ParameterizedTest
	@ValueSource(classes = { ByWiring.class, ByWiringOfALambda.class, ByWiringOfADefault.class, ByCustomizer.class,
			ByBatchLoader.class, InEngineThatIsABean.class, InSchemaThatIsABean.class })
	void objectWhenTheEngineCallsItThenNoStart(Class<?> configuration) {
		this.application.withUserConfiguration(configuration).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).isInstanceOf(ApiKeyConfigurationException.class)
				.hasMessageContaining("would protect nothing");
		});
	}

	@Test
	void objectWhenTheEngineCallsABeanThenGuarded() {
		this.application.withUserConfiguration(ByWiringOfABean.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(query(context, "{ fetched }", "Authorization", HostRunner.BASIC)).bodyJson()
				.extractingPath("$.errors[*].extensions.classification")
				.isEqualTo(List.of("FORBIDDEN"));
			assertThat(query(context, "{ fetched }", "X-API-Key", HostRunner.key(context, "orders:read"))).bodyJson()
				.isStrictlyEqualTo("{\"data\":{\"fetched\":\"fetched\"}}");
		});
	}

	/**
	 * Other parts of the response were worked on.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "{ optional orders }", "{ optional fetched }", "{ optional partner }" })
	void partThatIsDeniedThenTheRequestStaysCounted(String query) {
		this.application.withUserConfiguration(ByWiringOfABean.class, WithPartners.class).run((context) -> {
			ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
			CreatedApiKey created = apiKeys.create(NewApiKey.named("client").quota(2));
			for (int used = 1; used <= 2; used++) {
				MvcTestResult result = query(context, query, "X-API-Key", created.token());
				assertThat(result).hasStatusOk()
					.bodyJson()
					.extractingPath("$.errors[*].extensions.classification")
					.isEqualTo(List.of("FORBIDDEN"));
				assertThat(result).bodyJson().extractingPath("$.data.optional").isEqualTo("client");
				assertThat(apiKeys.find(created.apiKey().getId()).orElseThrow().getQuotaUsed()).isEqualTo(used);
			}
			assertThat(query(context, query, "X-API-Key", created.token())).hasStatus(429);
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

		@QueryMapping
		@HasApiKey("orders:read")
		String orders() {
			return "orders";
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

	@Controller
	static class PartnerFields {

		@QueryMapping
		String partner(@CurrentApiKey PartnerKey key) {
			return key.getName();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = { HostApplication.class, PartnerKey.class })
	@Import(PartnerFields.class)
	static class WithPartners {

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

	static class Fetcher implements DataFetcher<String> {

		@Override
		@HasApiKey("orders:read")
		public String get(DataFetchingEnvironment environment) {
			return "fetched";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByWiring {

		@Bean
		RuntimeWiringConfigurer wiring() {
			return (wiring) -> wiring.type("Query", (type) -> type.dataFetcher("fetched", new Fetcher()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByWiringOfALambda {

		@Bean
		RuntimeWiringConfigurer wiring() {
			Fetcher fetcher = new Fetcher();
			return (wiring) -> wiring.type("Later",
					(type) -> type.dataFetcher("fetched", (environment) -> fetcher.get(environment)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByWiringOfADefault {

		@Bean
		RuntimeWiringConfigurer wiring() {
			return (wiring) -> wiring.type("Later", (type) -> type.defaultDataFetcher(new Fetcher()));
		}

	}

	static class Converter implements Coercing<String, String> {

		@Override
		@HasApiKey("orders:read")
		public String serialize(Object result, GraphQLContext context, Locale locale) {
			return "converted";
		}

	}

	static class Instrumented extends SimplePerformantInstrumentation {

		@Override
		@HasApiKey("orders:read")
		public CompletableFuture<ExecutionResult> instrumentExecutionResult(ExecutionResult result,
				InstrumentationExecutionParameters parameters, InstrumentationState state) {
			return CompletableFuture.completedFuture(result);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByCustomizer {

		@Bean
		GraphQlSourceBuilderCustomizer customizer() {
			return (builder) -> builder.configureGraphQl((engine) -> engine.instrumentation(new Instrumented()));
		}

	}

	static class Loader {

		@HasApiKey("orders:read")
		Flux<String> load(List<String> keys) {
			return Flux.fromIterable(keys);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByBatchLoader {

		ByBatchLoader(BatchLoaderRegistry loaders) {
			Loader loader = new Loader();
			loaders.forTypePair(String.class, String.class)
				.registerBatchLoader((keys, environment) -> loader.load(keys));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InEngineThatIsABean {

		@Bean
		GraphQL engine() {
			return GraphQL.newGraphQL(schema(Scalars.GraphQLString, new Fetcher())).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InSchemaThatIsABean {

		@Bean
		GraphQLSchema schema() {
			return HostGraphQlTests.schema(GraphQLScalarType.newScalar().name("Text").coercing(new Converter()).build(),
					(environment) -> "fetched");
		}

	}

	private static GraphQLSchema schema(GraphQLScalarType type, DataFetcher<?> fetcher) {
		GraphQLObjectType query = GraphQLObjectType.newObject()
			.name("Query")
			.field((field) -> field.name("fetched").type(type))
			.build();
		return GraphQLSchema.newSchema()
			.query(query)
			.codeRegistry(GraphQLCodeRegistry.newCodeRegistry()
				.dataFetcher(FieldCoordinates.coordinates("Query", "fetched"), fetcher)
				.build())
			.build();
	}

	@Configuration(proxyBeanMethods = false)
	static class ByWiringOfABean {

		@Bean
		DataFetcher<String> fetcher() {
			return new Fetcher();
		}

		@Bean
		RuntimeWiringConfigurer wiring(DataFetcher<String> fetcher) {
			return (wiring) -> wiring.type("Query", (type) -> type.dataFetcher("fetched", fetcher));
		}

	}

}
