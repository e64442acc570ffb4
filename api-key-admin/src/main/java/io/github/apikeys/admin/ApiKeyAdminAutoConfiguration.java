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

package io.github.apikeys.admin;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import io.github.apikeys.core.ApiKey;
import io.github.apikeys.core.ApiKeyHeader;
import io.github.apikeys.core.ApiKeyReports;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTypes;
import io.github.apikeys.core.IssuanceTerms;
import io.github.apikeys.core.UnreadPaths;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import jakarta.servlet.DispatcherType;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletPath;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.http.CacheControl;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.handler.MappedInterceptor;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * Auto-configuration of the pages that manage API keys.
 *
 * @since 0.1.0
 */
@AutoConfiguration(afterName = { "io.github.apikeys.autoconfigure.ApiKeyAutoConfiguration",
		"io.github.apikeys.autoconfigure.ApiKeyJpaAutoConfiguration" })
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass(SecurityFilterChain.class)
@ConditionalOnBooleanProperty(name = "api-key.admin.enabled", matchIfMissing = true)
@ConditionalOnBean({ ApiKeyService.class, ApiKeyReports.class, ApiKeyTokenFormats.class })
@EnableConfigurationProperties(ApiKeyAdminProperties.class)
public final class ApiKeyAdminAutoConfiguration {

