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

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import io.github.apikeys.core.RefusalLog;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.web.authentication.AuthenticationConverter;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.util.Assert;

/**
 * Finds the key in the headers of a request: alone in a header of its own, or after a
 * scheme word in {@code Authorization}. Query parameters, cookies and bodies are not
 * looked at.
 *
 * @since 0.1.0
 */
public final class ApiKeyAuthenticationConverter implements AuthenticationConverter {

	private static final String BEARER = "bearer";

	/**
	 * Schemes whose credentials are never a key.
	 */
	static final List<String> FOREIGN_SCHEMES = List.of("basic", "digest", "negotiate", "dpop");

	private final List<String> headerNames;

	private final List<String> schemes;

	private final ApiKeyTokenFormats tokenFormats;

	private boolean otherCredentialsAccepted;

	/**
	 * Creates a converter.
	 * @param headerNames headers that hold nothing but a key, case does not matter
	 * @param schemes words before a key in {@code Authorization}, case does not matter;
	 * {@code Bearer} claims only what starts like a token, everything else passes on to
	 * other mechanisms
	 * @param tokenFormats what tells a key from other bearer tokens
	 * @throws IllegalArgumentException if a name or word is not one in the sense of RFC
	 * 9110, section 5.6.2, or a header is {@code Authorization}, where a key needs a
	 * scheme
	 */
	public ApiKeyAuthenticationConverter(List<String> headerNames, List<String> schemes,
			ApiKeyTokenFormats tokenFormats) {
		headerNames.forEach((headerName) -> checkToken("header name", headerName));
		schemes.forEach((scheme) -> checkToken("scheme", scheme));
		Assert.isTrue(headerNames.stream().noneMatch(HttpHeaders.AUTHORIZATION::equalsIgnoreCase),
				"header name 'Authorization' is for keys after a scheme word: set a scheme instead");
		Assert.isTrue(schemes.stream().noneMatch((scheme) -> FOREIGN_SCHEMES.contains(scheme.toLowerCase(Locale.ROOT))),
				() -> "scheme " + schemes + " would take credentials away from another mechanism");
		Assert.isTrue(!headerNames.isEmpty() || !schemes.isEmpty(),
				"header name and scheme are both missing, so no key could ever be presented");
		// the same name in another case would find the same key twice
		Set<String> distinct = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
		this.headerNames = headerNames.stream().filter(distinct::add).toList();
		this.schemes = schemes.stream().map((scheme) -> scheme.toLowerCase(Locale.ROOT)).toList();
		this.tokenFormats = tokenFormats;
	}

	/**
	 * Sets whether a key may come together with something else in {@code Authorization}.
	 * That header must not be repeated even then: other mechanisms read the first value
	 * only, so that nobody would verify the others.
	 * @param otherCredentialsAccepted {@code false} by default: who presents two
	 * identities is refused
	 */
	public void setOtherCredentialsAccepted(boolean otherCredentialsAccepted) {
		this.otherCredentialsAccepted = otherCredentialsAccepted;
	}

	List<String> headerNames() {
		return this.headerNames;
	}

	/**
	 * Reads the presented key.
	 * @param request the request
	 * @return the key, whatever it looks like, or {@code null} if none was presented
	 * @throws BadCredentialsException if more than one was presented, or other
	 * credentials that are not accepted
	 */
	@Override
	public @Nullable ApiKeyAuthenticationToken convert(HttpServletRequest request) {
		Credentials credentials = read(request);
		if (credentials.key == null) {
			if (RefusalLog.isEnabled()) {
				new MisplacedKey(this.headerNames, this.schemes, this.tokenFormats).explain(request);
			}
			return null;
		}
		if (credentials.keys > 1) {
			throw new BadCredentialsException("More than one API key was presented in " + this.headerNames
					+ " and Authorization: send one, in one header");
		}
		if (credentials.others && (!this.otherCredentialsAccepted || credentials.authorizations > 1)) {
			throw new BadCredentialsException("An API key was presented together with other credentials in "
					+ "Authorization: send one of them, or let the chain accept both with acceptOtherCredentials()");
		}
		ApiKeyAuthenticationToken token = new ApiKeyAuthenticationToken(credentials.key, credentials.header,
				!credentials.others);
		// the usual source of details would look up the session's id
		token.setDetails(new WebAuthenticationDetails(request.getRemoteAddr(), null));
		return token;
	}

	/**
	 * Asks for each header once: the firewall checks its name and its values each time.
	 */
	private Credentials read(HttpServletRequest request) {
		Credentials credentials = new Credentials();
		for (String headerName : this.headerNames) {
			values(request, headerName).forEach((value) -> credentials.addKey(value, headerName));
		}
		for (String value : values(request, HttpHeaders.AUTHORIZATION)) {
			String key = keyAfterScheme(value);
			credentials.authorizations++;
			if (key == null) {
				credentials.others = true;
			}
			else {
				credentials.addKey(key, HttpHeaders.AUTHORIZATION);
			}
		}
		return credentials;
	}

	/**
	 * The firewall puts a value that it rejects into its message, and from there it gets
	 * into logs and observations.
	 */
	private static List<String> values(HttpServletRequest request, String headerName) {
		try {
			return Collections.list(request.getHeaders(headerName));
		}
		catch (RequestRejectedException ex) {
			throw new RequestRejectedException("The header '" + headerName + "' has a value that is not allowed");
		}
	}

	/**
	 * Takes a value apart that begins with one of the scheme words. What stands after the
	 * word need not be a key; only if the word goes on, it is another word.
	 */
	private @Nullable String keyAfterScheme(String value) {
		for (String scheme : this.schemes) {
			int end = scheme.length();
			if (!value.regionMatches(true, 0, scheme, 0, end)
					|| (value.length() > end && isTokenCharacter(value.charAt(end)))) {
				continue;
			}
			String key = value.substring(end).strip();
			if (!scheme.equals(BEARER) || this.tokenFormats.claims(key)) {
				return key;
			}
		}
		return null;
	}

	private static void checkToken(String what, String text) {
		Assert.isTrue(!text.isEmpty() && text.chars().allMatch((c) -> isTokenCharacter((char) c)),
				() -> what + " '" + text + "' must consist of letters, digits and hyphens");
	}

	/**
	 * The characters of a scheme word: {@code tchar} in RFC 9110, section 5.6.2.
	 */
	private static boolean isTokenCharacter(char c) {
		return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
				|| "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
	}

	/**
	 * What the headers of a request carry. It holds a key, so it must not be printed.
	 */
	private static final class Credentials {

		private @Nullable String key;

		private int keys;

		private int authorizations;

		private boolean others;

		private @Nullable String header;

		void addKey(String key, String header) {
			this.key = key;
			this.header = header;
			this.keys++;
		}

	}

}
