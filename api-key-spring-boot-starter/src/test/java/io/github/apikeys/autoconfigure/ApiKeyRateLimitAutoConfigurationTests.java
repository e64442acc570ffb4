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

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

import io.github.apikeys.core.ApiKeyPrincipal;
import io.github.apikeys.core.ApiKeyRefusedEvent;
import io.github.apikeys.core.ApiKeyService;
import io.github.apikeys.core.ApiKeyTokenVerifier;
import io.github.apikeys.core.CreatedApiKey;
import io.github.apikeys.core.NewApiKey;
import io.github.apikeys.core.RateLimits;
import io.github.apikeys.core.token.ApiKeyGenerator;
import io.github.apikeys.core.token.ApiKeyTokenFormats;
import io.github.apikeys.core.token.SecureRandomApiKeyGenerator;
import io.github.apikeys.ratelimit.ApiKeyRateLimiter;
import io.github.apikeys.ratelimit.InMemoryRateLimiter;
import io.github.apikeys.ratelimit.LocalRedis;
import io.github.apikeys.ratelimit.RateLimitResult;
import io.github.apikeys.ratelimit.RateLimiterUnavailableException;
import io.github.apikeys.ratelimit.RedisRateLimiter;
import io.github.apikeys.security.FailedAttemptLimiter;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.embedded.RedisServer;

import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.context.WebApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;

@ExtendWith(OutputCaptureExtension.class)
class ApiKeyRateLimitAutoConfigurationTests {

	private static final RateLimits LIMITS = RateLimits.parse("20/366d");

	private final ApiKeyPrincipal apiKey = principal();

	@Test
	void withoutRedisThenInMemory() {
		inMemory().run((context) -> assertThat(context).getBean(ApiKeyRateLimiter.class)
			.isInstanceOf(InMemoryRateLimiter.class));
	}

	@Test
	void redisWhenSeveralConnectionsOfLettuceThenTheLogSaysWhyNodesCountAlone(CapturedOutput output) {
		WebApplicationContextRunner runner = withConnections().withBean("one", LettuceConnectionFactory.class)
			.withBean("two", LettuceConnectionFactory.class);
		runner.run((context) -> assertThat(context).hasSingleBean(InMemoryRateLimiter.class));
		assertThat(output).contains("Each node counts requests in its own memory, although the application uses Redis",
				"several beans of type LettuceConnectionFactory (one, two). Mark one of them as @Primary");
	}

	@Test
	void redisWhenBucket4jCannotUseItThenTheLogSaysWhatToAdd(CapturedOutput output) {
		withConnections().withBean(LettuceConnectionFactory.class)
			.withClassLoader(new FilteredClassLoader(Bucket4jLettuce.class))
			.run((context) -> assertThat(context).hasSingleBean(InMemoryRateLimiter.class));
		assertThat(output).contains("add 'com.bucket4j:bucket4j_jdk17-lettuce'");
	}

	@Test
	void redisWhenNotConnectedByLettuceThenTheLogSaysSo(CapturedOutput output) {
		withConnections().withBean(RedisConnectionFactory.class, () -> mock(RedisConnectionFactory.class))
			.run((context) -> assertThat(context).hasSingleBean(InMemoryRateLimiter.class));
		assertThat(output).contains("no bean is declared with the type LettuceConnectionFactory");
	}

	@Test
	void redisWhenConnectionsOfLettuceAreNotDeclaredAsSuchThenTheLogSaysSo(CapturedOutput output) {
		withConnections().withBean(RedisConnectionFactory.class, LettuceConnectionFactory::new)
			.run((context) -> assertThat(context).hasSingleBean(InMemoryRateLimiter.class));
		assertThat(output).contains("no bean is declared with the type LettuceConnectionFactory")
			.doesNotContain("@Primary");
	}

