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

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.security.util.matcher.InetAddressMatcher;
import org.springframework.security.util.matcher.InetAddressMatchers;

/**
 * One IP address, or a block of them in the notation of RFC 4632 and RFC 4291. No name is
 * ever looked up.
 *
 * @param network the first address of the block
 * @param prefixLength how many bits all addresses of the block share
 * @param matcher compares an address of the same family
 */
record AddressRange(InetAddress network, int prefixLength, InetAddressMatcher matcher) {

	private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

	private static final String IPV4_ADDRESS = OCTET + "(?:\\." + OCTET + "){3}";

	private static final String HEXTET = "[0-9a-fA-F]{0,4}";

	private static final Pattern IPV4 = Pattern.compile(IPV4_ADDRESS);

	/** The groups of an address; whether they are too many is found out behind it. */
	private static final Pattern IPV6 = Pattern
		.compile("(?:" + HEXTET + ":){2,8}(?:" + HEXTET + "|" + IPV4_ADDRESS + ")");

	private static final Pattern PREFIX_LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");

	/**
	 * Reads a range.
	 * @throws InvalidApiKeyAttributeException if the text is none
	 */
	static AddressRange parse(String text) {
		int slash = text.indexOf('/');
		InetAddress network = address((slash < 0) ? text : text.substring(0, slash));
		if (network == null || text.indexOf('%') >= 0) {
			throw invalid("An allowed address must look like '203.0.113.7', '203.0.113.0/24' or '2001:db8::/32'");
		}
		int bits = network.getAddress().length * 8;
		// an IPv4 address in the notation of IPv6 is one of 32 bits
		if (bits == 32 && text.indexOf(':') >= 0) {
			throw invalid("An allowed IPv4 address must be written as '203.0.113.7', without colons");
		}
		String length = (slash < 0) ? String.valueOf(bits) : text.substring(slash + 1);
		if (!PREFIX_LENGTH.matcher(length).matches() || Integer.parseInt(length) > bits) {
			throw invalid("The number behind the slash of an allowed address must be between 0 and " + bits);
		}
		if (!isAligned(network, Integer.parseInt(length))) {
			throw invalid("The bits of an allowed address behind the first " + length
					+ " must be zero, or it is not clear what is meant");
		}
		return of(network, Integer.parseInt(length));
	}

	static AddressRange of(InetAddress network, int prefixLength) {
		return new AddressRange(network, prefixLength,
				InetAddressMatchers.fromIpAddress(network.getHostAddress() + "/" + prefixLength));
	}

	/**
	 * Reads an address, with or without a zone.
	 * @return the address, or {@code null} if the text is none
	 */
	static @Nullable InetAddress address(String text) {
		int zone = text.indexOf('%');
		String literal = (zone < 0) ? text : text.substring(0, zone);
		if (!IPV4.matcher(literal).matches() && !IPV6.matcher(literal).matches()) {
			return null;
		}
		try {
			return InetAddress.getByName(literal.toLowerCase(Locale.ROOT));
		}
		catch (UnknownHostException ex) {
			return null;
		}
	}

	/**
	 * Whether an address is in the range. Addresses of the other family never are:
	 * {@link InetAddressMatchers} of Spring Security 7.1 takes {@code ::/0} for all of
	 * them.
	 */
	boolean contains(InetAddress address) {
		return address.getClass() == this.network.getClass() && this.matcher.matches(address);
	}

	private static boolean isAligned(InetAddress network, int prefixLength) {
		int rest = network.getAddress().length * 8 - prefixLength;
		int lowestSetBit = new BigInteger(1, network.getAddress()).getLowestSetBit();
		return lowestSetBit < 0 || lowestSetBit >= rest;
	}

	private static InvalidApiKeyAttributeException invalid(String message) {
		return new InvalidApiKeyAttributeException("allowedAddresses", message);
	}

	@Override
	public String toString() {
		return this.network.getHostAddress() + "/" + this.prefixLength;
	}

}
