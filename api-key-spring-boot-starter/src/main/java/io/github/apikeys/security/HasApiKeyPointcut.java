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
import java.util.List;

import org.springframework.aop.ClassFilter;
import org.springframework.aop.MethodMatcher;
import org.springframework.aop.Pointcut;
import org.springframework.aop.support.StaticMethodMatcher;
import org.springframework.core.annotation.AnnotationConfigurationException;

/**
 * Selects the methods for which {@link HasApiKeySearch} finds an annotation. There is one
 * instance, so that each type is looked at once, and advice can be told by it.
 */
final class HasApiKeyPointcut extends StaticMethodMatcher implements Pointcut {

	static final HasApiKeyPointcut INSTANCE = new HasApiKeyPointcut();

	private final ClassFilter classFilter = new HasApiKeyClassFilter();

	private HasApiKeyPointcut() {
	}

	@Override
	public ClassFilter getClassFilter() {
		return this.classFilter;
	}

	@Override
	public MethodMatcher getMethodMatcher() {
		return this;
	}

	/**
	 * Returns whether the annotation can be anywhere on a class.
	 */
	boolean matches(Class<?> type) {
		return this.classFilter.matches(type);
	}

	/**
	 * Everything but what each object has, such as {@code toString()} for a log. What
	 * cannot be decided is selected, and refused when it is called.
	 */
	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		if (method.getDeclaringClass() == Object.class) {
			return false;
		}
		try {
			return HasApiKeySearch.find(method, List.of(targetClass)) != null;
		}
		catch (AnnotationConfigurationException ex) {
			return true;
		}
	}

}
