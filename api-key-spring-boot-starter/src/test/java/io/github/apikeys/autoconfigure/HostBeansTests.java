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
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

import io.github.apikeys.core.ApiKeyService;
import jakarta.servlet.Filter;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.TaskExecutor;
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
