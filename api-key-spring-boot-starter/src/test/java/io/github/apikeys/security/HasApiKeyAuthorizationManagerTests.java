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

import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;

import io.github.apikeys.core.ApiKeyPrincipal;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.aop.Pointcut;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.core.annotation.AliasFor;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.authorization.SpringAuthorizationEventPublisher;
import org.springframework.security.authorization.method.AuthorizationManagerBeforeMethodInterceptor;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.Mockito.mock;

/**
 * Where {@link HasApiKey} is seen, with class proxies and interface proxies.
 */
class HasApiKeyAuthorizationManagerTests {

	@AfterEach
	void clear() {
		SecurityContextHolder.clearContext();
	}

	@Test
	void callIsNotDescribedForALog() throws Exception {
		HasApiKeyMethodInterceptor interceptor = advisor();
		MethodInvocation invocation = mock(MethodInvocation.class, (called) -> {
			if (called.getMethod().getName().equals("toString")) {
				throw new AssertionError("described");
			}
			return switch (called.getMethod().getName()) {
				case "getMethod" -> OnMethods.class.getMethod("any");
				case "getThis" -> new OnMethods();
				default -> null;
			};
		});
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("user", null));
		assertThatExceptionOfType(AuthorizationDeniedException.class).isThrownBy(() -> interceptor.invoke(invocation))
			.matches((denied) -> !denied.getAuthorizationResult().isGranted());
	}

	@Test
	void onMethod() {
		OnMethods bean = proxy(new OnMethods());
		assertRequires(bean::any);
		assertRequires(bean::read, "orders:read");
		assertRequires(bean::both, "orders:read", "orders:write");
		assertThatCode(bean::open).doesNotThrowAnyException();
	}

	@Test
	void anyScopeIsOneOfThem() {
		OnMethods bean = proxy(new OnMethods());
		key("orders:write");
		assertThatCode(bean::either).doesNotThrowAnyException();
		key("orders:admin");
		assertThatCode(bean::either).doesNotThrowAnyException();
		key("orders:read");
		assertDenied(bean::either);
		key("orders:read", "orders:admin");
		assertThatCode(bean::readAndEither).doesNotThrowAnyException();
		key("orders:admin");
		assertDenied(bean::readAndEither);
	}

	@Test
	void onClassAndReplacedOnMethod() {
		OnClass bean = proxy(new OnClass());
		assertRequires(bean::inherited, "orders:read");
		assertRequires(bean::replaced, "orders:write");
	}

	@Test
	void onSuperclass() {
		assertRequires(proxy(new Subclass())::inherited, "orders:read");
		assertRequires(proxy(new Subclass())::own, "orders:read");
	}

	/**
	 * Elsewhere in Spring an annotation on a class does not count for what the class
	 * inherits; here the scopes would be lost.
	 */
	@Test
	void onSubclassForInheritedMethods() {
		assertRequires(proxy(new AnnotatedSubclass())::inherited, "orders:read");
		assertRequires(proxy(new NarrowedSubclass())::inherited, "orders:write");
		assertRequires(proxy(new NarrowedSubclass())::replaced, "orders:write");
		assertRequires(proxy(new InheritsReplacement())::inherited, "orders:admin");
		assertRequires(proxy(new OverridesReplacement())::replaced, "orders:read");
	}

	@Test
	void onInheritedMethodWhenATypeOfTheObjectSaysSomethingElseThenNobodyComesIn() {
		key("orders:write", "orders:admin", "orders:read");
		for (OnClass bean : List.of(new InheritsReplacement(), new InheritsTheRuleBetween(),
				new ImplementsAnotherRule())) {
			assertThatExceptionOfType(AnnotationConfigurationException.class).as(bean.getClass().getSimpleName())
				.isThrownBy(proxy(bean)::replaced);
		}
		OrderRepository orders = interfaceProxy(OrderRepository.class, repository(RuledRepository.class));
		assertThatExceptionOfType(AnnotationConfigurationException.class).isThrownBy(orders::deleteAll);
		OrderRepository onTypes = interfaceProxy(OrderRepository.class,
				repository(OrderRepository.class, new RuledImplementation()));
		assertThatExceptionOfType(AnnotationConfigurationException.class).isThrownBy(onTypes::count);
		OrderRepository onMethods = interfaceProxy(OrderRepository.class,
				repository(OrderRepository.class, new WeakRepository()));
		assertThatExceptionOfType(AnnotationConfigurationException.class).isThrownBy(onMethods::count);
	}

	@Test
	void onInterfaceThatASuperclassImplementsUnknowingly() {
		assertRequires(proxy(new UnknowingImplementation())::read, "orders:read");
		Contract byInterface = interfaceProxy(Contract.class, new UnknowingImplementation());
		assertRequires(byInterface::read, "orders:read");
		assertRequires(proxy(new UnknowingTypeImplementation())::anything, "orders:read");
		TypeContract byType = interfaceProxy(TypeContract.class, new UnknowingTypeImplementation());
		assertRequires(byType::anything, "orders:read");
	}

	@Test
	void onGenericInterfaceThatASuperclassImplementsUnknowingly() {
		UnknowingProcessor bean = proxy(new UnknowingProcessor());
		Processor<String> byInterface = bean;
		assertRequires(() -> bean.process("x"), "orders:write");
		assertRequires(() -> byInterface.process("x"), "orders:write");
	}

	/**
	 * The way of repositories: the bean is a proxy whose target does not implement the
	 * interface.
	 */
	@Test
	void onInterfaceOfAProxy() {
		OrderRepository orders = interfaceProxy(OrderRepository.class, repository(OrderRepository.class));
		assertRequires(orders::deleteAll, "orders:delete");
		assertRequires(orders::count, "orders:read");
		UserRepository users = interfaceProxy(UserRepository.class, repository(UserRepository.class));
		assertRequires(users::count, "users:read");
		assertRequires(users::deleteAll, "users:read");
	}

	@Test
	void answersForProxiesOfTheSameClassDoNotMix() {
		HasApiKeyAuthorizationManager manager = new HasApiKeyAuthorizationManager();
		ProxyFactory first = new ProxyFactory(repository(OrderRepository.class));
		ProxyFactory second = new ProxyFactory(repository(UserRepository.class));
		for (ProxyFactory factory : List.of(first, second)) {
			factory.addAdvisor(
					new AuthorizationManagerBeforeMethodInterceptor(HasApiKeyAuthorizationManager.pointcut(), manager));
		}
		key("orders:read");
		assertThatCode(((Repository) first.getProxy())::count).doesNotThrowAnyException();
		assertDenied(((Repository) second.getProxy())::count);
		key("users:read");
		assertThatCode(((Repository) second.getProxy())::count).doesNotThrowAnyException();
		assertDenied(((Repository) first.getProxy())::count);
	}

	/**
	 * Proxies that are made for the same interfaces share a class.
	 */
	@Test
	void answersForBeansBehindProxiesOfTheSameClassDoNotMix() {
		for (boolean strictFirst : new boolean[] { false, true }) {
			HasApiKeyAuthorizationManager manager = new HasApiKeyAuthorizationManager();
			Repository weak = proxyOfProxy(manager, new WeakRepository());
			Repository strict = proxyOfProxy(manager, new StrictRepository());
			key();
			if (strictFirst) {
				assertDenied(strict::count);
			}
			assertThatCode(weak::count).doesNotThrowAnyException();
			assertDenied(strict::count);
		}
	}

	private static Repository proxyOfProxy(HasApiKeyAuthorizationManager manager, Repository target) {
		ProxyFactory inner = new ProxyFactory();
		inner.setInterfaces(Repository.class);
		inner.setTarget(target);
		ProxyFactory outer = new ProxyFactory(inner.getProxy());
		outer.addAdvisor(new AuthorizationManagerBeforeMethodInterceptor(Pointcut.TRUE, manager));
		return (Repository) outer.getProxy();
	}

	@Test
	void onContainerOfAnotherAnnotation() {
		assertRequires(proxy(new OnContainer())::once, "orders:read");
		key("*");
		assertThatExceptionOfType(AnnotationConfigurationException.class).isThrownBy(proxy(new OnContainer())::twice);
		assertThatExceptionOfType(AnnotationConfigurationException.class)
			.isThrownBy(proxy(new OnContainerOfType())::anything);
	}

	@Test
	void onInterfaceThatRepeatsWhatItExtends() {
		assertRequires(proxy(new ImplementsNarrowed())::read, "orders:admin");
		assertRequires(proxy(new ImplementsAgain())::read, "orders:write");
	}

	@Test
	void onInterfaceThatTheRunningClassDoesNotKnowThenNeverWeaker() {
		key("orders:read");
		assertThatExceptionOfType(AnnotationConfigurationException.class)
			.isThrownBy(proxy(new UnknowingStrict())::read);
		assertThatExceptionOfType(AnnotationConfigurationException.class)
			.isThrownBy(proxy(new UnknowingStrictType())::read);
	}

	@Test
	void whatEveryObjectHasNeedsNoKey() {
		SecurityContextHolder.clearContext();
		OnClass bean = proxy(new OnClass());
		assertThat(bean.toString()).contains("OnClass");
		assertThat(bean.hashCode()).isEqualTo(bean.hashCode());
		assertThat(bean).isEqualTo(bean);
		TypeContract byInterface = interfaceProxy(TypeContract.class, new TypeImplementation());
		assertThat(byInterface.toString()).contains("TypeImplementation");
	}

	/**
	 * Advice that applies where no annotation is found must not open anything.
	 */
	@Test
	void whenNoAnnotationIsFoundThenNobodyComesIn() {
		ProxyFactory factory = new ProxyFactory(new OnMethods());
		factory.setProxyTargetClass(true);
		factory.addAdvisor(
				new AuthorizationManagerBeforeMethodInterceptor(Pointcut.TRUE, new HasApiKeyAuthorizationManager()));
		OnMethods bean = (OnMethods) factory.getProxy();
		key("*");
		assertThatCode(bean::read).doesNotThrowAnyException();
		assertDenied(bean::open);
	}

	@Test
	void whenTwoInterfacesAgreeThenTheirScopeCounts() {
		assertRequires(proxy(new Agreeing())::read, "orders:read");
	}

	@Test
	void whenTypesDisagreeThenNobodyComesIn() {
		key("orders:read", "orders:write");
		assertThatExceptionOfType(AnnotationConfigurationException.class)
			.isThrownBy(() -> proxy(new AmbiguousTypes()).anything());
	}

	@Test
	void whenNobodyIsSignedInThenAuthenticationIsAskedFor() {
		SecurityContextHolder.clearContext();
		assertThatExceptionOfType(AuthenticationCredentialsNotFoundException.class)
			.isThrownBy(proxy(new OnMethods())::read);
	}

	@Test
	void onInterfaceMethodWithClassProxyAndInterfaceProxy() {
		assertRequires(proxy(new Implementation())::read, "orders:read");
		Contract byInterface = interfaceProxy(Contract.class, new Implementation());
		assertRequires(byInterface::read, "orders:read");
	}

	@Test
	void onInterfaceType() {
		assertRequires(proxy(new TypeImplementation())::anything, "orders:read");
	}

	@Test
	void onGenericSuperclassAndGenericInterface() {
		StringHandler bean = proxy(new StringHandler());
		assertRequires(() -> bean.handle("x"), "orders:read");
		assertRequires(() -> bean.process("x"), "orders:write");
		Processor<String> byInterface = interfaceProxy(Processor.class, new StringHandler());
		assertRequires(() -> byInterface.process("x"), "orders:write");
	}

	/**
	 * A type may declare several methods that one method of the class implements.
	 */
	@Test
	void onOneOfSeveralMethodsOfAGenericTypeThatTheRunningOneImplements() {
		for (Object target : List.of(new RuleOnTheFirst(), new RuleOnTheSecond())) {
			Overloads<String> bean = proxy((Overloads<String>) target);
			assertRequires(() -> bean.handle("x"), "orders:read");
			Overloads<String> byInterface = interfaceProxy(Overloads.class, target);
			assertRequires(() -> byInterface.handle("x"), "orders:read");
		}
		key("orders:read", "orders:write");
		assertThatExceptionOfType(AnnotationConfigurationException.class)
			.isThrownBy(() -> proxy(new RulesOnBoth()).handle("x"));
	}

	@Test
	void onAnotherAnnotation() {
		OnMethods bean = proxy(new OnMethods());
		assertRequires(bean::meta, "orders:read");
		assertRequires(bean::aliased, "orders:write");
	}

	@Test
	void onPackagePrivateAndProtectedMethod() {
		OnMethods bean = proxy(new OnMethods());
		assertRequires(bean::packagePrivate);
		assertRequires(bean::protectedOne);
	}

	@Test
	void whenTwoInterfacesDisagreeThenNobodyComesIn() {
		key("orders:read", "orders:write");
		assertThatExceptionOfType(AnnotationConfigurationException.class)
			.isThrownBy(() -> proxy(new Ambiguous()).read());
	}

	@Test
	void whenScopeIsIllegalThenNobodyComesIn() {
		key("*");
		assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> proxy(new OnMethods()).illegal())
			.withMessageContaining("'Orders Read'");
	}

	@Test
	void whenUserHasTheSameAuthoritiesThenDenied() {
		SecurityContextHolder.getContext()
			.setAuthentication(new TestingAuthenticationToken("user", "", "FACTOR_API_KEY", "SCOPE_orders:read"));
		assertDenied(proxy(new OnMethods())::any);
		assertDenied(proxy(new OnMethods())::read);
	}

	private static void assertRequires(Runnable call, String... scopes) {
		key(scopes);
		assertThatCode(call::run).doesNotThrowAnyException();
		key("*");
		assertThatCode(call::run).doesNotThrowAnyException();
		for (String missing : scopes) {
			key(List.of(scopes).stream().filter((scope) -> !scope.equals(missing)).toArray(String[]::new));
			assertDenied(call);
		}
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("user", "", "ROLE_USER"));
		assertDenied(call);
	}

	private static void assertDenied(Runnable call) {
		assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(call::run);
	}

	private static void key(String... scopes) {
		ApiKeyPrincipal principal = StubApiKeyService.principal("key", scopes);
		Authentication authentication = new ApiKeyAuthentication(principal, List.of(new ApiKeyFactor(principal)));
		SecurityContextHolder.getContext().setAuthentication(authentication);
	}

	@SuppressWarnings("unchecked")
	private static <T> T proxy(T target) {
		ProxyFactory factory = new ProxyFactory(target);
		factory.setProxyTargetClass(true);
		factory.addAdvisor(advisor());
		return (T) factory.getProxy();
	}

	@SuppressWarnings("unchecked")
	private static <T> T interfaceProxy(Class<?> type, Object target) {
		ProxyFactory factory = new ProxyFactory();
		factory.setInterfaces(type);
		factory.setTarget(target);
		factory.addAdvisor(advisor());
		return (T) factory.getProxy();
	}

	private static Object repository(Class<?> type) {
		return repository(type, new RepositoryImplementation());
	}

	private static Object repository(Class<?> type, Repository target) {
		ProxyFactory factory = new ProxyFactory();
		factory.setInterfaces(type);
		factory.setTarget(target);
		factory.addAdvice((MethodInterceptor) (
				invocation) -> invocation.getMethod().getDeclaringClass().isInstance(invocation.getThis())
						? invocation.proceed() : null);
		return factory.getProxy();
	}

	private static HasApiKeyMethodInterceptor advisor() {
		return new HasApiKeyMethodInterceptor(new SpringAuthorizationEventPublisher((event) -> {
		}));
	}

	static class OnMethods {

		@HasApiKey
		public void any() {
		}

		@HasApiKey("orders:read")
		public void read() {
		}

		@HasApiKey({ "orders:read", "orders:write" })
		public void both() {
		}

		@HasApiKey(anyScope = { "orders:write", "orders:admin" })
		public void either() {
		}

		@HasApiKey(value = "orders:read", anyScope = { "orders:write", "orders:admin" })
		public void readAndEither() {
		}

		@ReadsOrders
		public void meta() {
		}

		@WithScope("orders:write")
		public void aliased() {
		}

		@HasApiKey
		void packagePrivate() {
		}

		@HasApiKey
		protected void protectedOne() {
		}

		@HasApiKey("Orders Read")
		public void illegal() {
		}

		public void open() {
		}

	}

	@HasApiKey("orders:read")
	static class OnClass {

		public void inherited() {
		}

		@HasApiKey("orders:write")
		public void replaced() {
		}

	}

	static class Subclass extends OnClass {

		public void own() {
		}

	}

	static class Plain {

		public void inherited() {
		}

		public void read() {
		}

		public void anything() {
		}

		public void process(String value) {
		}

	}

	@HasApiKey("orders:read")
	static class AnnotatedSubclass extends Plain {

	}

	@HasApiKey("orders:write")
	static class NarrowedSubclass extends OnClass {

	}

	@HasApiKey("orders:admin")
	static class InheritsReplacement extends OnClass {

	}

	static class OverridesReplacement extends InheritsReplacement {

		@Override
		@HasApiKey("orders:read")
		public void replaced() {
		}

	}

	static class InheritsTheRuleBetween extends InheritsReplacement {

	}

	static class ImplementsAnotherRule extends OnClass implements AdminContract {

	}

	@HasApiKey("orders:admin")
	interface AdminContract {

	}

	static class UnknowingImplementation extends Plain implements Contract {

	}

	static class UnknowingTypeImplementation extends Plain implements TypeContract {

	}

	static class UnknowingProcessor extends Plain implements Processor<String> {

	}

	interface Repository {

		void count();

		void deleteAll();

	}

	static class RepositoryImplementation implements Repository {

		@Override
		public void count() {
		}

		@Override
		public void deleteAll() {
		}

	}

	static class WeakRepository extends RepositoryImplementation {

		@Override
		@HasApiKey
		public void count() {
		}

	}

	static class StrictRepository extends RepositoryImplementation {

		@Override
		@HasApiKey("admin")
		public void count() {
		}

	}

	@HasApiKey
	static class RuledImplementation extends RepositoryImplementation {

	}

	interface RuledRepository extends OrderRepository, AdminContract {

	}

	static class OnContainer {

		@Scopes(@WithScope("orders:read"))
		public void once() {
		}

		@WithScope("orders:read")
		@WithScope("orders:write")
		public void twice() {
		}

	}

	@WithScope("orders:read")
	@WithScope("orders:write")
	static class OnContainerOfType {

		public void anything() {
		}

	}

	interface Narrowed extends Contract {

		@Override
		@HasApiKey("orders:admin")
		default void read() {
		}

	}

	abstract static class ImplementsContract implements Contract {

	}

	static class ImplementsNarrowed extends ImplementsContract implements Narrowed {

	}

	static class WritesContract implements Contract {

		@Override
		@HasApiKey("orders:write")
		public void read() {
		}

	}

	static class ImplementsAgain extends WritesContract implements Contract {

	}

	interface WeakContract {

		@HasApiKey("orders:read")
		default void read() {
		}

	}

	static class Strict {

		@HasApiKey("admin")
		public void read() {
		}

	}

	static class UnknowingStrict extends Strict implements WeakContract {

	}

	@HasApiKey("admin")
	static class StrictType {

		public void read() {
		}

	}

	static class UnknowingStrictType extends StrictType implements WeakContract {

	}

	@HasApiKey("orders:read")
	interface OrderRepository extends Repository {

		@Override
		@HasApiKey("orders:delete")
		void deleteAll();

	}

	@HasApiKey("users:read")
	interface UserRepository extends Repository {

	}

	static class Agreeing implements Contract, SameContract {

		@Override
		public void read() {
		}

	}

	interface SameContract {

		@HasApiKey("orders:read")
		void read();

	}

	@HasApiKey("orders:write")
	interface OtherTypeContract {

	}

	static class AmbiguousTypes implements TypeContract, OtherTypeContract {

		@Override
		public void anything() {
		}

	}

	interface Contract {

		@HasApiKey("orders:read")
		void read();

	}

	static class Implementation implements Contract {

		@Override
		public void read() {
		}

	}

	interface Overloads<T> {

		void handle(T value);

	}

	interface FirstRuled<T> extends Overloads<T> {

		@HasApiKey("orders:read")
		@Override
		void handle(T value);

		void handle(String value);

	}

	interface SecondRuled<T> extends Overloads<T> {

		@Override
		void handle(T value);

		@HasApiKey("orders:read")
		void handle(String value);

	}

	interface BothRuled<T> extends Overloads<T> {

		@HasApiKey("orders:read")
		@Override
		void handle(T value);

		@HasApiKey("orders:write")
		void handle(String value);

	}

	static class RuleOnTheFirst implements FirstRuled<String> {

		@Override
		public void handle(String value) {
		}

	}

	static class RuleOnTheSecond implements SecondRuled<String> {

		@Override
		public void handle(String value) {
		}

	}

	static class RulesOnBoth implements BothRuled<String> {

		@Override
		public void handle(String value) {
		}

	}

	interface OtherContract {

		@HasApiKey("orders:write")
		void read();

	}

	static class Ambiguous implements Contract, OtherContract {

		@Override
		public void read() {
		}

	}

	@HasApiKey("orders:read")
	interface TypeContract {

		void anything();

	}

	static class TypeImplementation implements TypeContract {

		@Override
		public void anything() {
		}

	}

	abstract static class Handler<T> {

		@HasApiKey("orders:read")
		public abstract void handle(T value);

	}

	interface Processor<T> {

		@HasApiKey("orders:write")
		void process(T value);

	}

	static class StringHandler extends Handler<String> implements Processor<String> {

		@Override
		public void handle(String value) {
		}

		@Override
		public void process(String value) {
		}

	}

	@Retention(RetentionPolicy.RUNTIME)
	@HasApiKey("orders:read")
	@interface ReadsOrders {

	}

	@Retention(RetentionPolicy.RUNTIME)
	@interface Scopes {

		WithScope[] value();

	}

	@Retention(RetentionPolicy.RUNTIME)
	@HasApiKey
	@Repeatable(Scopes.class)
	@interface WithScope {

		@AliasFor(annotation = HasApiKey.class, attribute = "value")
		String[] value();

	}

}
