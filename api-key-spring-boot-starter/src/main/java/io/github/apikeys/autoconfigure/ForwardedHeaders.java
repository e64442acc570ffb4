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
import java.util.Locale;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.boot.web.servlet.AbstractFilterRegistrationBean;
import org.springframework.core.env.Environment;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.util.StringUtils;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.filter.ForwardedHeaderFilter;

/**
 * Finds out who, if anybody, takes the address of a client from forwarding headers, and
 * warns where a client can choose it. It looks at the filters and the server that are
 * there, since properties, beans and customizers all can switch that on. Where somebody
 * takes it from there, what is left of the headers means nothing.
 */
final class ForwardedHeaders implements SmartInitializingSingleton {

	private static final String STRATEGY = "server.forward-headers-strategy";

	private static final List<String> TOMCAT_HEADERS = List.of("server.tomcat.remoteip.remote-ip-header",
			"server.tomcat.remoteip.protocol-header");

	private static final boolean SERVERS_PRESENT = OptionalType.WEB_SERVER_CONTEXT.isPresent();

	private static final boolean REMOTE_IP_FILTER_PRESENT = OptionalType.REMOTE_IP_FILTER.isPresent();

	private static final Log logger = LogFactory.getLog(ForwardedHeaders.class);

	private final WebApplicationContext context;

	private final SingletonSupplier<List<Reader>> readers = SingletonSupplier.of(this::find);

	ForwardedHeaders(WebApplicationContext context) {
		this.context = context;
	}

	/**
	 * Returns whether the remote address is taken from the headers, at least of those
	 * that a trusted proxy sends.
	 */
	boolean areProcessed() {
		return !this.readers.obtain().isEmpty();
	}

	@Override
	public void afterSingletonsInstantiated() {
		for (Reader reader : this.readers.obtain()) {
			if (reader.warning() != null) {
				logger.warn(reader.warning());
			}
		}
	}

	private List<Reader> find() {
		List<Reader> readers = new ArrayList<>();
		List<Filter> filters = filters();
		if (filters.stream().anyMatch(ForwardedHeaderFilter.class::isInstance)
				|| !added(ForwardedHeaderFilter.class).isEmpty()) {
			readers.add(Reader.ofClients("A ForwardedHeaderFilter takes", "Remove the filter and set '" + STRATEGY
					+ "' to 'native' on Tomcat, or let the proxy replace the headers of its clients."));
		}
		if (REMOTE_IP_FILTER_PRESENT) {
			addRemoteIpFilters(filters, readers);
		}
		Reader server = server();
		if (server != null) {
			readers.add(server);
		}
		return readers;
	}

	private void addRemoteIpFilters(List<Filter> filters, List<Reader> readers) {
		Class<? extends Filter> type = TomcatProxies.OfFilter.type();
		List<Filter> known = filters.stream().filter(type::isInstance).toList();
		known.stream().map(TomcatProxies.OfFilter::find).distinct().forEach(readers::add);
		List<String> added = added(type);
		known.forEach((filter) -> added.remove(filter.getClass().getName()));
		if (!added.isEmpty()) {
			readers.add(new Reader("A RemoteIpFilter takes the remote address from forwarding headers, and it is not "
					+ "known which proxies it trusts, since it was added to the ServletContext directly. Allowed "
					+ "addresses of API keys and the limit of failed attempts depend on it. Make the filter a bean."));
		}
	}

	private @Nullable Reader server() {
		if (SERVERS_PRESENT && ForwardedHeadersOfServer.isResponsible(this.context)) {
			return ForwardedHeadersOfServer.find(this.context, isServerAsked());
		}
		return (isServerAsked() || isTomcatAsked()) ? Reader.OF_TRUSTED_PROXIES : null;
	}

	private boolean isTomcatAsked() {
		Environment environment = this.context.getEnvironment();
		return TOMCAT_HEADERS.stream().anyMatch((header) -> StringUtils.hasText(environment.getProperty(header)));
	}

	/**
	 * Returns whether the server is told to process the headers, as Spring Boot decides
	 * it, which on a cloud platform has a default.
	 */
	private boolean isServerAsked() {
		Environment environment = this.context.getEnvironment();
		String strategy = environment.getProperty(STRATEGY);
		if (StringUtils.hasText(strategy)) {
			return strategy.strip().toLowerCase(Locale.ROOT).equals("native");
		}
		CloudPlatform platform = CloudPlatform.getActive(environment);
		return platform != null && platform.isUsingForwardHeaders();
	}

	private List<Filter> filters() {
		List<Filter> filters = new ArrayList<>();
		List<Filter> switchedOff = new ArrayList<>();
		for (String name : this.context.getBeanNamesForType(AbstractFilterRegistrationBean.class, false, false)) {
			AbstractFilterRegistrationBean<?> registration = this.context.getBean(name,
					AbstractFilterRegistrationBean.class);
			Filter filter = filter(registration);
			if (filter != null) {
				(registration.isEnabled() ? filters : switchedOff).add(filter);
			}
		}
		ListableBeanFactory beanFactory = this.context;
		for (Class<? extends Filter> type : types()) {
			for (String name : beanFactory.getBeanNamesForType(type, false, false)) {
				filters.add(beanFactory.getBean(name, Filter.class));
			}
		}
		filters.removeIf((filter) -> switchedOff.stream().anyMatch((other) -> other == filter));
		beanFactory.getBeanProvider(SecurityFilterChain.class)
			.stream()
			.forEach((chain) -> filters.addAll(HasApiKeyChainCheck.filters(chain)));
		return filters;
	}

	private static @Nullable Filter filter(AbstractFilterRegistrationBean<?> registration) {
		try {
			return registration.getFilter();
		}
		catch (IllegalArgumentException | IllegalStateException ex) {
			// none was set, or that of a bean that is not there yet
			return null;
		}
	}

	private static List<Class<? extends Filter>> types() {
		return REMOTE_IP_FILTER_PRESENT ? List.of(ForwardedHeaderFilter.class, TomcatProxies.OfFilter.type())
				: List.of(ForwardedHeaderFilter.class);
	}

	/**
	 * Returns the classes of the filters of a type that the servlet context has.
	 */
	private List<String> added(Class<? extends Filter> type) {
		List<String> added = new ArrayList<>();
		ServletContext servletContext = this.context.getServletContext();
		if (servletContext != null) {
			try {
				for (FilterRegistration registration : servletContext.getFilterRegistrations().values()) {
					String className = registration.getClassName();
					if (className != null && isA(type, className)) {
						added.add(className);
					}
				}
			}
			catch (UnsupportedOperationException ex) {
				// a servlet context that was passed to a programmatic listener
			}
		}
		return added;
	}

	private boolean isA(Class<?> type, String className) {
		Class<?> found = OptionalType.find(className, this.context.getClassLoader());
		return found != null && type.isAssignableFrom(found);
	}

	/**
	 * A component that takes the address from the headers.
	 *
	 * @param warning what is wrong with that, or {@code null} if only the headers of
	 * trusted proxies count
	 */
	record Reader(@Nullable String warning) {

		static final Reader OF_TRUSTED_PROXIES = new Reader(null);

		static Reader ofClients(String who, String advice) {
			return new Reader(who + " the remote address from forwarding headers, which a client can write. Allowed "
					+ "addresses of API keys and the limit of failed attempts depend on it. " + advice);
		}

	}

}
