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

import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKeyOwners;
import io.github.apikeys.core.RefusalLog;
import org.jspecify.annotations.Nullable;

import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticatedPrincipal;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.server.resource.authentication.AbstractOAuth2TokenAuthenticationToken;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Names the owner of the keys of whoever is signed in, so that no two users have the same
 * name, whoever signed them in.
 */
final class AuthenticatedUser {

	private static final boolean LOGIN_PRESENT = isPresent(
			"org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken");

	private static final boolean TOKEN_PRESENT = isPresent(
			"org.springframework.security.oauth2.server.resource.authentication.AbstractOAuth2TokenAuthenticationToken");

	private static final List<String> OTHER_SYSTEMS = List.of("org.springframework.security.saml2.",
			"org.springframework.security.oauth2.", "org.springframework.security.cas.");

	private AuthenticatedUser() {
	}

	private static boolean isPresent(String className) {
		return ClassUtils.isPresent(className, AuthenticatedUser.class.getClassLoader());
	}

	static String owner(Authentication user) {
		if (LOGIN_PRESENT && Login.is(user)) {
			return Login.owner(user);
		}
		if (TOKEN_PRESENT && Token.is(user)) {
			return Token.owner(user);
		}
		if (!hasNameOfItsOwn(user)) {
			throw unknown(user);
		}
		return ApiKeyOwners.ofUser(user.getName());
	}

	private static IllegalStateException unknown(Authentication user) {
		return new IllegalStateException("It is not known which system authenticated the user of "
				+ user.getClass().getName()
				+ ": name the owner of their keys with ApiKeySelfService.setOwner(..) and ApiKeyOwners.ofUser(..)");
	}

	/**
	 * Whether the name is one that the application gave. Another system's principal has
	 * the other system's name, and of a principal that has none, the name is its
	 * {@code toString()}.
	 */
	private static boolean hasNameOfItsOwn(Authentication user) {
		Object principal = user.getPrincipal();
		if (principal instanceof UserDetails) {
			return true;
		}
		if (isOfAnotherSystem(user.getClass())) {
			return false;
		}
		if (principal instanceof String) {
			return true;
		}
		return !(principal instanceof AuthenticatedPrincipal)
				&& (principal instanceof Principal || !user.getName().equals(String.valueOf(principal)));
	}

	/**
	 * Whether another system said who it is, whatever the principal is.
	 */
	private static boolean isOfAnotherSystem(Class<?> authentication) {
		return Stream.<Class<?>>iterate(authentication, Objects::nonNull, Class::getSuperclass)
			.anyMatch((type) -> OTHER_SYSTEMS.stream().anyMatch(type.getName()::startsWith));
	}

	/**
	 * Whether this is a URI, as issuers have one (RFC 7519 allows any text, OpenID
	 * Connect does not), and registrations of clients have not: what names one of them
	 * names none of the others.
	 */
	private static boolean isUri(String name) {
		return name.contains("://");
	}

	private static String required(@Nullable String subject) {
		if (!StringUtils.hasText(subject)) {
			RefusalLog
				.write("Self-service denied: the authentication names no user, and only a user can have API keys");
			throw new AccessDeniedException("Only a user can have API keys, and the authentication names none");
		}
		return subject;
	}

	/**
	 * A login with OAuth 2 or OpenID Connect.
	 */
	private static final class Login {

		static boolean is(Authentication user) {
			return user instanceof OAuth2AuthenticationToken;
		}

		static String owner(Authentication user) {
			OAuth2AuthenticationToken login = (OAuth2AuthenticationToken) user;
			// the name of a user of OpenID Connect can be an attribute that changes
			String subject = (login.getPrincipal() instanceof OidcUser oidcUser) ? oidcUser.getSubject()
					: login.getName();
			String registrationId = login.getAuthorizedClientRegistrationId();
			if (isUri(registrationId)) {
				throw unknown(user);
			}
			return ApiKeyOwners.ofUser(registrationId, required(subject));
		}

	}

	/**
	 * A token that an OAuth 2 authorization server issued.
	 */
	private static final class Token {

		static boolean is(Authentication user) {
			return user instanceof AbstractOAuth2TokenAuthenticationToken<?>;
		}

		static String owner(Authentication user) {
			Map<String, Object> claims = ((AbstractOAuth2TokenAuthenticationToken<?>) user).getTokenAttributes();
			String subject = required(Objects.toString(claims.get("sub"), null));
			String issuer = Objects.toString(claims.get("iss"), null);
			if (issuer == null || !isUri(issuer)) {
				throw unknown(user);
			}
			return ApiKeyOwners.ofUser(issuer, subject);
		}

	}

}
