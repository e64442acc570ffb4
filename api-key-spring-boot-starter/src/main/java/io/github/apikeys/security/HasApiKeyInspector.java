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
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.apikeys.core.support.Causes;
import org.aopalliance.aop.Advice;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ReflectionUtils;

/**
 * Finds methods of an object that {@link HasApiKey} guards and that no advice intercepts.
 * It looks at the object that exists, proxies included, and calls none of its methods.
 *
 * @since 0.1.0
 */
public final class HasApiKeyInspector {

	/**
	 * What is on annotations of methods that frameworks find by reflection, or is such an
	 * annotation itself.
	 */
	private static final List<String> ENTRY_POINTS = List.of("org.springframework.aot.hint.annotation.Reflective",
			"org.springframework.web.bind.annotation.Mapping",
			"org.springframework.messaging.handler.annotation.MessageMapping",
			"org.springframework.graphql.data.method.annotation.SchemaMapping",
			"org.springframework.graphql.data.method.annotation.BatchMapping");

	private static final List<String> FRAMEWORKS = List.of("java.", "jakarta.", "org.springframework.");

	private final Set<ProxyChain> inspected = ConcurrentHashMap.newKeySet();

	private final Set<HandlerCall> inspectedCalls = ConcurrentHashMap.newKeySet();

	/**
	 * Returns whether the annotation stands anywhere on the class of an object, on what
	 * it extends or implements, or on a method of these.
	 * @param object the object, which may be a proxy
	 * @return {@code false} if there is nothing to inspect
	 */
	public boolean isUsedBy(Object object) {
		return ProxyChain.of(object)
			.levels()
			.stream()
			.anyMatch((level) -> HasApiKeyPointcut.INSTANCE.matches(level.type()));
	}

	/**
	 * Returns whether the annotation stands anywhere on a type, on what it extends or
	 * implements, or on a method of these.
	 * @param type the type of an object that does not have to exist yet
	 * @return {@code false} if there is nothing to inspect
	 */
	public boolean isUsedOn(Class<?> type) {
		return HasApiKeyPointcut.INSTANCE.matches(type);
	}

	/**
	 * Returns the class of what is behind all proxies of an object that has something to
	 * inspect.
	 * @param object the object, which may be a proxy
	 * @return the class, or {@code null} if there is nothing to inspect
	 */
	public @Nullable Class<?> guardedClass(Object object) {
		return isUsedBy(object) ? ProxyChain.of(object).ultimate() : null;
	}

	/**
	 * Returns whether an object is of a type, or leads to one that is through proxies
	 * that tell their target.
	 * @param object the object that callers have
	 * @param type the type
	 * @return {@code false} if something else stands in its place
	 */
	public boolean leadsTo(Object object, Class<?> type) {
		return type.isAssignableFrom(ProxyChain.of(object).ultimate());
	}

	/**
	 * Returns whether an object may call another one within, as a decorator does: its
	 * proxy decides on all that the annotation demands of the other one, whichever method
	 * is called.
	 * @param object the object that callers have
	 * @param within what it calls
	 * @return {@code false} if more may be demanded of the other one
	 */
	public boolean decidesFor(Object object, Object within) {
		return ProxyChain.of(object).decidesFor(ProxyChain.of(within).ultimate());
	}

	/**
	 * Inspects an object, after the decision was put before all other advice of its
	 * proxies.
	 * @param object the object that callers have, which may be a proxy
	 * @param handlers methods of its class that a framework was told to call
	 * @return the annotations that count for its methods; without those for which an
	 * object of the same class and with the same proxies was inspected before
	 * @throws HasApiKeyConfigurationException if calls of a guarded method are not
	 * decided, or other advice comes before the decision, if no key can have what is
	 * required, or if the annotation is there and a missing type hides on which methods
	 */
	public Set<HasApiKey> inspect(Object object, Method... handlers) {
		FirstAdvice.in(object);
		ProxyChain chain = ProxyChain.of(object);
		try {
			return inspect(chain, handlers);
		}
		catch (IllegalStateException | LinkageError ex) {
			if (HasApiKeyClassFile.mayMention(chain.ultimate())) {
				throw new HasApiKeyConfigurationException(
						"@HasApiKey on " + chain.ultimate().getName()
								+ " would protect nothing: its methods cannot be read, since a type is missing ("
								+ Causes.root(ex) + ").",
						"Add the missing type to the class path, or remove what names it.");
			}
			return Set.of();
		}
	}

