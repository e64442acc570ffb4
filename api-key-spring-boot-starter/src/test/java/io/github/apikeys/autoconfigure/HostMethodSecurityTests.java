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

import java.io.Serializable;
import java.util.List;

import io.github.apikeys.security.ApiKeyAuthentication;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.StubApiKeyService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.PermissionEvaluator;
import org.springframework.security.access.expression.method.DefaultMethodSecurityExpressionHandler;
import org.springframework.security.access.expression.method.MethodSecurityExpressionHandler;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.access.hierarchicalroles.RoleHierarchyImpl;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.authorization.AuthorizationEventPublisher;
import org.springframework.security.authorization.AuthorizationManagerFactory;
import org.springframework.security.authorization.DefaultAuthorizationManagerFactory;
import org.springframework.security.authorization.SpringAuthorizationEventPublisher;
import org.springframework.security.authorization.event.AuthorizationDeniedEvent;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.core.GrantedAuthorityDefaults;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.SpringSecurityCoreVersion;
import org.springframework.security.core.context.SecurityContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@code @HasApiKey} works whatever the application does about method security, and what
 * the application does about it goes on working.
 */
class HostMethodSecurityTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ApiKeyMethodSecurityAutoConfiguration.class))
		.withBean(Service.class);

	@AfterEach
	void clear() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void annotationWithoutMethodSecurity() {
		this.runner.run((context) -> {
			Service service = context.getBean(Service.class);
			assertThat(AopUtils.isAopProxy(service)).isTrue();
			signIn("ROLE_USER");
			assertDenied(service::withKey);
			assertThatCode(service::asUser).doesNotThrowAnyException();
		});
	}

	@Test
	void annotationWhenProxiesAreSwitchedOff() {
		this.runner.withPropertyValues("spring.aop.auto=false").run((context) -> {
			signIn("ROLE_USER");
			assertDenied(context.getBean(Service.class)::withKey);
		});
	}

	@Test
	void permissionWithMethodSecurity() {
		this.runner.withUserConfiguration(MethodSecurity.class).run((context) -> {
			Service service = context.getBean(Service.class);
			SecurityContextHolder.getContext()
				.setAuthentication(
						new ApiKeyAuthentication(StubApiKeyService.principal("key", "orders:read"), List.of()));
			assertThatCode(service::withPermission).doesNotThrowAnyException();
			signIn("ROLE_USER");
			assertDenied(service::withPermission);
			assertThatCode(service::asUser).doesNotThrowAnyException();
			signIn("ROLE_OTHER");
			assertDenied(service::asUser);
		});
	}

	@Test
	void ownRolePrefixCounts() {
		this.runner.withUserConfiguration(MethodSecurity.class, OwnRolePrefix.class).run((context) -> {
			signIn("GROUP_USER");
			assertThatCode(context.getBean(Service.class)::asUser).doesNotThrowAnyException();
			signIn("ROLE_USER");
			assertDenied(context.getBean(Service.class)::asUser);
		});
	}

	@Test
	void ownRoleHierarchyCounts() {
		this.runner.withUserConfiguration(MethodSecurity.class, OwnRoleHierarchy.class).run((context) -> {
			signIn("ROLE_ADMIN");
			assertThatCode(context.getBean(Service.class)::asUser).doesNotThrowAnyException();
		});
	}

	@Test
	void ownAuthorizationManagerFactoryCounts() {
		this.runner.withUserConfiguration(MethodSecurity.class, OwnFactory.class).run((context) -> {
			signIn("FACTORY_USER");
			assertThatCode(context.getBean(Service.class)::asUser).doesNotThrowAnyException();
		});
	}

	@Test
	void ownExpressionHandlerStays() {
		this.runner.withUserConfiguration(MethodSecurity.class, OwnExpressionHandler.class).run((context) -> {
			assertThat(context).hasSingleBean(MethodSecurityExpressionHandler.class)
				.doesNotHaveBean("io.github.apikeys.apiKeyMethodSecurityExpressionHandler");
			signIn("ROLE_USER");
			assertThatCode(context.getBean(Service.class)::withPermission).doesNotThrowAnyException();
			assertDenied(context.getBean(Service.class)::withKey);
		});
	}

	@Test
	void ownPermissionEvaluatorStays() {
		this.runner.withUserConfiguration(MethodSecurity.class, OwnPermissionEvaluator.class)
			.run((context) -> assertThat(context).hasSingleBean(PermissionEvaluator.class)
				.doesNotHaveBean("io.github.apikeys.apiKeyMethodSecurityExpressionHandler"));
	}

	/**
	 * Up to Spring Security 7.1 such a bean has no effect, from 7.2 on it has one.
	 */
	@Test
	void ownPermissionEvaluatorThenAnsweredAsBySpringSecurityAlone() {
		assertPermission(!SpringSecurityCoreVersion.getVersion().startsWith("7.1."), OwnPermissionEvaluator.class);
	}

	/**
	 * As Spring Security 7.2 does by itself.
	 */
	@Test
	void ownPermissionEvaluatorWhenMethodSecurityTakesItThenItAnswers() {
		assertPermission(true, OwnPermissionEvaluator.class, TakesPermissionEvaluator.class);
	}

	private void assertPermission(boolean permitted, Class<?>... configuration) {
		signIn("ROLE_USER");
		ContextConsumer<ApplicationContext> assertion = (
				context) -> assertThat(isPermitted(context.getBean(Service.class)::withPermission))
					.isEqualTo(permitted);
		new ApplicationContextRunner().withUserConfiguration(MethodSecurity.class)
			.withUserConfiguration(configuration)
			.withBean(Service.class)
			.run(assertion::accept);
		this.runner.withUserConfiguration(MethodSecurity.class)
			.withUserConfiguration(configuration)
			.run(assertion::accept);
	}

	@Test
	void refusalsAreTold() {
		this.runner.withUserConfiguration(Listener.class).run((context) -> {
			signIn("ROLE_USER");
			assertDenied(context.getBean(Service.class)::withKey);
			assertThat(context.getBean(Listener.class).refusals).isEqualTo(1);
		});
	}

	private static void signIn(String... authorities) {
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("user", "", authorities));
	}

	private static boolean isPermitted(Runnable call) {
		try {
			call.run();
			return true;
		}
		catch (AccessDeniedException ex) {
			return false;
		}
	}

	private static void assertDenied(Runnable call) {
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(call::run);
	}

	static class Service {

		@HasApiKey
		public void withKey() {
		}

		@PreAuthorize("hasRole('USER')")
		public void asUser() {
		}

		@PreAuthorize("hasPermission('orders', 'read')")
		public void withPermission() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableMethodSecurity
	static class MethodSecurity {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnRolePrefix {

		@Bean
		static GrantedAuthorityDefaults defaults() {
			return new GrantedAuthorityDefaults("GROUP_");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnRoleHierarchy {

		@Bean
		static RoleHierarchy roleHierarchy() {
			return RoleHierarchyImpl.fromHierarchy("ROLE_ADMIN > ROLE_USER");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFactory {

		@Bean
		static <T> AuthorizationManagerFactory<T> authorizationManagerFactory() {
			DefaultAuthorizationManagerFactory<T> factory = new DefaultAuthorizationManagerFactory<>();
			factory.setRolePrefix("FACTORY_");
			return factory;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnExpressionHandler {

		@Bean
		static MethodSecurityExpressionHandler expressionHandler() {
			DefaultMethodSecurityExpressionHandler handler = new DefaultMethodSecurityExpressionHandler();
			handler.setPermissionEvaluator(new Everything());
			return handler;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnPermissionEvaluator {

		@Bean
		static PermissionEvaluator permissionEvaluator() {
			return new Everything();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TakesPermissionEvaluator {

		@Bean
		static MethodSecurityExpressionHandler expressionHandler(PermissionEvaluator permissionEvaluator) {
			DefaultMethodSecurityExpressionHandler handler = new DefaultMethodSecurityExpressionHandler();
			handler.setPermissionEvaluator(permissionEvaluator);
			return handler;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listener {

		private int refusals;

		@Bean
		AuthorizationEventPublisher publisher(ApplicationEventPublisher events) {
			return new SpringAuthorizationEventPublisher(events);
		}

		@EventListener
		void on(AuthorizationDeniedEvent<?> event) {
			this.refusals++;
		}

	}

	static class Everything implements PermissionEvaluator {

		@Override
		public boolean hasPermission(Authentication authentication, Object target, Object permission) {
			return true;
		}

		@Override
		public boolean hasPermission(Authentication authentication, Serializable id, String type, Object permission) {
			return true;
		}

	}

}
