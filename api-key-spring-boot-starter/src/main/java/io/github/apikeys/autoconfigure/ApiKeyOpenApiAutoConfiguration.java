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

import io.github.apikeys.security.ApiKeyHttpSettings;
import io.github.apikeys.security.CurrentApiKey;
import org.springdoc.core.configuration.SpringDocConfiguration;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springdoc.core.properties.SpringDocConfigProperties;
import org.springdoc.core.utils.SpringDocUtils;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of what springdoc says about keys.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = ApiKeySecurityAutoConfiguration.class,
		afterName = "org.springdoc.core.configuration.SpringDocConfiguration")
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass(GlobalOperationCustomizer.class)
@ConditionalOnBean({ SpringDocConfiguration.class, ApiKeyHttpSettings.class })
public final class ApiKeyOpenApiAutoConfiguration {

	static {
		// springdoc has no other way, and does the same for @AuthenticationPrincipal
		SpringDocUtils.getConfig().addAnnotationsToIgnore(CurrentApiKey.class);
	}

	@Bean("io.github.apikeys.apiKeySecuritySchemeCustomizer")
	ApiKeySecuritySchemeCustomizer apiKeySecuritySchemeCustomizer(ApiKeyHttpSettings settings) {
		return new ApiKeySecuritySchemeCustomizer(settings);
	}

	@Bean("io.github.apikeys.hasApiKeyOperationCustomizer")
	HasApiKeyOperationCustomizer hasApiKeyOperationCustomizer(ConfigurableListableBeanFactory beanFactory,
			SpringDocConfigProperties properties) {
		return new HasApiKeyOperationCustomizer(beanFactory, properties.isOpenapi31());
	}

}