	/**
	 * Inspects calls of an object by somebody who makes no others.
	 * @param object the object that is called, which may be a proxy
	 * @param methods what is called
	 * @throws HasApiKeyConfigurationException if one of the methods is guarded, and its
	 * calls are not decided
	 */
	public void inspectCalls(Object object, Collection<Method> methods) {
		FirstAdvice.in(object);
		ProxyChain chain = ProxyChain.of(object);
		methods.forEach((method) -> inspect(method, chain, true, new LinkedHashSet<>()));
	}

	private Set<HasApiKey> inspect(ProxyChain chain, Method... handlers) {
		Set<HasApiKey> found = new LinkedHashSet<>();
		for (Method handler : handlers) {
			HandlerCall call = new HandlerCall(chain, handler);
			if (!this.inspectedCalls.contains(call)) {
				inspect(handler, chain, true, found);
				if (chain.isOrdered()) {
					this.inspectedCalls.add(call);
				}
			}
		}
		if (!this.inspected.contains(chain)) {
			methods(chain).forEach((method) -> inspect(method, chain, false, found));
			if (chain.isOrdered()) {
				this.inspected.add(chain);
			}
		}
		return found;
	}

	/**
	 * The methods that can run, or, behind the proxy of interfaces, that can be called,
	 * those of interfaces that only a proxy has, and those that a framework might call
	 * past any proxy.
	 */
	private static Set<Method> methods(ProxyChain chain) {
		boolean byInterface = Proxy.isProxyClass(chain.outermost());
		Set<Class<?>> types = HasApiKeySearch.hierarchy(chain.ultimate());
		types.addAll(HasApiKeySearch.hierarchy(chain.outermost()));
		Set<Method> methods = new LinkedHashSet<>();
		for (Class<?> type : types) {
			boolean callable = type.isInterface() && type.isAssignableFrom(chain.outermost())
					&& (byInterface || !type.isAssignableFrom(chain.ultimate()));
			for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
				if (method.getDeclaringClass() == type && !method.isSynthetic() && (isHelper(method) || callable
						|| (!byInterface && isRunBy(chain.ultimate(), type, method)))) {
					methods.add(method);
				}
			}
		}
		return methods;
	}

	private static boolean isRunBy(Class<?> ultimate, Class<?> type, Method method) {
		return type.isAssignableFrom(ultimate) && AopUtils.getMostSpecificMethod(method, ultimate).equals(method);
	}

	private void inspect(Method method, ProxyChain chain, boolean handler, Set<HasApiKey> found) {
		HasApiKey hasApiKey = find(method, chain);
		if (hasApiKey != null && (handler || isGuarded(method, chain))) {
			checkPossible(hasApiKey, method);
			checkIntercepted(method, chain);
			found.add(hasApiKey);
		}
	}

	private static @Nullable HasApiKey find(Method method, ProxyChain chain) {
		try {
			return HasApiKeySearch.find(method, chain.searched());
		}
		catch (AnnotationConfigurationException ex) {
			throw new HasApiKeyConfigurationException(String.valueOf(ex.getMessage()),
					"Put one @HasApiKey with all scopes that it takes on the method itself, and override the method for "
							+ "that where it is inherited, or remove the annotations that are not to count.");
		}
	}

	/**
	 * Guarded is what code outside the class can reach.
	 */
	private static boolean isGuarded(Method method, ProxyChain chain) {
		if (HasApiKeySearch.isOnMethod(method, chain.searched()) || isEntryPoint(method)) {
			return true;
		}
		return !isHelper(method) && !isOfObject(method) && !isOfFramework(method, chain.ultimate());
	}

	private static boolean isEntryPoint(Method method) {
		MergedAnnotations annotations = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY);
		return ENTRY_POINTS.stream().anyMatch(annotations::isPresent);
	}

	private static boolean isHelper(Method method) {
		return Modifier.isPrivate(method.getModifiers()) || Modifier.isStatic(method.getModifiers());
	}

	private static boolean isOfObject(Method method) {
		return ReflectionUtils.isObjectMethod(method)
				|| (method.getName().equals("finalize") && method.getParameterCount() == 0);
	}

	/**
	 * Base classes of frameworks have methods for their own use that nobody can override,
	 * such as {@code getApplicationContext()}, and proxies have methods of their own.
	 */
	private static boolean isOfFramework(Method method, Class<?> type) {
		String name = method.getDeclaringClass().getName();
		if (!name.startsWith("java.") && !name.startsWith("org.springframework.") || isOfOneProject(name, type)) {
			return false;
		}
		return name.startsWith("org.springframework.aop.") || Modifier.isFinal(method.getModifiers())
				|| !HasApiKeySearch.isOverridable(method, type);
	}

	/**
	 * Returns whether a method fills in what a base class of a framework leaves open, as
	 * {@code doGet} does for a servlet: nobody else calls it.
	 */
	private static boolean isCalledByFramework(Method method) {
		for (Class<?> type = method.getDeclaringClass().getSuperclass(); type != null; type = type.getSuperclass()) {
			String name = type.getName();
			if (FRAMEWORKS.stream().anyMatch(name::startsWith) && !isOfOneProject(name, method.getDeclaringClass())
					&& Arrays.stream(type.getDeclaredMethods())
						.anyMatch((other) -> Modifier.isProtected(other.getModifiers())
								&& other.getName().equals(method.getName())
								&& Arrays.equals(other.getParameterTypes(), method.getParameterTypes()))) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Applications may live below {@code org.springframework}, too.
	 */
	private static boolean isOfOneProject(String name, Class<?> type) {
		String[] first = name.split("\\.", 4);
		String[] second = type.getName().split("\\.", 4);
		return first.length == 4 && second.length == 4 && first[2].equals(second[2]) && first[1].equals(second[1]);
	}

	private static void checkPossible(HasApiKey hasApiKey, Method method) {
		try {
			ApiKeyAuthorizationManager.of(hasApiKey);
		}
		catch (IllegalArgumentException ex) {
			throw new HasApiKeyConfigurationException(
					"@HasApiKey on " + name(method) + " would deny every call: " + ex.getMessage() + ".",
					"Change the annotation.");
		}
	}

	private static void checkIntercepted(Method method, ProxyChain chain) {
		if (HasApiKeySearch.isOnMethod(method, chain.searched()) && isCalledByFramework(method)) {
			throw new HasApiKeyConfigurationException(
					"@HasApiKey on " + name(method) + " would protect nothing: the method is called by "
							+ "its superclass, which knows of no proxy.",
					"Put the annotation on the class, or on the public method by which others call the object.");
		}
		if (chain.intercepts(method)) {
			checkFirst(method, chain);
			return;
		}
		String obstacle = obstacle(method, chain.ultimate());
		if (obstacle != null) {
			throw new HasApiKeyConfigurationException(
					"@HasApiKey on the " + obstacle + " method " + name(method) + " would protect nothing in "
							+ chain.ultimate().getName() + ": no proxy can intercept the method.",
					"Make the method public or protected, and neither static nor final, or put the annotation elsewhere.");
		}
		throw new HasApiKeyConfigurationException(
				"@HasApiKey on " + name(method) + " would protect nothing: calls of " + chain.ultimate().getName()
						+ " do not go through a proxy with the advice that decides.",
				"Let the container create the object as a bean, after all post-processors: do not inject it into a "
						+ "BeanPostProcessor, and register neither an object of your own as a singleton nor as a handler. A "
						+ "handler that calls it, such as 'orders::list', must hold the injected bean, and not 'this'.");
	}

	/**
	 * What comes first may answer, call again, or call on a thread that knows of no key.
	 */
	private static void checkFirst(Method method, ProxyChain chain) {
		Advice advice = chain.inFrontOf(method);
		if (advice != null) {
			throw new HasApiKeyConfigurationException(
					"@HasApiKey on " + name(method) + " would be decided too late: " + advice.getClass().getName()
							+ " comes first, in a proxy that is frozen or stands around the one that decides.",
					"Let one post-processor make the proxy, and do not freeze it: then the decision is put first. Or put "
							+ "the annotation on a bean that calls this one.");
		}
	}

	private static @Nullable String obstacle(Method method, Class<?> type) {
		int modifiers = method.getModifiers();
		if (Modifier.isPrivate(modifiers)) {
			return "private";
		}
		if (Modifier.isStatic(modifiers)) {
			return "static";
		}
		if (Modifier.isFinal(modifiers)) {
			return "final";
		}
		return HasApiKeySearch.isOverridable(method, type) ? null : "package-private";
	}

	private static String name(Method method) {
		return method.getDeclaringClass().getName() + "." + method.getName();
	}

	/**
	 * A method that a framework was told to call on an object.
	 */
	private record HandlerCall(ProxyChain chain, Method method) {

	}

}
