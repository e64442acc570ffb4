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

package io.github.apikeys.autoconfigure;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.apikeys.security.HasApiKeyInspector;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxy;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.DirectFieldAccessor;

/**
 * What post-processors put in the place of guarded beans. It hides the annotations of a
 * bean from whatever makes proxies, so it must lead to a proxy of the bean.
 */
final class BeanReplacements {

	private final HasApiKeyInspector inspector;

	private final HandlerParts handlerParts;

	// a thread creates one bean of a name at a time; another bean of that name may be of
	// another class
	private final Cache<Thread, Map<String, Class<?>>> creations = Caffeine.newBuilder().weakKeys().build();

	private final Cache<Object, Class<?>> replaced = Caffeine.newBuilder().weakKeys().build();

	BeanReplacements(HasApiKeyInspector inspector, HandlerParts handlerParts) {
		this.inspector = inspector;
		this.handlerParts = handlerParts;
	}

	/**
	 * Notes the class of a bean that will be created, which anything may take the place
	 * of.
	 */
	void announce(Class<?> type, String beanName) {
		note(this.inspector.isUsedOn(type) ? type : null, beanName);
	}

	/**
	 * Notes what a bean is before anything wraps it.
	 */
	void begin(Object bean, String beanName) {
		note(this.inspector.guardedClass(bean), beanName);
	}

	/**
	 * Notes what the product of a factory is, which nobody announces.
	 */
	void beginUnlessBegun(Object bean, String beanName) {
		if (!isOpen(beanName)) {
			begin(bean, beanName);
		}
	}

	/**
	 * Returns whether it is known what a guarded bean is, and not yet what everything
	 * made of it.
	 */
	boolean isOpen(String beanName) {
		return creations().containsKey(beanName);
	}

	private void note(@Nullable Class<?> guarded, String beanName) {
		if (guarded != null) {
			creations().put(beanName, guarded);
		}
		else {
			creations().remove(beanName);
		}
	}

	private Map<String, Class<?>> creations() {
		return this.creations.get(Thread.currentThread(), (thread) -> new HashMap<>());
	}

	/**
	 * Notes what others are given before a bean is complete.
	 */
	void share(Object reference, String beanName) {
		Class<?> guarded = creations().get(beanName);
		if (guarded != null) {
			this.replaced.put(reference, guarded);
		}
	}

	/**
	 * Notes what a bean is after everything wrapped it.
	 */
	void end(Object bean, String beanName) {
		share(bean, beanName);
		creations().remove(beanName);
	}

	/**
	 * Has nothing known of a bean to which nobody leads any more.
	 */
	void abandon(String beanName) {
		creations().remove(beanName);
	}

	/**
	 * Returns the proxies behind what stands in the place of a guarded bean, which have
	 * to decide.
	 * @param bean what callers have
	 * @return the proxies; none if nothing else stands there
	 * @throws ApiKeyConfigurationException if there is none behind it, or advice of
	 * others comes first
	 */
	List<Object> proxiesBehind(Object bean, String beanName) {
		if (Proxy.isProxyClass(bean.getClass()) && !tellsItsAdvice(bean)) {
			checkFirst(bean, beanName);
		}
		Class<?> guarded = this.replaced.getIfPresent(bean);
		if (guarded == null || this.inspector.leadsTo(bean, guarded) || Mocks.isMock(bean)) {
			return List.of();
		}
		List<Object> proxies = this.handlerParts.within(bean)
			.stream()
			.filter((part) -> AopUtils.isAopProxy(part) && this.inspector.leadsTo(part, guarded))
			.toList();
		if (proxies.isEmpty()) {
			throw new ApiKeyConfigurationException(
					"Bean '" + beanName + "': @HasApiKey would protect nothing in " + guarded.getName()
							+ ": a BeanPostProcessor puts an object of " + bean.getClass().getName()
							+ " in its place, and no proxy that decides is behind that.",
					"Let the post-processor wrap what it is given after initialization, and order it behind those that "
							+ "make proxies; or make an Advisor of what it does, and a bean of the Advisor.");
		}
		return proxies;
	}

	/**
	 * Any proxy may have the interface that tells, and pass calls of it on.
	 */
	private static boolean tellsItsAdvice(Object proxy) {
		InvocationHandler handler = Proxy.getInvocationHandler(proxy);
		return proxy instanceof Advised && handler instanceof AopProxy
				&& !Boolean.TRUE.equals(new DirectFieldAccessor(handler).getPropertyValue("advised.opaque"));
	}

	/**
	 * A proxy that is none of Spring's tells nobody what it does, and what is behind it.
	 */
	private void checkFirst(Object proxy, String beanName) {
		Class<?>[] interfaces = AopProxyUtils.proxiedUserInterfaces(proxy);
		for (Object part : this.handlerParts.within(proxy)) {
			if (part instanceof Advised && this.inspector.isUsedBy(part)
					&& Arrays.stream(interfaces).anyMatch((type) -> type.isInstance(part))) {
				throw new ApiKeyConfigurationException(
						"Bean '" + beanName + "': @HasApiKey in " + AopProxyUtils.ultimateTargetClass(part).getName()
								+ " would be decided too late: "
								+ Proxy.getInvocationHandler(proxy).getClass().getName()
								+ " comes first, in a proxy around the one that decides.",
						"Make an Advisor of what that proxy does, and a bean of the Advisor: then the decision is put "
								+ "first. Or put the annotation on a bean that calls this one.");
			}
		}
	}

}
