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

import java.util.List;

import io.github.apikeys.core.support.Answers;
import io.github.apikeys.security.ApiKeyAuthenticationFilter;
import io.github.apikeys.security.HasApiKey;
import jakarta.servlet.Filter;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.web.SecurityFilterChain;

/**
 * Warns if {@link HasApiKey} is used and no filter chain reads keys, so that nobody can
 * call what is annotated.
 */
final class HasApiKeyChainCheck {

	private static final Log logger = LogFactory.getLog(HasApiKeyChainCheck.class);

	private final ObjectProvider<SecurityFilterChain> chains;

	HasApiKeyChainCheck(ObjectProvider<SecurityFilterChain> chains) {
		this.chains = chains;
	}

	/**
	 * Whether a chain reads keys from some requests at least.
	 */
	static boolean readsKeys(SecurityFilterChain chain) {
		return filters(chain).stream().anyMatch(ApiKeyAuthenticationFilter.class::isInstance);
	}

	/**
	 * Returns the filters of a chain, as far as it tells.
	 */
	static List<Filter> filters(SecurityFilterChain chain) {
		return Answers.of(chain, chain.getClass().getName(), "its filters", chain::getFilters, List.of());
	}

	void usedBy(Class<?> user) {
		if (this.chains.stream().noneMatch(HasApiKeyChainCheck::readsKeys)) {
			logger.warn("@HasApiKey is used on " + user.getName()
					+ ", but no SecurityFilterChain reads API keys, so every call is refused. Add "
					+ "'http.with(ApiKeyConfigurer.apiKey(), Customizer.withDefaults())' to the chain that is "
					+ "responsible for it.");
		}
	}

}
