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

package io.github.apikeys.test;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.test.context.support.WithSecurityContextFactory;
import org.springframework.util.Assert;

/**
 * Makes the security context that {@link WithMockApiKey} describes. It is created as a
 * bean if the test has an application context, and without one otherwise.
 */
final class WithMockApiKeySecurityContextFactory
		implements WithSecurityContextFactory<WithMockApiKey>, BeanFactoryAware {

	private @Nullable BeanFactory beanFactory;

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public SecurityContext createSecurityContext(WithMockApiKey annotation) {
		MockApiKey key = new MockApiKey();
		key.setScopes(annotation.scopes());
		key.setOwner(annotation.owner().isEmpty() ? null : annotation.owner());
		key.setDisplayName(annotation.displayName());
		key.setType(annotation.type());
		for (String entry : annotation.metadata()) {
			int equals = entry.indexOf('=');
			Assert.isTrue(equals > 0, () -> "'" + entry + "' is no metadata: it must look like 'name=value'");
			key.addMetadata(entry.substring(0, equals), entry.substring(equals + 1));
		}
		SecurityContext context = strategy().createEmptyContext();
		context.setAuthentication(key.authenticate(this.beanFactory));
		return context;
	}

	private SecurityContextHolderStrategy strategy() {
		return (this.beanFactory != null)
				? this.beanFactory.getBeanProvider(SecurityContextHolderStrategy.class)
					.getIfUnique(SecurityContextHolder::getContextHolderStrategy)
				: SecurityContextHolder.getContextHolderStrategy();
	}

}
