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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Pointcut;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.StaticMethodMatcher;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.authorization.SingleResultAuthorizationManager;
import org.springframework.security.core.Authentication;

/**
 * Decides on {@link HasApiKey}. It never abstains: where the annotation was seen but
 * cannot be read, nobody comes in.
 *
 * @since 0.1.0
 */
public final class HasApiKeyAuthorizationManager implements AuthorizationManager<MethodInvocation> {

	private final Map<MethodClassKey, AuthorizationManager<MethodInvocation>> managers = new ConcurrentHashMap<>();

	/**
	 * Returns where the annotation can stand: on methods and types, on what they
	 * implement or override, and on other annotations.
	 * @return the pointcut of the advice
	 */
	public static Pointcut pointcut() {
		return new ComposablePointcut((Pointcut) new AnnotationMatchingPointcut(null, HasApiKey.class, true))
			.union((Pointcut) new AnnotationMatchingPointcut(HasApiKey.class, true))
			.union((Pointcut) new InheritedMethodPointcut())
			.intersection(new HasApiKeyClassFilter())
			.intersection(new NotOfObjectMatcher());
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
		List<Class<?>> all = new ArrayList<>(List.of(types));
		all.add(method.getDeclaringClass());
		return HasApiKeySearch.find(method, all);
	}

	@Override
	public @Nullable AuthorizationResult authorize(Supplier<? extends @Nullable Authentication> authentication,
			MethodInvocation invocation) {
		return manager(invocation).authorize(authentication, invocation);
	}

	private AuthorizationManager<MethodInvocation> manager(MethodInvocation invocation) {
		Method method = invocation.getMethod();
		Object target = invocation.getThis();
		Class<?> type = (target != null) ? target.getClass() : method.getDeclaringClass();
		return this.managers.computeIfAbsent(new MethodClassKey(method, type), (key) -> resolve(method, target));
	}

	private static AuthorizationManager<MethodInvocation> resolve(Method method, @Nullable Object target) {
		// a target may be a proxy itself, with more interfaces than what is behind it
		HasApiKey annotation = (target != null)
				? find(method, AopProxyUtils.ultimateTargetClass(target), target.getClass()) : find(method);
		return (annotation != null) ? new ApiKeyAuthorizationManager<>(annotation.type(), List.of(annotation.value()),
				List.of(annotation.anyScope())) : SingleResultAuthorizationManager.denyAll();
	}

	/**
	 * Methods that implement an annotated one without knowing it: the class of the bean
	 * inherits them, and implements the interface only itself.
	 */
	private static final class InheritedMethodPointcut extends StaticMethodMatcherPointcut {

		@Override
		public boolean matches(Method method, Class<?> targetClass) {
			return HasApiKeySearch.isOnMethod(method, targetClass);
		}

	}

	/**
	 * Everything but what each object has, such as {@code toString()} for a log.
	 */
	private static final class NotOfObjectMatcher extends StaticMethodMatcher {

		@Override
		public boolean matches(Method method, Class<?> targetClass) {
			return method.getDeclaringClass() != Object.class;
		}

	}

}
