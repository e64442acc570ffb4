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

import java.util.function.Supplier;

import io.github.apikeys.security.ApiKeyPermissionEvaluator;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.HasApiKeyMethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.config.AopConfigUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.security.access.PermissionEvaluator;
import org.springframework.security.access.expression.method.DefaultMethodSecurityExpressionHandler;
import org.springframework.security.access.expression.method.MethodSecurityExpressionHandler;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.authorization.AuthorizationEventPublisher;
import org.springframework.security.authorization.AuthorizationManagerFactory;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.authorization.method.AuthorizationAdvisor;
import org.springframework.security.config.core.GrantedAuthorityDefaults;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.servlet.HandlerAdapter;
import org.springframework.web.servlet.handler.MappedInterceptor;

/**
 * Auto-configuration of {@link HasApiKey}, which does not depend on
 * {@code @EnableMethodSecurity}, and of {@code hasPermission} for those who use that.
 *
 * @since 0.1.0
 */
@AutoConfiguration(afterName = "org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration")
@ConditionalOnClass({ AuthorizationAdvisor.class, GrantedAuthorityDefaults.class })
@Import(ApiKeyMethodSecurityAutoConfiguration.ProxyCreatorRegistrar.class)
public final class ApiKeyMethodSecurityAutoConfiguration {

	@Bean("io.github.apikeys.hasApiKeyMethodInterceptor")
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static HasApiKeyMethodInterceptor hasApiKeyMethodInterceptor(
			ObjectProvider<AuthorizationEventPublisher> eventPublisher,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) {
		HasApiKeyMethodInterceptor interceptor = new HasApiKeyMethodInterceptor(
				new LazyAuthorizationEventPublisher(eventPublisher));
		securityContextHolderStrategy.ifUnique(interceptor::setSecurityContextHolderStrategy);
		return interceptor;
	}

	@Bean("io.github.apikeys.hasApiKeyUsageCheck")
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	@ImportRuntimeHints({ CalledTypes.Hints.class, ExistingBeans.Hints.class })
	static HasApiKeyUsageCheck hasApiKeyUsageCheck() {
		return new HasApiKeyUsageCheck();
	}

	@Bean("io.github.apikeys.currentApiKeyUsageCheck")
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static CurrentApiKeyUsageCheck currentApiKeyUsageCheck(ConfigurableListableBeanFactory beanFactory) {
		return new CurrentApiKeyUsageCheck(beanFactory);
	}

	/**
	 * Where the application has neither, a permission evaluator that answers for keys;
	 * for everybody else it answers what is answered without one.
	 */
	@Bean("io.github.apikeys.apiKeyMethodSecurityExpressionHandler")
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	@ConditionalOnMissingBean({ MethodSecurityExpressionHandler.class, PermissionEvaluator.class })
	@SuppressWarnings("deprecation")
	static DefaultMethodSecurityExpressionHandler apiKeyMethodSecurityExpressionHandler(
			ObjectProvider<GrantedAuthorityDefaults> defaults, ObjectProvider<RoleHierarchy> roleHierarchy,
			ObjectProvider<AuthorizationManagerFactory<MethodInvocation>> authorizationManagerFactory) {
		DefaultMethodSecurityExpressionHandler handler = new DefaultMethodSecurityExpressionHandler();
		handler.setPermissionEvaluator(new ApiKeyPermissionEvaluator());
		defaults.ifUnique((granted) -> handler.setDefaultRolePrefix(granted.getRolePrefix()));
		roleHierarchy.ifUnique(handler::setRoleHierarchy);
		authorizationManagerFactory.ifUnique(handler::setAuthorizationManagerFactory);
		return handler;
	}

	/**
	 * Without any other adapter, a dispatcher would take its defaults; with this one, it
	 * would have none that adapts.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = Type.SERVLET)
	@ConditionalOnClass(HandlerAdapter.class)
	@ConditionalOnBean(HandlerAdapter.class)
	static class WebMvcConfiguration {

		@Bean("io.github.apikeys.handlerCheck")
		HandlerCheck handlerCheck(HasApiKeyUsageCheck usageCheck) {
			return new HandlerCheck(usageCheck);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = Type.SERVLET)
	@ConditionalOnClass(MappedInterceptor.class)
	static class MappingConfiguration {

		@Bean("io.github.apikeys.handlerCheckInterceptor")
		MappedInterceptor handlerCheckInterceptor(HasApiKeyUsageCheck usageCheck) {
			return new MappedInterceptor(null, new HandlerCheckInterceptor(usageCheck));
		}

	}

	/**
	 * Makes sure that advice is applied at all, whatever {@code spring.aop.auto} says,
	 * and where nobody else does it, as in tests of the web layer, in the way of Spring
	 * Boot: a controller behind the proxy of an interface would not be found.
	 */
	static class ProxyCreatorRegistrar implements ImportBeanDefinitionRegistrar {

		private final Environment environment;

		ProxyCreatorRegistrar(Environment environment) {
			this.environment = environment;
		}

		@Override
		public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
			boolean registered = AopConfigUtils.registerAutoProxyCreatorIfNecessary(registry) != null;
			if (registered && this.environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true)) {
				AopConfigUtils.forceAutoProxyCreatorToUseClassProxying(registry);
			}
		}

	}

	/**
	 * Advice is created before ordinary beans, so the application's publisher is looked
	 * up when there is something to publish, and once: a look-up for each request would
	 * take longer than the rest of the advice.
	 */
	private static final class LazyAuthorizationEventPublisher implements AuthorizationEventPublisher {

		private final SingletonSupplier<AuthorizationEventPublisher> publisher;

		LazyAuthorizationEventPublisher(ObjectProvider<AuthorizationEventPublisher> publisher) {
			this.publisher = SingletonSupplier
				.of(() -> publisher.getIfAvailable(LazyAuthorizationEventPublisher::none));
		}

		private static AuthorizationEventPublisher none() {
			return new AuthorizationEventPublisher() {

				@Override
				public <T> void publishAuthorizationEvent(Supplier<Authentication> authentication, T object,
						@Nullable AuthorizationResult result) {
				}

			};
		}

		@Override
		public <T> void publishAuthorizationEvent(Supplier<Authentication> authentication, T object,
				@Nullable AuthorizationResult result) {
			this.publisher.obtain().publishAuthorizationEvent(authentication, object, result);
		}

	}

}
