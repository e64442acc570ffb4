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

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.github.apikeys.core.support.Answers;
import io.github.apikeys.security.ApiKeyAuthenticationFilter;
import io.github.apikeys.security.CurrentApiKey;
import io.github.apikeys.security.HasApiKey;
import io.github.apikeys.security.HasApiKeyAuthorizationManager;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletPath;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/**
 * Warns of handlers that require a key by {@link HasApiKey} or {@link CurrentApiKey}, on
 * paths where other chains or matchers are responsible than those that read keys. Where
 * method and path alone do not tell, or the values of variables in the path matter, it
 * says nothing.
 */
final class UnreadHandlersCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(UnreadHandlersCheck.class);

	private final WebApplicationContext context;

	UnreadHandlersCheck(WebApplicationContext context) {
		this.context = context;
	}

	@Override
	public void afterSingletonsInstantiated() {
		List<SecurityFilterChain> chains = this.context.getBeanProvider(SecurityFilterChain.class)
			.orderedStream()
			.toList();
		if (chains.stream().noneMatch(HasApiKeyChainCheck::readsKeys)) {
			// another warning
			return;
		}
		Set<String> unread = new TreeSet<>();
		BeanFactoryUtils.beansOfTypeIncludingAncestors(this.context, RequestMappingInfoHandlerMapping.class)
			.forEach((name, mapping) -> Answers
				.of(mapping, name, "its handlers, to see whether a chain reads their keys", mapping::getHandlerMethods,
						Map.<RequestMappingInfo, HandlerMethod>of())
				.forEach((info, handler) -> {
					if (requiresKey(handler)) {
						addUnread(unread, info, chains);
					}
				}));
		if (!unread.isEmpty()) {
			logger
				.warn("No API key is read where handlers require one by @HasApiKey or @CurrentApiKey, so every call is "
						+ "refused: " + unread
						+ ". Add 'http.with(ApiKeyConfigurer.apiKey(), Customizer.withDefaults())' "
						+ "to the chain that is responsible for them, or the paths to 'api-key.security.paths' or the "
						+ "requestMatcher of that chain.");
		}
	}

	private static boolean requiresKey(HandlerMethod handler) {
		try {
			return HasApiKeyAuthorizationManager.find(handler.getMethod(), handler.getBeanType()) != null
					|| Arrays.stream(handler.getMethodParameters())
						.anyMatch((parameter) -> parameter.hasParameterAnnotation(CurrentApiKey.class)
								&& !parameter.isOptional());
		}
		catch (AnnotationConfigurationException ex) {
			// the start fails for it
			return false;
		}
	}

	private void addUnread(Set<String> unread, RequestMappingInfo info, List<SecurityFilterChain> chains) {
		Set<RequestMethod> methods = info.getMethodsCondition().getMethods();
		for (String pattern : info.getPatternValues()) {
			String path = inServlet(pattern);
			if (path == null) {
				continue;
			}
			if (methods.isEmpty()) {
				if (Arrays.stream(RequestMethod.values()).allMatch((method) -> isUnread(method, path, chains))) {
					unread.add(path);
				}
			}
			for (RequestMethod method : methods) {
				if (isUnread(method, path, chains)) {
					unread.add(method + " " + path);
				}
			}
		}
	}

	/**
	 * Returns the pattern below the path of the context, or {@code null} if it is not
	 * known where the dispatcher is.
	 */
	private @Nullable String inServlet(String pattern) {
		DispatcherServletPath servlet = this.context.getBeanProvider(DispatcherServletPath.class).getIfUnique();
		return (servlet != null) ? servlet.getRelativePath(pattern) : null;
	}

	private boolean isUnread(RequestMethod method, String pattern, List<SecurityFilterChain> chains) {
		ServletContext servletContext = this.context.getServletContext();
		String contextPath = (servletContext != null) ? servletContext.getContextPath() : null;
		List<SamplePath> paths = SamplePath.of((contextPath != null) ? contextPath : "", pattern);
		return !paths.isEmpty() && paths.stream()
			.noneMatch((path) -> mayBeRead(SampleRequest.of(method.name(), path, servletContext), chains)
					|| path.isAsked());
	}

	/**
	 * As for a request: the first chain that matches decides.
	 */
	private static boolean mayBeRead(HttpServletRequest request, List<SecurityFilterChain> chains) {
		try {
			for (SecurityFilterChain chain : chains) {
				if (chain.matches(request)) {
					return HasApiKeyChainCheck.filters(chain)
						.stream()
						.anyMatch((filter) -> filter instanceof ApiKeyAuthenticationFilter keys && keys.reads(request));
				}
			}
			return false;
		}
		catch (RuntimeException ex) {
			// a matcher wants to know more than method and path
			return true;
		}
	}

}
