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

import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.AuditEventRepository;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Auto-configuration of what the application's own audit learns of keys.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = ApiKeyJpaAutoConfiguration.class,
		afterName = "org.springframework.boot.actuate.autoconfigure.audit.AuditAutoConfiguration")
public final class ApiKeyAuditAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(AuditEvent.class)
	static class AuditConfiguration {

		@Bean("io.github.apikeys.apiKeyAuditListener")
		@ConditionalOnBean(AuditEventRepository.class)
		ApiKeyAuditListener apiKeyAuditListener(ApplicationEventPublisher eventPublisher) {
			return new ApiKeyAuditListener(eventPublisher);
		}

	}

}
