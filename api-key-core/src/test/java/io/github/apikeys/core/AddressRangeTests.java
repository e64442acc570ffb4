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

import java.io.File;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.security.util.matcher.InetAddressMatchers;
import org.springframework.util.Assert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class AddressRangeTests {

	@ParameterizedTest
	@CsvSource({ "203.0.113.7, 203.0.113.7", "203.0.113.0/24, 203.0.113.0", "203.0.113.0/24, 203.0.113.255",
			"203.0.113.128/25, 203.0.113.128", "10.0.0.0/8, 10.255.1.2", "0.0.0.0/0, 198.51.100.1",
			"203.0.113.7/32, ::ffff:203.0.113.7", "2001:db8::/32, 2001:db8:ffff::1",
			"2001:DB8::1, 2001:db8:0:0:0:0:0:1", "::/0, ::1", "fe80::/10, fe80::1%eth0", "::1, 0:0:0:0:0:0:0:1",
			"203.0.113.7, 203.0.113.7:51234", "2001:db8::/32, [2001:db8::1]:443", "2001:db8::/32, [2001:db8::1]",
			"2001:db8::1:80, 2001:db8::1:80", "fe80::/10, [fe80::1%eth0]:80" })
	void permitWhenInRangeThenTrue(String range, String address) {
		assertThat(AllowedAddresses.of(range).permit(address)).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "203.0.113.7, 203.0.113.8", "203.0.113.0/24, 203.0.114.0", "203.0.113.128/25, 203.0.113.127",
			"0.0.0.0/0, ::1", "::/0, 203.0.113.7", "2001:db8::/120, 203.0.113.7", "2001:db8::/32, 2001:db9::",
			"2001:db8::/33, 2001:db8:8000::", "203.0.113.7, localhost", "203.0.113.7, ''", "203.0.113.7, 'unknown'",
			"203.0.113.7, '203.0.113.7, 10.0.0.1'", "203.0.113.7, 203.0.113.07", "0.0.0.0/0, face",
			"0.0.0.0/0, ']1.2.3.4:80'", "0.0.0.0/0, '1.2.3.4]:80'", "::/0, '[::1'", "::/0, '[]:80'", "0.0.0.0/0, 1.2.3",
			"::/0, ':'", "::/0, '1:2'", "::1, ::00001", "203.0.113.7, ::ffff:203.0.113.07", "0.0.0.0/0, 2130706433",
			"203.0.113.7, 203.0.113.7:x", "203.0.113.7, 203.0.113.7:123456", "203.0.113.7, 203.0.113.7:80:80",
			"2001:db8::1, [2001:db8::1", "2001:db8::1, [2001:db8::1]x", "2001:db8::1, 2001:db8::1]:80", "::/0, []:80",
			"0.0.0.0/0, :80" })
	void permitWhenElsewhereOrNoAddressThenFalse(String range, String address) {
		assertThat(AllowedAddresses.of(range).permit(address)).isFalse();
	}

	/**
	 * As a proxy writes it into a forwarding header, such as those of Azure.
	 */
	@ParameterizedTest
	@CsvSource({ "203.0.113.7:51234, 203.0.113.7", "[2001:db8::1]:443, 2001:db8::1", "2001:db8::1, 2001:db8::1",
			"_hidden:80, _hidden:80", "unknown, unknown" })
	void addressWhenThereIsAPortThenEverywhereWithoutIt(String reported, String address) {
		assertThat(ApiKeyActor.of("alice", reported).getAddress()).isEqualTo(address);
		assertThat(ApiKeyActor.cutAddress(reported)).isEqualTo(address);
		assertThat(
				new ApiKeyRefusedEvent(this, ApiKeyRefusal.UNKNOWN, null, reported, Instant.EPOCH).getRemoteAddress())
			.isEqualTo(address);
	}

	@Test
	void permitWhenTheAddressIsNotKnownThenOnlyWithoutRanges() {
		assertThat(AllowedAddresses.of("0.0.0.0/0 ::/0").permit(null)).isFalse();
		assertThat(AllowedAddresses.of(null).permit(null)).isTrue();
	}

	@Test
	void permitThenOneOfTheRangesIsEnough() {
		AllowedAddresses both = AllowedAddresses.of(AllowedAddresses.toColumn(List.of("::1", " 10.0.0.0/8 ")));
		assertThat(both.permit("10.1.1.1")).isTrue();
		assertThat(both.permit("::1")).isTrue();
		assertThat(both.permit("11.1.1.1")).isFalse();
	}

	/**
	 * In another virtual machine, in which such a name would be that of the address.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "203.0.113.7", ".::1", ".:1", "g::1", "x:1", "localhost", "1.2.3", "localhost:80" })
	void permitThenNoNameIsLookedUp(String name, @TempDir Path directory) throws Exception {
		Path hosts = Files.writeString(directory.resolve("hosts"), "203.0.113.7 " + name);
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Djdk.net.hosts.file=" + hosts, "-cp", classPath(AddressRange.class, AddressRangeTests.class,
						InetAddressMatchers.class, Assert.class, LogFactory.class),
				Permitted.class.getName(), "203.0.113.7", name)
			.inheritIO()
			.start();
		assertThat(process.waitFor()).isEqualTo(name.equals("203.0.113.7") ? 0 : 1);
	}

	private static String classPath(Class<?>... types) throws Exception {
		StringJoiner classPath = new StringJoiner(File.pathSeparator);
		for (Class<?> type : types) {
			classPath.add(Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
		}
		return classPath.toString();
	}

	/**
	 * Every prefix length against the arithmetic of big numbers.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "203.0.113.201", "2001:db8:85a3:8d3:1319:8a2e:370:7348" })
	void containsThenSharesExactlyThePrefix(String text) throws Exception {
		InetAddress address = InetAddress.getByName(text);
		int bits = address.getAddress().length * 8;
		for (int length = 0; length <= bits; length++) {
			AddressRange range = AddressRange.of(address, length);
			for (int flipped = 0; flipped < bits; flipped++) {
				byte[] other = new BigInteger(1, address.getAddress()).flipBit(bits - 1 - flipped)
					.or(BigInteger.ONE.shiftLeft(bits))
					.toByteArray();
				byte[] lowest = Arrays.copyOfRange(other, other.length - bits / 8, other.length);
				assertThat(range.contains(InetAddress.getByAddress(lowest))).isEqualTo(flipped >= length);
			}
		}
	}

	@Test
	void toColumnThenEachOnceInOrder() {
		String column = AllowedAddresses.toColumn(List.of("::1", "10.0.0.0/8", " ::1"));
		assertThat(column).isEqualTo("10.0.0.0/8 ::1");
		assertThat(AllowedAddresses.fromColumn(column)).containsExactly("10.0.0.0/8", "::1");
		assertThat(AllowedAddresses.toColumn(List.of())).isNull();
		assertThat(AllowedAddresses.fromColumn(null)).isEmpty();
	}

	@Test
	void toColumnWhenLongerThan1000CharactersThenRefused() {
		Set<String> addresses = new HashSet<>();
		for (int i = 0; i < 100; i++) {
			addresses.add("10.0.%d.%d".formatted(i / 50, 10 + i % 50));
		}
		assertThat(AllowedAddresses.toColumn(addresses)).hasSize(999);
		addresses.remove("10.0.0.10");
		addresses.add("10.0.0.100");
		assertThat(AllowedAddresses.toColumn(addresses)).hasSize(1000);
		addresses.remove("10.0.0.11");
		addresses.add("10.0.0.101");
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> AllowedAddresses.toColumn(addresses))
			.withMessageContaining("1000");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "localhost", "example.org", "203.0.113", "203.0.113.256", "203.0.113.7/33",
			"203.0.113.7/-1", "203.0.113.7/", "203.0.113.7/024", "203.0.113.7/24", "2001:db8::1/32", "::/129",
			"fe80::1%eth0", "::ffff:203.0.113.7", "64:ff9b::192.0.2.010", "::00001", "1.2.3.4.", "0x7f.0.0.1",
			"203.0.113.0/24/24", "*", "203.0.113.0 /24", "203.0.113.0/255.255.255.0" })
	void parseWhenNoRangeThenRefused(String text) {
		assertThatExceptionOfType(InvalidApiKeyAttributeException.class)
			.isThrownBy(() -> AllowedAddresses.toColumn(List.of(text)))
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo("allowedAddresses"));
	}

	/**
	 * Exits with 0 if the second argument is in the range of the first.
	 */
	static final class Permitted {

		private Permitted() {
		}

		public static void main(String[] arguments) {
			System.exit(AllowedAddresses.of(arguments[0]).permit(arguments[1]) ? 0 : 1);
		}

	}

}
