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

import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.apikeys.autoconfigure.ForwardedHeaders.Reader;
import jakarta.servlet.Filter;
import org.apache.catalina.filters.RemoteIpFilter;
import org.apache.catalina.util.NetMaskSet;
import org.jspecify.annotations.Nullable;

/**
 * The proxies that Tomcat's valve or filter is told to trust, in the notation that both
 * have.
 */
final class TomcatProxies {

	/**
	 * Addresses for documentation, which no proxy has.
	 */
	private static final List<String> NOBODY = List.of("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1");

	private TomcatProxies() {
	}

	static boolean includeAnybody(@Nullable String internal, @Nullable String trusted) {
		return Stream.of(internal, trusted)
			.filter(Objects::nonNull)
			.anyMatch((proxies) -> NOBODY.stream().anyMatch((address) -> contains(proxies, address)));
	}

	/**
	 * Reads the text as Tomcat does: a list of networks, or a regular expression.
	 */
	private static boolean contains(String proxies, String address) {
		try {
			return (proxies.indexOf('/') > 0) ? NetMaskSet.parse(proxies).contains(address)
					: Pattern.matches(proxies, address);
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The filter that does what the valve does. It is separate, since its users ask first
	 * whether it is on the class path.
	 */
	static final class OfFilter {

		private OfFilter() {
		}

		static Class<? extends Filter> type() {
			return RemoteIpFilter.class;
		}

		static Reader find(Filter filter) {
			RemoteIpFilter remoteIp = (RemoteIpFilter) filter;
			return includeAnybody(remoteIp.getInternalProxiesAsString(), remoteIp.getTrustedProxiesAsString())
					? Reader.ofClients("Tomcat's RemoteIpFilter trusts everybody as a proxy and takes",
							"Name your proxies in its 'internalProxies' and 'trustedProxies', and no other addresses.")
					: Reader.OF_TRUSTED_PROXIES;
		}

	}

}
