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

import io.github.apikeys.core.RefusalLog;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.http.HttpHeaders;
import org.springframework.security.web.firewall.RequestRejectedException;

/**
 * Tells a developer of a key that stands where none is read: behind another scheme word,
 * in another header, or in the query. It changes nothing for the request, and prints
 * nothing of it.
 */
final class MisplacedKey {

	private final List<String> headerNames;

	private final List<String> schemes;

	private final ApiKeyTokenFormats tokenFormats;

	MisplacedKey(List<String> headerNames, List<String> schemes, ApiKeyTokenFormats tokenFormats) {
		this.headerNames = headerNames;
		this.schemes = schemes;
		this.tokenFormats = tokenFormats;
	}

	/**
	 * Explains, and changes nothing: a header that the firewall rejects is rejected when
	 * somebody needs it, and so is a text that a format of the application fails on.
	 */
	void explain(HttpServletRequest request) {
		try {
			look(request);
		}
		catch (RequestRejectedException ex) {
			RefusalLog.write("API key not found: a header has a name or a value that is not allowed");
		}
		catch (RuntimeException ex) {
			// its message may contain the text
			RefusalLog.write("API key not found: a token format failed with " + ex.getClass().getName());
		}
	}

	private void look(HttpServletRequest request) {
		for (String value : Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION))) {
			if (explainAuthorization(value.strip())) {
				return;
			}
		}
		for (String name : Collections.list(request.getHeaderNames())) {
			if (!name.equalsIgnoreCase(HttpHeaders.AUTHORIZATION)
					&& Collections.list(request.getHeaders(name)).stream().anyMatch(this::isKey)) {
				write("it stands in a header that is none of " + this.headerNames + " (api-key.security.header-names)");
				return;
			}
		}
		String query = request.getQueryString();
		if (query != null) {
			for (String part : query.split("[&=]")) {
				if (isKey(part)) {
					write("it stands in the query, which is never read");
					return;
				}
			}
		}
	}

	/**
	 * An imported key is recognised here alone: elsewhere, too many texts look like one.
	 */
	private boolean explainAuthorization(String value) {
		String scheme = value.substring(0, Math.max(0, value.indexOf(' '))).toLowerCase(Locale.ROOT);
		String text = value.substring(value.lastIndexOf(' ') + 1);
		String unread = " in Authorization, behind none of the scheme words " + this.schemes
				+ " (api-key.security.schemes)";
		if (isKey(text)) {
			write("it stands" + unread);
			return true;
		}
		String format = ApiKeyAuthenticationConverter.FOREIGN_SCHEMES.contains(scheme) ? null
				: this.tokenFormats.foreignFormatOf(text);
		if (format == null) {
			return false;
		}
		// the chain reads Bearer, and passes on what no format claims
		write("what looks like a key of the format '" + format + "' stands" + (this.schemes.contains(scheme)
				? " in Authorization, behind Bearer, which its format claims only with withBearer()" : unread));
		return true;
	}

	private boolean isKey(String text) {
		return this.tokenFormats.issued().claims(text.strip());
	}

	private void write(String place) {
		RefusalLog.write("API key not read: " + place + ". Send it as '"
				+ (this.headerNames.isEmpty() ? "Authorization: " + this.schemes.get(0) : this.headerNames.get(0) + ":")
				+ " <key>'");
	}

}
