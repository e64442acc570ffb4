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

package io.github.apikeys.admin;

import java.util.Arrays;

import org.aopalliance.intercept.MethodInvocation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.access.hierarchicalroles.RoleHierarchyImpl;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationManagerFactories;
import org.springframework.security.authorization.AuthorizationManagerFactory;
import org.springframework.security.authorization.DefaultAuthorizationManagerFactory;
import org.springframework.security.authorization.FactorAuthorizationDecision;
import org.springframework.security.config.annotation.authorization.EnableMultiFactorAuthentication;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.FactorGrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The pages require what a rule of the application for the same authority requires.
 */
class AdminRulesTests {

	@ParameterizedTest
	@ValueSource(classes = { MultiFactor.class, ForRequests.class, ForMethods.class, ForEverything.class,
			ForRequestsOnlyOne.class, OfItsOwnForRequests.class, OfItsOwnForMethods.class })
	void secondFactorWhenRequiredByTheApplicationThenRequired(Class<?> configuration) {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(configuration)) {
			AdminAccess access = access(context);
			assertThatExceptionOfType(AccessDeniedException.class)
				.isThrownBy(() -> check(access, "ROLE_ADMIN", FactorGrantedAuthority.PASSWORD_AUTHORITY));
			assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> check(access, "ROLE_USER",
					FactorGrantedAuthority.PASSWORD_AUTHORITY, FactorGrantedAuthority.OTT_AUTHORITY));
			assertThatCode(() -> check(access, "ROLE_ADMIN", FactorGrantedAuthority.PASSWORD_AUTHORITY,
					FactorGrantedAuthority.OTT_AUTHORITY))
				.doesNotThrowAnyException();
		}
	}

	/**
	 * The chain sends the user to the second factor then.
	 */
	@Test
	void secondFactorWhenMissingThenTheDenialSaysWhichOne() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(MultiFactor.class)) {
			AdminAccess access = access(context);
			assertThatExceptionOfType(AuthorizationDeniedException.class)
				.isThrownBy(() -> check(access, "ROLE_ADMIN", FactorGrantedAuthority.PASSWORD_AUTHORITY))
				.satisfies((denied) -> assertThat(denied.getAuthorizationResult()).isInstanceOfSatisfying(
						FactorAuthorizationDecision.class,
						(decision) -> assertThat(decision.getFactorErrors()).singleElement()
							.satisfies((error) -> assertThat(error.getRequiredFactor().getAuthority())
								.isEqualTo(FactorGrantedAuthority.OTT_AUTHORITY))));
		}
	}

	@Test
	void roleHierarchyWhenThereIsOneThenItCounts() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Hierarchy.class)) {
			assertThatCode(() -> check(access(context), "ROLE_BOSS")).doesNotThrowAnyException();
			assertThatExceptionOfType(AccessDeniedException.class)
				.isThrownBy(() -> check(access(context), "ROLE_USER"));
		}
	}

	private static AdminAccess access(AnnotationConfigApplicationContext context) {
		return new AdminAccess("ROLE_ADMIN", AdminRules.of("ROLE_ADMIN", context),
				SecurityContextHolder.getContextHolderStrategy());
	}

	private static void check(AdminAccess access, String... authorities) {
		Authentication user = new TestingAuthenticationToken("user", null,
				Arrays.stream(authorities).map(AdminRulesTests::authority).toList());
		SecurityContextHolder.getContext().setAuthentication(user);
		try {
			access.check(new MockHttpServletRequest());
		}
		finally {
			SecurityContextHolder.clearContext();
		}
	}

	private static GrantedAuthority authority(String authority) {
		return authority.startsWith("FACTOR_") ? FactorGrantedAuthority.fromAuthority(authority)
				: new SimpleGrantedAuthority(authority);
	}

	private static <T> AuthorizationManagerFactory<T> twoFactors() {
		return AuthorizationManagerFactories.<T>multiFactor()
			.requireFactors(FactorGrantedAuthority.PASSWORD_AUTHORITY, FactorGrantedAuthority.OTT_AUTHORITY)
			.build();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableMultiFactorAuthentication(
			authorities = { FactorGrantedAuthority.PASSWORD_AUTHORITY, FactorGrantedAuthority.OTT_AUTHORITY })
	static class MultiFactor {

	}

	@Configuration(proxyBeanMethods = false)
	static class ForRequests {

		@Bean
		AuthorizationManagerFactory<RequestAuthorizationContext> requests() {
			return twoFactors();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ForMethods {

		@Bean
		AuthorizationManagerFactory<MethodInvocation> methods() {
			return twoFactors();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ForEverything {

		@Bean
		AuthorizationManagerFactory<Object> everything() {
			return twoFactors();
		}

	}

	/**
	 * A factory whose class says what it is for fits nothing else.
	 */
	abstract static class TwoFactors<T> implements AuthorizationManagerFactory<T> {

		private final AuthorizationManagerFactory<T> factory = twoFactors();

		@Override
		public AuthorizationManager<T> hasAuthority(String authority) {
			return this.factory.hasAuthority(authority);
		}

		@Override
		public AuthorizationManager<T> authenticated() {
			return this.factory.authenticated();
		}

	}

	static class OfItsOwnForRequests extends TwoFactors<RequestAuthorizationContext> {

	}

	static class OfItsOwnForMethods extends TwoFactors<MethodInvocation> {

	}

	/**
	 * One of two asks for more.
	 */
	@Configuration(proxyBeanMethods = false)
	static class ForRequestsOnlyOne extends ForRequests {

		@Bean
		AuthorizationManagerFactory<RequestAuthorizationContext> simple() {
			return new DefaultAuthorizationManagerFactory<>();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Hierarchy {

		@Bean
		RoleHierarchy roleHierarchy() {
			return RoleHierarchyImpl.fromHierarchy("ROLE_BOSS > ROLE_ADMIN");
		}

	}

}
