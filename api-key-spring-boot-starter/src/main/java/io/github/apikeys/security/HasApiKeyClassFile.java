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
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;

import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.core.type.classreading.SimpleMetadataReaderFactory;

/**
 * Looks for {@link HasApiKey} in the files of classes that reflection cannot read, since
 * they name a type that is missing.
 */
final class HasApiKeyClassFile {

	private HasApiKeyClassFile() {
	}

	/**
	 * Returns whether the annotation stands on a type, on what it extends or implements,
	 * or on a method of these, or whether that cannot be known.
	 */
	static boolean mayMention(Class<?> type) {
		MetadataReaderFactory files = new SimpleMetadataReaderFactory(type.getClassLoader());
		return HasApiKeySearch.hierarchy(type)
			.stream()
			.anyMatch((each) -> !isOfTheJdk(each) && mayMention(each.getName(), files));
	}

	/**
	 * What the JDK makes for a lambda, or as a proxy, has no file, and no annotation of
	 * its own.
	 */
	private static boolean isOfTheJdk(Class<?> type) {
		return Proxy.isProxyClass(type) || (type.isHidden() && type.isSynthetic());
	}

	private static boolean mayMention(String type, MetadataReaderFactory files) {
		try {
			AnnotationMetadata metadata = files.getMetadataReader(type).getAnnotationMetadata();
			return isIn(metadata.getAnnotations())
					|| metadata.getDeclaredMethods().stream().anyMatch((method) -> isIn(method.getAnnotations()));
		}
		catch (IOException ex) {
			return true;
		}
	}

	private static boolean isIn(MergedAnnotations annotations) {
		return annotations.stream()
			.filter(MergedAnnotation::isDirectlyPresent)
			.map(MergedAnnotation::getType)
			.anyMatch((annotation) -> HasApiKeySearch.canCarry(annotation.asSubclass(Annotation.class)));
	}

}
