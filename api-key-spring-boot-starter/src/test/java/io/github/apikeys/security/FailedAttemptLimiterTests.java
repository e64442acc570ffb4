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

package io.github.apikeys.security;

import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.RemoteAddress;
import org.apache.catalina.valves.RemoteIpValve;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.mock.web.MockHttpServletRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

class FailedAttemptLimiterTests {

	private final AtomicLong nanos = new AtomicLong();

	private final FailedAttemptLimiter limiter = new FailedAttemptLimiter(3, Duration.ofMinutes(1), () -> false,
			this.nanos::get);

	@ParameterizedTest
	@EnumSource(names = { "UNKNOWN", "WRONG_SECRET" })
	void blockWhenSoManyFailedThenUntilTheWindowEnds(ApiKeyRefusal reason) {
		fail("203.0.113.7", reason, 2);
		assertThat(block("203.0.113.7")).isZero();
		fail("203.0.113.7", reason, 1);
		assertThat(block("203.0.113.7")).isEqualTo(Duration.ofMinutes(1));
		assertThat(block("203.0.113.8")).isZero();
	}

	/**
	 * Nobody knows which of them will fail: to refuse more would refuse good keys.
	 */
	@Test
	void blockWhenRequestsAreVerifiedAlreadyThenTheseAloneExceedTheLimit() {
		fail("203.0.113.7", ApiKeyRefusal.UNKNOWN, 2);
		MockHttpServletRequest request = request("203.0.113.7");
		for (int i = 0; i < 30; i++) {
			assertThatNoException().isThrownBy(() -> this.limiter.check(request));
		}
		fail("203.0.113.7", ApiKeyRefusal.UNKNOWN, 1);
		assertThatExceptionOfType(TooManyFailedAttemptsException.class).isThrownBy(() -> this.limiter.check(request));
		fail("203.0.113.7", ApiKeyRefusal.UNKNOWN, 29);
		assertThat(block("203.0.113.7")).isEqualTo(Duration.ofMinutes(1));
	}

	@ParameterizedTest
	@EnumSource(names = { "UNKNOWN", "WRONG_SECRET" }, mode = Mode.EXCLUDE)
	void blockWhenNothingCouldBeGuessedThenNever(ApiKeyRefusal reason) {
		fail("203.0.113.7", reason, 10);
		assertThat(block("203.0.113.7")).isZero();
	}

	/**
	 * In the queue of an executor, counts would come after the attempts they are to stop.
	 */
	@Test
	void countThenNeverLeftToAnExecutor() {
		SimpleApplicationEventMulticaster multicaster = new SimpleApplicationEventMulticaster();
		multicaster.setTaskExecutor((task) -> {
		});
		multicaster.addApplicationListener(this.limiter);
		for (int i = 0; i < 3; i++) {
			multicaster.multicastEvent(new ApiKeyRefusedEvent("test", ApiKeyRefusal.UNKNOWN, "7Hq2mVx9Lp4s",
					"203.0.113.7", Instant.now()));
		}
		assertThat(block("203.0.113.7")).isPositive();
	}

	@Test
	void blockWhenTheWindowIsOverThenNoMore() {
		fail("203.0.113.7", ApiKeyRefusal.UNKNOWN, 2);
		this.nanos.addAndGet(Duration.ofSeconds(20).toNanos());
		fail("203.0.113.7", ApiKeyRefusal.UNKNOWN, 1);
		assertThat(block("203.0.113.7")).isEqualTo(Duration.ofSeconds(40));
		this.nanos.addAndGet(Duration.ofSeconds(40).minusNanos(1).toNanos());
		assertThat(block("203.0.113.7")).isEqualTo(Duration.ofNanos(1));
		this.nanos.incrementAndGet();
		assertThat(block("203.0.113.7")).isZero();
	}

