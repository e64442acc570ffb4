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

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.security.core.Authentication;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * A request whose key was verified. It is an attribute of the request, so that each of
 * its dispatches has the same caller, and what was verified can tell its own request from
 * all others.
 */
final class VerifiedRequest {

	private static final String ATTRIBUTE = VerifiedRequest.class.getName();

	// what the proxy of all chains sets while one of them serves a request
	private static final String SERVED = FilterChainProxy.class.getName() + ".APPLIED";

	private final Authentication key;

	private final boolean inAuthorization;

	private final boolean alone;

	private volatile @Nullable Authentication caller;

	private volatile boolean decided;

	private boolean counted;

	/**
	 * Creates the state of a request.
	 * @param key the authentication of the key
	 * @param inAuthorization whether the key came in {@code Authorization}
	 * @param alone whether a header that no other site can send is all it came with
	 * @param besideOthers whether other credentials are to say who the user is
	 */
	VerifiedRequest(Authentication key, boolean inAuthorization, boolean alone, boolean besideOthers) {
		this.key = key;
		this.inAuthorization = inAuthorization;
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
	 * Whether this is the request that the current thread serves, or the thread serves
	 * none: work that was handed on keeps the decision of its request. A request that no
	 * chain serves, such as that of a test around it, restored no context.
	 */
	boolean isCurrent() {
		RequestAttributes current = RequestContextHolder.getRequestAttributes();
		if (current == null) {
			return true;
		}
		try {
			return current.getAttribute(ATTRIBUTE, RequestAttributes.SCOPE_REQUEST) == this
					|| current.getAttribute(SERVED, RequestAttributes.SCOPE_REQUEST) == null;
		}
		catch (IllegalStateException ex) {
			// the attributes of a request that is over, handed on with the work
			return true;
		}
	}

	Authentication key() {
		return this.key;
	}

	boolean isInAuthorization() {
		return this.inAuthorization;
	}

	boolean isAlone() {
		return this.alone;
	}

	/**
	 * Who the caller is.
	 * @return the caller, or {@code null} until other mechanisms had their turn
	 */
	@Nullable Authentication caller() {
		return this.caller;
	}

	void setCaller(Authentication caller) {
		this.caller = caller;
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
	 * Whether the request was counted against the rate limits of the key.
	 */
	boolean isCounted() {
		return this.counted;
	}

	void setCounted() {
		this.counted = true;
	}

}
