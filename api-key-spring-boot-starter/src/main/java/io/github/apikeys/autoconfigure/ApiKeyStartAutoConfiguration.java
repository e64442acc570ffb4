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
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.RateLimits;
import io.github.apikeys.core.hash.ApiKeyHashers;
import io.github.apikeys.core.jpa.JpaApiKeyService;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.ratelimit.ApiKeyRateLimiter;
import jakarta.persistence.EntityManagerFactory;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.util.StringUtils;

/**
 * Auto-configuration of what happens once, at the start of an application.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { ApiKeyJpaAutoConfiguration.class, ApiKeySecurityAutoConfiguration.class })
public final class ApiKeyStartAutoConfiguration {

	private static final Log logger = LogFactory.getLog(ApiKeyStartAutoConfiguration.class);

	/**
	 * Not in tests of the web layer, where a verifier is not expected.
	 */
	@Bean("io.github.apikeys.apiKeyServiceWarning")
	@Lazy(false)
	@ConditionalOnWebApplication(type = Type.SERVLET)
	@ConditionalOnMissingBean(ApiKeyTokenVerifier.class)
	SmartInitializingSingleton apiKeyServiceWarning() {
		return () -> logger
			.warn("There is no ApiKeyTokenVerifier, since there is no EntityManagerFactory: no API key can "
					+ "be verified, and @HasApiKey denies each call. API keys are stored in a relational database with JPA. "
					+ "Beside a ConnectionFactory of R2DBC, Spring Boot configures no DataSource: publish a bean of type "
					+ "DataSource. In an application without a relational database, publish an ApiKeyTokenVerifier that "
					+ "finds the keys elsewhere, or remove the dependency api-key-spring-boot-starter.");
	}

	/**
	 * Asked at the start, and not by a condition, which would be decided ahead of time.
	 * What an application publishes is not asked for where beans are made, since tests of
	 * a slice leave it out.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(EntityManagerFactory.class)
	static class PersistenceConfiguration {

		@Bean("io.github.apikeys.apiKeyHashersCheck")
		@Lazy(false)
		@ConditionalOnBean(name = ApiKeyJpaAutoConfiguration.SERVICE_BEAN_NAME)
		SmartInitializingSingleton apiKeyHashersCheck(BeanFactory beanFactory) {
			return beanFactory.getBeanProvider(ApiKeyHashers.class)::getObject;
		}

		@Bean("io.github.apikeys.apiKeyFirstKey")
		@Lazy(false)
		FirstKey apiKeyFirstKey(ApiKeyProperties properties, ApiKeyTokenFormats tokenFormats, BeanFactory beanFactory) {
			return new FirstKey(properties, tokenFormats, beanFactory.getBeanProvider(ApiKeyService.class),
					beanFactory.getBeanProvider(JpaApiKeyService.class),
					beanFactory.getBeanProvider(ApiKeyReports.class));
		}

	}

	/**
	 * The first key is not left out silently.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingClass("jakarta.persistence.EntityManagerFactory")
	static class WithoutPersistenceConfiguration {

		@Bean("io.github.apikeys.apiKeyFirstKeyCheck")
		@Lazy(false)
		SmartInitializingSingleton apiKeyFirstKeyCheck(ApiKeyProperties properties) {
			return () -> {
				if (StringUtils.hasText(properties.getFirstKey().getHash())) {
					throw new ApiKeyConfigurationException(
							"'api-key.first-key.hash' is set, and this application stores no API keys: JPA is not on "
									+ "the class path.",
							"Set the property where API keys are stored, and remove it here.");
				}
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = Type.SERVLET)
	@ConditionalOnClass(SecurityFilterChain.class)
	static class ServletConfiguration {

		@Bean("io.github.apikeys.apiKeyRateLimiterCheck")
		@Lazy(false)
		@ConditionalOnBean(name = ApiKeySecurityAutoConfiguration.SETTINGS_BEAN_NAME)
		SmartInitializingSingleton apiKeyRateLimiterCheck(ApiKeyProperties properties, BeanFactory beanFactory) {
			return () -> checkCounted(ApiKeySecurityAutoConfiguration.defaultRateLimits(properties),
					beanFactory.getBeanProvider(ApiKeyRateLimiter.class));
		}

		private static void checkCounted(@Nullable RateLimits limits, ObjectProvider<ApiKeyRateLimiter> rateLimiter) {
			if (limits != null && !limits.limits().isEmpty() && rateLimiter.getIfUnique() == null) {
				throw new ApiKeyConfigurationException(
						"'api-key.rate-limit.default' limits the requests of API keys, and nothing can count them.",
						"Add the dependency com.bucket4j:bucket4j_jdk17-core, or publish a bean of type "
								+ "ApiKeyRateLimiter.");
			}
		}

		@Bean("io.github.apikeys.reactiveBeansCheck")
		@Lazy(false)
		@ConditionalOnClass(name = "org.springframework.web.reactive.DispatcherHandler")
		ReactiveBeansCheck reactiveBeansCheck(ConfigurableListableBeanFactory beanFactory) {
			return new ReactiveBeansCheck(beanFactory);
		}

	}

}
