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

import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * No class that has the annotation anywhere may be left out.
 */
class HasApiKeyClassFilterTests {

	private final HasApiKeyClassFilter filter = new HasApiKeyClassFilter();

	@ParameterizedTest
	@ValueSource(classes = { OnType.class, OnMethod.class, OnHiddenMethod.class, Meta.class, MetaOfMeta.class,
			OnInterface.class, OnMethodOfInterface.class, InheritsType.class, InheritsMethod.class,
			InheritsInterface.class, ImplementsGeneric.class, FurtherInterface.class, Repeated.class,
			RepeatedOnMethod.class })
	void matchesWhenTheAnnotationIsAnywhereThenTrue(Class<?> type) {
		assertThat(this.filter.matches(type)).isTrue();
		// from what is remembered
		assertThat(this.filter.matches(type)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(classes = { Object.class, String.class, Nothing.class, ExtendsNothing.class, NothingToo.class,
			OtherAnnotation.class })
	void matchesWhenItIsNowhereThenFalse(Class<?> type) {
		assertThat(this.filter.matches(type)).isFalse();
		assertThat(this.filter.matches(type)).isFalse();
	}

	@Test
	void matchesWhenOnlyASubclassHasItThenTheSuperclassDoesNotMatch() {
		assertThat(this.filter.matches(AnnotatedLater.class)).isTrue();
		assertThat(this.filter.matches(Nothing.class)).isFalse();
		assertThat(this.filter.matches(ExtendsNothing.class)).isFalse();
	}

	@Test
	void matchesWhenTheClassCannotBeReadThenTrue() throws Exception {
		Class<?> unreadable = new WithoutMissing().loadClass(MentionsMissing.class.getName());
		assertThat(this.filter.matches(unreadable)).isTrue();
		assertThat(this.filter.matches(MentionsMissing.class)).isFalse();
	}

	@HasApiKey
	static class OnType {

	}

	static class OnMethod {

		@HasApiKey("orders:read")
		public void call() {
		}

	}

	static class OnHiddenMethod {

		@HasApiKey
		void call() {
		}

	}

	@HasApiKey
	@Retention(RetentionPolicy.RUNTIME)
	@interface Composed {

	}

	@Composed
	@Retention(RetentionPolicy.RUNTIME)
	@interface ComposedTwice {

	}

	@Composed
	static class Meta {

	}

	@HasApiKey
	@Repeatable(Container.class)
	@Retention(RetentionPolicy.RUNTIME)
	@interface Repeating {

	}

	@Retention(RetentionPolicy.RUNTIME)
	@interface Container {

		Repeating[] value();

	}

	@Repeating
	@Repeating
	static class Repeated {

	}

	static class RepeatedOnMethod {

		@Repeating
		@Repeating
		public void call() {
		}

	}

	static class MetaOfMeta {

		@ComposedTwice
		public void call() {
		}

	}

	@HasApiKey
	interface Annotated {

		void call();

	}

	interface AnnotatedMethod<T> extends Runnable {

		@HasApiKey
		void call(T argument);

	}

	interface Further extends Supplier<String>, AnnotatedMethod<String> {

	}

	abstract static class OnInterface implements Annotated {

	}

	abstract static class OnMethodOfInterface implements Runnable, AnnotatedMethod<String> {

	}

	static class InheritsType extends OnType {

	}

	static class InheritsMethod extends OnMethod {

		@Override
		public void call() {
		}

	}

	abstract static class InheritsInterface extends OnInterface {

	}

	static class ImplementsGeneric implements AnnotatedMethod<Integer> {

		@Override
		public void call(Integer argument) {
		}

		@Override
		public void run() {
		}

	}

	abstract static class FurtherInterface implements Further {

	}

	static class Nothing {

		@Deprecated
		public void call() {
		}

	}

	static class ExtendsNothing extends Nothing {

		@Override
		public void call() {
		}

	}

	static class AnnotatedLater extends Nothing {

		@Override
		@HasApiKey
		public void call() {
		}

	}

	interface NothingToo extends Runnable {

	}

	@FunctionalInterface
	interface OtherAnnotation {

		void call();

	}

	static class Missing {

	}

	static class MentionsMissing {

		public void call(Missing argument) {
		}

	}

	/**
	 * Loads the classes of this test again, but not the one that is missing.
	 */
	private static final class WithoutMissing extends ClassLoader {

		WithoutMissing() {
			super(HasApiKeyClassFilterTests.class.getClassLoader());
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (name.equals(Missing.class.getName())) {
				throw new ClassNotFoundException(name);
			}
			if (!name.equals(MentionsMissing.class.getName())) {
				return super.loadClass(name, resolve);
			}
			try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
				byte[] bytes = in.readAllBytes();
				return defineClass(name, bytes, 0, bytes.length);
			}
			catch (IOException ex) {
				throw new ClassNotFoundException(name, ex);
			}
		}

	}

}
