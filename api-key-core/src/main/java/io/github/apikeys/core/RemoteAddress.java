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

package io.github.apikeys.core;

import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.util.Assert;

/**
 * Reads the address of a caller as servers report it. What a proxy wrote into a
 * forwarding header is passed on as it is, and some proxies add the port.
 *
 * @since 0.1.0
 */
public final class RemoteAddress {

	/** An address of IPv6 without brackets has no port. */
	private static final Pattern WITH_PORT = Pattern
		.compile("\\[([^\\[\\]]+)](?::[0-9]{0,5})?|([^\\[\\]:]+):[0-9]{0,5}");

	private RemoteAddress() {
	}

	/**
	 * Reads an address. No name is looked up.
	 * @param text an address of IPv4 or IPv6, with or without a port, as in
	 * {@code 203.0.113.7:51234} and {@code [2001:db8::1]:51234}
	 * @return the address without zone and port; one of IPv4 if it is mapped to IPv6;
	 * {@code null} if the text is no address
	 */
	public static @Nullable InetAddress parse(String text) {
		Assert.notNull(text, "text cannot be null");
		return AddressRange.address(withoutPort(text));
	}

	/**
	 * Returns an address without its port, and a text that is no address as it is.
	 */
	static String withoutPort(String text) {
		Matcher matcher = WITH_PORT.matcher(text);
		if (!matcher.matches()) {
			return text;
		}
		String address = (matcher.group(1) != null) ? matcher.group(1) : matcher.group(2);
		return (AddressRange.address(address) != null) ? address : text;
	}

}
