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
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.FactoryBeanRegistrySupport;
import org.springframework.util.ReflectionUtils;

/**
 * The singletons of a context that exist, and what factories among them have made. It
 * creates none.
 */
final class ExistingBeans {

	private static final @Nullable Method PRODUCT = ReflectionUtils.findMethod(FactoryBeanRegistrySupport.class,
			"getCachedObjectForFactoryBean", String.class);

	private ExistingBeans() {
	}

	/**
	 * Visits each singleton with its name, and the product of a factory with that of the
	 * factory.
	 */
	static void forEach(ConfigurableListableBeanFactory beanFactory, BiConsumer<Object, String> visitor) {
		for (String name : beanFactory.getSingletonNames()) {
			Object singleton = singleton(beanFactory, name);
			if (singleton != null) {
				visitor.accept(singleton, name);
				Object product = (singleton instanceof FactoryBean) ? product(beanFactory, name) : null;
				if (product != null) {
					visitor.accept(product, name);
				}
			}
		}
	}

	/**
	 * Returns what callers get by a name, or {@code null} if it does not exist yet.
	 */
	static @Nullable Object find(ConfigurableListableBeanFactory beanFactory, String name) {
		Object singleton = singleton(beanFactory, name);
		return (singleton instanceof FactoryBean) ? product(beanFactory, name) : singleton;
	}

	/**
	 * Returns a singleton, which may be a factory, or {@code null} if it does not exist
	 * yet.
	 */
	static @Nullable Object singleton(ConfigurableListableBeanFactory beanFactory, String name) {
		return beanFactory.containsSingleton(name) ? beanFactory.getSingleton(name) : null;
	}

	/**
	 * To ask for a product by its name would create it.
	 */
	private static @Nullable Object product(ConfigurableListableBeanFactory beanFactory, String name) {
		if (PRODUCT == null || !(beanFactory instanceof FactoryBeanRegistrySupport)) {
			return null;
		}
		ReflectionUtils.makeAccessible(PRODUCT);
		return ReflectionUtils.invokeMethod(PRODUCT, beanFactory, name);
	}

	/**
	 * A native image finds no other methods by their names than those that were
	 * announced.
	 */
	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			if (PRODUCT != null) {
				hints.reflection().registerMethod(PRODUCT, ExecutableMode.INVOKE);
			}
		}

	}

}
