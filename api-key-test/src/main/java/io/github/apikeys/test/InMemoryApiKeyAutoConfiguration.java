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

import io.github.apikeys.autoconfigure.ApiKeyAutoConfiguration;
import io.github.apikeys.autoconfigure.ApiKeyProperties;
import io.github.apikeys.core.token.ApiKeyTokenFormats;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;

/**
 * Auto-configuration of keys in memory, for tests of the web layer alone. Nothing but
 * {@code @WebMvcTest} imports it.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = ApiKeyAutoConfiguration.class)
public final class InMemoryApiKeyAutoConfiguration {

	/**
	 * Gives way to a service of the application, which gets this one to call.
	 */
	@Bean("io.github.apikeys.inMemoryApiKeyService")
	@Fallback
	@ConditionalOnMissingBean
	InMemoryApiKeyService inMemoryApiKeyService(ApiKeyTokenFormats tokenFormats, ApiKeyProperties properties,
			ApplicationEventPublisher eventPublisher) {
		InMemoryApiKeyService service = new InMemoryApiKeyService(tokenFormats);
		service.setDeclaredScopes(properties.getScopes().keySet());
		service.setPrincipalMetadata(properties.getPrincipal().getMetadata());
		service.setApplicationEventPublisher(eventPublisher);
		return service;
	}

}
