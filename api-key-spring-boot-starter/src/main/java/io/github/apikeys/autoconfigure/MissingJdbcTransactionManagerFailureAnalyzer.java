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

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Says where the transaction manager went that an application of JDBC had before API keys
 * brought JPA.
 */
@Order(Ordered.HIGHEST_PRECEDENCE) // before Spring Boot's, which does not know why
final class MissingJdbcTransactionManagerFailureAnalyzer
		extends AbstractFailureAnalyzer<NoSuchBeanDefinitionException> {

	private final BeanFactory beanFactory;

	MissingJdbcTransactionManagerFailureAnalyzer(BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoSuchBeanDefinitionException cause) {
		Class<?> missing = cause.getBeanType();
		if (missing == null || !DataSourceTransactionManager.class.isAssignableFrom(missing)
				|| cause.getNumberOfBeansFound() > 0 || !hasAnother()
				|| !this.beanFactory.containsBean(ApiKeyJpaAutoConfiguration.SERVICE_BEAN_NAME)) {
			return null;
		}
		return new FailureAnalysis(
				"There is no bean of type " + missing.getName() + ": Spring Boot publishes one where there is no other "
						+ "transaction manager, and API keys require JPA, which brings a JpaTransactionManager.",
				"Inject a PlatformTransactionManager. Or, if the application has no JPA entities but those of API keys: "
						+ JdbcTransactionsCheck.ADVICE,
				cause);
	}

	/**
	 * Of which type is not known, since it is gone by now.
	 */
	private boolean hasAnother() {
		return this.beanFactory instanceof ListableBeanFactory beans && BeanFactoryUtils
			.beanNamesForTypeIncludingAncestors(beans, PlatformTransactionManager.class, true, false).length > 0;
	}

}
