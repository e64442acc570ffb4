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

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyQuotas;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.support.Causes;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.method.AuthorizationManagerAfterMethodInterceptor;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.util.ClassUtils;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.method.support.InvocableHandlerMethod;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Takes a request that is authorized from the quota of its key, if it has one. Whether
 * the handler may be called is known only later; if it may not, the request is given
 * back. What the handler itself refuses, or what is denied within it, was worked on.
 */
final class ApiKeyQuotaFilter extends OncePerRequestFilter {

	private static final String INVOCATION = InvocableHandlerMethod.class.getName();

	private static final String INVOCATION_METHOD = "invokeForRequest";

	/** The methods of a {@link RequestDispatcher}. */
	private static final List<String> DISPATCHES = List.of("forward", "include");

	private static final String AFTER_INVOCATION = AuthorizationManagerAfterMethodInterceptor.class.getName();

	private final SecurityContextHolderStrategy securityContextHolderStrategy;

	private final Supplier<ApiKeyQuotas> quotas;

	private final RefusalPublisher refusals;

	ApiKeyQuotaFilter(SecurityContextHolderStrategy securityContextHolderStrategy, Supplier<ApiKeyQuotas> quotas,
			RefusalPublisher refusals) {
		this.securityContextHolderStrategy = securityContextHolderStrategy;
		this.quotas = quotas;
		this.refusals = refusals;
	}

	@Override
	protected boolean shouldNotFilter(HttpServletRequest request) {
		ApiKeyPrincipal apiKey = find();
		return apiKey == null || !apiKey.hasQuota();
	}

	private @Nullable ApiKeyPrincipal find() {
		return ApiKeyFactor.find(this.securityContextHolderStrategy.getContext().getAuthentication());
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		ApiKeyPrincipal apiKey = find();
		if (apiKey != null && consume(apiKey, request, response)) {
			call(apiKey.id(), request, response, filterChain);
		}
	}

	private boolean consume(ApiKeyPrincipal apiKey, HttpServletRequest request, HttpServletResponse response)
			throws IOException {
		try {
			if (this.quotas.get().consumeQuota(apiKey.id())) {
				return true;
			}
		}
		catch (RuntimeException ex) {
			if (!MalformedRequest.isAnswered(ex, response)) {
				this.logger.error("The quota of an API key is not known", ex);
				ProblemResponse.writeUnavailable(response, Problem.UNAVAILABLE.detail());
			}
			return false;
		}
		this.refusals.publish(ApiKeyRefusal.QUOTA, "its quota is used up", apiKey, request);
		ProblemResponse.write(response, Problem.QUOTA);
		return false;
	}

	private void call(UUID id, HttpServletRequest request, HttpServletResponse response, FilterChain filterChain)
			throws ServletException, IOException {
		Throwable failure = null;
		try {
			filterChain.doFilter(request, response);
			failure = handledFailure(request);
		}
		catch (ServletException | RuntimeException ex) {
			failure = ex;
			throw ex;
		}
		finally {
			if (failure != null && isDeniedBeforeTheWork(failure, request)) {
				refund(id);
			}
		}
	}

	/**
	 * What the application answered itself.
	 */
	private static @Nullable Throwable handledFailure(HttpServletRequest request) {
		Object failure = request.getAttribute(DispatcherServlet.EXCEPTION_ATTRIBUTE);
		return (Throwable) ((failure != null) ? failure : request.getAttribute(RequestDispatcher.ERROR_EXCEPTION));
	}

	/**
	 * Whether a call of the handler was denied, and not something that the handler did.
	 * Only the trace of the exception tells: the same exceptions come from within the
	 * handler, and when a result is denied.
	 */
	private static boolean isDeniedBeforeTheWork(Throwable failure, HttpServletRequest request) {
		AccessDeniedException denial = Causes.find(failure, AccessDeniedException.class);
		if (denial == null || !(request
			.getAttribute(HandlerMapping.BEST_MATCHING_HANDLER_ATTRIBUTE) instanceof HandlerMethod handler)) {
			return false;
		}
		StackTraceElement[] trace = denial.getStackTrace();
		for (int i = 0; i < trace.length; i++) {
			if (trace[i].getClassName().equals(INVOCATION)) {
				return Arrays.stream(trace, i, trace.length)
					.takeWhile((frame) -> !frame.getClassName().equals(ApiKeyQuotaFilter.class.getName()))
					.filter(ApiKeyQuotaFilter::callsOrDispatches)
					.count() == 1;
			}
			if (trace[i].getClassName().equals(AFTER_INVOCATION) || isOf(handler, trace[i])) {
				return false;
			}
		}
		// thrown on another thread
		return false;
	}

	/**
	 * A handler that forwards or includes a request may have worked on it.
	 */
	private static boolean callsOrDispatches(StackTraceElement frame) {
		return (frame.getClassName().equals(INVOCATION) && frame.getMethodName().equals(INVOCATION_METHOD))
				|| (DISPATCHES.contains(frame.getMethodName()) && isDispatcher(frame.getClassName()));
	}

	private static boolean isDispatcher(String className) {
		try {
			return RequestDispatcher.class
				.isAssignableFrom(ClassUtils.forName(className, ClassUtils.getDefaultClassLoader()));
		}
		catch (ClassNotFoundException | LinkageError ex) {
			// a class of the container that nobody else sees
			return true;
		}
	}

	private static boolean isOf(HandlerMethod handler, StackTraceElement frame) {
		Class<?> type = ClassUtils.getUserClass(handler.getBeanType());
		while (type != null) {
			if (type.getName().equals(frame.getClassName())) {
				return true;
			}
			type = type.getSuperclass();
		}
		return handler.getMethod().getDeclaringClass().getName().equals(frame.getClassName());
	}

	private void refund(UUID id) {
		try {
			this.quotas.get().refundQuota(id);
		}
		catch (RuntimeException ex) {
			// the answer is 403 all the same
			this.logger.error("A request that was denied stays counted against the quota of its API key", ex);
		}
	}

}
