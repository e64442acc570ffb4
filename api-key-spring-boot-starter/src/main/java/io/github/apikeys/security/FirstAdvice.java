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
import java.util.Arrays;
import java.util.List;

import org.aopalliance.aop.Advice;

import org.springframework.aop.Advisor;
import org.springframework.aop.IntroductionAdvisor;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.interceptor.ExposeInvocationInterceptor;
import org.springframework.aop.scope.ScopedProxyFactoryBean;
import org.springframework.aop.support.DelegatingIntroductionInterceptor;

/**
 * Keeps the decision before all other advice of a proxy. Orders do not: post-processors
 * such as those of {@code @Async} and {@code @Retryable} put their advice in front of
 * what is there.
 */
final class FirstAdvice {

	/** What calls nothing of the application on its way. */
	private static final List<Class<?>> HARMLESS = List.of(ExposeInvocationInterceptor.class,
			DelegatingIntroductionInterceptor.class);

	private FirstAdvice() {
	}

	/**
	 * Puts the decision first in each proxy of an object that decides, unless the proxy
	 * is frozen.
	 */
	static void in(Object object) {
		for (Object level = object; level instanceof Advised advised; level = AopProxyUtils.getSingletonTarget(level)) {
			if (!advised.isFrozen() && !inFrontIn(advised).isEmpty()) {
				Arrays.stream(advised.getAdvisors())
					.filter(FirstAdvice::isDeciding)
					.findFirst()
					.ifPresent((deciding) -> putFirst(deciding, advised));
			}
		}
	}

	/**
	 * At no moment is there a proxy that does not decide: it may be in use.
	 */
	private static void putFirst(Advisor deciding, Advised advised) {
		advised.addAdvisor(0, deciding);
		Advisor[] advisors = advised.getAdvisors();
		for (int i = advisors.length - 1; i > 0; i--) {
			if (advisors[i] == deciding) {
				advised.removeAdvisor(i);
			}
		}
	}

	static boolean isIn(Advised advised) {
		return Arrays.stream(advised.getAdvisors()).anyMatch(FirstAdvice::isDeciding);
	}

	/**
	 * Anyone may use the pointcut, for advice that decides nothing.
	 */
	private static boolean isDeciding(Advisor advisor) {
		return advisor instanceof PointcutAdvisor selected && selected.getPointcut() == HasApiKeyPointcut.INSTANCE
				&& advisor.getAdvice() instanceof HasApiKeyMethodInterceptor;
	}

	/**
	 * Returns the advice of others before the decision, or all of it if there is none.
	 */
	static List<Advisor> inFrontIn(Advised advised) {
		List<Advisor> inFront = new ArrayList<>();
		for (Advisor advisor : advised.getAdvisors()) {
			if (isDeciding(advisor)) {
				break;
			}
			if (!isHarmless(advisor.getAdvice())) {
				inFront.add(advisor);
			}
		}
		return List.copyOf(inFront);
	}

	/**
	 * The factory of a scoped proxy only chooses the bean that its own proxy calls.
	 */
	private static boolean isHarmless(Advice advice) {
		return HARMLESS.contains(advice.getClass()) || advice instanceof ScopedProxyFactoryBean;
	}

	/**
	 * Returns whether advice may run when a method is called.
	 */
	static boolean applies(Advisor advisor, Method method, Class<?> target) {
		if (advisor instanceof PointcutAdvisor selected) {
			return selected.getPointcut().getClassFilter().matches(target)
					&& selected.getPointcut().getMethodMatcher().matches(method, target);
		}
		return !(advisor instanceof IntroductionAdvisor introduction) || introduction.getClassFilter().matches(target);
	}

}
