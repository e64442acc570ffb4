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

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.security.web.header.HeaderWriter;

/**
 * The headers in which keys are read. Nothing behind the filter sees one with a key, and
 * shared caches are told of them what RFC 9111, section 3.5, tells them of
 * {@code Authorization}: an answer depends on the header, and one to a request with a key
 * is nobody else's, unless the application says that it is.
 */
final class KeyHeaders implements HeaderWriter {

	/**
	 * Those of requests in which keys are found somewhere else.
	 */
	static final KeyHeaders NONE = new KeyHeaders(List.of(), false);

	private static final List<String> SAID = List.of("public", "private", "no-store", "s-maxage");

	private final Set<String> names;

	private final boolean late;

	/**
	 * Creates the headers.
	 * @param names the headers in which keys are read, case does not matter
	 * @param late whether it is asked again when the answer begins, and then knows what
	 * the application says
	 */
	KeyHeaders(Collection<String> names, boolean late) {
		this.names = ignoringCase(names);
		this.late = late;
	}

	static Set<String> ignoringCase(Collection<String> names) {
		Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
		set.addAll(names);
		return set;
	}

	/**
	 * The headers that may hold the key of a request.
	 * @param verified the request, or {@code null} if it has none
	 * @return their names, in a set that ignores case
	 */
	Set<String> of(@Nullable VerifiedRequest verified) {
		String name = (verified != null) ? verified.header() : null;
		if (name == null || this.names.contains(name)) {
			return this.names;
		}
		Set<String> names = ignoringCase(this.names);
		names.add(name);
		return names;
	}

	/**
	 * Notes that the answer to a request depends on its headers.
	 */
	void keysAreRead(HttpServletRequest request, HttpServletResponse response) {
		request.setAttribute(UnreadRequest.READ, Boolean.TRUE);
		if (!this.late) {
			writeHeaders(request, response);
		}
	}

	@Override
	public void writeHeaders(HttpServletRequest request, HttpServletResponse response) {
		if (request.getAttribute(UnreadRequest.READ) == null) {
			return;
		}
		VerifiedRequest verified = VerifiedRequest.of(request);
		for (String name : of(verified)) {
			if (!contains(response.getHeaders(HttpHeaders.VARY), List.of(name.toLowerCase(Locale.ROOT), "*"))) {
				response.addHeader(HttpHeaders.VARY, name);
			}
		}
		if (verified != null && !contains(response.getHeaders(HttpHeaders.CACHE_CONTROL), SAID)) {
			response.addHeader(HttpHeaders.CACHE_CONTROL, "private");
		}
	}

	private static boolean contains(Collection<String> values, List<String> members) {
		for (String value : values) {
			for (String member : value.toLowerCase(Locale.ROOT).split("[,=]")) {
				if (members.contains(member.strip())) {
					return true;
				}
			}
		}
		return false;
	}

}
