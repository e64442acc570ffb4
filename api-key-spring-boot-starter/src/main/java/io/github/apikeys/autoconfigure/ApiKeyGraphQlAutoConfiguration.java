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

import graphql.schema.DataFetchingEnvironment;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.CurrentApiKeyArgumentResolver;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.MethodParameter;
import org.springframework.graphql.data.method.HandlerMethodArgumentResolver;
import org.springframework.graphql.data.method.annotation.support.AnnotatedControllerConfigurer;
import org.springframework.security.core.context.SecurityContextHolderStrategy;

/**
 * Auto-configuration of {@link CurrentApiKey} for controllers of Spring for GraphQL.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass({ AnnotatedControllerConfigurer.class, SecurityContextHolderStrategy.class })
public final class ApiKeyGraphQlAutoConfiguration {

	@Bean("io.github.apikeys.apiKeyGraphQlArguments")
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static BeanPostProcessor apiKeyGraphQlArguments(BeanFactory beanFactory,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) {
		return new ArgumentsOfControllers(beanFactory.getBeanProvider(ApiKeyService.class),
				securityContextHolderStrategy);
	}

	/**
	 * Spring Boot would collect a bean that resolves arguments, but not for a configurer
	 * of the application's own, and the application may count on its beans of that type.
	 */
	private record ArgumentsOfControllers(ObjectProvider<ApiKeyService> apiKeys,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) implements BeanPostProcessor {

		@Override
		public Object postProcessBeforeInitialization(Object bean, String beanName) {
			if (bean instanceof AnnotatedControllerConfigurer configurer) {
				CurrentApiKeyArgumentResolver resolver = new CurrentApiKeyArgumentResolver(this.apiKeys::getObject);
				this.securityContextHolderStrategy.ifUnique(resolver::setSecurityContextHolderStrategy);
				configurer.addCustomArgumentResolver(new ArgumentResolver(resolver));
			}
			return bean;
		}

	}

	private record ArgumentResolver(CurrentApiKeyArgumentResolver resolver) implements HandlerMethodArgumentResolver {

		@Override
		public boolean supportsParameter(MethodParameter parameter) {
			return this.resolver.supportsParameter(parameter);
		}

		@Override
		public @Nullable Object resolveArgument(MethodParameter parameter, DataFetchingEnvironment environment) {
			return this.resolver.resolveArgument(parameter);
		}

	}

}