	@Test
	void redisWhenUsedOrChosenNotToBeThenNothingIsSaid(CapturedOutput output) {
		inMemory().run((context) -> assertThat(context).hasNotFailed());
		withConnections().withBean(LettuceConnectionFactory.class)
			.run((context) -> assertThat(context).hasSingleBean(RedisRateLimiter.class));
		withConnections().withBean("one", LettuceConnectionFactory.class)
			.withBean("two", LettuceConnectionFactory.class)
			.withBean("own", InMemoryRateLimiter.class)
			.run((context) -> assertThat(context).hasSingleBean(InMemoryRateLimiter.class));
		assertThat(output).doesNotContain("in its own memory");
	}

	@Test
	void ownLimiterThenNoOther() {
		ApiKeyRateLimiter own = (apiKey, limits) -> new RateLimitResult(false, Duration.ofSeconds(7), List.of());
		inMemory().withBean(ApiKeyRateLimiter.class, () -> own)
			.withPropertyValues("api-key.rate-limit.default=100/1m")
			.run((context) -> {
				assertThat(context).hasSingleBean(ApiKeyRateLimiter.class);
				assertThat(HostRunner.get(HostRunner.mvc(context), "/orders", "X-API-Key", HostRunner.key(context)))
					.hasStatus(HttpStatus.TOO_MANY_REQUESTS)
					.hasHeader("Retry-After", "7");
			});
	}

