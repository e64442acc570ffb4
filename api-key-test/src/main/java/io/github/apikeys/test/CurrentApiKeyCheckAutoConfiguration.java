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

import graphql.schema.DataFetchingEnvironment;
import io.github.apikeys.autoconfigure.ApiKeyGraphQlAutoConfiguration;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.security.CurrentApiKeyArgumentResolver;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.MethodParameter;
import org.springframework.graphql.data.method.HandlerMethodArgumentResolver;
import org.springframework.graphql.data.method.annotation.support.AnnotatedControllerConfigurer;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Auto-configuration that tells a test why a request with a described key would be
 * denied.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = ApiKeyGraphQlAutoConfiguration.class)
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass(WebMvcConfigurer.class)
public final class CurrentApiKeyCheckAutoConfiguration {

	@Bean("io.github.apikeys.currentApiKeyCheck")
	WebMvcConfigurer currentApiKeyCheck(ObjectProvider<ApiKeyService> apiKeys,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) {
		CurrentApiKeyCheck check = new CurrentApiKeyCheck(apiKeys, securityContextHolderStrategy);
		return new WebMvcConfigurer() {

			@Override
			public void addInterceptors(InterceptorRegistry registry) {
				registry.addInterceptor(check);
			}

		};
	}

	/**
	 * Comes before what fills the arguments otherwise, and does the same after the check.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(AnnotatedControllerConfigurer.class)
	static class GraphQlConfiguration {

		@Bean("io.github.apikeys.currentApiKeyGraphQlCheck")
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static BeanPostProcessor currentApiKeyGraphQlCheck(ObjectProvider<ApiKeyService> apiKeys,
				ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) {
			return new CheckedArguments(apiKeys, securityContextHolderStrategy);
		}

	}

	private record CheckedArguments(ObjectProvider<ApiKeyService> apiKeys,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) implements BeanPostProcessor {

		@Override
		public Object postProcessBeforeInitialization(Object bean, String beanName) {
			if (bean instanceof AnnotatedControllerConfigurer configurer) {
				CurrentApiKeyArgumentResolver resolver = new CurrentApiKeyArgumentResolver(this.apiKeys::getObject);
				this.securityContextHolderStrategy.ifUnique(resolver::setSecurityContextHolderStrategy);
				configurer.addCustomArgumentResolver(new CheckedArgument(
						new CurrentApiKeyCheck(this.apiKeys, this.securityContextHolderStrategy), resolver));
			}
			return bean;
		}

	}

	private record CheckedArgument(CurrentApiKeyCheck check,
			CurrentApiKeyArgumentResolver resolver) implements HandlerMethodArgumentResolver {

		@Override
		public boolean supportsParameter(MethodParameter parameter) {
			return CurrentApiKeyCheck.wantsEntity(parameter);
		}

		@Override
		public @Nullable Object resolveArgument(MethodParameter parameter, DataFetchingEnvironment environment) {
			this.check.check(parameter);
			return this.resolver.resolveArgument(parameter);
		}

	}

}