	private static final Pattern PATH = Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)+");

	@Bean("io.github.apikeys.apiKeyAdminPaths")
	AdminPaths apiKeyAdminPaths(ApiKeyAdminProperties properties,
			ObjectProvider<DispatcherServletPath> dispatcherServletPath) {
		String path = properties.getPath();
		if (!PATH.matcher(path).matches()) {
			throw new InvalidConfigurationPropertyValueException("api-key.admin.path", path,
					"It must begin with a slash and not end with one, for example '/admin/api-keys', and hold no "
							+ "patterns, no encoded characters, and no part that is empty, '.' or '..'.");
		}
		DispatcherServletPath servlet = dispatcherServletPath.getIfUnique();
		return new AdminPaths(path, (servlet != null) ? servlet.getRelativePath(path) : path);
	}

	/**
	 * They are for people.
	 */
	@Bean("io.github.apikeys.apiKeyUnreadAdminPaths")
	UnreadPaths apiKeyUnreadAdminPaths(AdminPaths paths) {
		return new UnreadPaths(List.of(paths.inServlet(), paths.inServlet() + "/**"));
	}

	@Bean("io.github.apikeys.apiKeyAdminAccess")
	AdminAccess apiKeyAdminAccess(ApiKeyAdminProperties properties, ListableBeanFactory beanFactory,
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) {
		if (properties.getAuthority().isBlank()) {
			throw new InvalidConfigurationPropertyValueException("api-key.admin.authority", properties.getAuthority(),
					"The pages are never open to everybody: name the authority that people need, for example "
							+ "'ROLE_ADMIN'.");
		}
		return new AdminAccess(properties.getAuthority(), AdminRules.of(properties.getAuthority(), beanFactory),
				securityContextHolderStrategy.getIfUnique(SecurityContextHolder::getContextHolderStrategy));
	}

	/**
	 * It comes last, behind Spring Security's filter wherever the application has put
	 * that.
	 */
	@Bean("io.github.apikeys.apiKeyAdminGuardFilter")
	FilterRegistrationBean<AdminGuardFilter> apiKeyAdminGuardFilter(AdminAccess access, AdminPaths paths) {
		FilterRegistrationBean<AdminGuardFilter> registration = new FilterRegistrationBean<>(
				new AdminGuardFilter(access));
		registration.setName("io.github.apikeys.apiKeyAdminGuardFilter");
		registration.addUrlPatterns(paths.inContext(), paths.inContext() + "/*");
		registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.FORWARD, DispatcherType.INCLUDE);
		registration.setOrder(Ordered.LOWEST_PRECEDENCE);
		return registration;
	}

	/**
	 * It comes before Spring Security's filter, unless the application has put that among
	 * the very first: refusals of its chain are its own answers then.
	 */
	@Bean("io.github.apikeys.apiKeyAdminRefusalFilter")
	FilterRegistrationBean<AdminRefusalFilter> apiKeyAdminRefusalFilter(AdminAccess access, AdminPages pages,
			AdminPaths paths) {
		FilterRegistrationBean<AdminRefusalFilter> registration = new FilterRegistrationBean<>(
				new AdminRefusalFilter(access, pages));
		registration.setName("io.github.apikeys.apiKeyAdminRefusalFilter");
		registration.addUrlPatterns(paths.inContext(), paths.inContext() + "/*");
		registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 100);
		return registration;
	}

	@Bean("io.github.apikeys.apiKeyAdminHandlerGuard")
	AdminHandlerGuard apiKeyAdminHandlerGuard(AdminAccess access) {
		return new AdminHandlerGuard(access);
	}

	/**
	 * On all paths: a handler may be mapped to more than its own.
	 */
	@Bean("io.github.apikeys.apiKeyAdminGuardInterceptor")
	MappedInterceptor apiKeyAdminGuardInterceptor(AdminHandlerGuard guard) {
		return new MappedInterceptor(null, guard);
	}

	@Bean("io.github.apikeys.apiKeyVersionedPagesCheck")
	VersionedPagesCheck apiKeyVersionedPagesCheck(ObjectProvider<RequestMappingHandlerMapping> mappings,
			AdminPaths paths) {
		return new VersionedPagesCheck(mappings, paths.inServlet());
	}

	@Bean("io.github.apikeys.apiKeyAdminUserCheck")
	AdminUserCheck apiKeyAdminUserCheck(ConfigurableListableBeanFactory beanFactory, ApiKeyAdminProperties properties) {
		return new AdminUserCheck(beanFactory, properties.getAuthority());
	}

	@Bean("io.github.apikeys.apiKeyAdminAssets")
	WebMvcConfigurer apiKeyAdminAssets(AdminPaths paths) {
		return new WebMvcConfigurer() {

			@Override
			public void addResourceHandlers(ResourceHandlerRegistry registry) {
				registry.addResourceHandler(paths.inServlet() + "/assets/**")
					.addResourceLocations(AdminPages.ASSETS)
					.setCacheControl(CacheControl.maxAge(Duration.ofDays(365)).cachePrivate());
			}

		};
	}

	@Bean("io.github.apikeys.apiKeyAdminPages")
	AdminPages apiKeyAdminPages(ApplicationContext applicationContext, AdminPaths paths) {
		return new AdminPages(applicationContext, paths.inContext(), Clock.systemUTC());
	}

	@Bean("io.github.apikeys.apiKeyAdminExpiry")
	AdminExpiry apiKeyAdminExpiry(IssuanceTerms terms) {
		return new AdminExpiry(terms.getMaxLifetime(), terms.isExpiryRequired());
	}

	@Bean("io.github.apikeys.apiKeyAdminTypes")
	AdminTypes apiKeyAdminTypes(ObjectProvider<ApiKeyAdminType<?>> types, ObjectProvider<ApiKeyTypes> stored) {
		List<Class<? extends ApiKey>> entities = stored.stream().flatMap((each) -> each.classes().stream()).toList();
		return new AdminTypes(types.orderedStream().toList(), entities);
	}

	@Bean("io.github.apikeys.apiKeyListController")
	KeyListController apiKeyListController(ApiKeyService apiKeys, ApiKeyReports reports,
			ApiKeyTokenFormats tokenFormats, AdminTypes types, IssuanceTerms terms, AdminExpiry expiry,
			AdminPages pages, AdminHandlerGuard guard) {
		return new KeyListController(new AdminKeys(apiKeys, reports), tokenFormats,
				new AdminOffers(types, terms, expiry), pages, guard);
	}

	@Bean("io.github.apikeys.apiKeyBulkController")
	BulkController apiKeyBulkController(ApiKeyService apiKeys, AdminTypes types, AdminPages pages,
			AdminHandlerGuard guard) {
		return new BulkController(apiKeys, types, pages, guard);
	}

	@Bean("io.github.apikeys.apiKeyIssuedKeyPage")
	IssuedKeyPage apiKeyIssuedKeyPage(AdminPages pages, ObjectProvider<ApiKeyHeader> header) {
		return new IssuedKeyPage(pages, header.getIfUnique(() -> new ApiKeyHeader("X-API-Key", null)));
	}

	@Bean("io.github.apikeys.apiKeyNewKeyController")
	NewKeyController apiKeyNewKeyController(ApiKeyService apiKeys, AdminTypes types, IssuanceTerms terms,
			AdminExpiry expiry, IssuedKeyPage issuedKeyPage, AdminPages pages, AdminHandlerGuard guard) {
		return new NewKeyController(apiKeys, new AdminOffers(types, terms, expiry), issuedKeyPage, pages, guard);
	}

	@Bean("io.github.apikeys.apiKeyKeyController")
	KeyController apiKeyKeyController(ApiKeyService apiKeys, ApiKeyReports reports, AdminTypes types,
			IssuanceTerms terms, AdminExpiry expiry, IssuedKeyPage issuedKeyPage, AdminPages pages,
			AdminHandlerGuard guard) {
		return new KeyController(new AdminKeys(apiKeys, reports), new AdminOffers(types, terms, expiry), issuedKeyPage,
				pages, guard);
	}

	/**
	 * Where the pages are.
	 *
	 * @param inServlet the path as handlers see it
	 * @param inContext the path as filters see it
	 */
	record AdminPaths(String inServlet, String inContext) {

	}

}