	@Test
	void defaultLimitThenKeysOverHttp() {
		inMemory().withPropertyValues("api-key.rate-limit.default=2/1h").run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			String key = HostRunner.key(context);
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key)).hasHeader("RateLimit", "\"2/1h\";r=1;t=1800");
			HostRunner.get(mvc, "/orders", "X-API-Key", key);
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key)).hasStatus(HttpStatus.TOO_MANY_REQUESTS);
		});
	}

	@Test
	void limitWhenTheKeyIsRotatedThenItIsNotRenewed() {
		inMemory().run((context) -> assertThat(permittedAmongRotations(context)).isEqualTo(3));
	}

	/**
	 * More requests than a limit permits, with each token that there is, before and after
	 * each of several rotations.
	 * @return how many of them were permitted
	 */
	private static int permittedAmongRotations(WebApplicationContext context) {
		MockMvcTester mvc = HostRunner.mvc(context);
		ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
		CreatedApiKey last = apiKeys.create(NewApiKey.named("client").scopes("orders:read").rateLimits("3/1h"));
		List<String> tokens = new ArrayList<>(List.of(last.token()));
		int permitted = 0;
		for (int rotation = 0; rotation < 4; rotation++) {
			for (String token : tokens) {
				for (int i = 0; i < 4; i++) {
					int status = HostRunner.get(mvc, "/orders", "X-API-Key", token).getResponse().getStatus();
					// the key before the last has ended
					assertThat(status).isIn(200, 401, 429);
					permitted += (status == 200) ? 1 : 0;
				}
			}
			last = apiKeys.rotate(last.apiKey().getId(), Duration.ofDays(1));
			tokens.add(last.token());
		}
		return permitted;
	}

	@Test
	void quotaThenOnlyWhatTheAnnotationPermitsCounts() {
		inMemory().run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			String key = context.getBean(ApiKeyService.class)
				.create(NewApiKey.named("client").scopes("orders:read").quota(2))
				.token();
			String without = context.getBean(ApiKeyService.class).create(NewApiKey.named("client").quota(1)).token();
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key)).hasStatusOk();
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key)).hasStatusOk();
			for (int i = 0; i < 3; i++) {
				assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", without)).hasStatus(HttpStatus.FORBIDDEN);
			}
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key)).hasStatus(HttpStatus.TOO_MANY_REQUESTS);
		});
	}

	@Test
	void failedAttemptsThenTheAddressMustWaitAndNoKeyIsLocked() {
		// which is told first, and keeps the event from whoever comes later
		WebApplicationContextRunner runner = inMemory().withBean("auditOfTheHost", BrokenListener.class,
				BrokenListener::new);
		runner.withPropertyValues("api-key.failed-attempts.max=3").run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			String key = HostRunner.key(context);
			String stranger = HostRunner.key(context);
			for (int i = 0; i < 5; i++) {
				assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", "nonsense")).hasStatus(HttpStatus.UNAUTHORIZED);
			}
			String unknown = unknown(context.getBean(ApiKeyTokenFormats.class));
			for (int i = 0; i < 3; i++) {
				assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", unknown)).hasStatus(HttpStatus.UNAUTHORIZED);
			}
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", stranger)).hasStatus(HttpStatus.TOO_MANY_REQUESTS)
				.containsHeader("Retry-After")
				.bodyText()
				.contains("Try again later");
			assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key, "X-Forwarded-For", "203.0.113.7")
				.getResponse()
				.getStatus()).isNotIn(401, 429);
			assertThat(mvc.get().uri("/orders").header("X-API-Key", key).with((request) -> {
				request.setRemoteAddr("203.0.113.7");
				return request;
			}).exchange().getResponse().getStatus()).isNotIn(401, 429);
			assertThat(HostRunner.get(mvc, "/orders", "Authorization", HostRunner.BASIC).getResponse().getStatus())
				.isNotIn(401, 429);
		});
	}

	/**
	 * A header that is left over when somebody processes them says nothing.
	 */
	@ParameterizedTest
	@CsvSource({ "native,,429", "NATIVE,,429", "framework,,429", "none,,200", "none,true,429", "native,false,200" })
	void failedAttemptsWhenThereIsAForwardingHeaderThenTheStrategySaysWhetherItMeansAnything(String strategy,
			String countForwarded, int status) {
		inMemory()
			.withPropertyValues("server.forward-headers-strategy=" + strategy, "api-key.failed-attempts.max=1",
					(countForwarded != null) ? "api-key.failed-attempts.count-forwarded=" + countForwarded : "x=y")
			.run((context) -> {
				MockMvcTester mvc = HostRunner.mvc(context);
				String key = context.getBean(ApiKeyService.class)
					.create(NewApiKey.named("client").scopes("orders:read"))
					.token();
				String unknown = unknown(context.getBean(ApiKeyTokenFormats.class));
				HostRunner.get(mvc, "/orders", "X-API-Key", unknown);
				assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key, "X-Forwarded-For", "1.1.1.1"))
					.hasStatus(status);
				assertThat(HostRunner.get(mvc, "/orders", "X-API-Key", key, "Forwarded", "for=1.1.1.1"))
					.hasStatus(status);
			});
	}

	@Test
	void startWhenClientsCanWriteTheirAddressThenAWarning(CapturedOutput output) {
		inMemory().withPropertyValues("server.forward-headers-strategy=native")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("which a client can write");
		inMemory().withPropertyValues("server.forward-headers-strategy=framework")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains("which a client can write", "'native' on Tomcat");
	}

	@Test
	void failedAttemptsWhenAThousandForOneKeyThenItsClientElsewhereGoesOn() {
		inMemory().withPropertyValues("api-key.failed-attempts.window=1h").run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			CreatedApiKey created = context.getBean(ApiKeyService.class)
				.create(NewApiKey.named("client").scopes("orders:read"));
			int refused = 0;
			for (int i = 0; i < 1000; i++) {
				String forged = forge(context.getBean(ApiKeyTokenFormats.class), created.apiKey().getKeyId());
				int status = statusFrom("198.51.100.1", mvc, forged);
				assertThat(status).isIn(401, 429);
				refused += (status == 401) ? 1 : 0;
			}
			assertThat(refused).isEqualTo(100);
			assertThat(statusFrom("203.0.113.7", mvc, created.token())).isEqualTo(200);
			assertThat(statusFrom("198.51.100.1", mvc, created.token())).isEqualTo(429);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "unknown", "_hidden", "1.2.3.4.5", "999.1.1.1", "::zz", "fe80::1%eth0",
			"[2001:db8::1]:4711", "203.0.113.7, 198.51.100.1", "' OR '1'='1", "\0" })
	void addressWhenItIsNoneThenNeverAnError(String address) {
		inMemory().withPropertyValues("api-key.usage.flush-interval=20ms").run((context) -> {
			MockMvcTester mvc = HostRunner.mvc(context);
			ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
			String anywhere = apiKeys.create(NewApiKey.named("anywhere").scopes("orders:read")).token();
			String somewhere = apiKeys
				.create(NewApiKey.named("somewhere").scopes("orders:read").allowedAddresses("203.0.113.0/24"))
				.token();
			for (String from : List.of(address, address + "x".repeat(1000))) {
				assertThat(statusFrom(from, mvc, anywhere)).isEqualTo(200);
				assertThat(statusFrom(from, mvc, somewhere)).isEqualTo(401);
				assertThat(statusFrom(from, mvc, unknown(context.getBean(ApiKeyTokenFormats.class)))).isEqualTo(401);
			}
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			await().until(() -> jdbc.queryForObject(
					"select count(*) from api_key where name = 'anywhere' and last_used_at is not null",
					Integer.class) == 1);
		});
	}

	@Test
	void failedAttemptsWhenSwitchedOffThenNoLimiter() {
		inMemory().withPropertyValues("api-key.failed-attempts.limited=false")
			.run((context) -> assertThat(context).doesNotHaveBean(FailedAttemptLimiter.class));
	}

	/**
	 * A node that did not get an answer in time, as on a busy machine, says so, and does
	 * not count alone.
	 */
	@Test
	void redisThenTwoNodesShareALimit() throws Exception {
		RedisServer redis = LocalRedis.start();
		try {
			WebApplicationContextRunner nodes = withRedis(redis.ports().get(0))
				.withPropertyValues("api-key.rate-limit.when-redis-is-down=refuse");
			nodes.run((one) -> nodes.run((two) -> {
				ApiKeyRateLimiter first = one.getBean(ApiKeyRateLimiter.class);
				ApiKeyRateLimiter second = two.getBean(ApiKeyRateLimiter.class);
				assertThat(first).isInstanceOf(RedisRateLimiter.class);
				assertThat(permitted(first, this.apiKey) + permitted(second, this.apiKey)).isBetween(1, 20);
			}));
		}
		finally {
			redis.stop();
		}
	}

	/**
	 * Requests until one of them is refused.
	 */
	private static int permitted(ApiKeyRateLimiter limiter, ApiKeyPrincipal apiKey) {
		int permitted = 0;
		while (ask(limiter, apiKey).isAllowed()) {
			permitted++;
		}
		return permitted;
	}

	private static RateLimitResult ask(ApiKeyRateLimiter limiter, ApiKeyPrincipal apiKey) {
		return await().ignoreException(RateLimiterUnavailableException.class)
			.until(() -> limiter.tryConsume(apiKey, LIMITS), Objects::nonNull);
	}

	@Test
	void redisWhenTheKeyIsRotatedThenItsLimitIsNotRenewed() throws Exception {
		RedisServer redis = LocalRedis.start();
		try {
			withRedis(redis.ports().get(0)).withPropertyValues("api-key.rate-limit.when-redis-is-down=refuse")
				.run((context) -> {
					ApiKeyRateLimiter limiter = context.getBean(ApiKeyRateLimiter.class);
					ApiKeyService apiKeys = context.getBean(ApiKeyService.class);
					CreatedApiKey created = apiKeys.create(NewApiKey.named("client"));
					CreatedApiKey successor = apiKeys.rotate(created.apiKey().getId(), Duration.ofDays(1));
					ApiKeyTokenVerifier verifier = context.getBean(ApiKeyTokenVerifier.class);
					ApiKeyPrincipal before = verifier.verify(created.token()).orElseThrow();
					ApiKeyPrincipal after = verifier.verify(successor.token()).orElseThrow();
					assertThat(permitted(limiter, before)).isBetween(1, 20);
					assertThat(ask(limiter, after).isAllowed()).isFalse();
					assertThat(ask(limiter, principal()).isAllowed()).isTrue();
				});
		}
		finally {
			redis.stop();
		}
	}

	@Test
	void redisWhenTheApplicationIsStoppedAndStartedThenItsNewClientIsUsed() throws Exception {
		RedisServer redis = LocalRedis.start();
		try {
			withRedis(redis.ports().get(0)).withPropertyValues("api-key.rate-limit.when-redis-is-down=refuse")
				.run((context) -> {
					ApiKeyRateLimiter limiter = context.getBean(ApiKeyRateLimiter.class);
					assertThat(ask(limiter, this.apiKey).isAllowed()).isTrue();
					ConfigurableApplicationContext application = (ConfigurableApplicationContext) context
						.getSourceApplicationContext();
					application.stop();
					assertThatExceptionOfType(RateLimiterUnavailableException.class)
						.isThrownBy(() -> limiter.tryConsume(principal(), LIMITS));
					application.start();
					assertThat(permitted(limiter, this.apiKey)).isBetween(1, 19);
				});
		}
		finally {
			redis.stop();
		}
	}

	@Test
	void redisWhenItIsDownAndRequestsAreToBeRefusedThenServiceUnavailable() throws Exception {
		// a port that nobody else can take, and where nobody listens
		try (Socket taken = new Socket()) {
			taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
			withRedis(taken.getLocalPort())
				.withPropertyValues("api-key.rate-limit.when-redis-is-down=refuse", "api-key.rate-limit.default=2/1h")
				.run((context) -> {
					assertThatExceptionOfType(RateLimiterUnavailableException.class)
						.isThrownBy(() -> context.getBean(ApiKeyRateLimiter.class).tryConsume(this.apiKey, LIMITS));
					assertThat(HostRunner.get(HostRunner.mvc(context), "/orders", "X-API-Key", HostRunner.key(context)))
						.hasStatus(HttpStatus.SERVICE_UNAVAILABLE)
						.hasHeader("Retry-After", "5");
				});
		}
	}

	private static ApiKeyPrincipal principal() {
		return new ApiKeyPrincipal(UUID.randomUUID(), "7Hq2mVx9Lp4s", "key", null, Set.of(), "api_key", LIMITS, false);
	}

	private static int statusFrom(String address, MockMvcTester mvc, String token) {
		return mvc.get().uri("/orders").header("X-API-Key", token).with((request) -> {
			request.setRemoteAddr(address);
			return request;
		}).exchange().getResponse().getStatus();
	}

	private static String forge(ApiKeyTokenFormats formats, String keyId) {
		return formats.issued().generate(new ApiKeyGenerator() {

			@Override
			public String generateKeyId() {
				return keyId;
			}

			@Override
			public String generateSecret() {
				return new SecureRandomApiKeyGenerator().generateSecret();
			}

		}).value();
	}

	private static String unknown(ApiKeyTokenFormats formats) {
		return formats.issued().generate(new SecureRandomApiKeyGenerator()).value();
	}

	private static WebApplicationContextRunner inMemory() {
		return HostRunner.withoutFlyway()
			.withPropertyValues("spring.autoconfigure.exclude=" + DataRedisAutoConfiguration.class.getName());
	}

	/**
	 * An application that says itself how it connects to Redis, and has nothing else that
	 * needs it.
	 */
	private static WebApplicationContextRunner withConnections() {
		return HostRunner.withoutFlyway()
			.withPropertyValues("spring.data.redis.repositories.enabled=false",
					"spring.autoconfigure.exclude=" + DataRedisReactiveAutoConfiguration.class.getName());
	}

	private static WebApplicationContextRunner withRedis(int port) {
		return HostRunner.withoutFlyway().withPropertyValues("spring.data.redis.port=" + port);
	}

	/**
	 * Asks to be told first, and fails.
	 */
	static class BrokenListener implements ApplicationListener<ApiKeyRefusedEvent>, Ordered {

		@Override
		public int getOrder() {
			return HIGHEST_PRECEDENCE;
		}

		@Override
		public void onApplicationEvent(ApiKeyRefusedEvent event) {
			throw new IllegalStateException("no audit today");
		}

	}

}
