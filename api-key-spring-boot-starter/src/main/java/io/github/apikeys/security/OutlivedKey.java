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

import java.util.function.Supplier;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.util.function.SingletonSupplier;

/**
 * A key in the security context of a request that did not present it, wherever the
 * application kept it. It counts for nothing there; but a thread to which work is handed
 * on with the context cannot tell for which request it works.
 */
final class OutlivedKey {

	/** Set while Spring Security serves a request, after which it clears the context. */
	private static final String CLEARED = FilterChainProxy.class.getName() + ".APPLIED";

	private final @Nullable VerifiedRequest request;

	private OutlivedKey(@Nullable VerifiedRequest request) {
		this.request = request;
	}

	/**
	 * Leaves keys of other requests out of the context, as soon as somebody needs it: a
	 * context is not loaded from a session for this.
	 */
	static void removeFrom(SecurityContextHolderStrategy strategy, HttpServletRequest request) {
		VerifiedRequest.serve(request);
		OutlivedKey outlived = new OutlivedKey(VerifiedRequest.of(request));
		Supplier<SecurityContext> context = strategy.getDeferredContext();
		strategy.setDeferredContext(SingletonSupplier.of(() -> outlived.without(context.get(), strategy)));
	}

	/**
	 * Has the thread keep nothing but the context, where nobody clears it: each request
	 * would be kept by what the next one leaves out.
	 */
	static void forgetIn(SecurityContextHolderStrategy strategy, HttpServletRequest request) {
		if (request.getAttribute(CLEARED) != null) {
			return;
		}
		SecurityContext context = strategy.getContext();
		if (context.getAuthentication() != null) {
			strategy.setContext(context);
		}
		else {
			strategy.clearContext();
		}
	}

	private SecurityContext without(SecurityContext context, SecurityContextHolderStrategy strategy) {
		Authentication authentication = context.getAuthentication();
		if (authentication == null || !isIn(authentication)) {
			return context;
		}
		SecurityContext rest = strategy.createEmptyContext();
		if (!(authentication instanceof ApiKeyAuthentication)) {
			rest.setAuthentication(
					authentication.toBuilder().authorities((authorities) -> authorities.removeIf(this::is)).build());
		}
		return rest;
	}

	private boolean isIn(Authentication authentication) {
		return (authentication instanceof ApiKeyAuthentication key) ? key.factor() == null || is(key.factor())
				: authentication.getAuthorities().stream().anyMatch(this::is);
	}

	private boolean is(GrantedAuthority authority) {
		return authority instanceof ApiKeyFactor factor && factor.isOfAnotherThan(this.request);
	}

}
