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

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.RequiredScopes;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Warns of {@link HasApiKey} and of rules for requests that deny every request, because
 * no filter chain reads keys, a scope was misspelt, or there is no such type of keys.
 */
final class HasApiKeyWarnings {

	private static final Log logger = LogFactory.getLog(HasApiKeyWarnings.class);

	private final Set<String> scopes = new TreeSet<>();

	private final Set<Class<? extends ApiKey>> types = new LinkedHashSet<>();

	private @Nullable RequiredScopes ofRules;

	private @Nullable Class<?> user;

	private @Nullable BeanFactory beanFactory;

	/**
	 * Begins to note what rules require.
	 */
	synchronized void begin() {
		this.ofRules = RequiredScopes.begin();
	}

	synchronized void end() {
		if (this.ofRules != null) {
			this.scopes.addAll(this.ofRules.end());
			this.types.addAll(this.ofRules.types());
			this.ofRules = null;
		}
	}

	synchronized void used(Object bean, Set<HasApiKey> annotations) {
		if (annotations.isEmpty()) {
			return;
		}
		annotations.forEach((annotation) -> {
			this.scopes.addAll(List.of(annotation.value()));
			this.scopes.addAll(List.of(annotation.anyScope()));
			if (annotation.type() != ApiKey.class) {
				this.types.add(annotation.type());
			}
		});
		boolean first = (this.user == null);
		if (first) {
			this.user = ClassUtils.getUserClass(bean);
		}
		if (this.beanFactory != null) {
			warn(this.beanFactory, first ? this.user : null);
		}
	}

	/**
	 * Warns of what was used until now. Before the start, beans that tell whether there
	 * is something to warn of would be created too early.
	 */
	synchronized void start(BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
		end();
		warn(beanFactory, this.user);
	}

	private void warn(BeanFactory beanFactory, @Nullable Class<?> user) {
		if (user != null) {
			beanFactory.getBeanProvider(HasApiKeyChainCheck.class).ifAvailable((check) -> check.usedBy(user));
		}
		if (!this.types.isEmpty()) {
			beanFactory.getBeanProvider(KeyTypeCheck.class).ifAvailable((check) -> this.types.forEach(check::required));
			this.types.clear();
		}
		if (!this.scopes.isEmpty()) {
			beanFactory.getBeanProvider(ApiKeyProperties.class)
				.ifAvailable(
						(properties) -> this.scopes.forEach((scope) -> warn(scope, properties.getScopes().keySet())));
			this.scopes.clear();
		}
	}

	private static void warn(String scope, Set<String> declared) {
		if (!declared.isEmpty() && !declared.contains(scope)) {
			logger.warn("@HasApiKey or hasApiKey(..) requires the scope '" + scope
					+ "', which is not declared under 'api-key.scopes', so no key can be granted it by its name. The "
					+ "nearest that is declared is '" + nearest(scope, declared) + "'.");
		}
	}

	private static String nearest(String scope, Set<String> declared) {
		return declared.stream()
			.min(Comparator.comparingInt((String other) -> Spelling.distance(scope, other))
				.thenComparing((other) -> other))
			.orElseThrow();
	}

}
