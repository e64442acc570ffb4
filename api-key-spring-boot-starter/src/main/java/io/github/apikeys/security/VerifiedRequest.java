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

import java.lang.StackWalker.StackFrame;
import java.util.EnumSet;
import java.util.Set;

import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.util.WebUtils;

/**
 * A request whose key was verified. It is an attribute of the request, so that each of
 * its dispatches has the same caller, and what was verified can tell its own request from
 * all others.
 */
final class VerifiedRequest {

	private static final String ATTRIBUTE = VerifiedRequest.class.getName();

	private static final String SERVED_ATTRIBUTE = ATTRIBUTE + ".SERVED";

	private static final ThreadLocal<VerifiedRequest> SERVED = new ThreadLocal<>();

	/** A filter may be a lambda, whose class is hidden. */
	private static final StackWalker STACK = StackWalker
		.getInstance(EnumSet.of(StackWalker.Option.RETAIN_CLASS_REFERENCE, StackWalker.Option.SHOW_HIDDEN_FRAMES));

	private final Authentication key;

	private final @Nullable String header;

	private final boolean alone;

	private volatile @Nullable Authentication caller;

	private volatile boolean decided;

	private volatile Set<String> hiddenHeaders = Set.of();

	private boolean counted;

	/**
	 * Creates the state of a request.
	 * @param key the authentication of the key
	 * @param header the header in which the key came, or {@code null} if it is not known
	 * @param alone whether a header that no other site can send is all it came with
	 * @param besideOthers whether other credentials are to say who the user is
	 */
	VerifiedRequest(Authentication key, @Nullable String header, boolean alone, boolean besideOthers) {
		this.key = key;
		this.header = header;
		this.alone = alone;
		this.caller = besideOthers ? null : key;
	}

	static @Nullable VerifiedRequest of(HttpServletRequest request) {
		return (VerifiedRequest) request.getAttribute(ATTRIBUTE);
	}

	void bindTo(HttpServletRequest request) {
		ApiKeyFactor factor = (this.key instanceof ApiKeyAuthentication authentication) ? authentication.factor()
				: ApiKeyFactor.of(this.key);
		if (factor != null) {
			factor.verifiedIn(this);
		}
		request.setAttribute(ATTRIBUTE, this);
	}

	/**
	 * Tells a request that somebody serves from one that a thread has at hand only.
	 */
	static void serve(HttpServletRequest request) {
		request.setAttribute(SERVED_ATTRIBUTE, Boolean.TRUE);
	}

	/**
	 * Has the current thread serve this request.
	 * @return the request that it served until now, to be given to {@link #leave}
	 */
	@Nullable VerifiedRequest enter() {
		VerifiedRequest before = SERVED.get();
		SERVED.set(this);
		return before;
	}

	/**
	 * Has the current thread serve what it served before.
	 */
	static void leave(@Nullable VerifiedRequest before) {
		if (before != null) {
			SERVED.set(before);
		}
		else {
			SERVED.remove();
		}
	}

	/**
	 * Whether this is the request for which the current thread works, or the thread works
	 * for none that is known: work that was handed on keeps the decision of its request.
	 * A thread that runs a filter or a servlet serves a request, whether or not anybody
	 * has told which one.
	 */
	boolean isCurrent() {
		if (SERVED.get() == this) {
			return true;
		}
		@Nullable Boolean known = (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes)
				? isOf(attributes) : null;
		return (known != null) ? known : !isServing();
	}

	/**
	 * Whether the attributes are those of this request.
	 * @return {@code null} if they say nothing about the thread, since their request is
	 * over, or nobody serves it
	 */
	private @Nullable Boolean isOf(ServletRequestAttributes attributes) {
		VerifiedHttpServletRequest request = WebUtils.getNativeRequest(attributes.getRequest(),
				VerifiedHttpServletRequest.class);
		if (request != null && request.isViewOf(this)) {
			return true;
		}
		try {
			Object verified = attributes.getAttribute(ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
			if (verified != null) {
				return verified == this;
			}
			boolean served = attributes.getAttribute(SERVED_ATTRIBUTE, RequestAttributes.SCOPE_REQUEST) != null
					|| attributes.getRequest().isAsyncStarted();
			return served ? Boolean.FALSE : null;
		}
		catch (IllegalStateException ex) {
			// over, or used again for another
			return null;
		}
	}

	private static boolean isServing() {
		return STACK.walk((frames) -> frames.anyMatch(VerifiedRequest::isServing));
	}

	private static boolean isServing(StackFrame frame) {
		return switch (frame.getMethodName()) {
			case "doFilter" -> Filter.class.isAssignableFrom(frame.getDeclaringClass());
			case "service" -> Servlet.class.isAssignableFrom(frame.getDeclaringClass());
			default -> false;
		};
	}

	Authentication key() {
		return this.key;
	}

	/**
	 * The header in which the key came, if that is known.
	 */
	@Nullable String header() {
		return this.header;
	}

	/**
	 * Hides headers from here on, in all dispatches.
	 * @param headers the names of the headers that may hold the key, in a set that
	 * ignores case
	 */
	void hide(Set<String> headers) {
		Set<String> hidden = this.hiddenHeaders;
		if (hidden.isEmpty()) {
			this.hiddenHeaders = headers;
		}
		else if (!hidden.containsAll(headers)) {
			Set<String> all = KeyHeaders.ignoringCase(hidden);
			all.addAll(headers);
			this.hiddenHeaders = all;
		}
	}

	boolean isHidden(String header) {
		return this.hiddenHeaders.contains(header);
	}

	boolean isAlone() {
		return this.alone;
	}

	/**
	 * The caller.
	 * @return the caller, or {@code null} until other mechanisms had their turn
	 */
	@Nullable Authentication caller() {
		return this.caller;
	}

	void setCaller(Authentication caller) {
		this.caller = caller;
	}

	/**
	 * The context in which others see the caller, or nobody.
	 */
	SecurityContext context(SecurityContextHolderStrategy strategy) {
		Authentication caller = this.caller;
		return (caller != null) ? new RequestSecurityContext(caller) : strategy.createEmptyContext();
	}

	/**
	 * Whether the mechanisms of the chain had their turn, and the application has its
	 * own.
	 */
	boolean isDecided() {
		return this.decided;
	}

	void setDecided(boolean decided) {
		this.decided = decided;
	}

	/**
	 * Counts the request against the rate limits of its key, once for all its dispatches.
	 * @return whether it was not counted before
	 */
	boolean count() {
		boolean first = !this.counted;
		this.counted = true;
		return first;
	}

}
