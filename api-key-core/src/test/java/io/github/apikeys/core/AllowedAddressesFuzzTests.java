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
import java.util.ArrayList;
import java.util.List;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever is written as address or range is understood as a reader that knows only the
 * RFCs and the arithmetic of big numbers understands it. The first line is the caller's
 * address, each other one a range.
 */
class AllowedAddressesFuzzTests {

	private static final BigInteger MAPPED = BigInteger.valueOf(0xffffL);

	private static final SlowestInput slowest = new SlowestInput();

	@AfterAll
	static void printSlowest() {
		slowest.print(AllowedAddressesFuzzTests.class);
	}

	@FuzzTest
	void permit(FuzzedDataProvider data) {
		slowest.run(data, 200, AllowedAddressesFuzzTests::check);
	}

	@ParameterizedTest
	@ValueSource(strings = { "1", "1.", ":", "f:", "::", "1.1.1.1", "%", "/", "::1\n", "10.0.0.0/8\n" })
	@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
	void permitWhenAMillionCharactersThenAnswered(String part) {
		check(part.repeat(1_000_000 / part.length()));
		check("::1\n" + part.repeat(1_000_000 / part.length()));
	}

	private static void check(String text) {
		List<String> lines = List.of(text.split("\n", -1));
		String caller = lines.get(0);
		List<String> ranges = lines.subList(1, lines.size());
		assertThat(AddressRange.address(caller) != null).isEqualTo(read(caller) != null);
		List<Range> expected = new ArrayList<>();
		for (String line : ranges) {
			Range range = Range.read(line.strip());
			assertThat(isRange(line.strip())).isEqualTo(range != null);
			if (range != null) {
				expected.add(range);
			}
		}
		if (expected.size() == ranges.size()) {
			checkAll(caller, read(withoutPort(caller)), ranges, expected);
		}
	}

	private static @Nullable Address read(String caller) {
		return Address.read((caller.indexOf('%') < 0) ? caller : caller.substring(0, caller.indexOf('%')));
	}

	private static String withoutPort(String caller) {
		int start = caller.startsWith("[") ? 1 : 0;
		int end = caller.indexOf((start == 1) ? ']' : ':');
		if (end < start) {
			return caller;
		}
		String rest = caller.substring(end + start);
		return (rest.isEmpty() || rest.matches(":[0-9]{0,5}")) ? caller.substring(start, end) : caller;
	}

	private static void checkAll(String caller, @Nullable Address address, List<String> ranges, List<Range> expected) {
		String column;
		try {
			column = AllowedAddresses.toColumn(ranges);
		}
		catch (InvalidApiKeyAttributeException ex) {
			assertThat(ranges.stream().mapToInt((range) -> range.strip().length() + 1).sum()).isGreaterThan(1000);
			return;
		}
		AllowedAddresses allowed = AllowedAddresses.of(column);
		assertThat(allowed.permit(caller)).isEqualTo(
				expected.isEmpty() || (address != null && expected.stream().anyMatch((range) -> range.has(address))));
		assertThat(allowed.permit(null)).isEqualTo(expected.isEmpty());
		assertThat(AllowedAddresses.toColumn(AllowedAddresses.fromColumn(column))).isEqualTo(column);
	}

	private static boolean isRange(String text) {
		try {
			AddressRange.parse(text);
			return true;
		}
		catch (InvalidApiKeyAttributeException ex) {
			return false;
		}
	}

	/**
	 * The first bits of an address.
	 */
	private record Range(Address first, int length) {

		static @Nullable Range read(String text) {
			int slash = text.indexOf('/');
			String literal = (slash < 0) ? text : text.substring(0, slash);
			Address first = Address.read(literal);
			if (first == null || (first.bits() == 32 && literal.indexOf(':') >= 0)) {
				return null;
			}
			int length = (slash < 0) ? first.bits() : Address.number(text.substring(slash + 1), first.bits());
			return (length >= 0 && first.value().mod(BigInteger.ONE.shiftLeft(first.bits() - length)).signum() == 0)
					? new Range(first, length) : null;
		}

		boolean has(Address address) {
			int rest = this.first.bits() - this.length;
			return address.bits() == this.first.bits()
					&& address.value().shiftRight(rest).equals(this.first.value().shiftRight(rest));
		}

	}

	/**
	 * An address as a number.
	 */
	private record Address(BigInteger value, int bits) {

		static @Nullable Address read(String text) {
			BigInteger value = readV4(text);
			if (value != null) {
				return new Address(value, 32);
			}
			value = readV6(text);
			if (value == null) {
				return null;
			}
			return value.shiftRight(32).equals(MAPPED) ? new Address(value.mod(BigInteger.ONE.shiftLeft(32)), 32)
					: new Address(value, 128);
		}

		private static @Nullable BigInteger readV4(String text) {
			String[] octets = text.split("\\.", -1);
			if (octets.length != 4) {
				return null;
			}
			BigInteger value = BigInteger.ZERO;
			for (String octet : octets) {
				int number = number(octet, 255);
				if (number < 0) {
					return null;
				}
				value = value.shiftLeft(8).or(BigInteger.valueOf(number));
			}
			return value;
		}

		private static @Nullable BigInteger readV6(String text) {
			int gap = text.indexOf("::");
			if (gap < 0) {
				List<Integer> groups = groups(text, true);
				return (groups != null && groups.size() == 8) ? join(groups) : null;
			}
			List<Integer> left = groups(text.substring(0, gap), false);
			List<Integer> right = groups(text.substring(gap + 2), true);
			if (left == null || right == null || left.size() + right.size() > 7) {
				return null;
			}
			List<Integer> groups = new ArrayList<>(left);
			for (int i = left.size() + right.size(); i < 8; i++) {
				groups.add(0);
			}
			groups.addAll(right);
			return join(groups);
		}

		private static @Nullable List<Integer> groups(String text, boolean last) {
			List<Integer> groups = new ArrayList<>();
			if (text.isEmpty()) {
				return groups;
			}
			String[] parts = text.split(":", -1);
			for (int i = 0; i < parts.length; i++) {
				BigInteger embedded = (last && i == parts.length - 1) ? readV4(parts[i]) : null;
				if (embedded != null) {
					groups.add(embedded.intValue() >>> 16);
					groups.add(embedded.intValue() & 0xffff);
				}
				else if (parts[i].isEmpty() || parts[i].length() > 4
						|| !parts[i].chars().allMatch((c) -> "0123456789abcdefABCDEF".indexOf(c) >= 0)) {
					return null;
				}
				else {
					groups.add(Integer.parseInt(parts[i], 16));
				}
			}
			return groups;
		}

		private static BigInteger join(List<Integer> groups) {
			BigInteger value = BigInteger.ZERO;
			for (int group : groups) {
				value = value.shiftLeft(16).or(BigInteger.valueOf(group));
			}
			return value;
		}

		/**
		 * A number in decimal digits, without zeros in front.
		 * @return the number, or -1 if it is none, or larger
		 */
		static int number(String digits, int max) {
			boolean wellFormed = digits.length() >= 1 && digits.length() <= 3
					&& digits.chars().allMatch((c) -> c >= '0' && c <= '9')
					&& (digits.length() == 1 || digits.charAt(0) != '0');
			int number = wellFormed ? Integer.parseInt(digits) : -1;
			return (number <= max) ? number : -1;
		}

	}

}
