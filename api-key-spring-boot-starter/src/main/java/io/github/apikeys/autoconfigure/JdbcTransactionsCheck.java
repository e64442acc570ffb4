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

import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Tells an application that uses JDBC, and had no JPA before, that its transactions are
 * others now.
 */
final class JdbcTransactionsCheck implements SmartInitializingSingleton {

	static final String ADVICE = "To keep the transactions of JDBC, publish a bean 'transactionManager' of type "
			+ "JdbcTransactionManager; API keys then have transactions of their own.";

	private static final Log logger = LogFactory.getLog(JdbcTransactionsCheck.class);

	private static final List<OptionalType> LIBRARIES = List.of(OptionalType.JOOQ, OptionalType.MYBATIS,
			OptionalType.SPRING_DATA_JDBC);

	private static final List<Class<?>> TEMPLATES = List.of(JdbcOperations.class, NamedParameterJdbcOperations.class,
			JdbcClient.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final BooleanSupplier replaced;

	JdbcTransactionsCheck(ConfigurableListableBeanFactory beanFactory, BooleanSupplier replaced) {
		this.beanFactory = beanFactory;
		this.replaced = replaced;
	}

	/**
	 * The users of a template are known when all beans exist.
	 */
	@Override
	public void afterSingletonsInstantiated() {
		if (usesJdbc() && this.replaced.getAsBoolean()) {
			logger
				.warn("There are no JPA entities but those of API keys, and the application uses JDBC, but its transactions "
						+ "are managed by the JpaTransactionManager that API keys require: keys and what JDBC writes commit together, "
						+ "and transactions are not nested (PROPAGATION_NESTED). To keep it without this message, "
						+ "publish the JpaTransactionManager as a bean of your own. " + ADVICE);
		}
	}

	private boolean usesJdbc() {
		return LIBRARIES.stream().anyMatch((library) -> library.isPresent(this.beanFactory.getBeanClassLoader()))
				|| TEMPLATES.stream()
					.flatMap((template) -> Arrays.stream(this.beanFactory.getBeanNamesForType(template, true, false)))
					.flatMap((template) -> Arrays.stream(this.beanFactory.getDependentBeans(template)))
					.anyMatch(this::isOfApplication);
	}

	private boolean isOfApplication(String name) {
		Class<?> type = this.beanFactory.containsBean(name) ? this.beanFactory.getType(name, false) : null;
		return type != null && !type.getName().startsWith("org.springframework.");
	}

}
