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

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.MappedSuperclass;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.persistence.autoconfigure.EntityScanPackages;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.util.ClassUtils;

/**
 * Warns of a class that is to be a type of keys, and no entity: whoever scans for
 * entities passes it over, and the first key of the type cannot be stored. It is no
 * reason not to start, since tests have such classes, too.
 */
final class KeyTypeCheck {

	private static final Log logger = LogFactory.getLog(KeyTypeCheck.class);

	/** Has read the classes of the application already. */
	private static final String METADATA_READERS = "org.springframework.boot.autoconfigure."
			+ "internalCachingMetadataReaderFactory";

	private KeyTypeCheck() {
	}

	static void check(ConfigurableBeanFactory beanFactory, EntityManagerFactory entityManagerFactory) {
		Set<Class<?>> entities = entityManagerFactory.getMetamodel()
			.getEntities()
			.stream()
			.map((entity) -> entity.getJavaType())
			.collect(Collectors.toCollection(HashSet::new));
		ClassPathScanningCandidateComponentProvider scanner = scanner(beanFactory);
		for (String basePackage : packages(beanFactory)) {
			scanner.findCandidateComponents(basePackage).forEach((candidate) -> {
				Class<?> type = ClassUtils.resolveClassName(String.valueOf(candidate.getBeanClassName()),
						beanFactory.getBeanClassLoader());
				if (ApiKey.class.isAssignableFrom(type) && !entities.contains(type)) {
					logger.warn("The class " + type.getName()
							+ " is to be a type of API keys, and is no entity, so no API "
							+ "key of that type can be stored. Annotate it with @Entity, besides @DiscriminatorValue.");
				}
			});
		}
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
					&& !annotations.hasAnnotation(Entity.class.getName())
					&& !annotations.hasAnnotation(MappedSuperclass.class.getName());
		});
		return scanner;
	}

	/**
	 * Where the application scans for entities.
	 */
	private static List<String> packages(ConfigurableBeanFactory beanFactory) {
		List<String> packages = EntityScanPackages.get(beanFactory).getPackageNames();
		return (packages.isEmpty() && AutoConfigurationPackages.has(beanFactory))
				? AutoConfigurationPackages.get(beanFactory) : packages;
	}

}
