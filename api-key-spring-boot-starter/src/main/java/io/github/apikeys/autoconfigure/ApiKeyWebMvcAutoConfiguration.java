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

import java.util.ArrayList;
import java.util.List;

import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.CurrentApiKeyArgumentResolver;
import io.github.apikeys.security.OutlivedKeyInterceptor;
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
import org.springframework.core.Ordered;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;

/**
 * Auto-configuration of {@link CurrentApiKey}, and of what keeps keys of other requests
 * from handlers.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass({ WebMvcConfigurer.class, SecurityContextHolderStrategy.class })
public final class ApiKeyWebMvcAutoConfiguration {

	@Bean("io.github.apikeys.apiKeyWebMvcConfigurer")
	WebMvcConfigurer apiKeyWebMvcConfigurer(BeanFactory beanFactory,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) {
		CurrentApiKeyArgumentResolver resolver = resolver(beanFactory.getBeanProvider(ApiKeyService.class),
				securityContextHolderStrategy);
		OutlivedKeyInterceptor interceptor = new OutlivedKeyInterceptor();
		securityContextHolderStrategy.ifUnique(interceptor::setSecurityContextHolderStrategy);
		return new WebMvcConfigurer() {

			@Override
			public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
				resolvers.add(resolver);
			}

			@Override
			public void addInterceptors(InterceptorRegistry registry) {
				registry.addInterceptor(interceptor).order(Ordered.HIGHEST_PRECEDENCE);
			}

		};
	}

	/**
	 * Puts the resolver before all others: one that goes by another annotation, or by the
	 * type of the parameter, would take from the request what only a verified key may
	 * fill.
	 */
	@Bean("io.github.apikeys.apiKeyArgumentsFirst")
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static BeanPostProcessor apiKeyArgumentsFirst(BeanFactory beanFactory,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) {
		return new ArgumentsFirst(beanFactory.getBeanProvider(ApiKeyService.class), securityContextHolderStrategy);
	}

	private static CurrentApiKeyArgumentResolver resolver(ObjectProvider<ApiKeyService> apiKeys,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) {
		CurrentApiKeyArgumentResolver resolver = new CurrentApiKeyArgumentResolver(apiKeys::getObject);
		securityContextHolderStrategy.ifUnique(resolver::setSecurityContextHolderStrategy);
		return resolver;
	}

	private record ArgumentsFirst(ObjectProvider<ApiKeyService> apiKeys,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) implements BeanPostProcessor {

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			if (bean instanceof RequestMappingHandlerAdapter adapter) {
				HandlerMethodArgumentResolver first = resolver(this.apiKeys, this.securityContextHolderStrategy);
				adapter.setArgumentResolvers(before(adapter.getArgumentResolvers(), first));
				adapter.setInitBinderArgumentResolvers(before(adapter.getInitBinderArgumentResolvers(), first));
			}
			return bean;
		}

		private static List<HandlerMethodArgumentResolver> before(
				@Nullable List<HandlerMethodArgumentResolver> resolvers, HandlerMethodArgumentResolver first) {
			List<HandlerMethodArgumentResolver> all = new ArrayList<>();
			all.add(first);
			all.addAll((resolvers != null) ? resolvers : List.of());
			return all;
		}

	}

}
