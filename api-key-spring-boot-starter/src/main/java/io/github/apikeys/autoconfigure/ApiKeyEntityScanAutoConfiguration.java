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

import io.github.apikeys.core.ApiKey;
import jakarta.persistence.EntityManagerFactory;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.persistence.autoconfigure.EntityScanPackages;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration that adds the entity of keys to whatever the application scans for
 * entities, the packages of {@code @EntityScan} or else its own. The latter are read,
 * once and for all, as soon as Spring Data looks for repositories.
 *
 * @since 0.1.0
 */
@AutoConfiguration(beforeName = { "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration",
		"org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration" })
@ConditionalOnClass({ EntityManagerFactory.class, EntityScanPackages.class })
@AutoConfigurationPackage(basePackageClasses = ApiKey.class)
public final class ApiKeyEntityScanAutoConfiguration {

	@Bean("io.github.apikeys.apiKeyEntityScanExtender")
	static EntityScanExtender apiKeyEntityScanExtender() {
		return new EntityScanExtender();
	}

	/**
	 * Adds to {@code @EntityScan}, late enough to see those on other auto-configurations.
	 * It never starts such a list: the first entry would stop Spring Boot from scanning
	 * the application's own packages.
	 */
	static final class EntityScanExtender implements BeanDefinitionRegistryPostProcessor {

		@Override
		public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
			if (registry.containsBeanDefinition(EntityScanPackages.class.getName())) {
				EntityScanPackages.register(registry, ApiKey.class.getPackageName());
			}
		}

		@Override
		public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		}

	}

}
