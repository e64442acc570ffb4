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

package io.github.apikeys.security;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyService;
import jakarta.persistence.DiscriminatorValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.core.MethodParameter;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verifyNoInteractions;

class CurrentApiKeyArgumentResolverTests {

	private final ApiKeyService apiKeys = mock();

	private final CurrentApiKeyArgumentResolver resolver = new CurrentApiKeyArgumentResolver(() -> this.apiKeys);

	@AfterEach
	void signOut() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void supportsThenEverythingThatIsAnnotated() {
		assertThat(List.of("key", "partner", "principal", "optional", "maybe", "text", "number", "nameless"))
			.allMatch(this::supports);
		assertThat(List.of("unannotated")).noneMatch(this::supports);
	}

	@ParameterizedTest
	@ValueSource(strings = { "text", "number", "nameless", "several", "nothing" })
	void resolveWhenItCannotBeFilledThenFailsWhoeverCalls(String method) {
		assertThatIllegalArgumentException().isThrownBy(() -> resolve(method));
		present("api_key");
		assertThatIllegalArgumentException().isThrownBy(() -> resolve(method));
	}

	@Test
	void resolveWhenOptionalThenEmptyForWantOfAKey() {
		assertThat(resolve("maybe")).isEqualTo(Optional.empty());
		ApiKeyPrincipal principal = present("api_key");
		assertThat(resolve("maybe")).isEqualTo(Optional.of(principal));
		assertThat(resolve("maybePartner")).isEqualTo(Optional.empty());
	}

	@Test
	void resolveWhenPrincipalThenWithoutAQuery() {
		ApiKeyPrincipal principal = present("api_key");
		assertThat(resolve("principal")).isSameAs(principal);
		verifyNoInteractions(this.apiKeys);
	}

	@Test
	void resolveWhenKeyThenOfTheParametersClass() {
		ApiKeyPrincipal principal = present("partner");
		PartnerKey partner = new PartnerKey();
		given(this.apiKeys.find(PartnerKey.class, principal.id())).willReturn(Optional.of(partner));
		given(this.apiKeys.find(ApiKey.class, principal.id())).willReturn(Optional.of(partner));
		assertThat(resolve("partner")).isSameAs(partner);
		assertThat(resolve("key")).isSameAs(partner);
	}

	@Test
	void resolveWhenKeyIsOfAnotherTypeThenRefusedWithoutAQuery() {
		present("api_key");
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> resolve("partner"));
		assertThat(resolve("optional")).isNull();
		verifyNoInteractions(this.apiKeys);
	}

	@Test
	void resolveWhenTheKeyIsGoneMeanwhileThenRefused() {
		ApiKeyPrincipal principal = present("api_key");
		given(this.apiKeys.find(ApiKey.class, principal.id())).willReturn(Optional.empty());
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> resolve("key"));
	}

	@Test
	void resolveWhenNoKeyThenRefusedUnlessNullable() {
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> resolve("key"));
		SecurityContextHolder.getContext()
			.setAuthentication(new TestingAuthenticationToken("user", "", ApiKeyFactor.AUTHORITY));
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> resolve("key"));
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> resolve("principal"));
		assertThat(resolve("optional")).isNull();
	}

	private static ApiKeyPrincipal present(String type) {
		ApiKeyPrincipal principal = new ApiKeyPrincipal(UUID.randomUUID(), "id", "name", null, Set.of(), type);
		SecurityContextHolder.getContext()
			.setAuthentication(new ApiKeyAuthentication(principal, List.of(new ApiKeyFactor(principal))));
		return principal;
	}

	private boolean supports(String method) {
		return this.resolver.supportsParameter(parameter(method));
	}

	private Object resolve(String method) {
		return this.resolver.resolveArgument(parameter(method), null, mock(), null);
	}

	private static MethodParameter parameter(String name) {
		for (Method method : Handlers.class.getDeclaredMethods()) {
			if (method.getName().equals(name)) {
				return new MethodParameter(method, 0);
			}
		}
		throw new IllegalArgumentException(name);
	}

	@DiscriminatorValue("partner")
	static class PartnerKey extends ApiKey {

	}

	static class NamelessKey extends ApiKey {

	}

	@SuppressWarnings("unused")
	interface Handlers {

		void key(@CurrentApiKey ApiKey key);

		void partner(@CurrentApiKey PartnerKey key);

		void principal(@CurrentApiKey ApiKeyPrincipal key);

		void optional(@CurrentApiKey @Nullable PartnerKey key);

		void maybe(@CurrentApiKey Optional<ApiKeyPrincipal> key);

		void maybePartner(@CurrentApiKey Optional<PartnerKey> key);

		void text(@CurrentApiKey String key);

		void number(@CurrentApiKey int key);

		void nameless(@CurrentApiKey NamelessKey key);

		void several(@CurrentApiKey List<ApiKeyPrincipal> keys);

		void nothing(@CurrentApiKey Optional<?> key);

		void unannotated(ApiKey key);

	}

}
