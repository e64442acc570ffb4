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
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

import io.github.apikeys.autoconfigure.ForwardedHeaders.Reader;
import org.apache.catalina.Container;
import org.apache.catalina.Pipeline;
import org.apache.catalina.valves.RemoteIpValve;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeanWrapperImpl;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationContext;

/**
 * Finds out whether the server takes the address of a client from forwarding headers.
 * Tomcat believes trusted proxies, the last untrusted address counts; Jetty believes the
 * first address, whoever wrote it.
 */
final class ForwardedHeadersOfServer {

	private static final boolean TOMCAT_PRESENT = OptionalType.TOMCAT.isPresent();

	private ForwardedHeadersOfServer() {
	}

	/**
	 * Returns whether a context knows its server, which that of a test without one does
	 * not.
	 */
	static boolean isResponsible(ApplicationContext context) {
		return context instanceof WebServerApplicationContext;
	}

	/**
	 * Finds what the server does.
	 * @param context a context that knows its server
	 * @param asked whether every server is told to process the headers
	 * @return the reader, or {@code null} if the server leaves the headers alone
	 */
	static @Nullable Reader find(ApplicationContext context, boolean asked) {
		WebServer server = ((WebServerApplicationContext) context).getWebServer();
		if (server == null) {
			return asked ? new Reader("The application runs in a servlet container of its own, where "
					+ "'server.forward-headers-strategy' has no effect: the container determines the remote address. "
					+ "Allowed addresses of API keys and the limit of failed attempts depend on it. Configure the "
					+ "container to take it from the headers of trusted proxies.") : null;
		}
		if (TOMCAT_PRESENT && server instanceof TomcatWebServer tomcat) {
			return Tomcat.find(tomcat);
		}
		// of a server that nobody knows, the worst is assumed
		return (asked || Jetty.isCustomized(server)) ? Reader.ofClients("The server takes",
				"Let the proxy replace the headers of its clients, or use Tomcat, which believes trusted proxies only.")
				: null;
	}

	private static final class Tomcat {

		static @Nullable Reader find(TomcatWebServer server) {
			List<RemoteIpValve> valves = containers(server.getTomcat().getEngine()).map(Container::getPipeline)
				.map(Pipeline::getValves)
				.flatMap(Arrays::stream)
				.filter(RemoteIpValve.class::isInstance)
				.map(RemoteIpValve.class::cast)
				.toList();
			if (valves.stream().anyMatch(Tomcat::trustsAnybody)) {
				return Reader.ofClients("Tomcat's RemoteIpValve trusts everybody as a proxy and takes",
						"Name your proxies in 'server.tomcat.remoteip.internal-proxies' and "
								+ "'server.tomcat.remoteip.trusted-proxies', and no other addresses.");
			}
			return valves.isEmpty() ? null : Reader.OF_TRUSTED_PROXIES;
		}

		private static Stream<Container> containers(Container container) {
			return Stream.concat(Stream.of(container),
					Arrays.stream(container.findChildren()).flatMap(Tomcat::containers));
		}

		private static boolean trustsAnybody(RemoteIpValve valve) {
			return TomcatProxies.includeAnybody(valve.getInternalProxies(), valve.getTrustedProxies());
		}

	}

	/**
	 * Jetty is asked by name, since it does not have to be on the class path.
	 */
	private static final class Jetty {

		static boolean isCustomized(WebServer server) {
			BeanWrapper jetty = new BeanWrapperImpl(server);
			if (!jetty.isReadableProperty("server.connectors")) {
				return false;
			}
			return values(jetty, "server.connectors").flatMap((connector) -> values(connector, "connectionFactories"))
				.flatMap((factory) -> values(factory, "httpConfiguration.customizers"))
				.anyMatch((customizer) -> customizer.getClass().getName().endsWith(".ForwardedRequestCustomizer"));
		}

		private static Stream<?> values(Object object, String property) {
			BeanWrapper bean = (object instanceof BeanWrapper wrapper) ? wrapper : new BeanWrapperImpl(object);
			Object value = bean.isReadableProperty(property) ? bean.getPropertyValue(property) : null;
			if (value instanceof Object[] several) {
				return Arrays.stream(several);
			}
			return (value instanceof Collection<?> several) ? several.stream() : Stream.empty();
		}

	}

}
