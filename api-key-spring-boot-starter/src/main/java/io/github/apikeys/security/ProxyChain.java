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
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.aopalliance.aop.Advice;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.TargetSource;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.target.AbstractBeanFactoryBasedTargetSource;
import org.springframework.aop.target.dynamic.BeanFactoryRefreshableTargetSource;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The proxies around an object, from the one that callers have to the object itself.
 *
 * @param levels the classes on the way, the object's own last
 */
record ProxyChain(List<Level> levels) {

	private static final List<String> FRAMEWORKS = List.of("java.", "jakarta.", "org.springframework.");

	/**
	 * Follows proxies whose target is known without creating anything.
	 */
	static ProxyChain of(Object object) {
		List<Level> levels = new ArrayList<>();
		Object current = object;
		// what makes a proxy is none
		while (current instanceof Advised advised && AopUtils.isAopProxy(current)) {
			boolean leadsToBean = leadsToBean(advised.getTargetSource());
			levels.add(new Level(current.getClass(), FirstAdvice.isIn(advised), leadsToBean,
					FirstAdvice.inFrontIn(advised)));
			Object target = AopProxyUtils.getSingletonTarget(current);
			if (target == null) {
				levels.add(Level.of(targetClass(advised, leadsToBean)));
				return new ProxyChain(levels);
			}
			current = target;
		}
		levels.add(Level.of(current.getClass()));
		return new ProxyChain(levels);
	}

	/**
	 * Returns whether a bean factory gives what is called, whatever the scope is.
	 */
	private static boolean leadsToBean(TargetSource source) {
		return source instanceof AbstractBeanFactoryBasedTargetSource
				|| source instanceof BeanFactoryRefreshableTargetSource || LazyInjection.isOfBean(source);
	}

	private static Class<?> targetClass(Advised advised, boolean leadsToBean) {
		if (AopUtils.isCglibProxy(advised)) {
			return ClassUtils.getUserClass(advised);
		}
		// a bean of unknown type would be created
		Class<?> targetClass = leadsToBean ? null : advised.getTargetClass();
		return (targetClass != null) ? targetClass : advised.getClass();
	}

	Class<?> outermost() {
		return this.levels.get(0).type();
	}

	Class<?> ultimate() {
		return ClassUtils.getUserClass(this.levels.get(this.levels.size() - 1).type());
	}

	/**
	 * Returns where a decision at the outermost proxy looks for the annotation.
	 */
	List<Class<?>> searched() {
		return (this.levels.size() > 2) ? List.of(ultimate(), this.levels.get(1).type()) : List.of(ultimate());
	}

	/**
	 * Returns whether a proxy decides on all that another class demands by types above
	 * both, method by method, and whatever is called here demands no less.
	 */
	boolean decidesFor(Class<?> other) {
		if (this.levels.stream().noneMatch(Level::advised)) {
			return false;
		}
		try {
			Map<Method, HasApiKey> demanded = demands(other);
			return HasApiKeySearch.hierarchy(other)
				.stream()
				.allMatch((type) -> type.isAssignableFrom(ultimate()) || !HasApiKeySearch.isDeclaredBy(type))
					&& demanded.entrySet().stream().allMatch((demand) -> demands(demand.getKey(), demand.getValue()))
					&& callable(ultimate()).stream().allMatch((method) -> demandsAny(method, demanded));
		}
		catch (AnnotationConfigurationException | IllegalStateException | LinkageError ex) {
			return false;
		}
	}

	private static Map<Method, HasApiKey> demands(Class<?> type) {
		Map<Method, HasApiKey> demands = new LinkedHashMap<>();
		for (Method method : callable(type)) {
			HasApiKey demand = HasApiKeySearch.find(method, List.of(type));
			if (demand != null) {
				demands.put(method, demand);
			}
		}
		return demands;
	}

