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

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.apikeys.core.ApiKeyRefusal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.RemoteAddress;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.context.ApplicationListener;
import org.springframework.core.PriorityOrdered;
import org.springframework.util.Assert;

/**
 * Limits how many well-formed keys that do not exist, or whose secret is wrong, may come
 * from one address: an IPv4 address or an IPv6 network of 64 bits. Then every key from
 * there is refused until the time is over. No key is ever locked, and texts that are no
 * keys do not count.
 * <p>
 * It counts on each node by itself, and remembers ten thousand addresses.
 *
 * @since 0.1.0
 */
public final class FailedAttemptLimiter implements ApplicationListener<ApiKeyRefusedEvent>, PriorityOrdered {

	private static final Set<ApiKeyRefusal> COUNTED = EnumSet.of(ApiKeyRefusal.UNKNOWN, ApiKeyRefusal.WRONG_SECRET);

	private static final Log logger = LogFactory.getLog(FailedAttemptLimiter.class);

	private static final int MAX_ADDRESSES = 10_000;

	private final int max;

	private final Duration window;

	private final BooleanSupplier forwardedCounted;

	private final Ticker ticker;

	private final AtomicBoolean warned = new AtomicBoolean();

	private final AtomicBoolean warnedOfNoAddress = new AtomicBoolean();

	private final Cache<String, Attempts> attempts;

	private final LongAdder refused = new LongAdder();

	/**
	 * Creates a limiter.
	 * @param max how many failed attempts are allowed in the time, at least 1
	 * @param window the time, longer than zero, which begins with the first attempt
	 * @param forwardedCounted returns whether requests are limited too that say they were
	 * forwarded: {@code false} only where nobody processes what they say, and their
	 * address is that of a proxy, unless it is a lie; asked while requests are handled
	 */
	public FailedAttemptLimiter(int max, Duration window, BooleanSupplier forwardedCounted) {
		this(max, window, forwardedCounted, Ticker.systemTicker());
	}

	FailedAttemptLimiter(int max, Duration window, BooleanSupplier forwardedCounted, Ticker ticker) {
		Assert.isTrue(max >= 1, "at least one failed attempt must be allowed");
		Assert.isTrue(!window.isNegative() && !window.isZero(), "the time must be longer than zero");
		this.max = max;
		this.window = window;
		this.forwardedCounted = forwardedCounted;
		this.ticker = ticker;
		this.attempts = Caffeine.newBuilder()
			.maximumSize(MAX_ADDRESSES)
			.expireAfterWrite(window)
			.ticker(ticker)
			.build();
	}

	/**
	 * Counts before every listener of the application: one that throws keeps the event
	 * from those behind it.
	 */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	/**
	 * The next attempt must not overtake the count, in the queue of an executor that is
	 * the application's.
	 */
	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	@Override
	public void onApplicationEvent(ApiKeyRefusedEvent event) {
		String address = event.getRemoteAddress();
		if (address != null && COUNTED.contains(event.getReason())) {
			this.attempts.get(source(address), (source) -> new Attempts(this.ticker.read(), new AtomicInteger()))
				.count()
				.incrementAndGet();
		}
	}

	/**
	 * Refuses a request from where no key is accepted at the moment.
	 * @throws TooManyFailedAttemptsException if it comes from there
	 */
	void check(HttpServletRequest request) {
		Duration block = remainingBlock(request);
		if (!block.isZero()) {
			this.refused.increment();
			throw new TooManyFailedAttemptsException(block);
		}
	}

	/**
	 * How long no key is accepted from where a request comes.
	 * @return the time, zero if keys are accepted
	 */
	Duration remainingBlock(HttpServletRequest request) {
		if (this.attempts.estimatedSize() == 0) {
			return Duration.ZERO;
		}
		if (isForwardedByUnknownProxy(request) && !this.forwardedCounted.getAsBoolean()) {
			warnOnce(request);
			return Duration.ZERO;
		}
		Attempts attempts = this.attempts.getIfPresent(source(request.getRemoteAddr()));
		if (attempts == null || attempts.count().get() < this.max) {
			return Duration.ZERO;
		}
		Duration remaining = this.window.minusNanos(this.ticker.read() - attempts.start());
		return remaining.isNegative() ? Duration.ZERO : remaining;
	}

	/**
	 * Returns how many requests were refused for where they came from.
	 * @return the number since the start
	 */
	public long getRefusedRequests() {
		return this.refused.sum();
	}

	long remembered() {
		this.attempts.cleanUp();
		return this.attempts.estimatedSize();
	}

	private void warnOnce(HttpServletRequest request) {
		if (!this.warned.getAndSet(true)) {
			logger.warn("Failed attempts are not limited for requests with a forwarding header from "
					+ request.getRemoteAddr() + ", which may be a proxy. Behind a proxy, set "
					+ "'server.forward-headers-strategy'; without one, any client in that network can send such a "
					+ "header: set 'api-key.failed-attempts.count-forwarded' to true.");
		}
	}

	/**
	 * A proxy of the application has a private address. A request with such a header from
	 * a public address came without a proxy, or through a proxy of the client.
	 */
	private static boolean isForwardedByUnknownProxy(HttpServletRequest request) {
		return (request.getHeader("Forwarded") != null || request.getHeader("X-Forwarded-For") != null)
				&& RemoteAddress.isPrivate(request.getRemoteAddr());
	}

	private String source(String address) {
		String source = RemoteAddress.source(address);
		if (source.isEmpty()) {
			warnOfNoAddressOnce();
		}
		return source;
	}

	private void warnOfNoAddressOnce() {
		if (!this.warnedOfNoAddress.getAndSet(true)) {
			logger.warn("The server reports a remote address that is no IP address. Failed attempts of all such "
					+ "requests count together, so one client can use up the limit of the others: let the proxy write "
					+ "addresses into the forwarding header.");
		}
	}

	/**
	 * What came from an address.
	 *
	 * @param start when the first attempt was made, by the ticker
	 * @param count how many there were
	 */
	private record Attempts(long start, AtomicInteger count) {

	}

}
