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

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import io.github.apikeys.security.ApiKeyAuthentication;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.HasApiKeyAuthorizationManager;
import io.github.apikeys.security.HasApiKeyMethodInterceptor;
import io.github.apikeys.security.HasApiKeyConfigurationException;
import io.github.apikeys.security.HasApiKeyInspector;
import io.github.apikeys.security.SourceCompiler;
import io.github.apikeys.security.StubApiKeyService;
import io.swagger.v3.oas.models.Operation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.SpringAuthorizationEventPublisher;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.method.HandlerMethod;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Everybody who asks where {@code @HasApiKey} counts gets the same answer, wherever it
 * stands: the class filter, the pointcut, the inspection at the start, the decision and
 * the OpenAPI description. Bean, superclass and interface are generated.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HasApiKeyAgreementTests {

	private final List<Case> cases = cases();

	private final ClassLoader classes = compile(this.cases);

	@AfterEach
	void clear() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void annotationWhenItStandsAnywhereThenFilterPointcutAndSearchSeeIt() throws Exception {
		for (Case each : this.cases) {
			Class<?> type = each.bean(this.classes);
			boolean selected = HasApiKeyAuthorizationManager.pointcut().getClassFilter().matches(type)
					&& HasApiKeyAuthorizationManager.pointcut().getMethodMatcher().matches(each.method(type), type);
			assertThat(selected).as("selected: %s", each).isEqualTo(each.isAnnotated());
			assertThat(rule(each) != null).as("found: %s", each).isEqualTo(each.isAnnotated());
		}
	}

	@Test
	void inspectionThenFailsExactlyWhereNoProxyCouldInterceptOrRulesDiffer() throws Exception {
		for (Case each : this.cases) {
			boolean passes = inspect(proxy(each));
			boolean possible = !each.isAnnotated() || (each.isInterceptable() && !"?".equals(rule(each)));
			assertThat(passes).as("passes: %s", each).isEqualTo(possible);
		}
	}

	@Test
	void callWhenTheInspectionPassesThenDecidedByWhatTheDescriptionSays() throws Exception {
		for (Case each : this.cases) {
			Object proxy = proxy(each);
			if (inspect(proxy)) {
				String rule = rule(each);
				assertThat(described(each)).as("described: %s", each).isEqualTo(rule);
				signIn();
				assertThat(isPermitted(proxy, each)).as("without scopes: %s", each)
					.isEqualTo(rule == null || rule.isEmpty());
				signIn("admin");
				assertThat(isPermitted(proxy, each)).as("with the scope: %s", each).isTrue();
			}
		}
	}

	/**
	 * Returns the scopes, {@code null} if there is no annotation, or a question mark if
	 * several contradict each other.
	 */
	private String rule(Case each) throws Exception {
		Class<?> type = each.bean(this.classes);
		try {
			HasApiKey found = HasApiKeyAuthorizationManager.find(each.method(type), type);
			return (found != null) ? String.join(",", found.value()) : null;
		}
		catch (AnnotationConfigurationException ex) {
			return "?";
		}
	}

	private String described(Case each) throws Exception {
		Object bean = each.bean(this.classes).getDeclaredConstructor().newInstance();
		Operation operation = new HasApiKeyOperationCustomizer(new DefaultListableBeanFactory(), true)
			.customize(new Operation(), new HandlerMethod(bean, each.method(bean.getClass())));
		return (operation.getSecurity() != null)
				? String.join(",", operation.getSecurity().get(0).values().iterator().next()) : null;
	}

	private Object proxy(Case each) throws Exception {
		Object bean = each.bean(this.classes).getDeclaredConstructor().newInstance();
		HasApiKeyMethodInterceptor advisor = new HasApiKeyMethodInterceptor(
				new SpringAuthorizationEventPublisher((event) -> {
				}));
		if (!AopUtils.canApply(advisor.getPointcut(), bean.getClass())) {
			return bean;
		}
		ProxyFactory factory = new ProxyFactory(bean);
		factory.setProxyTargetClass(true);
		factory.addAdvisor(advisor);
		return factory.getProxy(this.classes);
	}

	private static void signIn(String... scopes) {
		SecurityContextHolder.getContext()
			.setAuthentication(ApiKeyAuthentication.of(StubApiKeyService.principal("key", scopes), Set.of()));
	}

	private static boolean inspect(Object proxy) {
		try {
			new HasApiKeyInspector().inspect(proxy);
			return true;
		}
		catch (HasApiKeyConfigurationException ex) {
			return false;
		}
	}

	private boolean isPermitted(Object proxy, Case each) throws Exception {
		Method method = each.method(each.bean(this.classes));
		method.setAccessible(true);
		try {
			return "open".equals(method.invoke(proxy));
		}
		catch (InvocationTargetException ex) {
			assertThat(ex.getCause()).as("%s", each).isInstanceOf(AccessDeniedException.class);
			return false;
		}
	}

	private static List<Case> cases() {
		List<Case> cases = new ArrayList<>();
		for (Home home : Home.values()) {
			for (boolean implementing : new boolean[] { false, true }) {
				for (String modifiers : modifiers(home, implementing)) {
					for (Set<Place> places : places(home, implementing)) {
						cases.add(new Case("Case" + cases.size(), home, implementing, modifiers, places,
								cases.size() % 2 == 0));
					}
				}
			}
		}
		return cases;
	}

	private static List<String> modifiers(Home home, boolean implementing) {
		if (home == Home.INTERFACE) {
			return implementing ? List.of("default") : List.of();
		}
		return implementing ? List.of("public", "public final")
				: List.of("public", "protected", "", "public final", "protected final", "final");
	}

	private static List<Set<Place>> places(Home home, boolean implementing) {
		List<Place> possible = new ArrayList<>(List.of(Place.BEAN, Place.SUPERCLASS));
		if (home != Home.INTERFACE) {
			possible.add(Place.METHOD);
		}
		if (implementing) {
			possible.addAll(List.of(Place.INTERFACE, Place.INTERFACE_METHOD));
		}
		List<Set<Place>> places = new ArrayList<>(List.of(EnumSet.noneOf(Place.class)));
		for (Place first : possible) {
			for (Place second : possible) {
				places.add(EnumSet.of(first, second));
			}
		}
		return places.stream().distinct().toList();
	}

	private static ClassLoader compile(List<Case> cases) {
		SourceCompiler compiler = new SourceCompiler().add("app.RequiresScope", """
				@HasApiKey
				@java.lang.annotation.Repeatable(Scopes.class)
				@java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME)
				public @interface RequiresScope {
					@org.springframework.core.annotation.AliasFor(annotation = HasApiKey.class, attribute = "value")
					String[] value();
				}
				""").add("app.Scopes", """
				@java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME)
				public @interface Scopes {
					RequiresScope[] value();
				}
				""");
		cases.forEach((each) -> each.addTo(compiler));
		return compiler.compile();
	}

	/**
	 * Where the method is that runs.
	 */
	enum Home {

		BEAN, SUPERCLASS, SUPERCLASS_ELSEWHERE, INTERFACE

	}

	/**
	 * Where the annotation is.
	 */
	enum Place {

		BEAN, SUPERCLASS, METHOD, INTERFACE, INTERFACE_METHOD

	}

	/**
	 * A bean.
	 *
	 * @param repeated whether the annotation that asks for a scope is in a container
	 */
	record Case(String name, Home home, boolean implementing, String modifiers, Set<Place> places, boolean repeated) {

		void addTo(SourceCompiler compiler) {
			String superPackage = (this.home == Home.SUPERCLASS_ELSEWHERE) ? "lib" : "app";
			String method = this.modifiers + " String run() { return \"open\"; }";
			compiler.add("app." + this.name,
					at(Place.BEAN) + "public class " + this.name + " extends " + superPackage + ".Super" + this.name
							+ (this.implementing ? " implements Api" + this.name : "") + " { "
							+ ((this.home == Home.BEAN) ? at(Place.METHOD) + method : "") + " }");
			boolean inSuperclass = this.home == Home.SUPERCLASS || this.home == Home.SUPERCLASS_ELSEWHERE;
			compiler.add(superPackage + ".Super" + this.name, at(Place.SUPERCLASS) + "public class Super" + this.name
					+ " { " + (inSuperclass ? at(Place.METHOD) + method : "") + " }");
			if (this.implementing) {
				compiler.add("app.Api" + this.name,
						at(Place.INTERFACE) + "public interface Api" + this.name + " { " + at(Place.INTERFACE_METHOD)
								+ ((this.home == Home.INTERFACE) ? method : "default String run() { return \"\"; }")
								+ " }");
			}
		}

		/**
		 * The outermost place asks for a scope, the next one for any key.
		 */
		private String at(Place place) {
			if (!this.places.contains(place)) {
				return "";
			}
			if (this.places.iterator().next() != place) {
				return "@HasApiKey ";
			}
			return this.repeated ? "@app.Scopes(@app.RequiresScope(\"admin\")) " : "@HasApiKey(\"admin\") ";
		}

		boolean isAnnotated() {
			return !this.places.isEmpty();
		}

		boolean isInterceptable() {
			return !this.modifiers.endsWith("final")
					&& (this.home != Home.SUPERCLASS_ELSEWHERE || !this.modifiers.isEmpty());
		}

		Class<?> bean(ClassLoader classes) throws ClassNotFoundException {
			return classes.loadClass("app." + this.name);
		}

		Method method(Class<?> bean) throws NoSuchMethodException {
			return switch (this.home) {
				case BEAN -> bean.getDeclaredMethod("run");
				case SUPERCLASS, SUPERCLASS_ELSEWHERE -> bean.getSuperclass().getDeclaredMethod("run");
				case INTERFACE -> bean.getInterfaces()[0].getDeclaredMethod("run");
			};
		}

	}

}