	@Test
	void blockWhenIpv6ThenTheWholeNetwork() {
		fail("2001:db8:1:2::1", ApiKeyRefusal.UNKNOWN, 1);
		fail("2001:db8:1:2:ffff::2", ApiKeyRefusal.UNKNOWN, 2);
		assertThat(block("2001:db8:1:2:3:4:5:6")).isPositive();
		assertThat(block("[2001:db8:1:2::7]:443")).isPositive();
		assertThat(block("2001:db8:1:3::1")).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "203.0.113.7", "::ffff:203.0.113.7", "0:0:0:0:0:ffff:cb00:7107", "64:ff9b::203.0.113.7",
			"64:ff9b::cb00:7107", "203.0.113.7:51234", "[::ffff:203.0.113.7]:51234" })
	void blockWhenIpv4ThenThisAddressHoweverItIsWritten(String address) {
		fail(address, ApiKeyRefusal.UNKNOWN, 3);
		for (String same : List.of("203.0.113.7", "::ffff:203.0.113.7", "64:ff9b::203.0.113.7", "203.0.113.7:443")) {
			assertThat(block(same)).isPositive();
		}
		for (String other : List.of("203.0.113.8", "::ffff:203.0.113.8", "64:ff9b::203.0.113.8",
				"64:ff9b:1::203.0.113.7")) {
			assertThat(block(other)).isZero();
		}
	}

	/**
	 * Wherever a translator puts the IPv4 address, by the length of its prefix.
	 */
	@ParameterizedTest
	@CsvSource({ "64:ff9b:1::203.0.113.7,64:ff9b:1::203.0.113.8",
			"64:ff9b:1:fffe:0:1:203.0.113.7,64:ff9b:1:fffe:0:1:203.0.113.8",
			"64:ff9b:1:2:cb:71:700:0,64:ff9b:1:2:cb:71:800:0", "64:ff9b:1:1cb:0:7107::,64:ff9b:1:1cb:0:7108::",
			"64:ff9b:1:cb00:71:700::,64:ff9b:1:cb00:71:800::" })
	void blockWhenIpv4BehindATranslatorOfTheNetworkThenThisAddressOnly(String address, String other) {
		fail(address, ApiKeyRefusal.UNKNOWN, 3);
		assertThat(block(address)).isPositive();
		assertThat(block(other)).isZero();
	}

	@ParameterizedTest
	@CsvSource({ "Forwarded,10.0.0.7", "X-Forwarded-For,10.0.0.7", "X-Forwarded-For,127.0.0.1",
			"X-Forwarded-For,192.168.1.1", "X-Forwarded-For,172.20.0.1", "X-Forwarded-For,::1",
			"X-Forwarded-For,fd00::1", "X-Forwarded-For,fe80::1", "X-Forwarded-For,::ffff:10.0.0.7" })
	void blockWhenTheAddressIsThatOfAnUnknownProxyThenOnlyIfConfigured(String header, String proxy) {
		MockHttpServletRequest request = request(proxy);
		request.addHeader(header, "198.51.100.1");
		FailedAttemptLimiter always = new FailedAttemptLimiter(1, Duration.ofMinutes(1), () -> true);
		always.onApplicationEvent(event(proxy, ApiKeyRefusal.UNKNOWN));
		fail(proxy, ApiKeyRefusal.UNKNOWN, 3);
		assertThat(this.limiter.remainingBlock(request)).isZero();
		assertThat(block(proxy)).isPositive();
		assertThat(always.remainingBlock(request)).isPositive();
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void blockWhenAHeaderSwitchesTheLimitOffThenOneWarning(CapturedOutput output) {
		MockHttpServletRequest request = request("10.0.0.7");
		request.addHeader("X-Forwarded-For", "198.51.100.1");
		this.limiter.remainingBlock(request);
		assertThat(output).doesNotContain("not limited");
		fail("10.0.0.7", ApiKeyRefusal.UNKNOWN, 1);
		this.limiter.remainingBlock(request("10.0.0.7"));
		assertThat(output).doesNotContain("not limited");
		this.limiter.remainingBlock(request);
		this.limiter.remainingBlock(request);
		assertThat(output).containsOnlyOnce("Failed attempts are not limited")
			.contains("10.0.0.7", "server.forward-headers-strategy", "api-key.failed-attempts.count-forwarded");
	}

	@ParameterizedTest
	@CsvSource({ "Forwarded,203.0.113.7", "X-Forwarded-For,203.0.113.7", "X-Forwarded-For,172.32.0.1",
			"Forwarded,2001:db8::1", "X-Forwarded-For,::ffff:203.0.113.7" })
	void blockWhenAHeaderSaysThatThereIsAProxyThenNobodyEscapesByIt(String header, String address) {
		MockHttpServletRequest request = request(address);
		request.addHeader(header, "198.51.100.1");
		fail(address, ApiKeyRefusal.UNKNOWN, 3);
		assertThat(this.limiter.remainingBlock(request)).isPositive();
	}

	/**
	 * What is a proxy for Tomcat by default is one here.
	 */
	@Test
	void privateNetworksAreThoseThatTomcatTrusts() throws Exception {
		List<String> ranges = List.of(new RemoteIpValve().getInternalProxies().split("\\s*,\\s*"));
		assertThat(ranges).hasSizeGreaterThan(5).contains("100.64.0.0/10");
		for (String range : ranges) {
			byte[] network = InetAddress.getByName(range.substring(0, range.indexOf('/'))).getAddress();
			int bits = Integer.parseInt(range.substring(range.indexOf('/') + 1));
			BigInteger first = new BigInteger(1, network);
			BigInteger next = first.add(BigInteger.ONE.shiftLeft(network.length * 8 - bits));
			assertThat(RemoteAddress.isPrivate(text(first, network.length))).as("first of " + range).isTrue();
			assertThat(RemoteAddress.isPrivate(text(next.subtract(BigInteger.ONE), network.length)))
				.as("last of " + range)
				.isTrue();
			assertThat(RemoteAddress.isPrivate(text(first.subtract(BigInteger.ONE), network.length)))
				.as("before " + range)
				.isFalse();
			assertThat(RemoteAddress.isPrivate(text(next, network.length))).as("behind " + range).isFalse();
		}
	}

	private static String text(BigInteger number, int length) throws Exception {
		byte[] address = new byte[length];
		for (int i = 0; i < length; i++) {
			address[i] = number.shiftRight(8 * (length - 1 - i)).byteValue();
		}
		return InetAddress.getByAddress(address).getHostAddress();
	}

	@Test
	void blockWhenNobodyKnowsTheAddressThenNever() {
		fail(null, ApiKeyRefusal.UNKNOWN, 10);
		assertThat(block("203.0.113.7")).isZero();
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void blockWhenItIsNoAddressThenAllOfThemTogetherAndOneWarning(CapturedOutput output) {
		fail("_a1:1", ApiKeyRefusal.UNKNOWN, 1);
		fail("_b2:2", ApiKeyRefusal.UNKNOWN, 1);
		fail("unknown", ApiKeyRefusal.UNKNOWN, 1);
		assertThat(block("_c3:3")).isPositive();
		assertThat(block("203.0.113.7")).isZero();
		assertThat(output).containsOnlyOnce("a remote address that is no IP address");
	}

	/**
	 * In another virtual machine, in which such a name would be that of a blocked
	 * address.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "2001:db8::1", ".::1", "x:1", "localhost:80", "g::1" })
	void blockThenNoNameIsLookedUp(String name, @TempDir Path directory) throws Exception {
		Path hosts = Files.writeString(directory.resolve("hosts"), "2001:db8::1 " + name);
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Djdk.net.hosts.file=" + hosts, "-cp", System.getProperty("java.class.path"), Blocked.class.getName(),
				"2001:db8::1", name)
			.inheritIO()
			.start();
		assertThat(process.waitFor()).isEqualTo(name.equals("2001:db8::1") ? 0 : 1);
	}

	@Test
	void getRefusedRequestsThenOnlyThoseThatWereBlocked() {
		fail("203.0.113.7", ApiKeyRefusal.UNKNOWN, 2);
		this.limiter.check(request("203.0.113.7"));
		assertThat(this.limiter.getRefusedRequests()).isZero();
		fail("203.0.113.7", ApiKeyRefusal.UNKNOWN, 1);
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(TooManyFailedAttemptsException.class)
				.isThrownBy(() -> this.limiter.check(request("203.0.113.7")))
				.satisfies((ex) -> assertThat(ex.retryAfter()).isEqualTo(Duration.ofMinutes(1)));
		}
		this.limiter.check(request("203.0.113.8"));
		assertThat(this.limiter.getRefusedRequests()).isEqualTo(2);
	}

	@Test
	void memoryIsBounded() {
		for (int i = 0; i < 50_000; i++) {
			fail("10." + (i >> 16) + "." + ((i >> 8) & 0xff) + "." + (i & 0xff), ApiKeyRefusal.UNKNOWN, 1);
		}
		assertThat(this.limiter.remembered()).isBetween(9_000L, 10_000L);
	}

	@Test
	void createWhenImpossibleThenFails() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new FailedAttemptLimiter(0, Duration.ofMinutes(1), () -> false));
		assertThatIllegalArgumentException().isThrownBy(() -> new FailedAttemptLimiter(1, Duration.ZERO, () -> false));
	}

	private void fail(String address, ApiKeyRefusal reason, int times) {
		for (int i = 0; i < times; i++) {
			this.limiter.onApplicationEvent(event(address, reason));
		}
	}

	private static ApiKeyRefusedEvent event(String address, ApiKeyRefusal reason) {
		return new ApiKeyRefusedEvent("test", reason, "7Hq2mVx9Lp4s", address, Instant.now());
	}

	private Duration block(String address) {
		return this.limiter.remainingBlock(request(address));
	}

	private static MockHttpServletRequest request(String address) {
		MockHttpServletRequest request = new MockHttpServletRequest();
		request.setRemoteAddr(address);
		return request;
	}

	/**
	 * Exits with 0 if the second argument is blocked after the first has failed.
	 */
	static final class Blocked {

		private Blocked() {
		}

		public static void main(String[] arguments) {
			FailedAttemptLimiter limiter = new FailedAttemptLimiter(1, Duration.ofMinutes(1), () -> false);
			limiter.onApplicationEvent(event(arguments[0], ApiKeyRefusal.UNKNOWN));
			System.exit(limiter.remainingBlock(request(arguments[1])).isZero() ? 1 : 0);
		}

	}

}
