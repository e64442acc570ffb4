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

import java.lang.reflect.Field;

import org.springframework.aop.TargetSource;
import org.springframework.beans.factory.annotation.QualifierAnnotationAutowireCandidateResolver;
import org.springframework.beans.factory.config.DependencyDescriptor;
import org.springframework.util.ReflectionUtils;

/**
 * What a proxy that is injected with {@code @Lazy} leads to.
 */
final class LazyInjection {

	private static final String TARGET_SOURCE = "org.springframework.context.annotation."
			+ "ContextAnnotationAutowireCandidateResolver$LazyDependencyTargetSource";

	/** Looks up what {@code @Resource} names. */
	private static final String RESOURCE = "org.springframework.context.annotation.CommonAnnotationBeanPostProcessor$";

	private static final QualifierAnnotationAutowireCandidateResolver VALUES = new QualifierAnnotationAutowireCandidateResolver();

	private LazyInjection() {
	}

	/**
	 * Returns whether it leads to a bean for sure: the value of an expression may be
	 * anything.
	 */
	static boolean isOfBean(TargetSource targetSource) {
		String type = targetSource.getClass().getName();
		if (!type.equals(TARGET_SOURCE)) {
			return type.startsWith(RESOURCE);
		}
		Field field = ReflectionUtils.findField(targetSource.getClass(), null, DependencyDescriptor.class);
		return field != null && field.trySetAccessible()
				&& ReflectionUtils.getField(field, targetSource) instanceof DependencyDescriptor dependency
				&& VALUES.getSuggestedValue(dependency) == null;
	}

}
