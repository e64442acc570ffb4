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
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

/**
 * What everything behind the filter sees of a request whose key was verified: no header
 * with the key, so that nothing can record it and no other mechanism takes it for its
 * own, and, until the application has its turn, a session that is forgotten with the
 * request.
 */
final class VerifiedHttpServletRequest extends HttpServletRequestWrapper {

	private final VerifiedRequest verified;

	private @Nullable ForgottenSession session;

	VerifiedHttpServletRequest(HttpServletRequest request, VerifiedRequest verified) {
		super(request);
		this.verified = verified;
	}

	boolean isViewOf(VerifiedRequest verified) {
		return this.verified == verified;
	}

	@Override
	public @Nullable String getHeader(String name) {
		return isHidden(name) ? null : super.getHeader(name);
	}

	@Override
	public Enumeration<String> getHeaders(String name) {
		return isHidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
	}

	@Override
	public Enumeration<String> getHeaderNames() {
		List<String> names = Collections.list(super.getHeaderNames());
		names.removeIf(this::isHidden);
		return Collections.enumeration(names);
	}

	@Override
	public long getDateHeader(String name) {
		return isHidden(name) ? -1 : super.getDateHeader(name);
	}

	@Override
	public int getIntHeader(String name) {
		return isHidden(name) ? -1 : super.getIntHeader(name);
	}

	private boolean isHidden(@Nullable String name) {
		return name != null && this.verified.isHidden(name);
	}

	/**
	 * Frameworks keep answers for each principal, also where Spring Security does not say
	 * who it is.
	 */
	@Override
	public @Nullable Principal getUserPrincipal() {
		Principal caller = this.verified.caller();
		return (caller != null) ? caller : super.getUserPrincipal();
	}

	@Override
	public @Nullable String getRemoteUser() {
		Principal caller = this.verified.caller();
		return (caller != null) ? caller.getName() : super.getRemoteUser();
	}

	@Override
	public HttpSession getSession() {
		return this.verified.isDecided() ? super.getSession() : forgottenSession();
	}

	@Override
	public @Nullable HttpSession getSession(boolean create) {
		if (this.verified.isDecided()) {
			return super.getSession(create);
		}
		if (create) {
			return forgottenSession();
		}
		ForgottenSession session = this.session;
		return (session != null && session.isValid()) ? session : null;
	}

	private ForgottenSession forgottenSession() {
		ForgottenSession session = this.session;
		if (session == null || !session.isValid()) {
			session = new ForgottenSession(getServletContext());
			this.session = session;
		}
		return session;
	}

	@Override
	public String changeSessionId() {
		return this.verified.isDecided() ? super.changeSessionId() : getSession().getId();
	}

	@Override
	public @Nullable String getRequestedSessionId() {
		return this.verified.isDecided() ? super.getRequestedSessionId() : null;
	}

	@Override
	public boolean isRequestedSessionIdValid() {
		return this.verified.isDecided() && super.isRequestedSessionIdValid();
	}

}