	private boolean demands(Method method, HasApiKey demand) {
		Method own = ReflectionUtils.findMethod(ultimate(), method.getName(), method.getParameterTypes());
		return own != null && demand.equals(HasApiKeySearch.find(own, searched()));
	}

	/**
	 * A method that is no counterpart may call any method of the other one.
	 */
	private boolean demandsAny(Method method, Map<Method, HasApiKey> demanded) {
		HasApiKey demand = HasApiKeySearch.find(method, searched());
		return demanded.keySet().stream().anyMatch((other) -> isSame(other, method))
				|| demanded.values().stream().allMatch((other) -> other.equals(demand));
	}

	private static List<Method> callable(Class<?> type) {
		return HasApiKeySearch.hierarchy(type)
			.stream()
			.filter((each) -> FRAMEWORKS.stream().noneMatch(each.getName()::startsWith))
			.flatMap((each) -> Arrays.stream(ReflectionUtils.getDeclaredMethods(each)))
			.filter((method) -> !method.isSynthetic() && !Modifier.isPrivate(method.getModifiers())
					&& !Modifier.isStatic(method.getModifiers()) && !ReflectionUtils.isObjectMethod(method)
					&& AopUtils.getMostSpecificMethod(method, type).equals(method))
			.toList();
	}

	private static boolean isSame(Method one, Method other) {
		return one.getName().equals(other.getName())
				&& Arrays.equals(one.getParameterTypes(), other.getParameterTypes());
	}

	/**
	 * Returns whether a call of a method is decided on its way, either by a proxy with
	 * our advice or at another bean, which is inspected when it is created.
	 */
	boolean intercepts(Method method) {
		return deciding(method) >= 0;
	}

	/**
	 * Returns the advice that a call of a method meets before it is decided.
	 * @return the advice, or {@code null} if there is none
	 */
	@Nullable Advice inFrontOf(Method method) {
		for (int i = 0; i <= deciding(method); i++) {
			Class<?> target = this.levels.get(i + 1).type();
			for (Advisor advisor : this.levels.get(i).inFront()) {
				if (FirstAdvice.applies(advisor, method, target)) {
					return advisor.getAdvice();
				}
			}
		}
		return null;
	}

	/**
	 * Returns whether what was found out holds for all objects with these levels.
	 */
	boolean isOrdered() {
		return this.levels.stream().allMatch((level) -> level.inFront().isEmpty());
	}

	private int deciding(Method method) {
		for (int i = 0; i < this.levels.size() - 1; i++) {
			Level level = this.levels.get(i);
			if (!level.dispatches(method)) {
				return -1;
			}
			Class<?> target = this.levels.get(i + 1).type();
			if (level.leadsToBean() || (level.advised() && HasApiKeyPointcut.INSTANCE.matches(target)
					&& HasApiKeyPointcut.INSTANCE.matches(method, target))) {
				return i;
			}
		}
		return -1;
	}

	/**
	 * A class on the way.
	 *
	 * @param type the class
	 * @param advised whether calls are decided there
	 * @param leadsToBean whether calls go on to another bean
	 * @param inFront the advice of others that comes before the decision, or all of it if
	 * nothing is decided there
	 */
	record Level(Class<?> type, boolean advised, boolean leadsToBean, List<Advisor> inFront) {

		static Level of(Class<?> type) {
			return new Level(type, false, false, List.of());
		}

		/**
		 * Returns whether the proxy gets to see calls of a method. A class proxy does if
		 * it overrides the method that would run.
		 */
		boolean dispatches(Method method) {
			if (Proxy.isProxyClass(this.type)) {
				return true;
			}
			Method running = AopUtils.getMostSpecificMethod(method, ClassUtils.getUserClass(this.type));
			return !Modifier.isFinal(running.getModifiers()) && HasApiKeySearch.isOverridable(running, this.type)
					&& declares(running);
		}

		private boolean declares(Method method) {
			return Arrays.stream(this.type.getDeclaredMethods()).anyMatch((declared) -> isSame(declared, method));
		}

	}

}
