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

import java.util.function.Consumer;

import io.github.apikeys.core.ApiKeyPolicy;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.hash.ApiKeyHasher;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.ratelimit.ApiKeyRateLimiter;
import io.github.apikeys.ratelimit.InMemoryRateLimiter;
import io.github.apikeys.security.ApiKeyHttpSettings;
import io.github.apikeys.security.FailedAttemptLimiter;
import jakarta.servlet.Filter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.beans.factory.support.FactoryBeanRegistrySupport;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.convert.converter.Converter;
import org.springframework.mock.web.MockServletContext;
import org.springframework.security.web.DefaultSecurityFilterChain;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.HandlerAdapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Applications with a context below another one.
 */
class ContextHierarchyTests {

	private final WebApplicationContextRunner above = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApiKeyAutoConfiguration.class, ApiKeyRateLimitAutoConfiguration.class,
				ApiKeySecurityAutoConfiguration.class))
		.withBean(JpaApiKeyService.class, ContextHierarchyTests::never, (definition) -> definition.setLazyInit(true))
		.withBean(SecurityFilterChain.class, () -> new DefaultSecurityFilterChain(AnyRequestMatcher.INSTANCE));

	private static <T> T never() {
		throw new IllegalStateException();
	}

	@ParameterizedTest
	@ValueSource(classes = { ApiKeyPolicy.class, ApiKeyRateLimiter.class, FailedAttemptLimiter.class,
			ApiKeyHasher.class, ApiKeyHashers.class })
	void beanBelowWhenNothingAsksItThenItsContextDoesNotStart(Class<?> type) {
		this.above.run((context) -> assertThatExceptionOfType(ApiKeyConfigurationException.class)
			.isThrownBy(() -> below(context, (below) -> register(below, "below", type)))
			.withMessageContaining("[below]")
			.withMessageContaining(type.getName()));
	}

	/**
	 * Which beans there are is known without them.
	 */
	private static <T> void register(GenericApplicationContext context, String name, Class<T> type) {
		context.registerBean(name, type, ContextHierarchyTests::never, (definition) -> definition.setLazyInit(true));
	}

	@Test
	void beanBelowWhenSomethingBelowAsksItThenStarts() {
		this.above.run((context) -> {
			below(context, (below) -> {
				below.registerBean(OwnPolicy.class);
				register(below, "service", JpaApiKeyService.class);
			});
			below(context, (below) -> {
				below.registerBean(ApiKeyRateLimiter.class, InMemoryRateLimiter::new);
				below.registerBean(SecurityFilterChain.class,
						() -> new DefaultSecurityFilterChain(AnyRequestMatcher.INSTANCE));
			});
			below(context, (below) -> {
				register(below, "limiter", FailedAttemptLimiter.class);
				below.registerBean(ApiKeyHttpSettings.class, ApiKeyHttpSettings::new);
			});
		});
	}

	/**
	 * Both scan the same packages.
	 */
	@Test
	void beanBelowWhenThereIsOneOfItsTypeAboveThenStarts() {
		this.above.withBean(OwnPolicy.class)
			.run((context) -> below(context, (below) -> below.registerBean(OwnPolicy.class)));
	}

	@Test
	void beanBelowWhenNothingIsAboveThenStarts() {
		new WebApplicationContextRunner().withBean("check", UnheardBeansCheck.class)
			.run((context) -> below(context, (below) -> below.registerBean(OwnPolicy.class)));
	}

	/**
	 * The context above has one of the auto-configuration.
	 */
	@Test
	void limiterBelowWhenTheLimitsAreBelowThenItIsAsked() {
		new WebApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(ApiKeyAutoConfiguration.class, ApiKeyRateLimitAutoConfiguration.class))
			.withPropertyValues("api-key.rate-limit.default=1/1m")
			.run((context) -> {
				AnnotationConfigWebApplicationContext below = new AnnotationConfigWebApplicationContext();
				below.setParent(context);
				below.setServletContext(new MockServletContext());
				below.register(OwnLimiter.class, ApiKeySecurityAutoConfiguration.class,
						ApiKeyStartAutoConfiguration.class);
				below.refresh();
				assertThat(below.getBeanProvider(ApiKeyRateLimiter.class).getIfUnique())
					.isSameAs(below.getBean("ownLimiter"));
				below.close();
			});
	}

	/**
	 * Types are found by their names.
	 */
	@Test
	void hintsThenTypesAreFoundInANativeImage() {
		RuntimeHints hints = new RuntimeHints();
		new UnheardBeansCheck.Hints().registerHints(hints, getClass().getClassLoader());
		new OptionalType.Hints().registerHints(hints, getClass().getClassLoader());
		new CalledTypes.Hints().registerHints(hints, getClass().getClassLoader());
		for (Class<?> type : new Class<?>[] { JpaApiKeyService.class, ApiKeyPolicy.class, SecurityFilterChain.class,
				Filter.class, HandlerAdapter.class, Converter.class }) {
			assertThat(RuntimeHintsPredicates.reflection().onType(type)).accepts(hints);
		}
		assertThat(OptionalType.values()).filteredOn(OptionalType::isPresent)
			.contains(OptionalType.SERVLET, OptionalType.FLYWAY, OptionalType.REACTIVE_MAPPING)
			.allSatisfy((type) -> assertThat(RuntimeHintsPredicates.reflection().onType(type.find())).accepts(hints));
	}

	@Test
	void hintsThenProductsOfFactoriesAreFoundInANativeImage() throws Exception {
		RuntimeHints hints = new RuntimeHints();
		new ExistingBeans.Hints().registerHints(hints, getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(
					FactoryBeanRegistrySupport.class.getDeclaredMethod("getCachedObjectForFactoryBean", String.class)))
			.accepts(hints);
	}

	private static void below(ApplicationContext context, Consumer<GenericApplicationContext> beans) {
		try (AnnotationConfigApplicationContext below = new AnnotationConfigApplicationContext()) {
			below.setParent(context);
			beans.accept(below);
			below.refresh();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnLimiter {

		@Bean
		ApiKeyRateLimiter ownLimiter() {
			return new InMemoryRateLimiter();
		}

	}

	static class OwnPolicy implements ApiKeyPolicy {

		@Override
		public boolean permits(ApiKeyPrincipal apiKey) {
			return false;
		}

	}

}
