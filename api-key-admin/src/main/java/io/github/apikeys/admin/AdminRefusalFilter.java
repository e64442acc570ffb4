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

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Answers a person whose request for a page is refused with a page that says what to do,
 * also where the application's chain refuses it first. It stands before that chain and
 * decides nothing; where the reason is not certain, the application's answer stands.
 */
final class AdminRefusalFilter extends OncePerRequestFilter {

	/** The pages that have a form of their own. */
	private static final Pattern FORM = Pattern.compile("/new$|/[0-9a-f-]{36}/(edit|rotate|revoke|delete)$");

	/**
	 * What Spring Security's own handler says, and what is sent for other reasons does
	 * not.
	 */
	private static final String MESSAGE = HttpStatus.FORBIDDEN.getReasonPhrase();

	private final AdminAccess access;

	private final AdminPages pages;

	AdminRefusalFilter(AdminAccess access, AdminPages pages) {
		this.access = access;
		this.pages = pages;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		String accepted = request.getHeader(HttpHeaders.ACCEPT);
		boolean byPerson = accepted != null && accepted.contains("text/html");
		filterChain.doFilter(request, byPerson ? new ExplainingResponse(request, response) : response);
	}

	private boolean explain(HttpServletRequest request, HttpServletResponse response) throws IOException {
		if (response.isCommitted()) {
			return false;
		}
		try {
			String why = this.access.whyRefused(request);
			if (why == null) {
				return false;
			}
			Matcher form = FORM.matcher(request.getRequestURI());
			UnsentPage page = new UnsentPage(response);
			this.pages.refuse(why, form.find() ? form.group() : "", request, page);
			// fails if a writer is in use, and nothing is changed yet
			response.getOutputStream();
			response.resetBuffer();
			AdminHandlerGuard.keepPrivate(response);
			response.setStatus(HttpStatus.FORBIDDEN.value());
			page.copyBodyToResponse();
			return true;
		}
		catch (RuntimeException ex) {
			// rules and templates of the application take part
			this.logger.warn("The page that explains a refusal was not written", ex);
			return false;
		}
	}

	/**
	 * A page that may fail while it is written. It adds no session to a URL, as Spring
	 * Security's filter does, which this is not behind: its firewall would refuse the
	 * link.
	 */
	private static final class UnsentPage extends ContentCachingResponseWrapper {

		UnsentPage(HttpServletResponse response) {
			super(response);
		}

		@Override
		public String encodeURL(String url) {
			return url;
		}

		@Override
		public String encodeRedirectURL(String url) {
			return url;
		}

	}

	/**
	 * A response whose refusals are pages.
	 */
	private final class ExplainingResponse extends HttpServletResponseWrapper {

		private final HttpServletRequest request;

		ExplainingResponse(HttpServletRequest request, HttpServletResponse response) {
			super(response);
			this.request = request;
		}

		@Override
		public void sendError(int status, String message) throws IOException {
			if (status != SC_FORBIDDEN || !MESSAGE.equals(message)
					|| !explain(this.request, (HttpServletResponse) getResponse())) {
				super.sendError(status, message);
			}
		}

	}

}
