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

import org.aopalliance.aop.Advice;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Pointcut;
import org.springframework.core.PriorityOrdered;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.authorization.AuthorizationEventPublisher;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.authorization.method.AuthorizationAdvisor;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;

/**
 * Asks {@link HasApiKeyAuthorizationManager} before a method is called. Spring Security's
 * interceptor would describe each call for a log, which takes longer than the decision
 * where Commons Logging writes to SLF4J.
 *
 * @since 0.1.0
 */
public final class HasApiKeyMethodInterceptor implements AuthorizationAdvisor, PriorityOrdered {

	private final HasApiKeyAuthorizationManager authorizationManager = new HasApiKeyAuthorizationManager();

	private final AuthorizationEventPublisher eventPublisher;

	private SecurityContextHolderStrategy securityContextHolderStrategy = SecurityContextHolder
		.getContextHolderStrategy();

	/**
	 * Creates an interceptor.
	 * @param eventPublisher what publishes the decisions
	 */
	public HasApiKeyMethodInterceptor(AuthorizationEventPublisher eventPublisher) {
		this.eventPublisher = eventPublisher;
	}

	/**
	 * Sets where the caller is found.
	 * @param securityContextHolderStrategy the strategy; by default, the one of
	 * {@link SecurityContextHolder} when this object was created
	 */
	public void setSecurityContextHolderStrategy(SecurityContextHolderStrategy securityContextHolderStrategy) {
		this.securityContextHolderStrategy = securityContextHolderStrategy;
	}

	/**
	 * Calls the method if the caller may.
	 * @param invocation the call
	 * @return what the method returns
	 * @throws AuthorizationDeniedException if the caller may not
	 * @throws AuthenticationCredentialsNotFoundException if there is no authentication
	 */
	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		AuthorizationResult result = this.authorizationManager.authorize(this::authentication, invocation);
		this.eventPublisher.publishAuthorizationEvent(this::authentication, invocation, result);
		if (result == null) {
			throw new AuthorizationDeniedException("Access Denied");
		}
		if (!result.isGranted()) {
			throw new AuthorizationDeniedException("Access Denied", result);
		}
		return invocation.proceed();
	}

	private Authentication authentication() {
		Authentication authentication = this.securityContextHolderStrategy.getContext().getAuthentication();
		if (authentication == null) {
			throw new AuthenticationCredentialsNotFoundException(
					"An Authentication object was not found in the SecurityContext");
		}
		return authentication;
	}

	@Override
	public Pointcut getPointcut() {
		return HasApiKeyPointcut.INSTANCE;
	}

	@Override
	public Advice getAdvice() {
		return this;
	}

	/**
	 * Before all other advice that is ordered: a cache, or a fallback, would answer who
	 * may not call.
	 */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

}
