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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

import io.github.apikeys.core.ApiKeyService;
import jakarta.servlet.Filter;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.TaskExecutor;
import org.springframework.core.type.MethodMetadata;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.security.access.PermissionEvaluator;
import org.springframework.security.access.expression.method.DefaultMethodSecurityExpressionHandler;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.access.hierarchicalroles.RoleHierarchyImpl;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.config.core.GrantedAuthorityDefaults;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Beans of the application and beans of the library do not get in each other's way.
 */
class HostBeansTests {

	private static final List<Class<?>> TYPES_OF_THE_APPLICATION = List.of(SecurityFilterChain.class, Filter.class,
			AuthenticationProvider.class, AuthenticationManager.class, UserDetailsService.class, PasswordEncoder.class,
			PermissionEvaluator.class, RequestMatcher.class, Flyway.class, TaskScheduler.class, TaskExecutor.class,
			Executor.class, ScheduledExecutorService.class, CacheManager.class, MessageSource.class);

	@Test
	void applicationWhenItGetsTheStarterThenItsBeansAreTheSame() {
		HostRunner.withoutFlyway()
			.withPropertyValues("spring.autoconfigure.exclude=" + String.join(",", ours()))
			.run((without) -> HostRunner.withoutFlyway().run((with) -> {
				assertThat(without).doesNotHaveBean(ApiKeyService.class);
				assertThat(with).hasSingleBean(ApiKeyService.class);
				for (Class<?> type : TYPES_OF_THE_APPLICATION) {
					assertThat(with.getBeanNamesForType(type)).as(type.getName())
						.containsExactlyInAnyOrder(without.getBeanNamesForType(type));
				}
				assertThat(names(with)).containsAll(names(without));
			}));
	}

	private static List<String> ours() {
		return ImportCandidates.load(AutoConfiguration.class, null)
			.getCandidates()
			.stream()
			.filter((name) -> name.startsWith("io.github.apikeys."))
			.toList();
	}

	private static List<String> names(AssertableWebApplicationContext context) {
		return List.of(context.getBeanDefinitionNames());
	}

	/**
	 * An application that had keys of its own before may well have one.
	 */
	@Test
	void beanOfTheApplicationMayBeCalledApiKeyService() {
		HostRunner.withoutFlyway().withBean("apiKeyService", StringBuilder.class).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(ApiKeyService.class);
			assertThat(context.getBean("apiKeyService")).isInstanceOf(StringBuilder.class);
		});
	}

	@Test
	void everyBeanOfOursHasANameThatNoApplicationHas() {
		withEverything().run((context) -> assertThat(oursIn(context)).hasSizeGreaterThan(30)
			.allSatisfy((name) -> assertThat(name).matches("(api-key-)?io\\.github\\.apikeys\\..+")));
	}

	/**
	 * Whether one of them may replace the other, or else the application would not start.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void beansOfTheApplicationMayHaveTheNamesOfOurMethodsAndTypes(boolean overriding) {
		withEverything().run((without) -> {
			Map<String, Class<?>> ours = new TreeMap<>();
			oursIn(without).forEach((name) -> ours.put(name, without.getType(name)));
			WebApplicationContextRunner host = withEverything().withAllowBeanDefinitionOverriding(overriding);
			for (String name : simpleNames(ours)) {
				host = host.withBean(name, StringBuilder.class);
			}
			host.run((context) -> {
				assertThat(context).hasNotFailed();
				simpleNames(ours)
					.forEach((name) -> assertThat(context.getBean(name)).as(name).isInstanceOf(StringBuilder.class));
				ours.forEach((name, type) -> assertThat(context.getType(name)).as(name).isEqualTo(type));
				MockMvcTester mvc = HostRunner.mvc(context);
				assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", HostRunner.key(context, "orders:write")))
					.hasStatus(403);
				assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", HostRunner.key(context, "orders:read")))
					.hasStatusOk();
			});
		});
	}

	private static WebApplicationContextRunner withEverything() {
		return HostRunner.withoutFlyway().withPropertyValues("management.endpoints.web.exposure.include=*");
	}

	private static Set<String> oursIn(AssertableWebApplicationContext context) {
		Set<String> ours = new TreeSet<>();
		for (String name : context.getBeanDefinitionNames()) {
			BeanDefinition definition = context.getBeanFactory().getMergedBeanDefinition(name);
			MethodMetadata method = (definition instanceof AnnotatedBeanDefinition annotated)
					? annotated.getFactoryMethodMetadata() : null;
			String origin = (method != null) ? method.getDeclaringClassName()
					: String.valueOf(definition.getBeanClassName());
			if (origin.startsWith("io.github.apikeys.") && !origin.startsWith("io.github.apikeys.host.")) {
				ours.add(name);
			}
		}
		return ours;
	}

	private static Set<String> simpleNames(Map<String, Class<?>> beans) {
		Set<String> names = new TreeSet<>();
		beans.forEach((name, type) -> {
			names.add(StringUtils.uncapitalize(ClassUtils.getShortName(name)));
			names.add(StringUtils.uncapitalize(ClassUtils.getShortName(type)));
		});
		return names;
	}

	/**
	 * Where nobody asks which one is meant, as in a batch job, neither do we.
	 */
	@Test
	void applicationWithoutMethodSecurityMayHaveSeveralRoleHierarchies() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ApiKeyMethodSecurityAutoConfiguration.class))
			.withUserConfiguration(TwoRoleHierarchies.class)
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(DefaultMethodSecurityExpressionHandler.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class TwoRoleHierarchies {

		@Bean
		RoleHierarchy staff() {
			return RoleHierarchyImpl.fromHierarchy("ROLE_ADMIN > ROLE_STAFF");
		}

		@Bean
		RoleHierarchy customers() {
			return RoleHierarchyImpl.fromHierarchy("ROLE_GOLD > ROLE_SILVER");
		}

		@Bean
		GrantedAuthorityDefaults staffDefaults() {
			return new GrantedAuthorityDefaults("STAFF_");
		}

		@Bean
		GrantedAuthorityDefaults customerDefaults() {
			return new GrantedAuthorityDefaults("CUSTOMER_");
		}

	}

}
