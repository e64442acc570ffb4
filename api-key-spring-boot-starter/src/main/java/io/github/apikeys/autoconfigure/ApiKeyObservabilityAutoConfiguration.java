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

import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.security.FailedAttemptLimiter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;

/**
 * Auto-configuration of what those see of keys who watch the application: meters, health
 * and an endpoint.
 *
 * @since 0.1.0
 */
@AutoConfiguration(
		after = { ApiKeyAutoConfiguration.class, ApiKeyJpaAutoConfiguration.class,
				ApiKeySecurityAutoConfiguration.class },
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
		beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
public final class ApiKeyObservabilityAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterRegistry.class)
	static class MetricsConfiguration {

		@Bean("io.github.apikeys.apiKeyVerificationMetrics")
		@ConditionalOnSingleCandidate(JpaApiKeyService.class)
		ApiKeyVerificationMetrics apiKeyVerificationMetrics(JpaApiKeyService apiKeys) {
			return new ApiKeyVerificationMetrics(apiKeys);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterRegistry.class)
	@ConditionalOnWebApplication(type = Type.SERVLET)
	static class LimitMetricsConfiguration {

		@Bean("io.github.apikeys.apiKeyLimitMetrics")
		@ConditionalOnSingleCandidate(MeterRegistry.class)
		ApiKeyLimitMetrics apiKeyLimitMetrics(MeterRegistry meterRegistry) {
			return new ApiKeyLimitMetrics(meterRegistry);
		}

		@Bean("io.github.apikeys.apiKeyFailedAttemptMetrics")
		@ConditionalOnSingleCandidate(FailedAttemptLimiter.class)
		MeterBinder apiKeyFailedAttemptMetrics(FailedAttemptLimiter limiter) {
			return (meterRegistry) -> FunctionCounter
				.builder("api.key.failed.attempts.refused", limiter, FailedAttemptLimiter::getRefusedRequests)
				.description("Requests with an API key that the failed-attempt limit of an address refused")
				.register(meterRegistry);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
	@ConditionalOnSingleCandidate(JpaApiKeyService.class)
	@ConditionalOnEnabledHealthIndicator("api-keys")
	static class HealthConfiguration {

		/**
		 * Spring Boot would call it by the name of its bean.
		 */
		@Bean(value = "io.github.apikeys.apiKeysHealthIndicator", autowireCandidate = false)
		ApiKeysHealthIndicator apiKeysHealthIndicator(JpaApiKeyService apiKeys) {
			return new ApiKeysHealthIndicator(apiKeys);
		}

		@Bean("io.github.apikeys.apiKeysHealthRegistrar")
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static HealthRegistrar apiKeysHealthRegistrar(BeanFactory beanFactory) {
			return new HealthRegistrar(beanFactory);
		}

	}

	/**
	 * Adds our health under its name, unless the application has one of that name.
	 */
	static final class HealthRegistrar implements BeanPostProcessor {

		private final BeanFactory beanFactory;

		HealthRegistrar(BeanFactory beanFactory) {
			this.beanFactory = beanFactory;
		}

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			if (bean instanceof HealthContributorRegistry registry && registry.getContributor("apiKeys") == null) {
				registry.registerContributor("apiKeys", this.beanFactory.getBean(ApiKeysHealthIndicator.class));
			}
			return bean;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(SanitizingFunction.class)
	static class SanitizingConfiguration {

		/**
		 * One of many: Spring Boot asks all such beans.
		 */
		@Bean("io.github.apikeys.apiKeyPepperSanitizingFunction")
		@ConditionalOnBean(ApiKeyProperties.class)
		@ConditionalOnMissingBean
		PepperSanitizingFunction apiKeyPepperSanitizingFunction(ApiKeyProperties properties) {
			return new PepperSanitizingFunction(properties);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ Endpoint.class, ConditionalOnAvailableEndpoint.class })
	static class EndpointConfiguration {

		@Bean("io.github.apikeys.apiKeysEndpoint")
		@ConditionalOnSingleCandidate(ApiKeyService.class)
		@ConditionalOnBean(ApiKeyReports.class)
		@ConditionalOnAvailableEndpoint
		@ConditionalOnMissingBean
		ApiKeysEndpoint apiKeysEndpoint(ApiKeyService apiKeys, ApiKeyReports reports) {
			return new ApiKeysEndpoint(apiKeys, reports);
		}

	}

}
