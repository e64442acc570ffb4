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

import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.security.StubApiKeyService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;

import static io.github.apikeys.security.ApiKeyConfigurer.apiKey;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.springframework.security.config.Customizer.withDefaults;

/**
 * Applications that the library is not for learn it at the start.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnsupportedHostTests {

	@Test
	void startWhenReactiveThenAWarning(CapturedOutput output) {
		new ReactiveWebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ApiKeyReactiveAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("reactive web application").contains("spring-boot-starter-webmvc");
	}

	@Test
	void startWhenServletOrNoWebThenNoWarning(CapturedOutput output) {
		new WebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ApiKeyReactiveAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed());
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(ApiKeyReactiveAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("reactive web application");
	}

	/**
	 * As with api-key-admin on the class path of an application for WebFlux.
	 */
	@Test
	void startWhenTheRulesOfAServletApplicationAreForWebFluxThenAdvice() {
		defaultChain().withBean("rules", SecurityWebFilterChain.class, ReactiveChain::new).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis advice = new ApiKeyConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(advice).isNotNull();
			assertThat(advice.getDescription()).contains("api-key-admin brings it", "Instead of the rules of [rules]");
			assertThat(advice.getAction()).contains("remove what brings Spring MVC", "as a SecurityFilterChain");
		});
	}

	/**
	 * Somebody else decides on requests: an auto-configuration with a chain, or a
	 * customizer of the application.
	 */
	@Test
	void startWhenTheDefaultChainDoesNotDecideAloneThenAWarning(CapturedOutput output) {
		servlet().withBean(DefaultChainCustomizer.class)
			.withBean("ofTheCompany", SecurityFilterChain.class,
					() -> new DefaultSecurityFilterChain(AnyRequestMatcher.INSTANCE))
			.withBean("rules", SecurityWebFilterChain.class, ReactiveChain::new)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("there is no server: [rules]");
		defaultChain().withUserConfiguration(CustomizesTheDefaultChain.class)
			.withBean("more", SecurityWebFilterChain.class, ReactiveChain::new)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("there is no server: [more]");
	}

	private static WebApplicationContextRunner defaultChain() {
		return servlet().withBean(DefaultChainCustomizer.class)
			.withConfiguration(
					AutoConfigurations.of(SecurityAutoConfiguration.class, ServletWebSecurityAutoConfiguration.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class CustomizesTheDefaultChain {

		@Bean
		Customizer<HttpSecurity> onlyOrders() {
			return (http) -> {
			};
		}

	}

	@Test
	void startWhenAServletApplicationHasOtherBeansForWebFluxThenAWarning(CapturedOutput output) {
		servlet().run((context) -> assertThat(context).hasNotFailed());
		servlet().withBean(DefaultChainCustomizer.class).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("WebFlux");
		servlet().withBean("rules", SecurityWebFilterChain.class, ReactiveChain::new)
			.withBean("routes", RouterFunction.class, () -> (request) -> Mono.empty())
			.withBean("filter", WebFilter.class, () -> (exchange, chain) -> chain.filter(exchange))
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("there is no server: [filter, routes, rules]")
			.contains("remove what brings Spring MVC");
	}

	private static WebApplicationContextRunner servlet() {
		return new WebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ApiKeyAutoConfiguration.class, ApiKeyStartAutoConfiguration.class))
			.withBean(ApiKeyTokenVerifier.class, StubApiKeyService::new);
	}

	private static final class ReactiveChain implements SecurityWebFilterChain {

		@Override
		public Mono<Boolean> matches(ServerWebExchange exchange) {
			return Mono.just(true);
		}

		@Override
		public Flux<WebFilter> getWebFilters() {
			return Flux.empty();
		}

	}

	@ParameterizedTest
	@ValueSource(strings = { "2.7.18", "3.5.9", "4.0.9", "4.0.0-SNAPSHOT" })
	void startWhenSpringBootIsTooOldThenItSaysWhichOneIsNeeded(String version) {
		IllegalStateException failure = new IllegalStateException("Error processing condition",
				new NoClassDefFoundError("org/springframework/boot/Newer"));
		FailureAnalysis analysis = new UnsupportedSpringBootFailureAnalyzer(version).analyze(failure);
		assertThat(analysis).isNotNull();
		assertThat(analysis.getDescription()).contains("requires Spring Boot 4.1 or newer", "has " + version);
		assertThat(analysis.getAction()).contains("Upgrade Spring Boot");
	}

	/**
	 * Spring Boot 4.0 has nearly everything, and an application would miss the rest
	 * later.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "2.7.18", "3.5.9", "4.0.9", "4.0.0-SNAPSHOT" })
	void startWhenSpringBootIsTooOldAndNothingIsMissingThenItSaysWhichOneIsNeeded(String version) {
		AnnotationMetadata importing = AnnotationMetadata.introspect(ApiKeyAutoConfiguration.class);
		assertThatExceptionOfType(ApiKeyConfigurationException.class)
			.isThrownBy(() -> new SpringBootVersionCheck(version).selectImports(importing))
			.withMessageContainingAll("requires Spring Boot 4.1 or newer", "has " + version)
			.extracting(ApiKeyConfigurationException::getAction, as(STRING))
			.contains("Upgrade Spring Boot");
		assertThat(importing.getAnnotations().get(Import.class).getClassArray("value"))
			.contains(SpringBootVersionCheck.class);
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "4.1.0", "4.1.0-RC1", "4.2.0-M1", "5.0.0", "10.0.0", "custom", "" })
	void startWhenSpringBootIsNewEnoughOrUnknownThenStarts(@Nullable String version) {
		AnnotationMetadata importing = AnnotationMetadata.introspect(ApiKeyAutoConfiguration.class);
		assertThat(new SpringBootVersionCheck(version).selectImports(importing)).isEmpty();
		assertThat(new UnsupportedSpringBootFailureAnalyzer(version).analyze(new NoClassDefFoundError("com/example/A")))
			.isNull();
	}

	@Test
	void startWhenSpringBootIsNewEnoughOrNothingIsMissingThenNothingIsSaidOfItsVersion() {
		NoClassDefFoundError missing = new NoClassDefFoundError("com/example/Missing");
		assertThat(new UnsupportedSpringBootFailureAnalyzer().analyze(missing)).isNull();
		assertThat(new UnsupportedSpringBootFailureAnalyzer("3.5.9").analyze(new IllegalStateException("another")))
			.isNull();
	}

	@Test
	void startWhenThereIsNoDatabaseThenItSaysWhatNeedsOne() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("org.h2", "org.hsqldb", "org.apache.derby"))
			.run((context) -> {
				FailureAnalysis analysis = new MissingDatabaseFailureAnalyzer().analyze(context.getStartupFailure());
				assertThat(analysis).isNotNull();
				assertThat(analysis.getDescription()).contains("driver class", "stored in a relational database");
				assertThat(analysis.getAction()).contains("'spring.datasource.url'", "H2");
			});
	}

	@Test
	void startWhenNothingCanStoreKeysThenAWarning(CapturedOutput output) {
		AutoConfigurations start = AutoConfigurations.of(ApiKeyAutoConfiguration.class,
				ApiKeyStartAutoConfiguration.class);
		new ApplicationContextRunner().withConfiguration(start).run((context) -> assertThat(context).hasNotFailed());
		new WebApplicationContextRunner().withConfiguration(start)
			.withBean(StubApiKeyService.class)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("There is no ApiKeyTokenVerifier");
		new WebApplicationContextRunner().withConfiguration(start).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("There is no ApiKeyTokenVerifier")
			.contains("R2DBC", "bean of type DataSource");
	}

	/**
	 * An application that had no Spring Security before.
	 */
	@Test
	void startWhenTheApplicationHasNoChainThenItIsSaidOnceWhatIsClosed(CapturedOutput output) {
		HostRunner.withoutFlyway().run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("The application has no SecurityFilterChain")
			.contains("closes every path, and accepts API keys")
			.contains("Where nothing asks for scopes, such as @HasApiKey, each key will do");
	}

	@Test
	void startWhenTheApplicationHasNoChainAndTheDefaultOneReadsNoKeysThenAWarning(CapturedOutput output) {
		WebApplicationContextRunner host = HostRunner.withoutFlyway()
			.withPropertyValues("api-key.security.default-chain=false");
		host.withUserConfiguration(OwnChain.class).run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("no SecurityFilterChain");
		host.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsOnlyOnce("'api-key.security.default-chain' is false")
			.doesNotContain("closes every path");
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnChain {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.with(apiKey(), withDefaults()).build();
		}

	}

	@Test
	void startWhenSomethingElseFailsThenNothingIsSaidOfDatabases() {
		assertThat(new MissingDatabaseFailureAnalyzer().analyze(new IllegalStateException("another"))).isNull();
	}

}
