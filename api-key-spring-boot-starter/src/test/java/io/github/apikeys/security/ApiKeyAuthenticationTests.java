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

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyStoreException;
import org.junit.jupiter.api.Test;

import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.DefaultAuthenticationEventPublisher;
import org.springframework.security.authentication.InternalAuthenticationServiceException;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.authentication.event.AbstractAuthenticationEvent;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.Transient;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ApiKeyAuthenticationTests {

	private static final String PLAINTEXT = "ak_plaintext";

	private final StubApiKeyService apiKeys = new StubApiKeyService();

	/**
	 * Expanding wildcards takes longer than the rest of a request with a cached key.
	 */
	@Test
	void authenticateWhenTheKeyIsCachedThenItsScopesAreExpandedOnce() {
		ApiKeyPrincipal cached = principal("a:*");
		ApiKeyPrincipal loadedAnew = principal("b:*");
		Iterator<ApiKeyPrincipal> verified = List.of(cached, cached, loadedAnew).iterator();
		AtomicInteger expansions = new AtomicInteger();
		Set<String> declared = new TreeSet<>(Set.of("a:read", "b:read")) {

			@Override
			public Iterator<String> iterator() {
				expansions.incrementAndGet();
				return super.iterator();
			}

		};
		ApiKeyAuthenticationProvider provider = new ApiKeyAuthenticationProvider(() -> new StubApiKeyService() {

			@Override
			public Optional<ApiKeyPrincipal> verify(String text, String remoteAddress) {
				return Optional.of(verified.next());
			}

		}, declared);
		List<Set<String>> authorities = Stream
			.generate(() -> AuthorityUtils
				.authorityListToSet(provider.authenticate(new ApiKeyAuthenticationToken(PLAINTEXT)).getAuthorities()))
			.limit(3)
			.toList();
		assertThat(authorities.get(0)).containsExactlyInAnyOrder("FACTOR_API_KEY", "SCOPE_a:*", "SCOPE_a:read");
		assertThat(authorities.get(1)).isEqualTo(authorities.get(0));
		assertThat(authorities.get(2)).containsExactlyInAnyOrder("FACTOR_API_KEY", "SCOPE_b:*", "SCOPE_b:read");
		assertThat(expansions).hasValue(2);
	}

	private static ApiKeyPrincipal principal(String scope) {
		return new ApiKeyPrincipal(new UUID(0, 7), "key-id", "key", null, Set.of(scope), "api_key");
	}

	/**
	 * Others keep what they know of a caller under the authentication.
	 */
	@Test
	void equalsWhenTheKeyAndItsAuthoritiesAreThoseOfAnotherRequest() {
		ApiKeyAuthentication current = verified("a:read");
		ApiKeyAuthentication over = verified("a:read");
		new VerifiedRequest(over, null, true, false).bindTo(new MockHttpServletRequest());
		int before = over.hashCode();
		RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(otherRequest()));
		try {
			assertThat(over.isAuthenticated()).isFalse();
			assertThat(over).isEqualTo(current).hasSameHashCodeAs(current);
			assertThat(over.hashCode()).isEqualTo(before);
			assertThat(current).isEqualTo(over).isNotEqualTo(verified("a:write")).isNotEqualTo("a:read");
		}
		finally {
			RequestContextHolder.resetRequestAttributes();
		}
		ApiKeyAuthentication revokedByItself = verified("a:read");
		revokedByItself.setAuthenticated(false);
		assertThat(revokedByItself).isNotEqualTo(current);
	}

	private static ApiKeyAuthentication verified(String scope) {
		return ApiKeyAuthentication.of(principal(scope), Set.of());
	}

	private static MockHttpServletRequest otherRequest() {
		MockHttpServletRequest request = new MockHttpServletRequest();
		VerifiedRequest.serve(request);
		return request;
	}

	@Test
	void requestNeverPrintsOrSerializesThePlaintext() throws Exception {
		ApiKeyAuthenticationToken request = new ApiKeyAuthenticationToken(PLAINTEXT);
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		new ObjectOutputStream(bytes).writeObject(request);
		assertThat(request.toString() + request.getName() + bytes.toString(StandardCharsets.ISO_8859_1))
			.doesNotContain(PLAINTEXT);
		assertThat(request.isAuthenticated()).isFalse();
	}

	@Test
	void requestWhenDeserializedThenNoCredentials() throws Exception {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		new ObjectOutputStream(bytes).writeObject(new ApiKeyAuthenticationToken(PLAINTEXT));
		Object copy = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
		assertThat(((ApiKeyAuthenticationToken) copy).getCredentials()).isNull();
	}

	@Test
	void requestEqualsNothingElse() {
		ApiKeyAuthenticationToken request = new ApiKeyAuthenticationToken(PLAINTEXT);
		assertThat(request).isEqualTo(request).isNotEqualTo(new ApiKeyAuthenticationToken(PLAINTEXT));
	}

	@Test
	void requestWhenErasedThenNoCredentials() {
		ApiKeyAuthenticationToken request = new ApiKeyAuthenticationToken(PLAINTEXT);
		request.eraseCredentials();
		assertThat(request.getCredentials()).isNull();
	}

	@Test
	void authenticateWhenVerifiedThenAuthoritiesOfTheKey() {
		this.apiKeys.accept(PLAINTEXT, "orders:*", "users:read");
		Authentication result = authenticate(Set.of("orders:read", "orders:write", "users:write"));
		assertThat(result).isInstanceOf(ApiKeyAuthentication.class);
		assertThat(result.isAuthenticated()).isTrue();
		assertThat(result.getCredentials()).isNull();
		assertThat(result.getName()).isEqualTo("id-of-" + PLAINTEXT);
		assertThat(AuthorityUtils.authorityListToSet(result.getAuthorities())).containsExactlyInAnyOrder(
				"FACTOR_API_KEY", "SCOPE_orders:*", "SCOPE_users:read", "SCOPE_orders:read", "SCOPE_orders:write");
	}

	@Test
	void authenticateWhenAllScopesAreGrantedThenAllDeclaredOnes() {
		this.apiKeys.accept(PLAINTEXT, "*");
		assertThat(AuthorityUtils.authorityListToSet(authenticate(Set.of("orders:read", "users")).getAuthorities()))
			.containsExactlyInAnyOrder("FACTOR_API_KEY", "SCOPE_*", "SCOPE_orders:read", "SCOPE_users");
	}

	@Test
	void authenticateWhenNoScopesThenNoScopedAccess() {
		this.apiKeys.accept(PLAINTEXT);
		assertThat(AuthorityUtils.authorityListToSet(authenticate(Set.of("orders:read")).getAuthorities()))
			.containsExactly("FACTOR_API_KEY");
	}

	@Test
	void authenticateKeepsDetails() {
		this.apiKeys.accept(PLAINTEXT);
		ApiKeyAuthenticationToken request = new ApiKeyAuthenticationToken(PLAINTEXT);
		request.setDetails("address");
		assertThat(new ApiKeyAuthenticationProvider(() -> this.apiKeys, Set.of()).authenticate(request).getDetails())
			.isEqualTo("address");
	}

	@Test
	void eventsHaveNoCredentialsWhenTheyArePublished() {
		this.apiKeys.accept(PLAINTEXT);
		ProviderManager manager = new ProviderManager(new ApiKeyAuthenticationProvider(() -> this.apiKeys, Set.of()));
		List<Object> credentials = new ArrayList<>();
		manager.setAuthenticationEventPublisher(new DefaultAuthenticationEventPublisher((event) -> credentials
			.add(String.valueOf(((AbstractAuthenticationEvent) event).getAuthentication().getCredentials()))));
		manager.authenticate(new ApiKeyAuthenticationToken(PLAINTEXT));
		assertThatExceptionOfType(BadCredentialsException.class)
			.isThrownBy(() -> manager.authenticate(new ApiKeyAuthenticationToken("ak_wrong")));
		assertThat(credentials).containsExactly("null", "null");
	}

	@Test
	void supportsNothingElse() {
		ApiKeyAuthenticationProvider provider = new ApiKeyAuthenticationProvider(() -> this.apiKeys, Set.of());
		assertThat(provider.supports(ApiKeyAuthenticationToken.class)).isTrue();
		assertThat(provider.supports(UsernamePasswordAuthenticationToken.class)).isFalse();
		assertThat(provider.supports(ApiKeyAuthentication.class)).isFalse();
	}

	@Test
	void authenticateWhenRefusedThenBadCredentials() {
		assertThatExceptionOfType(BadCredentialsException.class).isThrownBy(() -> authenticate(Set.of()))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain(PLAINTEXT));
	}

	@Test
	void authenticateWhenStoreFailsThenServiceException() {
		this.apiKeys.failWith(new ApiKeyStoreException(new IllegalStateException("down")));
		ApiKeyAuthenticationToken request = new ApiKeyAuthenticationToken(PLAINTEXT);
		assertThatExceptionOfType(InternalAuthenticationServiceException.class)
			.isThrownBy(() -> new ApiKeyAuthenticationProvider(() -> this.apiKeys, Set.of()).authenticate(request))
			.satisfies((ex) -> assertThat(ex.toString()).doesNotContain(PLAINTEXT));
		assertThat(request.getCredentials()).isNull();
	}

	/**
	 * A copy of another type would be kept by what keeps contexts.
	 */
	@Test
	void copyThenOfTheSameTypeAndKeyAndNeverKept() {
		this.apiKeys.accept(PLAINTEXT, "orders:read");
		Authentication result = authenticate(Set.of());
		Authentication copy = result.toBuilder().authorities((authorities) -> authorities.remove(null)).build();
		assertThat(copy).isInstanceOf(ApiKeyAuthentication.class).isEqualTo(result);
		assertThat(copy.getClass()).hasAnnotation(Transient.class);
		assertThatIllegalArgumentException().isThrownBy(() -> result.toBuilder().principal("somebody").build());
	}

	@Test
	void resultWhenDeserializedThenNobody() throws Exception {
		this.apiKeys.accept(PLAINTEXT, "orders:read");
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		new ObjectOutputStream(bytes).writeObject(authenticate(Set.of()));
		Authentication copy = (Authentication) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))
			.readObject();
		assertThat(copy.isAuthenticated()).isFalse();
		assertThat(copy.getAuthorities()).isEmpty();
	}

	@Test
	void factorWhenDeserializedThenNoKey() throws Exception {
		this.apiKeys.accept(PLAINTEXT);
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		new ObjectOutputStream(bytes).writeObject(new ArrayList<>(authenticate(Set.of()).getAuthorities()));
		List<?> copies = (List<?>) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
		ApiKeyFactor copy = (ApiKeyFactor) copies.get(0);
		assertThat(copy.getAuthority()).isNotEqualTo(ApiKeyFactor.AUTHORITY);
		assertThat(ApiKeyFactor.find(new TestingAuthenticationToken("user", null, List.of(copy)))).isNull();
		assertThat(copy).hasSameHashCodeAs(copy).isNotEqualTo(new ApiKeyFactor(StubApiKeyService.principal("x")));
	}

	@Test
	void findWhenFactorThenItsKey() {
		this.apiKeys.accept(PLAINTEXT);
		Authentication result = authenticate(Set.of());
		assertThat(ApiKeyFactor.find(result)).isEqualTo(result.getPrincipal());
	}

	@Test
	void findWhenOnlyTheNameOfTheAuthorityThenNull() {
		GrantedAuthority lookalike = () -> "FACTOR_API_KEY";
		assertThat(ApiKeyFactor.find(new ApiKeyAuthentication(StubApiKeyService.principal("x"), List.of(lookalike))))
			.isNull();
		assertThat(ApiKeyFactor.find(null)).isNull();
	}

	@Test
	void findWhenNotAuthenticatedThenNull() {
		ApiKeyPrincipal principal = StubApiKeyService.principal("x");
		Authentication authentication = new ApiKeyAuthentication(principal, List.of(new ApiKeyFactor(principal)));
		assertThat(ApiKeyFactor.find(authentication)).isEqualTo(principal);
		authentication.setAuthenticated(false);
		assertThat(ApiKeyFactor.find(authentication)).isNull();
	}

	@Test
	void findWhenSomebodyElseHasTheFactorThenItsKey() {
		ApiKeyPrincipal principal = StubApiKeyService.principal("x");
		GrantedAuthority role = () -> "ROLE_USER";
		Authentication user = new TestingAuthenticationToken("user", "", List.of(role, new ApiKeyFactor(principal)));
		assertThat(ApiKeyFactor.find(user)).isEqualTo(principal);
	}

	@Test
	void resultCanBePrinted() {
		this.apiKeys.accept(PLAINTEXT, "orders:read");
		assertThat(authenticate(Set.of()).toString()).contains("Credentials=[PROTECTED]", "FACTOR_API_KEY")
			.doesNotContain(StubApiKeyService.class.getSimpleName());
	}

	private Authentication authenticate(Set<String> declaredScopes) {
		return new ApiKeyAuthenticationProvider(() -> this.apiKeys, declaredScopes)
			.authenticate(new ApiKeyAuthenticationToken(PLAINTEXT));
	}

}
