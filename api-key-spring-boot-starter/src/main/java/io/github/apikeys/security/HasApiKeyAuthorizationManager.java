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

import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Pointcut;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.core.MethodClassKey;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.SecurityAnnotationScanner;
import org.springframework.security.core.annotation.SecurityAnnotationScanners;

/**
 * Decides on {@link HasApiKey}. It never abstains: where the annotation was seen but
 * cannot be read, nobody comes in.
 *
 * @since 0.1.0
 */
public final class HasApiKeyAuthorizationManager implements AuthorizationManager<MethodInvocation> {

	private static final ApiKeyAuthorizationManager<MethodInvocation> NONE = new ApiKeyAuthorizationManager<>(List.of(),
			List.of());

	private final SecurityAnnotationScanner<HasApiKey> scanner = SecurityAnnotationScanners
		.requireUnique(HasApiKey.class);

	private final Map<MethodClassKey, ApiKeyAuthorizationManager<MethodInvocation>> managers = new ConcurrentHashMap<>();

	/**
	 * Returns where the annotation can stand: on methods and types, on what they
	 * implement or override, and on other annotations.
	 * @return the pointcut of the advice
	 */
	public static Pointcut pointcut() {
		return new ComposablePointcut((Pointcut) new AnnotationMatchingPointcut(null, HasApiKey.class, true))
			.union((Pointcut) new AnnotationMatchingPointcut(HasApiKey.class, true));
	}

	@Override
	public AuthorizationDecision authorize(Supplier<? extends @Nullable Authentication> authentication,
			MethodInvocation invocation) {
		return manager(invocation).authorize(authentication, invocation);
	}

	private ApiKeyAuthorizationManager<MethodInvocation> manager(MethodInvocation invocation) {
		Method method = invocation.getMethod();
		Object target = invocation.getThis();
		Class<?> targetClass = (target != null) ? AopUtils.getTargetClass(target) : method.getDeclaringClass();
		return this.managers.computeIfAbsent(new MethodClassKey(method, targetClass),
				(key) -> resolve(method, targetClass));
	}

	private ApiKeyAuthorizationManager<MethodInvocation> resolve(Method method, Class<?> targetClass) {
		HasApiKey annotation = this.scanner.scan(AopUtils.getMostSpecificMethod(method, targetClass), targetClass);
		if (annotation == null) {
			return NONE;
		}
		return new ApiKeyAuthorizationManager<>(List.of(annotation.value()), List.of(annotation.anyScope()));
	}

}
