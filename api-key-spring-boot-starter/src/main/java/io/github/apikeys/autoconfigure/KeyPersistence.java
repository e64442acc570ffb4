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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import jakarta.persistence.EntityManagerFactory;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.resource.transaction.spi.TransactionCoordinatorBuilder;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.jta.JtaTransactionManager;
import org.springframework.transaction.support.ResourceTransactionManager;

/**
 * Where keys are stored: a persistence unit of the application, and what manages its
 * transactions.
 */
record KeyPersistence(EntityManagerFactory entityManagerFactory, PlatformTransactionManager transactionManager) {

	static KeyPersistence find(BeanFactory beanFactory, @Nullable String name,
			ObjectProvider<EntityManagerFactory> qualified) {
		EntityManagerFactory entityManagerFactory = (name != null) ? named(beanFactory, name)
				: unique(beanFactory.getBeanProvider(EntityManagerFactory.class), qualified);
		return new KeyPersistence(entityManagerFactory, transactionManager(entityManagerFactory,
				isJta(entityManagerFactory), beanFactory.getBeanProvider(PlatformTransactionManager.class)));
	}

	private static EntityManagerFactory named(BeanFactory beanFactory, String name) {
		try {
			return beanFactory.getBean(name, EntityManagerFactory.class);
		}
		catch (NoSuchBeanDefinitionException ex) {
			throw new ApiKeyConfigurationException(
					"There is no bean '" + name + "' of type EntityManagerFactory, in which API keys are to be stored.",
					"Set 'api-key.jpa.entity-manager-factory' to the name of one, or remove it.");
		}
	}

	private static EntityManagerFactory unique(ObjectProvider<EntityManagerFactory> all,
			ObjectProvider<EntityManagerFactory> qualified) {
		long marked = qualified.stream().count();
		EntityManagerFactory entityManagerFactory = ifUnique((marked > 0) ? qualified : all);
		if (entityManagerFactory == null && marked > 0) {
			throw new ApiKeyConfigurationException("There are " + marked
					+ " EntityManagerFactory beans that are marked as "
					+ "@ApiKeyEntityManagerFactory, and no single one of them is primary: it is not clear where "
					+ "API keys are to be stored.",
					"Leave the annotation on one of them, mark one as @Primary, or set "
							+ "'api-key.jpa.entity-manager-factory' to its name.");
		}
		if (entityManagerFactory == null) {
			throw new ApiKeyConfigurationException(
					"There are several EntityManagerFactory beans, and no single one of them is primary: it is not clear "
							+ "where API keys are to be stored.",
					"Set 'api-key.jpa.entity-manager-factory' to the name of one of them, or mark it as "
							+ "@ApiKeyEntityManagerFactory or @Primary. Its packages to scan must contain "
							+ "\"io.github.apikeys.core\".");
		}
		return entityManagerFactory;
	}

	/**
	 * As Spring decides, also among several that are primary.
	 */
	private static @Nullable EntityManagerFactory ifUnique(ObjectProvider<EntityManagerFactory> candidates) {
		try {
			return candidates.getIfUnique();
		}
		catch (NoUniqueBeanDefinitionException ex) {
			return null;
		}
	}

	private static boolean isJta(EntityManagerFactory entityManagerFactory) {
		return entityManagerFactory.unwrap(SessionFactoryImplementor.class)
			.getServiceRegistry()
			.requireService(TransactionCoordinatorBuilder.class)
			.isJta();
	}

	/**
	 * The one that manages the transactions of the persistence unit. Whatever else there
	 * is, and in whichever order, manages something else.
	 */
	static PlatformTransactionManager transactionManager(EntityManagerFactory entityManagerFactory, boolean jta,
			Iterable<PlatformTransactionManager> candidates) {
		List<PlatformTransactionManager> global = new ArrayList<>();
		for (PlatformTransactionManager candidate : candidates) {
			if (candidate instanceof ResourceTransactionManager local) {
				if (local.getResourceFactory() == entityManagerFactory) {
					return candidate;
				}
			}
			else if (candidate instanceof JtaTransactionManager) {
				global.add(0, candidate);
			}
			else {
				global.add(candidate);
			}
		}
		if (!jta) {
			return ofOurOwn(entityManagerFactory);
		}
		if (global.isEmpty()) {
			throw new ApiKeyConfigurationException(
					"API keys are to be stored in a persistence unit with JTA transactions, but there is no bean that "
							+ "manages them.",
					"Publish a JtaTransactionManager.");
		}
		return global.get(0);
	}

	/**
	 * It leaves the data source alone: the application may have a transaction on it that
	 * another manager began.
	 */
	private static JpaTransactionManager ofOurOwn(EntityManagerFactory entityManagerFactory) {
		JpaTransactionManager transactionManager = new JpaTransactionManager(entityManagerFactory);
		transactionManager.setDataSource(null);
		return transactionManager;
	}

	/**
	 * Whether an application without JPA, which had transactions of JDBC before, now has
	 * those of JPA, and did not say so itself.
	 */
	boolean replacesTransactionsOfJdbc(ConfigurableListableBeanFactory beanFactory) {
		return this.transactionManager.getClass() == JpaTransactionManager.class && Arrays
			.stream(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, JpaTransactionManager.class))
			.anyMatch(
					(name) -> beanFactory.getBean(name) == this.transactionManager && isOfSpringBoot(name, beanFactory))
				&& knowsKeysOnly();
	}

	private static boolean isOfSpringBoot(String name, ConfigurableListableBeanFactory beanFactory) {
		try {
			String configuration = beanFactory.getMergedBeanDefinition(name).getFactoryBeanName();
			return configuration != null && configuration.startsWith("org.springframework.boot.");
		}
		catch (NoSuchBeanDefinitionException ex) {
			// registered as an object
			return false;
		}
	}

	private boolean knowsKeysOnly() {
		return this.entityManagerFactory.getMetamodel()
			.getEntities()
			.stream()
			.allMatch((entity) -> KeyEntities.contains(entity.getJavaType()));
	}

}
