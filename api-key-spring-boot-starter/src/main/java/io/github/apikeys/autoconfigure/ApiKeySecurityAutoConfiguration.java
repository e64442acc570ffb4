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
import java.util.Collection;
import java.util.List;

import io.github.apikeys.core.ApiKeyActorResolver;
import io.github.apikeys.core.ApiKeyHeader;
import io.github.apikeys.core.RateLimits;
import io.github.apikeys.core.UnreadPaths;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.security.ApiKeyAuthenticationConverter;
import io.github.apikeys.security.ApiKeyHttpSettings;
import io.github.apikeys.security.FailedAttemptLimiter;
import io.micrometer.observation.ObservationRegistry;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletPath;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.HttpHeaders;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.security.web.util.matcher.NegatedRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/**
 * Auto-configuration of keys in filter chains. It comes before everything of Spring Boot
 * that may define a chain, so that only the application's own chains count when the
 * default chain is looked for.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { ApiKeyAutoConfiguration.class, ApiKeyRateLimitAutoConfiguration.class }, beforeName = {
		"org.springframework.boot.h2console.autoconfigure.H2ConsoleAutoConfiguration",
		"org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration",
		"org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration",
		"org.springframework.boot.security.oauth2.client.autoconfigure.servlet.OAuth2ClientWebSecurityAutoConfiguration",
		"org.springframework.boot.security.oauth2.server.authorization.autoconfigure.servlet.OAuth2AuthorizationServerAutoConfiguration",
		"org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration",
		"org.springframework.boot.security.oauth2.server.resource.autoconfigure.servlet.OAuth2ResourceServerAutoConfiguration",
		"org.springframework.boot.security.oauth2.server.resource.autoconfigure.web.OAuth2ResourceServerWebSecurityAutoConfiguration",
		"org.springframework.boot.security.saml2.autoconfigure.Saml2RelyingPartyAutoConfiguration" })
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass({ HttpSecurity.class, SecurityFilterChain.class })
@Import(DispatchConfiguration.class)
public final class ApiKeySecurityAutoConfiguration {

	static final String SETTINGS_BEAN_NAME = "io.github.apikeys.apiKeyHttpSettings";

	private static final Log logger = LogFactory.getLog(ApiKeySecurityAutoConfiguration.class);

	@Bean(SETTINGS_BEAN_NAME)
	ApiKeyHttpSettings apiKeyHttpSettings(ApiKeyProperties properties, ApiKeyTokenFormats tokenFormats,
			ReadRequests readRequests, ListableBeanFactory beanFactory) {
		checkAlone(beanFactory);
		ApiKeyProperties.Security security = properties.getSecurity();
		try {
			new ApiKeyAuthenticationConverter(security.getHeaderNames(), security.getSchemes(), tokenFormats);
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException(
					"API keys cannot be read from requests as configured: " + ex.getMessage() + ".",
					"Change 'api-key.security.header-names' or 'api-key.security.schemes'.");
		}
		if (security.getHeaderNames().isEmpty()) {
			logger.warn("'api-key.security.header-names' is empty, so API keys are read in Authorization alone, behind "
					+ security.getSchemes() + ": remove the property to read X-API-Key as well");
		}
		ApiKeyHttpSettings settings = new ApiKeyHttpSettings();
		settings.setHeaderNames(security.getHeaderNames());
		settings.setSchemes(security.getSchemes());
		settings.setRequiredScopesTold(security.isTellRequiredScopes());
		settings.setChallengedBesideOthers(security.isChallengeBesideOthers());
		settings.setDeclaredScopes(properties.getScopes().keySet());
		settings.setFailedAttemptLimiter(beanFactory.getBeanProvider(FailedAttemptLimiter.class).getIfAvailable());
		settings.setDefaultRateLimits(defaultRateLimits(properties));
		settings.setKeyIdLogged(properties.getLogging().isIncludeKeyId());
		if (properties.getObservations().isEnabled()) {
			settings.setObservationRegistry(beanFactory.getBeanProvider(ObservationRegistry.class).getIfUnique());
			settings.setKeyIdObserved(properties.getObservations().isIncludeKeyId());
		}
		settings.setRequestMatcher(readRequests.requestMatcher());
		return settings;
	}

	/**
	 * Others would know nothing of limits and of paths on which no key is read.
	 */
	private static void checkAlone(ListableBeanFactory beanFactory) {
		String[] names = beanFactory.getBeanNamesForType(ApiKeyHttpSettings.class, true, false);
		if (names.length > 1) {
			throw new ApiKeyConfigurationException(
					"The settings of API keys are ambiguous, there are several beans of type ApiKeyHttpSettings: "
							+ List.of(names) + ".",
					"Remove yours, and set the properties below 'api-key.security', or the options of "
							+ "ApiKeyConfigurer in a SecurityFilterChain.");
		}
	}

	static @Nullable RateLimits defaultRateLimits(ApiKeyProperties properties) {
		String text = properties.getRateLimit().getDefault();
		if (text == null) {
			return null;
		}
		try {
			return RateLimits.parse(text);
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException(
					"The requests of API keys cannot be limited as configured: " + ex.getMessage() + ".",
					"Change 'api-key.rate-limit.default', for example to '100/1m' or '10/1s, 5000/1d', or to "
							+ "'unlimited'.");
		}
	}

	@Bean("io.github.apikeys.apiKeyHeader")
	ApiKeyHeader apiKeyHeader(ApiKeyHttpSettings settings) {
		if (settings.getHeaderNames().isEmpty() && !settings.getSchemes().isEmpty()) {
			return new ApiKeyHeader(HttpHeaders.AUTHORIZATION, settings.getSchemes().get(0));
		}
		return new ApiKeyHeader(settings.getHeaderNames().stream().findFirst().orElse("X-API-Key"), null);
	}

	@Bean("io.github.apikeys.apiKeyForwardedHeaders")
	ForwardedHeaders apiKeyForwardedHeaders(WebApplicationContext context) {
		return new ForwardedHeaders(context);
	}

	@Bean("io.github.apikeys.apiKeyExposureWarnings")
	KeyExposureWarnings apiKeyExposureWarnings(ApplicationContext context, ApiKeyProperties properties) {
		return new KeyExposureWarnings(context, properties.getSecurity().getHeaderNames());
	}

	@Bean("io.github.apikeys.apiKeyFailedAttemptLimiter")
	@ConditionalOnMissingBean
	@ConditionalOnBooleanProperty(name = "api-key.failed-attempts.limited", matchIfMissing = true)
	FailedAttemptLimiter apiKeyFailedAttemptLimiter(ApiKeyProperties properties, ForwardedHeaders forwardedHeaders) {
		ApiKeyProperties.FailedAttempts failedAttempts = properties.getFailedAttempts();
		Boolean countForwarded = failedAttempts.getCountForwarded();
		try {
			return new FailedAttemptLimiter(failedAttempts.getMax(), failedAttempts.getWindow(),
					(countForwarded != null) ? () -> countForwarded : forwardedHeaders::areProcessed);
		}
		catch (IllegalArgumentException ex) {
			throw new ApiKeyConfigurationException(
					"Failed attempts cannot be limited as configured: " + ex.getMessage() + ".",
					"Change 'api-key.failed-attempts.max' or 'api-key.failed-attempts.window', or set "
							+ "'api-key.failed-attempts.limited' to false.");
		}
	}

	@Bean("io.github.apikeys.apiKeyReadRequests")
	ReadRequests apiKeyReadRequests(ApiKeyProperties properties,
			ObjectProvider<PathPatternRequestMatcher.Builder> pathMatchers, ObjectProvider<UnreadPaths> unreadPaths,
			ObjectProvider<UnreadRequests> unreadRequests) {
		PathPatternRequestMatcher.Builder paths = pathMatchers.getIfUnique(PathPatternRequestMatcher::withDefaults);
		List<String> patterns = properties.getSecurity().getPaths();
		if (!patterns.isEmpty()) {
			try {
				return new ReadRequests(anyOf(patterns, paths));
			}
			catch (IllegalArgumentException ex) {
				throw new ApiKeyConfigurationException(
						"API keys cannot be read on such paths: " + patterns + ": " + ex.getMessage() + ".",
						"Change 'api-key.security.paths'. A path begins with a slash, for example '/api/**'.");
			}
		}
		List<RequestMatcher> unread = new ArrayList<>();
		unreadPaths.orderedStream().forEach((each) -> unread.add(anyOf(each.getPatterns(), paths)));
		unreadRequests.orderedStream().forEach((each) -> unread.add(each.requestMatcher()));
		return new ReadRequests(unread.isEmpty() ? AnyRequestMatcher.INSTANCE
				: new NegatedRequestMatcher(new OrRequestMatcher(unread)));
	}

	private static RequestMatcher anyOf(Collection<String> patterns, PathPatternRequestMatcher.Builder paths) {
		List<RequestMatcher> matchers = new ArrayList<>();
		patterns.forEach((pattern) -> matchers.add(paths.matcher(pattern)));
		return new OrRequestMatcher(matchers);
	}

	@Bean("io.github.apikeys.apiKeyDefaultChainCustomizer")
	@ConditionalOnMissingBean(SecurityFilterChain.class)
	@ConditionalOnBooleanProperty(name = "api-key.security.default-chain", matchIfMissing = true)
	DefaultChainCustomizer apiKeyDefaultChainCustomizer(ConfigurableBeanFactory beanFactory) {
		return new DefaultChainCustomizer(beanFactory);
	}

	@Bean("io.github.apikeys.apiKeyDefaultChainWarning")
	@Lazy(false)
	@ConditionalOnMissingBean(SecurityFilterChain.class)
	@ConditionalOnBooleanProperty(name = "api-key.security.default-chain", havingValue = false)
	SmartInitializingSingleton apiKeyDefaultChainWarning() {
		return () -> logger.warn("'api-key.security.default-chain' is false, and the application has no "
				+ "SecurityFilterChain, so no API key is read. Define one with 'http.with(ApiKeyConfigurer.apiKey(), "
				+ "Customizer.withDefaults())', or remove the property.");
	}

	@Bean("io.github.apikeys.apiKeyActorResolver")
	@ConditionalOnMissingBean
	ApiKeyActorResolver apiKeyActorResolver(
			ObjectProvider<SecurityContextHolderStrategy> securityContextHolderStrategy) {
		return new SecurityContextActorResolver(
				securityContextHolderStrategy.getIfUnique(SecurityContextHolder::getContextHolderStrategy),
				ApiKeySecurityAutoConfiguration::remoteAddress);
	}

	private static @Nullable String remoteAddress() {
		return (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes)
				? attributes.getRequest().getRemoteAddr() : null;
	}

	@Bean("io.github.apikeys.hasApiKeyChainCheck")
	HasApiKeyChainCheck hasApiKeyChainCheck(ObjectProvider<SecurityFilterChain> chains) {
		return new HasApiKeyChainCheck(chains);
	}

	/**
	 * Requests on which keys are read.
	 */
	record ReadRequests(RequestMatcher requestMatcher) {

	}

	/**
	 * Requests on which no key is read unless the application says so.
	 */
	record UnreadRequests(RequestMatcher requestMatcher) {

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ RequestMappingInfoHandlerMapping.class, DispatcherServletPath.class })
	@ImportRuntimeHints(SampleRequest.Hints.class)
	static class WebMvcConfiguration {

		@Bean("io.github.apikeys.unreadHandlersCheck")
		@Lazy(false)
		UnreadHandlersCheck unreadHandlersCheck(WebApplicationContext context) {
			return new UnreadHandlersCheck(context);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(name = "org.springframework.boot.actuate.endpoint.web.WebServerNamespace")
	static class ActuatorConfiguration {

		@Bean("io.github.apikeys.apiKeyUnreadActuatorPaths")
		UnreadRequests apiKeyUnreadActuatorPaths() {
			return new UnreadRequests(EndpointRequest.toAnyEndpoint());
		}

	}

}
