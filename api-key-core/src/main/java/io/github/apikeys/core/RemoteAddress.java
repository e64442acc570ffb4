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
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

	/** The prefix 64:ff9b::/96, behind which RFC 6052 puts an IPv4 address. */
	private static final byte[] NAT64 = { 0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0 };

	/** The prefix 64:ff9b:1::/48, for translators of one network (RFC 8215). */
	private static final byte[] LOCAL_NAT64 = { 0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 1 };

	private static final int NETWORK_BYTES = 8;

	/** Those of the proxies that Tomcat trusts by default. */
	private static final List<AddressRange> PRIVATE = Stream
		.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
				"::1/128", "fe80::/10", "fc00::/7")
		.map(AddressRange::parse)
		.toList();

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
	 * Returns what an address counts as where senders are told apart. A client has a
	 * whole IPv6 network of 64 bits, so it counts as one. An IPv4 address is the same in
	 * whatever way it is written or translated. Behind the prefix for translators of one
	 * network, its place depends on the translator: there, each IPv6 address stands for
	 * one IPv4 address.
	 * @param text an address as {@link #parse} reads it
	 * @return hexadecimal digits, or an empty text for every text that is no address: it
	 * could be another one each time
	 */
	public static String source(String text) {
		InetAddress address = parse(text);
		if (address == null) {
			return "";
		}
		byte[] bytes = address.getAddress();
		if (isBehind(NAT64, bytes)) {
			return HexFormat.of().formatHex(bytes, NAT64.length, bytes.length);
		}
		int counted = isBehind(LOCAL_NAT64, bytes) ? bytes.length : Math.min(bytes.length, NETWORK_BYTES);
		return HexFormat.of().formatHex(bytes, 0, counted);
	}

	private static boolean isBehind(byte[] prefix, byte[] address) {
		return address.length > Integer.BYTES && Arrays.equals(address, 0, prefix.length, prefix, 0, prefix.length);
	}

	/**
	 * Returns whether an address is one of a private network, as a proxy of the
	 * application has it.
	 * @param text an address as {@link #parse} reads it
	 * @return {@code true} for private, shared (RFC 6598), loopback and link-local
	 * addresses, {@code false} for all others and for a text that is no address
	 */
	public static boolean isPrivate(String text) {
		InetAddress address = parse(text);
		return address != null && PRIVATE.stream().anyMatch((range) -> range.contains(address));
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
