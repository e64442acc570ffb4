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

package io.github.apikeys.core.jpa;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;

import org.aopalliance.aop.Advice;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.ClassFilter;
import org.springframework.aop.IntroductionAdvisor;
import org.springframework.aop.MethodMatcher;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.util.ClassUtils;

/**
 * Code of which it is known that it does the same on every thread. Everything else is the
 * application's, or might as well be.
 */
final class KnownCode {

	private static final List<String> PACKAGES = List.of(
			// Spring but for its samples, Hibernate
			"org.springframework.aop", "org.springframework.batch", "org.springframework.beans",
			"org.springframework.boot", "org.springframework.cache", "org.springframework.cloud",
			"org.springframework.context", "org.springframework.core", "org.springframework.dao",
			"org.springframework.data", "org.springframework.ejb", "org.springframework.integration",
			"org.springframework.jca", "org.springframework.jdbc", "org.springframework.jms",
			"org.springframework.kafka", "org.springframework.messaging", "org.springframework.jmx",
			"org.springframework.jndi", "org.springframework.modulith", "org.springframework.orm",
			"org.springframework.resilience", "org.springframework.retry", "org.springframework.scheduling",
			"org.springframework.security", "org.springframework.session", "org.springframework.test",
			"org.springframework.transaction", "org.springframework.util", "org.springframework.validation",
			"org.springframework.web", "org.hibernate",
			// pools
			"com.zaxxer.hikari", "org.apache.tomcat", "org.apache.commons.dbcp2", "oracle.ucp", "com.mchange.v2.c3p0",
			"com.alibaba.druid", "io.agroal", "org.jboss.jca", "org.jboss.as", "com.ibm.ws",
			// drivers
			"org.h2", "org.postgresql", "com.mysql", "org.mariadb", "oracle.jdbc", "com.microsoft.sqlserver",
			"com.ibm.db2", "org.hsqldb", "org.apache.derby",
			// what finds servers and passwords in clouds
			"com.google.cloud.sql", "com.amazonaws.secretsmanager", "com.amazonaws.xray", "software.amazon.jdbc",
			"com.azure.identity", "com.azure.spring.cloud",
			// what watches statements
			"net.ttddyy", "com.p6spy", "com.github.gavlyukovskiy", "io.opentelemetry.instrumentation",
			"io.opentelemetry.javaagent", "io.micrometer",
			// databases of tests
			"org.testcontainers", "io.zonky.test");

	/** Whose advice is code that somebody else gave them. */
	private static final List<String> ADAPTERS = List.of("org.springframework.aop.aspectj",
			"org.springframework.aop.framework.adapter");

	private KnownCode() {
	}

	static boolean contains(Class<?> type) {
		return isIn(PACKAGES, type);
	}

	static boolean isIn(List<String> packages, Class<?> type) {
		String name = type.getPackageName();
		return packages.stream().anyMatch((one) -> name.equals(one) || name.startsWith(one + "."));
	}

	/**
	 * Finds code that is not known in an object, or in what stands before it.
	 * @param part the object
	 * @param contract what is called of it
	 * @return the name of the class, or {@code null} if all of it is known
	 */
	static @Nullable String findForeign(Object part, Class<?> contract) {
		String interposed = findInterposed(part, contract);
		if (interposed != null) {
			return interposed;
		}
		Class<?> type = (part instanceof Advised) ? AopUtils.getTargetClass(part) : part.getClass();
		return (Proxy.isProxyClass(type) || contains(type)) ? null : type.getName();
	}

	/**
	 * Finds code that is not known between a caller and an object. What a proxy does that
	 * does not show its advice is not known either.
	 */
	static @Nullable String findInterposed(Object part, Class<?> contract) {
		Class<?> type = part.getClass();
		if (part instanceof Advised advised) {
			for (Advisor advisor : advised.getAdvisors()) {
				if (concerns(advisor, AopUtils.getTargetClass(part), contract)
						&& (advisor instanceof IntroductionAdvisor || !isKnown(advisor.getAdvice()))) {
					return advisor.getAdvice().getClass().getName();
				}
			}
			return null;
		}
		if (Proxy.isProxyClass(type)) {
			InvocationHandler handler = Proxy.getInvocationHandler(part);
			boolean opaque = handler.getClass().getPackageName().startsWith("org.springframework.aop");
			return (!opaque && contains(handler.getClass())) ? null : handler.getClass().getName();
		}
		return type.getName().contains(ClassUtils.CGLIB_CLASS_SEPARATOR) && !type.isHidden() ? type.getName() : null;
	}

	private static boolean concerns(Advisor advisor, Class<?> target, Class<?> contract) {
		if (advisor instanceof IntroductionAdvisor introduction) {
			for (Class<?> introduced : introduction.getInterfaces()) {
				if (contract.isAssignableFrom(introduced)) {
					return true;
				}
			}
			return false;
		}
		if (!(advisor instanceof PointcutAdvisor pointcutAdvisor)) {
			return true;
		}
		ClassFilter filter = pointcutAdvisor.getPointcut().getClassFilter();
		MethodMatcher matcher = pointcutAdvisor.getPointcut().getMethodMatcher();
		if (!filter.matches(target)) {
			return false;
		}
		for (Method method : contract.getMethods()) {
			if (matcher.matches(method, target)
					|| matcher.matches(AopUtils.getMostSpecificMethod(method, target), target)) {
				return true;
			}
		}
		return false;
	}

	private static boolean isKnown(Advice advice) {
		return contains(advice.getClass()) && !isIn(ADAPTERS, advice.getClass());
	}

}
