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
import java.util.List;

import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.target.AbstractBeanFactoryBasedTargetSource;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.util.ClassUtils;

/**
 * The proxies around an object, from the one that callers have to the object itself.
 *
 * @param levels the classes on the way, the object's own last
 */
record ProxyChain(List<Level> levels) {

	/**
	 * Follows proxies whose target is known without creating anything.
	 */
	static ProxyChain of(Object object) {
		List<Level> levels = new ArrayList<>();
		Object current = object;
		while (current instanceof Advised advised) {
			boolean leadsToBean = advised.getTargetSource() instanceof AbstractBeanFactoryBasedTargetSource;
			levels.add(new Level(current.getClass(), isAdvised(advised), leadsToBean));
			Object target = AopProxyUtils.getSingletonTarget(current);
			if (target == null) {
				levels.add(new Level(targetClass(advised, leadsToBean), false, false));
				return new ProxyChain(levels);
			}
			current = target;
		}
		levels.add(new Level(current.getClass(), false, false));
		return new ProxyChain(levels);
	}

	private static boolean isAdvised(Advised advised) {
		return Arrays.stream(advised.getAdvisors())
			.anyMatch((advisor) -> advisor instanceof PointcutAdvisor selected
					&& selected.getPointcut() == HasApiKeyPointcut.INSTANCE);
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
	 * Returns whether the annotation stands only on such types above another class as are
	 * above this object, too, and are decided on by a proxy.
	 */
	boolean decidesFor(Class<?> other) {
		try {
			return this.levels.stream().anyMatch(Level::advised) && HasApiKeySearch.hierarchy(other)
				.stream()
				.allMatch((type) -> type.isAssignableFrom(ultimate()) || !HasApiKeySearch.isDeclaredBy(type));
		}
		catch (AnnotationConfigurationException | IllegalStateException | LinkageError ex) {
			return false;
		}
	}

	/**
	 * Returns whether a call of a method is decided on its way, either by a proxy with
	 * our advice or at another bean, which is inspected when it is created.
	 */
	boolean intercepts(Method method) {
		for (int i = 0; i < this.levels.size() - 1; i++) {
			Level level = this.levels.get(i);
			if (!level.dispatches(method)) {
				return false;
			}
			Class<?> target = this.levels.get(i + 1).type();
			if (level.leadsToBean() || (level.advised() && HasApiKeyPointcut.INSTANCE.matches(target)
					&& HasApiKeyPointcut.INSTANCE.matches(method, target))) {
				return true;
			}
		}
		return false;
	}

	/**
	 * A class on the way.
	 *
	 * @param type the class
	 * @param advised whether calls are decided there
	 * @param leadsToBean whether calls go on to another bean
	 */
	record Level(Class<?> type, boolean advised, boolean leadsToBean) {

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
			return Arrays.stream(this.type.getDeclaredMethods())
				.anyMatch((declared) -> declared.getName().equals(method.getName())
						&& Arrays.equals(declared.getParameterTypes(), method.getParameterTypes()));
		}

	}

}
