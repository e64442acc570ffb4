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
import org.springframework.aop.TargetClassAware;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.authorization.SingleResultAuthorizationManager;
import org.springframework.security.core.Authentication;

/**
 * Decides on {@link HasApiKey}. It never abstains: if the annotation was seen but cannot
 * be read, access is denied.
 *
 * @since 0.1.0
 */
public final class HasApiKeyAuthorizationManager implements AuthorizationManager<MethodInvocation> {

	private final Map<Call, AuthorizationManager<MethodInvocation>> managers = new ConcurrentHashMap<>();

	/**
	 * Returns where the annotation can stand: on methods and types, on what they
	 * implement or override, and on other annotations.
	 * @return the pointcut of the advice
	 */
	public static Pointcut pointcut() {
		return HasApiKeyPointcut.INSTANCE;
	}

	/**
	 * Finds the annotation by which calls of a method are decided, for those who want to
	 * tell what it takes.
	 * @param method the method
	 * @param types the class of the bean, and the class of its proxy if that is another
	 * one
	 * @return the annotation, or {@code null} if the method takes no key
	 * @throws AnnotationConfigurationException if there are several that say different
	 * things, and none is nearer than the others
	 */
	public static @Nullable HasApiKey find(Method method, Class<?>... types) {
		return HasApiKeySearch.find(method, List.of(types));
	}

	@Override
	public @Nullable AuthorizationResult authorize(Supplier<? extends @Nullable Authentication> authentication,
			MethodInvocation invocation) {
		return manager(invocation).authorize(authentication, invocation);
	}

	private AuthorizationManager<MethodInvocation> manager(MethodInvocation invocation) {
		Method method = invocation.getMethod();
		Object target = invocation.getThis();
		return this.managers.computeIfAbsent(new Call(method, (target != null) ? types(target) : List.of()),
				HasApiKeyAuthorizationManager::resolve);
	}

	/**
	 * A target may be a proxy itself, with more interfaces than what is behind it, and of
	 * a class that it shares with proxies for other beans.
	 */
	private static List<Class<?>> types(Object target) {
		return (target instanceof TargetClassAware)
				? List.of(AopProxyUtils.ultimateTargetClass(target), target.getClass()) : List.of(target.getClass());
	}

	private static AuthorizationManager<MethodInvocation> resolve(Call call) {
		HasApiKey annotation = HasApiKeySearch.find(call.method(), call.types());
		return (annotation != null) ? ApiKeyAuthorizationManager.of(annotation)
				: SingleResultAuthorizationManager.denyAll();
	}

	/**
	 * All that a decision depends on.
	 */
	private record Call(Method method, List<Class<?>> types) {

	}

}
