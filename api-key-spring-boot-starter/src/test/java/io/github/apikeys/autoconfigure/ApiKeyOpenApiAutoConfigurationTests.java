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

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.security.ApiKeyHttpSettings;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.security.SecurityRequirements;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.security.SecurityScheme;
import org.junit.jupiter.api.Test;
import org.springdoc.core.configuration.SpringDocConfiguration;
import org.springdoc.core.configuration.SpringDocSecurityConfiguration;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.models.GroupedOpenApi;
import org.springdoc.core.properties.SpringDocConfigProperties;
import org.springdoc.webmvc.core.configuration.MultipleOpenApiSupportConfiguration;
import org.springdoc.webmvc.core.configuration.SpringDocWebMvcConfiguration;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.test.json.AbstractJsonContentAssert;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static io.github.apikeys.autoconfigure.HostRunner.BASIC;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What springdoc says about keys.
 */
class ApiKeyOpenApiAutoConfigurationTests {

	private static final Map<String, String> IN_HEADER = Map.of("type", "apiKey", "in", "header", "name", "X-API-Key",
			"description", "An API key.");

	private final WebApplicationContextRunner springdoc = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(JacksonAutoConfiguration.class,
				DispatcherServletAutoConfiguration.class, WebMvcAutoConfiguration.class, SpringDocConfiguration.class,
				SpringDocConfigProperties.class, SpringDocSecurityConfiguration.class,
				SpringDocWebMvcConfiguration.class, MultipleOpenApiSupportConfiguration.class,
				ApiKeyMethodSecurityAutoConfiguration.class, ApiKeyOpenApiAutoConfiguration.class))
		.withBean(ApiKeyHttpSettings.class);

	@Test
	void applicationWithSpringdocThenSchemeAndRequirementsAppearByThemselves() {
		HostRunner.withoutFlyway().run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			assertThat(mvc.get().uri("/v3/api-docs")).hasStatus(401);
			check(mvc.get().uri("/v3/api-docs").header("Authorization", BASIC).exchange(), scheme(IN_HEADER),
					security("/orders", key("orders:read")), noKey("/internal"));
		});
	}

	/**
	 * A whole application without it is in {@link ReducedClassPathTests}.
	 */
	@Test
	void applicationWithoutSpringdocThenNothingIsAdded() {
		new WebApplicationContextRunner().withConfiguration(AutoConfigurations.of(ApiKeyOpenApiAutoConfiguration.class))
			.withBean(ApiKeyHttpSettings.class)
			.withClassLoader(new FilteredClassLoader("org.springdoc", "io.swagger"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ApiKeyOpenApiAutoConfiguration.class));
	}

	@Test
	void applicationThatSwitchedSpringdocOffThenNothingIsAdded() {
		HostRunner.withoutFlyway()
			.withPropertyValues("springdoc.api-docs.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ApiKeyOpenApiAutoConfiguration.class));
	}

	@Test
	void schemeWhenApplicationDefinesItThenItsOwnStays() {
		SecurityScheme own = new SecurityScheme().type(SecurityScheme.Type.HTTP).scheme("own");
		this.springdoc
			.withBean(OpenAPI.class, () -> new OpenAPI().components(new Components().addSecuritySchemes("apiKey", own)))
			.run(docs(scheme(Map.of("type", "http", "scheme", "own"))));
	}

	@Test
	void schemeWhenApplicationDefinesOthersThenIsAdded() {
		this.springdoc
			.withBean(OpenAPI.class,
					() -> new OpenAPI().components(new Components().addSecuritySchemes("basic",
							new SecurityScheme().type(SecurityScheme.Type.HTTP).scheme("basic"))))
			.run(docs(scheme(IN_HEADER), (json) -> json.hasPath("$.components.securitySchemes.basic")));
	}

	@Test
	void schemeWhenOtherHeaderThenNamesTheFirst() {
		withSettings(List.of("X-Partner-Key", "X-Old-Key"), List.of("Api-Key")).run(docs(scheme(
				Map.of("type", "apiKey", "in", "header", "name", "X-Partner-Key", "description", "An API key."))));
	}

	@Test
	void schemeWhenOnlyAuthorizationThenSaysWhatToWriteThere() {
		withSettings(List.of(), List.of("Api-Key")).run(docs(scheme(Map.of("type", "apiKey", "in", "header", "name",
				"Authorization", "description", "The word Api-Key, a space, and an API key."))));
	}

	@Test
	void schemeWhenOnlyBearerThenHttp() {
		withSettings(List.of(), List.of("Bearer")).run(docs(
				scheme(Map.of("type", "http", "scheme", "bearer", "description", "An API key as a bearer token."))));
	}

	private WebApplicationContextRunner withSettings(List<String> headerNames, List<String> schemes) {
		return this.springdoc.withInitializer((context) -> context.addBeanFactoryPostProcessor((beanFactory) -> {
			ApiKeyHttpSettings settings = beanFactory.getBean(ApiKeyHttpSettings.class);
			settings.setHeaderNames(headerNames);
			settings.setSchemes(schemes);
		}));
	}

	@Test
	void operationsThenTakeWhatTheirAnnotationSays() {
		this.springdoc.withUserConfiguration(OnMethods.class)
			.run(docs(noKey("/open"), security("/any", key()), security("/read", key("orders:read")),
					security("/both", key("orders:read", "orders:write")),
					security("/either", key("orders:write"), key("orders:admin")), security("/read-and-either",
							key("orders:read", "orders:write"), key("orders:read", "orders:admin")),
					security("/meta", key("orders:read"))));
	}

	@Test
	void operationsThenRefusalsAreProblems() {
		this.springdoc.withUserConfiguration(OnMethods.class)
			.run(docs(response("/any", 401, "No usable API key was presented."),
					response("/any", 403, "Not permitted. It takes an API key."),
					response("/both", 403, "Not permitted. It takes an API key with orders:read, orders:write."),
					response("/read-and-either", 403,
							"Not permitted. It takes an API key with orders:read, and orders:write or orders:admin.")));
	}

	@Test
	void operationsWhenApplicationDescribesRefusalsThenItsOwnStay() {
		this.springdoc.withUserConfiguration(OnMethods.class)
			.run(docs((json) -> json.extractingPath("$.paths['/own-refusal'].get.responses.403")
				.isEqualTo(Map.of("description", "Not for you", "content",
						Map.of("*/*", Map.of("schema", Map.of("type", "string")))))));
	}

	@Test
	void operationsWhenAnnotationIsElsewhereThenTheSameIsFoundAsByTheGuard() {
		this.springdoc.withUserConfiguration(OnClass.class, Inheriting.class, Implementing.class)
			.run(docs(security("/class", key("orders:read")), security("/class/replaced", key("orders:write")),
					security("/inherited", key("orders:admin")), security("/contract", key("orders:read"))));
	}

	@Test
	void operationsWhenBehindAnInterfaceThenTheClassCounts() {
		this.springdoc.withUserConfiguration(Implementing.class)
			.withPropertyValues("spring.aop.proxy-target-class=false")
			.run((context) -> {
				assertThat(context.getBean(Contract.class)).isNotInstanceOf(Implementing.class);
				docs(security("/contract", key("orders:read"))).accept(context);
			});
	}

	@Test
	void operationsWhenOtherRequirementsThenTheKeyIsAddedToEach() {
		this.springdoc.withUserConfiguration(WithOthers.class)
			.run(docs(security("/and", Map.of("basic", List.of(), "apiKey", List.of("orders:read"))),
					security("/or", Map.of("basic", List.of(), "apiKey", List.of("orders:read")),
							Map.of("oauth", List.of("read"), "apiKey", List.of("orders:read"))),
					security("/own", key("tenant", "orders:read")), security("/none", key("orders:read"))));
	}

	@Test
	void operationsWhenOpenApi30ThenScopesAreInTheDescriptionOnly() {
		this.springdoc.withUserConfiguration(OnMethods.class)
			.withPropertyValues("springdoc.api-docs.version=openapi_3_0")
			.run(docs((json) -> json.extractingPath("$.openapi").asString().startsWith("3.0"), scheme(IN_HEADER),
					security("/both", key()), security("/either", key()),
					response("/either", 403, "Not permitted. It takes an API key with orders:write or orders:admin.")));
	}

	@Test
	void operationsWhenTheyAskForTheKeyThenItIsNoParameter() {
		this.springdoc.withUserConfiguration(OnMethods.class)
			.run(docs((json) -> json.extractingPath("$.paths['/current'].get").asMap().doesNotContainKey("parameters"),
					(json) -> json.extractingPath("$.components").asMap().doesNotContainKey("schemas")));
	}

	@Test
	void operationsWhenApplicationHidesThemThenTheyStayHidden() {
		this.springdoc.withUserConfiguration(OnMethods.class)
			.withBean(OperationCustomizer.class, () -> (operation, handler) -> null)
			.run(docs((json) -> json.extractingPath("$.paths['/any']").asMap().isEmpty()));
	}

	@Test
	void groupsThenEachHasSchemeAndRequirements() {
		this.springdoc.withUserConfiguration(OnMethods.class, OnClass.class)
			.withBean("methods", GroupedOpenApi.class,
					() -> GroupedOpenApi.builder().group("methods").pathsToMatch("/read").build())
			.withBean("classes", GroupedOpenApi.class,
					() -> GroupedOpenApi.builder().group("classes").pathsToMatch("/class/**").build())
			.run((context) -> {
				docs("/v3/api-docs/methods", scheme(IN_HEADER), security("/read", key("orders:read")),
						(json) -> json.doesNotHavePath("$.paths['/class']"))
					.accept(context);
				docs("/v3/api-docs/classes", scheme(IN_HEADER), security("/class/replaced", key("orders:write")))
					.accept(context);
			});
	}

	@SafeVarargs
	private static ContextConsumer<AssertableWebApplicationContext> docs(
			Consumer<AbstractJsonContentAssert<?>>... expectations) {
		return docs("/v3/api-docs", expectations);
	}

	@SafeVarargs
	private static ContextConsumer<AssertableWebApplicationContext> docs(String path,
			Consumer<AbstractJsonContentAssert<?>>... expectations) {
		return (context) -> check(MockMvcTester.from(context).get().uri(path).exchange(), expectations);
	}

	@SafeVarargs
	private static void check(MvcTestResult docs, Consumer<AbstractJsonContentAssert<?>>... expectations) {
		assertThat(docs).hasStatusOk();
		for (Consumer<AbstractJsonContentAssert<?>> expectation : expectations) {
			expectation.accept(assertThat(docs).bodyJson());
		}
	}

	private static Consumer<AbstractJsonContentAssert<?>> scheme(Map<String, String> scheme) {
		return (json) -> json.extractingPath("$.components.securitySchemes.apiKey").isEqualTo(scheme);
	}

	@SafeVarargs
	private static Consumer<AbstractJsonContentAssert<?>> security(String path,
			Map<String, List<String>>... alternatives) {
		// springdoc does not keep the order of annotations
		return (json) -> json.extractingPath("$.paths['" + path + "'].get.security")
			.asArray()
			.containsExactlyInAnyOrder((Object[]) alternatives);
	}

	private static Map<String, List<String>> key(String... scopes) {
		return Map.of("apiKey", List.of(scopes));
	}

	private static Consumer<AbstractJsonContentAssert<?>> noKey(String path) {
		return (json) -> {
			json.extractingPath("$.paths['" + path + "'].get").asMap().doesNotContainKey("security");
			json.extractingPath("$.paths['" + path + "'].get.responses").asMap().containsOnlyKeys("200");
		};
	}

	private static Consumer<AbstractJsonContentAssert<?>> response(String path, int status, String description) {
		String response = "$.paths['" + path + "'].get.responses." + status;
		return (json) -> {
			json.extractingPath(response + ".description").isEqualTo(description);
			json.extractingPath(response + ".content.keys()").isEqualTo(Set.of("application/problem+json"));
			json.extractingPath(response + ".content['application/problem+json'].schema.properties.keys()")
				.isEqualTo((status == 403)
						? Set.of("type", "title", "status", "detail", "requiredScopes", "requiredAnyScope")
						: Set.of("type", "title", "status", "detail"));
		};
	}

	@RestController
	static class OnMethods {

		@GetMapping("/open")
		String open() {
			return "";
		}

		@HasApiKey
		@GetMapping("/any")
		String any() {
			return "";
		}

		@HasApiKey("orders:read")
		@GetMapping("/read")
		String read() {
			return "";
		}

		@HasApiKey({ "orders:read", "orders:write" })
		@GetMapping("/both")
		String both() {
			return "";
		}

		@HasApiKey(anyScope = { "orders:write", "orders:admin" })
		@GetMapping("/either")
		String either() {
			return "";
		}

		@HasApiKey(value = "orders:read", anyScope = { "orders:write", "orders:admin" })
		@GetMapping("/read-and-either")
		String readAndEither() {
			return "";
		}

		@ReadsOrders
		@GetMapping("/meta")
		String meta() {
			return "";
		}

		@HasApiKey
		@GetMapping("/current")
		String current(@CurrentApiKey ApiKeyPrincipal key) {
			return "";
		}

		@HasApiKey
		@ApiResponse(responseCode = "403", description = "Not for you")
		@GetMapping("/own-refusal")
		String ownRefusal() {
			return "";
		}

	}

	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@HasApiKey("orders:read")
	@interface ReadsOrders {

	}

	@RestController
	@HasApiKey("orders:read")
	static class OnClass {

		@GetMapping("/class")
		String inherited() {
			return "";
		}

		@HasApiKey("orders:write")
		@GetMapping("/class/replaced")
		String replaced() {
			return "";
		}

	}

	static class Unannotated {

		@GetMapping("/inherited")
		String inherited() {
			return "";
		}

	}

	@RestController
	@HasApiKey("orders:admin")
	static class Inheriting extends Unannotated {

	}

	@RestController
	interface Contract {

		@HasApiKey("orders:admin")
		@GetMapping("/contract")
		String get();

	}

	static class Implementing implements Contract {

		@Override
		@HasApiKey("orders:read")
		public String get() {
			return "";
		}

	}

	@RestController
	@HasApiKey("orders:read")
	static class WithOthers {

		@SecurityRequirement(name = "basic")
		@GetMapping("/and")
		String and() {
			return "";
		}

		@SecurityRequirement(name = "basic")
		@SecurityRequirement(name = "oauth", scopes = "read")
		@GetMapping("/or")
		String or() {
			return "";
		}

		@SecurityRequirement(name = "apiKey", scopes = "tenant")
		@GetMapping("/own")
		String own() {
			return "";
		}

		@SecurityRequirements
		@GetMapping("/none")
		String none() {
			return "";
		}

	}

}
