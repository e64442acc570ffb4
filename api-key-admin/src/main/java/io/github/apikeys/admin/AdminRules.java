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

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.aopalliance.intercept.MethodInvocation;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.ResolvableType;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.authorization.AuthorizationManagerFactory;
import org.springframework.security.authorization.AuthorizationManagers;
import org.springframework.security.authorization.DefaultAuthorizationManagerFactory;
import org.springframework.security.util.SimpleMethodInvocation;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.util.Assert;
import org.springframework.util.ReflectionUtils;

/**
 * What the application requires of a user with some authority, as its own rules for
 * requests and methods do: an {@link AuthorizationManagerFactory} of the application may
 * ask for more than the authority, for example a second factor.
 */
final class AdminRules {

	private AdminRules() {
	}

	/**
	 * Returns the rules.
	 * @param authority the authority that a user needs
	 * @return at least one; each of them must permit a request
	 */
	static List<AuthorizationManager<HttpServletRequest>> of(String authority, ListableBeanFactory beanFactory) {
		List<AuthorizationManager<HttpServletRequest>> rules = new ArrayList<>();
		factories(beanFactory, RequestAuthorizationContext.class).forEach((factory) -> {
			AuthorizationManager<RequestAuthorizationContext> rule = rule(factory, authority);
			rules.add((authentication, request) -> rule.authorize(authentication,
					new RequestAuthorizationContext(request)));
		});
		factories(beanFactory, Object.class).forEach((factory) -> {
			AuthorizationManager<Object> rule = rule(factory, authority);
			rules.add(rule::authorize);
		});
		factories(beanFactory, MethodInvocation.class).forEach((factory) -> {
			AuthorizationManager<MethodInvocation> rule = rule(factory, authority);
			MethodInvocation invocation = invocation();
			rules.add((authentication, request) -> rule.authorize(authentication, invocation));
		});
		if (rules.isEmpty()) {
			DefaultAuthorizationManagerFactory<HttpServletRequest> factory = new DefaultAuthorizationManagerFactory<>();
			beanFactory.getBeanProvider(RoleHierarchy.class).ifUnique(factory::setRoleHierarchy);
			rules.add(rule(factory, authority));
		}
		return rules;
	}

	private static <T> List<AuthorizationManagerFactory<T>> factories(ListableBeanFactory beanFactory, Class<T> type) {
		return beanFactory
			.<AuthorizationManagerFactory<T>>getBeanProvider(
					ResolvableType.forClassWithGenerics(AuthorizationManagerFactory.class, type))
			.orderedStream()
			.toList();
	}

	/**
	 * An anonymous user may have authorities, too.
	 */
	private static <T> AuthorizationManager<T> rule(AuthorizationManagerFactory<T> factory, String authority) {
		return AuthorizationManagers.allOf(factory.hasAuthority(authority), factory.authenticated());
	}

	/**
	 * Stands for the methods that handle requests.
	 */
	private static MethodInvocation invocation() {
		Method method = ReflectionUtils.findMethod(AdminHandlerGuard.class, "enter", HttpServletRequest.class,
				HttpServletResponse.class);
		Assert.state(method != null, "There is no handler method");
		return new SimpleMethodInvocation(AdminHandlerGuard.class, method);
	}

}
