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

package io.github.apikeys.ratelimit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.RateLimits;
import io.github.bucket4j.TimeMeter;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.event.command.CommandListener;
import io.lettuce.core.event.command.CommandStartedEvent;
import io.lettuce.core.event.connection.DisconnectedEvent;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import redis.embedded.RedisServer;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The clock is set by hand, and nobody gives up: however slow a machine is, it is the
 * limiter that decides.
 */
@ExtendWith(OutputCaptureExtension.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RedisRateLimiterTests {

	private static final Duration NEVER = Duration.ofMinutes(3);

	private static final RateLimits LIMITS = RateLimits.parse("20/366d");

	private final ApiKeyPrincipal apiKey = principal();

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 10);

	private final AtomicInteger commands = new AtomicInteger();

	private final AtomicInteger disconnections = new AtomicInteger();

	private volatile Silence silence;

	private final List<AutoCloseable> closed = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		Collections.reverse(this.closed);
		for (AutoCloseable each : this.closed) {
			each.close();
		}
	}

	@Test
	void tryConsumeWhenTwoNodesThenTheyShareALimit() throws Exception {
		RedisServer redis = start();
		ApiKeyRateLimiter one = limiter(redis);
		ApiKeyRateLimiter two = limiter(redis);
		List<Callable<Boolean>> requests = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			ApiKeyRateLimiter node = (i % 2 == 0) ? one : two;
			requests.add(() -> node.tryConsume(this.apiKey, LIMITS).isAllowed());
		}
		assertThat(allowed(requests, 8)).isEqualTo(20);
		RateLimitResult refused = two.tryConsume(this.apiKey, LIMITS);
		assertThat(refused.isAllowed()).isFalse();
		Duration perRequest = Duration.ofDays(366).dividedBy(20);
		assertThat(refused.getRetryAfter()).isBetween(perRequest.minusHours(1), perRequest);
		assertThat(refused.getRemaining().get(0).getRequests()).isZero();
		assertThat(two.tryConsume(principal(), LIMITS).isAllowed()).isTrue();
		try (StatefulRedisConnection<String, String> observer = client(redis).connect()) {
			long seconds = observer.sync().ttl("api-key:rate-limit:" + this.apiKey.id() + ":20/366d");
			assertThat(Duration.ofSeconds(seconds)).isBetween(Duration.ofDays(365),
					Duration.ofDays(366).plusSeconds(20));
		}
	}

	/**
	 * What many requests of one key do to each other says nothing about Redis.
	 */
	@Test
	void tryConsumeWhenOneKeyIsBusyThenAllAreAnsweredAndCountedOnce(CapturedOutput output) throws Exception {
		ApiKeyRateLimiter limiter = limiter(start());
		RateLimits limits = RateLimits.parse("100/366d");
		ApiKeyPrincipal other = principal();
		assertThat(limiter.tryConsume(other, limits).isAllowed()).isTrue();
		List<Callable<Boolean>> requests = new ArrayList<>(
				Collections.nCopies(600, () -> limiter.tryConsume(this.apiKey, limits).isAllowed()));
		for (int i = 0; i < 10; i++) {
			requests.add(i * 60, () -> {
				assertThat(limiter.tryConsume(other, limits).isAllowed()).isTrue();
				return false;
			});
		}
		this.commands.set(0);
		assertThat(allowed(requests, 60)).isEqualTo(100);
		assertThat(this.commands.get()).as("what 111 questions cost, one after the other").isLessThan(300);
		this.commands.set(0);
		refuse(limiter, limits, 300);
		assertThat(this.commands).as("what a key above its limit costs").hasValue(0);
		pass(Duration.ofSeconds(1));
		refuse(limiter, limits, 300);
		assertThat(this.commands).as("what it costs in the next second").hasValueBetween(1, 2);
		assertThat(output).doesNotContain("Redis does not answer");
	}

	@Test
	void tryConsumeWhenTheTurnDoesNotComeThenRefusedAndRedisIsNotToBlame(CapturedOutput output) throws Exception {
		HangingServer server = new HangingServer();
		RedisClient client = client(server.port());
		ApiKeyRateLimiter limiter = new RedisRateLimiter(buckets(() -> client), null, Duration.ofMillis(1),
				this.nanos::get);
		Thread first = start(limiter);
		server.awaitConnection();
		assertThatExceptionOfType(RateLimiterUnavailableException.class)
			.isThrownBy(() -> limiter.tryConsume(this.apiKey, LIMITS))
			.withMessageContaining("Too many requests of one API key");
		assertThat(output).doesNotContain("Redis does not answer");
		assertThat(first.isAlive()).isTrue();
		server.close();
		first.join();
		assertThat(output).contains("Redis does not answer");
	}

	@Test
	void tryConsumeWhen64WaitThenTheNextDoesNot() throws Exception {
		HangingServer server = new HangingServer();
		RedisClient client = client(server.port());
		ApiKeyRateLimiter limiter = new RedisRateLimiter(buckets(() -> client), null, NEVER, this.nanos::get);
		Thread first = start(limiter);
		server.awaitConnection();
		List<Thread> waiting = IntStream.range(0, 64).mapToObj((i) -> start(limiter)).toList();
		await().until(() -> waiting.stream().allMatch((thread) -> thread.getState() == Thread.State.TIMED_WAITING));
		assertThatExceptionOfType(RateLimiterUnavailableException.class)
			.isThrownBy(() -> limiter.tryConsume(this.apiKey, LIMITS))
			.withMessageContaining("Too many requests of one API key");
		assertThat(waiting).allMatch(Thread::isAlive);
		server.close();
		first.join();
		join(waiting);
	}

	/**
	 * As with a server that is gone without a word. It is back later.
	 */
	@Test
	void tryConsumeWhenConnectingHangsThenNobodyWaitsForLongAndAnotherConnectionIsMade(CapturedOutput output)
			throws Exception {
		HangingServer server = new HangingServer();
		RedisClient client = client(server.port());
		ApiKeyRateLimiter limiter = new RedisRateLimiter(
				new RedisBuckets(() -> client, Duration.ofMillis(1), TimeMeter.SYSTEM_MILLISECONDS),
				new InMemoryRateLimiter(), NEVER, this.nanos::get);
		List<Thread> requests = IntStream.range(0, 10).mapToObj((i) -> ask(limiter, principal())).toList();
		await().until(() -> requests.stream().noneMatch(Thread::isAlive));
		assertThat(output).containsOnlyOnce("Redis does not answer; until it does");
		pass(Duration.ofSeconds(1));
		allow(limiter, 20);
		refuse(limiter, LIMITS, 1);
		server.awaitConnection();
		assertThat(server.connections()).as("while one hangs there is no other").isOne();
		server.close();
		await().ignoreExceptionsInstanceOf(IOException.class)
			.untilAsserted(() -> this.closed.add(LocalRedis.start(server.port())::stop));
		// its limit is fresh there
		await().until(() -> {
			pass(Duration.ofSeconds(1));
			return limiter.tryConsume(this.apiKey, LIMITS).isAllowed();
		});
	}

	/**
	 * As when the application was stopped and started again.
	 */
	@Test
	void tryConsumeWhenThereIsAnotherClientThenItIsUsed() throws Exception {
		RedisServer redis = start();
		AtomicReference<RedisClient> client = new AtomicReference<>(client(redis));
		ApiKeyRateLimiter limiter = new RedisRateLimiter(buckets(client::get), null, NEVER, this.nanos::get);
		allow(limiter, 19);
		client.getAndSet(client(redis)).shutdown();
		allow(limiter, 1);
		refuse(limiter, LIMITS, 1);
	}

	/**
	 * The figures of the guide.
	 */
	@Test
	void tryConsumeWhenTheClockOfANodeIsAheadThenItAddsThatOnceAndOthersWaitForAsLong() throws Exception {
		RedisServer redis = start();
		AtomicLong time = new AtomicLong(TimeUnit.DAYS.toMillis(20_000));
		ApiKeyRateLimiter node = limiter(redis, time::get);
		ApiKeyRateLimiter ahead = limiter(redis, () -> time.get() + 10_000);
		RateLimits limits = RateLimits.parse("60/1m");
		assertThat(allowed(node, limits)).isEqualTo(60);
		assertThat(allowed(ahead, limits)).isEqualTo(10);
		time.addAndGet(10_000);
		pass(Duration.ofSeconds(10));
		assertThat(allowed(node, limits)).isZero();
		assertThat(allowed(ahead, limits)).isEqualTo(10);
		time.addAndGet(20_000);
		pass(Duration.ofSeconds(20));
		assertThat(allowed(node, limits)).isEqualTo(10);
		assertThat(allowed(ahead, limits)).isEqualTo(10);
	}

	private int allowed(ApiKeyRateLimiter limiter, RateLimits limits) {
		int allowed = 0;
		while (limiter.tryConsume(this.apiKey, limits).isAllowed()) {
			allowed++;
		}
		return allowed;
	}

	@Test
	void tryConsumeWhenRedisIsDownThenEachNodeCountsByItselfUntilItIsBack(CapturedOutput output) throws Exception {
		RedisServer redis = start();
		ApiKeyRateLimiter limiter = limiter(redis);
		allow(limiter, 20);
		refuse(limiter, LIMITS, 1);
		redis.stop();
		await().until(() -> this.disconnections.get() > 0);
		// until then the last answer of Redis counts
		this.commands.set(0);
		refuse(limiter, LIMITS, 1);
		assertThat(this.commands).hasValue(0);
		pass(Duration.ofSeconds(1));
		allow(limiter, 20);
		refuse(limiter, LIMITS, 1);
		assertThat(this.commands).as("what others wait for").hasValue(2);
		pass(Duration.ofSeconds(1));
		refuse(limiter, LIMITS, 20);
		assertThat(this.commands).as("what others wait for in the next second").hasValue(4);
		assertThat(output).containsOnlyOnce("Redis does not answer; until it does");
		await().ignoreExceptionsInstanceOf(IOException.class)
			.untilAsserted(() -> this.closed.add(LocalRedis.start(redis.ports().get(0))::stop));
		// it is empty now, so the limit is fresh
		await().until(() -> {
			pass(Duration.ofSeconds(1));
			return limiter.tryConsume(this.apiKey, LIMITS).isAllowed();
		});
		allow(limiter, 19);
		refuse(limiter, LIMITS, 1);
	}

	/**
	 * One bucket says nothing about Redis.
	 */
	@Test
	void tryConsumeWhenOneBucketFailsThenOthersAreCountedInRedis(CapturedOutput output) throws Exception {
		RedisServer redis = start();
		ApiKeyRateLimiter limiter = limiter(redis);
		String bucket = bucket(this.apiKey);
		try (StatefulRedisConnection<String, String> observer = client(redis).connect()) {
			observer.sync().set(bucket, "no bucket");
			this.commands.set(0);
			allow(limiter, 20);
			assertThat(this.commands).as("what others wait for").hasValue(2);
			refuse(limiter, LIMITS, 1);
			ApiKeyPrincipal other = principal();
			assertThat(limiter.tryConsume(other, LIMITS).isAllowed()).isTrue();
			assertThat(observer.sync().exists("api-key:rate-limit:" + other.id() + ":20/366d")).isOne();
			assertThat(output).doesNotContain("Redis does not answer")
				.containsOnlyOnce("Redis answers, but not for " + bucket);
			observer.sync().del(bucket);
			refuse(limiter, LIMITS, 1);
			pass(Duration.ofSeconds(1));
			allow(limiter, 20);
		}
	}

	/**
	 * As while a part of a cluster has no master.
	 */
	@Test
	void tryConsumeWhenOneBucketIsSilentThenOneRequestWaitsForItAndTheOthersAreCounted() throws Exception {
		RedisServer redis = start();
		ApiKeyRateLimiter limiter = limiter(redis);
		try (StatefulRedisConnection<String, String> observer = client(redis).connect()) {
			observer.sync().set(bucket(this.apiKey), "no bucket");
			allow(limiter, 1);
			pass(Duration.ofSeconds(1));
			Silence silence = silence(bucket(this.apiKey));
			Thread waiting = ask(limiter, this.apiKey);
			silence.await();
			allow(limiter, 18);
			assertThat(waiting.isAlive()).isTrue();
			silence.end();
			waiting.join();
			refuse(limiter, LIMITS, 1);
		}
	}

	@Test
	void tryConsumeWhenTheCauseOfAFailureIsBeingFoundThenOthersDoNotWait() throws Exception {
		RedisServer redis = start();
		ApiKeyRateLimiter limiter = limiter(redis);
		try (StatefulRedisConnection<String, String> observer = client(redis).connect()) {
			observer.sync().set(bucket(this.apiKey), "no bucket");
			allow(limiter(redis), 1);
			Silence silence = silence("api-key:rate-limit");
			Thread first = ask(limiter, this.apiKey);
			silence.await();
			allow(limiter, 19);
			assertThat(first.isAlive()).isTrue();
			silence.end();
			first.join();
			refuse(limiter, LIMITS, 1);
		}
	}

	/**
	 * What is asked to find the cause may belong to the part of a cluster that is silent.
	 */
	@Test
	void tryConsumeWhenOthersAreAnsweredMeanwhileThenRedisIsNotToBlame(CapturedOutput output) throws Exception {
		RedisServer redis = start();
		ApiKeyRateLimiter limiter = limiter(redis);
		try (StatefulRedisConnection<String, String> observer = client(redis).connect()) {
			observer.sync().set(bucket(this.apiKey), "no bucket");
			observer.sync().set("api-key:rate-limit", "no bucket");
			Silence silence = silence(bucket(this.apiKey));
			Thread waiting = ask(limiter, this.apiKey);
			silence.await();
			assertThat(limiter.tryConsume(principal(), LIMITS).isAllowed()).isTrue();
			silence.end();
			waiting.join();
			assertThat(output).doesNotContain("Redis does not answer")
				.contains("Redis answers, but not for " + bucket(this.apiKey));
		}
	}

	@Test
	void tryConsumeWhenManyBucketsAreSilentThenFewRequestsWaitForThem() throws Exception {
		RedisServer redis = start();
		ApiKeyRateLimiter limiter = limiter(redis);
		List<ApiKeyPrincipal> keys = IntStream.range(0, 8).mapToObj((i) -> principal()).toList();
		try (StatefulRedisConnection<String, String> observer = client(redis).connect()) {
			observer.sync().set(bucket(this.apiKey), "no bucket");
			allow(limiter, 1);
			for (ApiKeyPrincipal key : keys) {
				observer.sync().set(bucket(key), "no bucket");
				assertThat(limiter.tryConsume(key, LIMITS).isAllowed()).isTrue();
			}
			pass(Duration.ofSeconds(1));
			Silence silence = silence(null);
			List<Thread> waiting = new ArrayList<>();
			for (ApiKeyPrincipal key : keys) {
				waiting.add(ask(limiter, key));
				silence.await();
			}
			allow(limiter, 19);
			refuse(limiter, LIMITS, 1);
			assertThat(waiting).allMatch(Thread::isAlive);
			silence.end();
			for (Thread thread : waiting) {
				thread.join();
			}
		}
	}

	/**
	 * It answers again, and others that do not were asked for while it waited.
	 */
	@Test
	void tryConsumeWhenManyBucketsAreSilentThenThatWhichHasWaitedLongestIsAskedForFirst() throws Exception {
		RedisServer redis = start();
		ApiKeyRateLimiter limiter = limiter(redis);
		List<ApiKeyPrincipal> keys = IntStream.range(0, 8).mapToObj((i) -> principal()).toList();
		try (StatefulRedisConnection<String, String> observer = client(redis).connect()) {
			fail(limiter, keys, observer);
			Silence silence = silence(null);
			List<Thread> waiting = askAll(limiter, keys);
			silence.await(8);
			allow(limiter, 1);
			silence.end();
			join(waiting);
			pass(Duration.ofSeconds(1));
			silence = silence(null);
			waiting = askAll(limiter, keys);
			silence.await(7);
			List<Thread> asking = waiting;
			await().until(() -> asking.stream().anyMatch((thread) -> !thread.isAlive()));
			this.silence = null;
			assertAskedFor(limiter, observer);
			silence.end();
			join(waiting);
		}
	}

	@Test
	void tryConsumeWhenOthersThatWaitedDoNotComeAgainThenTheyKeepNobodyWaiting() throws Exception {
		RedisServer redis = start();
		ApiKeyRateLimiter limiter = limiter(redis);
		List<ApiKeyPrincipal> keys = IntStream.range(0, 8).mapToObj((i) -> principal()).toList();
		List<ApiKeyPrincipal> others = IntStream.range(0, 8).mapToObj((i) -> principal()).toList();
		try (StatefulRedisConnection<String, String> observer = client(redis).connect()) {
			fail(limiter, keys, observer);
			fail(limiter, others, observer);
			Silence silence = silence(null);
			List<Thread> waiting = askAll(limiter, keys);
			silence.await(8);
			for (ApiKeyPrincipal other : others) {
				assertThat(limiter.tryConsume(other, LIMITS).isAllowed()).isTrue();
			}
			this.silence = null;
			silence.end();
			join(waiting);
			pass(Duration.ofSeconds(10));
			assertAskedFor(limiter, observer);
		}
	}

	@Test
	void tryConsumeWhenNobodyAskedForASilentBucketForAMinuteThenItIsLikeANewOne() throws Exception {
		RedisServer redis = start();
		ApiKeyRateLimiter limiter = limiter(redis);
		List<ApiKeyPrincipal> keys = IntStream.range(0, 8).mapToObj((i) -> principal()).toList();
		try (StatefulRedisConnection<String, String> observer = client(redis).connect()) {
			fail(limiter, keys, observer);
			pass(Duration.ofSeconds(30));
			keys.forEach((key) -> assertThat(limiter.tryConsume(key, LIMITS).isAllowed()).isTrue());
			pass(Duration.ofSeconds(29));
			Silence silence = silence(null);
			List<Thread> waiting = askAll(limiter, keys);
			silence.await(8);
			this.silence = null;
			assertAskedFor(limiter, observer);
			silence.end();
			join(waiting);
		}
	}

	/**
	 * Lets the bucket of the key and those of others fail, a second ago.
	 */
	private void fail(ApiKeyRateLimiter limiter, List<ApiKeyPrincipal> others,
			StatefulRedisConnection<String, String> observer) {
		Stream.concat(Stream.of(this.apiKey), others.stream()).forEach((key) -> {
			observer.sync().set(bucket(key), "no bucket");
			assertThat(limiter.tryConsume(key, LIMITS).isAllowed()).isTrue();
		});
		pass(Duration.ofSeconds(1));
	}

	private List<Thread> askAll(ApiKeyRateLimiter limiter, List<ApiKeyPrincipal> keys) {
		return keys.stream().map((key) -> ask(limiter, key)).toList();
	}

	private static void join(List<Thread> threads) throws InterruptedException {
		for (Thread thread : threads) {
			thread.join();
		}
	}

	private static String bucket(ApiKeyPrincipal apiKey) {
		return "api-key:rate-limit:" + apiKey.id() + ":20/366d";
	}

	private Thread ask(ApiKeyRateLimiter limiter, ApiKeyPrincipal apiKey) {
		Thread thread = new Thread(() -> limiter.tryConsume(apiKey, LIMITS));
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	/**
	 * Gives no answers until it ends.
	 * @param name of the bucket, or {@code null} for all
	 */
	private Silence silence(String name) {
		Silence silence = new Silence(name, new Semaphore(0), new CountDownLatch(1));
		this.silence = silence;
		return silence;
	}

	/**
	 * Only Redis makes a bucket there.
	 */
	private void assertAskedFor(ApiKeyRateLimiter limiter, StatefulRedisConnection<String, String> observer) {
		observer.sync().del(bucket(this.apiKey));
		allow(limiter, 1);
		assertThat(observer.sync().exists(bucket(this.apiKey))).isOne();
	}

	private void allow(ApiKeyRateLimiter limiter, int times) {
		for (int i = 0; i < times; i++) {
			assertThat(limiter.tryConsume(this.apiKey, LIMITS).isAllowed()).isTrue();
		}
	}

	private void refuse(ApiKeyRateLimiter limiter, RateLimits limits, int times) {
		for (int i = 0; i < times; i++) {
			assertThat(limiter.tryConsume(this.apiKey, limits).isAllowed()).isFalse();
		}
	}

	private static int allowed(List<Callable<Boolean>> requests, int threads) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			int allowed = 0;
			for (Future<Boolean> request : executor.invokeAll(requests)) {
				allowed += request.get() ? 1 : 0;
			}
			return allowed;
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * A request that is not answered.
	 */
	private Thread start(ApiKeyRateLimiter limiter) {
		Thread thread = new Thread(() -> assertThatExceptionOfType(RateLimiterUnavailableException.class)
			.isThrownBy(() -> limiter.tryConsume(this.apiKey, LIMITS)));
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	private void pass(Duration time) {
		this.nanos.addAndGet(time.toNanos());
	}

	private ApiKeyRateLimiter limiter(RedisServer redis) {
		RedisClient client = client(redis);
		return new RedisRateLimiter(buckets(() -> client), new InMemoryRateLimiter(), NEVER, this.nanos::get);
	}

	private ApiKeyRateLimiter limiter(RedisServer redis, LongSupplier millis) {
		RedisClient client = client(redis);
		TimeMeter clock = new TimeMeter() {

			@Override
			public long currentTimeNanos() {
				return TimeUnit.MILLISECONDS.toNanos(millis.getAsLong());
			}

			@Override
			public boolean isWallClockBased() {
				return true;
			}

		};
		return new RedisRateLimiter(new RedisBuckets(() -> client, NEVER, clock), null, NEVER, this.nanos::get);
	}

	private static RedisBuckets buckets(Supplier<RedisClient> client) {
		return new RedisBuckets(client, NEVER, TimeMeter.SYSTEM_MILLISECONDS);
	}

	/**
	 * A client that connects again at once, and is told at once that it is not connected.
	 */
	private RedisClient client(RedisServer redis) {
		return client(redis.ports().get(0));
	}

	private RedisClient client(int port) {
		ClientResources resources = ClientResources.builder()
			.reconnectDelay(Delay.constant(Duration.ofMillis(50)))
			.build();
		this.closed.add(() -> resources.shutdown(0, 10, TimeUnit.SECONDS).await());
		resources.eventBus()
			.get()
			.ofType(DisconnectedEvent.class)
			.subscribe((event) -> this.disconnections.incrementAndGet());
		RedisClient client = RedisClient.create(resources,
				RedisURI.builder().withHost("127.0.0.1").withPort(port).withTimeout(NEVER).build());
		client.setOptions(ClientOptions.builder()
			.disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
			.build());
		client.addListener(new CommandListener() {

			@Override
			public void commandStarted(CommandStartedEvent event) {
				RedisRateLimiterTests.this.commands.incrementAndGet();
				Silence silence = RedisRateLimiterTests.this.silence;
				CommandArgs<?, ?> arguments = event.getCommand().getArgs();
				if (silence != null && arguments != null) {
					silence.asked(arguments.getFirstEncodedKey());
				}
			}

		});
		this.closed.add(client);
		return client;
	}

	private RedisServer start() throws IOException {
		RedisServer redis = LocalRedis.start();
		this.closed.add(redis::stop);
		return redis;
	}

	private static ApiKeyPrincipal principal() {
		return new ApiKeyPrincipal(UUID.randomUUID(), "7Hq2mVx9Lp4s", "key", null, Set.of(), "api_key", LIMITS, false);
	}

	/**
	 * A server that accepts connections and says nothing until it ends.
	 */
	private final class HangingServer {

		private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

		private final Semaphore connected = new Semaphore(0);

		private final List<Socket> connections = new CopyOnWriteArrayList<>();

		HangingServer() throws IOException {
			RedisRateLimiterTests.this.closed.add(this::close);
			Thread thread = new Thread(this::accept);
			thread.setDaemon(true);
			thread.start();
		}

		private void accept() {
			try {
				while (true) {
					this.connections.add(this.socket.accept());
					this.connected.release();
				}
			}
			catch (IOException ex) {
				// it is closed
			}
		}

		int port() {
			return this.socket.getLocalPort();
		}

		int connections() {
			return this.connections.size();
		}

		void awaitConnection() throws InterruptedException {
			assertThat(this.connected.tryAcquire(NEVER.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}

		void close() throws IOException {
			this.socket.close();
			for (Socket connection : this.connections) {
				connection.close();
			}
		}

	}

	/**
	 * Commands that are not sent before it ends.
	 */
	private record Silence(String name, Semaphore asked, CountDownLatch ended) {

		void asked(ByteBuffer key) {
			if (key == null
					|| (this.name != null && !StandardCharsets.US_ASCII.decode(key).toString().equals(this.name))) {
				return;
			}
			this.asked.release();
			try {
				this.ended.await(NEVER.toSeconds(), TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		void await() throws InterruptedException {
			await(1);
		}

		void await(int commands) throws InterruptedException {
			assertThat(this.asked.tryAcquire(commands, NEVER.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}

		void end() {
			this.ended.countDown();
		}

	}

}
