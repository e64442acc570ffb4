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

import java.lang.reflect.Method;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyTypes;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.MappedSuperclass;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.persistence.autoconfigure.EntityScanPackages;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.core.type.classreading.MetadataReaderFactory;

/**
 * Tells of a class that is to be a type of keys, and that the persistence unit of the
 * keys does not know: no key of that class can be stored here.
 */
final class KeyTypeCheck {

	private static final Log logger = LogFactory.getLog(KeyTypeCheck.class);

	/** Has read the classes of the application already. */
	private static final String METADATA_READERS = "org.springframework.boot.autoconfigure."
			+ "internalCachingMetadataReaderFactory";

	private final Collection<Class<? extends ApiKey>> classes;

	KeyTypeCheck(ApiKeyTypes types) {
		this.classes = types.classes();
	}

	/**
	 * Warns of what lies in the packages of the application. It is no reason not to
	 * start, since tests have such classes, too.
	 */
	void scan(ConfigurableBeanFactory beanFactory) {
		ClassPathScanningCandidateComponentProvider scanner = scanner(beanFactory);
		Set<Class<?>> found = new LinkedHashSet<>();
		for (String basePackage : packages(beanFactory)) {
			for (BeanDefinition candidate : scanner.findCandidateComponents(basePackage)) {
				Class<?> type = OptionalType.find(candidate.getBeanClassName(), beanFactory.getBeanClassLoader());
				if (type != null) {
					found.add(type);
				}
			}
		}
		found.stream()
			.filter((type) -> ApiKey.class.isAssignableFrom(type) && !this.classes.contains(type))
			.forEach((type) -> logger.warn("The class " + type.getName() + " is to be a type of API keys, and is no "
					+ (type.isAnnotationPresent(Entity.class)
							? "entity of the persistence unit to which API keys belong, so no API key of that type can be "
									+ "stored. Add its package to @EntityScan."
							: "entity, so no API key of that type can be stored. Annotate it with @Entity, besides "
									+ "@DiscriminatorValue.")));
	}

	/**
	 * Warns of a type that a rule requires. It is no reason not to start: keys of that
	 * type may come from another application with the same tables.
	 */
	void required(Class<? extends ApiKey> type) {
		if (!isKnown(type)) {
			logger.warn("@HasApiKey or hasApiKey(..) requires an API key of " + type
					+ ", which is no entity of the persistence unit to which API keys belong, so that no such API key "
					+ "can be created here. Add its package to @EntityScan.");
		}
	}

	/**
	 * Fails for a type that a handler wants to have loaded, which never succeeds.
	 */
	void loaded(Class<? extends ApiKey> type, Method handler) {
		if (!isKnown(type)) {
			throw new ApiKeyConfigurationException(
					"@CurrentApiKey on a parameter of " + handler + " is never filled: " + type
							+ " is no entity of the persistence unit to which API keys belong.",
					"Add the package of the class to @EntityScan.");
		}
	}

	private boolean isKnown(Class<? extends ApiKey> type) {
		return this.classes.stream().anyMatch(type::isAssignableFrom);
	}

	private static ClassPathScanningCandidateComponentProvider scanner(ConfigurableBeanFactory beanFactory) {
		ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false);
		scanner.setResourceLoader(new DefaultResourceLoader(beanFactory.getBeanClassLoader()));
		if (beanFactory.containsBean(METADATA_READERS)) {
			scanner.setMetadataReaderFactory(beanFactory.getBean(METADATA_READERS, MetadataReaderFactory.class));
		}
		scanner.addIncludeFilter((reader, factory) -> {
			AnnotationMetadata annotations = reader.getAnnotationMetadata();
			return annotations.hasAnnotation(DiscriminatorValue.class.getName())
					&& !annotations.hasAnnotation(MappedSuperclass.class.getName());
		});
		return scanner;
	}

	/**
	 * Where the application has its classes. It may scan elsewhere for entities, and
	 * leave some of these out by mistake.
	 */
	private static Set<String> packages(ConfigurableBeanFactory beanFactory) {
		Set<String> packages = new LinkedHashSet<>(EntityScanPackages.get(beanFactory).getPackageNames());
		if (AutoConfigurationPackages.has(beanFactory)) {
			packages.addAll(AutoConfigurationPackages.get(beanFactory));
		}
		return packages;
	}

}
