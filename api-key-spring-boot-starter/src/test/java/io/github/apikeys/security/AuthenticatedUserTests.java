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

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import net.bytebuddy.ByteBuddy;
import org.junit.jupiter.api.Test;

import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.AuthenticatedPrincipal;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.user.DefaultOAuth2User;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class AuthenticatedUserTests {

	@Test
	void ownerWhenTheApplicationKnowsTheUserThenTheirName() {
		assertThat(AuthenticatedUser.owner(named("alice"))).isEqualTo("user:alice");
		assertThat(AuthenticatedUser
			.owner(new TestingAuthenticationToken(new User("alice", "", List.of()), "", "ROLE_USER")))
			.isEqualTo("user:alice");
	}

	@Test
	void ownerWhenSignedInByAnotherThenWhoDidSoAndTheSubject() {
		assertThat(AuthenticatedUser.owner(oauth2("github", "123"))).isEqualTo("user:github:123");
		assertThat(AuthenticatedUser.owner(oidc("google", "123"))).isEqualTo("user:google:123");
		assertThat(AuthenticatedUser.owner(jwt("https://issuer.example", "123")))
			.isEqualTo("user:https%3A//issuer.example:123");
		assertThat(AuthenticatedUser.owner(opaque(Map.of("iss", "https://issuer.example", "sub", "123"))))
			.isEqualTo("user:https%3A//issuer.example:123");
	}

	/**
	 * Whatever somebody is called, and whoever signed them in.
	 */
	@Test
	void ownerThenNobodyElses() {
		List<Authentication> users = Stream
			.of("123", "google:123", "user:google:123", "google%3A123", "a:b", "a", ":123", " 123", "123 ", "123\u00a0",
					"GOOGLE:123", "g", "\u202f123")
			.flatMap((name) -> Stream.of(named(name), oauth2("google", name), oauth2("a", name), oidc("a:google", name),
					jwt("https://issuer.example", name), opaque(Map.of("iss", "https://", "sub", name))))
			.toList();
		Set<String> owners = users.stream().map(AuthenticatedUser::owner).collect(Collectors.toSet());
		assertThat(owners).hasSameSizeAs(users).allMatch((owner) -> owner.startsWith("user:"));
	}

	@Test
	void ownerWhenTheTokenNamesNoSubjectThenDenied() {
		assertThatExceptionOfType(AccessDeniedException.class)
			.isThrownBy(() -> AuthenticatedUser.owner(opaque(Map.of("client_id", "123"))));
	}

	@Test
	void ownerWhenTheTokenNamesNoIssuerThenFails() {
		// what is no URI could be the name of a registration
		for (Map<String, Object> claims : List.<Map<String, Object>>of(Map.of("sub", "123"),
				Map.of("iss", " ", "sub", "123"), Map.of("iss", "google", "sub", "123"))) {
			assertThatIllegalStateException().isThrownBy(() -> AuthenticatedUser.owner(opaque(claims)))
				.withMessageContaining("setOwner");
		}
	}

	@Test
	void ownerWhenTheRegistrationIsCalledLikeAnIssuerThenFails() {
		assertThatIllegalStateException()
			.isThrownBy(() -> AuthenticatedUser.owner(oauth2("https://issuer.example", "123")))
			.withMessageContaining("setOwner");
	}

	@Test
	void ownerWhenNobodyKnowsWhoSignedTheUserInThenFails() {
		AuthenticatedPrincipal elsewhere = () -> "alice";
		for (Object principal : List.of(elsewhere, new Object(), List.of("alice"))) {
			assertThatIllegalStateException()
				.isThrownBy(() -> AuthenticatedUser.owner(new TestingAuthenticationToken(principal, "", "ROLE_USER")))
				.withMessageContaining("setOwner");
		}
	}

	/**
	 * Whatever an application takes as the principal, such as the name alone.
	 */
	@Test
	void ownerWhenAnotherSystemNamesTheUserThenFails() throws Exception {
		for (String other : List.of("saml2.provider.service", "oauth2.client", "cas")) {
			Authentication user = new ByteBuddy().subclass(TestingAuthenticationToken.class)
				.name("org.springframework.security." + other + ".authentication.OtherAuthentication")
				.make()
				.load(getClass().getClassLoader())
				.getLoaded()
				.getConstructor(Object.class, Object.class)
				.newInstance("alice", "");
			assertThatIllegalStateException().isThrownBy(() -> AuthenticatedUser.owner(user))
				.withMessageContaining("setOwner");
		}
	}

	private static Authentication named(String name) {
		return new TestingAuthenticationToken(name, "", "ROLE_USER");
	}

	private static Authentication oauth2(String registration, String subject) {
		return new OAuth2AuthenticationToken(
				new DefaultOAuth2User(List.of(), Map.of("id", subject, "login", "alice"), "id"), List.of(),
				registration);
	}

	/**
	 * Called by a name that changes.
	 */
	private static Authentication oidc(String registration, String subject) {
		OidcIdToken token = OidcIdToken.withTokenValue("token")
			.issuer("https://issuer.example")
			.subject(subject)
			.claim("preferred_username", "alice")
			.build();
		return new OAuth2AuthenticationToken(new DefaultOidcUser(List.of(), token, "preferred_username"), List.of(),
				registration);
	}

	private static Authentication jwt(String issuer, String subject) {
		Jwt jwt = Jwt.withTokenValue("token")
			.header("alg", "none")
			.issuer(issuer)
			.subject(subject)
			.claim("preferred_username", "alice")
			.build();
		return new JwtAuthenticationToken(jwt, List.of(), "alice");
	}

	private static Authentication opaque(Map<String, Object> claims) {
		return new BearerTokenAuthentication(
				new DefaultOAuth2AuthenticatedPrincipal("alice", claims, AuthorityUtils.createAuthorityList("SCOPE_a")),
				new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, "token", Instant.EPOCH,
						Instant.EPOCH.plusSeconds(60)),
				List.of());
	}

}
