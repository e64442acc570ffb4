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

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration that tells a reactive web application what it cannot have.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnWebApplication(type = Type.REACTIVE)
public final class ApiKeyReactiveAutoConfiguration {

	private static final Log logger = LogFactory.getLog(ApiKeyReactiveAutoConfiguration.class);

	@Bean("io.github.apikeys.apiKeyReactiveWarning")
	SmartInitializingSingleton apiKeyReactiveWarning() {
		return () -> logger.warn("This is a reactive web application (WebFlux): API keys are read from requests of"
				+ " servlet applications only, so no request has a key, and @HasApiKey denies each call. Use"
				+ " spring-boot-starter-webmvc, or remove api-key-spring-boot-starter");
	}

}
